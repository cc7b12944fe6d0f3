"""A page of ``docs/``: front matter, blocks, links, citations, formulas, each with its line.

``article`` parses the blocks itself, because the block API of pymdown-extensions turns a malformed block into a
paragraph without a word; the Markdown extension then renders exactly what was found here.
"""

from __future__ import annotations

import datetime
import difflib
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path

import yaml

from . import text as t
from .errors import Finding
from .project import LABEL, Loader, Project

BLOCKS = ("proof", "refute", "correct", "followup")
KINDS = ("wrong", "imprecise", "incomplete", "misplaced", "outdated")
HEADINGS = ("一句话", "一分钟口述", "讲清楚", "跑一下", "错在哪里", "追问", "参考")
OPTIONAL_HEADINGS = ("跑一下",)
KEYS = (
    "title", "description", "difficulty", "frequency", "aliases", "needs", "points", "concepts", "seed", "sources",
    "reviewed",
)  # fmt: skip
OPTIONS = {
    # name: (required, optional)
    "proof": ((), ("alt",)),
    "refute": (("claim", "right", "kind", "since"), ("seed", "alt")),
    "correct": (("claim", "right", "kind", "source", "since"), ("seed",)),
    "followup": (("id",), ()),
}
ARGUMENT = {"proof": "a snippet's path", "refute": "a snippet's path", "followup": "the question"}

_OPENING = re.compile(
    r"^(?P<indent>[ \t>]*)(?P<slashes>/{3,})[ \t]*(?P<name>[\w-]+)[ \t]*(?P<bar>\|[ \t]*(?P<argument>.*?)[ \t]*)?$"
)
_CLOSING = re.compile(r"^[ ]{0,3}/{3,}[ \t]*$")
_ANY_SLASHES = re.compile(r"^[ \t>]*(?:[-*+] +|\d+[.)] +)?/{3,}")
_LINK = re.compile(
    r"(?<!\\)\[(?P<text>(?:\\.|[^\[\]\\]|\[(?:\\.|[^\[\]\\])*\])*)\]\((?P<scheme>proof|article|concept):(?P<target>[^)\s]*)\)"
)
_CITATION = re.compile(r"(?<![\\!])\[(?P<inner>@[^\[\]]+)\](?!\()")
_CITED = re.compile(r"@(?P<key>[A-Za-z][\w:.-]*?)(?:[,，]\s*(?P<locator>.+))?$")
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)[ \t]*#*$", re.MULTILINE)
_HTML = re.compile(
    r"<(?P<end>/?)(?:div|section|article|aside|details|figure|table|thead|tbody|tr|td|th|ul|ol|li|p|pre|blockquote|center)"
    r"(?=[\s/>])[^<>]*(?<!/)>",  # and not the address <article:id>
    re.IGNORECASE,
)
_STRAY = re.compile(
    r"""(?:\]\(\s*<?|\]:\s*<?|\b(?:href|src)\s*=\s*["']?)(?P<address>(?:proof|article|concept):[^\s)>"']*)"""
)
_NEARLY = re.compile(r"\](?P<way>[ ]?[（(][ ]?(?:proof|article|concept)[ ]?[：:])(?P<target>[^)）\s]*)")
_SEED = re.compile(r"S\d{3}-\d{2,3}")


@dataclass(frozen=True)
class Link:
    """``[text](scheme:target)`` with one of our schemes."""

    scheme: str
    target: str
    text: str
    line: int


@dataclass(frozen=True)
class Citation:
    """One key of ``[@key, locator; @key2]``."""

    key: str
    locator: str
    line: int


@dataclass
class Block:
    """A block as written. ``index`` counts from 0 in the page; ``body_line`` is the first line of the body."""

    name: str
    argument: str
    options: dict
    body: str
    line: int
    end_line: int
    index: int
    body_line: int = 0
    option_lines: dict[str, int] = field(default_factory=dict)
    # filled in by the corpus: the snippet of a proof or a refutation, and the region that shows
    path: str = ""
    region: str | None = None

    @property
    def runs(self) -> bool:
        return self.name in ("proof", "refute")


@dataclass
class Article:
    """A parsed page. ``id`` is empty for a page that is no article (no question of the map)."""

    path: str
    text: str
    id: str = ""
    folder: str = ""
    meta: dict = field(default_factory=dict)
    meta_lines: dict[str, int] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def src(self) -> str:
        """The path below ``docs/``, as the site generator names the page."""
        return self.path.removeprefix("docs/")

    @property
    def url(self) -> str:
        """The page's address relative to the site's root."""
        return self.src.removesuffix(".md") + ".html"

    def fault(self, line: int, message: str, also: str = "", *, rule: str) -> None:
        self.findings.append(Finding(self.path, line, message, also, rule=rule))


def is_article(project: Project, path: Path) -> bool:
    """Whether a file stands where articles stand: ``docs/<folder of the map>/<id>.md``."""
    parts = path.relative_to(project.docs).parts
    return len(parts) == 2 and parts[0] in {q.folder for q in project.questions.values()}


def parse(project: Project, file: Path, raw: bytes | None = None) -> Article:
    """Parse and validate one page by itself; what needs other pages is checked by the corpus. Raises OSError.

    ``raw`` stands for the file's bytes where the page isn't written yet.
    """
    page = Article(project.relative(file), "")
    raw = file.read_bytes() if raw is None else raw
    try:
        page.text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        page.fault(raw.count(b"\n", 0, error.start) + 1, "not valid UTF-8; save the file as UTF-8", rule="T-04")
        return page
    head, body = t.split_front_matter(page.text)
    if is_article(project, file):
        page.id, page.folder = file.stem, file.parent.name
    _front_matter(page, head)
    if opened := t.open_fence(body):  # read on as if it weren't there, so that only this is told
        page.fault(opened, "the code fence that opens here isn't closed; close it with as many marks", rule="T-09")
        lines = body.split("\n")
        body = "\n".join([*lines[: opened - 1], "", *lines[opened:]])
    _blocks(page, body)
    visible = t.mask_code(body)
    _links(page, visible)
    _citations(page, visible)
    if page.id:
        _validate_meta(page, project)
        _headings(page, body)
    elif page.blocks:
        page.fault(
            page.blocks[0].line,
            "blocks belong in articles, docs/<folder>/<id>.md with an id of the question map",
            rule="B-01",
        )
    return page


def kept(page: Article) -> dict:
    """A page without findings as JSON keeps it, for ``restored``."""
    return _dates_out(asdict(page))


def restored(data: dict) -> Article:
    """The page that ``kept`` was made of."""
    parts = {"blocks": Block, "links": Link, "citations": Citation}
    page = Article(**{**data, **{name: [kind(**entry) for entry in data[name]] for name, kind in parts.items()}})
    page.findings = []  # of its own: what other files make of it isn't the cache's
    page.meta = _dates_in(page.meta)
    for block in page.blocks:
        block.options = _dates_in(block.options)
    return page


def _dates_out(value: object) -> object:
    if isinstance(value, dict):
        return {key: _dates_out(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_dates_out(entry) for entry in value]
    return {"$date": value.isoformat()} if isinstance(value, datetime.date) else value


def _dates_in(values: dict) -> dict:
    """The values of front matter or of a block's options, with their dates."""
    read = datetime.date.fromisoformat
    return {k: read(v["$date"]) if isinstance(v, dict) and [*v] == ["$date"] else v for k, v in values.items()}


def render_source(page: Article) -> str:
    """The body handed to Markdown: front matter gone, each block's options gone, its argument replaced by its index."""
    _, body = t.split_front_matter(page.text)
    lines = body.split("\n")
    for block in page.blocks:
        lines[block.line - 1] = f"/// {block.name} | {block.index}"
        for number in range(block.line, block.body_line - 1):
            lines[number] = ""
    return "\n".join(lines)


def _front_matter(page: Article, head: str) -> None:
    if not head.strip():
        if page.id:
            page.fault(1, f"no front matter; `bagu new {page.id}` shows what an article begins with", rule="A-02")
        return
    try:
        node = yaml.compose(head, Loader=Loader)
        if not isinstance(node, yaml.MappingNode):
            page.fault(2, "the front matter isn't a list of `key: value`", rule="A-02")
            return
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key is a word", problem_mark=key.start_mark)
            if key.value in page.meta_lines:
                page.fault(
                    key.start_mark.line + 1, f"`{key.value}` stands twice in the front matter; keep one", rule="A-02"
                )
            page.meta_lines[str(key.value)] = key.start_mark.line + 1
        page.meta = _load(head, node)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        cure = "quote texts with `: ` or `#` in them, and use “ ” inside quotes"
        if "\t" in head.split("\n")[line - 1]:
            cure = "there is a tab in this line; indent with spaces"
        problem = getattr(error, "problem", None) or error
        page.fault(line, f"front matter: {problem}; {cure}", rule="A-02")


def _load(source: str, node: yaml.MappingNode) -> dict:
    """The data of a mapping. Raises YAMLError with its line, also for a date such as 2026-02-30."""
    try:
        return yaml.load(source, Loader=Loader)  # noqa: S506 - a safe loader
    except ValueError as error:
        for _, value in node.value:
            try:
                yaml.load(yaml.serialize(value), Loader=Loader)  # noqa: S506 - a safe loader
            except ValueError:
                raise yaml.MarkedYAMLError(problem=str(error), problem_mark=value.start_mark) from None
        raise


def _blocks(page: Article, body: str) -> None:
    lines = body.split("\n")
    masked = t.mask_fences(body).split("\n")
    html = _html_lines(body)
    opened: Block | None = None
    n = 0
    while n < len(lines):
        line, number = masked[n], n + 1
        n += 1
        if not _ANY_SLASHES.match(line):
            continue
        if _CLOSING.match(line):
            if opened is None:
                page.fault(
                    number,
                    "`///` closes a block, and none is open; delete it, or open the block with `/// name | argument`",
                    rule="B-01",
                )
            else:
                opened.end_line = number
                opened.body = "\n".join(lines[opened.body_line - 1 : number - 1]).strip("\n")
                _finish(page, opened)
                opened = None
            continue
        if number in html:
            page.fault(number, "Markdown doesn't see a block inside HTML or an HTML comment; take it out", rule="B-01")
        match = _OPENING.match(line)
        if not match:
            page.fault(
                number,
                "a line that starts with `///` opens a block, `/// name | argument`, or closes one, `///`",
                rule="B-01",
            )
            continue
        name, argument = match["name"], match["argument"] or ""
        if opened is not None:
            page.fault(
                opened.line,
                f"the block `{opened.name}` isn't closed: line {number} opens another before its `///`",
                rule="B-01",
            )
            opened = None
        if match["indent"] or len(match["slashes"]) != 3:
            page.fault(number, "a block opens with exactly `///` at the start of its line", rule="B-01")
            continue
        if name not in BLOCKS:
            page.fault(number, f"`{name}` is no block; there are {', '.join(BLOCKS)}", rule="B-01")
            continue
        opened = Block(name, argument, {}, "", number, number, len(page.blocks))
        n = _options(page, opened, lines, n)
        page.blocks.append(opened)
    if opened is not None:
        page.fault(
            opened.line,
            f"the block `{opened.name}` isn't closed: its `///` is missing; write it below the body",
            rule="B-01",
        )
        opened.end_line = len(lines)


def _html_lines(body: str) -> set[int]:
    """The lines at whose start an HTML comment or element is open."""
    fenced = t.mask_fences(body)
    found: set[int] = set()
    for comment in re.finditer(r"<!--.*?(?:-->|\Z)", fenced, re.DOTALL):
        first = t.line_of(body, comment.start())
        found.update(range(first + 1, first + comment[0].count("\n") + 1))
    depth, since = 0, 0
    for tag in _HTML.finditer(t.mask_code(body)):
        line = t.line_of(body, tag.start())
        if depth > 0:
            found.update(range(since + 1, line + 1))
        depth, since = max(0, depth + (-1 if tag["end"] else 1)), line
    if depth > 0:
        found.update(range(since + 1, body.count("\n") + 2))
    return found


def _options(page: Article, block: Block, lines: list[str], n: int) -> int:
    """Parse the indented YAML below an opening line; returns the index of the line after it."""
    first = n
    while n < len(lines) and re.match(r"[ \t]+\S", lines[n]):
        if not lines[n].startswith("    ") and "" not in block.options:
            page.fault(n + 1, "a block's options are indented by four spaces", rule="B-02")
            block.options = {"": "invalid"}
        n += 1
    block.body_line = n + 1
    if block.options:
        return n
    source = lines[first:n]
    if n < len(lines) and lines[n].strip() and source and not _CLOSING.match(lines[n]):
        page.fault(n + 1, "a blank line ends a block's options", rule="B-02")
    if not source:
        return n
    yaml_text = "\n".join(line[4:] for line in source)
    try:
        node = yaml.compose(yaml_text, Loader=Loader)
        if not isinstance(node, yaml.MappingNode):
            page.fault(first + 1, "a block's options are `key: value`, one a line", rule="B-02")
            return n
        for key, value in node.value:
            line = first + 1 + key.start_mark.line
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="an option's name is a word", problem_mark=key.start_mark)
            if key.value in block.option_lines:
                page.fault(line, f"the option `{key.value}` stands twice; keep one", rule="B-02")
            block.option_lines[str(key.value)] = line
            if (
                key.value in ("claim", "right", "source", "alt")
                and isinstance(value, yaml.ScalarNode)
                and not value.style  # plain: None in pure Python, "" in libyaml
            ):
                page.fault(
                    line,
                    f"quote the text of `{key.value}`, or fold it with `>-` (a bare `#` or `: ` would cut it)",
                    rule="B-02",
                )
        block.options = _load(yaml_text, node)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = first + 1 + (mark.line if mark else 0)
        message = str(getattr(error, "problem", None) or error)
        page.fault(
            line,
            f"a block's options aren't valid YAML: {message}; quote text values, and use “ ” inside quotes",
            rule="B-02",
        )
        block.options = {"": "invalid"}
    return n


def _finish(page: Article, block: Block) -> None:
    if "" in block.options:  # already reported
        return
    if block.name in ARGUMENT and not block.argument:
        page.fault(block.line, f"`{block.name}` needs {ARGUMENT[block.name]} after `|`", rule="B-04")
    if block.name == "correct" and block.argument:
        page.fault(block.line, "`correct` takes no argument; take it out, with the `|`", rule="B-04")
    required, optional = OPTIONS[block.name]
    meant = []  # a misspelt option isn't missing as well
    for key, line in block.option_lines.items():
        if key not in required + optional:
            absent = [name for name in required + optional if name not in block.options]
            close = difflib.get_close_matches(key, absent, n=1)
            meant += close
            hint = f"did you mean `{close[0]}`?" if close else f"it takes {', '.join(required + optional)}"
            page.fault(line, f"`{key}` is no option of `{block.name}`; {hint}", rule="B-02")
    for key in required:
        if key not in block.options and key not in meant:
            page.fault(block.line, f"`{block.name}` needs the option `{key}`", rule="B-02")
    for key, value in block.options.items():
        line = block.option_lines.get(key, block.line)
        if key in ("claim", "right", "source", "alt") and (
            not isinstance(value, str) or not value.strip() or "\n\n" in value
        ):
            page.fault(line, f"`{key}` is a text of one paragraph, quoted or folded with `>-`", rule="B-03")
        elif key == "kind" and value not in KINDS:
            page.fault(line, f"`kind` is one of {', '.join(KINDS)}", rule="B-03")
        elif key == "since" and not _is_date(value):
            page.fault(line, "`since` is a date, 2026-11-22", rule="B-03")
        elif key == "seed" and not _is_list(value, _SEED):
            page.fault(line, "`seed` is a list of source ids, [S000-06]", rule="B-03")
        elif key == "id" and not (isinstance(value, str) and re.fullmatch(LABEL, value)):
            page.fault(line, "`id` is lower-case letters, digits and hyphens", rule="B-03")
    if block.name == "correct" and isinstance(block.options.get("source"), str) and "[@" not in block.options["source"]:
        page.fault(block.option_lines["source"], '`source` cites a primary source, "[@key, §3.1]"', rule="B-05")
    if not block.body.strip():
        page.fault(
            block.line, f"the block `{block.name}` has no body; write it between a blank line and `///`", rule="B-04"
        )
    same = [
        b
        for b in page.blocks[:-1]
        if b.name == block.name == "followup" and b.options.get("id") == block.options.get("id")
    ]
    if same:
        page.fault(
            block.line,
            f"the follow-up `{block.options.get('id')}` stands twice (first at line {same[0].line}); give one another id",
            rule="B-03",
        )


def _links(page: Article, visible: str) -> None:
    for match in _LINK.finditer(visible):
        line = t.line_of(visible, match.start())
        page.links.append(Link(match["scheme"], match["target"], " ".join(match["text"].split()), line))
        if not match["target"]:
            page.fault(
                line,
                f"the link `{match['scheme']}:` names nothing; write the id or label behind the colon",
                rule="L-01",
            )
        elif not match["text"].strip():
            page.fault(
                line,
                f"the link to `{match['scheme']}:{match['target']}` has no text; write it between the square brackets",
                rule="L-01",
            )
    read = {match.start("scheme") for match in _LINK.finditer(visible)}
    for match in _STRAY.finditer(visible):
        if match.start("address") not in read:
            line = t.line_of(visible, match.start("address"))
            page.fault(
                line,
                f"write the link to {match['address']} as [text](…): no title, brackets, reference or HTML",
                rule="L-02",
            )
    for match in _NEARLY.finditer(visible):
        if not re.fullmatch(r"\((?:proof|article|concept):", match["way"]):
            line = t.line_of(visible, match.start())
            scheme = re.search("proof|article|concept", match["way"])
            page.fault(
                line,
                f"write this link as [text]({scheme[0]}:{match['target']}): half-width brackets and colon, no space",
                rule="L-02",
            )


def _citations(page: Article, visible: str) -> None:
    for match in _CITATION.finditer(visible):
        line = t.line_of(visible, match.start())
        for key, locator in split_citation(match["inner"]):
            if not key:
                page.fault(
                    line,
                    f"`[{match['inner']}]` isn't a citation; write [@key], [@key, §3.1] or [@key; @key2]",
                    rule="L-03",
                )
            else:
                page.citations.append(Citation(key, locator, line))


def split_citation(inner: str) -> list[tuple[str, str]]:
    """(key, locator) for each part of `@key, §3.1; @key2`; an empty key where a part can't be read."""
    parts = []
    for part in re.split("[;；]", inner):
        match = _CITED.match(part.strip())
        parts.append((match["key"], (match["locator"] or "").strip()) if match else ("", ""))
    return parts


def _is_date(value: object) -> bool:
    return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)


def _is_list(value: object, pattern: re.Pattern[str] | None = None) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, str) and item.strip() and (pattern is None or pattern.fullmatch(item)) for item in value
    )


def _validate_meta(page: Article, project: Project) -> None:
    meta, lines = page.meta, page.meta_lines
    if not isinstance(meta, dict) or not meta:
        return

    def fault(key: str, message: str, *, rule: str) -> None:
        page.fault(lines.get(key, 1), f"`{key}` {message}", rule=rule)

    for key in meta:
        if key not in KEYS:
            page.fault(
                lines.get(key, 1), f"`{key}` is no key of the front matter; there are {', '.join(KEYS)}", rule="A-02"
            )
    for key in KEYS:
        if key not in meta:
            page.fault(1, f"the front matter lacks `{key}`; add it, in the order of `bagu new`", rule="A-02")
    question = project.questions.get(page.id)
    if question is None:
        page.fault(1, f"`{page.id}` is no id of docs/questions.yml; enter the question there first", rule="A-01")
        return
    if question.folder != page.folder:
        page.fault(1, f"docs/questions.yml puts `{page.id}` into docs/{question.folder}/", rule="A-01")

    if "title" in meta and meta["title"] != question.question:
        fault("title", f"differs from the question map: {question.question}; copy it, or change the map", rule="A-03")
    if "description" in meta:
        count = t.count_letters(meta["description"]) if isinstance(meta["description"], str) else 0
        if not 60 <= count <= 120:
            fault("description", f"has {count} letters, digits and Han; the answer takes 60 to 120", rule="A-04")
    for key, top in (("difficulty", 3), ("frequency", 5)):
        value = meta.get(key, 1)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= top:
            fault(key, f"is a whole number from 1 to {top}", rule="A-05")
    for key in ("aliases", "needs", "points", "concepts", "seed", "sources"):
        if key in meta and not _is_list(meta[key]):
            line = page.meta_lines.get(key, 1)
            if isinstance(meta[key], list):  # the entry, where each has a line of its own
                bad = next(n for n, item in enumerate(meta[key]) if not _is_list([item]))
                lines_of = [
                    n for n, text in enumerate(page.text.split("\n")[line:], line + 1) if text.lstrip().startswith("- ")
                ]
                line = lines_of[bad] if page.text.split("\n")[line - 1].strip() == f"{key}:" else line
            page.fault(line, f"`{key}` is a list of texts; quote what YAML would read as something else", rule="A-02")
            return
    for key in ("aliases", "needs", "concepts", "seed", "sources"):
        repeated = {item for item in meta.get(key, []) if meta[key].count(item) > 1}
        if repeated:
            fault(key, f"repeats {', '.join(sorted(repeated))}; keep each once", rule="A-02")
    if not meta.get("aliases", ["-"]):
        fault("aliases", "is empty: how else do people type this question?", rule="A-06")
    if "points" in meta and not 3 <= len(meta["points"]) <= 6:
        fault("points", f"has {len(meta['points'])} entries; a full answer has 3 to 6 facts", rule="A-08")
    for need in meta.get("needs", []):
        if need not in project.questions:
            close = difflib.get_close_matches(str(need), project.questions, n=1)
            hint = f"did you mean `{close[0]}`?" if close else "enter it there first"
            fault("needs", f"names `{need}`, which is no id of docs/questions.yml; {hint}", rule="A-07")
        elif need == page.id:
            fault("needs", "names the article itself; take it out", rule="A-07")
    if sorted(meta.get("seed", [])) != sorted(question.seed):
        fault("seed", f"differs from the question map: {list(question.seed)}; copy it", rule="A-03")
    for block in page.blocks:
        for seed in block.options.get("seed", []) if isinstance(block.options.get("seed"), list) else []:
            if seed not in question.seed:
                page.fault(
                    block.option_lines["seed"],
                    f"`{seed}` isn't a source question of this article: {list(question.seed)}",
                    rule="B-03",
                )
    cited = {citation.key for citation in page.citations}
    sources = set(meta.get("sources", []))
    for citation in page.citations:
        if citation.key not in sources:
            page.fault(
                citation.line,
                f"`@{citation.key}` is cited and not in `sources`; `bagu check --fix` adds it",
                rule="A-11",
            )
    for key in sorted(sources - cited):
        fault(
            "sources",
            f"lists `{key}`, which the text doesn't cite; cite it, or `bagu check --fix` takes it out",
            rule="A-11",
        )
    if "reviewed" in meta and not _is_date(meta["reviewed"]):
        fault("reviewed", "is a date, 2026-11-22", rule="A-05")


def _headings(page: Article, body: str) -> None:
    masked = t.mask_code(body)
    found = [(len(m[1]), m[2], t.line_of(masked, m.start())) for m in _HEADING.finditer(masked)]
    for level, title, line in found:
        if level == 1:
            page.fault(
                line,
                f"an article has no H1 (`{title}`): the title comes from the front matter; take the line out",
                rule="A-13",
            )
    second = [(title, line) for level, title, line in found if level == 2]
    for title, line in second:
        if title not in HEADINGS:
            page.fault(line, f"`{title}` is no H2 of an article; there are {'、'.join(HEADINGS)}", rule="A-13")
    titles = [title for title, _ in second]
    for heading in HEADINGS:
        if heading not in titles and heading not in OPTIONAL_HEADINGS:
            page.fault(0, f"the section `## {heading}` is missing; the order is {'、'.join(HEADINGS)}", rule="A-13")
    known = [(HEADINGS.index(title), title, line) for title, line in second if title in HEADINGS]
    for (before, _, _), (after, title, line) in zip(known, known[1:], strict=False):
        if after <= before:
            page.fault(
                line, f"`## {title}` stands out of order or twice; the order is {'、'.join(HEADINGS)}", rule="A-13"
            )
