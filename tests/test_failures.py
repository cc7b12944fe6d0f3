"""Failure is failure: each fault, planted alone in a sound project, turns ``bagu run`` and ``mkdocs build`` red.

A row is a fault: what to change in the miniature of ``project.py``, and what a user must then see: the status word of
the contract, the line of the article, the line of the snippet, and a part of the message. The same project without
the fault is green (the first tests), and so is whatever looks like a fault and is none (the last table).
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from bagu.article import KEYS, KINDS
from bagu.evidence import STATUSES
from bagu.rules import RULES
from project import (
    BIB,
    BLOCKS,
    DRAWING,
    FOLDER,
    MAP,
    OTHER,
    PAGE,
    REFUTING,
    SOUND,
    TERMS,
    Edit,
    Outcome,
    Project,
    after,
    swap,
    whole,
)  # fmt: skip

REPORT_KEYS = ["snippet", "embeds", "status", "line", "label", "message", "seconds", "cached", "layers"]


@pytest.fixture(scope="session")
def sound(tmp_path_factory) -> Project:
    """The project without a fault, its results cached, so that a row executes what it has changed and nothing else."""
    project = Project.sound(tmp_path_factory.mktemp("sound") / "project")
    assert project.run().code == 0
    project.write("site/index.html", LAST_GOOD)
    return project


LAST_GOOD = "the last good site"


@pytest.fixture
def project(sound, tmp_path) -> Project:
    return sound.copy(tmp_path / "project")


@dataclass(frozen=True)
class Row:
    """``edits`` plant the fault; ``at`` is (a part of) the first location's line, ``snippet``/``line`` the second's."""

    name: str
    edits: list[Edit]
    says: str
    at: str | int = 0
    file: str = PAGE
    snippet: str = ""
    line: str | int = 0
    status: str = ""
    label: str = ""
    prepare: Callable[[Project], None] | None = None
    reported: str = ""  # the snippet's name in the report, where it isn't ``snippet``


def check_report(report: dict | None) -> None:
    """The schema of ``--json`` in the contract."""
    assert report is not None and list(report) == ["schema", "ok", "results"]
    assert report["schema"] == 1 and isinstance(report["ok"], bool)
    for result in report["results"]:
        assert list(result) == REPORT_KEYS
        assert result["status"] in STATUSES
        assert all(re.fullmatch(r"docs/\S+\.md:[1-9]\d*", place) for place in result["embeds"])
        kinds = (
            ("snippet", str),
            ("line", int),
            ("label", str),
            ("message", str),
            ("seconds", float),
            ("cached", bool),
        )
        assert all(isinstance(result[key], kind) for key, kind in kinds)
        assert all(isinstance(layer, str) for layer in result["layers"])


def check_message(row: Row, project: Project, outcome: Outcome) -> None:
    """One line of what was printed names both locations and says what is wrong."""
    number = project.line(row.file, row.at)
    where = f"{row.file}:{number}: " if number else f"{row.file}: "
    if row.snippet:
        number = project.line(row.snippet, row.line) if row.line else 0
        where += f"{row.snippet}:{number}: " if number else f"{row.snippet}: "
    lines = [line for line in outcome.text.splitlines() if where in line and row.says in line]
    assert lines, f"no line with `{where}` and `{row.says}` in:\n{outcome.text}"
    assert all(line[-5:-1] in RULES and line[-6] + line[-1] == "[]" for line in lines), f"no rule at the end of {lines}"
    if row.status:
        assert any(f": {row.status}: " in line for line in lines), lines


def check_run(row: Row, project: Project) -> None:
    outcome = project.run()
    assert outcome.code == 1, outcome.text
    check_message(row, project, outcome)
    check_report(outcome.report)
    assert outcome.report["ok"] is False
    if row.status:
        result = outcome.result(row.reported or row.snippet)
        assert result["status"] == row.status
        assert result["line"] == (project.line(row.snippet, row.line) if row.line else 0)
        assert result["label"] == row.label
        assert f"{PAGE}:{project.line(PAGE, row.at)}" in result["embeds"]
        assert not result["cached"] or row.status in ("output", "no-record"), "failures are never cached"


def check_build(row: Row, project: Project) -> None:
    outcome = project.build()
    assert outcome.code == 1, outcome.text
    check_message(row, project, outcome)
    assert project.site() == {"index.html": LAST_GOOD.encode()}, "a red build leaves the last good site as it is"
    assert not project.path("site.partial").exists() and not project.path("site.old").exists()


def rows(table: list[Row]) -> Callable:
    """Each row twice: what ``bagu run`` says of it, and what ``mkdocs build`` does."""
    checks = {"bagu run": check_run, "mkdocs build": check_build}
    cases = [pytest.param(row, check, id=f"{row.name}: {name}") for row in table for name, check in checks.items()]
    return pytest.mark.parametrize(("row", "check"), cases)


def plant(row: Row, project: Project) -> None:
    project.edit(*row.edits)
    if row.prepare:
        row.prepare(project)


def test_the_sound_project_is_green_on_the_command_line(project):
    outcome = project.run("--fresh")
    assert (outcome.code, outcome.report["ok"]) == (0, True), outcome.text
    check_report(outcome.report)
    assert {r["snippet"]: r["status"] for r in outcome.report["results"]} == dict.fromkeys(
        (BLOCKS, REFUTING, DRAWING), "passed"
    )
    places = [f"{PAGE}:{project.line(PAGE, 'blocks.py:merge')}", f"{OTHER}:{project.line(OTHER, 'blocks.py')}"]
    assert outcome.result(BLOCKS)["embeds"] == places


@pytest.mark.parametrize("strict", [False, True], ids=["plain", "strict"])
def test_the_sound_project_is_green_under_mkdocs(project, strict):
    outcome = project.build(strict)
    assert outcome.code == 0, outcome.text
    page = project.site()["transformer/block-sum.html"].decode()
    assert page.count('class="bagu-passed"') == 3 and page.count('class="bagu-tick"') == 5
    assert "index.html" in project.site() and not project.path("site.partial").exists()


# --- Snippets: each status word of the contract ----------------------------------------------------------------------


STEP = "mean = total / len(numbers)"


def inside(code: str) -> list[Edit]:
    """Lines added to the first snippet before it prints and asserts; ``# HERE`` marks the line to be reported."""
    return [after(BLOCKS, STEP, code)]


def snippet(name: str, status: str, edits: list[Edit] | str, says: str, line: str | int = "# HERE", **more) -> Row:
    edits = inside(edits) if isinstance(edits, str) else edits
    return Row(name, edits, says, "proof | transformer/block-sum/blocks.py", PAGE, BLOCKS, line, status, **more)


def limits(text: str) -> Edit:
    return swap(BLOCKS, "seconds=5", text)


SVG = "'<svg xmlns=\"http://www.w3.org/2000/svg\"/>'"
SNIPPETS = [
    snippet(
        "false",
        "assertion",
        [swap(BLOCKS, "total == sum(numbers), ", "total == 29, ")],
        "28",
        "blocks-exact:",
        label="blocks-exact",
    ),
    snippet(
        "false, and caught",
        "assertion",
        "try:\n    assert total == 29, f'caught: {total}'  # HERE\nexcept AssertionError:\n    pass",
        "28",
        label="caught",
    ),
    snippet(
        "false, AssertionError replaced",
        "assertion",
        "import builtins\nbuiltins.AssertionError = KeyError\ntry:\n    assert total == 29, f'other: {total}'  # HERE\n"
        "except KeyError:\n    pass",
        "28",
        label="other",
    ),
    snippet(
        "false in a forked rank",
        "assertion",
        "import os\nif not (child := os.fork()):\n    assert total == 29, f'rank: {total}'  # HERE\n"
        "os.waitpid(child, 0)",
        "28",
        label="rank",
    ),
    snippet(
        "false in a thread",
        "assertion",
        "import threading\ndef work():\n    assert total == 29, f'thread: {total}'  # HERE\n"
        "t = threading.Thread(target=work)\nt.start()\nt.join()",
        "28",
        label="thread",
    ),
    snippet(
        "another number printed",
        "output",
        [swap(BLOCKS, '"total:", total', '"total:", total + 1')],
        "the output differs",
        0,
    ),
    snippet(
        "another last digit printed",
        "output",
        [swap(BLOCKS, "{mean:.3f}", "{mean + 0.001:.3f}")],
        "the output differs",
        0,
    ),
    snippet(
        "another word printed", "output", [swap(BLOCKS, '"total:", total', '"sum:", total')], "the output differs", 0
    ),
    snippet("one line more printed", "output", "print('more')", "the output differs", 0),
    snippet(
        "another record", "output", [whole(f"{FOLDER}/blocks.out", "total: 27\nmean: 4.000\n")], "the output differs", 0
    ),
    snippet("an empty record", "output", [whole(f"{FOLDER}/blocks.out", "")], "the output differs", 0),
    snippet(
        "a record that isn't UTF-8",
        "output",
        [whole(f"{FOLDER}/blocks.out", b"total: \xff\n")],
        "the output differs",
        0,
    ),
    snippet("no record", "no-record", [whole(f"{FOLDER}/blocks.out", None)], "blocks.out is missing", 0),
    snippet("sys.exit(0)", "ended-early", "import sys\nsys.exit(0)  # HERE", "exit(0)"),
    snippet("raise SystemExit", "ended-early", "raise SystemExit  # HERE", "exit(None)"),
    snippet("os._exit(0)", "ended-early", "import os\nos._exit(0)", "code 0", 0),
    snippet("exec of another program", "ended-early", "import os\nos.execv('/bin/true', ['true'])", "code 0", 0),
    snippet("os._exit(0) at exit", "ended-early", "import atexit, os\natexit.register(os._exit, 0)", "code 0", 0),
    snippet(
        "a long sleep",
        "timeout",
        [*inside("import time\ntime.sleep(60)"), limits("seconds=0.4")],
        "stopped after 0.4 s",
        0,
    ),
    snippet(
        "an endless loop",
        "timeout",
        [*inside("while True:\n    pass"), limits("seconds=0.4")],
        "stopped after 0.4 s",
        0,
    ),
    snippet(
        "too much memory",
        "memory",
        [*inside("hoard = bytearray(2**29)  # HERE"), limits("seconds=5 memory=128MiB")],
        "128 MiB",
    ),
    snippet("SIGSEGV", "signal", "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV", 0),
    snippet("SIGKILL", "signal", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "SIGKILL", 0),
    snippet("a process left", "left-process", "import subprocess\nsubprocess.Popen(['sleep', '60'])", "sleep", 0),
    snippet(
        "a process left in its own session",
        "left-process",
        "import subprocess\nsubprocess.Popen(['sleep', '60'], start_new_session=True)",
        "sleep",
        0,
    ),
    snippet(
        "a thread left that is no daemon",
        "left-process",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), name='lingering').start()",
        "lingering",
        0,
    ),
    snippet(
        "no assertion",
        "no-assertion",
        [swap(BLOCKS, line, "") for line in SOUND[BLOCKS].splitlines() if line.startswith("assert")],
        "no assertion",
        0,
    ),
    snippet("an assertion without a message", "no-assertion", "assert total  # HERE", "no literal message"),
    snippet(
        "an assertion without a label", "no-assertion", "assert total, 'what a total'  # HERE", "no literal message"
    ),
    snippet("a computed label", "no-assertion", "name = 'a: b'\nassert total, name  # HERE", "no literal message"),
    snippet(
        "an assertion that isn't reached",
        "unreached",
        "if total < 0:\n    assert total, 'negative: no'  # HERE",
        "without ever reaching",
        label="negative",
    ),
    snippet(
        "an assertion in a function that nobody calls",
        "unreached",
        "def idle():\n    assert total, 'idle: no'  # HERE",
        "without ever reaching",
        label="idle",
    ),
    snippet("assert True", "constant-assertion", "assert True, 'always: yes'  # HERE", "a constant"),
    snippet("assert 1 == 1", "constant-assertion", "assert 1 == 1, 'always: yes'  # HERE", "a constant"),
    snippet("assert (x == y, message)", "constant-assertion", "assert (total == 1, 'tuple: no')  # HERE", "a tuple"),
    snippet(
        "assert x == x", "constant-assertion", "assert total == total, 'same: yes'  # HERE", "both sides are the same"
    ),
    snippet("assert False", "constant-assertion", "assert False, 'refused: no'  # HERE", "set a flag in `except`"),
    snippet(
        "a difference without abs",
        "constant-assertion",
        "assert total - 28.5 < 1e-9, 'close: no'  # HERE",
        "holds however much smaller `total` is; write `abs(total - 28.5)`",
    ),
    snippet("assert x or True", "constant-assertion", "assert total or True, 'either: yes'  # HERE", "always true"),
    snippet("assert [x]", "constant-assertion", "assert [total], 'list: yes'  # HERE", "true by itself"),
    snippet("writing to another folder", "denied", "open('/var/tmp/bagu-x', 'w')  # HERE", "write /var/tmp/bagu-x"),
    snippet(
        "writing to another folder, refusal caught",
        "denied",
        "try:\n    open('/var/tmp/bagu-x', 'w')  # HERE\nexcept OSError:\n    pass",
        "write /var/tmp/bagu-x",
    ),
    snippet(
        "rewriting its own record",
        "denied",
        "Path(__file__).with_suffix('.out').write_text('total: 28')  # HERE",
        "blocks.out",
    ),
    snippet("deleting a file", "denied", "import os\nos.remove(__file__)  # HERE", "blocks.py"),
    snippet(
        "writing through a symbolic link",
        "denied",
        "import os\nos.symlink('/var/tmp', 'out')\nopen('out/bagu-x', 'w')  # HERE",
        "bagu-x",
    ),
    snippet(
        "a connection that the header doesn't ask for",
        "denied",
        "import socket\nsocket.socket().connect(('127.0.0.1', 9))  # HERE",
        "there is no network unless the header says network=loopback",
    ),
    snippet(
        "a connection beyond this machine",
        "denied",
        [
            *inside("import socket\nsocket.socket().connect(('192.0.2.1', 9))  # HERE"),
            limits("network=loopback seconds=5"),
        ],
        "192.0.2.1",
    ),
    snippet(
        "more than 32 processes",
        "denied",
        "import os, time\nfor _ in range(40):\n    if not os.fork():\n        time.sleep(9)\n        os._exit(0)\n"
        "time.sleep(3)",
        "more than 32 processes",
        0,
    ),
    snippet("too much output", "flooded", "print('x' * 2**21)", "1 MiB", 0),
    snippet("too much on stderr", "flooded", "import sys\nprint('x' * 2**21, file=sys.stderr)", "1 MiB", 0),
    snippet("an exception", "error", "raise ValueError('broken')  # HERE", "ValueError: broken"),
    snippet("an unknown name", "error", "print(totall)  # HERE", "NameError"),
    snippet("an import that isn't there", "error", "import no_such_library  # HERE", "ModuleNotFoundError"),
    snippet("an exception in a callee", "error", "int('x')  # HERE", "ValueError"),
    snippet("no Python", "syntax", "def broken(:  # HERE", "invalid syntax"),
    snippet(
        "a label twice", "syntax", "assert total, 'mean: again'", "the label `mean` stands twice", 'f"mean: {mean}"'
    ),
    snippet("a region twice", "syntax", "# --8<-- [start:merge]\n# HERE", "starts twice", 18),
    snippet("a region without an end", "syntax", "# --8<-- [start:tail]\n# HERE", "no end", 18),
    snippet(
        "a region that ends before it starts", "syntax", "# --8<-- [end:tail]", "ends before it starts", "[end:tail]"
    ),
    snippet("a region with a bad name", "syntax", "# --8<-- [start:Tail]", "no region's name", "[start:Tail]"),
    *[
        snippet(f"the header {text}", "syntax", [limits(text)], says, 1)
        for text, says in {
            "seconds=soon": "`seconds=soon` isn't understood",
            "seconds=0": "`seconds=0` isn't understood",
            "seconds=301": "`seconds=301` isn't understood",
            "memory=4GB": "`memory=4GB` isn't understood",
            "memory=17GiB": "`memory=17GiB` isn't understood",
            "network=all": "`network=all` isn't understood",
            "colour=red": "`colour=red` isn't understood",
            "seconds=1 seconds=2": "`seconds` twice",
        }.items()
    ],
    snippet(
        "a source that isn't UTF-8",
        "encoding",
        [whole(BLOCKS, SOUND[BLOCKS].encode() + b"# \xff HERE\n")],
        "0xff",
        "HERE",
    ),
    snippet("a NUL in the source", "encoding", [whole(BLOCKS, SOUND[BLOCKS].encode() + b"# \0 HERE\n")], "NUL", "HERE"),
    snippet("output that isn't UTF-8", "encoding", "import sys\nsys.stdout.buffer.write(b'\\xff\\n')", "stdout", 0),
    snippet(
        "a declared file that isn't there", "missing", [whole(f"{FOLDER}/numbers.txt", None)], "files=numbers.txt", 1
    ),
    snippet(
        "a declared file elsewhere",
        "missing",
        [swap(BLOCKS, "files=numbers.txt", "files=../x.txt")],
        "files=../x.txt",
        1,
    ),
]


@rows(SNIPPETS)
def test_a_snippet_that_is_no_evidence_turns_everything_red(row, check, project):
    plant(row, project)
    check(row, project)


def refuting(name: str, status: str, edits: list[Edit], says: str, line: str | int = 0, label: str = "") -> Row:
    return Row(name, edits, says, "refute |", PAGE, REFUTING, line, status, label)


REFUTATIONS = [
    refuting(
        "it also holds with claimed = actual",
        "constant-assertion",
        [swap(REFUTING, "assert actual > claimed + 4", "assert claimed < actual + 1")],
        "claimed = actual",
        "assert",
        "not-lost",
    ),
    refuting("no claimed", "no-assertion", [swap(REFUTING, "claimed = ", "guess = ")], "binds `claimed`"),
    refuting(
        "claimed is typed in",
        "no-assertion",
        [swap(REFUTING, "claimed = sum(numbers[:4])", "claimed = 10")],
        "`claimed` is a number typed in; compute what the wrong answer predicts",
        "claimed = ",
    ),
    refuting("no actual", "no-assertion", [swap(REFUTING, "actual = ", "found = ")], "binds `actual`"),
    refuting("no not-…", "no-assertion", [swap(REFUTING, "not-lost:", "is-lost:")], "asserts `not-…`"),
    refuting(
        "not-… about something else",
        "no-assertion",
        [swap(REFUTING, "assert actual > claimed + 4", "assert claimed != 15")],
        "`claimed` and `actual` in its condition",
    ),
    refuting(
        "claimed isn't printed",
        "no-assertion",
        [swap(REFUTING, '"claimed:", claimed, ', "")],
        "prints `claimed`",
        "claimed = ",
    ),
    refuting(
        "the claim is right", "assertion", [swap(REFUTING, "numbers[:4]", "numbers")], "15 and 15", "assert", "not-lost"
    ),
]


@rows(REFUTATIONS)
def test_a_refutation_that_refutes_nothing_turns_everything_red(row, check, project):
    plant(row, project)
    check(row, project)


DRAW = "proof | transformer/block-sum/sketch.py"
ALT = '    alt: "一条斜线"\n'
FIGURES = [
    Row("without alt", [swap(PAGE, ALT, "")], "describe it with the option `alt`", DRAW, PAGE, DRAWING),
    Row(
        "alt without a figure",
        [swap(DRAWING, 'Path("line.svg").write_text(svg)', "")],
        "draws none",
        DRAW,
        PAGE,
        DRAWING,
    ),
    Row(
        "a script in it", [swap(DRAWING, "<path d", "<script/><path d")], "line.svg can't be shown", DRAW, PAGE, DRAWING
    ),
    Row("not XML", [swap(DRAWING, "</svg>", "")], "line.svg can't be shown", DRAW, PAGE, DRAWING),
    Row(
        "too big",
        [
            swap(
                DRAWING,
                "points = [(0, 0), (10, 10)]",
                "points = [(0, 0), (10, 10)]\npad = '<!--' + 'x' * 100_000 + '-->'",
            ),
            swap(DRAWING, "write_text(svg)", "write_text(svg + pad)"),
        ],
        "line.svg has 100",
        DRAW,
        PAGE,
        DRAWING,
        0,
        "flooded",
    ),
]


@rows(FIGURES)
def test_a_figure_that_is_unfit_turns_everything_red(row, check, project):
    plant(row, project)
    check(row, project)


# --- Where a snippet may lie -----------------------------------------------------------------------------------------


def path(name: str, argument: str, says: str, prepare: Callable[[Project], None] | None = None) -> Row:
    return Row(
        name, [swap(PAGE, "transformer/block-sum/blocks.py:merge", argument)], says, f"/// proof | {argument}", PAGE,
        f"snippets/{argument}", 0, "missing", prepare=prepare,
    )  # fmt: skip


def link_file(project: Project) -> None:
    project.write("outside/blocks.py", SOUND[BLOCKS])
    os.symlink("../../../outside/blocks.py", project.path(f"{FOLDER}/linked.py"))


def link_folder(project: Project) -> None:
    project.write("outside/blocks.py", SOUND[BLOCKS])
    os.symlink("../../outside", project.path("snippets/transformer/linked"))


PATHS = [
    path("doesn't exist", "transformer/block-sum/nothing.py", "doesn't exist"),
    path("a folder", "transformer/block-sum", "no plain path of a .py file"),
    path("not Python", "transformer/block-sum/numbers.txt", "no plain path of a .py file"),
    path("leaves by ..", "../hooks/mkdocs_adapter.py", "leaves snippets/"),
    path("leaves by .. and returns", "transformer/../../snippets/transformer/block-sum/blocks.py", "leaves snippets/"),
    path("absolute", "/etc/passwd.py", "leaves snippets/"),
    replace(
        path("with a drive", "C:/blocks.py", "leaves snippets/"), snippet="snippets/C", reported="snippets/C:/blocks.py"
    ),
    path("with backslashes", "transformer\\block-sum\\blocks.py", "leaves snippets/"),
    path(
        "leaves by a symbolic link to a file",
        "transformer/block-sum/linked.py",
        "a symbolic link that leaves",
        link_file,
    ),
    path(
        "leaves by a symbolic link to a folder",
        "transformer/linked/blocks.py",
        "a symbolic link that leaves",
        link_folder,
    ),
]


@rows(PATHS)
def test_a_path_that_leads_nowhere_or_out_of_snippets_turns_everything_red(row, check, project):
    plant(row, project)
    check(row, project)


# --- Blocks ----------------------------------------------------------------------------------------------------------

PROOF = "/// proof | transformer/block-sum/blocks.py:merge\n"
SAID = "分块求和与整列求和相同。\n"
REFUTE = "/// refute | transformer/block-sum/not_lost.py\n"
CLAIMED = 'claim: "分块会丢掉最后一块"'
CLAIM = f"    {CLAIMED}\n"
HIDDEN = "/// followup | 藏？\n    id: hidden\n\n藏着。\n///\n"
FOUR = "## 错在哪里\n"
END = SOUND[PAGE][: SOUND[PAGE].index("整列也行。")].count("\n") + 2  # the line that closes the last block
LONELY = "/// proof | transformer/block-sum/blocks.py\n\n再说一遍。\n///\n"


def block(name: str, old: str, new: str, says: str, at: str | int, **more) -> Row:
    return Row(name, [swap(PAGE, old, new)], says, at, **more)


def option(name: str, old: str, new: str, says: str, at: str = "") -> Row:
    return block(name, f"    {old}\n", f"    {new}\n", says, at or f"    {new.splitlines()[0]}")


BLOCK_ROWS = [
    option("an unquoted colon", CLAIMED, "claim: 分块会丢掉: 最后一块", "aren't valid YAML"),
    option("an unquoted #", CLAIMED, "claim: 分块会丢掉 # 最后一块", "quote the text of `claim`"),
    option("an unquoted text", CLAIMED, "claim: 分块会丢掉最后一块", "quote the text of `claim`"),
    option("an unclosed quote", CLAIMED, 'claim: "分块会丢掉', "aren't valid YAML", 'right: "最后'),
    option("an unknown key", CLAIMED, 'claim: "丢"\n    colour: "red"', "`colour` is no option of `refute`", "colour:"),
    option("an option of another block", 'alt: "一条斜线"', 'claim: "一条斜线"', "`claim` is no option of `proof`"),
    option("a list for a text", CLAIMED, "claim: [分块]", "a text of one paragraph"),
    option("a mapping for a text", CLAIMED, "claim: {a: b}", "a text of one paragraph"),
    option("an empty text", CLAIMED, 'claim: ""', "a text of one paragraph"),
    option("an option without a value", CLAIMED, "claim:", "`claim`"),
    option("a list for a key", CLAIMED, "[claim, right]: x", "options"),
    option("a text for a list", "seed: [S000-01]", "seed: S000-01", "`seed` is a list of source ids"),
    option("a seed that is no id", "seed: [S000-01]", "seed: [first]", "`seed` is a list of source ids"),
    option(
        "a seed of another article", "seed: [S000-01]", "seed: [S004-05]", "isn't a source question of this article"
    ),
    option("a kind not in the list", "kind: wrong", "kind: false", "`kind` is one of"),
    option("a kind in Chinese", "kind: wrong", "kind: 错误", "`kind` is one of"),
    option("a number for an id", "id: smallest-block", "id: 7", "`id` is lower-case letters"),
    option("an id in capitals", "id: smallest-block", "id: Smallest", "`id` is lower-case letters"),
    option(
        "a follow-up's id twice", "id: largest-block", "id: smallest-block", "stands twice", "followup | 块可以多大？"
    ),
    option(
        "a duplicate option",
        "kind: wrong",
        "kind: wrong\n    kind: outdated",
        "the option `kind` stands twice",
        "kind: outdated",
    ),
    block(
        "since as a text",
        "[S000-01]\n    since: 2026-11-22",
        '[S000-01]\n    since: "2026-11-22"',
        "`since` is a date",
        'since: "2026',
    ),
    block(
        "since no date",
        "[S000-01]\n    since: 2026-11-22",
        "[S000-01]\n    since: yesterday",
        "`since` is a date",
        "since: yesterday",
    ),
    block(
        "since a day that doesn't exist",
        "[S000-01]\n    since: 2026-11-22",
        "[S000-01]\n    since: 2026-02-30",
        "",
        "since: 2026-02-30",
    ),
    option(
        "a correction without a citation",
        'source: "[@gauss1799, §2]"',
        'source: "高斯"',
        "`source` cites a primary source",
    ),
    block(
        "a correction with an argument",
        "/// correct\n",
        "/// correct | x\n",
        "`correct` takes no argument",
        "/// correct",
    ),
    *[
        block(f"refute without {key}", text, "", f"`refute` needs the option `{key}`", "refute |")
        for key, text in {
            "claim": CLAIM,
            "right": '    right: "最后一块可以更短，但不会丢"\n',
            "kind": "    kind: wrong\n",
        }.items()
    ],
    block(
        "refute without since",
        "[S000-01]\n    since: 2026-11-22\n",
        "[S000-01]\n",
        "`refute` needs the option `since`",
        "refute |",
    ),
    *[
        block(f"correct without {key}", text, "", f"`correct` needs the option `{key}`", "/// correct")
        for key, text in {
            "claim": '    claim: "分块求和是近似算法"\n',
            "kind": "    kind: imprecise\n",
            "right": "    right: >-\n      它是精确算法：\n      只改变次序\n",
            "source": '    source: "[@gauss1799, §2]"\n',
        }.items()
    ],
    block("followup without id", "    id: smallest-block\n", "", "`followup` needs the option `id`", "块可以多小？"),
    block(
        "proof without an argument",
        PROOF,
        "/// proof\n",
        "`proof` needs a snippet's path",
        "/// proof",
    ),
    block("proof with an empty argument", PROOF, "/// proof |\n", "`proof` needs a snippet's path", "/// proof |"),
    block("refute without an argument", REFUTE, "/// refute\n", "`refute` needs a snippet's path", "/// refute"),
    block(
        "followup without a question",
        "/// followup | 块可以多小？",
        "/// followup",
        "`followup` needs the question",
        "/// followup",
    ),
    block("an argument without the bar", PROOF, PROOF.replace("| ", ""), "opens a block", "/// proof transformer"),
    block("a full-width bar", PROOF, PROOF.replace("|", "｜"), "opens a block", "/// proof ｜"),
    block("an unknown name", PROOF, PROOF.replace("proof", "prove"), "`prove` is no block", "/// prove"),
    block("a name in capitals", PROOF, PROOF.replace("proof", "Proof"), "`Proof` is no block", "/// Proof"),
    block("a name of pymdown-extensions", PROOF, "/// details | x\n", "`details` is no block", "/// details"),
    block("/// missing before another block", f"{SAID}///\n", SAID, "isn't closed", "blocks.py:merge"),
    block("/// missing at the end of the page", "整列也行。\n///\n", "整列也行。\n", "isn't closed", "块可以多大？"),
    block("/// too much", "整列也行。\n///\n", "整列也行。\n///\n\n///\n", "none is open", END + 2),
    block("a block in a block", SAID, f"{SAID}\n{HIDDEN}", "isn't closed", "blocks.py:merge"),
    *[
        block(
            f"{name} before the slashes",
            PROOF,
            lead + PROOF,
            "exactly `///` at the start of its line",
            lead + "/// proof",
        )
        for name, lead in {"a space": " ", "four spaces": "    ", "a tab": "\t", "a quotation": "> "}.items()
    ],
    block("a list item before the slashes", PROOF, "- " + PROOF, "opens a block", "- /// proof"),
    block("four slashes", PROOF, "/" + PROOF, "exactly `///`", "//// proof"),
    block(
        "four slashes on both sides", f"{PROOF}\n{SAID}///\n", f"/{PROOF}\n{SAID}////\n", "exactly `///`", "//// proof"
    ),
    block("options indented by a tab", CLAIM, "\t" + CLAIM.lstrip(), "indented by four spaces", 'claim: "分块会'),
    block("options indented by two spaces", CLAIM, "  " + CLAIM.lstrip(), "indented by four spaces", 'claim: "分块会'),
    block("options that aren't indented", CLAIM, CLAIM.lstrip(), "`refute` needs the option `claim`", "refute |"),
    block("options after a blank line", REFUTE, REFUTE + "\n", "`refute` needs the option `claim`", "refute |"),
    block("options as a list", '    alt: "一条斜线"\n', "    - alt\n", "`key: value`", "    - alt"),
    block(
        "no blank line after options",
        "    id: smallest-block\n\n",
        "    id: smallest-block\n",
        "a blank line ends",
        "一个元素也行。",
    ),
    block("an empty body", "长度不是块的整数倍时，最后一块照样计入。\n", "", "has no body", "refute |"),
    block("an empty body without options", SAID, "", "has no body", "blocks.py:merge"),
    block(
        "a region that the snippet lacks",
        "blocks.py:merge",
        "blocks.py:tail",
        "no region `tail`",
        "blocks.py:tail",
        snippet=BLOCKS,
    ),
    block("a region with a bad name", "blocks.py:merge", "blocks.py:Merge", "no region's name", "blocks.py:Merge"),
    block("an empty region", "blocks.py:merge", "blocks.py:", "no region's name", "blocks.py:"),
    Row("in an HTML comment", [swap(PAGE, FOUR, f"<!--\n\n{HIDDEN}\n-->\n\n{FOUR}")], "", "/// followup | 藏？"),
    Row("in HTML", [swap(PAGE, FOUR, f"<div>\n\n{HIDDEN}\n</div>\n\n{FOUR}")], "", "/// followup | 藏？"),
    Row(
        "in an HTML table cell",
        [swap(PAGE, FOUR, f"<table><tr><td>\n{HIDDEN}</td></tr></table>\n\n{FOUR}")],
        "",
        "/// followup | 藏？",
    ),
    Row(
        "behind a fence that Markdown doesn't see",
        [swap(PAGE, FOUR, "    ```\n\n/// followup | 藏？\n\n藏着。\n///\n\n    ```\n\n" + FOUR)],
        "`followup` needs the option `id`",
        "/// followup | 藏？",
    ),
    Row(
        "on a page that is no article",
        [swap("docs/index.md", "# 首页\n", f"# 首页\n\n{LONELY}")],
        "blocks belong in articles",
        "/// proof",
        "docs/index.md",
    ),
]


@rows(BLOCK_ROWS)
def test_a_malformed_block_turns_everything_red(row, check, project):
    plant(row, project)
    check(row, project)


# --- Links, citations, numbers, formulas -----------------------------------------------------------------------------


def text(name: str, old: str, new: str, says: str, **more) -> Row:
    return Row(name, [swap(PAGE, old, new)], says, more.pop("at", new), **more)


SEEN = "名称之争不由执行判定。"
LINKS = [
    text("a label that doesn't exist", "(proof:mean)", "(proof:median)", "has the label `median`"),
    text(
        "a label of a snippet that isn't in the page",
        "(proof:mean)",
        "(proof:not_lost.mean)",
        "has the label `not_lost.mean`",
    ),
    Row(
        "a label of another page",
        [swap(OTHER, "同一段程序再看一遍。", "丢[没丢](proof:not-lost)。")],
        "has the label `not-lost`",
        "proof:not-lost",
        OTHER,
    ),
    Row(
        "a label that two snippets have",
        [swap(DRAWING, "two-points:", "mean:")],
        "write proof:blocks.mean or proof:sketch.mean",
        "(proof:mean)",
    ),
    text("a proof link without a label", "(proof:mean)", "(proof:)", "names nothing"),
    text("a proof link without a text", "[均值是 4.00](proof:mean)", "[](proof:mean)", "has no text"),
    text(
        "an article that doesn't exist", "(article:planned-one)", "(article:no-such)", "`article:no-such` names no id"
    ),
    text(
        "a concept that doesn't exist",
        "(concept:partial-sum)",
        "(concept:no-such)",
        "`concept:no-such` names no concept",
    ),
    text(
        "a source that doesn't exist",
        "[@gauss1799, §1]",
        "[@gauss1799, §1] [@nobody2000]",
        "`@nobody2000` is no key",
        at="@nobody2000",
    ),
    text(
        "a source that doesn't exist, in a correction",
        "[@gauss1799, §2]",
        "[@nobody2000]",
        "`@nobody2000` is no key",
        at="@nobody2000",
    ),
    text("a citation that can't be read", "[@gauss1799, §1]", "[@gauss1799; §1]", "isn't a citation"),
    text("an unknown article in a link with a title", SEEN, '[甲](article:no-such "乙")。', "article:no-such"),
    text("an unknown article in angle brackets", SEEN, "[甲](<article:no-such>)。", "article:no-such"),
    text(
        "an unknown article in a reference",
        SEEN,
        "[甲][a]。\n\n[a]: article:no-such",
        "article:no-such",
        at="[a]: article:",
    ),
    text("an unknown label in a reference", SEEN, "[甲][a]。\n\n[a]: proof:no-such", "proof:no-such", at="[a]: proof:"),
    text("an unknown concept in HTML", SEEN, '<a href="concept:no-such">甲</a>。', "concept:no-such"),
    text("a proof link in HTML", SEEN, '<a href="proof:mean">甲</a>。', "proof:mean"),
    text("a proof link in a formula", SEEN, "$[x](proof:mean)$。", "proof:mean"),
    text("a formula that KaTeX rejects", "$a+b=b+a$", r"$a+\foo$", "formula: "),
    text("a formula that KaTeX rejects, in an option", '"分块会丢掉最后一块"', r'"分块 $\\foo$"', "formula: "),
]


@rows(LINKS)
def test_a_link_or_citation_that_leads_nowhere_turns_everything_red(row, check, project):
    plant(row, project)
    check(row, project)


def number(name: str, old: str, new: str, wanted: str, label: str) -> Row:
    line = {"blocks-exact": "blocks-exact:", "mean": 'f"mean: {mean}"', "any-size": "any-size:"}[label]
    says = f"the number {wanted} in [{new}](proof:{label}) isn't in the evidence of `{label}`"
    return Row(name, [swap(PAGE, f"[{old}](", f"[{new}](")], says, f"[{new}]", PAGE, BLOCKS, line)


NUMBERS = [
    number("another number", "总和是 28", "总和是 29", "29", "blocks-exact"),
    number("another last digit", "均值是 4.00", "均值是 4.01", "4.01", "mean"),
    number("the other sign", "均值是 4.00", "均值是 -4.00", "-4.00", "mean"),
    number("a minus sign of typographers", "均值是 4.00", "均值是 −4.00", "-4.00", "mean"),
    number("full-width digits", "总和是 28", "总和是 ２９", "29", "blocks-exact"),
    number("a second number", "总和是 28", "总和是 28，不是 27", "27", "blocks-exact"),
    number("the number of another label", "均值是 4.00", "均值是 28", "28", "mean"),
    number("a power", "总和是 28", "总和是 2.8e2", "2.8e2", "blocks-exact"),
    number("a number where the evidence has another", "块的大小", "块的大小 5", "5", "any-size"),
]


@rows(NUMBERS)
def test_a_number_in_a_proof_link_without_evidence_turns_everything_red(row, check, project):
    plant(row, project)
    check(row, project)


# --- Front matter, sections, glossary, map, bibliography -------------------------------------------------------------


def lines_of(key: str) -> str:
    found = re.search(rf"^{key}:.*\n(?:  .*\n)*", SOUND[PAGE], re.MULTILINE)
    assert found
    return found[0]


def front(name: str, key: str, value: str | None, says: str, at: str | int | None = None, **more) -> Row:
    new = "" if value is None else f"{key}: {value}\n"
    where = 1 if value is None else (at if at is not None else new.splitlines()[0])
    return Row(name, [swap(PAGE, lines_of(key), new)], says, where, **more)


MISSING = [front(f"no {key}", key, None, f"the front matter lacks `{key}`") for key in KEYS]
LONG = "长" * 121
FRONT = [
    front("another title", "title", '"求和可以分组吗？"', "differs from the question map: 求和可以分块吗？"),
    front("a description too short", "description", '"可以。"', "has 2 letters, digits and Han"),
    front("a description too long", "description", f'"{LONG}"', "has 121 letters, digits and Han"),
    front("a description that is a list", "description", "[可以]", "the answer takes 60 to 120"),
    *[
        front(f"difficulty {v}", "difficulty", v, "a whole number from 1 to 3")
        for v in ("0", "4", "1.5", "true", '"2"', "")
    ],
    *[front(f"frequency {v}", "frequency", v, "a whole number from 1 to 5") for v in ("0", "6", "high")],
    *[
        front(f"{key} as a text", key, "x", "is a list of texts")
        for key in ("aliases", "needs", "points", "concepts", "seed", "sources")
    ],
    *[
        front(f"a mapping in {key}", key, "[{a: b}]", "is a list of texts")
        for key in ("aliases", "needs", "points", "concepts", "seed", "sources")
    ],
    front("no alias", "aliases", "[]", "is empty"),
    front("a number among the aliases", "aliases", "[4090]", "is a list of texts"),
    front("an alias twice", "aliases", "[sum, sum]", "repeats sum"),
    front("a prerequisite that doesn't exist", "needs", "[no-such]", "names `no-such`, which is no id"),
    front("itself as a prerequisite", "needs", "[block-sum]", "names the article itself"),
    front("a prerequisite twice", "needs", "[planned-one, planned-one]", "repeats planned-one"),
    front("two points", "points", "[甲, 乙]", "has 2 entries"),
    front("seven points", "points", "[甲, 乙, 丙, 丁, 戊, 己, 庚]", "has 7 entries"),
    front("a concept that doesn't exist", "concepts", "[partial-sum, no-such]", "names `no-such`"),
    front(
        "a concept at home elsewhere",
        "concepts",
        "[partial-sum, float-order]",
        "the home of the concept `float-order` is `order-of-sums`",
    ),
    front("a concept forgotten", "concepts", "[]", "lacks `partial-sum`", snippet=TERMS, line="id: partial-sum"),
    front("a seed of another question", "seed", "[S000-01, S004-05]", "differs from the question map"),
    front("a seed forgotten", "seed", "[S000-01]", "differs from the question map"),
    front(
        "a source that isn't cited",
        "sources",
        "[gauss1799, nobody2000]",
        "lists `nobody2000`, which the text doesn't cite",
    ),
    front("a source twice", "sources", "[gauss1799, gauss1799]", "repeats gauss1799"),
    front(
        "a cited source that isn't listed",
        "sources",
        "[]",
        "`@gauss1799` is cited and not in `sources`",
        at="[@gauss1799, §1]",
    ),
    front("reviewed no date", "reviewed", "yesterday", "is a date"),
    front("reviewed as a text", "reviewed", '"2026-11-22"', "is a date"),
    front("reviewed on a day that doesn't exist", "reviewed", "2026-02-30", "", at=None),
    front(
        "an unknown key",
        "reviewed",
        "2026-11-22\nauthor: me",
        "`author` is no key of the front matter",
        at="author: me",
    ),
    front("a key twice", "difficulty", "1\ndifficulty: 2", "`difficulty` stands twice", at="difficulty: 2"),
    front("no YAML", "difficulty", "1: 2", "front matter: "),
    front("a list for a key", "difficulty", "1\n[a, b]: c", "front matter", at="[a, b]: c"),
    Row("a list", [swap(PAGE, SOUND[PAGE].split("---")[1], "\n- a\n- b\n")], "isn't a list of `key: value`", 2),
    Row("none", [swap(PAGE, "---" + SOUND[PAGE].split("---")[1] + "---\n", "")], "no front matter", 1),
    Row("without an end", [swap(PAGE, "reviewed: 2026-11-22\n---\n", "reviewed: 2026-11-22\n")], "no front matter", 1),
    Row("no UTF-8", [whole(PAGE, SOUND[PAGE].encode() + b"\xff")], "not valid UTF-8", SOUND[PAGE].count("\n") + 1),
]
SECTIONS = [
    Row("an H1", [swap(PAGE, "## 一句话\n", "# 求和\n\n## 一句话\n")], "an article has no H1", "# 求和"),
    Row("an unknown H2", [swap(PAGE, "## 追问\n", "## 其他\n\n## 追问\n")], "`其他` is no H2", "## 其他"),
    Row("an H2 missing", [swap(PAGE, "## 追问\n", "")], "`## 追问` is missing", 0),
    Row("an H2 twice", [swap(PAGE, "## 参考\n", "## 参考\n\n## 参考 #\n")], "out of order or twice", "## 参考 #"),
    Row(
        "two H2 out of order",
        [swap(PAGE, "## 一句话\n", "## 一分钟口述 #\n"), swap(PAGE, "## 一分钟口述\n", "## 一句话\n")],
        "out of order or twice",
        "## 一句话",
    ),
]
ELSEWHERE = """\
- topic: more
  part: 基础
  folder: basics
  name: 其他
  questions:
    - {id: misplaced, tier: more, question: 放错了？}
"""
SHARED = [
    Row(
        "a cycle of prerequisites",
        [swap(PAGE, lines_of("needs"), "needs: [order-of-sums]\n")],
        "`needs` goes in a circle",
        "needs:",
    ),
    Row(
        "an id that isn't in the map",
        [swap(MAP, "id: block-sum", "id: block-sums")],
        "`block-sum` is no id of docs/questions.yml",
        1,
    ),
    Row(
        "a folder other than the map's",
        [whole(MAP, SOUND[MAP] + ELSEWHERE), whole("docs/transformer/misplaced.md", SOUND[OTHER])],
        "puts `misplaced` into docs/basics/",
        1,
        "docs/transformer/misplaced.md",
    ),
    Row(
        "an id twice in the map",
        [swap(MAP, "id: planned-one", "id: block-sum")],
        "the id `block-sum` stands twice",
        8,
        MAP,
    ),
    Row(
        "a question without its text",
        [swap(MAP, ', question: "还没有写的题？"', "")],
        "lacks a key: `question`",
        "planned-one",
        MAP,
    ),
    Row("a map that is no YAML", [swap(MAP, "  name: 求和\n", "  name: [\n")], "not valid YAML", 6, MAP),
    Row("no map", [whole(MAP, None)], "the question map is missing", 0, MAP),
    Row(
        "a concept at home nowhere",
        [swap(TERMS, "home: order-of-sums", "home: no-such")],
        "the home `no-such` is no id",
        "home: no-such",
        TERMS,
    ),
    Row("a concept twice", [swap(TERMS, "id: float-order", "id: partial-sum")], "stands twice", 7, TERMS),
    Row(
        "a concept that lacks a key",
        [swap(TERMS, "  zh: 浮点次序\n", "")],
        "exactly the keys",
        "id: float-order",
        TERMS,
    ),
    Row(
        "a concept with an empty text",
        [swap(TERMS, "zh: 浮点次序", 'zh: ""')],
        "values are texts",
        "id: float-order",
        TERMS,
    ),
    Row(
        "a glossary that is no YAML",
        [swap(TERMS, "aliases: [分块和]", "aliases: [分块和")],
        "not valid YAML",
        "definition: 一段",
        TERMS,
    ),
    Row("a bibliography that is no BibTeX", [swap(BIB, "  year = 1799,\n", "  year = ,\n")], "BibTeX", "year =", BIB),
    Row("a source without a year", [swap(BIB, "  year = 1799,\n", "")], "lacks a year", "@misc", BIB),
    Row("a source twice", [whole(BIB, SOUND[BIB] * 2)], "used twice", 7, BIB, BIB, 1),
]


@rows(MISSING + FRONT)
def test_front_matter_against_the_standard_turns_everything_red(row, check, project):
    plant(row, project)
    check(row, project)


@rows(SECTIONS + SHARED)
def test_a_section_or_a_shared_file_against_the_standard_turns_everything_red(row, check, project):
    plant(row, project)
    check(row, project)


# --- What is no fault ------------------------------------------------------------------------------------------------

FINE = {
    "a block in a fence": [swap(PAGE, SEEN, f"{SEEN}\n\n```text\n/// prove | x\n```")],
    "slashes in a sentence": [swap(PAGE, SEEN, "写作 `/// proof`，或 and/or///。")],
    "Windows line ends": [whole(PAGE, SOUND[PAGE].replace("\n", "\r\n"))],
    "a byte order mark": [whole(PAGE, b"\xef\xbb\xbf" + SOUND[PAGE].encode())],
    "Windows line ends in a snippet": [whole(BLOCKS, SOUND[BLOCKS].replace("\n", "\r\n"))],
    "a folded text": [swap(PAGE, CLAIM, "    claim: >-\n      分块会丢掉: 最后 # 一块\n")],
    "no space after the slashes": [swap(PAGE, PROOF, PROOF.replace("/// ", "///"))],
    "a body right below the opening": [swap(PAGE, PROOF + "\n", PROOF)],
    "a snippet twice in a page": [swap(PAGE, FOUR, f"{LONELY}\n{FOUR}")],
    "an empty link in code": [swap(PAGE, SEEN, "`[x](proof:nothing)`、`[@nobody]`。")],
    "a link in a comment": [swap(PAGE, SEEN, f"{SEEN}\n\n<!-- [x](proof:nothing) -->")],
    "digits that are part of a name": [swap(PAGE, "[总和是 28]", "[fp16 与 ZeRO-3 的总和是 28]")],
    "a number less precise than its evidence": [swap(PAGE, "均值是 4.00", "均值是 4")],
    "a refinement in a label's stem": [swap(PAGE, "(proof:mean)", "(proof:blocks.mean)")],
    "an address in the output": [
        after(BLOCKS, STEP, "print('at 0x7f0011223344')"),
        whole(f"{FOLDER}/blocks.out", "at 0x7f9955667788\ntotal: 28\nmean: 4.000\n"),
    ],
    "a daemon thread left": inside(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    ),
    "something on stderr": inside("import sys\nprint('a warning', file=sys.stderr)"),
    "an exception caught": inside("try:\n    int('x')\nexcept ValueError:\n    pass"),
    "an assertion reached in a forked rank only": inside(
        "import os\nif not (child := os.fork()):\n    assert total == 28, f'rank: {total}'\n    os._exit(0)\n"
        "os.waitpid(child, 0)"
    ),
    "a file in the working directory": inside("open('notes.txt', 'w').write('x')"),
    "a connection to itself that the header asks for": [
        *inside(
            "import socket\ns = socket.socket()\ns.bind(('127.0.0.1', 0))\ns.listen()\n"
            "socket.create_connection(s.getsockname()).close()"
        ),
        limits("network=loopback seconds=5"),
    ],
    "every kind": [swap(PAGE, "    kind: wrong\n", f"    kind: {KINDS[-1]}\n")],
}


@pytest.mark.parametrize("edits", FINE.values(), ids=FINE.keys())
def test_what_is_no_fault_stays_green(edits, project):
    project.edit(*edits)
    told = project.run()
    assert told.code == 0, told.text
    built = project.build(strict=True)
    assert built.code == 0, built.text


def test_every_status_word_of_the_contract_has_a_row():
    assert {row.status for row in SNIPPETS} | {"passed"} == set(STATUSES)


def test_every_key_of_the_front_matter_has_a_row_that_is_wrong():
    wrong = {key for row in FRONT for key in KEYS for edit in row.edits if edit.old == lines_of(key)}
    assert wrong == set(KEYS)


def test_every_article_that_embeds_a_red_snippet_is_named(project):
    project.edit(swap(BLOCKS, "total == sum(numbers), ", "total == 29, "))
    places = [(PAGE, "blocks.py:merge"), (OTHER, "blocks.py")]
    for outcome in (project.run(), project.build()):
        for file, line in places:
            assert f"{file}:{project.line(file, line)}: {BLOCKS}:20: assertion: blocks-exact: 28" in outcome.text


def test_output_that_differs_is_shown_expected_against_actual(project):
    project.edit(swap(BLOCKS, '"total:", total', '"total:", total + 1'))
    for outcome in (project.run(), project.build()):
        assert "    -total: 28\n    +total: 29\n" in outcome.text


def test_all_faults_are_told_at_once(project):
    project.edit(
        swap(PAGE, "(concept:partial-sum)", "(concept:no-such)"), swap(PAGE, "kind: wrong", "kind: nonsense"),
        swap(OTHER, "difficulty: 2", "difficulty: 9"),
    )  # fmt: skip
    for outcome in (project.run(), project.build()):
        for said in ("concept:no-such", "`kind` is one of", f"{OTHER}:4: `difficulty`"):
            assert said in outcome.text
    assert "3 problems" in project.build().text


def test_a_snippet_that_no_article_embeds_is_red_as_well(project):
    project.write(f"{FOLDER}/lonely.py", "total = 1\nassert total == 2, 'two: no'\n")
    for outcome in (project.run(), project.build()):
        assert outcome.code == 1 and f"{FOLDER}/lonely.py:2: assertion: two:" in outcome.text


def test_a_fault_in_one_article_leaves_a_run_of_the_other_green(project):
    project.edit(swap(PAGE, "(proof:mean)", "(proof:median)"))
    assert project.run(OTHER).code == 0 and project.run(PAGE).code == 1


def test_a_red_build_leaves_the_last_good_site_and_the_next_good_one_replaces_it(project):
    project.path("site/index.html").unlink()
    assert project.build().code == 0
    good = project.site()
    project.edit(swap(BLOCKS, "total == sum(numbers), ", "total == 29, "))
    assert project.build().code == 1 and project.build(strict=True).code == 1
    assert project.site() == good and not project.path("site.partial").exists()
    project.edit(
        swap(BLOCKS, "total == 29, ", "total == sum(numbers), "), swap("docs/index.md", "# 首页\n", "# 首页\n\n新。\n")
    )
    assert project.build().code == 0
    assert "新。" in project.site()["index.html"].decode()


def test_a_warning_of_mkdocs_leaves_the_last_good_site_under_strict(project):
    project.write("mkdocs.yml", project.read("mkdocs.yml") + "nav: [index.md, nothing.md]\n")
    assert project.build(strict=True).code == 1
    assert project.site() == {"index.html": LAST_GOOD.encode()} and not project.path("site.partial").exists()
    assert project.build().code == 0


def test_the_page_says_when_its_snippets_ran(project):
    page = project.build() and project.site()["transformer/block-sum.html"].decode()
    assert f'datetime="{datetime.date.today().isoformat()}"' in page
