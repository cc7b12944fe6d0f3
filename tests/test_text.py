"""Reading Markdown: numbers, letters, code masks, line breaks inside Chinese paragraphs."""

from __future__ import annotations

import pytest
from bagu.evidence import same_output
from bagu.text import agrees, count_letters, join_lines, mask_code, numbers, split_front_matter


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("40.3 GB 比 4.4 GB", ["40.3", "4.4"]),
        ("fp16、ZeRO-3、GPT-2、LLaMA-2-7B、H100、v2", []),
        ("GPT-2，1,024 个", ["1024"]),
        ("N=4096", ["4096"]),
        ("−3.5 与 1e-6", ["-3.5", "1e-6"]),
        ("４０％", ["40"]),
        ("4096×4096", ["4096", "4096"]),
        ("(1, 4, 1024)", ["1", "4", "1024"]),
        ("768 × 0.02²，N² 与 2⁻³", ["768", "0.02", "2"]),
        ("10⁵ 与 3 × 10⁻⁵", ["1e5", "3e-5"]),
    ],
)
def test_numbers_of_prose_are_those_that_stand_alone(text, found):
    assert numbers(text) == found


def test_evidence_may_glue_a_unit_to_a_number():
    assert numbers("3x, 40GB, fp16, shape=(2,3)", units=True) == ["3", "40", "2", "3"]


@pytest.mark.parametrize(
    ("written", "evidence", "same"),
    [
        ("1.33", "1.3333", True),
        ("1.34", "1.3333", False),
        ("4", "4.0", True),
        ("4", "4.6", False),
        ("1e-3", "0.001", True),
    ],
)
def test_numbers_agree_at_the_precision_written(written, evidence, same):
    assert agrees(written, evidence) is same


@pytest.mark.parametrize(
    ("record", "output", "same"),
    [
        ("a 0.33\n", "a 0.33\n", True),
        ("a 0.33\n", "a 0.34\n", False),
        ("a 1.0\n", "a 1.00\n", True),
        ("a 1.0\n", "a 1.04\n", True),
        ("a 1.0\n", "b 1.0\n", False),
        ("3 of 4", "3 of 5", False),
        ("at 0x7f00aa11bb22", "at 0x7f99cc11bb22", True),
        ("a\r\nb\n", "a\nb\n", True),
        ("a\n", "a", False),
    ],
)
def test_a_record_is_compared_at_the_precision_printed(record, output, same):
    assert same_output(record, output) is same


@pytest.mark.parametrize(
    ("body", "joined"),
    [
        ("第一行。\n第二行", "第一行。第二行"),
        ("末尾是 Latin\n第二行", "末尾是 Latin\n第二行"),
        ("一段\n\n二段", "一段\n\n二段"),
        ("## 标题\n正文", "## 标题\n正文"),
        ("```\n甲\n乙\n```", "```\n甲\n乙\n```"),
        ("- 甲\n- 乙", "- 甲\n- 乙"),
        ("| 甲 |\n乙", "| 甲 |\n乙"),
    ],
)
def test_a_line_break_inside_a_chinese_paragraph_is_no_space(body, joined):
    assert join_lines(body) == joined


def test_code_is_masked_in_place():
    body = "a `b` c\n\n```py\nd\n```\n<!-- e -->\nf"
    masked = mask_code(body)
    assert len(masked) == len(body) and masked.split() == ["a", "c", "f"]


def test_front_matter_keeps_the_lines_of_the_file():
    head, body = split_front_matter("---\ntitle: x\n---\n\ntext\n")
    assert head.split("\n")[1] == "title: x" and body.split("\n")[4] == "text"


def test_letters_are_counted_without_markdown():
    assert count_letters("**精确** `O(N)`，[见](x.md)") == 5
