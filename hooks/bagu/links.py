"""Addresses in the built pages: every file and anchor of this site that a page leads to is there."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from html import unescape
from pathlib import Path
from urllib.parse import unquote

_ATTRIBUTE = re.compile(r"""\s(href|src|id|name)=(?:"([^"]*)"|'([^']*)')""")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


@dataclass(frozen=True)
class Dead:
    """An address in the page ``url`` that leads nowhere, and why."""

    url: str
    address: str
    reason: str


@dataclass
class Addresses:
    """What the pages of one build offer and where they lead. URLs are relative to the site's root."""

    anchors: dict[str, set[str]] = field(default_factory=dict)
    leads: dict[str, set[str]] = field(default_factory=dict)

    def read(self, url: str, html: str) -> None:
        """Note the ids and the addresses of one finished page."""
        anchors, leads = set(), set()
        for name, double, single in _ATTRIBUTE.findall(html):
            value = double or single
            if name in ("id", "name"):
                anchors.add(unescape(value))
            elif value and not _ELSEWHERE.match(value):
                leads.add(unescape(value))
        self.anchors[url], self.leads[url] = anchors, leads

    def copy(self, url: str, other: Addresses) -> None:
        """Note of a page what ``other`` has noted of it."""
        self.anchors[url], self.leads[url] = other.anchors[url], other.leads[url]

    def dead(self, site: Path) -> list[Dead]:
        """Every address that leads nowhere, where ``site`` is the folder that the pages were written to.

        An anchor in a page that this build didn't make isn't looked for.
        """
        found, there = [], {}

        def exists(path: str) -> bool:
            if path not in there:
                there[path] = path in self.anchors or (site / path).is_file()
            return there[path]

        for url in sorted(self.leads):
            folder = posixpath.dirname(url)
            for address in sorted(self.leads[url]):
                path, _, anchor = address.partition("#")
                path = unquote(path.partition("?")[0])
                if path.startswith("/"):
                    found.append(
                        Dead(
                            url,
                            address,
                            "an absolute address breaks in a subfolder and from disk; write it relative to the page",
                        )
                    )
                    continue
                target = posixpath.normpath(posixpath.join(folder, path)) if path else url
                if path.endswith("/") or path == ".":
                    target = posixpath.normpath(posixpath.join(target, "index.html"))
                if target.startswith("../") or not exists(target):
                    found.append(Dead(url, address, f"there is no file `{target}` in the site"))
                elif anchor and target in self.anchors and unquote(anchor) not in self.anchors[target]:
                    near = get_close_matches(unquote(anchor), self.anchors[target], n=1, cutoff=0.4)
                    hint = f"; did you mean `#{near[0]}`?" if near else "; take the address of a heading"
                    found.append(Dead(url, address, f"`{target}` has no anchor `{unquote(anchor)}`{hint}"))
        return found
