"""How long the book takes: `make bench`. The written articles are repeated until there are 60, then 260.

Each size is made in a process of its own, from nothing kept, then again with nothing changed, then with one article
changed. Written to bench/results/book.md: wall and processor time in seconds, the largest memory in GB.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIZES = {60: (10.0, 1.5), 260: (45.0, 1.5)}  # articles: the aim in seconds and GB
SAMPLE = 20  # chapters that tell what a page costs Typst
CHANGED = "<p>这一段是量速度时加的。</p>"


def replicated(target: Path, count: int) -> Path:
    """A project whose questions are the written ones over and over, with the site that belongs to it."""
    from bagu.project import Project

    site = target / "site"
    shutil.copytree(ROOT / "docs", target / "docs")
    shutil.copytree(ROOT / "snippets", target / "snippets")
    shutil.copytree(ROOT / "site", site)
    shutil.copy(ROOT / "mkdocs.yml", target)
    topics = Project(ROOT).topics
    written = [q for topic in topics for q in topic.questions if (site / q.folder / f"{q.id}.html").is_file()]
    entries = []
    for n in range(count):
        question = written[n % len(written)]
        id_ = question.id if n < len(written) else f"{question.id}-{n}"
        entries.append({"id": id_, "tier": "more", "question": question.question, "seed": list(question.seed)})
        if id_ == question.id:
            continue
        page = (target / "docs" / question.folder / f"{question.id}.md").read_text("utf-8")
        page = re.sub(r"^concepts: .*$", "concepts: []", page, count=1, flags=re.MULTILINE)  # they have one home
        (target / "docs" / question.folder / f"{id_}.md").write_text(page, "utf-8")
        html = (site / question.folder / f"{question.id}.html").read_text("utf-8")
        # Other words, so that no chapter, listing or formula is the same as another's.
        html = html.replace("</h1>", f" {n}</h1>").replace('application/x-tex">', f'application/x-tex">{{}}_{{{n}}}')
        (site / question.folder / f"{id_}.html").write_text(html, "utf-8")
    folders: dict[str, list] = {}
    homes = {q.id: q.folder for q in written}
    for entry in entries:
        folder = homes.get(entry["id"]) or homes[re.sub(r"-\d+$", "", entry["id"])]
        folders.setdefault(folder, []).append(entry)
    homes |= {q.id: q.folder for topic in topics for q in topic.questions if q.id not in homes}
    for id_ in sorted(homes.keys() - {entry["id"] for entry in entries}):  # planned ones, to which articles lead
        folders.setdefault(homes[id_], []).append({"id": id_, "tier": "more", "question": id_})
    questions = [{"topic": f, "part": f, "folder": f, "name": f, "questions": items} for f, items in folders.items()]
    (target / "docs" / "questions.yml").write_text(json.dumps(questions, ensure_ascii=False), "utf-8")
    from bagu import corpus
    from bagu.formula import Formulas

    corpus.load(Project(target), Formulas(target / ".cache" / "bagu" / "formulas.json"))  # as the site's build does
    return target


def measured(project: Path, what: str = "--export") -> tuple[float, ...]:
    """(wall seconds, processor seconds, GB) of one export in a process of its own, or what ``typst_alone`` prints."""
    command = [sys.executable, str(Path(__file__)), what, str(project)]
    more = {"PYTHONPATH": str(ROOT / "hooks")} | ({"RAYON_NUM_THREADS": "1"} if what == "--typst" else {})
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | more)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return tuple(json.loads(done.stdout.splitlines()[-1]))


def export(project: Path) -> None:
    from bagu import exports
    from bagu.project import Project

    started = time.perf_counter()
    exports.export(Project(project), "book", project / "site")
    wall = time.perf_counter() - started
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    processor = sum(usage.ru_utime + usage.ru_stime for usage in used)
    memory = used[0].ru_maxrss + (os.cpu_count() or 1) * used[1].ru_maxrss  # at most: this process, and each worker
    print(json.dumps([wall, processor, memory / 1e6]))


def typst_alone(project: Path) -> None:
    """Print (pages, processor seconds in Typst) of the first chapters, made one after another in this process."""
    import pikepdf
    from bagu import exports, exports_typeset
    from bagu.exports_pdf import Unit
    from bagu.project import Project

    spent, unit = [], exports_typeset.Typesetter.unit

    def timed(self: exports_typeset.Typesetter, of: Unit) -> Unit:
        started = time.process_time()
        made = unit(self, of)
        spent.append((len(pikepdf.open(made.pdf).pages), time.process_time() - started))
        return made

    exports_typeset.Typesetter.unit = timed
    os.cpu_count = lambda: 1
    questions = [q for topic in Project(project).topics for q in topic.questions]
    asked = [q.id for q in questions if (project / "site" / q.folder / f"{q.id}.html").is_file()][:SAMPLE]
    exports.export(Project(project), "book", project / "site", project / "sample.pdf", articles=asked)
    chapters = [item for item in spent if item[0] > 2]  # the first of them reads the fonts
    print(json.dumps([sum(pages for pages, _ in chapters[1:]), sum(seconds for _, seconds in chapters[1:])]))


def main() -> None:
    import pikepdf

    rows = []
    for count, (seconds, memory) in SIZES.items():
        with tempfile.TemporaryDirectory(prefix="bagu-bench-") as scratch:
            project = replicated(Path(scratch) / "project", count)
            typst = measured(project, "--typst")
            cold = []
            for _ in range(3 if count < 100 else 1):
                for kept in ("dist", ".cache/bagu/book"):
                    shutil.rmtree(project / kept, ignore_errors=True)
                (project / ".cache/bagu/typst.json").unlink(missing_ok=True)
                cold.append(measured(project))
            with pikepdf.open(project / "dist" / "bagu-lab.pdf") as book:
                pages = len(book.pages)
            alone = typst[1] / typst[0] * pages
            again = measured(project)
            page = next((project / "site" / "transformer").glob("*.html"))
            page.write_text(page.read_text("utf-8").replace("</article>", f"{CHANGED}</article>"), "utf-8")
            changed = measured(project)
            wall, processor, most = (statistics.median(values) for values in zip(*cold, strict=True))
            rows.append(
                f"| {count} | {pages} | {wall:.1f} | {seconds:.0f} | {processor:.1f} | {alone:.1f} | {most:.2f} | {memory} | {again[0]:.2f} | {changed[0]:.1f} |"
            )
    load = "、".join(f"{value:.1f}" for value in os.getloadavg())
    with contextlib.suppress(OSError):
        cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8"))
    report = (
        f"""# The book: how long it takes

`make bench`, {datetime.date.today().isoformat()}: {cpu[1] if cpu else platform.processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load}.
The site is built; nothing is kept. Wall and processor time in seconds (median), memory in GB.
Typst alone: what it takes to typeset as many such pages one after another in one process, from {SAMPLE} chapters.

| articles | pages | wall | aim | processor | of it Typst alone | memory | aim | nothing changed | one article changed |
|---|---|---|---|---|---|---|---|---|---|
"""
        + "\n".join(rows)
        + "\n"
    )
    (ROOT / "bench" / "results").mkdir(exist_ok=True)
    (ROOT / "bench" / "results" / "book.md").write_text(report, "utf-8")
    print(report)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "hooks"))
    tasks = {"--export": export, "--typst": typst_alone}
    tasks[sys.argv[1]](Path(sys.argv[2])) if sys.argv[1:] else main()
