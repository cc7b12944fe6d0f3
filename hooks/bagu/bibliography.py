"""The bibliography: BibTeX files in, formatted references out.

pybtex reads the files and latexcodec decodes LaTeX; both are imported only when the files have changed, since that
takes longer than everything else here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from .errors import BaguError, Finding
from .project import write_atomically

AUTHORS_SHOWN = 8


@dataclass(frozen=True)
class Reference:
    """One entry. ``file`` is relative to the root, ``line`` that of its ``@``; ``html`` and ``text`` are all of it.

    ``label_short`` stands in running text: ``Vaswani，2017``, ``Leviathan 与 Kalman，2023``, ``Dao 等，2022``.
    """

    key: str
    file: str
    line: int
    label_short: str
    html: str
    text: str
    url: str
    year: int


def load(files: list[Path], root: Path) -> dict[str, Reference]:
    """References by key, in the order of the files. Raises BaguError with every fault of every file."""
    findings: list[Finding] = []
    references: dict[str, Reference] = {}
    seen: dict[str, Reference] = {}
    for file in files:
        try:
            found, faults = _read(file.read_bytes().decode("utf-8"), _relative(file, root))
        except OSError as error:
            found, faults = [], [Finding(_relative(file, root), 0, f"can't be read: {error.strerror}", rule="L-04")]
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            found, faults = [], [Finding(_relative(file, root), line, "is not UTF-8; save it as UTF-8", rule="L-04")]
        findings += faults
        for reference in found:
            first = seen.setdefault(reference.key.casefold(), reference)
            if first is reference:
                references[reference.key] = reference
            else:
                message = f"key {reference.key} is used twice; keep one entry"
                findings.append(
                    Finding(reference.file, reference.line, message, f"{first.file}:{first.line}", rule="L-04")
                )
    if findings:
        raise BaguError(findings)
    return references


def load_cached(files: list[Path], root: Path, cache_file: Path) -> dict[str, Reference]:
    """``load``, but files that haven't changed since the last good reading are taken from ``cache_file``.

    A cache that is missing, damaged or can't be written costs time and nothing else. Raises BaguError.
    """
    key = _content_key(files, root)
    known = _read_cache(cache_file, key)
    if known is not None:
        return known
    references = load(files, root)
    entries = [asdict(reference) for reference in references.values()]
    try:
        write_atomically(cache_file, json.dumps({"key": key, "references": entries}, ensure_ascii=False))
    except (OSError, ValueError):
        pass
    return references


def _relative(file: Path, root: Path) -> str:
    return (file.relative_to(root) if file.is_relative_to(root) else file).as_posix()


def _content_key(files: list[Path], root: Path) -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for file in files:
        content = file.read_bytes() if file.is_file() else b""
        digest.update(f"\0{_relative(file, root)}\0{file.is_file()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _read_cache(cache_file: Path, key: str) -> dict[str, Reference] | None:
    try:
        data = json.loads(cache_file.read_text("utf-8"))
        if data["key"] != key:
            return None
        return {entry["key"]: Reference(**entry) for entry in data["references"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


# --- Reading a file --------------------------------------------------------------------------------------------------

Fields = dict[str, str]  # names in lower case, values as they stand in the file but for macros and line breaks


def _read(text: str, path: str) -> tuple[list[Reference], list[Finding]]:
    """The good entries of a file, and what is wrong with the others."""
    from pybtex.database.input.bibtex import LowLevelParser, month_names
    from pybtex.scanner import PybtexSyntaxError
    from pybtex.utils import CaseInsensitiveDict

    faults: list[Finding] = []
    references: list[Reference] = []

    def fault(error: PybtexSyntaxError) -> None:
        faults.append(_syntax(error, text, path))

    parser = LowLevelParser(text, macros=CaseInsensitiveDict(month_names), handle_error=fault)
    known_faults = 0
    for command in parser:
        line = text.count("\n", 0, parser.command_start) + 1
        if len(faults) == known_faults and command[0].lower() not in ("string", "preamble"):
            try:
                references.append(_reference(*command[1], path, line))
            except _Faulty as error:
                faults += [
                    Finding(path, line, f"{command[1][0]}: {message}", rule="L-04") for message in error.messages
                ]
        known_faults = len(faults)
    return references, faults


def _syntax(error: Exception, text: str, path: str) -> Finding:
    """A syntax error; where a field follows a value, the comma that is missing behind that value."""
    at = getattr(error, "lineno", 1)
    before = [(n, line.strip()) for n, line in enumerate(text.split("\n")[:at], 1) if line.strip()]
    if len(before) > 1 and "'}' expected" in str(error) and re.match(r"[\w-]+\s*=", before[-1][1]):
        number, line = before[-2]
        if not line.endswith((",", "=", "#", "{")):
            return Finding(path, number, f"BibTeX: a comma is missing behind `{line}`; add it", rule="L-04")
    return Finding(path, at, f"BibTeX: {_reason(error)}", rule="L-04")


def _reason(error: Exception) -> str:
    return re.sub(r"^(?:syntax error|undefined string) in line \d+: ", "", str(error))


class _Faulty(Exception):
    """An entry that can't be used, with every reason."""

    def __init__(self, messages: Iterable[str]):
        self.messages = list(messages)


def _reference(key: str, parts: list[tuple[str, list[str]]], path: str, line: int) -> Reference:
    fields: Fields = {}
    messages = []
    for name, values in parts:
        if name.lower() in fields:
            messages.append(f"has two fields {name.lower()}")
        fields[name.lower()] = " ".join("".join(values).split())
    year = re.fullmatch(r"(\d{4})(?:-\d\d){0,2}", fields.get("year") or fields.get("date", ""))
    answers: dict[str, Any] = {}
    for part, make in (("title", _title), ("names", _names), ("venue", _venue), ("url", _url), ("arxiv", _arxiv)):
        try:
            answers[part] = make(fields)
        except _Faulty as error:
            messages += error.messages
    if not year:
        messages.append("lacks a year of four digits and nothing else")
    if messages:
        raise _Faulty(dict.fromkeys(messages))
    entry = _Entry(year=int(year[1]), **answers)
    return Reference(key, path, line, entry.label(), entry.html(), entry.text(), entry.url, entry.year)


def _title(fields: Fields) -> str:
    if not fields.get("title"):
        raise _Faulty(["lacks a title"])
    return _decode(fields["title"], "title")


def _venue(fields: Fields) -> str:
    for name in ("journal", "journaltitle", "booktitle", "howpublished", "school", "publisher"):
        if fields.get(name) and not fields[name].startswith(("\\url", "http")):
            return _decode(fields[name], name)
    return ""


_ARXIV = re.compile(r"(?:arxiv:)?(\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+(?:\.[A-Z]{2})?/\d{7}(?:v\d+)?)$", re.IGNORECASE)
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)$")


def _arxiv(fields: Fields) -> str:
    eprint = fields.get("eprint", "")
    prefix = fields.get("archiveprefix") or fields.get("eprinttype") or "arxiv"
    if not eprint or prefix.lower() != "arxiv":
        return ""
    match = _ARXIV.match(eprint)
    if not match:
        raise _Faulty([f"eprint {eprint} is no arXiv id such as 1706.03762"])
    return match[1]


def _url(fields: Fields) -> str:
    if fields.get("url"):
        url = re.sub(r"\\([_%&#~])", r"\1", re.sub(r"^\\url\{(.*)\}$", r"\1", fields["url"]))
        if not _is_web_address(url):
            raise _Faulty([f"url {url} is no web address; it begins with https://"])
        return url
    arxiv = _arxiv(fields)
    if arxiv:
        return f"https://arxiv.org/abs/{arxiv}"
    doi = fields.get("doi", "").replace("\\_", "_")
    if not doi:
        raise _Faulty(["lacks a url, an arXiv eprint or a doi"])
    match = _DOI.match(doi)
    if not match:
        raise _Faulty([f"doi {doi} is no DOI such as 10.1000/182"])
    return "https://doi.org/" + quote(match[1], safe="/:;().-_")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s\"'<>\\]", url)
    except ValueError:
        return False


# --- LaTeX and names -------------------------------------------------------------------------------------------------

_MARKUP = re.compile(r"\\(?:emph|text(?:bf|it|tt|sc|rm|sf|normal)|math(?:bf|rm|it|cal))\b\s*")


def _decode(latex: str, field: str) -> str:
    """LaTeX to plain text; braces, simple markup and the dollars of simple formulas go."""
    from pybtex.richtext import Text
    from pybtex.scanner import PybtexSyntaxError

    if re.search(r"(?<!\\)%", latex):
        raise _Faulty([f"{field}: write \\% instead of %, which begins a comment in LaTeX"])
    try:
        text = str(Text.from_latex(_MARKUP.sub("", re.sub(r"(?<!\\)\$", "", latex))))
    except (PybtexSyntaxError, ValueError) as error:
        raise _Faulty([f"{field}: {_reason(error)}"]) from None
    unknown = re.search(r"\\[a-zA-Z]+", text)
    if unknown:
        raise _Faulty([f"{field}: LaTeX's {unknown[0]} isn't understood here; write the character itself"])
    return " ".join(text.replace("\xa0", " ").split())


_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class _Name:
    full: str
    short: str


def _names(fields: Fields) -> list[_Name]:
    """Authors, else editors, else the organization; ``others`` is kept as 等."""
    from pybtex.bibtex.utils import split_name_list

    for field in ("author", "editor"):
        if fields.get(field):
            return [_name(name, field) for name in split_name_list(fields[field])]
    for field in ("organization", "institution"):
        if fields.get(field):
            name = _decode(fields[field], field)
            return [_Name(name, name)]
    raise _Faulty(["lacks an author or an organization"])


def _name(latex: str, field: str) -> _Name:
    from pybtex.database import InvalidNameString, Person

    plain = _decode(latex, field)
    if plain == "others":
        return _Name("等", "等")
    if _HAN.search(plain) and not re.search(r"[A-Za-z{]", latex):
        whole = re.sub(r"[,，\s]+", "", plain)
        return _Name(whole, whole)
    try:
        person = Person(latex)
    except InvalidNameString:
        raise _Faulty([f"{field}: {latex} has too many commas; separate names by `and`"]) from None
    if not person.last_names:
        raise _Faulty([f"{field}: {latex} has no family name"])
    short = _decode(" ".join(person.prelast_names + person.last_names), field)
    first = _decode(" ".join(person.first_names + person.middle_names), field)
    lineage = _decode(" ".join(person.lineage_names), field)
    return _Name(" ".join(part for part in (first, short, lineage) if part), short)


# --- Formatting ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Entry:
    title: str
    names: list[_Name]
    venue: str
    url: str
    arxiv: str
    year: int

    def label(self) -> str:
        others = self.names[-1].full == "等"
        names = [name.short for name in self.names if name.full != "等"] or ["等"]
        if others or len(names) > 2:
            return f"{names[0]} 等，{self.year}" if names != ["等"] else f"等，{self.year}"
        return f"{' 与 '.join(names)}，{self.year}"

    def authors(self) -> str:
        names = [name.full for name in self.names if name.full != "等"]
        more = len(names) > AUTHORS_SHOWN or len(names) < len(self.names)
        return ", ".join(names[:AUTHORS_SHOWN]) + (" 等" if more else "")

    def where(self) -> list[str]:
        id_is_in_venue = self.arxiv and self.arxiv in self.venue
        return [f"arXiv:{self.arxiv}"] if self.arxiv and not id_is_in_venue else []

    def html(self) -> str:
        venue = [f"<em>{escape(self.venue)}</em>"] if self.venue else []
        where = ", ".join([*venue, str(self.year), *map(escape, self.where())])
        link = f'<a href="{escape(self.url)}">{escape(self.title)}</a>'
        return f"{_ended(escape(self.authors()))} {_ended(link, self.title)} {where}."

    def text(self) -> str:
        where = ", ".join([*([self.venue] if self.venue else []), str(self.year), *self.where()])
        return f"{_ended(self.authors())} {_ended(self.title)} {where}. {self.url}"


def _ended(text: str, seen: str = "") -> str:
    """With a full stop, unless what the reader sees ends in one or in another mark."""
    return text if (seen or text).endswith((".", "?", "!", "。", "？", "！")) else text + "."
