"""Servers: from which one each is forked, when they begin to import, and that none is left."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from bagu import snippet
from bagu.runner import LEVELS, Job, Runner, below

BARE, NUMPY, MATPLOTLIB, TORCH, LATE, TRANSFORMERS = range(len(LEVELS))


def job(folder: Path, name: str, *imports: str) -> Job:
    file = folder / f"{name}.py"
    lines = [*(f"import {library}" for library in imports), 'x = 1\nassert x == int("1"), "same: x"\n']
    file.write_text("\n".join(lines), "utf-8")
    return Job(name, snippet.parse(file.name, file))


@pytest.mark.parametrize(
    ("together", "level", "parent"),
    [
        ([{BARE, NUMPY}, {BARE, TORCH}], TORCH, NUMPY),  # which torch imports
        ([{BARE, TORCH}], TORCH, BARE),
        ([{BARE, NUMPY, MATPLOTLIB}, {BARE, NUMPY, TORCH}], TORCH, NUMPY),  # side by side
        ([{BARE, MATPLOTLIB, TORCH}], TORCH, MATPLOTLIB),  # in a row
        ([{BARE, TORCH, LATE}, {BARE, TORCH, TRANSFORMERS}], TRANSFORMERS, LATE),  # which transformers imports
        ([{BARE, TRANSFORMERS}], TRANSFORMERS, BARE),
        ([{BARE, MATPLOTLIB}, {BARE, MATPLOTLIB, TRANSFORMERS}, {BARE, TORCH}], TRANSFORMERS, TORCH),
    ],
)
def test_a_level_is_forked_from_what_its_library_or_a_program_has_below_it(together, level, parent):
    assert below(level, together, set()) == parent


def test_a_level_that_lives_from_an_earlier_batch_is_used():
    assert below(TORCH, [{BARE, TORCH}], {BARE, NUMPY}) == NUMPY


@pytest.fixture
def runner(tmp_path):
    made = Runner(tmp_path / "cache", 2)
    yield made
    made.close()


def test_what_was_warmed_is_what_runs(runner, tmp_path):
    jobs = [job(tmp_path, "plain"), job(tmp_path, "array", "numpy")]
    runner.warm(jobs)
    process, levels = runner.process, dict(runner.levels)
    assert set(levels) == {BARE, NUMPY}
    runner.submit(jobs)
    assert all(facts is not None and facts["ended"] for facts in runner.wait().values())
    assert runner.process is process and runner.levels == levels
    runner.close()
    assert process.returncode == 0


def test_servers_that_still_import_are_ended_at_once(runner, tmp_path):
    runner.warm([job(tmp_path, "heavy", "numpy", "torch", "transformers")])
    process, base = runner.process, runner.base
    os.killpg(process.pid, 0)  # there they are
    runner.close()
    assert process.returncode == -signal.SIGKILL and not base.exists()


def test_no_program_finds_the_servers_own_settings(runner, tmp_path):
    file = tmp_path / "look.py"
    file.write_text('import os\nassert "GLIBC_TUNABLES" not in os.environ, "unset: it is there"\n', "utf-8")
    runner.submit([Job("look", snippet.parse(file.name, file))])
    assert runner.wait()["look"]["ended"]


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the children of a process are read from /proc")
def test_a_supervisor_stays_for_the_next_program(runner, tmp_path):
    seen = []
    for name in ("first", "second", "third"):
        runner.submit([job(tmp_path, name)])
        assert runner.wait()[name]["ended"]
        seen.append(children(runner.process.pid))
    assert seen == [seen[0]] * 3 and len(seen[0]) == 1  # it runs nothing between them, and no other is there
    descriptors = sorted(os.listdir(f"/proc/{seen[0][0]}/fd"))
    runner.submit([job(tmp_path, f"more-{number}") for number in range(8)])
    runner.wait()
    assert sorted(os.listdir(f"/proc/{seen[0][0]}/fd")) == descriptors
    runner.close()
    assert not Path(f"/proc/{seen[0][0]}").exists()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the children of a process are read from /proc")
def test_a_supervisor_that_is_killed_costs_its_own_job_alone(runner, tmp_path):
    file = tmp_path / "slow.py"
    file.write_text('import time\n\ntime.sleep(9)\nassert file == __file__, "same: file"\n', "utf-8")
    jobs = [Job("slow", snippet.parse(file.name, file)), job(tmp_path, "quick")]
    runner.warm(jobs)
    runner.submit(jobs)
    end = time.monotonic() + 9
    while not (busy := [pid for pid in children(runner.process.pid) if children(pid)]) or "quick" not in runner.results:
        assert time.monotonic() < end
        time.sleep(0.02)
    program = children(busy[0])[0]
    os.kill(busy[0], signal.SIGKILL)
    facts = runner.wait()
    assert facts["slow"] is None and facts["quick"]["ended"]
    runner.submit([job(tmp_path, "next"), job(tmp_path, "last")])
    assert all(facts["ended"] for facts in runner.wait().values())
    while Path(f"/proc/{program}").exists():
        assert time.monotonic() < end, "the program outlives its supervisor"
        time.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the children of a process are read from /proc")
def test_what_cannot_be_compiled_is_that_programs_own_error(runner, tmp_path):
    file = tmp_path / "deep.py"
    file.write_text(
        f'x = {"+".join(["1"] * 3000)}\nassert x == 3000, "same: x"\n', "utf-8"
    )  # deeper than Python's limit
    runner.submit([job(tmp_path, "first")])
    assert runner.wait()["first"]["ended"]
    supervisors = children(runner.process.pid)
    runner.submit([Job("deep", snippet.parse(file.name, file))])
    facts = runner.wait()["deep"]
    assert facts["exit"] == 1 and facts["error"]["type"] == "RecursionError" and not facts["ended"]
    runner.submit([job(tmp_path, "next")])
    assert runner.wait()["next"]["ended"] and children(runner.process.pid) == supervisors
