"""What `bagu new` writes: a page and a program to be filled in, and how to tell that they haven't been."""

from __future__ import annotations

import json
import re

from .article import HEADINGS, KEYS
from .project import Question

_SENTENCE = "一句完整的、由这段程序支撑的话。"
_SUMMARY = "what this program shows, in one sentence."
_PROGRAM = """\
clever = sum(range(5))
naive = 0 + 1 + 2 + 3 + 4
print("sum:", clever)
assert clever == naive, f"sum: {clever}"
"""
LEFT = re.compile("|".join(re.escape(part) for part in (_SENTENCE, _SUMMARY, _PROGRAM.partition("\n")[0])))


def page(question: Question, program: str, today: str) -> str:
    """The page of a question; ``program`` is relative to ``snippets/``."""
    front = {
        "title": json.dumps(question.question, ensure_ascii=False), "description": '""  # 60–120 字：完整的答案',
        "difficulty": "2", "frequency": "3", "aliases": "[]  # 其他问法、缩写、英文、错别字、繁体", "needs": "[]",
        "points": "[]  # 3–6 条：满分答案的要点", "concepts": "[]", "seed": json.dumps(list(question.seed)),
        "sources": "[]  # 文中引用的 docs/references/*.bib 的键", "reviewed": today,
    }  # fmt: skip
    assert tuple(front) == KEYS
    head = "".join(f"{key}: {value}\n" for key, value in front.items())
    body = "".join(
        f"\n## {heading}\n" + (f"\n/// proof | {program}\n\n{_SENTENCE}\n///\n" if heading == "讲清楚" else "")
        for heading in HEADINGS
    )
    return f"---\n{head}---\n{body}"


def program(question: Question) -> str:
    """The first program of a question."""
    return f'"""{question.gloss or question.id}: {_SUMMARY}"""\n\n{_PROGRAM}'
