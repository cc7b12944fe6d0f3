"""Reading paths: what to read, in which order and for how long, from each article's ``needs``, ``frequency``, length."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from html import escape

from . import text as t
from .article import Article
from .cache import Memo
from .corpus import Corpus
from .formula import find_formulas
from .related import by_frequency

CHARACTERS = 300  # Han characters and Latin words read in a minute
FORMULA = 0.5  # minutes for a displayed formula
SNIPPET = 3.0  # minutes for a program: read it, say what it will print, look
FOLLOWUP = 1.0  # minutes to answer a follow-up before opening it
PLANS = {"两天": (2, 6), "两周": (14, 3)}  # (days, hours a day)
_WORD = re.compile(r"[\u3400-\u9fff]|[A-Za-z0-9][\w.'-]*")


def minutes(page: Article, memo: Memo) -> int:
    """The estimated time for an article, to whole five minutes."""
    programs = len({block.path or block.argument for block in page.blocks if block.runs})
    asked = sum(block.name == "followup" for block in page.blocks)
    total = memo.of(_reading, page.text) + programs * SNIPPET + asked * FOLLOWUP
    return max(5, 5 * round(total / 5))


def _reading(text: str) -> float:
    """Minutes to read an article's text and its displayed formulas, blocks' options aside."""
    body = t.split_front_matter(text)[1]
    said = re.sub(r"^(?:///| {4}\w+:).*$|\$[^$]*\$", "", t.mask_code(body), flags=re.MULTILINE)
    displayed = sum(formula.display for formula in find_formulas(body))
    return len(_WORD.findall(t.plain(said))) / CHARACTERS + displayed * FORMULA


def order(targets: Iterable[str], needs: Mapping[str, Iterable[str]]) -> list[str]:
    """The targets, each behind everything that it needs, directly or not, and each once.

    ``needs`` has no circle; what it doesn't name needs nothing. What isn't held by it keeps the targets' order.
    """
    done: dict[str, None] = {}

    def visit(id_: str) -> None:
        if id_ not in done:
            for need in needs.get(id_, ()):
                visit(need)
            done[id_] = None

    for target in targets:
        visit(target)
    return list(done)


def within(
    budget: float, targets: Iterable[str], needs: Mapping[str, Iterable[str]], cost: Mapping[str, int]
) -> list[str]:
    """As many targets, first ones first, as fit into ``budget`` minutes together with what they need, in reading order.

    What has no ``cost`` takes no time.
    """
    chosen: list[str] = []
    spent = 0.0
    for target in targets:
        more = [id_ for id_ in order([target], needs) if id_ not in chosen]
        price = sum(cost.get(id_, 0) for id_ in more)
        if spent + price <= budget:
            chosen += more
            spent += price
    return chosen


def render(corpus: Corpus, memo: Memo) -> str:
    """The page's body: a form for one article (needs script), the two plans, and each folder."""
    articles = corpus.articles
    ranked = [page.id for page in by_frequency(articles.values())]
    needs = {id_: _sorted(articles[id_].meta["needs"], ranked) for id_ in ranked}
    cost = {id_: minutes(page, memo) for id_, page in articles.items()}

    def listed(ids: list[str]) -> str:
        return f'<ol class="bagu-path">{"".join(_item(id_, corpus, articles, cost) for id_ in ids)}</ol>'

    out = [_form(corpus, {id_: order([id_], needs) for id_ in ranked})]
    for name, (days, hours) in PLANS.items():
        ids = within(days * hours * 60, ranked, needs, cost)
        out.append(
            f"## {name}\n\n每天 {hours} 小时，共 {days * hours} 小时，从最常问的选起。{_sum(ids, cost)}\n\n{listed(ids)}"
        )
    out.append("## 按主题\n\n列出每个主题已写的文章，连同它们要先看的。")
    folders: dict[str, tuple[str, list[str]]] = {}
    for topic in corpus.project.topics:
        folders.setdefault(topic.folder, (topic.part, []))[1].extend(q.id for q in topic.questions if q.id in articles)
    for part, ids in folders.values():
        if ids:
            path = order(_sorted(ids, ranked), needs)
            out.append(f"### {part}\n\n{_sum(path, cost)}\n\n{listed(path)}")
    out.append(
        f"## 时间怎么估\n\n每分钟读 {CHARACTERS} 个汉字或英文词；每个独立成行的公式 {FORMULA:g} 分钟；"
        f"每段程序 {SNIPPET:g} 分钟，先说出它会打印什么，再看；每个追问 {FOLLOWUP:g} 分钟，先自己答。"
        "加起来取整到 5 分钟。这是估计，不是统计。"
    )
    return "\n\n".join(out) + "\n"


def _sorted(ids: Iterable[str], ranked: list[str]) -> list[str]:
    """Ids by rank; those that have none, because they aren't written, first and as they stand."""
    place = {id_: n for n, id_ in enumerate(ranked)}
    return sorted(ids, key=lambda id_: place.get(id_, -1))


def _sum(ids: list[str], cost: Mapping[str, int]) -> str:
    written = [id_ for id_ in ids if id_ in cost]
    planned = len(ids) - len(written)
    said = f"{len(written)} 篇，约 {_time(sum(cost[id_] for id_ in written))}"
    return f"{said}；另有 {planned} 题待写。" if planned else f"{said}。"


def _time(total: int) -> str:
    hours, rest = divmod(total, 60)
    return (
        " ".join(part for part in (f"{hours} 小时" if hours else "", f"{rest} 分钟" if rest else "") if part)
        or "0 分钟"
    )


def _item(id_: str, corpus: Corpus, articles: Mapping[str, Article], cost: Mapping[str, int]) -> str:
    name, page = escape(corpus.project.questions[id_].question), articles.get(id_)
    if page is None:
        return f'<li data-id="{id_}"><span class="bagu-planned">{name}<small>待写</small></span></li>'
    return (
        f'<li data-id="{id_}" data-minutes="{cost[id_]}"><a href="{page.url}">{name}</a>'
        f'<span class="bagu-facts">{_time(cost[id_])}</span></li>'
    )


def _form(corpus: Corpus, paths: Mapping[str, list[str]]) -> str:
    """Choose an article; the script takes the entries of its path from the lists below."""
    groups: dict[str, list[str]] = {}
    for topic in corpus.project.topics:
        for question in topic.questions:
            if question.id in paths:
                option = f'<option value="{question.id}">{escape(question.question)}</option>'
                groups.setdefault(topic.part, []).append(option)
    choices = "".join(
        f'<optgroup label="{escape(part)}">{"".join(options)}</optgroup>' for part, options in groups.items()
    )
    return (
        '<div class="bagu-target" hidden>\n<h2 id="target">读懂一篇</h2>\n'
        f'<p><label>目标 <select><option value="">选一篇</option>{choices}</select></label> <output></output></p>\n'
        '<ol class="bagu-path"></ol>\n'
        f'<script type="application/json">{json.dumps(paths, ensure_ascii=False)}</script>\n'
        '</div>\n<script defer src="assets/paths.js"></script>'
    )
