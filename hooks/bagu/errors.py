"""Findings: what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that somebody has to mend.

    ``path`` is relative to the project's root, with forward slashes; ``line`` counts from 1 (0: the whole file).
    ``also`` is a second location (``snippets/….py:17``) where the fault has two ends, an article and a snippet.
    ``detail`` is shown below the line, indented (expected and actual output, say). ``rule`` is the id of the rule that is
    broken (``rules.RULES``, CONTRIBUTING.md), shown at the end of the line.
    """

    path: str
    line: int
    message: str
    also: str = ""
    detail: str = ""
    rule: str = ""

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else self.path
        head = ": ".join(part for part in (where, self.also, self.message) if part)
        head += f" [{self.rule}]" if self.rule else ""
        body = "".join(f"\n    {line}" for line in self.detail.splitlines())
        return head + body


class BaguError(Exception):
    """Raised with every finding of a step, so that the author mends them in one round."""

    def __init__(self, findings: Iterable[Finding] | Finding):
        self.findings = [findings] if isinstance(findings, Finding) else sorted(set(findings))
        super().__init__("\n".join(map(str, self.findings)))
