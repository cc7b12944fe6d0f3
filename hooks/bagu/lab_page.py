"""A lab as readers get it: its page, made by mkdocs-jupyter's converter and put into the site's own clothes, and the
notebook that they fill in. jupytext and mkdocs-jupyter (``requirements-labs.txt``) are imported only to make a page
that isn't kept from an earlier build.
"""

from __future__ import annotations

import json
import re
import tempfile
from html import escape
from pathlib import Path

from . import figure
from .cache import Memo, version
from .errors import BaguError, Finding
from .formula import Formulas, fill_formulas, find_formulas, place_formulas
from .lab import ARTICLE, Cell, Lab, jobs
from .snippet import content_key
from .text import mask_code

SHOWN = ("jupytext", "mkdocs-jupyter", "nbconvert", "mistune", "Pygments")  # what a page is made with
_PROGRAM = re.compile(
    r'<div class="highlight" data-search-exclude>.*?</pre></div>|<figure class="bagu-figure">.*?</figure>', re.DOTALL
)
_CELL_END = re.compile("\x1e(\\d+)\n")


def key(lab: Lab) -> str:
    """The content key of a lab's page, what it printed aside."""
    links = json.dumps(lab.links, sort_keys=True)
    return content_key(
        *(Path(__file__).with_name(n).read_bytes() for n in ("lab.py", "lab_page.py")),
        lab.src,
        lab.source,
        links,
        *map(version, SHOWN),
    )


def content(lab: Lab, facts: dict[str, dict], memo: Memo) -> str:
    """The page's HTML, formulas left as arithmatex leaves them; converted only if lab or output are new."""

    def lab_page(_key: str, _printed: str) -> str:
        return _convert(lab, facts)

    main = facts.get("main")
    printed = json.dumps([[f["stdout"], f["figures"], f["fails"]] for f in facts.values()])
    if main is None and not version("mkdocs-jupyter"):  # a preview
        return f'<h1>{escape(lab.title)}</h1>\n<p class="bagu-stamp bagu-stale">未在本机运行，也未安装 requirements-labs.txt</p>'
    html = memo.of(lab_page, key(lab), content_key(printed))
    if main is None:
        return html + '<p class="bagu-stamp bagu-stale">未在本机运行</p>'
    versions = " · ".join(f"{name} {number}" for name, number in main.get("versions", {}).items())
    seconds = main.get("seconds", main["wall"])
    passed = f"{len(lab.exercises)} 道练习的空白与错填都被检查抓住，参考答案通过"
    stamp = f'<span class="bagu-passed">✓ {passed}</span> {escape(versions)} <time data-run>{seconds:.1f} s</time>'
    return f'{html}<p class="bagu-stamp" data-search-exclude>{stamp}</p>'


def page(lab: Lab, facts: dict[str, dict], formulas: Formulas, memo: Memo) -> str:
    """The whole page's HTML. Raises FormulaError, BaguError."""
    return fill_formulas(*place_formulas(content(lab, facts, memo), formulas))


def set_aside(html: str) -> tuple[str, list[str]]:
    """A page with slots for its programs and figures, and these: the search index is spared reading them."""
    found: list[str] = []

    def slot(match: re.Match[str]) -> str:
        found.append(match[0])
        return f'<div data-lab="{len(found) - 1}"></div>'

    return _PROGRAM.sub(slot, html), found


def put_back(html: str, found: list[str]) -> str:
    """Undo ``set_aside``."""
    return re.sub(r'<div data-lab="(\d+)"></div>', lambda match: found[int(match[1])], html) if found else html


def contents(html: str) -> list[dict]:
    """The headings of a page's HTML as the tokens that Python-Markdown's ``toc`` gives."""
    found = re.findall(r'<h2 id="([^"]*)">(.*?)<a class="headerlink"', html)
    names = [(id_, re.sub(r"<[^>]*>", "", text)) for id_, text in found]
    return [{"level": 2, "id": id_, "name": name, "children": []} for id_, name in names]


def notebook(lab: Lab) -> str:
    """The learner's notebook (nbformat 4.5): blanks to fill in, checks after them, solutions folded at the end."""
    cells = [_node("markdown", f"# {lab.title}\n\n{lab.description}\n\n需要 `torch`、`matplotlib`。", "title")]
    for cell in lab.cells:
        if cell.role in ("", "blank", "check"):
            text = ARTICLE.sub(r"\1", cell.source) if cell.kind == "markdown" else cell.source
            cells.append(_node(cell.kind, text, f"{lab.stem}-{cell.index}"))
    cells.append(_node("markdown", "## 参考答案\n\n先自己写，再展开。", "solutions"))
    for name, (_, solution, *_) in lab.exercises.items():
        text = f"<details><summary>{name}</summary>\n\n```python\n{solution.source}\n```\n\n</details>"
        cells.append(_node("markdown", text, f"{lab.stem}-{name}"))
    return _notebook(cells, lab.title) + "\n"


def _convert(lab: Lab, facts: dict[str, dict]) -> str:
    """mkdocs-jupyter's HTML of the lab, its cells taken out of the wrapping and put into the site's."""
    try:
        from bs4 import BeautifulSoup
        from mkdocs_jupyter.nbconvert2 import nb2html
    except ImportError as error:
        message = f"`{error.name}` is missing: pip install -r requirements-labs.txt"
        raise BaguError(Finding(lab.path, 0, message)) from None
    printed = _outputs(facts["main"]) if "main" in facts else {}
    formulas: list[str] = []
    cells = []
    for cell in lab.cells:
        text = _linked(lab, _tokens(cell.source, formulas)) if cell.kind == "markdown" else cell.source
        cells.append(_node(cell.kind, text, f"{lab.stem}-{cell.index}", printed.get(cell.index, "")))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{lab.stem}.ipynb"
        file.write_text(_notebook(cells, lab.title), "utf-8")
        soup = BeautifulSoup(nb2html(str(file)), "html.parser")
    shown = {}
    for cell, node in zip(lab.cells, cells, strict=True):
        block = soup.find(id=f"cell-id={node['id']}")
        if cell.kind == "markdown":
            shown[cell.index] = block.select_one(".jp-RenderedMarkdown").decode_contents().strip() + "\n"
        else:
            code = block.select_one(".highlight-ipynb pre").decode_contents().removeprefix("<span></span>")
            output = "".join(pre.get_text() for pre in block.select(".jp-OutputArea-output pre"))
            shown[cell.index] = _code(code) + _printed(output)
    figures = _figures(lab, facts.get("main"))
    body = "".join(_place(lab, cell, shown, facts) + figures.get(cell.index, "") for cell in lab.cells)
    body = re.sub(r"<p>BAGUMATH(\d+)X</p>|BAGUMATH(\d+)X", lambda m: formulas[int(m[1] or m[2])], _headings(body))
    return (
        f"<h1>{escape(lab.title)}</h1>\n<p>{escape(lab.description)}</p>\n"
        f'<p class="bagu-lab" data-search-exclude>约 {lab.minutes} 分钟。先下载 <a href="{lab.stem}.ipynb" download>'
        f"{lab.stem}.ipynb</a>，把练习的空白补上，再回来对答案。</p>\n{body}"
    )


def _place(lab: Lab, cell: Cell, shown: dict[int, str], facts: dict[str, dict]) -> str:
    """A cell's HTML in its place: an exercise is its blank, then the rest of it folded."""
    html = shown[cell.index]
    if not cell.role:
        return html
    if cell.role != "blank":
        return ""  # shown with the blank
    runs = {run.name: run for run in jobs(lab)}
    _, solution, wrong, other, check = lab.exercises[cell.exercise]
    parts = [html, _fold("bagu-check", "检查", shown[check.index])]
    for number, filling in enumerate((wrong, other), 1):
        name = f"{cell.exercise}/wrong-{number}"
        fails = facts[name]["fails"] if name in facts else []
        label = runs[name].snippet.assertions[fails[0][0]].label if fails else ""
        caught = f"（被 <code>{label}</code> 抓住）" if label else ""
        summary = f"错填{'一二'[number - 1]}：{escape(filling.title)}{caught}"
        parts.append(_fold("bagu-wrong-filling", summary, shown[filling.index]))
    parts.append(_fold("bagu-solution", "参考答案", shown[solution.index]))
    return f'<div class="bagu bagu-exercise" id="exercise-{cell.exercise}">\n{"".join(parts)}</div>\n'


def _outputs(main: dict) -> dict[int, str]:
    """What each cell printed, by its index."""
    parts = _CELL_END.split(main["stdout"])
    return {int(index): text for index, text in zip(parts[1::2], parts[2::2], strict=True)}


def _figures(lab: Lab, main: dict | None) -> dict[int, str]:
    """The figures of the main run, under the cell that names the file. Raises BaguError for one that is unfit."""
    placed = {}
    for name, svg, _ in main["figures"] if main else ():
        cell = next((c for c in lab.cells if c.kind == "code" and f'"{name}"' in c.source), None)
        if cell is None or not cell.alt:
            message = f"the cell that writes {name} names it literally and describes it with the option `alt`"
            raise BaguError(Finding(lab.path, cell.line if cell else 0, message, rule="F-01"))
        try:
            drawn = figure.embed(svg, f"{lab.stem}-{name.removesuffix('.svg')}", cell.alt)
        except ValueError as error:
            raise BaguError(
                Finding(lab.path, cell.line, f"the figure {name} can't be shown: {error}", rule="F-02")
            ) from None
        caption = f"<figcaption>{escape(cell.alt)}</figcaption>"
        placed[cell.index] = f'<figure class="bagu-figure"><div tabindex="0">{drawn}</div>{caption}</figure>\n'
    return placed


def _tokens(markdown: str, formulas: list[str]) -> str:
    """Markdown with a word in place of each formula, which is appended as arithmatex would write it."""
    masked = mask_code(markdown)
    for item in sorted(find_formulas(markdown), key=lambda item: not item.display):
        mark = r"\$\$\s*" if item.display else r"\$"
        found = re.search(mark + re.escape(item.tex) + (r"\s*\$\$" if item.display else r"\$"), masked)
        if found is None:
            continue
        word = f"BAGUMATH{len(formulas)}X"
        markdown = markdown[: found.start()] + word + markdown[found.end() :]
        masked = masked[: found.start()] + word + masked[found.end() :]
        tex = escape(item.tex)
        inline = f'<span class="arithmatex">\\({tex}\\)</span>'
        formulas.append(f'<div class="arithmatex">\\[{tex}\\]</div>' if item.display else inline)
    return markdown


def _linked(lab: Lab, markdown: str) -> str:
    def link(match: re.Match[str]) -> str:
        address = lab.links.get(match[2])
        planned = f'<span class="bagu-planned">{match[1]}<small>待写</small></span>'
        return f"[{match[1]}]({address})" if address else planned

    return ARTICLE.sub(link, markdown)


def _headings(html: str) -> str:
    from pymdownx.slugs import slugify

    slug, seen = slugify(case="lower"), {}

    def heading(match: re.Match[str]) -> str:
        text = re.sub(r'<a class="anchor-link".*?</a>', "", match[2])
        id_ = slug(re.sub(r"<[^>]*>", "", text), "-")
        seen[id_] = seen.get(id_, 0) + 1
        id_ += f"_{seen[id_] - 1}" if seen[id_] > 1 else ""
        return f'<h{match[1]} id="{id_}">{text}<a class="headerlink" href="#{id_}" title="本节链接">#</a></h{match[1]}>'

    return re.sub(r"<h([2-4])\b[^>]*>(.*?)</h\1>", heading, html)


def _code(code: str) -> str:
    code = re.sub(r'<span class="[nw]">([^<]*)</span>', r"\1", code)  # they have no colour of their own
    return f'<div class="highlight" data-search-exclude><pre tabindex="0"><code>{code}</code></pre></div>\n'


def _printed(output: str) -> str:
    if not output.strip():
        return ""
    samp = f'<pre tabindex="0"><samp>{escape(output.strip(chr(10)))}</samp></pre>'
    return f'<div class="bagu-output" data-search-exclude><span class="bagu-key">输出</span>{samp}</div>\n'


def _fold(name: str, summary: str, html: str) -> str:
    return f'<details class="{name}" data-search-exclude><summary>{summary}</summary>\n{html}</details>\n'


def _node(kind: str, source: str, seed: str, output: str = "") -> dict:
    """A cell of a notebook."""
    node = {"cell_type": kind, "id": content_key(seed, source)[:12], "metadata": {}, "source": source}
    if kind == "code":
        outputs = [{"output_type": "stream", "name": "stdout", "text": output}] if output else []
        node |= {"execution_count": None, "outputs": outputs}
    return node


def _notebook(cells: list[dict], title: str) -> str:
    python = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": python, "language_info": {"name": "python"}, "title": title}
    return json.dumps(
        {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False, indent=1
    )
