"""An SVG file that a snippet has drawn, as an inline ``<svg>`` that can do nothing but be looked at.

What is allowed is listed (elements, CSS properties, where references may lead); anything else is refused by name. The
colours follow the page: black becomes ``currentColor``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

MAX_BYTES = 100_000
MAX_DEPTH = 100
SVG = "http://www.w3.org/2000/svg"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

_ELEMENTS = frozenset(
    [
        "svg",
        "g",
        "defs",
        "symbol",
        "use",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "textPath",
        "title",
        "desc",
        "image",
        "clipPath",
        "mask",
        "marker",
        "pattern",
        "linearGradient",
        "radialGradient",
        "stop",
    ]
)
_PROPERTIES = re.compile(
    r"(?:fill|stroke|font|text|marker|stop)(?:-[a-z]+)*|opacity|color|clip-path|clip-rule|mask|display|visibility|"
    r"mix-blend-mode|isolation|image-rendering|shape-rendering|paint-order|dominant-baseline|alignment-baseline|"
    r"baseline-shift|letter-spacing|word-spacing|line-height|white-space|writing-mode|transform|transform-origin"
)
_BLACK = re.compile(r"#000(?:000)?(?:ff)?|black|rgb\(\s*0\s*,\s*0\s*,\s*0\s*\)", re.IGNORECASE)
_COLOURED = ("fill", "stroke", "color", "stop-color")
_PIXELS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 9.6 / 2.54}


def embed(svg: str, prefix: str, alt: str) -> str:
    """The figure as one ``<svg>`` element for an HTML page.

    ``prefix`` (a letter, then letters, digits, ``-`` and ``_``) goes before every id, so that figures of one page don't
    meet. ``alt`` is what a screen reader says. The figure shrinks with its column and never grows beyond its natural
    width (a point is 4/3 px). Raises ValueError with the reason for a file that is too big, malformed, or holds
    anything that isn't a drawing: scripts, handlers, references to elsewhere, unknown elements or styles.
    """
    if not re.fullmatch(r"[A-Za-z][\w-]*", prefix, re.ASCII):
        raise ValueError(f"{prefix!r} can't begin an id")
    root = _parse(svg)
    _drop(root)
    sheet = _take_style(root)
    for element in _walk(root):
        _clean(element, prefix)
    _frame(root, _style(sheet, prefix), alt)
    return ElementTree.tostring(root, encoding="unicode")


def _parse(svg: str) -> ElementTree.Element:
    size = len(svg.encode("utf-8", "replace"))
    if size > MAX_BYTES:
        raise ValueError(f"is {size / 1000:.1f} kB; a figure has at most {MAX_BYTES // 1000} kB (draw fewer points)")
    if "<!ENTITY" in svg or re.search(r"<!DOCTYPE[^>]*\[", svg):
        raise ValueError("declares entities, which a figure doesn't need")
    try:
        root = ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", svg))
    except (ElementTree.ParseError, ValueError) as error:
        raise ValueError(f"is not well-formed XML: {error}") from None
    if root.tag != f"{{{SVG}}}svg":
        raise ValueError("is not an SVG file")
    return root


def _walk(root: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """Every element, parents first, without recursion. Raises ValueError when they nest too deeply."""
    stack = [(root, 1)]
    while stack:
        element, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise ValueError(f"nests more than {MAX_DEPTH} elements")
        yield element
        stack += [(child, depth + 1) for child in reversed(element)]


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _drop(root: ElementTree.Element) -> None:
    """Take out metadata and the file's own title (``alt`` is the title)."""
    for element in _walk(root):
        for child in list(element):
            titles = ("title", "desc") if element is root else ()
            if child.tag == f"{{{SVG}}}metadata" or (_local(child.tag) in titles):
                element.remove(child)


def _take_style(root: ElementTree.Element) -> str:
    """Take out matplotlib's style sheet, which in a page would apply to the whole page, and return its declarations."""
    declarations = []
    for element in _walk(root):
        for child in list(element):
            if child.tag == f"{{{SVG}}}style":
                rule = re.fullmatch(r"\s*(?:\*\s*\{([^{}]*)\}\s*)?", child.text or "")
                if rule is None or len(child):
                    raise ValueError("has a style sheet; only style attributes and matplotlib's `*{…}` are allowed")
                declarations.append(rule[1] or "")
                element.remove(child)
    return ";".join(declarations)


def _clean(element: ElementTree.Element, prefix: str) -> None:
    name = _local(element.tag)
    if element.tag != f"{{{SVG}}}{name}" or name not in _ELEMENTS:
        raise ValueError(f"contains <{name}>, which isn't allowed in a figure")
    element.tag = name
    attributes = {}
    for key, value in element.attrib.items():
        local = _local(key)
        if local.lower().startswith("on"):
            raise ValueError(f"contains the event handler {local}")
        if key in ("href", XLINK_HREF):
            attributes["href"] = _reference(name, value, prefix)
        elif key == XML_SPACE:
            attributes["xml:space"] = value
        elif local == "base":
            raise ValueError("contains xml:base")
        elif "}" not in key and key != "class":
            attributes[key] = _attribute(key, value, prefix)
    element.attrib = attributes
    if name not in ("text", "tspan", "textPath", "title", "desc"):
        element.text = None
    if not (element.tail or "").strip():
        element.tail = None


def _reference(name: str, value: str, prefix: str) -> str:
    value = value.strip()
    if value.startswith("#"):
        return f"#{prefix}-{value[1:]}"
    if name == "image" and re.match(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=\s]*$", value):
        return value
    raise ValueError(f"refers to {value[:60]}; a figure carries everything in itself")


def _attribute(key: str, value: str, prefix: str) -> str:
    if key == "id":
        return f"{prefix}-{value}"
    if key in ("aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "aria-details"):
        return " ".join(f"{prefix}-{target}" for target in value.split())
    if key == "style":
        return _style(value, prefix)
    return _value(key, value, prefix)


def _style(style: str, prefix: str) -> str:
    kept = []
    for declaration in style.split(";"):
        key, _, value = (part.strip() for part in declaration.partition(":"))
        if key and not _PROPERTIES.fullmatch(key):
            raise ValueError(f"uses the style {key}, which isn't allowed in a figure")
        if key:
            kept.append(f"{key}: {_value(key, value, prefix)}")
    return "; ".join(kept)


def _value(key: str, value: str, prefix: str) -> str:
    """A value with its references prefixed and black made ``currentColor``."""
    if key in _COLOURED and _BLACK.fullmatch(value.strip()):
        return "currentColor"
    if re.search(r"javascript:|expression\(|@import|\\|/\*|image-set\(|src\(", value, re.IGNORECASE):
        raise ValueError(f"contains {key}={value[:60]!r}, which isn't allowed in a figure")
    for target in re.findall(r"url\s*\(\s*['\"]?\s*([^)'\"]*)", value, re.IGNORECASE):
        if not target.startswith("#"):
            raise ValueError(f"refers to {target[:60]}; a figure carries everything in itself")
    return re.sub(r"url\s*\(\s*(['\"]?)\s*#([^)'\"]*)\1\s*\)", rf"url(#{prefix}-\2)", value, flags=re.IGNORECASE)


def _frame(root: ElementTree.Element, sheet: str, alt: str) -> None:
    """Size, colour, name and title of the whole."""
    width, height = (_pixels(root.attrib.pop(key, "")) for key in ("width", "height"))
    box = root.get("viewBox", "").replace(",", " ").split()
    if not box and width and height:
        box = ["0", "0", f"{width:g}", f"{height:g}"]
    try:
        box_width, box_height = float(box[2]), float(box[3])
    except (IndexError, ValueError):
        box_width = box_height = 0.0
    if len(box) != 4 or not (0 < box_width < 1e6 and 0 < box_height < 1e6):
        raise ValueError("has neither a usable viewBox nor width and height")
    natural = width or box_width
    size = f"width: 100%; max-width: {natural:g}px; height: auto"
    style = "; ".join(part for part in (sheet, root.get("style", ""), size) if part)
    for key in ("x", "y", "version", "id"):
        root.attrib.pop(key, None)
    root.attrib = {
        "xmlns": SVG, "viewBox": " ".join(box), "role": "img", "aria-label": alt, "fill": "currentColor",
    } | {key: value for key, value in root.attrib.items() if key not in ("viewBox", "role", "aria-label")} | {
        "style": style,
    }  # fmt: skip
    title = ElementTree.Element("title")
    title.text = alt
    root.insert(0, title)


def _pixels(length: str) -> float:
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?|\.\d+)(px|pt|pc|in|cm|mm|)\s*", length)
    return round(float(match[1]) * _PIXELS[match[2]], 3) if match else 0.0
