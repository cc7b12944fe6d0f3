"""``bagu diff``: what it tells of a change, what it leaves alone, and how it refuses."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bagu import diff
from project import (
    BLOCKS,
    DRAWING,
    FOLDER,
    MAP,
    OTHER,
    PAGE,
    REFUTING,
    TERMS,
    Edit,
    Outcome,
    Project,
    after,
    command,
    environment,
    swap,
    whole,
)  # fmt: skip

WHO = {f"GIT_{who}_{what}": f"a@{who}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def git(root: Path, *arguments: str) -> str:
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(
        ["git", *arguments], cwd=root, env=os.environ | WHO | alone, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture(scope="session")
def committed(tmp_path_factory) -> Project:
    """The sound project as the one commit of a repository, its snippets run."""
    project = Project.sound(tmp_path_factory.mktemp("committed") / "project")
    project.write(".gitignore", "/.cache/\n/site/\n")
    git(project.root, "init", "-q", "-b", "main")
    git(project.root, "add", ".")
    git(project.root, "commit", "-q", "-m", "sound")
    assert project.run().code == 0
    return project


@pytest.fixture
def project(committed, tmp_path) -> Project:
    return committed.copy(tmp_path / "project")


def told(project: Project, *options: str) -> str:
    outcome = project.run("main", *options, command="diff")
    assert outcome.code == 0, outcome.text
    return outcome.text


STEP = "total = merged(numbers, 2)"
NOTHING = "No snippet, article, correction or page weight differs."
THIRD = f"{FOLDER}/third.py"
BLOCK = "/// proof | transformer/block-sum/sketch.py"
SLEEP = "import time\ntime.sleep(0.8)"

CHANGES: dict[str, tuple[list[Edit], list[str], list[str]]] = {
    # name: (edits, what the report tells, what it doesn't)
    "nothing": ([], [NOTHING], ["##"]),
    "output": (
        [swap(BLOCKS, '"total:", total', '"total:", total + 1')],
        ["blocks.py</code>: program changed", "**passed** → **output**", "\n-total: 28\n+total: 29\n", "programs: <code>transformer/block-sum/blocks.py"],
        ["not_lost", "sketch"],
    ),
    "an assertion that fails": (
        [swap(BLOCKS, "total == sum(numbers), ", "total == 29, ")],
        ["**passed** → **assertion** (blocks-exact: 28 [assert total == 29", PAGE, OTHER],
        [],
    ),
    "a program that can't be run": ([swap(BLOCKS, "total = merged", "total = = merged")], ["**passed** → **syntax**"], []),
    "figure": (
        [swap(DRAWING, "(10, 10)]", "(10, 9)]")],
        ["figure: <code>line.svg</code> 111 bytes, ", " → <code>line.svg</code> 110 bytes, "],
        ["**passed** →", "```"],
    ),
    "time": ([after(BLOCKS, STEP, SLEEP)], ["- time: 0.0", " s → 0.8"], ["→ **"]),
    "a program with the same evidence": (
        [swap(BLOCKS, '"""The sum of the sums of blocks."""', '"""The sum of sums of blocks."""')],
        ["Changed programs with the same evidence: <code>snippets/transformer/block-sum/blocks.py</code>"],
        ["###"],
    ),
    "a new program": (
        [
            whole(THIRD, 'print("four:", 2 + 2)\nassert 2 + 2 == len("four"), "four: 4"\n'),
            whole(THIRD.replace(".py", ".out"), "four: 4\n"),
            swap(PAGE, BLOCK, f"/// proof | {THIRD.removeprefix('snippets/')}\n\n二加二。\n///\n\n{BLOCK}"),
        ],
        ["third.py</code>: new, **passed**", "asserts <code>four</code>", "\nfour: 4\n", "block new: proof <code>transformer/block-sum/third.py"],
        ["blocks.py"],
    ),
    "a program that is gone": (
        [
            whole(DRAWING, None),
            swap(PAGE, f'{BLOCK}\n    alt: "一条斜线"\n\n图由程序画出。\n///\n', ""),
            swap(OTHER, f'{BLOCK}\n    alt: "一条斜线"\n\n次序也可以画成线。\n///\n', ""),
        ],
        ["sketch.py</code>: removed", "block gone: proof <code>transformer/block-sum/sketch.py"],
        [],
    ),
    "front matter": (
        [swap(PAGE, "difficulty: 1\n", "difficulty: 3\n")],
        [f"- <code>{PAGE}</code>\n    - <code>difficulty</code>: 1 → 3\n"],
        ["## Snippets", "## Corrections"],
    ),
    "a number in a proof link": (
        [swap(PAGE, "均值是 4.00", "均值是 4.0")],
        ["proof link gone: 均值是 4.00 (<code>mean</code>)", "proof link new: 均值是 4.0 (<code>mean</code>)"],
        [],
    ),
    "text alone": ([swap(PAGE, "也行。\n///\n\n/// followup | 块可以多大", "可以。\n///\n\n/// followup | 块可以多大")], [f"- text alone: <code>{PAGE}</code>"], ["    - "]),
    "a reworded correction": (
        [swap(PAGE, '"最后一块可以更短，但不会丢"', '"最后一块可以更短，`不`会<丢>"')],
        ["- reworded: ", "✗ 分块会丢掉最后一块", "✓ 最后一块可以更短，`不`会&lt;丢&gt;"],
        ["<丢>"],
    ),
    "another correction": (
        [swap(PAGE, 'claim: "分块求和是近似算法"', 'claim: "分块求和只适合整数"')],
        ["- gone: ", "✗ 分块求和是近似算法", "- new: ", "✗ 分块求和只适合整数"],
        [],
    ),
    "a refutation beside what its program makes": (
        [swap(PAGE, 'claim: "分块会丢掉最后一块"', 'claim: "最后一块会丢"')],
        ["✗ 最后一块会丢 ⇐ <code>claimed = sum(numbers[:4])", "✓ 最后一块可以更短，但不会丢 ⇐ <code>actual = sum(", "prints <code>claimed: 10 actual: 15"],
        [],
    ),
    "ids that are gone": (
        [swap(PAGE, "id: smallest-block", "id: least-block"), swap(PAGE, "concepts: [partial-sum]", "concepts: [sub-sum]"), swap(TERMS, "id: partial-sum", "id: sub-sum"), swap(PAGE, "concept:partial-sum", "concept:sub-sum")],
        ["## Ids that are gone", "- concept <code>partial-sum</code>\n", "- follow-up <code>block-sum/smallest-block</code>\n"],
        ["text alone", "least-block", "- article"],
    ),
    "a number that is typed": (
        [swap(PAGE, "[块的大小]", "[大小为 3]"), swap(BLOCKS, 'assert merged(numbers, 3) == total, "any-size: blocks of 3"', 'size = len("abc")\nassert merged(numbers, size) == total, "any-size: blocks of 3"')],
        ["    - typed, not computed: 3 in 大小为 3 (<code>any-size</code>, <code>snippets/"],
        [],
    ),
    "a number that is computed": (
        [swap(PAGE, "[块的大小]", "[大小为 3]"), swap(BLOCKS, 'assert merged(numbers, 3) == total, "any-size: blocks of 3"', 'size = len("abc")\nassert merged(numbers, size) == total, f"any-size: blocks of {size}"')],
        ["proof link new: 大小为 3"],
        ["typed"],
    ),
    "an explanation": (
        [whole(f"{FOLDER}/audit.yml", "- {snippet: blocks.py, label: mean, why: nobody would ask for another mean}\n")],
        ["## Explanations of survivors", "- new: <code>snippets/transformer/block-sum/blocks.py</code>: no witness of <code>mean</code>: nobody would ask"],
        ["## Articles"],
    ),
    "an article that is gone": ([whole(OTHER, None), swap(PAGE, "见[另一题](article:order-of-sums)", "见另一题")], [f"- <code>{OTHER}</code>: removed"], []),
    "a finding": ([swap(PAGE, "article:planned-one", "article:no-such-one")], ["**Findings without execution: 1;"], []),
}  # fmt: skip


@pytest.mark.parametrize(("edits", "there", "absent"), CHANGES.values(), ids=CHANGES.keys())
def test_the_report_tells_what_differs_and_nothing_else(edits, there, absent, project):
    project.edit(*edits)
    report = told(project)
    assert [text for text in there if text not in report] == [], report
    assert [text for text in absent if text in report] == [], report


def test_records_alone_are_compared_without_a_process(project, monkeypatch):
    project.edit(swap(f"{FOLDER}/blocks.out", "28", "27"))
    monkeypatch.setattr(diff.corpus, "execute", None)
    report = told(project, "--no-run")
    assert "Nothing was executed" in report and "\n-total: 28\n+total: 27\n" in report


def count_runs(monkeypatch) -> list[int]:
    """A list that gets the number of runs of each batch."""
    ran, submit = [], diff.Runner.submit
    monkeypatch.setattr(diff.Runner, "submit", lambda self, jobs: (ran.append(len(jobs)), submit(self, jobs))[1])
    return ran


def test_what_both_sides_share_is_executed_once(project, monkeypatch):
    project.path(".cache/bagu/results.txt").unlink()
    ran = count_runs(monkeypatch)
    project.edit(swap(DRAWING, "(10, 10)]", "(10, 9)]"))
    told(project)
    assert ran == [4, 1]  # all of the tree, the refutation twice; of the revision what only it has
    told(project)
    assert ran[2:] == [0, 0]


def test_a_red_program_that_both_sides_share_is_run_once_and_is_no_difference(project, monkeypatch):
    """Failures aren't cached; a second run could come out otherwise on a busy machine, and it would seem a change."""
    project.edit(swap(BLOCKS, "total == sum(numbers), ", "total == 29, "))
    git(project.root, "commit", "-q", "-a", "-m", "red")
    ran = count_runs(monkeypatch)
    assert NOTHING in project.run("HEAD", command="diff").text
    assert ran == [1, 0]


def test_the_tree_the_index_and_the_repository_stay_as_they_are(project):
    project.edit(swap(DRAWING, "(10, 10)]", "(10, 9)]"), whole("untracked.txt", "mine"))
    git(project.root, "add", DRAWING)

    def everything() -> dict[str, bytes]:
        files = (p for p in project.root.rglob("*") if p.is_file() and ".cache" not in p.parts)
        return {p.relative_to(project.root).as_posix(): p.read_bytes() for p in files}

    before = everything()
    told(project)
    assert everything() == before
    assert len(git(project.root, "worktree", "list").splitlines()) == 1


def test_output_cant_close_its_code_block_and_long_output_is_cut(project):
    program = 'print("```\\n" + "x\\n" * 500 + "<script>")\nassert len("ab") == 2, "two: 2"\n'
    project.edit(whole(THIRD, program), whole(THIRD.replace(".py", ".out"), "```\n" + "x\n" * 500 + "<script>\n"))
    report = told(project)
    assert "\n````text\n```\nx\n" in report and report.count("\nx\n") < 60
    assert "… 442 more lines\n````\n" in report and "<script>" not in report


def test_a_project_in_a_folder_of_the_repository_is_compared_with_that_folder(project, tmp_path):
    outer = tmp_path / "outer"
    shutil.copytree(project.root, outer / "inner", ignore=shutil.ignore_patterns(".git"))
    git(outer, "init", "-q", "-b", "main")
    git(outer, "add", ".")
    git(outer, "commit", "-q", "-m", "sound")
    inner = Project(outer / "inner")
    assert NOTHING in told(inner)
    inner.edit(swap(PAGE, "difficulty: 1\n", "difficulty: 3\n"))
    assert "1 → 3" in told(inner)


def test_page_weight_is_told_where_both_sites_are_given(project):
    old = {"a.html": "x", "same.html": "same", "gone.html": os.urandom(3000).hex()}
    new = {"a.html": "x", "same.html": "same!", "new.html": os.urandom(4000).hex()}
    for folder, files in (("old", old), ("new", new)):
        for name, text in files.items():
            project.write(f".cache/{folder}/{name}", text)
    report = told(project, "--site", ".cache/new", "--base-site", ".cache/old")
    rows = [line for line in report.splitlines() if line.startswith("| <code>")]
    assert len(rows) == 2 and rows[0].endswith(" | – |") and rows[1].startswith("| <code>new.html</code> | – | ")
    assert "| all 3 files |" in report


def test_mutation_scores_are_asked_for_what_is_new_and_passed(project, monkeypatch):
    project.edit(swap(DRAWING, "(10, 10)]", "(10, 9)]"), swap(BLOCKS, '"total:", total', '"total:", total + 1'))
    asked = []

    def scores(side, runner, paths: list[str]) -> dict[str, list[str]]:
        asked.extend(paths)
        return {path: ["7 of 9 mutants noticed", "line 3: `10` → `11`"] for path in paths}

    monkeypatch.setattr(diff, "mutation_scores", scores)
    assert "Mutation" not in told(project, "--no-audit") and "Mutation" not in told(project, "--no-run")
    assert asked == []
    report = told(project)
    assert [f"snippets/{path}" for path in asked] == [DRAWING]
    assert "sketch.py</code>: 7 of 9 mutants noticed\n    - line 3: `10` → `11`\n" in report
    assert REFUTING.rpartition("/")[2] not in report


USAGE = {
    "no revision": (["no-such"], "`no-such` is no revision"),
    "an option as a revision": (["--", "--upload-pack=x"], "is no revision"),
    "a tree, not a commit": (["main^{tree}"], "is no revision"),
    "one site": (["main", "--site", "docs"], "belong together"),
    "a site that isn't there": (["main", "--site", "docs", "--base-site", "none"], "none is no folder"),
}


@pytest.mark.parametrize(("arguments", "said"), USAGE.values(), ids=USAGE.keys())
def test_a_wrong_call_exits_with_2(arguments, said, project):
    outcome = project.run(*arguments, command="diff")
    assert outcome.code == 2 and said in outcome.text and "Traceback" not in outcome.text


def test_without_a_repository_it_exits_with_2(project, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    shutil.rmtree(project.path(".git"))
    outcome = project.run("main", command="diff")
    assert outcome.code == 2 and "is in no git repository" in outcome.text


def test_a_revision_that_cant_be_read_is_named(project):
    sound = project.read(MAP)
    project.write(MAP, "- [")
    git(project.root, "commit", "-q", "-a", "-m", "broken")
    project.write(MAP, sound)
    outcome = project.run("HEAD", command="diff")
    assert outcome.code == 1 and f"HEAD:{MAP}:" in outcome.text and "not valid YAML" in outcome.text


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT; runs on Linux and macOS")
def test_an_interrupted_report_leaves_no_folder(project, tmp_path):
    slow = 'import time\nopen("started", "w").close()\ntime.sleep(60)'
    project.edit(after(BLOCKS, STEP, slow), swap(BLOCKS, "seconds=5", "seconds=60"))
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "bagu", "diff", "main"], cwd=project.root, env=environment(TMPDIR=str(temporary)),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    end = time.monotonic() + 30
    while not list(temporary.rglob("started")):
        assert time.monotonic() < end, "the snippet never started"
        time.sleep(0.05)
    assert list(temporary.glob("bagu-diff-*"))
    process.send_signal(signal.SIGINT)
    text, _ = process.communicate(timeout=20)
    assert process.returncode == 130, text.decode()
    assert not list(temporary.glob("bagu-*"))


def test_the_command_prints_the_report_alone_on_standard_output(project):
    outcome: Outcome = command(project.root, "bagu", "diff", "main")
    assert outcome.code == 0 and outcome.text.startswith("# Evidence against `main` (")
