"""Mistakes that newcomers make beyond the rules' own examples: each is found where it stands, by words that mend it."""

from __future__ import annotations

import re

import pytest
from project import BLOCKS, FOLDER, OTHER, SOUND, Project, swap, whole


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
        swap(OTHER, "proof:any-size", "proof:blocks.any-size"),
    )  # fmt: skip
    text = "\n".join(told(project))
    assert "1 different snippets in the article" in text and "proof links to 2 different labels" in text
