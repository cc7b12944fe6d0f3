"""The articles as one EPUB by pandoc: formulas as MathML, figures as SVG, a file per chapter."""

from __future__ import annotations

import html
import os
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from .exports_plain import plain, run_pandoc

if TYPE_CHECKING:
    from .exports import Order

STYLE = Path(__file__).parent / "book" / "epub.css"


def write(order: Order) -> None:
    """The EPUB of the chapters ordered."""
    ids = {chapter.url: f"chapter-{chapter.id}" for chapter in order.chapters}
    parts = []
    with tempfile.TemporaryDirectory(prefix="bagu-epub-") as scratch:

        def figure(name: str, svg: str) -> str:
            Path(scratch, name).write_text(svg, "utf-8")
            return name

        for chapter in order.chapters:
            chapter.parse()
            title = chapter.root.xpath("./h1")[0]
            title.set("id", ids[chapter.url])
            for element in chapter.root.iter():
                if isinstance(element.tag, str) and element.get("id") and element is not title:
                    element.set("id", f"{chapter.id}--{element.get('id')}")

            def address(page: str, anchor: str, url: str = chapter.url, id_: str = chapter.id) -> str:
                if page == url and anchor:
                    return f"#{id_}--{anchor}"
                return f"#{ids[page]}" if page in ids else ""

            parts.append(plain(chapter, address, figure))
        name = uuid.uuid5(uuid.NAMESPACE_URL, f"bagu-lab/{order.edition.commit}")
        metadata = {
            "title": "八股实验室：大模型算法岗面试题", "author": "Bagu Lab", "lang": "zh-CN", "date": order.edition.date,
            "identifier": f"urn:uuid:{name}", "rights": "CC BY-SA 4.0",
        }  # fmt: skip
        order.output.parent.mkdir(parents=True, exist_ok=True)
        partial = order.output.with_name(f".{order.output.name}.partial")
        try:
            run_pandoc(
                f"<html><body>{''.join(parts)}</body></html>", "--to=epub3", "--mathml", "--toc", "--toc-depth=2",
                "--split-level=1", "--syntax-highlighting=none", f"--css={STYLE}", f"--output={partial}",
                *(f"--metadata={key}={html.escape(value, quote=False)}" for key, value in metadata.items()),
                cwd=Path(scratch), moment=order.edition.time,
            )  # fmt: skip
            os.replace(partial, order.output)
        finally:
            partial.unlink(missing_ok=True)
