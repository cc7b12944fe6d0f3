"""`make shots`: pictures of every kind of page, to be looked at: shots/<page>-<width>-<scheme>.png."""

from __future__ import annotations

import sys
from pathlib import Path

from bagu.doctor import find_browser
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
ARTICLE = "transformer/flash-attention.html"
# name: (address below site/, what to scroll to, what to type into the search box)
VIEWS = {
    "home": ("index.html", "", ""),
    "list": ("questions.html", "", ""),
    "article": (ARTICLE, "", ""),
    "proof": (ARTICLE, "section.bagu-proof", ""),
    "figure": (ARTICLE, "figure.bagu-figure", ""),
    "refutation": (ARTICLE, "section.bagu-refute", ""),
    "followups": (ARTICLE, "details.bagu-followup", ""),
    "foot": (ARTICLE, "aside.bagu-related", ""),
    "concepts": ("glossary.html", "", ""),
    "map": ("map.html", "", ""),
    "paths": ("paths.html?to=flash-attention", "", ""),
    "errata": ("errata.html", "", ""),
    "sources": ("sources.html", "", ""),
    "lab": ("labs/attention.html", "", ""),
    "exercise": ("labs/attention.html", ".bagu-solution", ""),
    "search": ("index.html", "", "softmax"),
}


def main() -> int:
    """Take them all; returns 1 where there is no browser or no site."""
    browser_path, site, out = find_browser(), ROOT / "site", ROOT / "shots"
    if not browser_path or not site.is_dir():
        print("make shots needs Chromium (`bagu doctor`) and a built site (`make site`)", file=sys.stderr)
        return 1
    wanted = sys.argv[1:] or list(VIEWS)
    out.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        for name in wanted:
            address, selector, query = VIEWS[name]
            path, _, query_string = address.partition("?")
            if not (site / path).is_file():
                continue
            for width in (360, 1280):
                for scheme in ("light", "dark"):
                    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                    page.goto(f"{(site / path).as_uri()}?{query_string}")
                    page.keyboard.press("Shift")  # the theme's script waits for the reader
                    page.wait_for_function("window.component$")
                    page.wait_for_timeout(200)
                    if selector:
                        page.evaluate("s => document.querySelector(s).scrollIntoView()", selector)
                        page.evaluate("scrollBy(0, -70)")
                    if query:
                        if width < 900:
                            page.locator("label[for=__search]").first.click()
                        page.locator(".md-search__input").click()
                        page.keyboard.type(query)
                        page.wait_for_timeout(1500)
                    page.wait_for_timeout(200)
                    path = out / f"{name}-{width}-{scheme}.png"
                    page.screenshot(path=path)
                    print(path.relative_to(ROOT))
                    page.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
