"""What this machine lacks, and what that means for whoever works here."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import sys

from . import supervisor
from .project import Project

FONT_TOOL, CJK = "fc-list", ":lang=zh"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def report(project: Project) -> int:
    """Print one line a check; returns how many things are missing that a command of this project needs."""
    missing = 0
    for good, needed, name, said in _checks(project):
        mark = "ok     " if good else ("MISSING" if needed else "absent ")
        print(f"{mark}  {name}: {said}")
        missing += not good and needed
    return missing


def _checks(project: Project) -> list[tuple[bool, bool, str, str]]:
    checks = [
        (sys.version_info >= (3, 11), True, "Python", f"{sys.version.split()[0]} (3.11 or newer)"),
        _requirements(project, "requirements.txt", "to build the pages"),
        _requirements(
            project, "requirements-snippets.txt", "to execute the snippets; without them only `make preview` works"
        ),
        _requirements(project, "requirements-test.txt", "for `make test`"),
    ]
    browser = find_browser()
    checks.append(
        (bool(browser), False, "Chromium", browser or "not found: the browser tests of `make test` are skipped")
    )
    layers = supervisor.layers()
    for name in supervisor.LINUX:
        here = name in layers
        said = "holds snippets back" if here else "not in this system: SECURITY.md says what that means"
        checks.append((here, False, name[0].upper() + name[1:], said))
    font = shutil.which(FONT_TOOL) and os.popen(f"{FONT_TOOL} {CJK} family").read().strip().split("\n")[0]
    checks.append((bool(font), False, "CJK font", font or "not found: screenshots show boxes instead of Chinese"))
    try:
        project.cache.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(project.cache).free
        checks.append((free > 2**28, True, "cache", f"{project.relative(project.cache)}, {free / 2**30:.1f} GiB free"))
    except OSError as error:
        checks.append((False, True, "cache", f"{project.relative(project.cache)} can't be made: {error.strerror}"))
    return checks


def find_browser() -> str:
    """The path of a Chromium on this machine (``BAGU_CHROMIUM`` first), or ""."""
    names = [os.environ.get("BAGU_CHROMIUM", ""), *BROWSERS]
    return next((path for name in names if name and (path := shutil.which(name))), "")


def _requirements(project: Project, name: str, purpose: str) -> tuple[bool, bool, str, str]:
    wrong = []
    try:
        lines = (project.root / name).read_text("utf-8").splitlines()
    except OSError as error:
        return False, True, name, str(error.strerror)
    for line in lines:
        match = re.match(r"([A-Za-z0-9._-]+)==([^\s;#]+)", line)
        if not match:
            continue
        try:
            found = importlib.metadata.version(match[1])
        except importlib.metadata.PackageNotFoundError:
            found = "none"
        if found.split("+")[0] != match[2]:
            wrong.append(f"{match[1]} {match[2]} (here: {found})")
    return not wrong, True, name, "all installed" if not wrong else f"{', '.join(wrong)} — {purpose}"
