"""Programs that mean harm, or are broken in the worst way: each file of ``hostile/`` tries one thing.

Its second line names the one defence that holds it back, and the status that it then gets: ``passed`` where it finds
by itself that it was refused. With that defence alone left out the status is another, so no defence is idle and none
is missing. A few defences lie in the verdict, not in the run; they are left out of the facts (``VERDICTS``).
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from bagu import evidence, runner, snippet, supervisor
from bagu.evidence import Result
from bagu.runner import Job, Runner

HOSTILE = Path(__file__).parent / "hostile"
HONEST = "import random\n\ndrawn = random.random()\nprint(drawn)\nassert 0 < drawn < 1, f'drawn: {drawn}'\n"
LAYER = {
    # which layer of the system a defence stands on
    "descendants": "subreaper", "writes": "landlock", "reads": "landlock", "scopes": "landlock scopes",
    "sockets": "seccomp", "calls": "seccomp", "namespaces": "namespaces",
}  # fmt: skip
VERDICTS: dict[str, Callable[[dict], object]] = {
    "completion": lambda facts: facts.update(ended=True, early=None),
    "probe": lambda facts: facts.update(fails=[], error=None),
    "reached": lambda facts: facts.update(passes={"0": ["held: taken on trust"]}),
    "threads": lambda facts: facts.pop("threads"),
    "utf8": lambda facts: facts.pop("undecodable"),
    "static": lambda facts: None,  # the program is run whatever was found in its text
}
SERVER = ("environment", "streams")  # defences of the process that all snippets come from
HONEST_RUNS = 6  # more than there are supervisors
LATE = 1.0  # seconds that a run may take beyond its limit


@dataclass(frozen=True)
class Row:
    name: str
    defence: str
    status: str
    cpu: float | None


def read_row(file: Path) -> Row:
    line = file.read_bytes().split(b"\n")[1].decode()
    row = re.fullmatch(r"# row: defence=(\w+) status=([\w-]+)(?: cpu=([\d.]+))?", line)
    assert row, f"{file}: the second line is `# row: defence=… status=…`"
    return Row(file.stem, row[1], row[2], float(row[3]) if row[3] else None)


ROWS = [read_row(file) for file in sorted(HOSTILE.glob("*.py"))]
NAMES = [row.name for row in ROWS]


class Arena:
    """A stage: a work tree with the programs, files elsewhere, a home, another process, a neighbour on the network."""

    def __init__(self, folder: Path):
        self.tree, self.outside, self.home = (folder / name for name in ("tree", "outside", "home"))
        for place in (self.tree, self.outside, self.home / ".ssh"):
            place.mkdir(parents=True)
        for name in ("kept", "gone", "emptied"):
            (self.outside / name).write_text("kept")
        (self.home / ".ssh" / "id").write_text("secret")
        self.victim = subprocess.Popen(["sleep", "600"])
        self.neighbour = socket.create_server(("127.0.0.1", 0))
        self.shared = Path(f"/dev/shm/bagu-test-{os.getpid()}")
        if self.shared.parent.is_dir():
            self.shared.write_text("somebody's")
        values = {
            "/outside": self.outside, "/home-of-the-user": self.home, "4242424242": self.victim.pid,
            "0xBA60": self.neighbour.getsockname()[1],
        }  # fmt: skip
        for file in HOSTILE.glob("*.py"):
            source = file.read_bytes()
            for name, value in values.items():
                source = source.replace(name.encode(), str(value).encode())
            (self.tree / file.name).write_bytes(source)
        (self.tree / "honest.py").write_text(HONEST)

    def program(self, name: str) -> snippet.Snippet:
        return snippet.parse(f"{name}.py", self.tree / f"{name}.py")

    def state(self) -> dict[str, tuple[int, int, bytes]]:
        """Mode, time and content of every file around the programs."""
        files = [p for top in (self.tree, self.outside, self.home) for p in top.rglob("*") if p.is_file()]
        return {str(p): (p.lstat().st_mode, p.lstat().st_mtime_ns, p.read_bytes()) for p in files}

    def run(self, jobs: list[Job]) -> tuple[dict[str, dict | None], str]:
        """The facts by key, and the folder that everything happened in."""
        made = Runner(self.tree.parent / "cache", 2)
        try:
            made.submit(jobs)
            return made.wait(), str(made.base)
        finally:
            made.close()

    def close(self) -> None:
        self.victim.kill()
        self.victim.wait()
        self.neighbour.close()
        self.shared.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def arena(tmp_path_factory) -> Iterator[Arena]:
    made = Arena(tmp_path_factory.mktemp("arena"))
    read_end, write_end = os.pipe()
    os.write(write_end, b"typed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(made.home))
        patch.setenv("BAGU_TEST_TOKEN", "secret")
        patch.setattr(runner, "STDIN", read_end)
        yield made
    os.close(read_end)
    os.close(write_end)
    made.close()


@dataclass
class Held:
    facts: dict[str, dict | None]
    before: dict
    after: dict
    base: str


@pytest.fixture(scope="module")
def held(arena) -> Held:
    """Every program as it is always run; then, by the same processes, an honest one some times."""
    before = arena.state()
    jobs = [
        Job(row.name, arena.program(row.name), cpu=row.cpu)
        for row in ROWS
        if evidence.static_result(arena.program(row.name)) is None
    ]
    made = Runner(arena.tree.parent / "cache", 2)
    try:
        made.submit(jobs)
        facts, base, after = made.wait(), str(made.base), arena.state()
        made.submit([Job(f"honest-{number}", arena.program("honest")) for number in range(HONEST_RUNS)])
        return Held(facts | made.wait(), before, after, base)
    finally:
        made.close()


@pytest.fixture(scope="module")
def loose(arena, held) -> dict[str, dict | None]:
    """Every program with the one defence left out that it is held back by."""
    rows = [row for row in ROWS if row.defence not in SERVER and row.defence not in VERDICTS or row.defence == "static"]
    facts, _ = arena.run(
        [Job(r.name, arena.program(r.name), cpu=r.cpu, without=tuple({r.defence} - {"static"})) for r in rows]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "PASSED_ON", tuple(os.environ))
        names = [row.name for row in ROWS if row.defence in SERVER]
        more, _ = arena.run([Job(name, arena.program(name), without=("streams",)) for name in names])
    return facts | more


def judged(program: snippet.Snippet, facts: dict | None) -> Result:
    return evidence.judge(program, facts, facts["stdout"] if facts else None)


def skip_without_layer(row: Row, held: Held) -> None:
    layers = held.facts["honest-0"]["layers"]
    if LAYER.get(row.defence, layers[0]) not in layers:
        pytest.skip(f"this system lacks {LAYER[row.defence]}; SECURITY.md says what that means")
    if row.defence == "capabilities" and os.geteuid() and "namespaces" not in layers:
        pytest.skip("somebody who isn't root has no privileges to lose")


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_it_is_held_back(row, arena, held):
    skip_without_layer(row, held)
    program = arena.program(row.name)
    result = evidence.static_result(program) or judged(program, held.facts[row.name])
    assert result.status == row.status, (result.status, result.message, result.detail)
    if row.name in held.facts:
        facts = held.facts[row.name]
        assert facts["wall"] <= program.header.seconds + facts["waited"] + LATE


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_without_its_defence_it_is_not(row, arena, held, loose):
    skip_without_layer(row, held)
    facts = loose.get(row.name) or dict(held.facts.get(row.name) or {})
    if row.defence in VERDICTS:
        VERDICTS[row.defence](facts)
    program = arena.program(row.name)
    result = judged(program, facts)
    assert result.status != row.status, (result.message, result.detail)


def test_the_next_honest_programs_pass(arena, held):
    said = set()
    for number in range(HONEST_RUNS):
        facts = held.facts[f"honest-{number}"]
        assert judged(arena.program("honest"), facts).status == "passed"
        assert facts["left"] == [] and facts["denied"] == []
        said.add(facts["stdout"])
    assert len(said) == 1


def test_nothing_around_the_programs_has_changed(held):
    assert held.after == held.before


def test_no_process_and_no_temporary_file_is_left(held):
    assert not Path(held.base).exists()
    end = time.monotonic() + 5
    while (left := processes_of(held.base)) and time.monotonic() < end:
        time.sleep(0.05)
    assert left == []


def processes_of(base: str) -> list[str]:
    """The command lines of living processes that were started with a home below a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if base.encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return found


def test_every_defence_has_a_row_and_every_row_a_defence():
    assert {*supervisor.DEFENCES, *VERDICTS, *SERVER} == {row.defence for row in ROWS}
    assert len(ROWS) >= 45


LEAK = """\
import builtins, os, random, signal, sys, locale
os.environ["LEAK"] = builtins.leak = sys.leak = "x"
random.seed(7)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sys.path.insert(0, "/leak")
sys.setrecursionlimit(77)
os.umask(0)
open("leak", "w").close()
assert os.environ["LEAK"], "left: something"
"""
LOOK = """\
import builtins, os, random, signal, sys
mask = os.umask(0o22)
found = [
    "LEAK" in os.environ, hasattr(builtins, "leak"), hasattr(sys, "leak"), os.path.exists("leak"), "/leak" in sys.path,
    sys.getrecursionlimit() == 77, signal.getsignal(signal.SIGTERM) is signal.SIG_IGN, mask == 0,
    random.random() != 0.8444218515250481,
]
assert not any(found), f"clean: {found}"
"""


def test_nothing_goes_from_one_program_to_the_next(arena):
    sources = {"leaks": LEAK, "looks": LOOK, "both": LEAK.replace("import", "import os, ", 1) + LOOK}
    facts = {}
    made = Runner(arena.tree.parent / "cache", 1)
    try:
        for name, source in sources.items():
            (arena.tree / f"{name}.py").write_text(source)
            made.submit([Job(name, arena.program(name))])
            facts |= made.wait()
    finally:
        made.close()
    status = {name: judged(arena.program(name), facts[name]).status for name in sources}
    assert status == {"leaks": "passed", "looks": "passed", "both": "assertion"}


def test_the_folder_for_everything_is_where_temporary_files_go(held):
    assert Path(held.base).parent == Path(tempfile.gettempdir())
