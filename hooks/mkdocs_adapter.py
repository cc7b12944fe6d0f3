"""The only file that knows MkDocs: events in, calls out, no logic.

MkDocs converts the Markdown of all pages, fires ``on_env``, then renders templates and writes. Results are awaited in
``on_env`` or, while programs run, in ``on_post_build``, and put into the pages in ``on_post_page`` or there; whatever
is red raises PluginError, because a logged error would leave the exit code at 0. The site is written to
``<site>.partial`` and takes the place of the last good one only when all is done. ``mkdocs serve --dirty`` makes only
the pages again in which something changed: all are converted (which is remembered), and those whose template would be
given what it was given before are left as they are served.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import mkdocs  # noqa: E402
import pymdownx.__meta__  # noqa: E402
from bagu.build import Build, Converted, Served  # noqa: E402
from bagu.errors import BaguError, Finding  # noqa: E402
from bagu.render import stylesheet  # noqa: E402
from bagu.search import SCRIPTS, bare  # noqa: E402
from bagu.snippet import content_key  # noqa: E402
from jinja2 import FileSystemBytecodeCache  # noqa: E402
from markdown import __version__ as markdown_version  # noqa: E402
from mkdocs import utils  # noqa: E402
from mkdocs.exceptions import PluginError  # noqa: E402
from mkdocs.structure.files import File, Files  # noqa: E402
from mkdocs.structure.toc import get_toc  # noqa: E402

STYLES = "assets/site.css"
command = "build"
build: Build | None = None
served: Served | None = None
final = partial = ""


def on_startup(command: str, dirty: bool) -> None:
    global served
    globals()["command"] = command
    served = Served() if dirty and command == "serve" else None
    if served is not None:  # that links and navigation may be wrong is not so here
        logging.getLogger("mkdocs.commands.build").addFilter(lambda record: "'dirty' build" not in record.getMessage())


def on_config(config: Any) -> Any:
    global build, final, partial
    preview = bool(os.environ.get("BAGU_PREVIEW"))
    if preview and command == "gh-deploy":
        raise PluginError("a preview executes nothing and is never deployed; unset BAGU_PREVIEW")
    runner = build.runner if build is not None else None  # live servers between rebuilds under serve
    file = Path(config.config_file_path)
    versions = (mkdocs.__version__, markdown_version, pymdownx.__meta__.__version__)
    converter = " ".join((*versions, file.read_text("utf-8")))
    build = Build(
        file.parent, preview=preview, serving=command == "serve", runner=runner, served=served, converter=converter
    )
    with _errors():
        config.markdown_extensions.append(build.begin())
    config.nav = config.nav or build.navigation()
    _leave_out_theirs(config)
    final = partial = ""
    if command != "serve":
        final, partial = config.site_dir, f"{config.site_dir}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        config.site_dir = partial
    return config


def on_files(files: Files, config: Any) -> Files:
    for address, content in (_build().downloads() | _build().lab_sources()).items():
        files.append(File.generated(config, address, content=content))
    _join_styles(files, config)
    for address in SCRIPTS:
        if (file := files.get_file_from_path(address)) is not None:
            files.remove(file)
            files.append(File.generated(config, address, content=bare(file.content_string)))
    if served is not None:
        for file in files.documentation_pages():
            file.is_modified = lambda: True  # by its own date alone, MkDocs would think; on_env knows better
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    return _build().source(page.file.src_uri, markdown)


def on_page_content(html: str, page: Any, config: Any, files: Files) -> str:
    anchors = sorted(page.present_anchor_ids or ())
    converted = _build().content(page.file.src_uri, Converted(html, [_heading(h) for h in page.toc], anchors))
    page.toc, page.present_anchor_ids = get_toc(converted.headings), set(converted.anchors)
    return converted.html


def on_env(env: Any, config: Any, files: Files) -> None:
    with _errors():
        if templates := _build().template_cache():
            env.bytecode_cache = _Templates(templates)  # compiling the theme costs as much as all our own work
        _build().settle_early()
        labs = _build().lab_pages()
    for src, (html, headings) in labs.items():
        page = files.src_uris[src].page
        page.content, page.toc = html, get_toc(headings)
    if served is not None:
        with _errors():
            _leave_what_stands(config, files)


def on_post_page(output: str, page: Any, config: Any) -> str:
    with _errors():
        return _build().fill(page.file.src_uri, page.url, output)


def on_post_build(config: Any) -> None:
    with _errors():
        _build().close(Path(config.site_dir))
    if not partial:
        return
    if config.strict and any(getattr(h, "get_counts", list)() for h in logging.getLogger("mkdocs").handlers):
        return  # MkDocs is about to abort; on_build_error tidies up
    old = f"{final}.old"
    shutil.rmtree(old, ignore_errors=True)
    if os.path.exists(final):
        os.rename(final, old)
    os.rename(partial, final)
    shutil.rmtree(old, ignore_errors=True)
    config.site_dir = final


def on_build_error(error: Exception) -> None:
    if partial:
        shutil.rmtree(partial, ignore_errors=True)
    if build is not None and command != "serve":
        build.runner.close()


def on_serve(server: Any, config: Any, builder: Any) -> Any:
    root = Path(config.config_file_path).parent
    for folder in ("snippets", "overrides"):
        if (root / folder).is_dir():
            server.watch(str(root / folder))
    return server


def on_shutdown() -> None:
    if partial:  # Ctrl-C, of which on_build_error isn't told
        shutil.rmtree(partial, ignore_errors=True)
    if build is not None:
        build.runner.close()


def _join_styles(files: Files, config: Any) -> None:
    """Material's style sheets and ours as one file, which overrides/main.html links."""
    theme = [file for file in files if re.fullmatch(r"assets/stylesheets/(main|palette)\.\w+\.min\.css", file.src_uri)]
    if not theme:
        return
    own = [file for path in config.extra_css if (file := files.get_file_from_path(str(path))) is not None]
    sheets = {file.src_uri: file.content_string for file in [*sorted(theme, key=lambda file: file.src_uri), *own]}
    files.append(File.generated(config, STYLES, content=stylesheet(sheets, STYLES)))
    config.extra_css = [path for path in config.extra_css if str(path) not in sheets]


def _leave_what_stands(config: Any, files: Files) -> None:
    """Pages whose template would be given what it was given at the last rebuild aren't made again."""
    pages = [file.page for file in files.documentation_pages()]
    theme = [file for file in Path(config.theme.custom_dir or os.devnull).rglob("*") if file.is_file()]
    common = [
        _build().conversions.salt,
        json.dumps(config.nav),
        *sorted(f"{page.url} {page.title}" for page in pages),
        *sorted(f"{file} {file.stat().st_mtime_ns}" for file in theme),
    ]
    if not _build().served.begin(content_key(*common)):
        utils.clean_directory(config.site_dir)
    for page in pages:
        src = page.file.src_uri
        page.content = _build().fill(src, page.url, page.content)
        if _build().stands(src, page.url, page.content, repr(page.meta)):
            page.file.is_modified = lambda: False


def _leave_out_theirs(config: Any) -> None:
    """Material's search keeps its box and writes no index: ours is ``bagu.search``'s."""
    plugin = config.plugins.get("material/search")
    for event in ("page_context", "post_build"):
        if plugin is not None:
            config.plugins.events[event].remove(getattr(plugin, f"on_{event}"))


def _heading(link: Any) -> dict:
    return {"level": link.level, "id": link.id, "name": link.title, "children": [_heading(h) for h in link.children]}


def _build() -> Build:
    assert build is not None, "MkDocs called an event before on_config"
    return build


class _Templates(FileSystemBytecodeCache):
    def dump_bytecode(self, bucket: Any) -> None:
        with contextlib.suppress(OSError):  # a full disk costs the next build time and nothing else
            super().dump_bytecode(bucket)


class _errors:
    """Turns what the engine raises into what makes MkDocs exit non-zero."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, BaguError):
            count = len(error.findings)
            raise PluginError(f"bagu: {count} problem{'s' if count > 1 else ''}\n{error}") from None
        if isinstance(error, OSError):
            where = str(error.filename or "")
            raise PluginError(f"bagu: {Finding(where, 0, error.strerror or str(error))}") from error
