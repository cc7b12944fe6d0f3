"""The offline site as a reader has it: unzipped, opened from the file system, without a network."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from bagu import exports
from bagu.project import Project
from conftest import ARTICLE, ROOT


@pytest.fixture(scope="module")
def unzipped(site, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("offline")
    exports.export(Project(ROOT), "zip", site, folder / "site.zip")
    with zipfile.ZipFile(folder / "site.zip") as archive:
        archive.extractall(folder)
    return folder / "bagu-lab"


@pytest.fixture
def page(chromium, unzipped):
    """A page without a network; every request that would leave the folder is kept in ``page.left``."""
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.left = []
    inside = (unzipped.as_uri(), "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(inside) else page.left.append(request.url))
    page.on("requestfailed", lambda request: page.left.append(f"failed: {request.url}"))
    yield page
    context.close()


def test_an_article_has_its_formulas_and_figures(page, unzipped):
    page.goto((unzipped / ARTICLE).as_uri())
    page.wait_for_load_state("networkidle")
    drawn = page.evaluate(
        """() => ({
            formulas: [...document.querySelectorAll(".katex-html")].filter(e => e.getBoundingClientRect().width > 2).length,
            figures: [...document.querySelectorAll(".bagu-figure svg")].filter(e => e.getBoundingClientRect().height > 50).length,
            font: [...document.fonts].some(font => font.family.includes("KaTeX") && font.status === "loaded"),
        })"""
    )
    html = (unzipped / ARTICLE).read_text("utf-8")
    assert drawn == {
        "formulas": html.count('class="katex-html"'),
        "figures": html.count('class="bagu-figure"'),
        "font": True,
    }
    assert drawn["formulas"] > 100 and drawn["figures"] > 1
    assert page.left == []


def test_a_query_finds_an_article(page, unzipped):
    page.goto((unzipped / "index.html").as_uri())
    page.locator(".md-search__input").click()
    page.locator(".md-search__input").press_sequentially("FlashAttention")
    results = page.locator(".md-search-result__item a")
    results.first.wait_for()
    assert any(ARTICLE in (link.get_attribute("href") or "") for link in results.all())
    assert page.left == []
