"""Labs: the format as jupytext reads it, exercises that a check really decides, a light page, a learner's notebook."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bagu import lab as labs
from bagu import lab_page
from bagu.cache import Memo, ResultCache
from bagu.errors import BaguError
from bagu.formula import Formulas
from bagu.project import Project
from bagu.runner import Runner

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT / "docs/labs/attention.py"
MINIATURE = '''\
# ---
# title: 求和
# description: 两个数之和。
# minutes: 1
# ---

# %% [markdown]
# ## 准备
#
# 见[求和](article:sum)与[待写](article:planned)，$a<b$：
#
# $$a_1+b_2$$

# %% alt="一条线"
with open("line.svg", "w") as file:
    file.write('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0L9 9"/></svg>')
print("prepared: 1 < 2")

# %% [markdown]
# ## 练习：加
#
# `$x$` 是代码。

# %% tags=["blank"] exercise="add"
def add(a, b):
    """The sum."""
    raise NotImplementedError("exercise add: write add()")

# %% tags=["solution"] exercise="add"
def add(a, b):
    return a + b

# %% 减了 tags=["wrong"] exercise="add"
def add(a, b):
    return a - b

# %% 乘了 tags=["wrong"] exercise="add"
def add(a, b):
    return a * b

# %% tags=["check"] exercise="add"
assert add(2, 3) == 5, f"add-exact: {add(2, 3)}"
print("checked")
'''


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory):
    made = Runner(tmp_path_factory.mktemp("cache"), 2)
    yield made
    made.close()


def project(folder: Path, source: str = MINIATURE) -> tuple[Project, labs.Lab]:
    """A project with one lab."""
    (folder / "docs/labs").mkdir(parents=True)
    (folder / "docs/sums").mkdir()
    (folder / "docs/sums/sum.md").write_text("", "utf-8")
    questions = "".join(f'    - {{id: {id_}, tier: seed, question: "{id_}"}}\n' for id_ in ("sum", "planned"))
    head = "- topic: t\n  part: p\n  folder: sums\n  name: n\n  questions:\n"
    (folder / "docs/questions.yml").write_text(head + questions, "utf-8")
    (folder / "docs/labs/small.py").write_text(source, "utf-8")
    made = Project(folder)
    return made, labs.parse(made, folder / "docs/labs/small.py")


def execute(lab: labs.Lab, runner: Runner, cache: ResultCache) -> dict:
    jobs, known = labs.stale([lab], cache)
    runner.submit(jobs)
    return known | runner.wait()


def edited(old: str, new: str) -> str:
    assert MINIATURE.count(old) == 1
    return MINIATURE.replace(old, new)


def run(program: str, folder: Path) -> subprocess.CompletedProcess:
    """The program in plain Python."""
    command = [sys.executable, "-c", program]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)


# --- The real lab ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> labs.Lab:
    lab = labs.parse(Project(ROOT), REAL)
    assert not lab.findings
    return lab


@pytest.fixture(scope="module")
def ran(real: labs.Lab, runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> dict:
    return execute(real, runner, ResultCache(tmp_path_factory.mktemp("results") / "results.txt"))


@pytest.fixture(scope="module")
def page(real: labs.Lab, ran: dict, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """(without rendered formulas, with them)."""
    pytest.importorskip("mkdocs_jupyter", reason="requirements-labs.txt isn't installed")
    memo = Memo(tmp_path_factory.mktemp("memo") / "memo.json", "")
    facts = labs.by_name(real, ran)
    return lab_page.content(real, facts, memo), lab_page.page(real, facts, Formulas(None), memo)


@pytest.mark.parametrize("source", [REAL.read_text("utf-8"), MINIATURE], ids=["attention", "miniature"])
def test_cells_are_those_that_jupytext_reads(source: str, tmp_path: Path):
    jupytext = pytest.importorskip("jupytext", reason="requirements-labs.txt isn't installed")
    _, lab = project(tmp_path, source)
    theirs = [cell for cell in jupytext.reads(source, "py:percent").cells if cell.cell_type != "raw"]
    assert [(c.kind, c.source) for c in lab.cells] == [(c.cell_type, c.source) for c in theirs]
    for ours, other in zip(lab.cells, theirs, strict=True):
        meta = other.metadata
        assert (list(ours.tags), ours.exercise, ours.alt) == (
            meta.get("tags", []), meta.get("exercise", ""), meta.get("alt", "")
        )  # fmt: skip
        assert ours.title == meta.get("title", "")


def test_line_numbers_are_those_of_the_file(real: labs.Lab):
    lines = real.source.split("\n")
    for cell in real.cells:
        shown = lines[cell.first - 1].removeprefix("# ") if cell.kind == "markdown" else lines[cell.first - 1]
        assert lines[cell.line - 1].startswith("# %%") and shown == cell.source.split("\n")[0]
    for run in labs.jobs(real):
        for assertion in run.snippet.assertions:
            assert lines[assertion.line - 1].lstrip().startswith("assert ")


def test_solutions_pass_and_every_blank_and_wrong_filling_fails_its_check(real: labs.Lab, ran: dict):
    runs = labs.jobs(real)
    assert len(real.exercises) >= 4 and len(runs) == 1 + 3 * len(real.exercises)
    assert [finding for run in runs for finding in labs.judge(real, run, ran[run.key])] == []
    assert ran[runs[0].key]["ended"] and len(ran[runs[0].key]["passes"]) == len(runs[0].snippet.assertions)


def test_each_wrong_filling_is_caught_by_an_assertion_of_its_own(real: labs.Lab, ran: dict):
    caught = {run.name: ran[run.key]["fails"][0][0] for run in labs.jobs(real) if run.kind == "wrong"}
    assert len(set(caught.values())) == len(caught), caught


def test_page_is_light_and_self_contained(page: tuple[str, str]):
    content, whole = page
    assert len(content.encode()) < 150_000
    assert not re.search(r"<(?:style|script|link|iframe)\b|\b(?:src|href)\s*=\s*[\"']?(?:https?:)?//|cdnjs", whole)
    assert not re.search(r"In\s*\[|jp-|clipboard|highlight-ipynb|article:|BAGUMATH|\x1e", whole)


def test_page_ids_are_unique_and_its_headings_are_the_contents(page: tuple[str, str]):
    ids = re.findall(r'\sid="([^"]*)"', page[1])
    assert ids and len(ids) == len(set(ids))
    tokens = lab_page.contents(page[1])
    assert [t["id"] for t in tokens][:2] == ["准备", "一个查询三重循环"] and {t["id"] for t in tokens} <= set(ids)
    assert tokens[1]["name"] == "一个查询，三重循环"


def test_page_shows_outputs_formulas_and_folded_exercises(page: tuple[str, str], real: labs.Lab, ran: dict):
    whole = page[1]
    rest = re.sub(r"(?s)<bagu-math.*?</bagu-math>", "", whole)
    assert "arithmatex" not in whole and not re.search(r"\$\$|\\\(|\\\[", rest)
    formulas = sum(len(lab_page.find_formulas(c.source)) for c in real.cells if c.kind == "markdown")
    assert whole.count("<bagu-math") == formulas == whole.count("</math>")
    outputs = [text for text in lab_page._outputs(ran[labs.jobs(real)[0].key]).values() if text.strip()]
    assert whole.count('<div class="bagu-output"') == len(outputs) > 10
    assert "flash-exact" in whole and "3.8 of it" in whole and whole.count('<figure class="bagu-figure">') == 1
    for name in real.exercises:
        box = whole[whole.index(f'id="exercise-{name}"') :]
        box = box[: box.index("</div>\n<h2")] if "</div>\n<h2" in box else box
        folds = re.findall(r'<details class="([\w-]+)"', box)[:4]
        assert folds == ["bagu-check", "bagu-wrong-filling", "bagu-wrong-filling", "bagu-solution"]
        assert "NotImplementedError" in box and "被 <code>" in box


def test_learners_notebook_is_valid_and_runs_to_the_first_blank(real: labs.Lab, tmp_path: Path):
    text = lab_page.notebook(real)
    assert text == lab_page.notebook(real)
    data = json.loads(text)
    nbformat = pytest.importorskip("nbformat", reason="requirements-labs.txt isn't installed")
    nbformat.validate(nbformat.from_dict(data))
    assert len({cell["id"] for cell in data["cells"]}) == len(data["cells"]) and "article:" not in text
    program = "\n\n".join(cell["source"] for cell in data["cells"] if cell["cell_type"] == "code")
    assert "masked_fill(future" not in program  # no solution among what runs
    done = run(program, tmp_path)
    assert done.returncode == 1 and "batched: " in done.stdout
    assert done.stderr.rstrip().endswith("NotImplementedError: exercise causal: write the body of causal()")


def test_learners_notebook_runs_to_its_end_once_it_is_solved(real: labs.Lab, tmp_path: Path):
    program = lab_page.notebook(real)
    for blank, solution, *_ in real.exercises.values():
        old = json.dumps(blank.source, ensure_ascii=False)
        assert old in program
        program = program.replace(old, json.dumps(solution.source, ensure_ascii=False))
    cells = [cell["source"] for cell in json.loads(program)["cells"] if cell["cell_type"] == "code"]
    source = "import matplotlib\nmatplotlib.use('Agg')\n" + "\n\n".join(cells)
    done = run(source, tmp_path)
    assert done.returncode == 0, done.stderr


# --- What is refused -------------------------------------------------------------------------------------------------

REFUSED = {
    # name: (edit, how the line of the finding begins, words)
    "a wrong filling that passes": (("return a - b", "return b + a"), "# %% 减了", "this wrong filling passes the check"),
    "a blank that passes": (
        ('raise NotImplementedError("exercise add: write add()")', "return 5"), '# %% tags=["blank"]', "blank passes",
    ),
    "a wrong filling that crashes": (("return a * b", "return a.b"), "# %% 乘了", "doesn't: error: AttributeError"),
    "a wrong filling that fails elsewhere": (
        ("return a * b", 'assert a == 0, "inner: no"'), "# %% 乘了", "doesn't: assertion: inner",
    ),
    "a blank that raises something else": (
        ('NotImplementedError("exercise add: write add()")', "ValueError"), '# %% tags=["blank"]', "doesn't: error",
    ),
    "a blank that isn't reached": (
        ('print("prepared: 1 < 2")', 'raise NotImplementedError("later")'),
        '# %% tags=["blank"]',
        "doesn't: error: NotImplementedError",
    ),
    "a wrong solution": (("return a + b", "return a + b + 1"), 'assert add(2', "assertion: add-exact: 6"),
    "an assertion never reached": (
        ('print("checked")', 'if add(1, 1) == 3:\n    assert add(0, 0), "never: x"'), "    assert add(0", "unreached",
    ),
    "an early exit": (('print("prepared', 'exit(0)\nprint("prepared'), "exit(0)", "ended-early"),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "line", "words"), REFUSED.values(), ids=REFUSED)
def test_runs_that_prove_nothing_are_findings_at_their_line(edit, line, words, tmp_path: Path, runner: Runner):
    source = edited(*edit)
    _, lab = project(tmp_path, source)
    assert lab.findings == []
    cache = ResultCache(tmp_path / "results.txt")
    findings = labs.settle([lab], execute(lab, runner, cache), cache)
    at = next(n for n, text in enumerate(source.split("\n"), 1) if text.startswith(line))
    assert [f for f in findings if f.path == "docs/labs/small.py" and f.line == at and words in f.message], findings
    assert not cache.changed


TASK = "# %% [markdown]\n# ## 练习：加\n#\n# `$x$` 是代码。\n"
MALFORMED = {
    # name: (edit, how the line begins, words)
    "no header": (("# minutes: 1\n", ""), "# ---", "a lab begins with"),
    "one wrong filling": (('# %% 乘了 tags=["wrong"] exercise="add"', "# %%"), '# %% tags=["blank"]', "in one row"),
    "no title of a wrong filling": (("# %% 减了", "# %%"), '# %% tags=["wrong"]', "says in its marker what is wrong"),
    "no task": ((TASK, ""), '# %% tags=["blank"]', "no markdown cell before it"),
    "unknown tag": (('tags=["solution"]', 'tags=["answer"]'), '# %% tags=["answer"]', "one tag"),
    "an option in a title": (("# %% 减了", "# %% 减了 a=1"), "# %% 减了 a=1", "has no `=`"),
    "unknown option": ((' alt="一条线"', ' name="x"'), '# %% name="x"', "no option `name`"),
    "unknown article": (("article:planned", "article:nowhere"), "# 见[求和]", "names no id"),
    "no label": (('f"add-exact: {add(2, 3)}"', '"nothing"'), "assert add(2", "no-assertion"),
    "a label twice": (('print("checked")', 'assert add(0, 1), "add-exact: again"'), "assert add(0", "stands twice"),
    "a constant assertion": (("assert add(2, 3) == 5", "assert True"), "assert True", "constant-assertion"),
    "not Python": (("return a * b", "return a *"), "    return a *", "syntax"),
    "half a cell": (('print("checked")', "if True:\n# %%\n    print()"), "    print()", "program by itself"),
}


@pytest.mark.parametrize(("edit", "line", "words"), MALFORMED.values(), ids=MALFORMED)
def test_malformed_labs_are_refused_without_running(edit, line, words, tmp_path: Path):
    source = edited(*edit)
    _, lab = project(tmp_path, source)
    at = next(n for n, text in enumerate(source.split("\n"), 1) if text.startswith(line))
    assert [f for f in lab.findings if f.line == at and words in f.message], lab.findings
    assert labs.jobs(lab) == []


def test_formula_that_katex_rejects_is_a_finding_at_its_line(tmp_path: Path):
    _, lab = project(tmp_path, edited("$$a_1+b_2$$", r"$$\frac{a$$"))
    findings = labs.check_formulas(lab, Formulas(None))
    assert [(f.path, f.line) for f in findings] == [("docs/labs/small.py", 12)]


# --- The miniature's page --------------------------------------------------------------------------------------------


def test_what_is_kept_starts_no_process_and_makes_no_page(tmp_path: Path, runner: Runner, monkeypatch):
    pytest.importorskip("mkdocs_jupyter", reason="requirements-labs.txt isn't installed")
    made, lab = project(tmp_path)
    path, kept = tmp_path / "results.txt", tmp_path / "memo.json"
    cache, memo = ResultCache(path), Memo(kept, "")
    facts = execute(lab, runner, cache)
    assert labs.settle([lab], facts, cache) == []
    first = lab_page.content(lab, labs.by_name(lab, facts), memo)
    cache.save()
    memo.save()

    monkeypatch.setattr(lab_page, "_convert", lambda *_: pytest.fail("the page was made again"))
    program = labs._program

    def only_whole(lab: labs.Lab, name: str, *rest):
        return program(lab, name, *rest) if name == "whole" else pytest.fail("a run's program was parsed")

    monkeypatch.setattr(labs, "_program", only_whole)
    (again,), cache = labs.load(made), ResultCache(path)
    jobs, known = labs.stale([again], cache)
    assert jobs == [] and labs.settle([again], known, cache) == [] and not cache.changed
    assert lab_page.content(again, labs.by_name(again, known), Memo(kept, "")) == first


def test_miniature_page(tmp_path: Path, runner: Runner):
    pytest.importorskip("mkdocs_jupyter", reason="requirements-labs.txt isn't installed")
    _, lab = project(tmp_path)
    facts = labs.by_name(lab, execute(lab, runner, ResultCache(tmp_path / "results.txt")))
    html = lab_page.page(lab, facts, Formulas(None), Memo(tmp_path / "memo.json", ""))
    assert '<a href="../sums/sum.html">求和</a>' in html and "待写<small>待写</small>" in html
    assert "<samp>prepared: 1 &lt; 2</samp>" in html and "<samp>checked</samp>" in html
    assert "<code>$x$</code>" in html and html.count("</math>") == 2
    assert 'aria-label="一条线"' in html and html.index("<figure") < html.index("exercise-add")
    assert "错填一：减了（被 <code>add-exact</code> 抓住）" in html


def test_a_figure_without_a_description_is_refused(tmp_path: Path, runner: Runner):
    pytest.importorskip("mkdocs_jupyter", reason="requirements-labs.txt isn't installed")
    _, lab = project(tmp_path, edited(' alt="一条线"', ""))
    facts = labs.by_name(lab, execute(lab, runner, ResultCache(tmp_path / "results.txt")))
    with pytest.raises(BaguError, match=r"docs/labs/small\.py:14: .*`alt`"):
        lab_page.content(lab, facts, Memo(tmp_path / "memo.json", ""))


def test_a_missing_converter_says_what_to_install(tmp_path: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "mkdocs_jupyter.nbconvert2", None)
    _, lab = project(tmp_path)
    with pytest.raises(BaguError, match=r"pip install -r requirements-labs\.txt"):
        lab_page._convert(lab, {})
