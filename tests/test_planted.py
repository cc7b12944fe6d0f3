"""Mistakes that newcomers make beyond the rules' own examples: each is found where it stands, by words that mend it."""

from __future__ import annotations

import re

import pytest
from bagu.rules import RULES
from project import (
    BIB,
    BLOCKS,
    DRAWING,
    FOLDER,
    MAP,
    OTHER,
    PAGE,
    REFUTING,
    SOUND,
    TERMS,
    Edit,
    Project,
    after,
    swap,
    whole,
)
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
    "an option that is misspelt": (
        [swap(PAGE, '    claim: "分块会', '    clam: "分块会')],
        [(PAGE, "clam:", "`clam` is no option of `refute`; did you mean `claim`? [B-02]")],
    ),
    "a tier that is misspelt": (
        [swap(MAP, "id: planned-one, tier: more", "id: planned-one, tier: mor")],
        [(MAP, "planned-one", "the tier `mor` of `planned-one` is none of seed, core, more; did you mean `more`? [A-17]")],
    ),
    "a page in the wrong folder": (
        [swap(PAGE, "整列也行。", "见[那一题](../sums/order-of-sums.md)。")],
        [(PAGE, "那一题", "the page leads to ../sums/order-of-sums.md: there is no such file; write [那一题](article:order-of-sums) [L-07]")],
    ),
    "one expression under two names": (
        [swap(DRAWING, 'print("points:', 'd1, d2 = sum(points[0]), sum(points[0])\nprint("points:'),
         swap(DRAWING, "len(points) == 2", "len(points) == 2 and abs(d1 - d2) < 1e-9")],
        [(DRAWING, "assert", "the assertion can't fail: `d1` and `d2` (line 10) are the same expression under two names; compute one of them by another route: a loop, an identity, a limit, a number of the paper [E-02]")],
    ),
    "an expression and its name, in a loop": (
        [swap(DRAWING, "assert len(points) == 2", "for x, y in points:\n    size = x + y\n    assert len(points) == 2 and size == x + y")],
        [(DRAWING, "assert", "the assertion can't fail: `size` and `x + y` (line 12) are the same expression under two names; compute one of them by another route: a loop, an identity, a limit, a number of the paper [E-02]")],
    ),
    "an expected value copied from the output": (
        [swap(BLOCKS, "total = merged", "expected = 4.000\ntotal = merged"), swap(BLOCKS, "mean == numbers[3]", "round(mean, 3) == expected")],
        [(BLOCKS, "expected = 4.000", "`4.000` is what the program itself prints, typed in: the assertion shows that it prints the same again; compute it by another route, or say in a comment on this line where it is from, `# @key, Table 2` [E-12]")],
    ),
    "a list that a condition has emptied": (
        [swap(DRAWING, "assert len(points) == 2", "large = [x for x, _ in points if x > 99]\nassert all(x < 100 for x in large)")],
        [(DRAWING, "assert", "`all()` of nothing is true, and `large` (line 11) takes only what passes its condition, which may be nothing: write `assert large and all(…)` [E-13]")],
    ),
    "such a list, whose size the message tells": (
        [swap(DRAWING, 'assert len(points) == 2, f"two-points: {len(points)}"', 'large = [x for x, _ in points if x > 99]\nassert all(x < 100 for x in large), f"two-points: {len(large)} of {len(points)}"')],
        [(DRAWING, "assert", "`all()` of nothing is true, and `large` (line 11) takes only what passes its condition, which may be nothing: write `assert large and all(…)` [E-13]")],
    ),
    "any two numbers refute": (
        [swap(REFUTING, "actual > claimed + 4", "claimed != actual")],
        [(REFUTING, "assert", "`claimed != actual` holds for any two numbers that rounding parts; say what each is, `abs(actual - …) < 1e-9 and claimed > 2 * actual`, or at least how far apart they are, `abs(claimed - actual) > 0.1` [E-04]")],
    ),
    "two numbers that are nothing's": (
        [swap(REFUTING, '"actual:", actual, "in all")', '"actual:", actual)'), whole(f"{FOLDER}/not_lost.out", "claimed: 10 actual: 15\n")],
        [(REFUTING, 5, "is `claimed = sum(numbers[:4])` what the claim predicts? `claimed: 10 actual: 15` doesn't say what the two numbers are: print it with them, in words (`… nats from p to q`), then `bagu accept` [E-04]")],
    ),
    "a number that is printed and not linked": (
        [swap(PAGE, "[均值是 4.00](proof:mean)", "[均值](proof:mean)是 4.00")],
        [(PAGE, "是 4.00", f"{BLOCKS}: 4.00 is what the program prints; link it to the assertion that holds it, [… 4.00 …](proof:mean) [E-11]")],
    ),
    "a label that two programs have": (
        [swap(DRAWING, '"two-points: ', '"mean: '), swap(PAGE, "(proof:two-points)", "(proof:mean)"), swap(PAGE, "4.00](proof:mean)", "4.00](proof:blocks.mean)"),
         swap(OTHER, "proof:sketch.two-points", "proof:sketch.mean")],
        [(PAGE, "图上[", "two snippets of this page have the label `mean`; write proof:blocks.mean or proof:sketch.mean [E-05]")],
    ),
    "a block that speaks of all": (
        [swap(PAGE, "图由程序画出。", "所有的图都由程序画出。")],
        [(PAGE, "所有的图", f"{DRAWING}: `所有`, and the program tries one case: say which case it is, or let the program try many, in a loop or drawn [E-14]")],
    ),
    "less that is more": (
        [swap(PAGE, "整列也行。", "实测 0.368 不低于反向的 0.511，1,000 次少于 2,000 次。")],
        [(PAGE, "0.368", "`0.368 不低于反向的 0.511` is false of these two numbers; turn it round, or mend the number [E-15]")],
    ),
    "a set under a name": (
        [swap(DRAWING, 'print("points:", len(points))', 'corners = {str(x) for x, _ in points} | {"a"}\nprint(f"points: {corners}")')],
        [(DRAWING, 'print(f"points', "`corners` is a set: its order differs from run to run by hand; print `sorted(corners)` [S-12]")],
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
    swap(
        BLOCKS,
        "total = merged",
        "known = 4.000  # @gauss1799, Table 2\nassert numbers[3] == known, 'known: as published'\ntotal = merged",
    ),
    swap(
        DRAWING,
        "assert len(points) == 2",
        "points.append((1, 1))\nonce = len(points)\npoints.pop()\nassert once != len(points) == 2",
    ),
    swap(
        DRAWING,
        "assert len(points) == 2",
        "it = iter(points)\na, b = next(it), next(it)\nassert a[0] == 0 and b == max(a, b)",
    ),
    swap(
        DRAWING,
        "assert len(points) == 2",
        "x = sum(points[0])\npoints.reverse()\ny = sum(points[0])\nassert abs(x - y) < 99",
    ),
    swap(
        DRAWING,
        "assert len(points) == 2",
        "large = [x for x, _ in points if x > 9]\nassert large and all(x < 100 for x in large)",
    ),
    swap(
        DRAWING,
        'print("points:", len(points))',
        'print("points:", len(set(points)), sorted({"a", "b"}), "a" in {"a", "b"})',
    ),
    swap(PAGE, "整列也行。", "0.3 时误差超过 0.5，2 大于 1 的 3 倍，5% 大于 0.2。"),
    swap(PAGE, "整列也行。", "这一题在[那里](order-of-sums.md)，又见[此处](https://example.org/a.md)。"),
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


def test_a_multiple_that_counts_something_else_is_told(project):
    said = 'f"any-size: with 5 blocks the longest is {2.5:.2f} times the shortest"'
    project.edit(swap(BLOCKS, '"any-size: blocks of 3"', said), swap(PAGE, "[块的大小]", "[块的大小差 5 倍]"))
    [line] = told(project, PAGE, command="run")
    assert line.startswith(f"{PAGE}:{project.line(PAGE, '差 5 倍')}: {BLOCKS}:") and line.endswith("[E-06]"), line
    assert (
        "the number 5 in [块的大小差 5 倍](proof:any-size) has the unit 倍" in line
        and "has 2.50 with that unit" in line
    )
    project.edit(swap(PAGE, "[块的大小差 5 倍]", "[块的大小差 2.5 倍]"))
    assert told(project, PAGE, command="run") == []


ORDERED = {  # what a program prints, at which line accept refuses it
    "the order of a set": 'for name in {"heads", "tails", "edge", "rim"}:\n    print("face", name)',
    "a seed that the program doesn't set": 'import random\n\nprint("face", random.random())',
}


@pytest.mark.parametrize("printing", ORDERED.values(), ids=ORDERED.keys())
def test_accept_refuses_what_another_run_prints_otherwise(printing, project):
    project.edit(after(DRAWING, 'print("points:", len(points))', printing))
    outcome = project.run(DRAWING, command="accept")
    where = f"{DRAWING}:{project.line(DRAWING, 'face')}"
    assert outcome.code == 1 and f"{where}: another run prints something else; it depends on" in outcome.text, (
        outcome.text
    )
    assert "0 records written, 0 unchanged" in outcome.text
    assert project.read(DRAWING.replace(".py", ".out")) == SOUND[DRAWING.replace(".py", ".out")]


def test_accept_refuses_what_fails_under_another_seed(project):
    draw = 'import random\n\nassert random.random() > 0.8, "lucky: above 0.8"'  # 0.84 under the seed 0, 0.13 under 1
    project.edit(after(DRAWING, 'print("points:", len(points))', f'print("more")\n{draw}'))
    assert "under another seed: assertion: lucky; it depends on" in project.run(DRAWING, command="accept").text


def test_what_a_concept_makes_of_a_page_that_is_known_already_ends_no_command(project):
    assert project.run(command="check").code == 0  # both pages are kept
    term = SOUND[TERMS].split("- id: float-order")[0].replace("partial-sum", "half-sum").replace("部分和", "半和")
    term = term.replace("partial sum", "half sum").replace("分块和", "半块和")
    project.edit(whole(TERMS, SOUND[TERMS] + term), swap(OTHER, "记下零头。", "记下余数。"))
    lacking = f"{PAGE}:{project.line(PAGE, 'concepts:')}: "
    for _ in range(2):
        [line] = told(project)
        assert line.startswith(lacking) and line.endswith(
            "`concepts` lacks `half-sum`, whose home is this article; add it [A-09]"
        )
    project.edit(whole(TERMS, SOUND[TERMS]))
    assert told(project) == []
