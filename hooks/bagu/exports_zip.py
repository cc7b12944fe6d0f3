"""Archives that are the same byte for byte for the same content: the offline site, all programs as notebooks."""

from __future__ import annotations

import datetime
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import BaguError, Finding

if TYPE_CHECKING:
    from .exports import Order

TOP = "bagu-lab"


def site(order: Order) -> None:
    """The whole built site, which opens from the file system."""
    files = {file.relative_to(order.site).as_posix(): file for file in order.site.rglob("*") if file.is_file()}
    pack({name: file.read_bytes() for name, file in files.items()}, order.output, order.edition.moment)


def notebooks(order: Order) -> None:
    """Every program and every lab as a notebook. Raises BaguError where the site has none."""
    found = {file.relative_to(order.site).as_posix(): file.read_bytes() for file in order.site.rglob("*.ipynb")}
    if not found:
        raise BaguError(Finding(str(order.site), 0, "the built site has no notebook; was it built by `make site`?"))
    pack(found, order.output, order.edition.moment)


def pack(files: Mapping[str, bytes], output: Path, moment: datetime.datetime) -> None:
    """Write a zip of {path: content} beside ``output`` and rename it; every entry carries the same moment."""
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f".{output.name}.partial")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name in sorted(files):
                entry = zipfile.ZipInfo(f"{TOP}/{name}", moment.timetuple()[:6])
                entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o100644 << 16
                archive.writestr(entry, files[name])
        os.replace(partial, output)
    finally:
        partial.unlink(missing_ok=True)
