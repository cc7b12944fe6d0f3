"""The download page: what can be taken along, with size, date and commit of what was made."""

from __future__ import annotations

import re
from html import escape

from .corpus import Corpus
from .exports import KINDS, made
from .project import Project


def downloads(corpus: Corpus) -> str:
    """HTML of the list. A kind that nobody has made yet is marked as planned; links come with the project's address."""
    known = {entry["kind"]: entry for entry in made(corpus.project).values() if entry.get("kind")}
    repo = _address(corpus.project)
    rows = []
    for name, kind in KINDS.items():
        file = f"<code>{escape(kind.file)}</code>"
        if repo:
            file = f'<a href="{escape(repo)}/releases/latest/download/{kind.file}">{file}</a>'
        entry = known.get(name)
        facts = (
            f"<td>{_size(entry['bytes'])}</td><td>{escape(entry['date'])}</td><td><code>{escape(entry['commit'])}</code></td>"
            if entry
            else f'<td colspan="3">待生成：<br><code>bagu export {name}</code></td>'
        )
        rows.append(f"<tr><td>{escape(kind.name)}<br>{file}</td>{facts}</tr>")
    heads = "".join(f"<th>{head}</th>" for head in ("内容", "大小", "日期", "提交"))
    body = f"<thead><tr>{heads}</tr></thead>\n<tbody>{''.join(rows)}</tbody>"
    return f'<div class="bagu-downloads">\n<table>\n{body}\n</table>\n</div>\n'  # a table with a class would lose the theme's look


def _address(project: Project) -> str:
    """The project's public address, ``extra.repo`` of the configuration; "" where there is none."""
    found = re.search(
        r"^  repo: *[\"']?(https?://[^\s\"']+)", (project.root / "mkdocs.yml").read_text("utf-8"), re.MULTILINE
    )
    return found[1].rstrip("/") if found else ""


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 100_000 else f"{count / 1e3:.0f} kB"
