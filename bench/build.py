"""How long a build takes, beside bare MkDocs and beside markdown-exec: `make bench`, or by hand with arguments.

    python bench/build.py --articles 20 60 200 --runs 5        cold, then nine times with nothing changed
    python bench/build.py --articles 200 1000 --again 3 --sides bare ours --what growth
    python bench/build.py --programs tiny                      the same with programs that compute next to nothing
    python bench/build.py --articles 20 --runs 3 --sides jupyter ours      beside mkdocs-jupyter, which takes minutes
    python bench/build.py --what snippets                      overhead of the runner itself
    python bench/build.py --what serve --articles 60            from saving a file to the reloaded page

All sides get the same generated pages, configuration and theme: 40 % of the programs use NumPy, 45 % PyTorch, 10 % draw a
figure, 5 % use transformers. They compute as long as the programs of this site do: COMPUTE. ``bare`` shows the programs
and runs nothing; ``exec`` runs them by markdown-exec; ``ours`` by this engine; ``jupyter`` has each article as a
notebook, which mkdocs-jupyter executes. The sides take turns, so that a slow minute of the machine meets all of them;
numbers are medians.
Raw runs go to ``bench/results/<date>-<what>.json``, tables of all of them to ``bench/results/README.md``.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import platform
import random
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
SIDES = ("bare", "exec", "jupyter", "ours")
USUAL = ("bare", "exec", "ours")
FORGETFUL = ("exec",)  # keeps nothing: built again once, that it be seen
LIBRARIES = "import numpy, matplotlib.pyplot, torch, torch._dynamo, transformers"
PROSE = "先求每块的部分和，再把部分和相加，结果与从头到尾依次相加相同；浮点数只差舍入，与块的大小无关。"

NUMPY = """\
import numpy as np

x = np.random.default_rng({i}).normal(size=(256, 64))
for _ in range({n}):
    total = sum(part.sum() for part in np.split(x, 8))
print(f"close: {{abs(total - x.sum()) < 1e-9}}")
assert abs(total - x.sum()) < 1e-9, f"close: {{total:.6f}}"
"""
TORCH = """\
import torch

torch.manual_seed({i})
layer = torch.nn.Linear(32, 8)
x = torch.randn(64, 32)
optimizer = torch.optim.SGD(layer.parameters(), lr=0.01)
before = layer(x).square().mean()
for _ in range({n}):
    optimizer.zero_grad()
    layer(x).square().mean().backward()
    optimizer.step()
after = layer(x).square().mean()
print(f"falls: {{(after < before).item()}}")
assert after < before, f"falls: {{before:.3f}} to {{after:.3f}}"
"""
FIGURE = """\
import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0, {i}, 50)
plt.plot(x, np.sin(x))
for _ in range({n}):
    plt.savefig("wave.svg")
print("drawn")
assert len(x) == int("50"), f"points: {{len(x)}}"
"""
TRANSFORMERS = """\
import torch
from transformers import GPT2Config, GPT2LMHeadModel

torch.manual_seed({i})
model = GPT2LMHeadModel(GPT2Config(n_layer=1, n_head=2, n_embd=32, vocab_size=64)).eval()
tokens = torch.arange(8)[None]
for _ in range({n}):
    out = model(tokens).logits
print("shape:", tuple(out.shape))
assert tuple(out.shape) == (1, tokens.shape[1], 64), f"shape: {{tuple(out.shape)}}"
"""
TOPIC, TOPICS = 20, 10  # articles of a topic, topics of a part
PRINTED = {NUMPY: "close: True\n", TORCH: "falls: True\n", FIGURE: "drawn\n", TRANSFORMERS: "shape: (1, 8, 64)\n"}
KINDS = [NUMPY] * 8 + [TORCH] * 9 + [FIGURE] * 2 + [TRANSFORMERS]
# Seconds of computing of the programs of this site (194, 2026-11-22), by library: the middles of their tenths; and the
# seconds that a round of the loops above takes on the same machine.
COMPUTE = {
    NUMPY: (0.016, 0.023, 0.027, 0.029, 0.054, 0.098, 0.147, 0.256, 0.499, 2.806),
    TORCH: (0.029, 0.047, 0.058, 0.129, 0.192, 0.418, 0.541, 0.746, 1.311, 1.887),
    FIGURE: (0.380, 0.480, 0.565, 0.667, 0.793, 0.862, 1.294, 1.741, 2.152, 3.519),
    TRANSFORMERS: (0.054, 0.076, 0.083, 0.118, 0.137, 0.267, 0.378, 0.804, 1.313, 1.569),
}
ROUND = {NUMPY: 0.00004, TORCH: 0.0004, FIGURE: 0.1, TRANSFORMERS: 0.0013}


def program(i: int, programs: str) -> str:
    """The program of article ``i``: of its library, and as long as its tenths in turn; or all of one round ("tiny")."""
    kind = KINDS[(i * 7) % 20]
    before = sum(KINDS[(j * 7) % 20] is kind for j in range(i))
    tenth = (before * 7 + 5) % 10  # from the middle on, neighbours far apart
    rounds = round(COMPUTE[kind][tenth] / ROUND[kind]) if programs == "typical" else 1
    return kind.format(i=i + 1, n=max(1, rounds))


def page(i: int, side: str, program: str) -> str:
    """An article, complete by the rules of CONTRIBUTING.md, with one program."""
    told = re.sub(r"\s+", " ", PROSE)
    spoken = told * 4
    front = (
        f'---\ntitle: "第 {i} 题：求和可以分块吗？"\ndescription: "{told * 2}"\ndifficulty: 1\nfrequency: 3\n'
        f"aliases: [sum {i}]\nneeds: []\npoints: [结合律, 块的大小, 舍入]\nconcepts: []\nseed: []\nsources: []\n"
        "reviewed: 2026-11-22\n---\n"
    )
    if side == "exec":
        shown = f'```python exec="1" source="above"\n{program}```\n'
    elif side == "bare":
        shown = f"```python\n{program}```\n"
    else:
        alt = '    alt: "一条曲线"\n' if "savefig" in program else ""
        shown = f"/// proof | bench/q-{i:04}/first.py\n{alt}\n分块求和与整列求和相同。\n///\n"
    formulas = "".join(
        f"\n{told}设 $x_{k}^{{({i})}}=\\frac{{{k}}}{{n}}$，则 $\\sum_k x_k \\le n^{k}$。\n" for k in range(1, 9)
    )
    return (
        f"{front}\n## 一句话\n\n可以，$a+b=b+a$。\n\n## 一分钟口述\n\n{spoken}\n\n## 讲清楚\n{formulas}\n{shown}\n"
        "## 错在哪里\n\n没有常见的错误说法。\n\n## 追问\n\n没有。\n\n## 参考\n\n没有。\n"
    )


def notebook(i: int, text: str) -> str:
    """The same article for mkdocs-jupyter."""

    def cell(kind: str, source: str, **more: object) -> dict:
        return {"cell_type": kind, "id": f"c{kind}", "metadata": {}, "source": source, **more}

    text = page(i, "bare", text).partition("---\n")[2].partition("---\n")[2]
    before, shown, after = re.split(r"```python\n(.*?)```\n", text, maxsplit=1, flags=re.DOTALL)
    cells = [cell("markdown", f"# 第 {i} 题\n{before}"), cell("code", shown, outputs=[], execution_count=None)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells.append(cell("markdown", after) | {"id": "last"})
    return json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False)


def make(folder: Path, count: int, side: str, programs: str = "typical") -> None:
    """A project of ``count`` articles for one side."""
    map_, nav = [], ["nav:\n  - index.md\n  - 题目:\n"]
    (folder / "docs" / "bench").mkdir(parents=True)
    (folder / "docs" / "index.md").write_text("---\ntitle: 首页\n---\n\n# 首页\n", "utf-8")
    for i in range(count):
        if i % (TOPIC * TOPICS) == 0:
            nav.append(f"    - 第 {i // TOPIC // TOPICS} 部分:\n")
        if i % TOPIC == 0:
            part, topic = i // TOPIC // TOPICS, i // TOPIC
            nav.append(f"      - 第 {topic} 组:\n")
            map_.append(
                f"- topic: t{topic}\n  part: 第 {part} 部分\n  folder: bench\n  name: 第 {topic} 组\n  questions:\n"
            )
        text = program(i, programs)
        if side == "ours":
            place = folder / "snippets" / "bench" / f"q-{i:04}" / "first.py"
            place.parent.mkdir(parents=True)
            place.write_text(text, "utf-8")
            place.with_suffix(".out").write_text(PRINTED[KINDS[(i * 7) % 20]], "utf-8")
        if side == "jupyter":
            (folder / "docs" / "bench" / f"q-{i:04}.ipynb").write_text(notebook(i, text), "utf-8")
        else:
            (folder / "docs" / "bench" / f"q-{i:04}.md").write_text(page(i, side, text), "utf-8")
        map_.append(f'    - {{id: q-{i:04}, tier: seed, question: "第 {i} 题：求和可以分块吗？"}}\n')
        nav.append(f"        - bench/q-{i:04}.{'ipynb' if side == 'jupyter' else 'md'}\n")
    (folder / "docs" / "questions.yml").write_text("".join(map_), "utf-8")
    shutil.copytree(ROOT / "overrides", folder / "overrides")
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    hooks = f"hooks:\n  - {ROOT}/hooks/mkdocs_adapter.py\n"
    text = text.replace("hooks:\n  - hooks/mkdocs_adapter.py\n", hooks if side == "ours" else "")
    if side == "exec":
        text = text.replace("plugins:\n", "plugins:\n  - markdown-exec\n")
    if side == "jupyter":
        text = text.replace("plugins:\n", "plugins:\n  - mkdocs-jupyter:\n      execute: true\n")
    (folder / "mkdocs.yml").write_text(text + "".join(nav), "utf-8")


def run(folder: Path, cold: bool) -> dict[str, float]:
    """One build: seconds by the clock, and of computing, children included."""
    for name in ("site", ".cache") if cold else ("site",):
        shutil.rmtree(folder / name, ignore_errors=True)
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    environment |= {"PYTHONPATH": str(ROOT / "hooks"), "PYTHONHASHSEED": "0"}
    environment |= {"MATPLOTLIBRC": str(ROOT / "hooks" / "bagu" / "matplotlibrc")}  # the same figures on all sides
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "-q"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )  # fmt: skip
    clock, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{folder}: the build is red\n{done.stdout}{done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"clock": round(clock, 3), "cpu": round(cpu, 3)}


def execute(folder: Path) -> float:
    """Seconds that `bagu run` takes for all programs of our side, from nothing; reading the project included."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "hooks")}
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "bagu", "run"], cwd=folder, env=environment, check=True, capture_output=True)
    return round(time.perf_counter() - started, 2)


def floor(folder: Path) -> dict[str, float]:
    """What no order of work could go below on two cores: the imports, or half of the computing."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", LIBRARIES], check=True)
    imports = time.perf_counter() - started
    lines = (folder / ".cache" / "bagu" / "results.txt").read_text("utf-8").splitlines()[1:]
    seconds = [json.loads(line.split(" ", 3)[3])["facts"]["seconds"] for line in lines]
    return {"imports": round(imports, 2), "compute": round(sum(seconds), 2)}


def weight(folder: Path) -> float:
    """The median size of an article's HTML, bytes."""
    return statistics.median(p.stat().st_size for p in (folder / "site" / "bench").glob("q-*.html"))


def builds(top: Path, counts: list[int], runs: dict[str, int], sides: list[str], programs: str) -> dict:
    """{count: {side: {cold: [runs], again: [runs]}}} and, of our side, the seconds that `bagu run` took for all
    programs, the floor and the weight of a page. ``runs`` are {"cold": …, "again": …}.
    """
    found: dict = {}
    for count in counts:
        folders = {side: top / f"{side}-{count}" for side in sides}
        for side, folder in folders.items():
            make(folder, count, side, programs)
        found[count] = {side: {"cold": [], "again": []} for side in sides}
        if "ours" in sides:
            found[count]["execution"] = execute(folders["ours"])
        for kind in ("cold", "again"):
            for number in range(runs[kind]):
                turn = [side for side in sides if kind == "cold" or number == 0 or side not in FORGETFUL]
                for side in turn[number % len(turn) :] + turn[: number % len(turn)]:
                    said = run(folders[side], kind == "cold")
                    found[count][side][kind].append(said)
                    print(f"{count} articles, {side}, {kind}: {said}", file=sys.stderr)
        if "ours" in sides:
            found[count]["floor"] = floor(folders["ours"])
            found[count]["weight"] = weight(folders["ours"])
    return found


def _program(folder: Path, i: int, text: str):
    from bagu import snippet

    folder.mkdir(exist_ok=True)
    file = folder / f"{i}.py"
    file.write_text(text.format(i=i + 1, n=1), "utf-8")
    return snippet.parse(file.name, file)


class _Memory(threading.Thread):
    """The most memory that this process's descendants take together, MiB; what they share counts once (PSS)."""

    peak = 0.0

    def __enter__(self) -> _Memory:
        self.stopped = threading.Event()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.join()

    def run(self) -> None:
        while not self.stopped.wait(0.02):
            parents, total = {}, 0
            for entry in Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError, IndexError):
                    parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            for process in parents:
                above = parents.get(process)
                while above and above != os.getpid():
                    above = parents.get(above)
                if above:
                    with contextlib.suppress(OSError, AttributeError):
                        text = Path(f"/proc/{process}/smaps_rollup").read_text()
                        total += int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1])
            self.peak = max(self.peak, total / 1024)


def overhead(top: Path, count: int, runs: int) -> dict:
    """What the runner adds to programs that do nothing: one at a time, and two workers at full speed. Seconds each."""
    sys.path.insert(0, str(ROOT / "hooks"))
    from bagu import snippet
    from bagu.runner import Job, Runner

    programs = []
    for i in range(count):
        file = top / f"{i}.py"
        file.write_text(f'x = {i}\nassert x == int("{i}"), "same: x"\n', "utf-8")
        programs.append(snippet.parse(file.name, file))
    every = [_program(top / "kinds", i, text) for i, text in enumerate([*KINDS] * 4)]
    latency, throughput, peak = [], [], []
    for _ in range(runs):
        runner = Runner(top / "cache", 2)
        runner.submit([Job("warm", programs[0])])
        runner.wait()
        for i in range(20):
            started = time.perf_counter()
            runner.submit([Job(str(i), programs[i])])
            runner.wait()
            latency.append(time.perf_counter() - started)
        started = time.perf_counter()
        runner.submit([Job(str(i), item) for i, item in enumerate(programs)])
        assert len(runner.wait()) == count
        throughput.append((time.perf_counter() - started) / count)
        runner.close()
        runner = Runner(top / "memory", 2)
        with _Memory() as memory:
            runner.submit([Job(item.path, item) for item in every])
            runner.wait()
        runner.close()
        shutil.rmtree(top / "memory")
        peak.append(memory.peak)
    return {"latency": latency, "throughput": throughput, "peak MiB, four servers and two workers": peak}


def serving(top: Path, count: int, runs: int) -> dict:
    """Seconds from saving a file to the moment at which `mkdocs serve --dirty` answers a reloaded page."""
    folder = top / "serve"
    make(folder, count, "ours", "tiny")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT / "hooks"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "mkdocs", "serve", "--dirty", "-q", "--dev-addr", f"127.0.0.1:{port}"]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored (nohup, &), the server would ignore it as well
    server = subprocess.Popen(command, cwd=folder, env=environment)
    address = f"http://127.0.0.1:{port}"

    def get(path: str) -> str:
        with urllib.request.urlopen(f"{address}/{path}", timeout=90) as answer:
            return answer.read().decode()

    found: dict[str, list[float]] = {"prose": [], "snippet": []}
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                get("index.html")
                break
            time.sleep(0.1)
        for n in range(2 * runs):
            kind, article = ("prose", "snippet")[n % 2], f"q-{KINDS.index(NUMPY) + 20 * (n % (count // 20)):04}"
            page, program = folder / "docs/bench" / f"{article}.md", folder / "snippets/bench" / article / "first.py"
            url, mark = f"bench/{article}.html", f"改动 {n} 次"
            epoch = re.search(r"livereload\((\d+)", get(url))
            assert epoch is not None
            time.sleep(1 + 0.5 * random.random())  # anywhere between two looks of MkDocs at the files
            file, old = (page, "可以，") if kind == "prose" else (program, "import numpy as np\n")
            text = file.read_text("utf-8").replace(old, f"{old}{mark}。" if kind == "prose" else f"{old}# {mark}\n", 1)
            started = time.perf_counter()
            file.write_text(text, "utf-8")
            get(f"livereload/{epoch[1]}/{n}")
            assert mark in get(url), f"{url} isn't what was saved"
            found[kind].append(time.perf_counter() - started)
            print(f"{kind}: {found[kind][-1]:.2f}", file=sys.stderr)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()
    return {f"{kind} saved to page reloaded, {count} articles": values for kind, values in found.items()}


def machine() -> dict[str, str]:
    model = next(
        (l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.machine()
    )
    return {
        "date": datetime.datetime.now().isoformat(timespec="minutes"), "system": platform.platform(terse=True), "processor": model,
        "cores": str(len(os.sched_getaffinity(0))), "python": platform.python_version(),
        "load before": f"{os.getloadavg()[0]:.1f}",
    }  # fmt: skip


def median(runs: list[dict], key: str) -> float:
    return statistics.median(entry[key] for entry in runs)


def table(report: dict) -> list[str]:
    """A report as Markdown lines."""
    what = (
        report["what"]
        if report["what"] in ("snippets", "serve")
        else f"{report['what']}, {report.get('programs', 'tiny')} programs"
    )
    lines = [f"## {report['machine']['date']}: {what}", ""]
    lines += [", ".join(f"{key}: {value}" for key, value in report["machine"].items()), ""]
    if report["what"] in ("snippets", "serve"):
        values = {name: statistics.median(values) for name, values in report["found"].items()}
        lines += ["| | median |", "|---|---|"]
        lines += [f"| {name} | {value * 1000:.1f} ms |" for name, value in values.items() if "MiB" not in name]
        lines += [f"| {name} | {value:.0f} |" for name, value in values.items() if "MiB" in name]
        return [*lines, ""]
    lines += ["| articles | | clock, s | CPU, s | ours / it, clock | ours / it, CPU |", "|---|---|---|---|---|---|"]
    for count, sides in report["found"].items():
        for kind in ("cold", "again"):
            for side in (name for name in SIDES if name in sides and sides[name][kind]):
                clock, cpu = (median(sides[side][kind], key) for key in ("clock", "cpu"))
                said = f"| {count} | {side}, {kind} | {clock:.2f} | {cpu:.2f} |"
                if "ours" in sides and side != "ours":
                    ours = sides["ours"][kind]
                    said += f" {median(ours, 'clock') / clock:.2f} | {median(ours, 'cpu') / cpu:.2f} |"
                else:
                    said += " | |"
                lines.append(said)
        if "floor" in sides:
            imports, compute = sides["floor"]["imports"], sides["floor"]["compute"]
            least = max(imports, compute / 2)
            cold = median(sides["ours"]["cold"], "clock")
            lines.append(
                f"| {count} | floor: imports {imports:.1f} s, computing {compute:.1f} s | {least:.2f} | | {cold / least:.2f} | |"
            )
            lines.append(
                f"| {count} | `bagu run` of all programs, from nothing | {sides['execution']:.2f} | | {sides['execution'] / least:.2f} | |"
            )
            lines.append(f"| {count} | an article's HTML, median | {sides['weight'] / 1000:.1f} kB | | | |")
    return [*lines, ""]


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure builds; see the head of this file.")
    parser.add_argument("--what", choices=("builds", "growth", "snippets", "serve"), default="builds")
    parser.add_argument("--articles", type=int, nargs="+", default=[20, 60, 200])
    parser.add_argument("--runs", type=int, default=5, help="builds from nothing")
    parser.add_argument("--again", type=int, default=9, help="builds with nothing changed")
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(USUAL))
    parser.add_argument("--programs", choices=("typical", "tiny"), default="typical")
    parser.add_argument("--no-record", action="store_true", help="print, and keep nothing in bench/results/")
    options = parser.parse_args()
    here = machine()
    with tempfile.TemporaryDirectory(prefix="bagu-bench-") as top:
        if options.what == "snippets":
            found = overhead(Path(top), 200, options.runs)
        elif options.what == "serve":
            found = serving(Path(top), options.articles[0], options.runs)
        else:
            cold = 1 if options.what == "growth" else options.runs  # a thousand articles take minutes
            found = builds(
                Path(top), options.articles, {"cold": cold, "again": options.again}, options.sides, options.programs
            )
    report = {
        "what": options.what,
        "programs": options.programs,
        "machine": here,
        "found": {str(key): value for key, value in found.items()},
    }
    print("\n".join(table(report)))
    if options.no_record:
        return 0
    RESULTS.mkdir(exist_ok=True)
    programs = "" if options.programs == "typical" else f"-{options.programs}"
    (RESULTS / f"{here['date'].replace(':', '')}-{options.what}{programs}.json").write_text(
        json.dumps(report, indent=1) + "\n", "utf-8"
    )
    reports = [json.loads(p.read_text("utf-8")) for p in sorted(RESULTS.glob("*.json"), reverse=True)]
    head = ["# Measurements", "", "Made by `bench/build.py` from the raw runs beside this page; the latest first.", ""]
    (RESULTS / "README.md").write_text("\n".join([*head, *(line for r in reports for line in table(r))]), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
