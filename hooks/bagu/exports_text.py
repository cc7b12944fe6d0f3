"""The articles as plain Markdown, outputs in it, with an ``llms.txt`` (llmstxt.org) that lists them."""

from __future__ import annotations

import os
import posixpath
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from . import exports_zip
from .exports_pages import Chapter
from .exports_plain import plain, run_pandoc, tidy

if TYPE_CHECKING:
    from .exports import Order


def write(order: Order) -> None:
    """A zip of ``llms.txt`` and ``<folder>/<id>.md``."""
    urls = {chapter.url for chapter in order.chapters}

    def text(chapter: Chapter) -> str:
        def address(page: str, anchor: str) -> str:
            if page not in urls or page == chapter.url:
                return ""
            return posixpath.relpath(page.removesuffix(".html") + ".md", posixpath.dirname(chapter.url))

        html = plain(chapter.parse(), address, None)
        markdown = run_pandoc(
            html, "--to=gfm-raw_html+tex_math_dollars-tex_math_gfm", "--wrap=none", "--markdown-headings=atx"
        )
        return tidy(markdown)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        texts = list(pool.map(text, order.chapters))
    files = {
        chapter.url.removesuffix(".html") + ".md": text for chapter, text in zip(order.chapters, texts, strict=True)
    }
    files["llms.txt"] = index(order)
    packed = {name: text.encode() for name, text in files.items()}
    exports_zip.pack(packed, order.output, order.edition.moment)


def index(order: Order) -> str:
    """``llms.txt``: title, summary, then a list of links with descriptions under each part."""
    articles = order.corpus.articles
    lines = [
        "# 八股实验室 · Bagu Lab", "",
        "> 大模型算法岗面试题。论断由程序撑着：构建时执行，断言与输出都经检查；流传的错误说法由程序证伪。", "",
        f"提交 {order.edition.commit}，{order.edition.date}。文章 CC BY-SA 4.0，程序 MIT。✓ 前的话由断言支撑。",
    ]  # fmt: skip
    part = None
    for chapter in order.chapters:
        if chapter.topic.part != part:
            part = chapter.topic.part
            lines += ["", f"## {part}", ""]
        meta = articles[chapter.id].meta
        lines.append(
            f"- [{meta['title']}]({chapter.url.removesuffix('.html')}.md): {' '.join(meta['description'].split())}"
        )
    return "\n".join(lines) + "\n"
