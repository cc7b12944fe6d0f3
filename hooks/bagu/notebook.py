"""A snippet as readers take it away: the plain program and the same program as a notebook."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import tokenize

from .snippet import HEADER, REGION


def published(source: str) -> str:
    """The source without what only the build reads: the header line and the region markers.

    Markers are comments; a line of a string that looks like one stays. Raises SyntaxError.
    """
    source = source.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = source.split("\n")
    hidden = _markers(source)
    start = 0
    if HEADER.match(lines[0]):
        start = 1
        while start < len(lines) - 1 and not lines[start].strip():
            start += 1
    return "\n".join(line for number, line in enumerate(lines[start:], start + 1) if number not in hidden)


def to_notebook(source: str, name: str) -> str:
    """The published source as a notebook (JSON, nbformat 4.5, no outputs), the same for the same input.

    Cells: the module's docstring as Markdown, the imports that follow it, the rest; those that are empty are left out.
    ``name`` becomes the title in the metadata. Raises SyntaxError.
    """
    text = published(source)
    docstring, imports, rest = _split(text)
    parts = [("markdown", docstring), ("code", imports), ("code", rest)]
    cells = [_cell(kind, part.strip("\n"), f"{name}\0{at}") for at, (kind, part) in enumerate(parts) if part.strip()]
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
            "title": name,
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _markers(source: str) -> set[int]:
    """Lines, counted from 1, that are region markers."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except tokenize.TokenError as error:
        raise SyntaxError(*error.args[:1]) from None
    return {token.start[0] for token in tokens if REGION.match(token.line.rstrip("\n"))}  # a string's line is all of it


def _split(text: str) -> tuple[str, str, str]:
    """(docstring, leading imports, rest)."""
    lines = text.split("\n")
    body = ast.parse(text).body
    docstring, start = "", 0
    if body and _is_docstring(body[0]) and (len(body) == 1 or body[1].lineno > body[0].end_lineno):
        docstring = ast.get_docstring(ast.Module(body[:1], [])) or ""
        start = body[0].end_lineno
        before = [line for line in lines[: body[0].lineno - 1] if line.strip()]  # comments above the docstring
        lines = before + lines[start:]
        shift = start - len(before)
        body = body[1:]
    else:
        shift = 0
    end = 0
    for statement in body:
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            break
        end = statement.end_lineno - shift
    return docstring, "\n".join(lines[:end]), "\n".join(lines[end:])


def _is_docstring(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _cell(kind: str, text: str, seed: str) -> dict:
    cell = {
        "cell_type": kind,
        "id": hashlib.sha256(f"{seed}\0{text}".encode()).hexdigest()[:12],
        "metadata": {},
        "source": text.splitlines(keepends=True),
    }
    return cell | {"execution_count": None, "outputs": []} if kind == "code" else cell
