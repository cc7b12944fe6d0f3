"""Mistakes that newcomers make beyond the rules' own examples: each is found where it stands, by words that mend it."""

from __future__ import annotations

import re

import pytest
from bagu.rules import RULES
from project import BIB, BLOCKS, FOLDER, OTHER, PAGE, SOUND, TERMS, Edit, Project, swap, whole
from test_rules import LAB_FILE, MORE

LAB = MORE[LAB_FILE]


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Project:
    return Project.sound(tmp_path_factory.mktemp("planted") / "project")


@pytest.fixture
def project(sound, tmp_path) -> Project:
    return sound.copy(tmp_path / "project")


def told(project: Project, *arguments: str, command: str = "check") -> list[str]:
    """The findings, a line each."""
    lines = project.run(*arguments, command=command).text.splitlines()
    return [line for line in lines if re.search(r"\[[A-Z]-\d\d\]$", line)]


def test_a_skeleton_that_was_filled_in_only_where_lengths_are_asked_stays_red(project):
    project.run("planned-one", command="new")
    page, first = "docs/transformer/planned-one.md", "snippets/transformer/planned-one/first.py"
    aloud = SOUND[OTHER].split("## 一分钟口述\n\n")[1].split("\n")[0]
    asked = "".join(f"/// followup | {n} 是什么？\n    id: q-{n}\n\n答案。\n///\n\n" for n in (1, 2, 3))
    second = first.replace("first", "second")
    project.edit(
        swap(page, 'description: ""', f'description: "{"答" * 80}"'),
        swap(page, "aliases: []", "aliases: [x]"),
        swap(page, "points: []", "points: [a, b, c]"),
        swap(page, "## 一分钟口述\n", f"## 一分钟口述\n\n{aloud}\n"),
        swap(page, "## 追问\n", f"## 追问\n\n{asked}"),
        swap(
            page,
            "## 跑一下\n",
            f"/// proof | {second.removeprefix('snippets/')}\n\n另一段。\n///\n\n" + "[和](proof:first.sum)。" * 3,
        ),
        whole(second, project.read(first)),
    )
    text = "\n".join(told(project, page))
    for heading in ("一句话", "错在哪里"):
        assert f"{page}:{project.line(page, f'## {heading}')}: `## {heading}` is empty; write it [A-13]" in text
    assert (
        f"{page}:{project.line(page, '一句完整的')}: `一句完整的、由这段程序支撑的话。` is what `bagu new` wrote"
        in text
    )
    for file in (first, second):
        assert f"{file}:1: `what this program shows" in text and f"{file}:3: `clever = sum(range(5))` is what" in text
    assert "1 different snippets" in text and "links to 1 different labels" in text


def test_a_program_or_a_label_that_stands_twice_counts_once(project):
    again = f"{FOLDER}/again.py"
    project.edit(
        whole(again, SOUND[BLOCKS]),
        whole(f"{FOLDER}/again.out", SOUND[f"{FOLDER}/blocks.out"]),
        swap(OTHER, "block-sum/sketch.py\n    alt: \"一条斜线\"", "block-sum/again.py"),
        swap(OTHER, "[总和](proof:blocks-exact)、[均值](proof:blocks.mean)", "[总和](proof:again.mean)、[均值](proof:again.mean)"),
        swap(OTHER, "[图上的点数](proof:sketch.two-points)", "[总和](proof:blocks.blocks-exact)"),
    )  # fmt: skip
    text = "\n".join(told(project))
    assert "1 different snippets in the article" in text and "proof links to 2 different labels" in text


TABLE = "| 甲 | 乙 |\n|---|---|\n| $|B|$ | 2 |"
NO_LABEL = f'{BLOCKS}:21: no-assertion: this assert has no literal message that starts with a label, such as `assert x == y, "exact: ..."` [E-01]'
UNKNOWN = "`@gauss1797` is no key of docs/references/*.bib; did you mean `gauss1799`? [L-03]"
SAID: dict[str, tuple[list[Edit], list[tuple[str, str, str]]]] = {
    # name: (edits, every finding: its file, what stands on its line, what is said)
    "a bar in a formula of a table": (
        [swap(PAGE, "整列也行。", TABLE)],
        [(PAGE, "$|B|$", "the `|` in the formula `$|B|$` ends a cell of the table; write `\\lvert x\\rvert`, or `\\mid` [T-11]")],
    ),
    "an anchor that is gone": (
        [swap(PAGE, "整列也行。", "见[那里](#一分钟的口述)、[这里](#讲清楚)与[此题](#followup-parallel)。")],
        [(PAGE, "#一分钟的", "this page has no heading or block with the anchor `一分钟的口述`; did you mean `#一分钟口述`? [L-07]")],
    ),
    "a comma that is missing": (
        [swap(BIB, "  title = {Sums},", "  title = {Sums}")],
        [(BIB, "title", "BibTeX: a comma is missing behind `title = {Sums}`; add it [L-04]")],
    ),
    "a key that is misspelt": (
        [swap(PAGE, "[@gauss1799, §1]", "[@gauss1797, §1]"), swap(PAGE, '"[@gauss1799, §2]"', '"[@gauss1797, §2]"')],
        [(PAGE, "§1]", UNKNOWN), (PAGE, "§2]", UNKNOWN)],
    ),
    "a home that is misspelt": (
        [swap(TERMS, "home: block-sum", "home: block-sums")],
        [(TERMS, "home: block-sums", "the home `block-sums` is no id of docs/questions.yml; did you mean `block-sum`? [L-05]")],
    ),
    "a point that YAML reads as something else": (
        [swap(PAGE, "  - 块的大小不影响结果\n", "  - 块的大小: 不影响结果\n")],
        [(PAGE, "块的大小: ", "`points` is a list of texts; quote what YAML would read as something else [A-02]")],
    ),
    "a program without a labelled assertion": (
        [swap(BLOCKS, ', f"mean: {mean}"', "")],
        [(PAGE, "blocks.py:merge", NO_LABEL), (OTHER, "blocks.py", NO_LABEL)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edits", "said"), SAID.values(), ids=SAID.keys())
def test_it_is_told_in_one_finding_with_what_to_write(edits, said, project):
    project.edit(*edits)
    wanted = [f"{file}:{project.line(file, needle)}: {message}" for file, needle, message in said]
    assert sorted(told(project)) == sorted(wanted)


def test_fix_keeps_a_source_whose_key_is_misspelt_in_the_text(project):
    project.edit(
        swap(PAGE, "[@gauss1799, §1]", "[@gauss1797, §1]"), swap(PAGE, '"[@gauss1799, §2]"', '"[@gauss1797, §2]"')
    )
    project.run("--fix", command="check")
    assert "sources: [gauss1799]\n" in project.read(PAGE)


NUMBERS = {  # the text of a link, its label, what is advised
    "another label holds them": ("总和是 28", "mean", "; did you mean proof:blocks-exact, which holds every number of this link?"),
    "no label holds them": ("总和是 29", "mean", "; mend it, or let the program print the value it computes in a line that begins `mean:`"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "label", "advice"), NUMBERS.values(), ids=NUMBERS.keys())
def test_a_number_under_the_wrong_label_is_told_the_right_one(text, label, advice, project):
    project.edit(swap(PAGE, "[总和是 28](proof:blocks-exact)", f"[{text}](proof:{label})"))
    [line] = told(project, command="run")
    assert line.startswith(f"{PAGE}:{project.line(PAGE, text)}: ") and advice in line


def test_a_program_that_reads_elsewhere_is_told_how_a_file_comes_along(project):
    project.edit(swap(BLOCKS, 'Path("numbers.txt")', 'Path("/no/numbers.txt")'))
    assert "name it in the first line, `# bagu: files=lines.txt` [S-04]" in told(project, BLOCKS, command="run")[0]
    frames = re.findall(r'^ +File "(.*)", line', project.run(BLOCKS).text, re.MULTILINE)
    assert frames and all(frame.endswith("blocks.py") for frame in frames), frames


GREEN = [
    swap(BLOCKS, "assert mean == numbers[3],", "assert abs(mean - numbers[3]) < 1e-9,"),
    swap(BLOCKS, "assert mean == numbers[3],", "assert mean < numbers[3] + 1e-9,"),
    swap(BLOCKS, "assert mean == numbers[3],", "assert max(numbers) - min(numbers) < 6.5 and mean - numbers[3] < 0.5,"),
    swap(BLOCKS, "assert mean == numbers[3],", "assert max(mean, 4) - min(mean, 4) < 1e-9,"),
    swap(f"{FOLDER}/not_lost.py", "claimed = sum(numbers[:4])", "claimed, four = sum(numbers[:4]), 4"),
    swap(f"{FOLDER}/not_lost.py", "claimed = sum(numbers[:4])", "claimed = 0\nfor n in numbers[:4]:\n    claimed += n"),
]


@pytest.mark.parametrize("edit", GREEN, ids=lambda edit: edit.new)
def test_what_only_looks_like_it_stays_green(edit, project):
    project.edit(edit)
    assert told(project) == []


def test_a_run_of_a_lab_counts_its_exercises(project):
    weak = RULES["N-02"]
    project.write(LAB_FILE, LAB)
    assert project.run(LAB_FILE).text.splitlines()[-1] == "1 of 1 exercises hold"
    project.edit(swap(LAB_FILE, weak.right, weak.wrong))
    assert project.run(LAB_FILE).text.splitlines()[-1] == "0 of 1 exercises hold"
