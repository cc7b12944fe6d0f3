"""The map: all questions as a graph of what to read before what, drawn as SVG, and the same as a nested list.

dagre (``vendor/dagre``) lays it out inside Python, by the engine that runs KaTeX too: first the questions of each topic,
then the topics of each part. The parts stand one below the other, in the order of the question map.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from html import escape
from pathlib import Path

from .cache import Memo
from .corpus import Corpus
from .project import Question

Layout = Callable[[list, list, int], dict]
DAGRE = Path(__file__).parent / "vendor" / "dagre"
# All lengths are pixels at zoom 1.
NODE = (172, 42)
MARGIN = 14
HEAD = 22  # above a topic's questions, for its name
BAND = 40  # above a part's topics, for its name
FONT = 12.5
LINES = 2  # of a label
COLUMNS = 8  # of questions in a part that nothing ties down, shared by its topics

_GLUE = r"""
globalThis.structuredClone ??= (value) => JSON.parse(JSON.stringify(value)); // the engine has none; labels are plain
function layout(text) {
  const input = JSON.parse(text);
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({rankdir: "TB", nodesep: input.gap, ranksep: input.gap * 1.6, edgesep: 8});
  graph.setDefaultEdgeLabel(() => ({}));
  for (const [id, width, height] of input.nodes) graph.setNode(id, {width, height});
  for (const [from, to, weight] of input.edges) graph.setEdge(from, to, {weight});
  dagre.layout(graph);
  return JSON.stringify({
    size: [graph.graph().width, graph.graph().height],
    places: input.nodes.map(([id, width, height]) => [graph.node(id).x - width / 2, graph.node(id).y - height / 2]),
    lines: input.edges.map(([from, to]) => graph.edge(from, to).points.map((p) => [p.x, p.y])),
  });
}
"""


def render(corpus: Corpus, memo: Memo) -> str:
    """The page's body: the drawing, which a script makes zoomable, and the list."""
    parts: dict[str, list[tuple[str, list[Question]]]] = {}
    for topic in corpus.project.topics:
        parts.setdefault(topic.part, []).append((topic.name, list(topic.questions)))
    needs = {id_: list(page.meta["needs"]) for id_, page in corpus.articles.items()}
    graph = {
        "parts": [
            {"name": part, "topics": [{"name": name, "ids": [q.id for q in questions]} for name, questions in topics]}
            for part, topics in parts.items()
        ],
        "edges": [[need, id_] for id_ in sorted(needs) for need in needs[id_]],
        "labels": {q.id: q.question for q in corpus.project.questions.values()},
        "links": {id_: page.url for id_, page in sorted(corpus.articles.items())},
    }
    drawn = memo.of(draw, json.dumps(graph, ensure_ascii=False), (DAGRE / "VERSION").read_text("utf-8"))
    return (
        '<div class="bagu-map"><p class="bagu-zoom" hidden>'
        '<button type="button" data-zoom="out" aria-label="缩小">−</button>'
        '<button type="button" data-zoom="in" aria-label="放大">+</button>'
        '<button type="button" data-zoom="fit">适合宽度</button>'
        "<span>拖动平移，双指或 Ctrl + 滚轮缩放；方向键在题目之间走。</span></p>\n"
        f'<div class="bagu-canvas" tabindex="0" role="region" aria-label="题目的先后，图">{drawn}</div></div>\n\n'
        '<script defer src="assets/map.js"></script>\n\n'
        "## 写成列表\n\n" + _list(parts, needs, corpus)
    )


def _list(parts: dict[str, list[tuple[str, list[Question]]]], needs: dict[str, list[str]], corpus: Corpus) -> str:
    """The same graph for those who can't see it: part, topic, question, and what to read before it."""

    articles = corpus.articles

    def name(question: Question) -> str:
        page = articles.get(question.id)
        text = escape(question.question)
        return (
            f'<a href="{page.url}">{text}</a>'
            if page
            else f'<span class="bagu-planned">{text}<small>待写</small></span>'
        )

    def item(question: Question) -> str:
        before = [name(corpus.project.questions[need]) for need in needs.get(question.id, ())]
        said = f'<ul class="bagu-before"><li>先看 {"</li><li>先看 ".join(before)}</li></ul>' if before else ""
        return f"<li>{name(question)}{said}</li>"

    out = []
    for part, topics in parts.items():
        inner = "".join(f"<li>{escape(t)}<ul>{''.join(map(item, questions))}</ul></li>" for t, questions in topics)
        out.append(f'### {part}\n\n<ul class="bagu-outline">{inner}</ul>')
    return "\n\n".join(out) + "\n"


def draw(graph: str, dagre: str) -> str:
    """The graph as SVG. ``graph`` is JSON: ``parts`` of ``topics`` of ``ids``, ``edges`` [before, after], ``labels``,
    ``links`` {id: address} of what is written. ``dagre`` is the library's version."""
    import quickjs  # starts a thread, so only when there is something to lay out

    engine = quickjs.Function("layout", (DAGRE / "dagre.min.js").read_text("utf-8") + _GLUE)

    def layout(nodes: list, edges: list, gap: int) -> dict:
        return json.loads(engine(json.dumps({"nodes": nodes, "edges": edges, "gap": gap}), run_gc=False))

    data = json.loads(graph)
    topic_of = {id_: topic["name"] for part in data["parts"] for topic in part["topics"] for id_ in topic["ids"]}
    part_of = {id_: part["name"] for part in data["parts"] for topic in part["topics"] for id_ in topic["ids"]}
    places: dict[str, tuple[float, float]] = {}  # the upper left corner of each question
    back, lines, front, width, y = [], [], [], 0.0, 0.0
    for part in data["parts"]:
        y += BAND
        back.append(f'<text class="part" x="{MARGIN}" y="{y - 12:g}">{escape(part["name"])}</text>')
        columns = max(2, COLUMNS // len(part["topics"]))
        inner = {topic["name"]: _topic(topic["ids"], data["edges"], columns, layout) for topic in part["topics"]}
        boxes = [[name, size[0] + 20, size[1] + HEAD + 10] for name, (size, _, _) in inner.items()]
        between = {
            (topic_of[a], topic_of[b]) for a, b in data["edges"] if topic_of[a] in inner and topic_of[b] in inner
        }
        outer = layout(boxes, [[a, b, 1] for a, b in sorted(between) if a != b], 16)
        for (name, wide, high), (left, top) in zip(boxes, outer["places"], strict=True):
            x, above = MARGIN + left, y + top
            back.append(
                f'<rect class="topic" x="{x:.0f}" y="{above:.0f}" width="{wide:.0f}" height="{high:.0f}" rx="6"/>'
                f'<text class="name" x="{x + 10:.0f}" y="{above + 16:.0f}">{escape(name)}</text>'
            )
            _, corners, drawn = inner[name]
            for id_, (dx, dy) in corners.items():
                places[id_] = x + 10 + dx, above + HEAD + dy
                front.append(_node(id_, *places[id_], data))
            for edge, points in drawn:
                steps = " ".join(f"{x + 10 + px:.0f} {above + HEAD + py:.0f}" for px, py in points)
                lines.append(_edge(*edge, f"M{steps}"))
        width = max(width, outer["size"][0] + 2 * MARGIN)
        y += outer["size"][1]
    for before, after in data["edges"]:
        if topic_of[before] != topic_of[after]:
            far = part_of[before] != part_of[after]
            lines.append(_edge(before, after, _across(places[before], places[after]), far))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {y + MARGIN:.0f}" width="{width:.0f}" '
        f'height="{y + MARGIN:.0f}" role="group" aria-label="学习地图">'
        '<defs><marker id="map-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="context-stroke"/></marker></defs>'
        f'{"".join(back)}<g class="edges">{"".join(lines)}</g>{"".join(front)}</svg>'
    )


def _topic(ids: list[str], edges: list[list[str]], columns: int, layout: Layout) -> tuple[list, dict, list]:
    """A topic's questions: the size they take, {id: corner}, and [(before, after), points] of the edges among them.

    A question without neighbours here hangs on the one ``columns`` before it, by an edge that isn't drawn, so that they
    stand in columns and not in one endless row.
    """
    own = [(before, after) for before, after in edges if before in ids and after in ids]
    tied = {id_ for edge in own for id_ in edge}
    free = [id_ for id_ in ids if id_ not in tied]
    held = list(zip(free, free[columns:], strict=False))
    found = layout([[id_, *NODE] for id_ in ids], [[*edge, 2] for edge in own] + [[*edge, 1] for edge in held], 12)
    corners = {id_: tuple(place) for id_, place in zip(ids, found["places"], strict=True)}
    return found["size"], corners, list(zip(own, found["lines"], strict=False))


def _across(before: tuple[float, float], after: tuple[float, float]) -> str:
    """The path of a curve between questions of two topics, from below the one to above the other where that is down."""
    wide, high = NODE
    if abs(after[1] - before[1]) < high:  # side by side
        step = 1 if before[0] < after[0] else -1
        x0, x1 = before[0] + (wide if step > 0 else 0), after[0] + (0 if step > 0 else wide)
        bend, y0, y1 = step * abs(x1 - x0) / 2, before[1] + high / 2, after[1] + high / 2
        return f"M{x0:.0f} {y0:.0f}C{x0 + bend:.0f} {y0:.0f} {x1 - bend:.0f} {y1:.0f} {x1:.0f} {y1:.0f}"
    step = 1 if before[1] < after[1] else -1
    y0, y1 = before[1] + (high if step > 0 else 0), after[1] + (0 if step > 0 else high)
    bend, x0, x1 = step * min(120.0, abs(y1 - y0) / 2), before[0] + wide / 2, after[0] + wide / 2
    return f"M{x0:.0f} {y0:.0f}C{x0:.0f} {y0 + bend:.0f} {x1:.0f} {y1 - bend:.0f} {x1:.0f} {y1:.0f}"


def _edge(before: str, after: str, path: str, far: bool = False) -> str:
    kind = ' class="far"' if far else ""
    return f'<path{kind} d="{path}" data-from="{before}" data-to="{after}" marker-end="url(#map-head)"/>'


def _node(id_: str, x: float, y: float, data: dict) -> str:
    """A question: a link where it is written, else a box that only the arrow keys reach."""
    label, address = data["labels"][id_], data["links"].get(id_)
    lines = wrap(label)
    top = y + NODE[1] / 2 - (len(lines) - 1) * FONT * 0.62 + FONT * 0.36
    text = "".join(
        f'<text x="{x + NODE[0] / 2:.0f}" y="{top + n * FONT * 1.24:.1f}">{escape(line)}</text>'
        for n, line in enumerate(lines)
    )
    box = f'<rect x="{x:.0f}" y="{y:.0f}" width="{NODE[0]}" height="{NODE[1]}" rx="5"/>'
    title = f"<title>{escape(label)}{'' if address else '（待写）'}</title>"
    if address:
        return f'<a class="node" data-id="{id_}" href="{address}">{title}{box}{text}</a>'
    return f'<g class="node planned" data-id="{id_}" role="img" aria-label="{escape(label)}（待写）" tabindex="-1">{title}{box}{text}</g>'


def wrap(label: str) -> list[str]:
    """A label in at most LINES lines that fit a node, with … where it doesn't fit.

    Latin words stay whole, a line doesn't begin with what closes, and the last question mark goes without saying.
    """
    room = (NODE[0] - 14) / FONT
    lines = [""]
    for word in re.findall(r"（?(?:[!-~]+|[^!-~])[，。、？）]*", label.rstrip("？")):
        if _width(lines[-1] + word) > room:
            lines.append("")
        lines[-1] += word
    if len(lines) > LINES:
        last = lines[LINES - 1].strip()
        while _width(last + "…") > room:
            last = last[:-1]
        lines = [*lines[: LINES - 1], last.rstrip("，、？ （") + "…"]
    return [line.strip() for line in lines]


def _width(text: str) -> float:
    """The width of a text in ems, about."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WF" else 0.6 for char in text)
