"""``bagu``: exit codes, which snippets a PATH means, what each command writes, what the cache keeps."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from bagu import cache, cli, evidence
from project import (
    BLOCKS,
    DRAWING,
    FOLDER,
    MAP,
    OTHER,
    PAGE,
    REFUTING,
    ROOT,
    SOUND,
    Project,
    after,
    command,
    environment,
    swap,
    whole,
)  # fmt: skip

ALL = {BLOCKS, REFUTING, DRAWING}
RECORD = f"{FOLDER}/blocks.out"
RESULTS = ".cache/bagu/results.txt"
FALSE = swap(BLOCKS, "total == sum(numbers), ", "total == 29, ")
STEP = "mean = total / len(numbers)"
PRINTS_MORE = swap(BLOCKS, '"total:", total', '"total:", total + 1')


@pytest.fixture(scope="session")
def cached(tmp_path_factory) -> Project:
    """The sound project after a run."""
    project = Project.sound(tmp_path_factory.mktemp("cached") / "project")
    assert project.run().code == 0
    return project


@pytest.fixture
def project(cached, tmp_path) -> Project:
    return cached.copy(tmp_path / "project")


@pytest.fixture
def no_process(monkeypatch) -> None:
    """Whoever starts a process fails, but for the tools that read source code."""
    start = subprocess.Popen

    def refuse(*args: object, **more: object) -> object:
        if args and args[0][1:3] in (["-m", "ruff"], ["-m", "codespell_lib"]):
            return start(*args, **more)
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr(os, "fork", refuse)


def ran(outcome) -> set[str]:
    """The snippets of a report that were executed, not taken from the cache."""
    return {result["snippet"] for result in outcome.report["results"] if not result["cached"]}


# --- Exit codes ------------------------------------------------------------------------------------------------------

USAGE = {
    "no command": [],
    "an unknown command": ["runn"],
    "an unknown option": ["run", "--frehs"],
    "no jobs": ["run", "--jobs", "0"],
    "jobs that are no number": ["run", "--jobs", "many"],
    "a path that doesn't exist": ["run", "docs/nothing.md"],
    "a path that is neither article nor snippet": ["run", "theme"],
    "a path outside the project": ["run", "/etc"],
    "a report that can't be written": ["run", "--json", "docs"],
    "an id that isn't in the map": ["new", "no-such-question"],
    "new without an id": ["new"],
    "diff without a base": ["diff"],
}


@pytest.mark.parametrize("arguments", USAGE.values(), ids=USAGE.keys())
def test_a_wrong_call_exits_with_2_and_says_what_is_wrong(arguments, project, monkeypatch, capsys):
    monkeypatch.chdir(project.root)
    try:
        code = cli.main(arguments)
    except SystemExit as error:
        code = error.code
    said = capsys.readouterr()
    assert code == 2 and not said.out
    assert said.err.startswith(("bagu: ", "usage: ")) and "Traceback" not in said.err


@pytest.mark.parametrize(
    "arguments",
    [["run"], ["check"], ["accept"], ["diff", "main"], ["new", "planned-one"], ["doctor"]],
    ids=" ".join,
)
def test_outside_a_project_every_command_exits_with_2(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    assert "no mkdocs.yml here or in any folder above" in capsys.readouterr().err


def test_good_exits_with_0_and_findings_with_1(project):
    assert command(project.root, "bagu", "run").code == 0
    project.edit(FALSE)
    outcome = command(project.root, "bagu", "run")
    assert outcome.code == 1 and "Traceback" not in outcome.text
    assert "2 of 3 snippets passed, 2 of them from the cache" in outcome.text


SLOW = """\
import subprocess, time
subprocess.Popen(["sleep", "60"], start_new_session=True)
open("started", "w").close()
time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to look for what is left; CI has it")
@pytest.mark.parametrize(
    ("arguments", "code"), [(["bagu", "run"], 130), (["bagu", "accept"], 130), (["mkdocs", "build"], 1)]
)
def test_an_interrupted_run_leaves_no_process_and_no_folder(arguments, code, project, tmp_path):
    project.edit(after(BLOCKS, STEP, SLOW), swap(BLOCKS, "seconds=5", "seconds=60"))
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments], cwd=project.root, env=environment(TMPDIR=str(temporary)),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    wait(lambda: list(temporary.rglob("started")))
    assert living(temporary)
    process.send_signal(signal.SIGINT)
    text, _ = process.communicate(timeout=20)
    assert process.returncode == code, text.decode()
    assert b"Traceback" not in text
    wait(lambda: not living(temporary), seconds=2)
    assert not list(temporary.glob("bagu-*"))
    assert not project.path("site.partial").exists()


def wait(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def living(temporary: Path) -> list[str]:
    """Command lines of the processes whose environment mentions a folder: our servers, snippets, and their children."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if str(temporary / "bagu-").encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().decode())
        except OSError:
            continue
    return found


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--version"])
    assert capsys.readouterr().out.startswith("bagu ")


# --- What a PATH means -----------------------------------------------------------------------------------------------

PATHS = {
    # name: (working directory, paths, snippets that run)
    "nothing": ("", [], ALL),
    "an article": ("", [PAGE], ALL),
    "another article": ("", [OTHER], {BLOCKS, DRAWING}),
    "a snippet": ("", [DRAWING], {DRAWING}),
    "two snippets": ("", [DRAWING, REFUTING], {DRAWING, REFUTING}),
    "the same twice": ("", [DRAWING, DRAWING], {DRAWING}),
    "an article and its snippet": ("", [OTHER, BLOCKS], {BLOCKS, DRAWING}),
    "a folder of articles": ("", ["docs/transformer"], ALL),
    "a folder of snippets": ("", [FOLDER], ALL),
    "all articles": ("", ["docs"], ALL),
    "all snippets": ("", ["snippets/"], ALL),
    "the root": ("", ["."], ALL),
    "from a subdirectory": (FOLDER, ["sketch.py"], {DRAWING}),
    "upwards from a subdirectory": (FOLDER, ["../../../" + OTHER], {BLOCKS, DRAWING}),
    "as from the root, from a subdirectory": (FOLDER, [OTHER], {BLOCKS, DRAWING}),
    "nothing, from a subdirectory": ("docs/transformer", [], ALL),
    "here, a folder of snippets": (FOLDER, ["."], ALL),
    "an article without blocks": ("", ["docs/index.md"], set()),
}


@pytest.mark.parametrize(("cwd", "paths", "snippets"), PATHS.values(), ids=PATHS.keys())
def test_a_path_is_an_article_a_snippet_or_a_folder_of_either(cwd, paths, snippets, project):
    outcome = project.run(*paths, cwd=cwd)
    assert outcome.code == 0, outcome.text
    assert {result["snippet"] for result in outcome.report["results"]} == snippets


def test_an_absolute_path_is_understood(project):
    assert project.run(str(project.path(DRAWING))).report["results"][0]["snippet"] == DRAWING


@pytest.mark.parametrize(("path", "code"), [(PAGE, 1), (BLOCKS, 1), (OTHER, 1), (DRAWING, 0), ("docs/index.md", 0)])
def test_a_red_snippet_is_told_to_whoever_asked_for_it(path, code, project):
    project.edit(FALSE)
    assert project.run(path).code == code


# --- run -------------------------------------------------------------------------------------------------------------


def test_fresh_executes_everything_again(project):
    assert ran(project.run()) == set()
    assert ran(project.run("--fresh")) == ALL
    assert ran(project.run("--fresh", DRAWING)) == {DRAWING}


def test_one_job_at_a_time_gives_the_same_results(project):
    assert ran(project.run("--fresh", "--jobs", "1")) == ALL


@pytest.mark.parametrize("edits", [[], [FALSE]], ids=["green", "red"])
def test_json_on_standard_output_stands_there_alone(edits, project, monkeypatch, capsys):
    project.edit(*edits)
    monkeypatch.chdir(project.root)
    code = cli.main(["run", "--json", "-"])
    said = capsys.readouterr()
    report = json.loads(said.out)
    assert (report["schema"], report["ok"]) == (1, code == 0)
    assert len(report["results"]) == 3 and "snippets passed" in said.err


def test_json_in_a_file_is_as_complete_as_on_standard_output(project, monkeypatch, capsys):
    monkeypatch.chdir(project.root)
    assert cli.main(["run", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out) == project.run().report


def test_run_writes_nothing_but_its_cache(project):
    def tree() -> dict[str, bytes]:
        files = (p for p in project.root.rglob("*") if p.is_file() and ".cache" not in p.parts)
        return {p.relative_to(project.root).as_posix(): p.read_bytes() for p in files}

    before = tree()
    project.edit(PRINTS_MORE)
    changed = tree()
    project.run("--fresh")
    assert tree() == changed and set(before) == set(changed)


# --- check -----------------------------------------------------------------------------------------------------------


def test_check_executes_nothing(project, no_process):
    outcome = project.run(command="check")
    assert outcome.code == 0 and "nothing executed: good" in outcome.text


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (swap(PAGE, "kind: wrong", "kind: bad"), f"{PAGE}:50: `kind` is one of"),
        (swap(PAGE, "(proof:mean)", "(proof:median)"), "has the label `median`"),
        (
            whole(f"{FOLDER}/lonely.py", "x = 1\nassert x == 1, 'one: x'\n"),
            f"{FOLDER}/lonely.py: no article embeds this snippet",
        ),
        (swap(BLOCKS, "print(f", "print((f"), f"{BLOCKS}:19: syntax: "),
    ],
    ids=["a block", "a link", "a snippet that no article embeds", "a snippet that is no Python"],
)
def test_check_finds_without_executing(edit, said, project, no_process):
    project.edit(edit)
    outcome = project.run(command="check")
    assert outcome.code == 1 and said in outcome.text


def test_check_of_a_path_tells_what_concerns_it(project):
    project.edit(swap(PAGE, "kind: wrong", "kind: bad"))
    assert project.run(OTHER, command="check").code == 0
    assert project.run(PAGE, command="check").code == 1


# --- accept ----------------------------------------------------------------------------------------------------------


def test_accept_shows_the_difference_and_writes_the_record(project):
    project.edit(PRINTS_MORE)
    outcome = project.run(command="accept")
    assert outcome.code == 0
    assert f"{RECORD}: changed" in outcome.text and "    -total: 28\n    +total: 29\n" in outcome.text
    assert "1 records written, 2 unchanged" in outcome.text
    assert project.path(RECORD).read_bytes() == b"total: 29\nmean: 4.000\n"
    assert project.path(DRAWING.replace(".py", ".out")).read_text() == SOUND[DRAWING.replace(".py", ".out")]


def test_accept_writes_the_first_record(project):
    project.edit(whole(RECORD, None))
    outcome = project.run(BLOCKS, command="accept")
    assert outcome.code == 0 and f"{RECORD}: new" in outcome.text and "    total: 28\n" in outcome.text
    assert project.read(RECORD) == SOUND[RECORD]
    assert project.run().code == 0


def test_accept_of_what_passed_writes_nothing(project):
    before = project.path(RECORD).stat().st_mtime_ns
    outcome = project.run(command="accept")
    assert outcome.code == 0 and "0 records written, 3 unchanged" in outcome.text
    assert project.path(RECORD).stat().st_mtime_ns == before


REFUSED = {
    "assertion": [FALSE, PRINTS_MORE],
    "ended-early": [PRINTS_MORE, after(BLOCKS, STEP, "raise SystemExit")],
    "error": [PRINTS_MORE, after(BLOCKS, STEP, "print(totall)")],
    "unreached": [PRINTS_MORE, after(BLOCKS, STEP, "if not total:\n    assert total, 'never: x'")],
    "syntax": [swap(BLOCKS, "print(f", "print((f")],
    "no-assertion": [after(BLOCKS, STEP, "assert total")],
    "denied": [PRINTS_MORE, after(BLOCKS, STEP, "open('/var/tmp/bagu-x', 'w')")],
}


@pytest.mark.parametrize(("status", "edits"), REFUSED.items(), ids=REFUSED.keys())
def test_accept_refuses_whatever_is_wrong_beside_the_output(status, edits, project):
    project.edit(*edits)
    outcome = project.run(command="accept")
    assert outcome.code == 1 and f": {status}: " in outcome.text
    assert project.read(RECORD) == SOUND[RECORD]
    assert "0 records written, 2 unchanged" in outcome.text


def test_accept_refuses_a_refutation_that_refutes_nothing(project):
    project.edit(swap(REFUTING, "assert actual > claimed + 4", "assert claimed < actual + 1"))
    project.edit(whole(f"{FOLDER}/not_lost.out", "old\n"))
    outcome = project.run(command="accept")
    assert outcome.code == 1 and project.read(f"{FOLDER}/not_lost.out") == "old\n", outcome.text


def test_accept_writes_the_others_when_one_is_refused(project):
    project.edit(FALSE, swap(DRAWING, '"points:"', '"dots:"'))
    outcome = project.run(command="accept")
    assert outcome.code == 1 and project.read(f"{FOLDER}/sketch.out") == "dots: 2\n"


# --- new -------------------------------------------------------------------------------------------------------------

FRESH_PAGE = "docs/transformer/planned-one.md"
FRESH_SNIPPET = "snippets/transformer/planned-one/first.py"


def test_new_begins_a_page_that_is_well_formed_but_for_what_must_be_filled_in(project):
    project.edit(swap(MAP, '"还没有写的题？"', "'还没有写的\"题\": #1？'"))
    outcome = project.run("planned-one", command="new")
    assert outcome.code == 0 and FRESH_PAGE in outcome.text and FRESH_SNIPPET in outcome.text
    head = yaml.safe_load(project.read(FRESH_PAGE).split("---")[1])
    assert head["title"] == '还没有写的"题": #1？' and head["reviewed"] == datetime.date.today()

    assert project.run(FRESH_SNIPPET, command="accept").code == 0
    found = [line for line in project.run(FRESH_PAGE).text.splitlines() if line.startswith("docs/")]
    assert [line.split(": ")[1].split(" ")[0] for line in found] == ["`description`", "`aliases`", "`points`"], found

    project.edit(
        swap(FRESH_PAGE, 'description: ""', f'description: "{"答" * 80}"'),
        swap(FRESH_PAGE, "aliases: []", "aliases: [x]"),
        swap(FRESH_PAGE, "points: []", "points: [a, b, c]"),
    )  # fmt: skip
    assert project.run().code == 0
    assert project.build(strict=True).code == 0


@pytest.mark.parametrize("file", [FRESH_PAGE, FRESH_SNIPPET])
def test_new_overwrites_nothing(file, project):
    project.write(file, "mine")
    outcome = project.run("planned-one", command="new")
    assert outcome.code == 2 and f"{file} exists already" in outcome.text
    assert project.read(file) == "mine"
    assert [project.path(f).exists() for f in (FRESH_PAGE, FRESH_SNIPPET)].count(True) == 1


def test_new_suggests_the_id_that_was_meant(project):
    assert "did you mean planned-one?" in project.run("planed-one", command="new").text
    assert "enter it in docs/questions.yml first" in project.run("xyzzy", command="new").text


# --- doctor ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "code"), [(importlib.metadata.version("pytest"), 0), ("0.0.1", 1)], ids=["installed", "other"]
)
def test_doctor_compares_what_is_pinned_with_what_is_installed(version, code, project):
    for name in ("requirements.txt", "requirements-snippets.txt", "requirements-test.txt"):
        project.write(name, f"# why\npytest=={version}  # why\n")
    outcome = project.run(command="doctor")
    assert outcome.code == code, outcome.text
    assert ("MISSING" in outcome.text) == bool(code)
    for name in ("Python", "Chromium", "Landlock", "CJK font", "cache"):
        assert f"  {name}: " in outcome.text


def test_doctor_is_content_where_these_tests_run():
    outcome = command(ROOT, "bagu", "doctor")
    assert outcome.code == 0, outcome.text


# --- The cache -------------------------------------------------------------------------------------------------------


def test_nothing_stale_starts_no_process(project, no_process):
    outcome = project.run()
    assert outcome.code == 0 and ran(outcome) == set()
    assert "3 of 3 snippets passed, 3 of them from the cache" in outcome.text
    built = project.build()
    assert built.code == 0 and "3 snippets passed, all cached" in built.text


@pytest.mark.parametrize("module", ["torch", "numpy", "matplotlib"])
def test_nothing_stale_imports_no_library(module, project, tmp_path):
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / f"{module}.py").write_text("raise SystemExit('imported')")
    path = os.pathsep.join([str(tmp_path / "first"), environment()["PYTHONPATH"]])
    for arguments in (["bagu", "run"], ["mkdocs", "build"]):
        outcome = command(project.root, *arguments, PYTHONPATH=path)
        assert outcome.code == 0 and "imported" not in outcome.text, outcome.text


def forget(project: Project, change: Callable[[str], str]) -> None:
    project.write(RESULTS, change(project.read(RESULTS)))


def tampered(text: str) -> str:
    return text.replace('"stdout": "', '"stdout": "tampered')


def swapped(text: str) -> str:
    head, *lines = text.splitlines()
    pairs = [line.split(" ", 1) for line in lines]
    turned = [f"{key} {rest}" for (key, _), (_, rest) in zip(pairs, pairs[1:] + pairs[:1], strict=True)]
    return "\n".join([head, *turned]) + "\n"


DAMAGE = {
    "truncated": lambda text: text[:200],
    "empty": lambda text: "",
    "not JSON": lambda text: "x",
    "a list": lambda text: "[]",
    "of another version": lambda text: text.replace(cache.VERSION, "bagu results 1"),
    "with other facts": tampered,
    "without checksums": lambda text: re.sub(r"(?m)^(\w{64} \w{16}) \w{64} ", r"\1 ", text),
    "with another entry's facts": lambda text: re.sub(r"(?m)^(\w{64} \w{16} \w{64}) .*$", r"\1 {}", text),
    "with entries under each other's keys": swapped,
    "with lines that are no entries": lambda text: f"{cache.VERSION}\nx\nx y\nx y z\n",
    "no UTF-8": lambda text: "\udcff",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_cache_is_an_empty_one(damage, project):
    project.path(RESULTS).write_bytes(damage(project.read(RESULTS)).encode("utf-8", "surrogateescape"))
    outcome = project.run()
    assert outcome.code == 0 and ran(outcome) == ALL, outcome.text
    assert ran(project.run()) == set(), "the next run finds it mended"


def test_a_cache_that_was_cut_off_loses_only_what_was_cut(project):
    head, first, *_, last = project.read(RESULTS).splitlines(keepends=True)
    project.write(RESULTS, head + first + last[: len(last) // 2])
    outcome = project.run()
    assert outcome.code == 0 and 0 < len(ran(outcome)) < len(ALL), outcome.text
    assert ran(project.run()) == set()


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(project):
    shutil.rmtree(project.path(".cache/bagu"))
    project.write(".cache/bagu", "a file where the folder should be")
    for _ in range(2):
        outcome = project.run()
        assert outcome.code == 0 and ran(outcome) == ALL, outcome.text
    built = project.build()
    assert built.code == 0 and built.text.count("results can't be kept") == 1, built.text


@pytest.mark.parametrize(
    "edits", [[FALSE], [after(BLOCKS, STEP, "raise SystemExit")]], ids=["assertion", "ended-early"]
)
def test_a_failure_is_never_cached(edits, project):
    project.edit(*edits)
    before = project.read(RESULTS)
    for _ in range(2):
        outcome = project.run()
        assert outcome.code == 1 and ran(outcome) == {BLOCKS}
    assert project.read(RESULTS) == before


def test_two_runs_at_once_both_keep_what_they_found(project):
    shutil.rmtree(project.path(".cache"))
    commands = [[sys.executable, "-m", "bagu", "run", path] for path in (DRAWING, REFUTING, BLOCKS)]
    running = [subprocess.Popen(c, cwd=project.root, env=environment(), stdout=subprocess.PIPE) for c in commands]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    for process in running:
        process.stdout.close()
    assert ran(project.run()) == set()


def test_a_record_is_compared_at_every_run_though_the_result_is_cached(project, no_process):
    project.edit(whole(RECORD, "total: 27\nmean: 4.000\n"))
    outcome = project.run()
    assert outcome.code == 1 and outcome.result(BLOCKS)["status"] == "output" and ran(outcome) == set()
    project.edit(whole(RECORD, SOUND[RECORD]))
    assert project.run().code == 0


STALE = {
    # what changes: (edits, snippets that run again)
    "the snippet": ([after(DRAWING, "points = [(0, 0), (10, 10)]", "# a comment")], {DRAWING}),
    "the header": ([swap(DRAWING, "seconds=5", "seconds=6")], {DRAWING}),
    "a declared file": ([whole(f"{FOLDER}/numbers.txt", "1 2 3 4 5 6  7\n")], {BLOCKS}),
    "the article": ([swap(PAGE, "名称之争不由执行判定。", "别的话。")], set()),
    "another file of the folder": ([whole(f"{FOLDER}/notes.txt", "x")], set()),
    "only the line ends": ([whole(BLOCKS, SOUND[BLOCKS].replace("\n", "\r\n"))], set()),
    "only a byte order mark": ([whole(BLOCKS, b"\xef\xbb\xbf" + SOUND[BLOCKS].encode())], set()),
}


@pytest.mark.parametrize(("edits", "again"), STALE.values(), ids=STALE.keys())
def test_what_changed_runs_again_and_nothing_else(edits, again, project):
    project.edit(*edits)
    outcome = project.run()
    assert outcome.code == 0 and ran(outcome) == again


def test_a_change_of_the_engine_makes_everything_stale(project, monkeypatch):
    monkeypatch.setattr(cache, "engine_key", lambda: "another engine")
    assert ran(project.run()) == ALL


def test_a_result_is_stale_when_a_library_that_it_imported_has_another_version(tmp_path):
    kept = cache.ResultCache(tmp_path / "results.txt")
    kept.put("same", {"stdout": ""}, {"pytest": importlib.metadata.version("pytest")})
    kept.put("other", {"stdout": ""}, {"pytest": "0.0.1"})
    kept.put("gone", {"stdout": ""}, {"no-such-distribution": "1"})
    kept.save()
    read = cache.ResultCache(tmp_path / "results.txt")
    assert [read.get(key) is not None for key in ("same", "other", "gone", "unknown")] == [True, False, False, False]


def test_results_of_an_engine_before_the_last_are_dropped(tmp_path, monkeypatch):
    path = tmp_path / "results.txt"
    for engine in ("a", "b", "a", "c"):
        monkeypatch.setattr(cache, "engine_key", lambda engine=engine: engine * 64)
        kept = cache.ResultCache(path)
        kept.put(f"by-{engine}", {"stdout": engine}, {})
        kept.save()
    read = cache.ResultCache(path)
    assert [read.get(f"by-{engine}") is not None for engine in "abc"] == [True, False, True]


ADDING = """
import sys, pathlib
from bagu.cache import ResultCache
path, first = pathlib.Path(sys.argv[1]), int(sys.argv[2])
for i in range(first, first + 10_000):
    kept = ResultCache(path)
    kept.put(f"key{i}", {"stdout": "x" * 20_000}, {})
    kept.save()
    print(i, flush=True)
"""


def test_a_process_that_is_killed_while_it_writes_loses_nothing_that_was_written(tmp_path):
    path, first = tmp_path / "cache" / "results.txt", 0
    for _ in range(8):
        command_ = [sys.executable, "-c", ADDING, str(path), str(first)]
        process = subprocess.Popen(command_, env=environment(), stdout=subprocess.PIPE, text=True)
        for _ in range(1 + first % 5):
            last = int(process.stdout.readline())
        process.kill()
        rest = process.stdout.read().split()
        process.wait()
        process.stdout.close()
        written = int(rest[-1]) if rest else last
        read = cache.ResultCache(path)
        assert all(read.get(f"key{i}") == {"stdout": "x" * 20_000} for i in range(written + 1))
        assert set(read.lines) <= {f"key{i}" for i in range(written + 2)}
        first = written + 2
        read.put(f"key{written + 1}", {"stdout": "x" * 20_000}, {})
        read.save()
    assert [p.name for p in path.parent.iterdir() if p.name.startswith(".")] == [], "no half-written file stays"


def test_a_full_disk_costs_time_and_leaves_the_last_cache_as_it_is(project, tmp_path):
    before = project.path(RESULTS).read_bytes()
    project.edit(after(DRAWING, "points = [(0, 0), (10, 10)]", "# a comment"))
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({len(before) // 2},) * 2)\n"
    (tmp_path / "sitecustomize.py").write_text(limited)
    path = os.pathsep.join([str(tmp_path), environment()["PYTHONPATH"]])
    outcome = command(project.root, "bagu", "run", PYTHONPATH=path)
    assert outcome.code == 0 and "3 of 3 snippets passed, 2 of them" in outcome.text, outcome.text
    assert project.path(RESULTS).read_bytes() == before
    assert not list(project.path(".cache/bagu").glob(".results*"))
    assert ran(project.run()) == {DRAWING}


# --- Another seed ----------------------------------------------------------------------------------------------------

DRAWN = "import random\ndrawn = random.random()\n"
SEEDED = {
    # what a program does with what it draws: (lines, what becomes of it under another seed)
    "prints it": ("print(f'drawn {drawn:.6f}')\nassert 0 < drawn < 1, f'drawn: {drawn}'", "passed"),
    "judges it by the seed": ("assert 0.84 < drawn < 0.85, f'drawn: {drawn}'", "assertion"),
    "says another word": ("print('high' if drawn > 0.5 else 'low')\nassert drawn, f'drawn: {drawn}'", "output"),
    "prints a set": ("print({'a', 'b', 'c', 'd', 'e'})\nassert drawn, f'drawn: {drawn}'", "output"),
}


@pytest.mark.parametrize(("lines", "status"), SEEDED.values(), ids=SEEDED.keys())
def test_under_another_seed_assertions_hold_and_only_numbers_may_change(lines, status, project, monkeypatch):
    monkeypatch.setattr(evidence, "check_again", lambda *_: None)  # which would refuse the record
    project.edit(after(BLOCKS, STEP, DRAWN + lines))
    assert project.run(command="accept").code == 0 and project.run().code == 0
    before = project.read(RESULTS)
    outcome = project.run("--seed", "1")
    assert outcome.result(BLOCKS)["status"] == status and outcome.code == (status != "passed"), outcome.text
    assert ran(outcome) == ALL and project.read(RESULTS) == before, "nothing is kept of it"
