"""The only file that knows MkDocs: events in, calls out, no logic.

MkDocs converts the Markdown of all pages, fires ``on_env``, then renders templates and writes. Results are awaited in
``on_env`` and put into the pages in ``on_post_page``; whatever is red raises PluginError, because a logged error would leave the exit code at 0. The site is
written to ``<site>.partial`` and takes the place of the last good one only when all is done.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from bagu.build import Build  # noqa: E402
from bagu.errors import BaguError, Finding  # noqa: E402
from mkdocs.exceptions import PluginError  # noqa: E402
from mkdocs.structure.files import File, Files  # noqa: E402
from mkdocs.structure.toc import get_toc  # noqa: E402

command = "build"
build: Build | None = None
final = partial = ""


def on_startup(command: str, dirty: bool) -> None:
    globals()["command"] = command


def on_config(config: Any) -> Any:
    global build, final, partial
    preview = bool(os.environ.get("BAGU_PREVIEW"))
    if preview and command == "gh-deploy":
        raise PluginError("a preview executes nothing and is never deployed; unset BAGU_PREVIEW")
    runner = build.runner if build is not None else None  # live servers between rebuilds under serve
    build = Build(Path(config.config_file_path).parent, preview=preview, serving=command == "serve", runner=runner)
    with _errors():
        config.markdown_extensions.append(build.begin())
    config.nav = config.nav or build.navigation()
    final = partial = ""
    if command != "serve":
        final, partial = config.site_dir, f"{config.site_dir}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        config.site_dir = partial
    return config


def on_files(files: Files, config: Any) -> Files:
    for address, content in (_build().downloads() | _build().lab_sources()).items():
        files.append(File.generated(config, address, content=content))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    return _build().source(page.file.src_uri, markdown)


def on_page_content(html: str, page: Any, config: Any, files: Files) -> str:
    return _build().content(page.file.src_uri, html)


def on_env(env: Any, config: Any, files: Files) -> None:
    with _errors():
        _build().settle()
        labs = _build().lab_pages()
    for src, (html, headings) in labs.items():
        page = files.src_uris[src].page
        page.content, page.toc = html, get_toc(headings)


def on_post_page(output: str, page: Any, config: Any) -> str:
    with _errors():
        return _build().fill(page.file.src_uri, output)


def on_post_build(config: Any) -> None:
    _build().close()
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
    if build is not None:
        build.runner.close()


def _build() -> Build:
    assert build is not None, "MkDocs called an event before on_config"
    return build


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
