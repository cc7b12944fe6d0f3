"""Snippets as readers take them away: the program without the build's marks, and the notebook."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from bagu.notebook import published, to_notebook

SOFTMAX = '''\
# bagu: seconds=30 memory=4GiB

"""分块 softmax 与一次性 softmax 得到同一个结果。

公式：$m = \\\\max_i x_i$
"""

from __future__ import annotations

import math
from itertools import (
    islice,
)


# --8<-- [start:merge]
def softmax(xs: list[float]) -> list[float]:
    top = max(xs)
    # --8<-- [start:inner]
    exps = [math.exp(x - top) for x in xs]
    # --8<-- [end:inner]
    return [e / sum(exps) for e in exps]
# --8<-- [end:merge]


print("sum:", round(sum(softmax([1.0, 2.0, 3.0])), 6))
print(list(islice(range(9), 2)), "中文")
'''

GUARDED = '''\
import json
try:
    import nothing_of_this_name
except ImportError:
    nothing_of_this_name = None

TEXT = """
# --8<-- [start:x]
# bagu: this is text
""" + f"""{1 + 1}
# --8<-- [end:x]
"""
print(json.dumps(TEXT), nothing_of_this_name)

if __name__ == "__main__":
    print("main")
'''

ODD = "# a comment above\r\n'doc'\r\nimport os; print(os.sep)\r\n\r\n\r\nx = 1\r\nprint(x)"

PROGRAMS = {"softmax": SOFTMAX, "guarded": GUARDED, "odd": ODD}


def output(source: str) -> str:
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def cells(source: str) -> list[dict]:
    return json.loads(to_notebook(source, "name"))["cells"]


def code(source: str) -> list[str]:
    return ["".join(cell["source"]) for cell in cells(source) if cell["cell_type"] == "code"]


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_notebook_prints_what_its_program_prints(source):
    parts = code(source)
    for part in parts:
        compile(part, "cell", "exec")
    assert output("\n".join(parts)) == output(source) != ""


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_published_program_prints_what_the_snippet_prints(source):
    assert output(published(source)) == output(source)


def test_a_published_program_has_no_marks_of_the_build():
    text = published(SOFTMAX)
    assert text.startswith('"""分块') and "8<--" not in text and "bagu:" not in text
    assert "    top = max(xs)\n    exps = [" in text


def test_a_program_without_marks_is_published_as_it_is():
    source = '"""Doc."""\n\nprint(1)  # --8<-- [start:x] isn\'t a marker here\n'
    assert published(source) == source


def test_text_that_looks_like_a_marker_stays():
    assert "# --8<-- [start:x]\n# bagu: this is text" in published(GUARDED)


def test_lines_end_in_one_way_and_comments_above_the_docstring_stay():
    assert published(ODD) == "# a comment above\n'doc'\nimport os; print(os.sep)\n\n\nx = 1\nprint(x)"
    assert code(ODD) == ["# a comment above\nimport os; print(os.sep)", "x = 1\nprint(x)"]


def test_docstring_imports_and_the_rest_are_a_cell_each():
    first, second, third = cells(SOFTMAX)
    assert first["cell_type"] == "markdown"
    assert "".join(first["source"]) == "分块 softmax 与一次性 softmax 得到同一个结果。\n\n公式：$m = \\max_i x_i$"
    assert "".join(second["source"]).splitlines()[0] == "from __future__ import annotations"
    assert "".join(second["source"]).endswith("    islice,\n)")
    assert "".join(third["source"]).startswith("def softmax")


@pytest.mark.parametrize(("source", "kinds"), [
    ("print(1)\n", ["code"]), ('"""Doc."""\n', ["markdown"]), ("", []), ("import os\n", ["code"]),
    ("'doc'; print(1)\n", ["code"]), ("# bagu: seconds=3\n", []), ("# only a comment\n", ["code"]),
])  # fmt: skip
def test_empty_cells_are_left_out(source, kinds):
    assert [cell["cell_type"] for cell in cells(source)] == kinds


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_notebook_has_the_shape_of_nbformat_4_5(source):
    notebook = json.loads(to_notebook(source, "某文件"))
    assert set(notebook) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert set(notebook["metadata"]["kernelspec"]) >= {"name", "display_name"}
    assert notebook["metadata"]["language_info"]["name"] == "python"
    assert notebook["metadata"]["title"] == "某文件"
    common = {"id", "cell_type", "metadata", "source"}
    for cell in notebook["cells"]:
        assert set(cell) == (common if cell["cell_type"] == "markdown" else common | {"execution_count", "outputs"})
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])
        assert all(line.endswith("\n") and line.count("\n") == 1 for line in cell["source"][:-1])
        assert cell.get("execution_count") is None and cell.get("outputs", []) == []
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)


def test_the_same_program_gives_the_same_bytes():
    assert to_notebook(SOFTMAX, "a") == to_notebook(SOFTMAX, "a")
    assert "分块" in to_notebook(SOFTMAX, "a")


@pytest.mark.parametrize("source", ["def f(:\n", '"""open\n', "print(1\n"])
def test_what_is_no_program_is_a_syntax_error(source):
    with pytest.raises(SyntaxError):
        to_notebook(source, "a")
