"""What the tests of the built site share: the site itself, its address on the loopback, a browser."""

from __future__ import annotations

import functools
import http.server
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from bagu.corpus import Corpus, load
from bagu.doctor import find_browser
from bagu.project import Project

ROOT = Path(__file__).resolve().parent.parent
ARTICLE = "transformer/flash-attention.html"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()

# Where Ctrl-C is ignored (nohup, a shell's &), whatever the tests start would ignore it as well, and be waited for.
signal.signal(signal.SIGINT, signal.default_int_handler)


def mkdocs(root: Path, site: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """``mkdocs build`` of a project, in a process of its own."""
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "-d", str(site), *options]
    env = os.environ | {"NO_MKDOCS_2_WARNING": "1"} | environment
    return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Path:
    """The real site, built strictly."""
    folder = tmp_path_factory.mktemp("built") / "site"
    done = mkdocs(ROOT, folder, "--strict")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return load(Project(ROOT))


@pytest.fixture(scope="session")
def address(site) -> str:
    """The site over HTTP, on the loopback."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="session")
def chromium():
    path = find_browser()
    if not path:
        reason = "no Chromium on this machine (`bagu doctor`); the browser tests run where there is one, and in CI"
        if os.environ.get("BAGU_NO_SKIP"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, address):
    """``open_page(path, width=1280, dark=False, touch=False)``, whose reader has pressed a key, so that the theme's
    script has started; fails afterwards on any error or foreign request.
    """
    contexts, complaints = [], []

    def opener(path: str = ARTICLE, *, width: int = 1280, dark: bool = False, touch: bool = False, base: str = address):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", has_touch=touch,
            is_mobile=touch, permissions=["clipboard-read", "clipboard-write"] if base == address else [],
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda m: complaints.append(f"{m.type}: {m.text}") if m.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        page.on(
            "request",
            lambda r: None if r.url.startswith((base, "data:", "blob:")) else complaints.append(f"foreign: {r.url}"),
        )
        page.goto(f"{base}/{path}")
        page.wait_for_load_state("networkidle")
        page.keyboard.press("Shift")
        page.wait_for_function("window.component$")
        return page

    yield opener
    for context in contexts:
        context.close()
    assert complaints == []
