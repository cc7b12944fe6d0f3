"""The canary: a snippet broken on purpose must turn the command and the site red, in processes of their own.

A site generator that stops calling our hook, or swallows what it raises, would build a green site of unproven claims.
So each fault is planted in the miniature and in the real project, and ``python -m bagu run`` and ``python -m mkdocs
build``, strict or not, must exit with 1, name both places, and leave the last good site byte for byte as it was. Below
stand the interfaces of MkDocs, pymdown-extensions and Material that this rests on, one test each.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from project import BLOCKS, HOOKS, PAGE, ROOT, Outcome, Project, command, environment

PLANTS = {
    # name: (lines added at the end of the snippet, status, whether the last of them is named)
    "a false assertion": ('assert len("ab") == 3, "planted: false"', "assertion", True),
    "a caught AssertionError": (
        'try:\n    assert len("ab") == 3, "planted: false"\nexcept AssertionError:\n    pass', "assertion", False,
    ),
    "sys.exit(0)": ("import sys\nsys.exit(0)", "ended-early", True),
    "os._exit(0)": ("import os\nos._exit(0)", "ended-early", False),
}  # fmt: skip
ARTICLE = "docs/transformer/flash-attention.md"
COMMANDS = {
    "bagu run": ["bagu", "run"],
    "mkdocs build": ["mkdocs", "build"],
    "mkdocs build --strict": ["mkdocs", "build", "--strict"],
}


@dataclass
class Site:
    """A project with a good site, and the snippet in which faults are planted."""

    project: Project
    hooks: Path
    page: str
    snippet: str
    good: dict[str, bytes]

    def command(self, *arguments: str) -> Outcome:
        return command(self.project.root, *arguments, hooks=self.hooks)


def built(project: Project, hooks: Path, page: str, snippet: str) -> Site:
    site = Site(project, hooks, page, snippet, {})
    outcome = site.command("mkdocs", "build", "--strict")
    assert outcome.code == 0, f"the project is red before anything is planted:\n{outcome.text}"
    site.good = project.site()
    assert "index.html" in site.good
    return site


@pytest.fixture(scope="module")
def miniature(tmp_path_factory) -> Site:
    return built(Project.sound(tmp_path_factory.mktemp("miniature") / "project"), HOOKS, PAGE, BLOCKS)


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Site:
    """A copy of this repository with one article and the results of its snippets, so that little is executed."""
    root = tmp_path_factory.mktemp("real") / "project"
    waste = shutil.ignore_patterns("__pycache__")
    shutil.copytree(HOOKS, root / "hooks", ignore=waste)
    for name in ("overrides", "docs/concepts", "docs/references", ".cache/bagu"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=waste)
    for name in ("mkdocs.yml", "Makefile", "pyproject.toml", "requirements.txt", "requirements-snippets.txt"):
        shutil.copy(ROOT / name, root / name)
    for file in (*(ROOT / "docs").glob("*.*"), ROOT / ARTICLE):
        (root / file.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, root / file.relative_to(ROOT))
    embedded = re.findall(r"^/// (?:proof|refute) \| ([^\s:]+)", (ROOT / ARTICLE).read_text("utf-8"), re.MULTILINE)
    for folder in {Path("snippets", path).parent for path in embedded}:
        shutil.copytree(ROOT / folder, root / folder, ignore=waste)
    return built(Project(root), root / "hooks", ARTICLE, f"snippets/{embedded[0]}")


@pytest.fixture(params=["miniature", "real"])
def site(request) -> Site:
    return request.getfixturevalue(request.param)


@pytest.fixture
def planted(site, plant):
    """The site with the fault in its snippet, taken out again afterwards."""
    sound = site.project.read(site.snippet)
    site.project.write(site.snippet, sound + PLANTS[plant][0] + "\n")
    yield site
    site.project.write(site.snippet, sound)


def places(site: Site, plant: str) -> str:
    """Both locations as they are printed."""
    text, status, last = PLANTS[plant]
    source = site.project.read(site.snippet).rstrip("\n").split("\n")
    line = len(source) if last else next((n for n, s in enumerate(source, 1) if '"planted: false"' in s), 0)
    article = site.project.read(site.page).split("\n")
    at = next(n for n, s in enumerate(article, 1) if site.snippet.removeprefix("snippets/") in s)
    return f"{site.page}:{at}: {site.snippet}{f':{line}' if line else ''}: {status}: "


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS.keys())
@pytest.mark.parametrize("plant", PLANTS)
def test_a_broken_snippet_turns_it_red_and_leaves_the_last_good_site(planted, plant, arguments):
    outcome = planted.command(*arguments)
    assert outcome.code == 1, outcome.text
    assert places(planted, plant) in outcome.text
    assert planted.project.site() == planted.good
    assert not [p.name for p in planted.project.root.glob("site.*")]


@pytest.mark.skipif(not shutil.which("make"), reason="make isn't installed; CI has it")
@pytest.mark.parametrize("plant", ["a false assertion"])
def test_make_site_is_red_as_well(real, plant):
    sound = real.project.read(real.snippet)
    real.project.write(real.snippet, sound + PLANTS[plant][0] + "\n")
    try:
        done = subprocess.run(
            ["make", "-o", f"{sys.prefix}/.snippets", f"VENV={sys.prefix}", "site"], cwd=real.project.root,
            env=environment(real.hooks), capture_output=True, timeout=120,
        )  # fmt: skip
        assert done.returncode != 0
        assert places(real, plant).encode() in done.stderr + done.stdout
        assert real.project.site() == real.good
    finally:
        real.project.write(real.snippet, sound)


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS.keys())
def test_without_the_fault_it_is_green(site, arguments):
    outcome = site.command(*arguments)
    assert outcome.code == 0, outcome.text
    assert not [p.name for p in site.project.root.glob("site.*")]


def test_a_hook_that_is_not_called_is_noticed(miniature, tmp_path):
    """The canary can fail: with the hook taken out of the configuration, MkDocs is green whatever the snippet does."""
    project = Project.sound(tmp_path / "project")
    project.write("mkdocs.yml", re.sub(r"^hooks:.*\n", "", project.read("mkdocs.yml"), flags=re.MULTILINE))
    project.write(BLOCKS, project.read(BLOCKS) + PLANTS["a false assertion"][0] + "\n")
    assert command(project.root, "mkdocs", "build").code == 0
    assert command(project.root, "bagu", "run").code == 1


def test_a_fault_found_while_pages_are_written_leaves_the_last_good_site_too(tmp_path):
    project = Project.sound(tmp_path / "project")
    assert project.build().code == 0
    good = project.site()
    project.write("theme/main.html", '<a href="proof:total">x</a>{{ page.content }}')
    outcome = project.build()
    assert outcome.code == 1 and "the address proof:total is left in the page" in outcome.text
    assert project.site() == good and not list(project.root.glob("site.*"))


def test_a_preview_executes_nothing_and_says_so_on_the_page(tmp_path, monkeypatch):
    monkeypatch.setenv("BAGU_PREVIEW", "1")
    monkeypatch.setattr(subprocess, "Popen", None)
    project = Project.sound(tmp_path / "project")
    project.write(BLOCKS, project.read(BLOCKS) + PLANTS["a false assertion"][0] + "\n")
    assert project.build().code == 0
    page = project.site()["transformer/block-sum.html"].decode()
    assert page.count("未在本机运行") >= 3 and "bagu-passed" not in page and "total: 28" in page


def test_a_preview_is_never_deployed(tmp_path):
    project = Project.sound(tmp_path / "project")
    outcome = command(project.root, "mkdocs", "gh-deploy", BAGU_PREVIEW="1")
    assert outcome.code == 1 and "a preview executes nothing and is never deployed" in outcome.text


# --- MkDocs ----------------------------------------------------------------------------------------------------------


def plain(root: Path, hook: str, theme: str = "{ name: null, custom_dir: theme }", plugins: str = "[]") -> Project:
    """A project of two pages and one hook, without us."""
    project = Project(root)
    settings = f"theme: {theme}\nplugins: {plugins}\nhooks: [hook.py]\nuse_directory_urls: false\n"
    project.write("mkdocs.yml", f"site_name: x\n{settings}")
    project.write("theme/main.html", "{{ page.content }}")
    project.write("docs/index.md", "# A\n\nfirst\n")
    project.write("docs/b.md", "# B\n\nsecond\n")
    project.write("hook.py", hook)
    return project


EVENTS = ("config", "files", "page_markdown", "page_content", "env", "page_context", "post_page", "post_build")


def test_mkdocs_fires_its_events_in_the_order_that_the_phases_need(tmp_path):
    record = "".join(
        f"def on_{name}(*args, page=None, **more):\n"
        f"    open('events', 'a').write('{name} ' + (page.file.src_uri if page else '') + '\\n')\n"
        f"    return args[0] if args and '{name}' not in ('page_context', 'env', 'post_build') else None\n"
        for name in EVENTS
    )
    project = plain(tmp_path / "p", record)
    assert project.build().code == 0, project.build().text
    seen = [line.split() for line in project.read("events").splitlines()]
    pages = ["b.md", "index.md"]
    assert [name for name, *_ in seen][:2] == ["config", "files"] and seen[-1] == ["post_build"]
    env = seen.index(["env"])
    before, later = seen[2:env], seen[env + 1 : -1]
    for page in pages:  # all of Markdown before the barrier, all of the templates after it
        assert [name for name, *of in before if of == [page]] == ["page_markdown", "page_content"]
        assert [name for name, *of in later if of == [page]] == ["page_context", "post_page"]
    assert len(before) == len(later) == 2 * len(pages)


def test_mkdocs_writes_to_the_site_dir_that_on_config_chose(tmp_path):
    project = plain(tmp_path / "p", "def on_config(config):\n    config.site_dir += '.partial'\n    return config\n")
    assert project.build().code == 0
    assert project.path("site.partial/index.html").is_file() and not project.path("site").exists()


def test_mkdocs_shows_the_content_that_on_env_put_into_a_page(tmp_path):
    hook = (
        "def on_env(env, config, files):\n"
        "    for f in files.documentation_pages():\n"
        "        f.page.content = 'FILLED'\n"
    )
    project = plain(tmp_path / "p", hook)
    assert project.build().code == 0 and project.read("site/index.html") == "FILLED"


@pytest.mark.parametrize(
    "event", ["on_config(config)", "on_env(env, config, files)", "on_post_page(output, page, config)"]
)
def test_mkdocs_exits_with_1_for_a_plugin_error_and_tells_on_build_error(tmp_path, event):
    project = plain(
        tmp_path / "p",
        f"from mkdocs.exceptions import PluginError\ndef {event}:\n    raise PluginError('RED')\n"
        "def on_build_error(error):\n    open('told', 'w').write(str(error))\n",
    )
    outcome = command(project.root, "mkdocs", "build")
    assert outcome.code == 1 and "RED" in outcome.text and project.read("told") == "RED"


def test_mkdocs_exits_with_0_for_a_logged_error_which_is_why_we_raise(tmp_path):
    project = plain(
        tmp_path / "p", "import logging\ndef on_env(*a, **k):\n    logging.getLogger('mkdocs.x').error('RED')\n"
    )
    outcome = command(project.root, "mkdocs", "build")
    assert outcome.code == 0 and "RED" in outcome.text


def test_mkdocs_aborts_a_strict_build_only_after_on_post_build(tmp_path):
    project = plain(
        tmp_path / "p",
        "import logging\ndef on_env(*a, **k):\n    logging.getLogger('mkdocs.x').warning('hm')\n"
        "def on_post_build(config):\n"
        "    handlers = logging.getLogger('mkdocs').handlers\n"
        "    counts = [h.get_counts() for h in handlers if hasattr(h, 'get_counts')]\n"
        "    open('counts', 'w').write(repr(counts))\n",
    )
    assert project.build(strict=True).code == 1
    assert project.read("counts") == "[[('WARNING', 1)]]", (
        "on_post_build looks here before it replaces the last good site"
    )


# --- pymdown-extensions ----------------------------------------------------------------------------------------------


MALFORMED = {
    "an unquoted colon": "/// details | x\n    type: a: b\n\nbody\n///",
    "an unknown key": "/// details | x\n    colour: red\n\nbody\n///",
    "a wrong type": "/// details | x\n    open: maybe\n\nbody\n///",
    "an unknown name": "/// detials | x\n\nbody\n///",
}


@pytest.mark.parametrize("source", MALFORMED.values(), ids=MALFORMED.keys())
def test_the_block_api_drops_a_malformed_block_silently_which_is_why_we_parse_ourselves(source, recwarn):
    import markdown

    assert "<details" in markdown.markdown("/// details | x\n\nbody\n///", extensions=["pymdownx.blocks.details"])
    html = markdown.markdown(source, extensions=["pymdownx.blocks.details"])
    assert html.startswith("<p>///") and not recwarn.list


def test_a_block_that_is_not_closed_is_closed_silently():
    import markdown

    html = markdown.markdown("/// details | x\n\nbody\n\nrest", extensions=["pymdownx.blocks.details"])
    assert "<details" in html and "rest" in html


@pytest.mark.parametrize("value", [None, 1, "x", ["x"], {"x": 1}])
def test_type_any_accepts_anything_so_that_our_validator_speaks(value):
    from pymdownx.blocks.block import type_any

    assert type_any(value) is value


# --- Material --------------------------------------------------------------------------------------------------------


def test_material_indexes_in_the_events_that_are_taken_from_it(tmp_path):
    hook = "def on_config(config):\n    plugin = config.plugins['material/search']\n"
    for event in ("page_context", "post_build"):
        hook += f"    config.plugins.events['{event}'].remove(plugin.on_{event})\n"
    for name, ours, written in (("theirs", "", True), ("ours", hook, False)):
        project = plain(tmp_path / name, ours, "{ name: material, font: false }", "[search]")
        outcome = command(project.root, "mkdocs", "build")
        assert outcome.code == 0, outcome.text
        assert (project.root / "site/search/search_index.json").exists() is written
        assert 'data-md-component="search-query"' in project.read("site/index.html")


def test_evidence_is_not_in_the_search_index_of_the_real_site(real):
    index = real.good["search/index.js"].decode()
    source = real.project.read(real.snippet)
    line = next(line.strip() for line in source.splitlines() if line.startswith(("import ", "from ")))
    assert "FlashAttention" in index
    assert line not in index and "bagu-evidence" not in index
