r"""Formulas: what KaTeX accepts, what an article contains, what a page shows, and what the cache does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import markdown
import pytest
import quickjs
from bagu import formula as engine
from bagu.formula import FormulaError, Formulas, fill_formulas, find_formulas, place_formulas

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "overrides" / "assets" / "katex"


@pytest.fixture(scope="module")
def formulas() -> Formulas:
    return Formulas(None)


# --- KaTeX -----------------------------------------------------------------------------------------------------------

ACCEPTED = {
    "aligned": r"\begin{aligned} a &= b + c \\ &= d \end{aligned}",
    "cases": r"f(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{否则} \end{cases}",
    "operatorname": r"\operatorname*{arg\,max}_{\theta} \mathcal{L}(\theta)",
    "Chinese text": r"\text{注意力（缩放）} = \operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V",
    "bold Chinese text": r"\textbf{中文，标点。}",
    "tag": r"y = x \tag{1}",
    "matrix": r"\begin{bmatrix} \cos m\theta & -\sin m\theta \\ \sin m\theta & \cos m\theta \end{bmatrix}",
    "bold": r"\bm{x} + \boldsymbol{\theta}",
    "less than": r"a < b \& c",
}


@pytest.mark.parametrize("tex", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_katex_knows_is_rendered_with_its_tex(formulas, tex):
    html = formulas.render(tex, True)
    escaped = tex.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f'<annotation encoding="application/x-tex">{escaped}</annotation>' in html
    assert 'class="katex-display"' in html and 'class="katex-html" aria-hidden="true"' in html
    assert "#cc0000" not in html  # KaTeX's colour for what it can't typeset


def test_inline_and_display_differ(formulas):
    assert "katex-display" not in formulas.render(r"\sum_i x_i", False)


def test_each_thread_that_asks_has_an_engine_of_its_own(monkeypatch):
    contexts, new = [], quickjs.Context
    monkeypatch.setattr(quickjs, "Context", lambda: contexts.append(threading.get_ident()) or new())
    made, tex = Formulas(None), r"\frac{a}{b}"
    made.render("x", False)
    with ThreadPoolExecutor(1) as pool:
        there = pool.submit(made.render, tex, True).result()
        with pytest.raises(FormulaError, match="call stack"):
            pool.submit(made.render, "{" * 1000 + "x" + "}" * 1000, False).result()
    assert len(set(contexts)) == len(contexts) == 2
    assert there == Formulas(None).render(tex, True)


REJECTED = {
    "unknown command": (r"x + \foo", "Undefined control sequence: \\foo", 4),
    "unbalanced": (r"a_{b", "Expected '}'", None),
    "stray brace": (r"a}", "Expected 'EOF', got '}'", 1),
    "Chinese outside text": (r"维度 d", r"write prose inside \text{...}", 0),
    "full-width sign": (r"50％", "used in math mode", 2),
    "unclosed environment": (r"\begin{aligned} a", "", None),
    "link": (r"\href{https://example.org}{x}", r"\href is not allowed", None),
    "picture": (r"\includegraphics{x.png}", r"\includegraphics is not allowed", None),
    "class": (r"\htmlClass{a}{b}", "disabled on strict mode", None),
    "endless macro": (r"\def\a{\a\a}\a", "Too many expansions", None),
    "after an astral character": ("\\text{a}𝑥 + \\foo", "Undefined control sequence", 12),
}


@pytest.mark.parametrize(("tex", "message", "position"), REJECTED.values(), ids=REJECTED.keys())
def test_what_katex_rejects_is_an_error_with_its_message(formulas, tex, message, position):
    with pytest.raises(FormulaError) as caught:
        formulas.render(tex, False)
    assert message in caught.value.message
    assert "\u0332" not in str(caught.value) and "KaTeX parse error" not in str(caught.value)
    if position is not None:
        assert caught.value.position == position


def test_an_error_leaves_the_engine_usable(formulas):
    with pytest.raises(FormulaError):
        formulas.render(r"\foo", False)
    assert "katex" in formulas.render("x", False)


def test_a_long_formula_comes_back_whole(formulas):
    tex = (
        r"\begin{pmatrix}"
        + r"\\".join(" & ".join(f"a_{{{i}{j}}}" for j in range(12)) for i in range(12))
        + r"\end{pmatrix}"
    )
    html = formulas.render(tex, True)
    assert len(html) > 20_000 and html.count("<span") == html.count("</span>")


# --- Cache -----------------------------------------------------------------------------------------------------------


def in_a_process(code: str, *arguments: object) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "hooks")}
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, env=environment, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


RENDER = """
import sys
from pathlib import Path
from bagu.formula import Formulas
formulas = Formulas(Path(sys.argv[1]))
html = formulas.render(sys.argv[2], False)
formulas.close()
print("quickjs" in sys.modules or "_quickjs" in sys.modules, len(html))
"""


def test_with_everything_cached_no_engine_is_imported(tmp_path):
    cache = tmp_path / "deep" / "math.json"
    first = in_a_process(RENDER, cache, "x^2")
    second = in_a_process(RENDER, cache, "x^2")
    assert first.startswith("True") and second.startswith("False")
    assert first.split()[1] == second.split()[1]


@pytest.mark.parametrize("damage", ["", "{", '{"a": 1, "b": null}', "[1]", "\x00\xff", '{"a": "', "[" * 100_000])
def test_a_damaged_cache_is_rebuilt(tmp_path, damage):
    cache = tmp_path / "math.json"
    cache.write_bytes(damage.encode("latin-1"))
    formulas = Formulas(cache)
    html = formulas.render("x", False)
    formulas.close()
    assert list(json.loads(cache.read_text(encoding="utf-8")).values()) == [html]
    assert os.listdir(tmp_path) == ["math.json"]


def test_failures_are_not_cached(tmp_path):
    cache = tmp_path / "math.json"
    formulas = Formulas(cache)
    for _ in range(2):
        with pytest.raises(FormulaError):
            formulas.render(r"\foo", False)
    formulas.close()
    assert not cache.exists()


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "file").write_text("")
    formulas = Formulas(tmp_path / "file" / "math.json")
    assert formulas.render("x", False)
    formulas.close()


def test_a_full_disk_leaves_the_old_cache_and_no_litter(tmp_path, monkeypatch):
    cache = tmp_path / "math.json"
    cache.write_text('{"old": "html"}', encoding="utf-8")

    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    formulas = Formulas(cache)
    formulas.render("x", False)
    formulas.close()
    assert cache.read_text(encoding="utf-8") == '{"old": "html"}' and os.listdir(tmp_path) == ["math.json"]


def test_two_processes_keep_each_others_formulas(tmp_path):
    cache = tmp_path / "math.json"
    one, two = Formulas(cache), Formulas(cache)
    one.render("x", False)
    two.render("y", False)
    one.close()
    two.close()
    assert len(json.loads(cache.read_text(encoding="utf-8"))) == 2


def test_the_cache_is_bounded_and_keeps_what_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "CACHE_ENTRIES", 3)
    cache = tmp_path / "math.json"
    cache.write_text(json.dumps({f"old{i}": "html" for i in range(9)}), encoding="utf-8")
    formulas = Formulas(cache)
    used = {formulas.render(tex, False) for tex in "xy"}
    formulas.close()
    kept = json.loads(cache.read_text(encoding="utf-8"))
    assert len(kept) == 3 and used <= set(kept.values())


def test_inline_and_display_have_different_keys(tmp_path):
    formulas = Formulas(tmp_path / "math.json")
    assert formulas.render("x", False) != formulas.render("x", True)
    formulas.close()
    assert len(json.loads((tmp_path / "math.json").read_text(encoding="utf-8"))) == 2


# --- Finding formulas ------------------------------------------------------------------------------------------------

EXTENSIONS = ["tables", "admonition", "attr_list", "md_in_html", "pymdownx.superfences", "pymdownx.arithmatex"]


def recognised(source: str) -> list[tuple[str, bool]]:
    """What arithmatex makes of the source: (TeX, display), sorted."""
    dollars = {"generic": True, "smart_dollar": True, "inline_syntax": ["dollar"], "block_syntax": ["dollar"]}
    converter = markdown.Markdown(extensions=EXTENSIONS, extension_configs={"pymdownx.arithmatex": dollars})
    seen: list[tuple[str, bool]] = []

    class Recorder(Formulas):
        def render(self, tex: str, display: bool) -> str:
            seen.append((tex, display))
            return ""

    place_formulas(converter.convert(source), Recorder(None))
    return sorted(seen)


# name: (Markdown, TeX and line of each formula; display ones with a leading "D ")
CASES: dict[str, tuple[str, list[tuple[str, int]]]] = {
    "inline": ("维度 $d_k$ 的平方根", [("d_k", 1)]),
    "Chinese neighbours": ("维度$d_k$的，（$n$）。", [("d_k", 1), ("n", 1)]),
    "prices": ("It costs $5 and $6 today.", []),
    "escaped dollar": (r"只要 \$5 或 \$6，$x$", [("x", 1)]),
    "escaped dollar inside": (r"$a \$ b$", [(r"a \$ b", 1)]),
    "space after opening": ("$ x$ and $x $", []),
    "code span": ("`$x$` and ``a ` $y$`` and $z$", [("z", 1)]),
    "two lines": ("前 $a +\nb$ 后 $c$", [("a +\nb", 1), ("c", 2)]),
    "not across paragraphs": ("一 $a\n\nb$ 二 $c$", [("c", 3)]),
    "display": ("文\n\n$$\nx^2\n$$\n\n文", [("D x^2", 3)]),
    "display on one line": ("$$x$$", [("D x", 1)]),
    "display of many lines": (
        "$$\n\\begin{aligned}\na&=b\\\\\nc&=d\n\\end{aligned}\n$$",
        [("D \\begin{aligned}\na&=b\\\\\nc&=d\n\\end{aligned}", 1)],
    ),
    "fence": ("```python\n$x$\n```\n\n$y$", [("y", 5)]),
    "tilde fence": ("~~~\n$x$\n~~~\n\n$y$", [("y", 5)]),
    "comment": ("<!-- $x$ -->\n\n$y$", [("y", 3)]),
    "table": ("| a | b |\n|---|---|\n| $x$ | $y$ |", [("x", 3), ("y", 3)]),
    "list": ("- $x$\n- $y$", [("x", 1), ("y", 2)]),
    "quote": ("> $x$\n> 与 $y$", [("x", 1), ("y", 2)]),
    "heading": ("## 关于 $d_k$\n\n文", [("d_k", 1)]),
    "emphasis": ("**$x$** 与 *$y$*", [("x", 1), ("y", 1)]),
    "link": ("[$x$](https://example.org)", [("x", 1)]),
}


@pytest.mark.parametrize("name", CASES)
def test_formulas_are_those_that_arithmatex_recognises(name):
    source, wanted = CASES[name]
    found = find_formulas(source)
    assert [(f"D {f.tex}" if f.display else f.tex, f.line) for f in found] == wanted
    assert sorted((f.tex, f.display) for f in found) == recognised(source)


def test_a_display_formula_glued_to_a_paragraph_is_seen_differently_by_the_two():
    """The build compares the two counts; this is the mistake that the comparison is for."""
    source = "文\n$$\nx\n$$"
    assert len(find_formulas(source)) != len(recognised(source))


# --- The page --------------------------------------------------------------------------------------------------------


def test_formulas_of_a_page_are_replaced(formulas):
    page = markdown.markdown(
        "维度 $a<b$ 与\n\n$$\n\\begin{aligned} a &< b \\end{aligned}\n$$\n",
        extensions=["pymdownx.arithmatex"],
        extension_configs={"pymdownx.arithmatex": {"generic": True}},
    )
    slots, rendered = place_formulas(page, formulas)
    assert "arithmatex" not in slots and "katex" not in slots
    assert (
        '<bagu-math data-n="0">a&lt;b</bagu-math>' in slots and '"1" class="display" tabindex="0"></bagu-math>' in slots
    )
    html = fill_formulas(slots, rendered)
    assert "arithmatex" not in html
    assert '<bagu-math><span class="katex">' in html
    assert '<bagu-math class="display" tabindex="0"><span class="katex-display">' in html
    assert ">a&lt;b</annotation>" in html
    assert r">\begin{aligned} a &amp;&lt; b \end{aligned}</annotation>" in html


def test_a_mark_beside_a_formula_stays_on_its_line(formulas):
    page = '（{0}）与 {1}，{2}。<bagu-math data-n="3" class="display">x</bagu-math>，又 {4} 后'
    slots = page.format(*(f'<bagu-math data-n="{n}">x</bagu-math>' for n in range(5)))
    rendered = [formulas.render(tex, False) for tex in ("a", "b=c", "d", "e", "f=g")]
    broken = rendered[1].replace('<span class="katex-base">', '<wbr><span class="katex-base">').replace("<wbr>", "", 1)
    assert broken.count("<wbr>") == 1
    assert fill_formulas(slots, rendered) == (
        f'<span class="bagu-unbroken">（<bagu-math>{rendered[0]}</bagu-math>）</span>与 '
        f'<span class="bagu-unbroken"><bagu-math>{broken}</bagu-math>，</span>'
        f'<span class="bagu-unbroken"><bagu-math>{rendered[2]}</bagu-math>。</span>'
        f'<bagu-math class="display">{rendered[3]}</bagu-math>，又 <bagu-math>{rendered[4]}</bagu-math> 后'
    )


@pytest.mark.parametrize("tag", ["code", "pre", "script"])
def test_formulas_in_code_are_left_alone(formulas, tag):
    page = rf'<{tag}><span class="arithmatex">\(x\)</span></{tag}>'
    assert place_formulas(page, formulas) == (page, [])


def test_the_rest_of_a_page_is_left_alone(formulas):
    page = r'<p>\(a\) <span class="other">\(b\)</span> $c$ &lt;span class="arithmatex"&gt;\(d\)&lt;/span&gt;</p>'
    assert place_formulas(page, formulas) == (page, [])


# --- What the reader downloads ---------------------------------------------------------------------------------------


def test_every_font_of_the_stylesheet_exists_and_no_other_host_is_named():
    style = (ASSETS / "katex.min.css").read_text(encoding="utf-8")
    addresses = re.findall(r"url\(([^)]*)\)", style)
    assert len(addresses) == 20 and all(address.endswith(".woff2") for address in addresses)
    assert {f"fonts/{path.name}" for path in (ASSETS / "fonts").iterdir()} == set(addresses)
    assert "//" not in style and "@import" not in style


def test_stylesheet_and_engine_are_of_one_version(formulas):
    version = (engine.KATEX / "VERSION").read_text(encoding="utf-8").strip()
    style = (ASSETS / "katex.min.css").read_text(encoding="utf-8")
    source = (engine.KATEX / "katex.min.js").read_text(encoding="utf-8")
    assert f'"{version}"' in style or version in style
    assert f'"{version}"' in source
