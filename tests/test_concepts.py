"""Concepts, backlinks, the map, the paths: what the names mean, and what stands in the built pages."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from bagu.atlas import LINES, wrap
from bagu.concepts import Concept, Lexicon, forms, load, mask
from bagu.glossary import sort_keys
from bagu.paths import PLANS, order, within
from bagu.project import Project as Tree
from conftest import ROOT
from project import OTHER, PAGE, TERMS, Project, swap

PAGES = ("glossary.html", "map.html", "paths.html")
ARTICLES = sorted(path.stem for path in (ROOT / "docs").glob("*/*.md"))


def concept(id_: str, *names: str, home: str = "elsewhere") -> Concept:
    zh, en, *aliases = names
    return Concept(id_, zh, en, tuple(aliases), "定义。", home, "docs/concepts/x.yml", 1)


LEXICON = Lexicon(
    [
        concept("entropy", "熵", "entropy", "信息熵"),
        concept("cross-entropy", "交叉熵", "cross-entropy"),
        concept("kl", "KL 散度", "KL divergence", "KL"),
        concept("ln", "层归一化", "layer normalization", "LN", "LayerNorm"),
        concept("pre-ln", "前置归一化", "Pre-LN"),
        concept("self-training", "自训练", "self-training"),
        concept("home", "家", "home term", "老家", home="here"),
        concept("parallel", "序列并行", "sequence parallelism"),
    ],
    {"kernel": ["序列并行"]},
)


# --- Names in a text -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("信息熵与交叉熵", ["entropy", "cross-entropy"]),
        ("一个字的熵不够", []),
        ("The cross-entropy loss", ["cross-entropy"]),
        ("Cross-entropy, Cross-Entropy", ["cross-entropy", "cross-entropy"]),
        ("CROSS-ENTROPY, entropyless, 2entropy", []),
        ("KL 散度，KL 与 kl", ["kl", "kl"]),
        ("KL2、KL_div、F.KL、xKL", []),
        ("Pre-LN 与 LN", ["pre-ln", "ln"]),
        ("post-LN、LN-free", []),
        ("用LN做", ["ln"]),
        ("LN。", ["ln"]),
        ("爆炸多来自训练中途", []),
        ("自训练来自自训练", ["self-training", "self-training"]),
        ("各自训练", []),
    ],
)
def test_a_name_is_found_where_it_stands_alone_and_the_longest_is_meant(text, found):
    assert [mention.concept for mention in LEXICON.mentions(text)] == found


def test_all_lower_case_is_found_with_capitals_and_everything_else_as_written():
    assert forms("layer norm") == ["layer norm", "Layer norm", "Layer Norm"]
    assert forms("SAM") == ["SAM"] and forms("ReLU") == ["ReLU"] and forms("4-bit") == ["4-bit"]
    assert forms("熵") == [] and forms("交叉熵") == ["交叉熵"]


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<p>KL 散度</p>", "KL 散度"),
        ("<p><strong>KL</strong> 散度</p>", "KL 散度"),
        ("<h2>KL</h2><p>a<code>KL</code>b</p><pre>KL</pre>", "ab"),
        ('<p>a<a href="#">KL <em>x</em></a>b</p>', "ab"),
        ('<p><span class="arithmatex">\\(KL\\)</span>b</p>', "b"),
        ('<p><span class="bagu-proven">KL<span data-bagu-tip="x"></span> KL</span>b</p>', "b"),
        ('<div class="bagu-statement bagu-wrong"><div>KL</div><p>KL</p></div><div class="bagu-statement bagu-right">b</div>', "b"),
        ("<details><summary>KL</summary><p>b</p></details><button>KL</button>", "b"),
        ("<figure><figcaption>KL</figcaption></figure><table><tr><th>KL</th><td>b</td></tr></table>", "b"),
        ("<!-- KL --><p>b<br>c<img alt='KL'>&amp;KL;</p>", "bcKL;"),
    ],
)  # fmt: skip
def test_only_running_text_is_open_to_links(html, left):
    visible, _ = mask(html)
    assert len(visible) == len(html)
    assert visible.replace("\n", "") == left


def test_only_the_first_mention_counts_and_not_at_home_nor_behind_a_link_by_hand_nor_where_it_means_something_else():
    def found(html: str, page: str = "there") -> list[tuple[str, int]]:
        return [(mention.concept, mention.start) for mention in LEXICON.first(html, page)]

    assert found("<p>KL 与 LN，KL 与 LN</p>") == [("kl", 3), ("ln", 8)]
    assert found("<p>老家</p>") == [("home", 3)] and found("<p>老家</p>", "here") == []
    by_hand = '<a class="bagu-concept" data-concept="kl">KL</a>'
    assert found(f"<p>{by_hand}，KL</p>") == []
    assert found(f"<p>KL，{by_hand}</p>") == [("kl", 3)]
    assert found("<p>序列并行</p>") == [("parallel", 3)] and found("<p>序列并行</p>", "kernel") == []


# --- The files -------------------------------------------------------------------------------------------------------


def test_a_name_that_two_concepts_claim_is_an_error_at_both_lines(tmp_path):
    project = Project.sound(tmp_path / "project")
    project.edit(swap(TERMS, "aliases: [求和次序]", "aliases: [Partial-Sum]"))
    outcome = project.run(command="check")
    here, there = project.line(TERMS, "aliases: [Partial-Sum]"), project.line(TERMS, "en: partial sum")
    assert f"{TERMS}:{here}: {TERMS}:{there}: `Partial-Sum` names both `partial-sum` and `float-order`" in outcome.text
    assert outcome.code == 1


def test_the_list_of_exceptions_lets_a_term_pass_and_holds_nothing_unused(tmp_path):
    project = Project.sound(tmp_path / "project")
    project.edit(swap(PAGE, "一个元素也行。", "一个元素也行（singleton）。"))
    assert "nothing explains the term `singleton`" in project.run(command="check").text
    project.write("docs/concepts/exceptions.txt", "# reviewed\nSingleton # one\n")
    assert project.run(command="check").code == 0
    project.write("docs/concepts/exceptions.txt", "singleton\nmultiset\nblock-sum: 超平面\n")
    text = project.run(command="check").text
    assert "exceptions.txt:2: no article sets this term off" in text
    assert "exceptions.txt:3: `block-sum` doesn't contain these words" in text


def test_a_changed_definition_is_in_the_next_build_and_an_exception_takes_a_link_away(tmp_path):
    project = Project.sound(tmp_path / "project")
    project.edit(swap(OTHER, "块可以交给不同的机器。", "块可以交给不同的机器，各算部分和。"))
    assert project.build().code == 0

    def links() -> list[str]:
        html = project.read("site/transformer/order-of-sums.html")
        return re.findall(r'data-concept="partial-sum" title="[^"]*：([^"]*)"', html)

    assert links() == ["一段连续元素之和。"]
    project.edit(swap(TERMS, "一段连续元素之和。", "若干相邻元素之和。"))
    assert project.build().code == 0
    assert links() == ["若干相邻元素之和。"]
    project.write("docs/concepts/exceptions.txt", "order-of-sums: 部分和\n")
    assert project.build().code == 0
    assert links() == []


# --- The built articles ----------------------------------------------------------------------------------------------

CLOSED = set(
    "a abbr bagu-evidence bagu-math button code figcaption figure h1 h2 h3 h4 h5 h6 kbd label math pre samp script select "
    "style summary svg textarea th time title".split()
)
CLOSED_CLASSES = {
    "bagu-meta", "bagu-cite", "bagu-mark", "bagu-planned", "bagu-proven", "bagu-references", "bagu-source",
    "bagu-wrong", "bagu-related", "bagu-ways", "bagu-stamp",
}  # fmt: skip
VOID = {"br", "hr", "img", "input", "wbr", "col", "source", "meta", "link"}


class Reader(HTMLParser):
    """What stands in an article, in order: ("text", text) where a link may stand, ("link", concept, href, closed)."""

    def __init__(self, html: str):
        super().__init__()
        self.stack: list[tuple[str, bool]] = []
        self.parts: list[tuple] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        names = set((given.get("class") or "").split())
        outside = any(closed for _, closed in self.stack)
        if id_ := given.get("data-concept"):
            self.parts.append(("link", id_, given.get("href"), outside, given.get("title")))
        if tag not in VOID:
            closed = (tag in CLOSED or bool(names & CLOSED_CLASSES)) and "bagu-concept" not in names
            self.stack.append((tag, closed))

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not any(closed for _, closed in self.stack):
            self.parts.append(("text", data))
        else:
            self.parts.append(("text", "\n"))


def content(html: str) -> str:
    return re.search(r'<article class="md-content__inner.*?</article>', html, re.DOTALL)[0]


@cache
def oracle() -> tuple[re.Pattern[str], dict[str, str]]:
    """The names of all concepts as one slow pattern, and whose they are."""
    concepts, _ = load(Tree(ROOT))
    owners = {form: c.id for c in concepts.values() for name in c.names for form in forms(name)}
    words = "来自 源自 出自 取自 各自 独自 移动量 变动量 波动量 抖动量 轻量化 定量化 最早".split()
    edge = {True: (r"(?<![A-Za-z0-9_])(?<![A-Za-z0-9_][-.])", r"(?![A-Za-z0-9_]|[-.][A-Za-z0-9_])"), False: ("", "")}

    def latin(char: str) -> bool:
        return bool(re.match("[A-Za-z0-9_]", char))

    names = sorted([*owners, *words], key=len, reverse=True)
    each = (edge[latin(n[0])][0] + re.escape(n) + edge[latin(n[-1])][1] for n in names)
    return re.compile("|".join(each)), owners


@pytest.fixture(scope="module")
def built(site, corpus) -> dict[str, Reader]:
    """The articles of the built site, read."""
    return {id_: Reader(content((site / page.url).read_text("utf-8"))) for id_, page in sorted(corpus.articles.items())}


@pytest.mark.parametrize("id_", ARTICLES)
def test_every_first_mention_is_a_link_with_its_definition_and_nothing_else_is(built, corpus, id_):
    pattern, owners = oracle()
    page, elsewhere = corpus.articles[id_], corpus.exceptions.elsewhere.get(id_, {})
    text, at = "", []  # the running text, and where its links begin
    for part in built[id_].parts:
        if part[0] == "text":
            text += part[1]
        else:
            _, linked, href, closed, title = part
            assert not closed, f"the link to {linked} stands where none belongs"
            assert href and title == corpus.concepts[linked].title
            at.append((linked, len(text)))
    seen = {c.id for c in corpus.concepts.values() if c.home == id_}
    expected = []
    for match in pattern.finditer(text):
        owner = owners.get(match[0])
        if owner and owner not in seen and re.sub(r"[\s\-]", "", match[0]).casefold() not in elsewhere:
            seen.add(owner)
            expected.append((owner, match.start()))
    by_hand = Counter(link.target for link in page.links if link.scheme == "concept")
    first = {}
    for linked, where in at:
        first.setdefault(linked, where)
    assert [entry for entry in expected if first.get(entry[0]) != entry[1] and entry[0] not in by_hand] == []
    assert all(first.get(owner, len(text)) <= where for owner, where in expected), "a mention stands before its link"
    for linked, count in Counter(linked for linked, _ in at).items():
        assert count <= by_hand[linked] + (corpus.concepts[linked].home != id_), f"{linked} is linked {count} times"


def test_an_article_explains_at_least_two_concepts_on_average(built):
    counts = [len({part[1] for part in reader.parts if part[0] == "link"}) for reader in built.values()]
    assert sum(counts) >= 2 * len(counts)


def test_the_glossary_names_every_concept_and_exactly_the_articles_that_use_it(site, corpus, built):
    html = (site / "glossary.html").read_text("utf-8")
    entries = dict(re.findall(r'<div id="concept-([^"]+)">(.*?)</dd></div>', html, re.DOTALL))
    assert set(entries) == set(corpus.concepts)
    assert "data-bagu-uses" not in html
    for id_, entry in entries.items():
        used = re.search(r"<details>(.*?)</details>", entry, re.DOTALL)
        named = re.findall(r'href="([^"]+)"', used[1]) if used else []
        using = [
            page.url for key, page in corpus.articles.items() if ("link", id_) in {p[:2] for p in built[key].parts}
        ]
        assert sorted(named) == sorted(using), id_


def test_the_glossary_is_in_the_order_of_pinyin_and_letters(site, corpus):
    html = (site / "glossary.html").read_text("utf-8")
    shown = re.findall(r'<h2 id="letter-(\w+)"|<dfn>(.*?)</dfn>', html)
    letter, last = "", ("", "")
    for heading, name in shown:
        if heading:
            assert heading > letter or heading == "other"
            letter, last = heading, ("", "")
            continue
        key = sort_keys(name)[0]
        assert key.startswith(letter) or letter == "other"
        assert (key, name) >= last, name
        last = (key, name)
    assert sort_keys("熵", "早停", "Adam", "KL 散度") == ["shang1", "zao3ting2", "adam", "klsan4du4"]


def test_the_foot_of_an_article_says_what_comes_before_and_after_and_who_links_to_it(site, corpus):
    pages = {id_: (site / page.url).read_text("utf-8") for id_, page in corpus.articles.items()}
    feet = {}
    for id_, html in pages.items():
        foot = re.search(r'<aside class="bagu-related".*?</aside>', html, re.DOTALL)
        rows = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", foot[0], re.DOTALL) if foot else []
        feet[id_] = {name: re.findall(r'<a href="(?:[^"]*/)?([\w-]+)\.html"', row) for name, row in rows}
        planned = [need for need in corpus.articles[id_].meta["needs"] if need not in pages]
        assert sum(row.count("待写") for _, row in rows) == len(planned)
        assert [i for i in feet[id_].get("先看", []) if i != "paths"] == [
            n for n in corpus.articles[id_].meta["needs"] if n in pages
        ]
    for id_, foot in feet.items():
        assert sorted(foot.get("接着看", [])) == sorted(o for o, p in corpus.articles.items() if id_ in p.meta["needs"])
        name = f"{id_}.html"
        linking = {
            other for other, html in pages.items()
            if other != id_ and re.search(rf'href="(?:[^"]*/)?{name}[#"]', content(html).partition("<aside")[0])
        }  # fmt: skip
        assert set(foot.get("谁引用了它", [])) | (linking & set(foot.get("接着看", []))) == linking
        often = [corpus.articles[other].meta["frequency"] for other in foot.get("接着看", [])]
        assert often == sorted(often, reverse=True)


# --- Map and paths ---------------------------------------------------------------------------------------------------


DRAWING = r'<svg [^>]*aria-label="学习地图".*?</svg>'


def test_the_map_has_every_question_and_every_need_and_the_list_says_the_same(site, corpus):
    html = (site / "map.html").read_text("utf-8")
    drawing, outline = re.search(DRAWING, html, re.DOTALL)[0], html.partition('id="写成列表"')[2]
    assert sorted(re.findall(r'data-id="([^"]+)"', drawing)) == sorted(corpus.project.questions)
    written = dict(re.findall(r'<a class="node" data-id="([^"]+)" href="([^"]+)"', drawing))
    assert written == {id_: page.url for id_, page in corpus.articles.items()}
    needs = {(need, id_) for id_, page in corpus.articles.items() for need in page.meta["needs"]}
    assert set(re.findall(r'data-from="([^"]+)" data-to="([^"]+)"', drawing)) == needs
    assert outline.count("<li>先看 ") == len(needs)
    assert all(question.question.replace("&", "&amp;") in outline for question in corpus.project.questions.values())


def test_boxes_of_the_map_do_not_overlap(site, corpus):
    drawing = re.search(DRAWING, (site / "map.html").read_text("utf-8"), re.DOTALL)[0]
    box = re.compile(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)" rx="5"/>')
    boxes = [tuple(map(int, found)) for found in box.findall(drawing)]
    assert len(boxes) == len(corpus.project.questions)
    for n, (x, y, w, h) in enumerate(boxes):
        assert not [o for o in boxes[:n] if x < o[0] + o[2] and o[0] < x + w and y < o[1] + o[3] and o[1] < y + h]


def test_a_label_of_the_map_is_broken_between_words_and_not_before_what_closes():
    assert wrap("为什么要除以 √d_k？") == ["为什么要除以 √d_k"]
    for label in (question.question for question in Tree(ROOT).questions.values()):
        lines = wrap(label)
        assert 1 <= len(lines) <= LINES
        assert not any(line[0] in "，。、？）" or line[-1] == "（" for line in lines), lines
        assert "".join(lines).rstrip("…").replace(" ", "") in label.replace(" ", "")


def test_a_path_holds_what_is_needed_before_it_once():
    needs = {"c": ["b", "a"], "b": ["a"], "d": ["c", "x"]}
    assert order(["d"], needs) == ["a", "b", "c", "x", "d"]
    assert order(["b", "d", "a"], needs) == ["a", "b", "c", "x", "d"]
    cost = {"a": 10, "b": 10, "c": 10, "d": 10}
    assert within(30, ["d", "c", "a"], needs, cost) == ["a", "b", "c"]  # d would take 40
    assert within(0, ["c"], needs, cost) == []


def test_the_paths_page_lists_each_folder_and_plan_in_an_order_that_holds(site, corpus):
    html = (site / "paths.html").read_text("utf-8")
    lists = [
        re.findall(r'<li data-id="([^"]+)"', part) for part in re.findall(r'<ol class="bagu-path">(.*?)</ol>', html)
    ]
    lists = [ids for ids in lists if ids]
    folders = {page.folder for page in corpus.articles.values()}
    assert len(lists) == len(PLANS) + len(folders)
    for ids in lists:
        for place, id_ in enumerate(ids):
            page = corpus.articles.get(id_)
            assert not page or set(page.meta["needs"]) <= set(ids[:place]), f"{id_} stands before what it needs"
    assert set(corpus.articles) <= set().union(*lists[len(PLANS) :])
    paths = json.loads(re.search(r'<script type="application/json">(.*?)</script>', html)[1])
    assert set(paths) == set(corpus.articles) and all(path[-1] == id_ for id_, path in paths.items())
    budgets = [days * hours * 60 for days, hours in PLANS.values()]
    minutes = {id_: int(n) for id_, n in re.findall(r'data-id="([^"]+)" data-minutes="(\d+)"', html)}
    assert all(sum(minutes.get(id_, 0) for id_ in ids) <= budget for ids, budget in zip(lists, budgets, strict=False))


# --- In a browser ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (360, False), (360, True)])
def test_the_pages_load_cleanly_and_fit_the_window(open_page, path, width, dark):
    page = open_page(path, width=width, dark=dark)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_work_from_the_file_system(open_page, site, path):
    assert open_page(path, base=site.as_uri()).locator("h1").is_visible()


TERM = "a.bagu-concept[data-concept]"


def test_a_definition_shows_for_the_keyboard_and_goes_with_escape(open_page, corpus):
    page = open_page(width=360)
    term, tip = page.locator(TERM).first, page.locator("#concept-tip")
    title = term.get_attribute("title")
    assert title in {concept.title for concept in corpus.concepts.values()}
    page.locator(".md-header a, .md-content a").first.focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        if term.evaluate("e => e === document.activeElement"):
            break
    assert tip.is_visible() and tip.inner_text().startswith(title)
    assert term.get_attribute("aria-describedby") == "concept-tip" and term.get_attribute("title") is None
    box = tip.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    page.keyboard.press("Escape")
    assert tip.count() == 0 and term.get_attribute("title") == title


def test_a_finger_sees_the_definition_first_and_follows_the_link_with_a_second_touch(open_page):
    page = open_page(width=360, touch=True)
    here, term, tip = page.url, page.locator(TERM).first, page.locator("#concept-tip")
    target = term.evaluate("e => e.href")
    term.tap()
    assert tip.is_visible() and page.url == here
    box = tip.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    page.locator("h1").first.tap()
    assert tip.count() == 0
    term.tap()
    term.tap()
    page.wait_for_url(target)


def test_a_definition_shows_under_the_mouse(open_page):
    page = open_page()
    page.locator(TERM).first.hover()
    assert page.locator("#concept-tip").is_visible()
    page.locator("h1").first.hover()
    assert page.locator("#concept-tip").count() == 0


def test_the_map_is_walked_by_arrows_and_zoomed_by_buttons(open_page, corpus):
    page = open_page("map.html", width=360)
    first = page.locator(".node").first
    width = page.evaluate("document.querySelector('.bagu-canvas svg').getBoundingClientRect().width")
    page.locator("[data-zoom=in]").click()
    assert page.evaluate("document.querySelector('.bagu-canvas svg').getBoundingClientRect().width") > width
    page.locator("[data-zoom=fit]").click()
    fitted = page.evaluate("document.querySelector('.bagu-canvas svg').getBoundingClientRect().width")
    assert abs(fitted - page.evaluate("document.querySelector('.bagu-canvas').clientWidth")) < 2
    first.evaluate("node => node.focus()")
    seen = {page.evaluate("document.activeElement.dataset.id")}
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowDown"):
        page.keyboard.press(key)
        seen.add(page.evaluate("document.activeElement.dataset.id"))
    assert len(seen) >= 4 and seen <= set(corpus.project.questions)
    need, needing = next((n, i) for i, p in sorted(corpus.articles.items()) for n in p.meta["needs"])
    page.evaluate("id => document.querySelector(`.node[data-id='${id}']`).focus()", needing)
    lit = page.eval_on_selector_all(".edges .lit", "edges => edges.map(edge => edge.dataset.from)")
    assert need in lit


def test_a_target_chosen_on_the_paths_page_shows_its_path(open_page, corpus):
    page = open_page("paths.html?to=flash-attention", width=360)
    box = page.locator(".bagu-target")
    ids = box.locator("li").evaluate_all("items => items.map(item => item.dataset.id)")
    assert ids[-1] == "flash-attention" and set(corpus.articles["flash-attention"].meta["needs"]) <= set(ids)
    page.locator(".bagu-target select").select_option("attention-formula")
    assert box.locator("li").count() == 1 and page.url.endswith("?to=attention-formula")


def test_the_foot_is_printed(open_page):
    page = open_page("foundations/overfitting.html")
    page.emulate_media(media="print")
    assert page.locator(".bagu-related").bounding_box()["height"] > 0


def test_without_script_a_term_is_a_link(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/transformer/flash-attention.html")
    term = page.locator(TERM).first
    target = term.get_attribute("href")
    term.click()
    assert Path(target).name.partition("#")[0] == Path(page.url).name.partition("#")[0]
    context.close()
