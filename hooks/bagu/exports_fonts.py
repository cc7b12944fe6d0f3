"""Where the book's Chinese fonts are: a Noto CJK of the system, or the wheel that carries one."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .errors import BaguError, Finding

FAMILIES = ("Noto Serif CJK SC", "Noto Sans CJK SC", "Noto Sans Mono CJK SC")
_FILES = ("NotoSerifCJK", "NotoSansCJK", "NotoSansMonoCJK")
_FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts",
    "~/Library/Fonts", "/Library/Fonts", "C:/Windows/Fonts",
)  # fmt: skip
HOW = (
    "install a Chinese font, one of: `apt install fonts-noto-cjk` (Debian, Ubuntu), `dnf install google-noto-cjk-fonts`, "
    "`brew install --cask font-noto-serif-cjk-sc font-noto-sans-cjk-sc font-noto-sans-mono-cjk-sc`, or "
    "`pip install --no-deps -r requirements-book-font.txt` (85 MB); or name a folder that has it: BAGU_FONTS=/path"
)


def find() -> list[str]:
    """Folders that together have every family of ``FAMILIES``: the first place that has them all.

    Raises BaguError that says what to install.
    """
    import typst

    seen = []
    for folders in _places():
        names = [str(folder) for folder in folders]
        if names and set(FAMILIES) <= set(
            typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=names).families()
        ):
            return names
        seen += names
    looked = f" (looked in {', '.join(dict.fromkeys(seen))})" if seen else ""
    raise BaguError(Finding("book", 0, f"no font has {', '.join(FAMILIES)}{looked}; {HOW}"))


def _places() -> Iterator[list[Path]]:
    if os.environ.get("BAGU_FONTS"):
        yield [Path(os.environ["BAGU_FONTS"])]
    yield _listed()
    yield sorted({file.parent for folder in _FOLDERS for file in _noto(Path(folder).expanduser())})
    wheel = importlib.util.find_spec("mplfonts")
    if wheel and wheel.origin:
        yield [Path(wheel.origin).parent / "fonts"]


def _listed() -> list[Path]:
    """What fontconfig knows."""
    if not shutil.which("fc-list"):
        return []
    done = subprocess.run(["fc-list", "--format", "%{file}\n", ":lang=zh"], capture_output=True, text=True)
    return sorted({Path(line).parent for line in done.stdout.splitlines() if Path(line).name.startswith(_FILES)})


def _noto(folder: Path) -> Iterator[Path]:
    for top, _, files in os.walk(folder):
        yield from (Path(top, name) for name in files if name.startswith(_FILES))


def main() -> int:
    """For ``make book``: 0 where the fonts are here, 1 with what to do where they aren't."""
    try:
        print(", ".join(find()))
    except BaguError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
