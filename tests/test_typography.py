"""Spacing and punctuation: what is mended in prose, and what is never touched."""

from __future__ import annotations

import pytest
from bagu.typography import apply, edits, findings
from project import ROOT

MENDED = {
    "Latin letters": ("在LLM中用KV缓存", "在 LLM 中用 KV 缓存"),
    "digits": ("这是第3个，占26%；共7项", "这是第 3 个，占 26%；共 7 项"),
    "a negative number": ("值是−0.25吗", "值是 −0.25 吗"),
    "a formula": ("当$n$变大", "当 $n$ 变大"),
    "code": ("调用`softmax`函数", "调用 `softmax` 函数"),
    "the text of a link": ("见[roofline](article:x)一节", "见 [roofline](article:x) 一节"),
    "inside the text of a link": ("[均值是4.00](proof:mean)。", "[均值是 4.00](proof:mean)。"),
    "emphasis": ("用**LLM**做", "用 **LLM** 做"),
    "marks behind Chinese": ("可以,但是;真的?当然!如下:", "可以，但是；真的？当然！如下："),
    "marks before Chinese": ("用 Adam,然后", "用 Adam，然后"),
    "a full stop": ("第一句.第二句", "第一句。第二句"),
    "a full stop behind brackets": ("训练（约三轮）.再测（一次）.", "训练（约三轮）。再测（一次）。"),
    "brackets": ("注意力(attention)与算子(见下)", "注意力（attention）与算子（见下）"),
    "brackets behind a Latin word": (
        "先做SFT(有监督微调)，再用GPT-2(小的)",
        "先做 SFT（有监督微调），再用 GPT-2（小的）",
    ),
    "a space beside a full-width mark": ("他 ，好 。", "他，好。"),
    "a table": ("| 甲A | 乙,丙 |", "| 甲 A | 乙，丙 |"),
    "a list item": ("1. 第1项", "1. 第 1 项"),
    "a heading": ("### 为什么用LLM", "### 为什么用 LLM"),
    "the alternative text of a picture": ("![一条line图](a.svg)", "![一条 line 图](a.svg)"),
    "a follow-up's question": ("/// followup | 为什么用A做?", "/// followup | 为什么用 A 做？"),
    "a description": ("---\ndescription: 可以,用KV缓存\n---\n", "---\ndescription: 可以，用 KV 缓存\n---\n"),
    "points in one line": ("---\npoints: [甲A乙, 丙]\n---\n", "---\npoints: [甲 A 乙, 丙]\n---\n"),
    "an option's text": (
        '/// refute | a/b.py\n    claim: "他说:A是"\n    right: >-\n      它是LLM的\n',
        '/// refute | a/b.py\n    claim: "他说：A 是"\n    right: >-\n      它是 LLM 的\n',
    ),
}
KEPT = {
    "a formula": "当 $f(x),中文a$ 时",
    "a displayed formula": "式：\n\n$$\n\\text{当n变大,}\n$$\n",
    "code": "运行 `x,中文a` 即可",
    "a fence": '中文\n\n```python\nx = "中A文,好"\n```\n',
    "a comment": "中文 <!-- 中A文,好 -->",
    "HTML": '中文 <a title="中A文,好">链接</a>',
    "an address": "见 https://a.b/c,中d",
    "a link's target": "见[此](a中b.md)",
    "a citation": "见 [@gauss1799, 表2,附录A]",
    "notation": "形状 (B, T) 的张量，min(1, 强度)，P(雨)，max(强度)，log_softmax(分数)，比为 1:2，第 6 题 (b)",
    "aliases": "---\naliases: [甲A乙, 大模型LLM]\ntitle: 甲A乙\n---\n",
    "an id": "/// followup | 中文？\n    id: a-b\n\n中文\n///\n",
    "a snippet's path": "/// proof | a/b中c.py:x\n\n中文\n///\n",
    "an escaped mark": "价格是 \\$5 元",
    "English": "In English, a list: one, two (three); done?",
}


@pytest.mark.parametrize("name", MENDED)
def test_it_is_mended_once_and_for_all(name):
    wrong, right = MENDED[name]
    assert apply(wrong, edits("a.md", wrong)) == right
    assert edits("a.md", right) == []


@pytest.mark.parametrize("name", KEPT)
def test_it_is_left_alone(name):
    assert edits("a.md", KEPT[name]) == []


def test_a_concepts_definition_is_prose_and_its_names_are_none():
    text = "- id: kv\n  zh: KV缓存\n  aliases: [KV缓存,k]\n  definition: 解码时保存K与V,不再重算。\n"
    assert apply(text, edits("docs/concepts/a.yml", text)) == text.replace("保存K与V,", "保存 K 与 V，")


def test_a_labs_markdown_cells_are_prose_and_its_programs_are_none():
    text = "# %% [markdown]\n# 当n变大,\n\n# %%\n# 当n变大,\nx = '中A'\n"
    assert apply(text, edits("docs/labs/a.py", text)) == text.replace("# 当n变大,", "# 当 n 变大，", 1)


def test_a_finding_says_what_to_write():
    [spacing, mark] = findings("a.md", "好\n在LLM中,好\n")
    assert (
        str(spacing) == "a.md:2: spacing: write `在 LLM中,好`; write `在LLM 中,好`; `bagu check --fix` writes it [T-01]"
    )
    assert str(mark) == "a.md:2: punctuation: write `在LLM中，好`; `bagu check --fix` writes it [T-02]"


PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *(ROOT / "docs").rglob("*.yml"), *(ROOT / "docs/labs").glob("*.py")])


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_the_spaces_of_real_pages_come_back_when_they_are_lost(file):
    """Every space that the rule asks for, taken out of a page, is put in again, and nothing else changes."""
    path, text = file.relative_to(ROOT).as_posix(), file.read_text("utf-8")
    if path == "docs/questions.yml":
        assert edits(path, text) == []
        return
    lost = without_spaces(path, text)
    assert apply(lost, edits(path, lost)) == text


def without_spaces(path: str, text: str) -> str:
    from bagu.typography import PROSE, WORD, kinds

    made = kinds(path, text)

    def han(n: int) -> bool:
        return made[n] == PROSE and "\u4e00" <= text[n] <= "\u9fff"

    def word(n: int) -> bool:
        return made[n] == WORD or (made[n] == PROSE and text[n].isascii() and text[n].isalnum())

    return "".join(
        char
        for n, char in enumerate(text)
        if not (
            char == " " and 0 < n < len(text) - 1 and ((han(n - 1) and word(n + 1)) or (word(n - 1) and han(n + 1)))
        )
    )
