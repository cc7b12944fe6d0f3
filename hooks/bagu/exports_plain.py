"""A chapter as plain HTML, without classes or scripts: what pandoc makes Markdown and EPUB of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .exports_markup import printable
from .exports_pages import Chapter, classes, target, text_of


def plain(chapter: Chapter, address: Callable[[str, str], str], figure: Callable[[str, str], str] | None) -> str:
    """The HTML of a parsed chapter; its tree is used up.

    ``address`` gives the address for (page, anchor) in the site, "" for none; ``figure`` stores an SVG under a name and
    gives its address, None leaves the caption alone.
    """
    root = chapter.root
    for dropped in root.xpath(
        './/a[@class="headerlink"] | .//button | .//bagu-tip | .//*[@class="bagu-get"] | .//aside | .//ul[contains(@class,"bagu-meta")]'
    ):
        dropped.drop_tree()
    programs = _programs(root)
    for element in list(root.iter()):
        if isinstance(element.tag, str):
            _plain(element, chapter, address, figure)
    for element in list(root.iter("bagu-evidence", "section", "summary", "div")):
        element.tag = "div"
    if programs:
        heading = root.makeelement("h2")
        heading.text = "本章程序"
        root.append(heading)
        root.extend(programs)
    for element in root.iter():
        if isinstance(element.tag, str) and element.tag != "math":
            for name in set(element.attrib) - {"href", "src", "alt", "id", "class", "display", "encoding", "style"}:
                del element.attrib[name]
    from lxml import etree

    return etree.tostring(root, encoding="unicode", method="html")


def _programs(root: Any) -> list[Any]:
    """The programs that a page folds away, taken out, as headings and listings."""
    found = []
    for evidence in root.iter("bagu-evidence"):
        name = text_of(evidence.xpath('.//*[@class="bagu-file"]')[0])
        folded = evidence.xpath('./details[not(contains(@class, "bagu-stderr"))]')
        for details in folded:
            [inner] = details.xpath('.//details[@class="bagu-whole"]') or [details]
            heading = root.makeelement("h3")
            heading.text = name
            found += [heading, _listing(root, inner.xpath(".//pre")[0])]
            details.drop_tree()
    return found


def _listing(root: Any, pre: Any) -> Any:
    out = root.makeelement("pre", {"class": "python"})
    code = root.makeelement("code")
    code.text = "".join(pre.itertext()).rstrip("\n")
    out.append(code)
    return out


def _plain(element: Any, chapter: Chapter, address: Callable[[str, str], str], figure: Callable | None) -> None:
    kind = classes(element)
    if element.tag == "bagu-evidence":
        for box in element.xpath('./div[@class="highlight"]'):
            element.replace(box, _listing(element, box.xpath(".//pre")[0]))
    elif "bagu-bar" in kind:
        element.tag = "p"
        element.text, lines = None, " ".join(part for part in (text_of(element[0]), text_of(element[1])) if part)
        for child in list(element):
            element.remove(child)
        element.text = f"程序 {lines}："
    elif "bagu-output" in kind or "bagu-stderr" in kind:
        text = "".join(element.xpath(".//samp")[0].itertext())
        for child in list(element):
            element.remove(child)
        label, listing = element.makeelement("p"), element.makeelement("pre", {"class": "text"})
        label.text, listing.text = "输出：" if "bagu-output" in kind else "stderr：", text
        element.tag, element.text = "div", None
        element.extend([label, listing])
    elif "bagu-mark" in kind:
        element.tag = "strong"
        element.tail = "：" + (element.tail or "")
    elif element.tag == "small":
        element.tag, element.text = "span", f"（{text_of(element)}）"
    elif "bagu-tick" in kind:
        element.tag = "span"
        element.attrib.pop("href")
    elif element.tag == "summary":
        element.tag = "p"
        strong = element.makeelement("strong")
        strong.text, element.text = f"问：{element.text or ''}", None
        for child in list(element):
            strong.append(child)
        element.append(strong)
    elif element.tag == "img" and figure is not None:
        svg, _ = printable(chapter.figures[int(element.get("data-figure"))])
        element.set("src", figure(f"{chapter.id}-{element.get('data-figure')}.svg", svg))
        element.set("alt", text_of(element.getparent().getparent().xpath("./figcaption")[0]))
    elif element.tag == "figure" and figure is None:
        caption = text_of(element.xpath("./figcaption")[0])
        for child in list(element):
            element.remove(child)
        element.tag, element.text = "p", f"图：{caption}"
    elif element.tag == "a" and (found := target(chapter.url, element.get("href") or "")):
        leads = address(*found)
        if leads:
            element.set("href", leads)
        else:
            element.tag = "span"
            element.attrib.pop("href", None)
    elif element.tag == "details":
        element.tag = "div"


def run_pandoc(html: str, *options: str, cwd: Path | None = None, moment: int = 0) -> str:
    """What pandoc writes for HTML. Raises RuntimeError with what it says."""
    import os
    import subprocess

    import pypandoc

    command = [pypandoc.get_pandoc_path(), "--from=html", *options]
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(moment)}
    done = subprocess.run(command, input=html, capture_output=True, encoding="utf-8", cwd=cwd, env=environment)
    if done.returncode:
        raise RuntimeError(f"pandoc: {done.stderr.strip()}")
    return done.stdout


def tidy(markdown: str) -> str:
    """Markdown without invisible joiners, ended by one newline."""
    return markdown.replace("\u2060", "").strip() + "\n"
