"""The rules: each wrong example, planted in a sound project, is found by its rule at its line; the list is the list."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from bagu.rules import FAMILIES, OF_STATUS, RULES, listed
from project import (
    BIB,
    BLOCKS,
    DRAWING,
    FOLDER,
    MAP,
    OTHER,
    PAGE,
    REFUTING,
    ROOT,
    SOUND,
    TERMS,
    Project,
    swap,
    whole,
)  # fmt: skip
from test_lab import MINIATURE as LAB

LAB_FILE = "docs/labs/sums.py"
TOOL = "hooks/tool.py"
NOTES = f"{FOLDER}/audit.yml"
NOTE = """\
- snippet: blocks.py
  line: mean = total / len(numbers)
  mutation: without `/ len(numbers)`
  why: nothing of the kind is made of a division
"""
RECORD = f"{FOLDER}/blocks.out"
# The miniature has all right examples but these; the first stands under its rule's id, the others beside it.
MORE = {
    LAB_FILE: LAB.replace("article:sum)", "article:block-sum)").replace("article:planned)", "article:planned-one)"),
    TOOL: "x = [1, 2]\n",
    NOTES: NOTE,
}


@dataclass(frozen=True)
class Plant:
    """Where a rule's examples belong. ``at`` is the line to be found: a part of it, a number, or the file (0)."""

    file: str
    at: str | int
    reported: str = ""  # the file whose line ``at`` is, where it isn't ``file``
    instead: bool = False  # the examples are names of files: the right one's content under the wrong name


PLANTS = {
    "A-01": Plant(PAGE, 1, instead=True),
    "A-02": Plant(PAGE, "level: 1"),
    "A-03": Plant(PAGE, "title:"),
    "A-04": Plant(OTHER, "description:"),
    "A-05": Plant(PAGE, "frequency:"),
    "A-06": Plant(PAGE, "aliases:"),
    "A-07": Plant(PAGE, "needs:"),
    "A-08": Plant(PAGE, "points:"),
    "A-09": Plant(PAGE, "concepts:"),
    "A-10": Plant(OTHER, "frequency:"),
    "A-11": Plant(PAGE, "sources:"),
    "A-12": Plant(OTHER, "## 一句话"),
    "A-13": Plant(PAGE, "## 后续"),
    "A-14": Plant(PAGE, "## 一分钟口述"),
    "A-15": Plant(PAGE, "## 追问"),
    "A-16": Plant(OTHER, "块可以交给不同的机器"),
    "A-17": Plant(MAP, "planned-one"),
    "B-01": Plant(PAGE, "/// followup 块"),
    "B-02": Plant(PAGE, "claim: 分块会"),
    "B-03": Plant(PAGE, "kind: false"),
    "B-04": Plant(PAGE, "能不能并行"),
    "B-05": Plant(PAGE, "source:"),
    "B-06": Plant(PAGE, "blocks.py:tail"),
    "E-01": Plant(DRAWING, "proof | transformer/block-sum/sketch.py", PAGE),
    "E-02": Plant(BLOCKS, "blocks.py:merge", PAGE),
    "E-03": Plant(BLOCKS, "blocks.py:merge", PAGE),
    "E-04": Plant(REFUTING, "not_lost.py", PAGE),
    "E-05": Plant(PAGE, "proof:median"),
    "E-06": Plant(PAGE, "总和是 29"),
    "E-07": Plant(RECORD, "blocks.py:merge", PAGE),
    "E-08": Plant(OTHER, "block-sum/blocks.py"),
    "E-09": Plant(PAGE, "seed: [S000-01, S000-02]"),
    "E-10": Plant(NOTES, "line:"),
    "E-11": Plant(PAGE, "block-sum/sketch.py"),
    "E-12": Plant(BLOCKS, "mean == 4.000"),
    "E-13": Plant(DRAWING, "assert all"),
    "E-14": Plant(PAGE, "任意一张"),
    "E-15": Plant(PAGE, "4.00 大于 28"),
    "S-01": Plant(DRAWING, "sketch.py", PAGE),
    "S-02": Plant(BLOCKS, "blocks.py:merge", PAGE),
    "S-03": Plant(DRAWING, 81 + 1),  # the header isn't counted
    "S-04": Plant(BLOCKS, "blocks.py:merge", PAGE),
    "S-05": Plant(DRAWING, "一条线"),
    "S-06": Plant(BLOCKS, "time.ctime"),
    "S-07": Plant(DRAWING, "pathlib2"),
    "S-08": Plant(BLOCKS, 0, "snippets/transformer/block-sum/draft.py", instead=True),
    "S-09": Plant(DRAWING, "PurePath"),
    "S-10": Plant(TOOL, 1),
    "S-11": Plant(BLOCKS, "random.random"),
    "S-12": Plant(DRAWING, "set(points)"),
    "L-01": Plant(PAGE, "planned-two"),
    "L-02": Plant(PAGE, "<article:"),
    "L-03": Plant(PAGE, "[@gauss1799; §1]"),
    "L-04": Plant(BIB, "@misc"),
    "L-05": Plant(TERMS, "id: partial-sum"),
    "L-06": Plant(BIB, "euler1748,"),
    "L-07": Plant(PAGE, "two-sentences"),
    "L-08": Plant(TERMS, "aliases: [求和次序, 分块和]"),
    "L-09": Plant(PAGE, "（singleton）"),
    "F-01": Plant(PAGE, "sketch.py"),
    "F-02": Plant(DRAWING, "sketch.py", PAGE),
    "F-03": Plant(PAGE, "\\foo"),
    "F-04": Plant(PAGE, "example.org/line.png"),
    "N-01": Plant(LAB_FILE, '# %% tags=["wrong"] exercise="add"'),
    "N-02": Plant(LAB_FILE, "# %% 乘了"),
    "T-01": Plant(PAGE, "均值是4.00"),
    "T-02": Plant(PAGE, "倍时,"),
    "T-03": Plant(PAGE, "名称之争"),
    "T-04": Plant(PAGE, "图由程序画出"),
    "T-05": Plant(PAGE, "众所周知"),
    "T-06": Plant(REFUTING, "Teh last"),
    "T-07": Plant(OTHER, "- 结果"),
    "T-08": Plant(OTHER, "<<<<<<<"),
    "T-09": Plant(PAGE, "~~~python"),
    "T-10": Plant(PAGE, "待补充"),
    "T-11": Plant(OTHER, "| 2 |"),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Project:
    """The miniature with a lab and a tool, executed once."""
    project = Project.sound(tmp_path_factory.mktemp("rules") / "project")
    for name, content in MORE.items():
        project.write(name, content)
    outcome = project.run()
    assert outcome.code == 0, outcome.text
    return project


@pytest.fixture
def project(sound, tmp_path) -> Project:
    return sound.copy(tmp_path / "project")


def written(example: str, file: str) -> str:
    """An example as it stands in a file."""
    much = "\n".join(f"step_{n} = {n}" for n in range(80)) if file.endswith(".py") else "块的大小不影响结果。" * 40
    return example.replace("……", much).replace("␠", " ")


def found(text: str) -> set[tuple[str, str]]:
    """{(file:line of the first location, rule)} of what was printed."""
    lines = (re.match(r"(\S+?:?\d*): .*\[([A-Z]-\d\d)\]$", line) for line in text.splitlines())
    return {(match[1], match[2]) for match in lines if match}


def test_every_rule_is_in_the_table_and_every_plant_is_a_rule():
    assert list(PLANTS) == list(RULES)


def test_ids_are_of_a_family_and_in_order():
    assert all(re.fullmatch(r"[A-Z]-\d\d", id_) and id_[0] in FAMILIES for id_ in RULES)
    assert [*RULES] == sorted(RULES, key=lambda id_: ([*FAMILIES].index(id_[0]), id_))
    assert set(OF_STATUS.values()) <= set(RULES)


def test_the_list_in_contributing_is_the_list():
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert text == listed(text), "bring it up to date: python -m bagu.rules CONTRIBUTING.md"


def test_the_right_examples_are_found_by_no_rule(sound):
    outcome = sound.run(command="check")
    assert outcome.code == 0, outcome.text
    everything = {**SOUND, **MORE}
    for id_, plant in PLANTS.items():
        if not plant.instead:
            count = everything[plant.file].count(written(RULES[id_].right, plant.file))
            assert count >= 1, f"the right example of {id_} isn't in {plant.file}"


@pytest.mark.parametrize("id_", RULES)
def test_a_wrong_example_is_found_by_its_rule_alone_at_its_line(id_, project):
    rule, plant = RULES[id_], PLANTS[id_]
    where = plant.reported or plant.file
    if plant.instead:
        content = SOUND[plant.file]
        for old, new in (("blockwise sum, 分块求和", "sum in blocks"), ("concepts: [partial-sum]", "concepts: []")):
            content = content.replace(old, new)
        where = rule.wrong
        project.edit(whole(rule.wrong, content))
        if where.endswith(".py"):
            project.edit(whole(where.replace(".py", ".out"), SOUND[RECORD]))
    else:
        project.edit(swap(plant.file, written(rule.right, plant.file), written(rule.wrong, plant.file)))
    outcome = project.build() if rule.builds else project.run(command="run" if rule.runs else "check")
    assert outcome.code == 1, outcome.text
    hits = found(outcome.text)
    assert {rule for _, rule in hits} == {id_}, outcome.text
    number = project.line(where, plant.at)
    assert (f"{where}:{number}" if number else where, id_) in hits, outcome.text


@pytest.mark.parametrize("id_", [rule.id for rule in RULES.values() if rule.fix])
def test_fix_mends_a_wrong_example_and_then_has_nothing_to_do(id_, project):
    rule, plant = RULES[id_], PLANTS[id_]
    project.edit(swap(plant.file, written(rule.right, plant.file), written(rule.wrong, plant.file)))
    outcome = project.run("--fix", command="check")
    assert outcome.code == 0, outcome.text
    assert re.search(rf"^{plant.file}: mended .*{id_}", outcome.text, re.MULTILINE), outcome.text
    assert project.read(plant.file) == {**SOUND, **MORE}[plant.file], "mended into the right example"
    assert "mended" not in project.run("--fix", command="check").text
