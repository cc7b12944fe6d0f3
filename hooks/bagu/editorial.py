"""What the editors ask of an article beyond what a build needs: lengths, counts, prose. `bagu check` alone asks it.

A draft can be built and looked at before it has three follow-ups; it can't be handed in.
"""

from __future__ import annotations

import ast
import difflib
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from . import audit, cache, claims, evidence, layout, mutation, repeatable, skeleton, typography
from . import snippet as programs
from . import text as t
from .article import KEYS, Article
from .concepts import folded
from .corpus import Corpus, meant, record
from .errors import Finding
from .snippet import Snippet, content_key

SAID_ALOUD = (150, 300)  # Han, letters and digits
SENTENCES = 2
FOLLOWUPS = (3, 6)
PROOF_LINKS = 3
SNIPPETS = 2
WALL = 300  # Han, letters and digits in a row without a table, formula, figure, list or block
LINES = 80
# Phrases that can be struck out without loss.
FILLER = re.compile(
    r"众所周知|值得(?:注意|一提|强调|说明)的是|需要(?:注意|指出|强调)的是|不难(?:发现|看出|理解)|毋庸置疑|毫无疑问|总而言之|综上所述|"
    r"随着[^，。；：\n]{1,20}的(?:飞速|迅猛|快速|蓬勃|不断)?(?:发展|进步|普及)|"
    r"在当今[^，。；：\n]{0,12}(?:时代|社会|背景下)|扮演着?[^，。；：\n]{0,10}角色|起着?至关重要的|"
    r"让我们(?:一起|来)|相信(?:大家|你)|希望(?:本文|对你|这篇)|一键三连|干货满满"
)
# A particle twice, where no word ends or begins with it, and an English one; names as their owners write them.
_DOUBLED = re.compile(
    r"(?<!目)的的(?!确)|(?<!不)了了(?!解|然|结|之)|(?<!于|但|还|就|总|老|凡)是是(?!否|非)|(?<!存|现|正|内|外|所)在在(?!线|乎|于|场)|"
    r"\b(the|a|an|of|is|in|to|and|for|with) \1\b"
)
_NAMES = {
    name.casefold(): name
    for name in ("PyTorch", "NumPy", "TensorFlow", "FlashAttention", "DeepSeek", "DeepSpeed", "LeetCode", "LaTeX")
}
_WORD = re.compile(r"(?<![\w./@\\-])[A-Za-z]+(?![\w./@-])")
# An English term in bold, or alone between brackets.
_TERM = re.compile(
    r"\*\*(?P<bold>[A-Za-z][\w .,&+/'’()\[\]–-]*)\*\*|（(?P<bracketed>[A-Za-z][\w .&+/'’\[\]–-]*)）", re.ASCII
)
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]")
_IDEOGRAPH = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
# What is left of marks when code, formulas, links and citations are taken out of the prose.
_UNCITED = re.compile(r"\[(?P<key>[A-Za-z][\w.-]*)(?:[,，;；][^\[\]\n]*)?\](?![(\[])")
# The words that T-10 forbids in what is handed in; nothing is left to do in this module.
_UNDONE = re.compile(r"\b(?:TODO|FIXME|XXX|TBD)\b|待(?:补充|完善|续|补)")
_SKELETON = "`{}` is what `bagu new` wrote; write your own in its place"
_WITHIN = re.compile(r"\]\(#(?P<anchor>(?!fn|cite|ref)[^\s)]+)\)")
_PICTURE = re.compile(
    r"!\[(?P<alt>[^\]\n]*)\]\(\s*<?(?P<address>[^\s)>]+)|<img\b[^>]*\bsrc\s*=\s*[\"']?(?P<src>[^\"'\s>]+)",
    re.IGNORECASE,
)
_PAGE_LINK = re.compile(
    r"(?<!!)\[(?P<text>[^\[\]\n]*)\]\(\s*<?(?P<path>(?![a-z][a-z0-9+.-]*:|/)[^\s#?)>]*\.md)", re.IGNORECASE
)
_DISTRIBUTIONS = {"sklearn": "scikit-learn", "PIL": "pillow", "yaml": "pyyaml"}


def check(corpus: Corpus) -> list[Finding]:
    """Everything that the editors would send back, for all pages and snippets."""
    findings = [*_aliases(corpus), *_unused(corpus), *_terms(corpus)]
    malformed = {page.path for page in corpus.pages.values() for f in page.findings if f.rule == "B-01"}
    for page in corpus.articles.values():
        if page.path not in malformed:  # counting what can't be read would send the author astray
            findings += _front(page)
            findings += _sections(page)
            findings += _evidence(page, corpus)
            findings += _links(page, corpus)
    for page in corpus.pages.values():
        if not any(finding.rule == "T-09" for finding in page.findings):
            findings += _prose(page, corpus)
    findings += audit.explain(corpus)[1]
    allowed = _requirements(corpus)
    modules = (claims, mutation, repeatable, programs, t)
    memo = cache.Memo(
        corpus.project.cache / "claims.json", content_key(*(Path(m.__file__).read_bytes() for m in modules))
    )
    for snippet in corpus.snippets.values():
        if not any(fault.rule == "S-01" for fault in snippet.faults):
            findings += _snippet(snippet, allowed)
            for line, message, rule in memo.of(claims.faults, snippet.source, record(snippet) or ""):
                findings.append(Finding(snippet.name, line, message, rule=rule))
    memo.save()
    return findings


def filler(text: str) -> Iterator[tuple[int, str]]:
    """(line, phrase) of the phrases in a text whose code and markup are blanked."""
    for match in FILLER.finditer(text):
        yield t.line_of(text, match.start()), match[0]


def spelling(text: str) -> Iterator[tuple[int, str]]:
    """(line, what is wrong) of doubled words and of names in the same."""
    for match in _DOUBLED.finditer(text):
        yield t.line_of(text, match.start()), f"`{match[0]}`: one of the two is too many"
    for match in _WORD.finditer(text):
        name = _NAMES.get(match[0].casefold(), match[0])
        if name != match[0]:
            yield t.line_of(text, match.start()), f"`{match[0]}` is written {name}"


# --- Articles --------------------------------------------------------------------------------------------------------


def _aliases(corpus: Corpus) -> Iterator[Finding]:
    """Two articles that answer to one name."""
    names = defaultdict(dict)  # name -> {article: how it stands there}
    for page in corpus.articles.values():
        aliases = page.meta.get("aliases")
        for name in aliases if isinstance(aliases, list) else []:
            if isinstance(name, str):
                names[folded(name)].setdefault(page.id, name)
    titles = {folded(question.question): question.id for question in corpus.project.questions.values()}
    for name, owners in sorted(names.items()):
        others = dict(owners)
        if name in titles:
            others.setdefault(titles[name], "")
        for owner, written in owners.items():
            rest = sorted(set(others) - {owner})
            if rest:
                page = corpus.articles[owner]
                message = f"the alias `{written}` is also a name of {', '.join(rest)}; keep it where it fits best"
                yield Finding(page.path, page.meta_lines.get("aliases", 1), message, rule="A-06")


def _unused(corpus: Corpus) -> Iterator[Finding]:
    cited = {citation.key for page in corpus.pages.values() for citation in page.citations}
    cited |= {key for wrong in cited - corpus.references.keys() for key in meant(wrong, corpus.references)}
    for key, reference in corpus.references.items():
        if key not in cited:
            message = f"no page cites `{key}`; delete the entry, or cite it with [@{key}]"
            yield Finding(reference.file, reference.line, message, rule="L-06")


def _terms(corpus: Corpus) -> Iterator[Finding]:
    """English terms set off from the text, in bold or in brackets, that nothing explains; exceptions nobody needs."""
    known = {folded(name) for concept in corpus.concepts.values() for name in concept.names}
    used, listed = set(), corpus.exceptions
    for page in corpus.articles.values():
        text = re.sub(r"\$[^$]*\$", lambda m: t.blank(m[0]), t.mask_code(t.split_front_matter(page.text)[1]))
        seen = set()
        for match in _TERM.finditer(text):
            term = folded(match["bold"] or match["bracketed"])
            if term in known or term in seen:
                continue
            seen.add(term)
            used.add(term)
            if term not in listed.terms:
                message = f"nothing explains the term `{match['bold'] or match['bracketed']}`; make it a concept, or enter it in {listed.path}"
                yield Finding(page.path, t.line_of(text, match.start()), message, rule="L-09")
        for words, line in listed.elsewhere.get(page.id, {}).items():
            if words not in folded(page.text):
                message = f"`{page.id}` doesn't contain these words; take the line out"
                yield Finding(listed.path, line, message, rule="L-09")
    for term, line in listed.terms.items():
        if term not in used:
            message = "no article sets this term off, or a concept explains it by now; take the line out"
            yield Finding(listed.path, line, message, rule="L-09")


def _front(page: Article) -> Iterator[Finding]:
    keys = [key for key in page.meta_lines if key in KEYS]
    wanted = [key for key in KEYS if key in keys]
    for key, right in zip(keys, wanted, strict=True):
        if key != right:
            message = f"`{right}` stands here in an article's order, not `{key}`; `bagu check --fix` sorts the keys"
            yield Finding(page.path, page.meta_lines[key], message, rule="A-10")
            return


def _section(lines: list[str], title: str) -> tuple[int, list[str]]:
    """(line of the heading, the lines below it up to the next H2), or (0, [])."""
    if f"## {title}" not in lines:
        return 0, []
    first = lines.index(f"## {title}") + 1
    rest = lines[first:]
    end = next((n for n, line in enumerate(rest) if line.startswith("## ")), len(rest))
    return first, rest[:end]


def _sections(page: Article) -> Iterator[Finding]:
    text = page.text
    if any(finding.rule == "T-09" for finding in page.findings):
        return  # with a fence that isn't closed, nothing can be counted
    lines = [line.rstrip() for line in t.mask_fences(t.split_front_matter(text)[1]).split("\n")]
    line, body = _section(lines, "一句话")
    prose = t.plain(re.sub(r"\$[^$]*\$", "", "\n".join(body)))
    said = [part for part in re.split(r"[。！？]+[”」）]*", prose) if part.strip()]
    if line and len(said) > SENTENCES:
        message = f"`## 一句话` has {len(said)} sentences; two at most: move the rest to 讲清楚"
        yield Finding(page.path, line, message, rule="A-12")
    line, body = _section(lines, "一分钟口述")
    count, (least, most) = t.count_letters("\n".join(body)), SAID_ALOUD
    if line and not least <= count <= most:
        todo = "say definition, mechanism, cost, when" if count < least else "cut what isn't asked"
        message = f"`## 一分钟口述` has {count} characters; a minute takes {least} to {most}: {todo}"
        yield Finding(page.path, line, message, rule="A-14")
    asked = sum(block.name == "followup" for block in page.blocks)
    if not FOLLOWUPS[0] <= asked <= FOLLOWUPS[1]:
        line, _ = _section(lines, "追问")
        message = f"the article has {asked} follow-ups; write {FOLLOWUPS[0]} to {FOLLOWUPS[1]} `/// followup` blocks"
        yield Finding(page.path, line, message, rule="A-15")
    for heading in ("一句话", "讲清楚", "错在哪里"):  # of the others a length is asked, or the engine writes them
        line, body = _section(lines, heading)
        if line and not any(text and not text.startswith("#") for text in body):
            yield Finding(page.path, line, f"`## {heading}` is empty; write it", rule="A-13")
    yield from _walls(page, text)


def _walls(page: Article, text: str) -> Iterator[Finding]:
    count = first = 0
    kinds = layout.line_kinds(text)
    for number, (line, kind) in enumerate(zip([*text.split("\n"), ""], [*kinds, "close"], strict=True), 1):
        if kind == "text":
            first = first or number
            count += t.count_letters(line)
        elif kind != "blank" and not line.startswith("### "):
            if count > WALL:
                message = f"{count} characters from here on with nothing but paragraphs ({WALL} at most); show it in a table, formula, figure, list or proof"
                yield Finding(page.path, first, message, rule="A-16")
            count = first = 0


def _prose(page: Article, corpus: Corpus) -> Iterator[Finding]:
    """Marks that mean nothing, what was left undone, rows that don't fit their table, pictures that aren't there."""
    seen = typography.visible(page.path, page.text)
    for number, line in enumerate(seen.split("\n"), 1):
        if "$" in line:
            message = "a `$` that is part of no formula: close it, write `\\$` for a dollar, and `$$` alone on its line"
            yield Finding(page.path, number, message, rule="F-03")
        for match in _UNCITED.finditer(line):
            if match["key"] in corpus.references:
                yield Finding(
                    page.path, number, f"`[{match['key']}]` cites nothing; write [@{match['key']}]", rule="L-03"
                )
        if match := _UNDONE.search(line):
            yield Finding(page.path, number, f"`{match[0]}` was left to do; do it, or take it out", rule="T-10")
        if match := skeleton.LEFT.search(line):
            yield Finding(page.path, number, _SKELETON.format(match[0]), rule="T-10")
    plain = t.mask_code(t.split_front_matter(page.text)[1])
    yield from _endings(page)
    for match in re.finditer(r"(?<!\\)`+", plain):
        message = "a backtick without its partner; close the code, or write \\`"
        yield Finding(page.path, t.line_of(plain, match.start()), message, rule="T-09")
    yield from _rows(page, plain)
    for number, line in enumerate(t.mask_code(page.text).split("\n"), 1):
        for said in claims.ordered(t.plain(line)):
            yield Finding(
                page.path,
                number,
                f"`{said}` is false of these two numbers; turn it round, or mend the number",
                rule="E-15",
            )
    for match in _PAGE_LINK.finditer(plain):
        path = (corpus.project.root / page.path).parent / unquote(match["path"])
        if not path.is_file():
            there = match["path"].rpartition("/")[2].removesuffix(".md")
            near = difflib.get_close_matches(there, corpus.project.questions, n=1)
            hint = f"; write [{match['text']}](article:{near[0]})" if near else ""
            message = f"the page leads to {match['path']}: there is no such file{hint}"
            yield Finding(page.path, t.line_of(plain, match.start()), message, rule="L-07")
    yield from _anchors(page, plain)
    for match in _PICTURE.finditer(plain):
        address = match["address"] or match["src"]
        number = t.line_of(plain, match.start())
        if match["alt"] is not None and not match["alt"].strip():
            yield Finding(
                page.path, number, "the picture has no description; write it between `![` and `]`", rule="F-01"
            )
        if "//" in address:
            message = f"`{address}` is loaded from another host; draw the figure with a snippet, or put the file beside the page"
            yield Finding(page.path, number, message, rule="F-04")
        elif (
            not address.startswith("data:") and not (corpus.project.root / page.path).parent.joinpath(address).is_file()
        ):
            yield Finding(page.path, number, f"there is no picture `{address}` beside the page", rule="F-04")


def _endings(page: Article) -> Iterator[Finding]:
    """Paragraphs that end without a mark, where no formula, table, list or figure goes on with the sentence."""
    lines, kinds = page.text.split("\n"), layout.line_kinds(page.text)
    for n, (line, kind) in enumerate(zip(lines, kinds, strict=True)):
        if kind == "text" and _IDEOGRAPH.match(line[-1:]) and not line.startswith("#"):
            behind = next((k for k in kinds[n + 1 :] if k != "blank"), "close")
            if behind in ("heading", "close") or behind == "text" and kinds[n + 1] == "blank":
                message = f"the sentence ends without a mark: `…{line[-8:]}`; write 。"
                yield Finding(page.path, n + 1, message, rule="T-02")


def _anchors(page: Article, plain: str) -> Iterator[Finding]:
    """Links within the page to what is neither a heading nor a block of it; how marks are spelt is left to the build."""
    from .render import anchor

    wanted = [(match["anchor"], match.start()) for match in _WITHIN.finditer(plain)]
    if not wanted or "<!-- bagu:" in page.text or any(f.rule in ("B-02", "B-03") for f in page.findings):
        return
    source = t.split_front_matter(page.text)[1]
    there = [
        t.plain(title).replace(" ", "-")
        for title in re.findall(r"^#{2,6}[ \t]+(.*?)[ \t#]*(?:\{.*\})?$", source, re.MULTILINE)
    ]
    there += [m[1] for m in re.finditer(r"(?:[{ ]#|\bid=[\"']?)([\w-]+)", plain)] + [
        anchor(block) for block in page.blocks
    ]
    known = {re.sub(r"[\W_]+", "", name).casefold() for name in there}
    for name, start in wanted:
        if re.sub(r"[\W_]+|_\d+$", "", name).casefold() not in known:
            close = difflib.get_close_matches(name, there, n=1, cutoff=0.4)
            hint = f"; did you mean `#{close[0]}`?" if close else ""
            message = f"this page has no heading or block with the anchor `{name}`{hint}"
            yield Finding(page.path, t.line_of(plain, start), message, rule="L-07")


def _rows(page: Article, plain: str) -> Iterator[Finding]:
    """Table rows with more or fewer cells than the head; Markdown drops or invents the rest without a word."""
    wanted = 0
    for number, line in enumerate(plain.split("\n"), 1):
        if not line.startswith("|"):
            wanted = 0
            continue
        if piped := [m[0] for m in typography.FORMULA.finditer(line) if re.search(r"(?<!\\)\|", m[0])]:
            message = (
                f"the `|` in the formula `{piped[0]}` ends a cell of the table; write `\\lvert x\\rvert`, or `\\mid`"
            )
            yield Finding(page.path, number, message, rule="T-11")
            continue
        count = len(re.findall(r"(?<!\\)\|", line.rstrip())) - 1
        wanted = wanted or count
        if count != wanted:
            yield Finding(
                page.path, number, f"{count} cells in this row of the table, {wanted} in its head", rule="T-11"
            )


def _evidence(page: Article, corpus: Corpus) -> Iterator[Finding]:
    """What an article has to show; what is there twice, a program or a label, counts once."""
    line = next((block.line for block in page.blocks if block.runs), 0)
    snippets = corpus.snippets
    runs = [block for block in page.blocks if block.runs]
    programs = {snippets[b.path].source if b.path in snippets else b.argument for b in runs}
    if len(programs) < SNIPPETS:
        message = f"{len(programs)} different snippets in the article; embed at least {SNIPPETS} with proof or refute"
        yield Finding(page.path, line, message, rule="E-08")
    proofs = [(link, evidence.resolve(page, link, snippets)) for link in page.links if link.scheme == "proof"]
    links = {link.target if isinstance(found, str) else (found[0].path, found[1].label) for link, found in proofs}
    if len(links) < PROOF_LINKS:
        message = f"proof links to {len(links)} different labels in the article; tie at least {PROOF_LINKS} claims to assertions, [text](proof:label)"
        yield Finding(page.path, line, message, rule="E-08")
    if page.meta.get("seed") and not any(block.name == "refute" for block in page.blocks):
        message = "the article has a `seed` and no refutation; refute a wrong answer that circulates with `/// refute`"
        yield Finding(page.path, page.meta_lines.get("seed", 0), message, rule="E-09")


def _links(page: Article, corpus: Corpus) -> Iterator[Finding]:
    """Programs and printed numbers to which no sentence leads, and sentences that say more than what they lead to."""
    proofs = [(link, evidence.resolve(page, link, corpus.snippets)) for link in page.links if link.scheme == "proof"]
    unclear = {link.target.rpartition(".")[2] for link, found in proofs if isinstance(found, str)}  # told by E-05
    proofs = [(link, found) for link, found in proofs if not isinstance(found, str)]
    linked = {found[0].path for _, found in proofs}
    linked |= {path for path, item in corpus.snippets.items() if any(a.label in unclear for a in item.assertions)}
    embedded = {
        b.path: b for b in page.blocks[::-1] if b.path in corpus.snippets and not corpus.snippets[b.path].faults
    }
    for path in embedded.keys() - linked:
        item, labels = corpus.snippets[path], [a.label for a in corpus.snippets[path].assertions]
        message = (
            f"no sentence leads to an assertion of this program; link the one that it holds, [text](proof:{labels[0]})"
        )
        yield Finding(page.path, embedded[path].line, message, item.name, rule="E-11")
    yield from _printed(
        page, [corpus.snippets[path] for path in embedded], {n for link, _ in proofs for n in t.numbers(link.text)}
    )
    lines = page.text.split("\n")
    said = [
        (link.line, s, item)
        for link, (item, _) in proofs
        for s in claims.sentences(lines[link.line - 1])
        if f"[{link.text}](" in s
    ]
    said += [
        (number, sentence, corpus.snippets[block.path])
        for block in embedded.values()
        if block.name == "proof"
        for number in range(block.body_line, block.end_line)
        for sentence in claims.sentences(lines[number - 1])
    ]
    for line, sentence, item in dict.fromkeys((line, s, item.path) for line, s, item in said):
        if (every := claims.EVERY.search(t.plain(sentence))) and not claims.cases(corpus.snippets[item].source):
            message = f"`{every[0]}`, and the program tries one case: say which case it is, or let the program try many, in a loop or drawn"
            yield Finding(page.path, line, message, corpus.snippets[item].name, rule="E-14")


def _printed(page: Article, items: list[Snippet], linked: set[str]) -> Iterator[Finding]:
    """Decimals of the prose that a program of the page prints and that stand in no link to it."""
    plain = t.mask_code(t.split_front_matter(page.text)[1])
    for pattern in (r"\$[^$]*\$", r"\[[^\[\]]*\]\([^)]*\)", r"(?m)^(?:///| {4}).*"):
        plain = re.sub(pattern, lambda m: t.blank(m[0]), plain)
    shown = [
        (number.lstrip("+-"), item, line)
        for item in items
        for line in (record(item) or "").split("\n")
        for number in t.numbers(line, units=True)
        if claims.digits(number) >= 3
        and not re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", item.source)  # an input
    ]
    shown.sort(key=lambda entry: entry[1].assertion(entry[2].partition(":")[0]) is None)
    cited = {n for s in claims.sentences(plain) if "[@" in s for n in t.numbers(s)}
    for row, line in enumerate(plain.split("\n"), 1):
        for number in t.numbers(line):
            if "." not in number or claims.digits(number) < 3 or number in linked | cited:
                continue
            found = next(((item, text) for n, item, text in shown if t.agrees(number.lstrip("+-"), n)), None)
            if found:
                label = found[1].partition(":")[0]
                target = label if found[0].assertion(label) else "…"
                message = f"{number} is what the program prints; link it to the assertion that holds it, [… {number} …](proof:{target})"
                yield Finding(page.path, row, message, found[0].name, rule="E-11")


# --- Snippets --------------------------------------------------------------------------------------------------------


def _requirements(corpus: Corpus) -> set[str]:
    """The distributions that snippets may import, in lower case."""
    file = corpus.project.root / "requirements-snippets.txt"
    lines = file.read_text("utf-8").splitlines() if file.is_file() else []
    names = (re.match(r"[A-Za-z0-9][\w.-]*", line) for line in lines)
    return {match[0].lower() for match in names if match}


def _snippet(snippet: Snippet, allowed: set[str]) -> Iterator[Finding]:
    def fault(line: int, message: str, rule: str) -> Finding:
        return Finding(snippet.name, line, message, rule=rule)

    shown = snippet.shown(None)
    if len(shown) > LINES:
        yield fault(shown[LINES][0], f"{len(shown)} lines; a page shows {LINES} at most: make two of it", "S-03")
    for number, line in enumerate(snippet.lines, 1):
        if match := _HAN.search(line):
            yield fault(number, f"`{match[0]}`: snippets are in English, comments and output too", "S-05")
        if (match := _UNDONE.search(line)) and "#" in line[: match.start()]:
            yield fault(number, f"`{match[0]}` was left to do; do it, or take it out", "T-10")
        if match := skeleton.LEFT.search(line):
            yield fault(number, _SKELETON.format(match[0]), "T-10")
    tree = ast.parse(snippet.source)
    for rule, found in (("S-06", repeatable.clocks(tree)), ("S-11", repeatable.draws(tree))):
        for line, message in sorted(found):
            yield fault(line, message, rule)
    for name in snippet.imports:
        if name not in sys.stdlib_module_names and not _owners(name) & allowed:
            named = re.compile(rf"\b(?:import|from)\b.*\b{re.escape(name)}\b")
            line = next((number for number, text in enumerate(snippet.lines, 1) if named.search(text)), 1)
            message = f"`{name}` is neither in the standard library nor in requirements-snippets.txt; add it there with its reason, or do without"
            yield fault(line, message, "S-07")


def _owners(module: str) -> set[str]:
    """The distributions that may provide a module; those installed here, or else what its name says."""
    return {name.lower() for name in cache.distributions([module])} | {_DISTRIBUTIONS.get(module, module).lower()}
