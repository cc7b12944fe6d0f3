"""Our search, Material's own and Pagefind on one site and the same goldens: `make bench-search`.

Builds the site twice below ``.cache/bench`` (a preview: nothing is executed), once as it is and once with the search
that Material brings, Chinese cut by jieba, all else at its defaults; indexes the first with Pagefind as well; asks all
three every golden in Chromium. Writes ``bench/results/search.md`` and, one run a file, ``bench/results/search/*.json``.
"""

from __future__ import annotations

import datetime
import functools
import gzip
import http.server
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import threading
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "hooks"), str(ROOT / "tests" / "search")]

import golden
from bagu.doctor import find_browser
from playwright.sync_api import Page, sync_playwright

WORK = ROOT / ".cache" / "bench"
LIBRARIES = WORK / "python"  # requirements-bench-search.txt: jieba and Pagefind
RESULTS = ROOT / "bench" / "results"
RUNS = 3
TYPED = ("梯度消失怎么办", "KV缓存", "flash attention", "LoRA微调", "为什么要warmup", "past_key_values", "overfitting")

# What stands in a site beside the adapter, so that Material's plugin does what the adapter has taken from it.
THEIRS = """
def on_config(config):
    plugin = config.plugins["material/search"]
    for event in ("page_context", "post_build"):
        config.plugins.events[event].append(getattr(plugin, f"on_{event}"))
"""

# Each defines ask(query): the addresses found, in order; `answer` for what a reader waits for.
OURS = """async () => {
    const worker = new Worker("assets/search/worker.js");
    const next = (type) => new Promise((done) => (worker.onmessage = ({data}) => data.type === type && done(data.data)));
    await next(1);
    window.ask = async (query) => {
        const answer = next(3);
        worker.postMessage({type: 2, data: query});
        return (await answer).items.map((group) => group[0].location);
    };
}"""
MATERIAL = """async (path) => {
    const worker = new Worker(path);
    const next = (type) => new Promise((done) => (worker.onmessage = ({data}) => data.type === type && done(data.data)));
    const index = await (await fetch("search/search_index.json")).json();
    const ready = next(1);
    worker.postMessage({type: 0, data: {...index, options: {suggest: false}}});
    await ready;
    window.ask = async (query) => {
        const answer = next(3);
        worker.postMessage({type: 2, data: query});
        return (await answer).items.map((group) => group[0].location);
    };
}"""
PAGEFIND = """async () => {
    const pagefind = await import(new URL("pagefind/pagefind.js", location.href).href);
    await pagefind.init();
    window.ask = async (query) => {
        const {results} = await pagefind.search(query);
        const shown = await Promise.all(results.slice(0, 10).map((result) => result.data()));
        return shown.map(({url}) => url);
    };
}"""
TIME = """async ([queries]) => {
    const times = [];
    for (const query of queries) {
        let typed = "";
        const ofThis = [];
        for (const char of query) {
            typed += char;
            const start = performance.now();
            await ask(typed);
            ofThis.push(performance.now() - start);
        }
        times.push(ofThis);
    }
    return times;
}"""


def main() -> int:
    browser, missing = find_browser(), [name for name in ("jieba", "pagefind") if not (LIBRARIES / name).is_dir()]
    if not browser or missing:
        print(
            f"needs Chromium (`bagu doctor`) and {', '.join(missing) or 'nothing else'}: make bench-search",
            file=sys.stderr,
        )
        return 2
    ours, theirs = WORK / "ours", WORK / "material"
    build(ours, material=False)
    build(theirs, material=True)
    environment = os.environ | {"PYTHONPATH": str(LIBRARIES)}
    pagefind = [sys.executable, "-m", "pagefind", "--site", str(ours / "site"), "--root-selector", ".md-content"]
    subprocess.run(pagefind, check=True, capture_output=True, env=environment)
    worker = next((theirs / "site/assets/javascripts/workers").glob("search.*.min.js")).relative_to(theirs / "site")
    engines = {
        "本站": (ours / "site", OURS, None),
        "Material（jieba）": (theirs / "site", MATERIAL, str(worker)),
        "Pagefind": (ours / "site", PAGEFIND, None),
    }
    goldens = golden.read()
    folder = RESULTS / "search"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    runs: dict[str, list[dict]] = {name: [] for name in engines}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        for number in range(1, RUNS + 1):
            for name, (site, script, argument) in engines.items():
                run = measure(chromium.new_context(), site, script, argument, goldens)
                runs[name].append(run)
                file = folder / f"{re.sub('[^a-z]', '', name.lower()) or 'bagu'}-{number}.json"
                file.write_text(json.dumps(run, ensure_ascii=False, indent=1) + "\n", "utf-8")
        machine = f"{platform.system()} {platform.machine()}，{os.cpu_count()} 核，Chromium {chromium.version}"
        chromium.close()
    articles = len({id_ for g in goldens for id_ in g.ids})
    (RESULTS / "search.md").write_text(report(runs, goldens, machine, articles), "utf-8")
    print((RESULTS / "search.md").read_text("utf-8"))
    return 0


def build(folder: Path, *, material: bool) -> None:
    """The site into ``folder/site``, with Material's own search or with ours."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in ("docs", "snippets", "hooks"):
        (folder / name).symlink_to(ROOT / name)
    if (ROOT / ".cache" / "bagu").is_dir():  # a copy, so that the next build of the project finds its own
        shutil.copytree(ROOT / ".cache" / "bagu", folder / ".cache" / "bagu")
    shutil.copytree(ROOT / "overrides", folder / "overrides")
    if material:
        template = folder / "overrides" / "main.html"
        template.write_text(
            re.sub(r"{% block config %}.*?{% endblock %}", "", template.read_text("utf-8"), flags=re.DOTALL)
        )
        (folder / "theirs.py").write_text(THEIRS)
    hooks = ["hooks/mkdocs_adapter.py", *(["theirs.py"] if material else [])]
    (folder / "mkdocs.yml").write_text(f"INHERIT: {ROOT / 'mkdocs.yml'}\ndocs_dir: docs\nhooks: {json.dumps(hooks)}\n")
    extra = {"PYTHONPATH": str(LIBRARIES)} if material else {}
    environment = os.environ | {"BAGU_PREVIEW": "1", "NO_MKDOCS_2_WARNING": "1"} | extra
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "-q"], cwd=folder, check=True, env=environment)


def measure(context, site: Path, script: str, argument: str | None, goldens: list[golden.Golden]) -> dict:
    """One run: ``found`` for each golden, milliseconds to load, for each letter typed, and the bytes fetched."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page: Page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/404.html")
    page.wait_for_load_state("networkidle")
    fetched: list[str] = []
    context.on("request", lambda request: fetched.append(request.url))
    started = page.evaluate("performance.now()")
    page.evaluate(script, argument)
    load = page.evaluate("performance.now()") - started
    letters = page.evaluate(TIME, [list(TYPED)])
    paths = {url.split("/", 3)[3].partition("?")[0] for url in fetched}
    size = sum(len(gzip.compress((site / path).read_bytes(), 9)) for path in paths)
    answers = page.evaluate("async (queries) => { const all = []; for (const q of queries) all.push(await ask(q)); return all; }",
                            [g.query for g in goldens])  # fmt: skip
    server.shutdown()
    context.close()
    found = {
        g.query: list(dict.fromkeys(Path(url.partition("#")[0]).stem for url in urls))
        for g, urls in zip(goldens, answers, strict=True)
    }
    return {"load_ms": load, "letters_ms": letters, "bytes": size, "found": found}


def report(runs: dict[str, list[dict]], goldens: list[golden.Golden], machine: str, articles: int) -> str:
    """The page of results, in Chinese."""
    rows, kinds, misses = [], [], ""
    for name, all_ in runs.items():
        results = [(g, all_[0]["found"][g.query]) for g in goldens]
        for half, tuned in (("没调过", False), ("调过", True)):
            f = golden.figures([r for r in results if r[0].tuned is tuned])
            rows.append(f"| {name} | {half}（{f.count}） | {f.first:.1%} | {f.three:.1%} | {f.mrr:.3f} | {f.zero} |")
        if not misses:
            misses = "\n".join(f"- {miss}" for miss in golden.misses([r for r in results if r[0].tuned])) or "没有。"
    for kind in sorted(golden.KINDS):
        shares = []
        for all_ in runs.values():
            f = golden.figures([(g, all_[0]["found"][g.query]) for g in goldens if g.kind == kind and not g.tuned])
            shares.append(f"{f.three:.0%}")
        kinds.append(f"| {kind}（{f.count}） | {' | '.join(shares)} |")
    speed = []
    for name, all_ in runs.items():
        first = statistics.median(letters[0] for run in all_ for letters in run["letters_ms"][:1])
        further = statistics.median(ms for run in all_ for letters in run["letters_ms"] for ms in letters[1:])
        load = statistics.median(run["load_ms"] for run in all_)
        size = statistics.median(run["bytes"] for run in all_) / 1000
        speed.append(
            f"| {name} | {size:.0f} kB | {size / articles:.1f} kB | {load:.0f} | {first:.1f} | {further:.1f} |"
        )
    names = " | ".join(runs)
    return f"""# 搜索对比

{datetime.date.today()}，{machine}。同一个站点、同一批 {len(goldens)} 条查询、{articles} 篇文章，各跑 {RUNS} 次，时间取中位数。
Material {version("mkdocs-material")} 用它默认的中文配置加 jieba，Pagefind 用 extended 版、只索引正文。
由 `make bench-search` 生成，每次的原始结果在 `search/` 里；机器忙时，毫秒数只宜比大小。

## 找得到吗

查询按散列分成两半。一半允许看着它调别名与权重，另一半只测不看，数字以“没调过”为准。

| 搜索 | 哪一半（条） | 第一个就是 | 前三个里有 | MRR | 一无所获 |
|---|---|---|---|---|---|
{chr(10).join(rows)}

没调过的一半，按写法分，前三个里有的占比：

| 写法（条） | {names} |
|---|{"---|" * len(runs)}
{chr(10).join(kinds)}

## 多大，多快

体积是打字之前与打下面这些词时取的全部文件，gzip 后。逐字输入 {"、".join(TYPED)}：毫秒数从发问到拿到结果。

| 搜索 | 体积 | 平均每篇 | 装载（ms） | 第一个字（ms） | 其后每个字（ms） |
|---|---|---|---|---|---|
{chr(10).join(speed)}

## 调过的一半里没排第一的

{misses}
"""


if __name__ == "__main__":
    sys.exit(main())
