"""What concepts, glossary, backlinks, map and paths add to a build: 90 articles and 300 concepts, medians.

    python bench/concepts.py [--articles 90] [--concepts 300] [--runs 9]

The articles are those that the last build converted (`make site` first), repeated up to the number; the concepts are
those of the project, with made-up ones added up to the number. Writes ``bench/results/concepts.md``.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "hooks"))

from bagu import atlas, concepts, corpus, glossary, paths, related
from bagu.article import Article
from bagu.cache import Memo
from bagu.project import Project
from bagu.snippet import content_key

RESULT = ROOT / "bench" / "results" / "concepts.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--articles", type=int, default=90)
    parser.add_argument("--concepts", type=int, default=300)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    try:
        kept = json.loads((ROOT / ".cache/bagu/pages.json").read_text("utf-8"))["values"].values()
    except (OSError, ValueError, KeyError):
        kept = []
    converted = [page["html"] for page in kept if 'id="一句话"' in page["html"]]
    if not converted:
        print("No converted articles in .cache/bagu; `make site` first", file=sys.stderr)
        return 1
    pages = [f"{html}<!-- {n} -->" for n, html in zip(range(options.articles), itertools.cycle(converted))]
    work = corpus.load(Project(ROOT))
    terms = list(work.concepts.values())[: options.concepts]
    model = terms[0]
    for n in range(len(terms), options.concepts):
        names = {"zh": f"造出来的术语{n}", "en": f"made-up term {n}", "aliases": (f"madeup{n}", f"造术语{n}")}
        terms.append(dataclasses.replace(model, id=f"made-up-{n}", **names))
    work.concepts = {term.id: term for term in terms}
    replicate(work, options.articles)
    articles = list(work.articles.values())

    def linked(made: dict, id_: str, page: Article, text: str) -> str:
        """As ``Build`` does it."""
        if (id_, page.folder) not in made:
            term = work.concepts[id_]
            made[id_, page.folder] = concepts.link(term, glossary.address_of(term, page, work), "\0")
        return made[id_, page.folder].replace("\0", text)

    def rows() -> list[tuple[str, float]]:
        with tempfile.TemporaryDirectory() as folder:
            cache = Path(folder)

            def link() -> None:
                lexicon, made = concepts.Lexicon(terms), {}
                memo = Memo(cache / "mentions.json", lexicon.key)
                for page, html in zip(articles, pages, strict=False):
                    key = content_key(page.id, html[:64])  # in a build it is the key of the conversion
                    found = memo.get(key)
                    if found is None:
                        found = [[m.concept, m.start, m.end] for m in lexicon.first(html, page.id)]
                        memo.put(key, found)
                    mentions = [concepts.Mention(*entry) for entry in found]
                    concepts.weave(html, mentions, lambda id_, text, page=page: linked(made, id_, page, text))
                memo.save()

            def load() -> None:
                concepts.load(work.project)

            def listed() -> None:
                memo = Memo(cache / "render.json", "")
                for make in (glossary.render, atlas.render, paths.render):
                    make(work, memo)
                memo.save()

            def feet() -> None:
                network = related.Network(work, {page.id: {model.id} for page in articles})
                uses, needed, linked = network.uses(), network.needed_by(), network.linked_from()
                for page in articles:
                    related.foot(page, work, needed, linked)
                glossary.fill(entries, uses)

            entries = glossary.render(work, Memo(cache / "other.json", ""))
            # In this order: what is new first, then the same again.
            return [
                ("links, all articles and concepts new", timed(link)),
                ("links, nothing changed", timed(link)),
                ("glossary, map and paths, all new", timed(listed)),
                ("glossary, map and paths, nothing changed", timed(listed)),
                ("concepts read, nothing changed", timed(load)),
                ("feet and backlinks (never kept)", timed(feet)),
            ]

    runs = [dict(rows()) for _ in range(options.runs)]
    table = "\n".join(
        f"| {name} | {statistics.median(run[name] for run in runs) * 1000:.1f} | {min(run[name] for run in runs) * 1000:.1f} |"
        for name in runs[0]
    )
    text = f"""# Concepts, glossary, backlinks, map, paths

{len(pages)} articles (the {len(converted)} of the project, repeated), {len(terms)} concepts with {sum(len(t.names) for t in terms)} names,
{len(work.project.questions)} questions; processor time, median and least of {options.runs} runs, Python {platform.python_version()}, {platform.machine()}. `python bench/concepts.py`

| | median, ms | least, ms |
|---|---:|---:|
{table}
"""
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(text, "utf-8")
    print(text)
    return 0


def replicate(work: corpus.Corpus, count: int) -> None:
    """Planned questions become articles, copies of written ones, until there are ``count``."""
    written = itertools.cycle(list(work.articles.values()))
    for question in work.project.questions.values():
        if len(work.articles) >= count:
            return
        if question.id not in work.articles:
            model = next(written)
            path = f"docs/{question.folder}/{question.id}.md"
            meta = model.meta | {"title": question.question, "needs": []}
            work.pages[path] = dataclasses.replace(
                model, path=path, id=question.id, folder=question.folder, meta=meta, text=f"{model.text}\n{question.id}"
            )


def timed(work: Callable[[], None]) -> float:
    """Seconds of processor time, which other work on the machine lengthens less than the clock's."""
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
