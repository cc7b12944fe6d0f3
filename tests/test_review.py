"""`bagu check` and `--fix` beyond the rules' own examples: limits, scope, files that are left alone, tools."""

from __future__ import annotations

import ast
import re

import pytest
from bagu import cli, editorial, layout, repeatable, tools
from bagu.rules import RULES
from project import BIB, BLOCKS, DRAWING, OTHER, PAGE, SOUND, Project, swap, whole


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Project:
    return Project.sound(tmp_path_factory.mktemp("review") / "project")


@pytest.fixture
def project(sound, tmp_path) -> Project:
    return sound.copy(tmp_path / "project")


def rules(project: Project, *arguments: str) -> list[str]:
    """The ids that `bagu check` prints, in its order."""
    return re.findall(r"\[([A-Z]-\d\d)\]$", project.run(*arguments, command="check").text, re.MULTILINE)


def aloud(count: int) -> tuple[str, str]:
    return SOUND[OTHER].split("## 一分钟口述\n\n")[1].split("\n")[0], "说" * count + "。"


@pytest.mark.parametrize(("count", "said"), [(149, ["A-14"]), (150, []), (300, []), (301, ["A-14", "A-16"])])
def test_a_minute_has_its_length(count, said, project):
    project.edit(swap(OTHER, *aloud(count)))
    assert rules(project) == said


@pytest.mark.parametrize(
    "between", ["| 甲 | 乙 |\n|---|---|\n| 1 | 2 |", "$$\na=b\n$$", "- 甲", "```python\nx = 1\n```"]
)
def test_what_shows_something_breaks_a_wall(between, project):
    half = "墙" * 200 + "。"
    project.edit(swap(OTHER, "块可以交给不同的机器。", f"{half}\n\n### 小节\n\n{half}"))
    assert rules(project) == ["A-16"]
    project.edit(swap(OTHER, "### 小节", between))
    assert rules(project) == []


@pytest.mark.parametrize(
    "sentence", ["众所周知，好。", "随着大模型的飞速发展，好。", "值得注意的是，好。", "综上所述，好。"]
)
def test_filler_is_found(sentence):
    assert [line for line, _ in editorial.filler(f"好。\n{sentence}")] == [2]


@pytest.mark.parametrize("sentence", ["误差随着长度的增加而变大。", "注意形状。", "概率的和是 1。"])
def test_plain_words_are_no_filler(sentence):
    assert [*editorial.filler(sentence)] == []


MISTAKES = {  # (where, what, instead): the line, counted from there, and the rule
    "a citation without its mark": (PAGE, "最早见 [@gauss1799, §1]。", "最早见 [gauss1799, §1]。", "L-03"),
    "an unknown key is told once": (PAGE, "最早见 [@gauss1799, §1]。", "最早见 [@gauss1800, §1]。", "L-03"),
    "a lone dollar": (PAGE, "一个元素也行。", "一个元素也行，$a 是它的和。", "F-03"),
    "a display within a line": (PAGE, "一个元素也行。", "和是 $$a$$ 这么多。", "F-03"),
    "straight quotes": (PAGE, "一个元素也行。", '一个"元素"也行。', "T-02"),
    "a year that is more than a year": (BIB, "year = 1799", "year = {1799 年}", "L-04"),
    "a header that isn't first": (BLOCKS, "# bagu: seconds=5 files=numbers.txt\n", "# Blocks\n# bagu: seconds=5\n", "S-02"),
    "a picture that isn't there": (PAGE, "图由程序画出。", "![一条线](line.png)", "F-04"),
    "a picture in HTML": (PAGE, "图由程序画出。", '<img alt="" src="https://example.org/line.png">', "F-04"),
    "a bar in a formula of a table": (PAGE, "整列也行。", "| 甲 | 乙 |\n|---|---|\n| $|B|$ | 2 |", "T-11"),
    "a cell too many": (PAGE, "整列也行。", "| 甲 | 乙 |\n|---|---|\n| 1 | 2 | 3 |", "T-11"),
    "a sublist indented by two": (PAGE, "整列也行。", "- 甲\n  - 乙\n- 丙", "T-07"),
    "a heading without its blank": (PAGE, "整列也行。", "###小节\n\n整列也行。", "T-07"),
    "a backtick alone": (PAGE, "整列也行。", "整列 `x 也行。", "T-09"),
    "a picture without a description": (PAGE, "图由程序画出。", "![](../questions.yml)", "F-01"),
    "a particle twice": (PAGE, "整列也行。", "整列的的确认。了了，整列也行。".replace("确认", "和"), "T-06"),
    "an article twice": (PAGE, "整列也行。", "见 the the whole。", "T-06"),
    "a name in another spelling": (PAGE, "整列也行。", "Pytorch 也行。", "T-06"),
    "a sentence without its mark": (PAGE, "整列也行。", "整列也行", "T-02"),
    "left to do in a sentence": (PAGE, "整列也行。", "TODO：整列也行。", "T-10"),
    "left to do in a program": (BLOCKS, "total = merged(numbers, 2)", "total = merged(numbers, 2)  # FIXME", "T-10"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_that_markdown_swallows_is_found(name, project):
    file, right, wrong, rule = MISTAKES[name]
    project.edit(swap(file, right, wrong))
    assert set(rules(project)) == {rule}, project.run(command="check").text


SOUND_TEXTS = ["| 甲 | 乙 |\n|---|---|\n| $\\lVert x\\rVert\\,\\lvert y\\rvert$ | $a$ \\| b |", "一盒 5 \\$，`$x` 是变量。", "[注释](article:planned-one)",
               "键 [x] 与区间 [a, b]。", "`TODO` 是个词。", "- 甲\n    - 乙\n        - 丙", "1. 甲\n\n    续。", "一个反引号是 \\`。",
               "目的的确切说法，为了了解，问题是是否在在线学习。", "`import pytorch` 与 pytorch.org、[pytorch/pytorch](https://github.com/pytorch/pytorch)。",
               "于是\n\n$$\na=b\n$$", "如下\n\n- 甲"]  # fmt: skip


@pytest.mark.parametrize("text", SOUND_TEXTS)
def test_what_only_looks_like_a_mistake_is_left_alone(text, project):
    project.edit(swap(PAGE, "整列也行。", text))
    assert rules(project) == []


CLOCKS = {
    "import time\n\nprint(time.time())": ["S-06"],
    "import datetime\n\nday = datetime.date.today()": ["S-06"],
    "from datetime import datetime\n\nnow = datetime.now()": ["S-06"],
    "import time\n\nstart = time.perf_counter()\nspent = time.perf_counter() - start\nprint(spent)": ["S-06"],
    "import time\n\nprint(time.perf_counter())": ["S-06"],
    "import time\n\nstart = time.perf_counter()\nfaster = time.perf_counter() > start": [],
    "import time\n\na = b = time.perf_counter()\nprint('a is faster:', a < b)\nprint('a' if a < b else 'b')": [],
    "import time\n\na = time.perf_counter()\nfaster = time.perf_counter() < a\nprint(faster)": [],
    "import time\n\na = b = time.perf_counter()\nspent = b - a\nprint(spent)": ["S-06"],
    "import time\n\na = b = time.perf_counter()\nprint(a if a < b else b)": ["S-06"],
    "import time\n\na = b = time.time()\nprint(a - b)": ["S-06", "S-06"],
    "import datetime\n\nday = datetime.date(2026, 11, 22)\nprint(day)": [],
}


DRAWS = {
    "import random\n\nrandom.shuffle([])": "random.seed(0)",
    "from random import random as draw\n\ndraw()": "random.seed(0)",
    "import random\n\nrandom.Random()": "`random.Random()` differs at every run by hand; give it a seed, `random.Random(0)`",
    "import random\n\nrandom.random()\nrandom.seed(0)": "draws before it is seeded",
    "import random\n\nrandom.seed()\nrandom.random()": "draws without a seed",
    "import numpy as np\n\nnp.random.rand(2)": "np.random.seed(0)",
    "import numpy as np\n\nnp.random.default_rng().normal()": "give it a seed, `np.random.default_rng(0)`",
    "import torch\n\ntorch.randn(2)\ntorch.manual_seed(0)": "draws before it is seeded",
    "import torch\n\nlayer = torch.nn.Linear(2, 2)": "torch.manual_seed(0)",
    "import random\nimport torch\n\nrandom.seed(0)\ntorch.rand(2)": "torch.manual_seed(0)",
    "import random\n\n\ndef draw():\n    return random.random()\n\n\nrandom.seed(0)": "",
    "import random\n\nrandom.Random(0).random()": "",
    "import numpy as np\n\nrng = np.random.default_rng(0)\nrng.normal()": "",
    "import numpy as np\n\n\ndef draw(random):\n    return random.normal()": "",
    "import torch\n\ng = torch.Generator().manual_seed(0)\ntorch.randn(2, generator=g)": "",
    "import torch\n\nwith torch.device('meta'):\n    layer = torch.nn.Linear(2, 2)": "",
    "import torch\n\nlayer = torch.nn.Linear(2, 2)\ntorch.nn.init.zeros_(layer.weight)": "",
    "import torch\nfrom transformers import set_seed\n\nset_seed(0)\ntorch.rand(2)": "",
}


@pytest.mark.parametrize("code", CLOCKS)
def test_a_snippet_that_shows_the_time_is_found(code, project):
    project.edit(swap(DRAWING, "from pathlib import Path\n", f"from pathlib import Path\n\n{code}\n"))
    found = [rule for rule in rules(project) if rule != "S-09"]  # imports that aren't at the top
    assert found == CLOCKS[code]


@pytest.mark.parametrize("code", DRAWS)
def test_a_draw_without_a_seed_is_found(code):
    said = [message for _, message in repeatable.draws(ast.parse(code))]
    assert len(said) == bool(DRAWS[code]) and all(DRAWS[code] in message for message in said), said


def test_an_import_that_the_requirements_name_is_allowed(project):
    project.edit(
        swap(DRAWING, "from pathlib import Path", "import sklearn\nfrom pathlib import Path\n\nprint(sklearn)")
    )
    assert rules(project) == ["S-07"]
    project.edit(whole("requirements-snippets.txt", "scikit-learn==1.9.0  # the oracle\n"))
    assert rules(project) == []


def test_two_articles_with_one_alias_are_both_told(project):
    project.edit(swap(OTHER, "[order of summation]", "[Blockwise-Sum]"))
    text = project.run(command="check").text
    assert f"{PAGE}:6: the alias `blockwise sum` is also a name of order-of-sums" in text
    assert f"{OTHER}:6: the alias `Blockwise-Sum` is also a name of block-sum" in text


def test_a_fault_in_the_glossary_or_the_bibliography_is_told_once(project):
    project.edit(swap(BIB, "  year = 1799,\n", ""))
    assert rules(project) == ["L-04"]


def test_a_block_that_cannot_be_read_is_told_before_anything_is_counted(project):
    project.edit(swap(PAGE, "/// followup | 块可以多小？", "/// followup 块可以多小？"))
    assert set(rules(project)) == {"B-01"}


def test_a_path_restricts_what_is_told(project):
    project.edit(swap(PAGE, "图由程序画出。", "图由A画出。"), swap(OTHER, "末位要紧的地方。", "末位A要紧。"))
    assert rules(project) == ["T-01", "T-01"]
    assert rules(project, OTHER) == ["T-01"] and rules(project, BLOCKS) == []


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("- 甲\n  - 乙\n    - 丙\n  - 丁\n- 戊", "- 甲\n    - 乙\n        - 丙\n    - 丁\n- 戊"),
        ("1. 甲\n   - 乙\n", "1. 甲\n    - 乙\n"),
        ("###小节", "### 小节"),
    ],
)
def test_fix_gives_lists_and_headings_their_blanks(wrong, right):
    assert layout.fixed("a.md", wrong + "\n").rstrip() == right.rstrip()
    assert layout.fixed("a.md", right + "\n").rstrip() == right.rstrip()


# --- --fix -----------------------------------------------------------------------------------------------------------

CARELESS = [
    swap(PAGE, "图由程序画出。", "图由A画出,对吗?  \n次日\n- 再画\n- 又画\n好。"),
    swap(PAGE, "difficulty: 1\nfrequency: 3\n", "frequency: 3\ndifficulty: 1\n"),
    swap(PAGE, "sources: [gauss1799]", "sources: [nobody2000]"),
    swap(DRAWING, "from pathlib import Path", "from pathlib import Path, PurePath"),
]
CAREFUL = "图由 A 画出，对吗？次日\n\n- 再画\n- 又画\n\n好。"


def test_fix_mends_everything_at_once_and_says_what(project):
    project.edit(*CARELESS)
    outcome = project.run("--fix", command="check")
    assert outcome.code == 0, outcome.text
    assert f"{PAGE}: mended A-10, A-11, T-01 ×2, T-02 ×2, T-03, T-04, T-07 ×2" in outcome.text
    assert f"{DRAWING}: mended S-09 (ruff)" in outcome.text
    assert project.read(PAGE) == SOUND[PAGE].replace("图由程序画出。", CAREFUL)
    assert project.read(DRAWING) == SOUND[DRAWING]


def test_fix_twice_changes_nothing_the_second_time(project):
    project.edit(*CARELESS)
    project.run("--fix", command="check")
    before = {file: file.stat().st_mtime_ns for file in project.root.rglob("*") if ".cache" not in file.parts}
    assert "mended" not in project.run("--fix", command="check").text
    assert {file: file.stat().st_mtime_ns for file in before} == before


def test_fix_makes_line_ends_and_the_mark_at_the_beginning_plain(project):
    project.edit(whole(PAGE, ("\ufeff" + SOUND[PAGE]).replace("\n", "\r\n") + "\r\n"))
    assert set(rules(project)) == {"T-04"}
    assert project.run("--fix", command="check").code == 0
    assert project.read(PAGE) == SOUND[PAGE]


def test_fix_leaves_a_file_with_conflict_markers_as_it_is(project):
    project.edit(swap(PAGE, "图由程序画出。", "<<<<<<< HEAD\n图由A画出。\n=======\n图由程序画出。\n>>>>>>> other"))
    before = project.read(PAGE)
    outcome = project.run("--fix", command="check")
    assert outcome.code == 1 and f"{PAGE}: left as it is" in outcome.text
    assert project.read(PAGE) == before


def test_fix_of_a_path_leaves_other_files_as_they_are(project):
    project.edit(*CARELESS, swap(OTHER, "末位要紧的地方。", "末位A要紧。"), whole("hooks/tool.py", "x = [1,2]\n"))
    before = project.read(PAGE), project.read(DRAWING)
    project.run(OTHER, "--fix", command="check")
    assert "末位 A 要紧。" in project.read(OTHER)
    assert project.read(PAGE) == before[0] and project.read("hooks/tool.py") == "x = [1,2]\n"


def test_fix_does_not_follow_a_link_out_of_the_project(project, tmp_path):
    outside = tmp_path / "outside.md"
    outside.write_text("# 在A中\n", "utf-8")
    project.path("docs/linked.md").symlink_to(outside)
    project.run("--fix", command="check")
    assert outside.read_text("utf-8") == "# 在A中\n" and project.path("docs/linked.md").is_symlink()


def test_fix_interrupted_leaves_whole_files(project, monkeypatch):
    project.edit(*CARELESS)
    before = project.read(PAGE)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", interrupted)
    assert project.run("--fix", command="check").code == cli.INTERRUPTED
    assert project.read(PAGE) == before
    assert not [file for file in project.path("docs").rglob(".*")]


def test_fix_keeps_comments_and_folded_texts_of_the_front_matter(project):
    project.edit(swap(PAGE, "difficulty: 1\nfrequency: 3\n", "frequency: 3\n# why\ndifficulty: 1\n"))
    assert project.run("--fix", command="check").code == 0
    assert project.read(PAGE) == SOUND[PAGE].replace("frequency: 3\n", "frequency: 3\n# why\n")


# --- Lines -----------------------------------------------------------------------------------------------------------


def test_a_missing_tool_is_one_line_that_says_what_to_install(project, monkeypatch):
    monkeypatch.setitem(tools.NEEDED, "ruff", "no_such_module")
    outcome = project.run(command="check")
    assert outcome.code == 1 and outcome.text.count("\n") == 1
    assert "ruff not installed; `make check` sets it up" in outcome.text


def test_a_tool_that_cannot_read_its_settings_is_told(project):
    project.edit(whole("pyproject.toml", "[tool.ruff.lint]\nselect = 1\n"))
    outcome = project.run(command="check")
    assert outcome.code == 1 and "pyproject.toml: ruff says: " in outcome.text


JOINED = {
    "一段话\n写成两行": "一段话写成两行",
    "end\nof line": "end of line",
    "用\nLLM": "用LLM",  # T-01 puts the space
    "一行\\\n另一行": "一行\\\n另一行",
    "- 甲\n- 乙": "- 甲\n- 乙",
    "> 甲\n> 乙": "> 甲\n> 乙",
    "| 甲 |\n|---|\n| 乙 |": "| 甲 |\n|---|\n| 乙 |",
    "```\n甲\n乙\n```": "```\n甲\n乙\n```",
    "$$\na\nb\n$$": "$$\na\nb\n$$",
    "<div>\n甲\n</div>": "<div>\n甲\n</div>",
    "## 题\n甲\n- 乙\n丙\n## 题": "## 题\n\n甲\n\n- 乙\n\n丙\n\n## 题",
    "- 甲\n    续\n- 乙": "- 甲\n    续\n- 乙",
    "甲\n| 乙 |": "甲\n\n| 乙 |",
    "甲 \t\n\n\n": "甲",
}


@pytest.mark.parametrize("text", JOINED)
def test_lines_are_mended_and_then_stay(text):
    right = JOINED[text] + "\n"
    assert layout.fixed("a.md", text) == right
    assert layout.fixed("a.md", right) == right
    assert [*layout.findings("a.md", right.encode())] == []


def test_a_program_keeps_its_lines():
    text = "x = 1\ny = 2\n"
    assert layout.fixed("snippets/a.py", text) == text


def test_the_engine_is_checked_only_as_a_whole(project):
    project.edit(whole("hooks/tool.py", "import os\n"), whole("tests/t.py", "x = 1\n"))
    assert rules(project) == ["S-09"]
    assert rules(project, PAGE) == []


def test_every_rule_that_can_be_fixed_says_so():
    assert {rule.id for rule in RULES.values() if rule.fix} == {
        "A-10", "A-11", "S-09", "S-10", "T-01", "T-02", "T-03", "T-04", "T-07"
    }  # fmt: skip
