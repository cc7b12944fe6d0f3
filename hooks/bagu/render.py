"""HTML of what Markdown leaves open: evidence, ticks, references, the head of an article, the errata page."""

from __future__ import annotations

import datetime
import hashlib
import posixpath
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

import pygments

from . import figure
from .article import Article, Block
from .cache import Memo
from .corpus import Corpus
from .evidence import Result, figure_id
from .formula import fill_formulas
from .snippet import Snippet, content_key
from .text import plain

KIND_NAMES = {
    "wrong": "错误",
    "imprecise": "不准确",
    "incomplete": "不完整",
    "misplaced": "答非所问",
    "outdated": "过时",
}
DIFFICULTY = {1: "实习", 2: "校招", 3: "社招专家"}
_SLOT = re.compile(r'<div data-bagu-slot="([^"]+)">\s*</div>')
_TIP = re.compile(r'<span data-bagu-tip="([^"#]+)#(\d+)"></span>')
MEMOISED = ("render.py", "figure.py", "notebook.py", "glossary.py", "atlas.py", "paths.py")


def anchor(block: Block) -> str:
    """A block's permanent address in its page."""
    if block.name == "followup":
        return f"followup-{block.options['id']}"
    if block.name == "correct":
        return f"correct-{hashlib.sha256(block.options['claim'].encode()).hexdigest()[:6]}"
    stem = block.path.rpartition("/")[2].removesuffix(".py")
    return f"{block.name}-{stem}" + (f"-{block.region}" if block.region else "")


def memo_salt() -> str:
    """Changes with the code whose values a ``Memo`` keeps."""
    here = Path(__file__).parent
    return content_key(pygments.__version__, *((here / name).read_bytes() for name in MEMOISED))


def stylesheet(sheets: dict[str, str], address: str) -> str:
    """Style sheets ``{address: text}`` joined into one that is published at ``address``: one request blocks the page.

    Addresses are relative to the site's root; ``url(…)`` is rewritten where it is relative to the sheet's own folder.
    """
    parts = []
    for sheet, text in sheets.items():
        folder = posixpath.dirname(sheet)

        def moved(match: re.Match[str], folder: str = folder) -> str:
            target = posixpath.relpath(posixpath.join(folder, match[2]), posixpath.dirname(address) or ".")
            return f"url({match[1]}{target}{match[1]})"

        text = re.sub(r"/\*# sourceMappingURL=.*?\*/|@charset [^;]*;", "", text)
        parts.append(re.sub(r"""url\((["']?)(?!["']|data:|#|/|[a-z]+:)([^"')]+)\1\)""", moved, text).strip())
    return '@charset "UTF-8";\n' + "\n".join(parts) + "\n"


def fill(html: str, page: Article, corpus: Corpus, memo: Memo, formulas: Sequence[str] = ()) -> str:
    """Replace the slots of a page by evidence, ticks, references and formulas."""
    painter = _Painter(page, corpus, memo)
    html = _SLOT.sub(lambda m: painter.slot(m[1]), html)
    html = _TIP.sub(lambda m: painter.tick(m[1], int(m[2])), html)
    return fill_formulas(html, formulas)


def header(page: Article, corpus: Corpus) -> str:
    """The title and what stands under it: difficulty, frequency, last correction, last review."""
    meta = page.meta
    level, often = meta["difficulty"], meta["frequency"]
    parts = [
        f'<li><span class="bagu-key">难度</span> <span title="1 实习，2 校招，3 社招专家">{level}/3 {DIFFICULTY[level]}</span></li>',
        f'<li><span class="bagu-key">频率（编辑判断）</span> {_dots(often)}</li>',
    ]
    corrections = [b for b in page.blocks if b.name in ("refute", "correct")]
    if corrections:
        last = max(corrections, key=lambda block: block.options["since"])
        errata = posixpath.relpath("errata.html", posixpath.dirname(page.url))
        parts.append(
            f'<li><span class="bagu-key">最近更正</span> <a href="{errata}#{erratum_id(page, last)}">{last.options["since"]}</a></li>'
        )
    parts.append(f'<li><span class="bagu-key">审校</span> {meta["reviewed"]}</li>')
    return f'<h1>{escape(meta["title"])}</h1>\n<ul class="bagu-meta" data-search-exclude>{"".join(parts)}</ul>\n'


def erratum_id(page: Article, block: Block) -> str:
    """A correction's address on the errata page."""
    return f"{page.id}-{anchor(block).partition('-')[2]}"


def errata(corpus: Corpus) -> str:
    """Markdown of the errata page: every refutation and correction, newest first."""
    entries = _corrections(corpus)
    out, day = [], None
    for since, page, block in entries:
        if since != day:
            out.append(f"## {since}\n")
            day = since
        how = "由程序证伪" if block.name == "refute" else "依据来源更正"
        out.append(
            f'<section class="bagu bagu-{block.name} bagu-erratum" id="{erratum_id(page, block)}" markdown="1">\n\n'
            f"[{page.meta['title']}]({page.src}#{anchor(block)}) · {KIND_NAMES[block.options['kind']]} · {how}\n{{ .bagu-where }}\n\n"
            f"{_quoted(block.options['claim'])}\n{{ .bagu-wrong }}\n\n"
            f"{_quoted(block.options['right'])}\n{{ .bagu-right }}\n\n"
            f"</section>\n"
        )
    return "\n".join(out) if out else "还没有更正。\n"


def questions(corpus: Corpus) -> str:
    """The list of questions by part and topic, with difficulty and frequency; planned ones are marked."""
    articles, out, part = corpus.articles, [_FILTER.format(len(corpus.project.questions))], None
    for topic in corpus.project.topics:
        if topic.part != part:
            out.append(f"\n## {topic.part}\n")
            part = topic.part
        rows = []
        for question in topic.questions:
            page = articles.get(question.id)
            core = ' <span class="bagu-core" title="最常问的题">必会</span>' if question.core else ""
            if page is None:
                name = f'<span class="bagu-planned">{escape(question.question)}<small>待写</small></span>{core}'
                rows.append(f'<li data-d="0" data-f="0">{name}</li>')
                continue
            level, often = page.meta["difficulty"], page.meta["frequency"]
            rows.append(
                f'<li data-d="{level}" data-f="{often}"><a href="{page.url}">{escape(question.question)}</a>{core}'
                f'<span class="bagu-facts">{DIFFICULTY[level]} {_dots(often)}</span></li>'
            )
        done = sum(q.id in articles for q in topic.questions)
        rows_html = "".join(rows)
        out.append(
            f'<section class="bagu-topic"><h3>{escape(topic.name)} <small>{done}/{len(topic.questions)}</small></h3>'
            f"<ul>{rows_html}</ul></section>\n"
        )
    return "\n".join(out)


_FILTER = """<form class="bagu-filter">
<label><input type="checkbox" name="written"> 只看已写</label>
<label>难度 <select name="level"><option value="0">不限</option><option value="1">实习</option><option value="2">校招</option><option value="3">社招专家</option></select></label>
<label>频率至少 <select name="often"><option value="0">不限</option><option>3</option><option>4</option><option>5</option></select></label>
<output>{} 题</output>
</form>
"""


def home(corpus: Corpus) -> str:
    """The first page: what this is, a live example of it, what is written, what was corrected last."""
    articles = sorted(corpus.articles.values(), key=lambda page: (-page.meta["frequency"], page.meta["title"]))
    total = len(corpus.project.questions)
    corrections = _corrections(corpus)
    shown = next(((p, b) for _, p, b in corrections if b.name == "refute" and p.id == "flash-attention"), None)
    shown = shown or next(((p, b) for _, p, b in corrections if b.name == "refute"), None)
    example = ""
    if shown:
        page, block = shown
        example = (
            f'<div class="bagu bagu-refute bagu-example">'
            f'<div class="bagu-statement bagu-wrong"><span class="bagu-mark">流传的说法</span><p>{_line(block.options["claim"])}</p></div>'
            f'<div class="bagu-statement bagu-right"><span class="bagu-mark">正确的说法</span><p>{_line(block.options["right"])}</p></div>'
            f'<p class="bagu-more"><a href="{page.url}#{anchor(block)}">看程序怎么判 →</a></p></div>'
        )
    first = articles[0].url if not shown else shown[0].url
    cards = "".join(
        f'<li><a href="{page.url}"><b>{escape(page.meta["title"])}</b>'
        f'<span class="bagu-facts">{DIFFICULTY[page.meta["difficulty"]]} {_dots(page.meta["frequency"])}</span></a></li>'
        for page in articles[:12]
    )
    latest = "".join(
        f'<li><time>{since}</time> <a href="errata.html#{erratum_id(page, block)}">{_line(block.options["claim"])}</a>'
        f' <span class="bagu-key">{KIND_NAMES[block.options["kind"]]}</span></li>'
        for since, page, block in corrections[:6]
    )
    return f"""<section class="bagu-hero"><div>
<h1>每个答案<br>都跑得通</h1>
<p class="bagu-lead">大模型算法岗面试题。论断由程序撑着：网站构建时执行它们，有一处不对，构建就失败。流传的错误说法，跑给你看它错在哪里。</p>
<p class="bagu-go"><a class="md-button md-button--primary" href="{first}">看一篇</a> <a class="md-button" href="questions.html">全部 {total} 题</a></p>
<p class="bagu-counts">{len(articles)} 篇已写 · {len(corpus.snippets)} 段程序 · {len(corrections)} 条更正</p>
</div>{example}</section>

<h2 id="written">已写好的</h2>
<ul class="bagu-cards">{cards}</ul>

<h2 id="how">怎样读一篇</h2>
<ul class="bagu-how">
<li><b>先背一分钟口述</b>能照着说完：定义、机制、代价、何时用。</li>
<li><b>看小勾 <span class="bagu-tick">✓</span></b>勾前的话有断言撑着。悬停看断言，点开到那一行。</li>
<li><b>看红绿两栏</b>红的是流传的错误说法，绿的是正确的；下面是判定它的程序和输出。</li>
<li><b>答追问</b>先自己答，再展开。</li>
</ul>

<h2 id="corrected">最近更正</h2>
<ul class="bagu-latest">{latest}</ul>
<p><a href="errata.html">全部更正 →</a></p>
"""


def _dots(often: int) -> str:
    return f'<span class="bagu-dots" role="img" aria-label="频率 {often}，最高 5（编辑判断）">{"●" * often}{"○" * (5 - often)}</span>'


def _line(text: str) -> str:
    """An option's text as one escaped line without Markdown."""
    return escape(plain(_quoted(text)))


def _corrections(corpus: Corpus) -> list[tuple[datetime.date, Article, Block]]:
    """(since, article, block) of every refutation and correction, newest first."""
    found = [
        (block.options["since"], page, block)
        for page in corpus.articles.values()
        for block in page.blocks
        if block.name in ("refute", "correct")
    ]
    return sorted(found, key=lambda entry: (-entry[0].toordinal(), entry[1].id, entry[2].index))


def _quoted(text: str) -> str:
    """An option's text for another page: citations and links of its own page taken away."""
    text = re.sub(r"\s*\[@[^\]]*\]", "", " ".join(text.split()))
    return re.sub(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?:proof|concept):[^)]*\)", r"\1", text)


class _Painter:
    def __init__(self, page: Article, corpus: Corpus, memo: Memo):
        self.page, self.corpus, self.memo = page, corpus, memo
        self.anchored: set[str] = set()  # line anchors given so far
        self.seen: set[str] = set()  # snippets shown so far
        self.ticks = 0
        self.top = posixpath.relpath(".", posixpath.dirname(page.url) or ".")

    def slot(self, name: str) -> str:
        if name.startswith("ref:"):
            return self.corpus.references[name[4:]].html
        return self.evidence(self.page.blocks[int(name)])

    def evidence(self, block: Block) -> str:
        if block.name == "followup" or not block.path:
            return ""
        snippet, result = self.corpus.snippets[block.path], self.corpus.results[block.path]
        shown = snippet.shown(block.region)
        parts = [self._bar(snippet, shown, block), self._code(snippet, shown, f"{anchor(block)}-code")]
        first = snippet.path not in self.seen
        self.seen.add(snippet.path)
        if block.region and first:
            whole = snippet.shown(None)
            parts.append(
                f'<details class="bagu-whole"><summary>整个文件（{len(whole)} 行）</summary>'
                f"{self._code(snippet, whole, f'{anchor(block)}-whole')}</details>"
            )
        if block.name == "refute":
            inner = "".join(parts[1:])
            parts = [
                parts[0],
                f'<details class="bagu-program"><summary>证伪程序（{len(shown)} 行）</summary>{inner}</details>',
            ]
        if first:
            parts.append(self._output(result))
            parts.append(self._figures(block, snippet, result))
        parts.append(self._stamp(result))
        return f"<bagu-evidence>{''.join(parts)}</bagu-evidence>"

    def _bar(self, snippet: Snippet, shown: list[tuple[int, str]], block: Block) -> str:
        base = f"{self.top}/snippets/{snippet.path.removesuffix('.py')}"
        lines = f"第 {shown[0][0]}–{shown[-1][0]} 行" if block.region and shown else ""
        return (
            f'<div class="bagu-bar"><code class="bagu-file">{escape(snippet.path.rpartition("/")[2])}</code>'
            f'<span class="bagu-lines">{lines}</span>'
            f'<span class="bagu-get">下载 <a href="{base}.py" download>.py</a> <a href="{base}.ipynb" download>.ipynb</a></span></div>'
        )

    def _code(self, snippet: Snippet, shown: list[tuple[int, str]], name: str) -> str:
        """The lines with an anchor each, once per page; line numbers come from CSS, so a copy has no prompts in it."""
        painted = self.memo.of(_paint, snippet.source)
        rows = []
        for number, _ in shown:
            target = f"{snippet.stem}-L{number}"
            id_ = "" if target in self.anchored else f' id="{target}"'
            self.anchored.add(target)
            rows.append(f'<span class="bagu-l"{id_} data-l="{number}">{painted[number - 1]}</span>\n')
        # No <code> inside: the theme measures each `pre > code` at start-up, which lays out what needn't be laid out.
        copy = '<button class="bagu-copy" type="button">复制</button>'
        return (
            f'<div class="highlight">{copy}<pre class="bagu-code" id="{name}" tabindex="0">{"".join(rows)}</pre></div>'
        )

    def _output(self, result: Result) -> str:
        parts = []
        if result.stdout.strip():
            parts.append(
                f'<div class="bagu-output"><span class="bagu-key">输出</span><pre tabindex="0"><samp>{_text(result.stdout)}</samp></pre></div>'
            )
        if result.stderr.strip():
            # A warning names files; the folders above them are those of the machine that ran it.
            said = re.sub(r"""/[^\s"']*/(?=(?:snippets|hooks|site-packages)/)""", "", result.stderr)
            parts.append(
                f'<details class="bagu-stderr"><summary>stderr</summary><pre tabindex="0"><samp>{_text(said)}</samp></pre></details>'
            )
        return "".join(parts)

    def _figures(self, block: Block, snippet: Snippet, result: Result) -> str:
        alt, out = block.options.get("alt", ""), []
        for name, svg in result.figures:
            drawn = self.memo.of(figure.embed, svg, figure_id(snippet, name), alt)
            caption = f"<figcaption>{escape(alt)}</figcaption>"
            out.append(f'<figure class="bagu-figure"><div tabindex="0">{drawn}</div>{caption}</figure>')
        if not result.executed and alt:
            caption = f"<figcaption>（图由程序画出，未在本机运行）{escape(alt)}</figcaption>"
            out.append(f'<figure class="bagu-figure">{caption}</figure>')
        return "".join(out)

    def _stamp(self, result: Result) -> str:
        if not result.executed:
            return '<p class="bagu-stamp bagu-stale">未在本机运行；输出取自提交的记录</p>'
        import platform

        versions = " · ".join(
            [f"Python {platform.python_version()}", *(f"{name} {v}" for name, v in result.versions.items())]
        )
        return (
            f'<p class="bagu-stamp"><span class="bagu-passed">✓ 通过</span> {escape(versions)} '
            f'<time data-run datetime="{result.date}">{result.seconds:.2f} s · {result.date}</time></p>'
        )

    def tick(self, path: str, index: int) -> str:
        snippet, result = self.corpus.snippets[path], self.corpus.results[path]
        assertion = snippet.assertions[index]
        self.ticks += 1
        messages = result.passes.get(index, [])
        seen = f'<span class="bagu-seen">{_text(messages[-1])}</span>' if messages else ""
        again = '<span class="bagu-again">再点一次，到这一行</span>'  # shown where a finger points
        tip = f"tip-{self.ticks}"
        mark = "✓" if result.executed else "○"
        return (
            f'&NoBreak;<a class="bagu-tick" href="#{snippet.stem}-L{assertion.line}" aria-describedby="{tip}" '
            f'aria-label="证据 {escape(assertion.label)}">{mark}</a>'
            f'<bagu-tip id="{tip}" role="tooltip">'
            f'<span class="bagu-key">{escape(snippet.path.rpartition("/")[2])}:{assertion.line}</span>'
            f"<code>{_text(_dedent(assertion.source))}</code>{seen}{again}</bagu-tip>"
        )


def _paint(source: str) -> list[str]:
    """HTML of each line of a program."""
    from pygments.formatters import HtmlFormatter
    from pygments.lexers.python import PythonLexer

    painted = pygments.highlight(source, PythonLexer(stripnl=False, ensurenl=False), HtmlFormatter(nowrap=True))
    # Names, punctuation and blanks have no colour of their own, and are two thirds of a page's elements.
    return re.sub(r'<span class="(?:n|p|o|w)">([^<]*)</span>', r"\1", painted).split("\n")


def _dedent(source: str) -> str:
    import textwrap

    return textwrap.dedent(source)


def _text(text: str) -> str:
    """Any output as text: HTML escaped, control characters (ANSI, NUL) made visible as symbols."""
    text = "".join(chr(0x2400 + ord(c)) if ord(c) < 32 and c not in "\n\t" else c for c in text)
    return escape(text.rstrip("\n"))
