"""Under `mkdocs serve --dirty` a rebuild makes the pages again that a change touches, and what is served is the site."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from project import BLOCKS, MAP, PAGE, TERMS, Edit, Project, after, swap

ALL = {"index", "errata", "block-sum", "order-of-sums"}


class Serving:
    """What `mkdocs serve --dirty` does, without its server: rebuilds of a project into one folder."""

    def __init__(self, project: Project, folder: Path):
        self.project, self.folder = project, folder

    def rebuild(self) -> set[str]:
        """Build; the names of the pages that were written. Raises SystemExit where the build is red."""
        before = self._dates()
        with contextlib.chdir(self.project.root):
            config = load_config("mkdocs.yml", site_dir=str(self.folder))
            if not before:
                self.hooks = config.plugins  # the adapter as MkDocs has loaded it, once for all builds
                self.hooks.on_startup(command="serve", dirty=True)
            build(config, serve_url="http://127.0.0.1:8000/", dirty=True)
        return {name for name, date in self._dates().items() if before.get(name) != date}

    def stop(self) -> None:
        self.hooks.on_shutdown()
        self.hooks.on_startup(command="build", dirty=False)

    def site(self) -> dict[str, bytes]:
        return {p.relative_to(self.folder).as_posix(): p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}

    def _dates(self) -> dict[str, int]:
        return {path.stem: path.stat().st_mtime_ns for path in self.folder.rglob("*.html")}


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Project:
    project = Project.sound(tmp_path_factory.mktemp("sound") / "project")
    assert project.build().code == 0
    return project


@pytest.fixture
def serving(sound, tmp_path):
    serving = Serving(sound.copy(tmp_path / "project"), tmp_path / "served")
    serving.folder.mkdir()
    assert serving.rebuild() == ALL
    yield serving
    serving.stop()


def fresh(serving: Serving, folder: Path) -> dict[str, bytes]:
    """The site as a build from nothing makes it."""
    project = serving.project.copy(folder)
    serving.stop()
    outcome = project.build()
    assert outcome.code == 0, outcome.text
    return project.site()


CHANGES: dict[str, tuple[list[Edit], set[str]]] = {
    "nothing": ([], set()),
    "the text of a page": ([swap(PAGE, "名称之争不由执行判定。", "别的话。")], {"block-sum"}),
    "a correction": ([swap(PAGE, "分块会丢掉最后一块", "分块会丢掉第一块")], {"block-sum", "errata"}),
    "a snippet that a page shows and another one refers to": (
        [after(BLOCKS, "total = merged(numbers, 2)", "# one line more")],
        {"block-sum", "order-of-sums"},
    ),
    "a concept that a page names": ([swap(TERMS, "一段连续元素之和。", "一段之和。")], {"block-sum"}),
    "a concept that no page names": ([swap(TERMS, "浮点加法不满足结合律。", "另一句。")], set()),
    "the title of a planned question": ([swap(MAP, "还没有写的题？", "还没写的题？")], {"block-sum", "index"}),
    "a title, which the navigation shows": (
        [
            swap(PAGE, 'title: "求和可以分块吗？"', 'title: "求和能分块吗？"'),
            swap(MAP, '"求和可以分块吗？"', '"求和能分块吗？"'),
        ],
        ALL,
    ),
    "the theme": ([swap("theme/main.html", "<title>", "<meta name=a><title>")], ALL),
}


@pytest.mark.parametrize(("edits", "again"), CHANGES.values(), ids=CHANGES.keys())
def test_a_rebuild_makes_what_a_change_touches_and_the_site_of_a_build_from_nothing(edits, again, serving, tmp_path):
    serving.project.edit(*edits)
    assert serving.rebuild() == again
    served = serving.site()
    assert serving.rebuild() == set()
    made = fresh(serving, tmp_path / "fresh")
    assert {name: text for name, text in served.items() if name in made} == made
    assert not {name for name in served if name.endswith(".html")} - set(made)


def test_a_page_that_comes_is_in_every_navigation_and_one_that_goes_is_gone(serving):
    before = serving.site()
    serving.project.write("docs/more.md", "---\ntitle: 另一页\n---\n\n# 另一页\n")
    assert serving.rebuild() == ALL | {"more"}
    serving.project.path("docs/more.md").unlink()
    serving.rebuild()
    assert serving.site() == before


@pytest.mark.parametrize(
    "edit",
    [
        swap(BLOCKS, "total = merged(numbers, 2)", "total = merged(numbers, 2) + 1"),
        swap(PAGE, "名称之争不由执行判定。", "名称[之争](nothing.md)。"),
        swap(PAGE, "名称之争不由执行判定。", '名称<a href="nothing.html">之争</a>。'),
    ],
    ids=["a red snippet", "a dead link", "an address that is found dead after all pages are written"],
)
def test_a_red_rebuild_is_told_and_the_next_good_one_is_whole(edit, serving):
    before = serving.site()
    serving.project.edit(edit)
    for _ in range(2):
        with pytest.raises(SystemExit):
            serving.rebuild()
    serving.project.edit(swap(edit.file, str(edit.new), str(edit.old)))
    serving.rebuild()
    assert serving.site() == before
