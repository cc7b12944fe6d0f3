"""What readers take along: which files there are, what decides their content, and the list of those that were made."""

from __future__ import annotations

import functools
import hashlib
import importlib
import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import corpus as corpora
from .corpus import Corpus
from .errors import BaguError, Finding
from .exports_edition import Edition
from .exports_pages import Chapter, chapters
from .project import Project, write_atomically
from .snippet import content_key

FOLDER, LIST = "dist", "exports.json"


@dataclass(frozen=True)
class Order:
    """One call of ``bagu export``: what of the site is taken, where to. What takes time is read when it is asked for.

    No ``folders`` and no ``articles`` is all of them; ``commit`` is "" without git.
    """

    project: Project
    site: Path
    output: Path
    folders: Sequence[str]
    articles: Sequence[str]
    commit: str
    time: int

    @functools.cached_property
    def corpus(self) -> Corpus:
        """The articles, checked as the build does. Raises BaguError."""
        return corpora.load(self.project)

    @functools.cached_property
    def chapters(self) -> Sequence[Chapter]:
        """Those that are wanted. Raises BaguError for a name that isn't there."""
        return chapters(self.project, self.site, self.folders, self.articles)

    @functools.cached_property
    def edition(self) -> Edition:
        return Edition(self.commit, self.time) if self.commit else _last_review(self.corpus)


@dataclass(frozen=True)
class Kind:
    """A thing to take along. ``chosen`` says whether folders and articles can be chosen."""

    file: str
    name: str
    summary: str
    command: str
    write: Callable[[Order], None]
    chosen: bool = False


def _lazily(module: str, function: str) -> Callable[[Order], None]:
    """What makes an export, imported when it is asked for: the tools that it needs may not be installed."""

    def write(order: Order) -> None:
        getattr(importlib.import_module(f".{module}", __package__), function)(order)

    return write


KINDS = {
    "book": Kind("bagu-lab.pdf", "书（PDF）", "the articles as a book that could be printed (PDF)", "make book", _lazily("exports_book", "write"), chosen=True),
    "epub": Kind("bagu-lab.epub", "电子书（EPUB）", "the articles as an EPUB", "make book", _lazily("exports_epub", "write"), chosen=True),
    "zip": Kind("bagu-lab-site.zip", "离线网站（zip）", "the site, opening from the file system", "make site", _lazily("exports_zip", "site")),
    "text": Kind("bagu-lab-text.zip", "纯文本（Markdown，含 llms.txt）", "the articles as Markdown, with llms.txt", "make book", _lazily("exports_text", "write"), chosen=True),
    "notebooks": Kind("bagu-lab-notebooks.zip", "全部程序（Jupyter 笔记本）", "all programs and labs as notebooks", "make site", _lazily("exports_zip", "notebooks")),
}  # fmt: skip


def export(
    project: Project,
    kind: str,
    site: Path,
    output: Path | None = None,
    folders: Sequence[str] = (),
    articles: Sequence[str] = (),
) -> tuple[Path, bool]:
    """Make a kind of export of the built site, unless it is there already; returns (file, whether it was made now).

    Raises BaguError: nothing built, an unknown folder or article, something missing on this machine.
    """
    if not (site / "index.html").is_file():
        raise BaguError(Finding(project.relative(site), 0, "there is no built site; `make site` builds it"))
    output = output or project.root / FOLDER / KINDS[kind].file
    commit, moment = _commit(project.root)
    key = _key(project, site, kind, commit, str(moment), *folders, "", *articles)
    own = output.parent == project.root / FOLDER  # elsewhere nothing is written but the file
    known = made(project).get(output.name, {}) if own else {}
    if known.get("key") == key and known["sha256"] == _digest(output):
        return output, False
    order = Order(project, site, output, tuple(folders), tuple(articles), commit, moment)
    try:
        KINDS[kind].write(order)
    except ModuleNotFoundError as error:
        message = f"{error.name} isn't installed; `{KINDS[kind].command}` installs what is needed"
        raise BaguError(Finding("requirements-book.txt", 0, message)) from None
    if own:
        entry = {
            "kind": "" if folders or articles else kind, "bytes": output.stat().st_size, "sha256": _digest(output),
            "date": order.edition.date, "commit": order.edition.commit, "key": key,
        }  # fmt: skip
        listed = made(project) | {output.name: entry}
        write_atomically(project.root / FOLDER / LIST, json.dumps(dict(sorted(listed.items())), indent=1) + "\n")
    return output, True


def made(project: Project) -> dict[str, dict]:
    """{file in ``dist``: what is known of it} of the exports made here so far that are still there."""
    try:
        listed = json.loads((project.root / FOLDER / LIST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: entry for name, entry in listed.items() if (project.root / FOLDER / name).is_file()}


def _commit(root: Path) -> tuple[str, int]:
    """The commit that the work tree stands at, marked where something is changed, and its time; ("", 0) without git."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else ""

    try:
        commit, _, moment = git("log", "-1", "--format=%h %ct", "--", ".").partition(" ")
        changed = commit and git("status", "--porcelain", "--", "docs", "snippets", "hooks", "overrides", "mkdocs.yml")
    except FileNotFoundError:
        return "", 0
    return (commit + ("，有未提交的改动" if changed else ""), int(moment)) if commit else ("", 0)


def _last_review(loaded: Corpus) -> Edition:
    return Edition("（无版本记录）", Edition.seconds(max(page.meta["reviewed"] for page in loaded.articles.values())))


def _key(project: Project, site: Path, *about: str) -> str:
    """A digest of whatever decides an export's content. The list of exports in the site's own pages does not."""
    here, docs = Path(__file__).parent, project.docs
    engine = [*here.glob("exports*.py"), *(here / "book").iterdir()]
    data = [file for suffix in ("md", "yml", "bib") for file in docs.rglob(f"*.{suffix}")]
    pages = [file for file in site.rglob("*") if file.is_file()]
    digest = hashlib.sha256()
    for file in [*sorted(engine), *sorted(data), *sorted(pages)]:
        if file.name != "download.html" and not file.name.startswith("sitemap"):
            digest.update(f"{file}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return content_key(*about, os.environ.get("BAGU_FONTS", ""), digest.digest())


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
