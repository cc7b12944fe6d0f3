"""Figures: what a matplotlib file becomes in the page, and which files are refused."""

from __future__ import annotations

import io
import re
import warnings
from xml.etree import ElementTree

import pytest
from bagu.figure import MAX_BYTES, embed


@pytest.fixture(scope="module")
def drawn() -> str:
    """A figure with text, lines, markers, clipping, a legend and a raster image, drawn as the runner draws."""
    matplotlib = pytest.importorskip("matplotlib", reason="drawn where requirements-snippets.txt is installed")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    settings = {
        "svg.fonttype": "none", "svg.hashsalt": "bagu", "figure.figsize": (4.8, 3.6), "savefig.transparent": True,
    }  # fmt: skip
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # its own font lacks Chinese; the reader's has it
        figure, axes = pyplot.subplots()
        axes.plot([1, 2, 3], [1, 4, 9], "o-", color="black", label="n² & <m>")
        axes.imshow([[0, 1], [1, 0]], extent=(1, 2, 1, 2), aspect="auto")
        axes.set_title("Attention 注意力")
        axes.legend()
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
        pyplot.close(figure)
    return stream.getvalue()


def svg(body: str = "", attributes: str = 'viewBox="0 0 10 10"') -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {attributes}>{body}</svg>'
    )


def test_a_matplotlib_figure_becomes_one_element(drawn):
    html = embed(drawn, "fig1", '平方 "<n>" & more')
    assert html.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 345.6 259.2" role="img" ')
    assert html.endswith("</svg>") and html.count("<svg") == 1 and "\n" not in html
    for gone in ("<?xml", "<!DOCTYPE", "<metadata", "<!--", "ns0:", "rdf", "xlink", "<style", "&#10;"):
        assert gone in drawn or gone in ("<!--", "ns0:", "&#10;")
        assert gone not in html
    root = ElementTree.fromstring(html)
    assert root.get("aria-label") == root[0].text == '平方 "<n>" & more'
    assert root.get("width") is None and root.get("height") is None
    assert "max-width: 460.8px" in root.get("style")  # 345.6 pt
    assert "stroke-linejoin: round" in root.get("style")  # from the style sheet, which is scoped to this figure
    assert "Attention 注意力" in html and "n² &amp; &lt;m&gt;" in html


def test_every_id_and_reference_is_prefixed(drawn):
    html = embed(drawn, "fig1", "a")
    ids = re.findall(r'\bid="([^"]*)"', html)
    targets = re.findall(r'url\(#([^)]*)\)|href="#([^"]*)"', html)
    assert ids and targets
    assert all(name.startswith("fig1-") and not name.startswith("fig1-fig1-") for name in ids)
    assert {one or other for one, other in targets} <= set(ids)


def test_two_figures_of_a_page_share_no_id(drawn):
    one, two = (set(re.findall(r'\bid="([^"]*)"', embed(drawn, prefix, "a"))) for prefix in ("a", "b"))
    assert one and not one & two


def test_black_follows_the_colour_of_the_page(drawn):
    html = embed(drawn, "fig1", "a")
    assert "#000" in drawn and "#000000" not in html
    assert ElementTree.fromstring(html).get("fill") == "currentColor"
    assert "fill: none; stroke: currentColor" in html


@pytest.mark.parametrize(("given", "shown"), [
    ('fill="#000000"', 'fill="currentColor"'), ('stroke="#000"', 'stroke="currentColor"'),
    ('fill="Black"', 'fill="currentColor"'), ('style="fill: #000000"', 'style="fill: currentColor"'),
    ('style="fill:#000;stroke: black"', 'style="fill: currentColor; stroke: currentColor"'),
    ('fill="#000001"', 'fill="#000001"'), ('fill="none"', 'fill="none"'),
    ('style="fill: rgb(0, 0, 0)"', 'style="fill: currentColor"'), ('id="black"', 'id="f-black"'),
])  # fmt: skip
def test_black_in_all_its_spellings(given, shown):
    assert shown in embed(svg(f"<path {given} />"), "f", "a")


@pytest.mark.parametrize(("given", "shown"), [
    ('<use href="#a" />', 'href="#f-a"'), ('<use xlink:href="#a" />', 'href="#f-a"'),
    ('<g clip-path="url(#a)" />', 'clip-path="url(#f-a)"'),
    ("<g clip-path=\"url( '#a' )\" />", 'clip-path="url(#f-a)"'),
    ('<g style="clip-path:url(#a);fill:url(#b)" />', 'style="clip-path: url(#f-a); fill: url(#f-b)"'),
    ('<g aria-labelledby="a b" />', 'aria-labelledby="f-a f-b"'),
])  # fmt: skip
def test_references_in_all_their_spellings(given, shown):
    assert shown in embed(svg(given), "f", "a")


@pytest.mark.parametrize(("attributes", "width", "box"), [
    ('width="72pt" height="36pt" viewBox="0 0 72 36"', "96px", "0 0 72 36"),
    ('width="50" height="30"', "50px", "0 0 50 30"),
    ('viewBox="0,0,20,10"', "20px", "0 0 20 10"),
    ('width="100%" viewBox="0 0 20 10"', "20px", "0 0 20 10"),
    ('width="1in" height="1in" viewBox="0 0 7 7"', "96px", "0 0 7 7"),
])  # fmt: skip
def test_the_natural_width_is_the_greatest(attributes, width, box):
    root = ElementTree.fromstring(embed(svg(attributes=attributes), "f", "a"))
    assert f"max-width: {width};" in root.get("style") and root.get("viewBox") == box


def test_the_same_file_gives_the_same_markup(drawn):
    assert embed(drawn, "f", "a") == embed(drawn, "f", "a")


def test_the_words_of_a_figure_stay_as_they_are():
    assert "<text>a <tspan>b</tspan> c &lt;script&gt;</text>" in embed(
        svg("<text>a <tspan>b</tspan> c &lt;script&gt;</text>"), "f", "a"
    )


BOMB = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + svg("<text>&b;</text>")
REFUSED = {
    "script": (svg("<script>alert(1)</script>"), "<script>"),
    "script in a drawing": (svg("<g><defs><script href='#a'/></defs></g>"), "<script>"),
    "HTML": (svg("<foreignObject><p/></foreignObject>"), "<foreignObject>"),
    "HTML namespace": (svg('<script xmlns="http://www.w3.org/1999/xhtml">x</script>'), "<script>"),
    "no namespace": (svg('<path xmlns="" />'), "<path>"),
    "animation": (svg('<set attributeName="href" to="x" />'), "<set>"),
    "frame": (svg("<iframe />"), "<iframe>"),
    "link": (svg('<a href="#x"><path /></a>'), "<a>"),
    "handler": (svg('<path onclick="x()" />'), "handler onclick"),
    "handler on the root": (svg(attributes='viewBox="0 0 1 1" onload="x()"'), "handler onload"),
    "handler in capitals": (svg('<path OnLoad="x()" />'), "handler OnLoad"),
    "address": (svg('<use href="https://example.org/a.svg#x" />'), "refers to https://example.org"),
    "xlink address": (svg('<use xlink:href="//example.org/a.svg#x" />'), "refers to //example.org"),
    "script address": (svg('<use href="javascript:alert(1)" />'), "refers to javascript"),
    "data in use": (svg('<use href="data:image/svg+xml,x" />'), "refers to data:"),
    "picture in use": (svg('<use href="data:image/png;base64,AAAA" />'), "refers to data:"),
    "picture elsewhere": (svg('<image href="a.png" />'), "refers to a.png"),
    "picture in SVG": (svg('<image href="data:image/svg+xml;base64,AAAA" />'), "refers to data:"),
    "url elsewhere": (svg('<g clip-path="url(https://example.org/#a)" />'), "refers to https"),
    "url in a style": (svg("<g style=\"fill: URL( 'https://example.org/#a' )\" />"), "refers to https"),
    "second url": (svg('<g style="fill: url(#a) url(//example.org)" />'), "refers to //example.org"),
    "escaped url": (svg('<g style="fill: u\\72l(//example.org)" />'), "isn't allowed"),
    "overlay": (svg('<g style="position: fixed" />'), "style position"),
    "style sheet": (svg("<style>body {display: none}</style>"), "style sheet"),
    "style sheet with import": (svg('<style>@import "x.css"; *{fill: red}</style>'), "style sheet"),
    "property in the style sheet": (svg("<style>*{position: fixed}</style>"), "style position"),
    "base": (svg('<g xml:base="https://example.org/" />'), "xml:base"),
    "entities": (BOMB, "entities"),
    "entities behind a quoted mark": ('<!DOCTYPE svg PUBLIC "a>b" "c" [<!ENTITY a "b">]>' + svg(), "entities"),
    "external DTD subset": ('<!DOCTYPE svg SYSTEM "x.dtd" [ ]>' + svg(), "entities"),
    "malformed": ("<svg", "not well-formed"),
    "unbound prefix": (svg('<use x:href="#a" />'), "not well-formed"),
    "nothing": ("", "not well-formed"),
    "no SVG": ("<html></html>", "not an SVG"),
    "no size": (svg(attributes=""), "viewBox"),
    "no area": (svg(attributes='viewBox="0 0 0 10"'), "viewBox"),
    "not a number": (svg(attributes='viewBox="0 0 nan 10"'), "viewBox"),
    "too big": (svg("<g>" + " " * MAX_BYTES + "</g>"), "at most 100 kB"),
    "too deep": (svg("<g>" * 9_000 + "</g>" * 9_000), "nests more"),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_drawing_is_refused_with_the_reason(text, reason):
    with pytest.raises(ValueError, match=re.escape(reason)):
        embed(text, "f", "a")


@pytest.mark.parametrize("prefix", ["", "1a", 'a"b', "a b", "图"])
def test_a_prefix_that_cannot_begin_an_id_is_refused(prefix):
    with pytest.raises(ValueError, match="can't begin an id"):
        embed(svg(), prefix, "a")


def test_classes_and_metadata_are_dropped():
    body = '<metadata><x xmlns="y"/></metadata><title>t</title><g class="md-overlay"><!-- c --></g>'
    html = embed(svg(body), "f", "a")
    assert html.count("<title>") == 1 and "overlay" not in html and "metadata" not in html and "<!--" not in html
