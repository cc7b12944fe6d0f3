"""The bibliography: what is read, how it looks, what is refused and where."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bagu.bibliography import Reference, load, load_cached
from bagu.errors import BaguError

ROOT = Path(__file__).resolve().parent.parent

VASWANI = r"""
@inproceedings{vaswani2017attention,
  author = {Vaswani, Ashish and Shazeer, Noam and Parmar, Niki and Uszkoreit, Jakob and Jones, Llion and
            Gomez, Aidan N. and Kaiser, {\L}ukasz and Polosukhin, Illia},
  title = {Attention Is All You Need},
  booktitle = {Advances in Neural Information Processing Systems},
  year = 2017,
  eprint = {1706.03762},
  archivePrefix = {arXiv},
}
"""


def write(root: Path, text: str, name: str = "transformer.bib") -> Path:
    file = root / "docs" / "references" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def only(root: Path, text: str) -> Reference:
    [reference] = load([write(root, text)], root).values()
    return reference


def entry(**fields: str) -> str:
    fields = {"author": "Dao, Tri", "title": "T", "year": "2022", "url": "https://example.org/a"} | fields
    return "@misc{key,\n" + "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value) + "}\n"


def test_an_entry_is_formatted_with_its_title_linked(tmp_path):
    reference = only(tmp_path, VASWANI)
    assert reference == Reference(
        key="vaswani2017attention",
        file="docs/references/transformer.bib",
        line=2,
        label_short="Vaswani 等，2017",
        html="Ashish Vaswani, Noam Shazeer, Niki Parmar, Jakob Uszkoreit, Llion Jones, Aidan N. Gomez, Łukasz Kaiser, "
        'Illia Polosukhin. <a href="https://arxiv.org/abs/1706.03762">Attention Is All You Need</a>. '
        "<em>Advances in Neural Information Processing Systems</em>, 2017, arXiv:1706.03762.",
        text="Ashish Vaswani, Noam Shazeer, Niki Parmar, Jakob Uszkoreit, Llion Jones, Aidan N. Gomez, Łukasz Kaiser, "
        "Illia Polosukhin. Attention Is All You Need. Advances in Neural Information Processing Systems, 2017, "
        "arXiv:1706.03762. https://arxiv.org/abs/1706.03762",
        url="https://arxiv.org/abs/1706.03762",
        year=2017,
    )


@pytest.mark.parametrize(
    ("author", "label", "shown"),
    [
        ("Vaswani, Ashish", "Vaswani，2022", "Ashish Vaswani."),
        ("Yaniv Leviathan and Matan Kalman", "Leviathan 与 Kalman，2022", "Yaniv Leviathan, Matan Kalman."),
        ("Dao, Tri and Fu, Dan and Ermon, Stefano", "Dao 等，2022", "Tri Dao, Dan Fu, Stefano Ermon."),
        ("Dao, Tri and others", "Dao 等，2022", "Tri Dao 等."),
        ("{DeepSeek-AI}", "DeepSeek-AI，2022", "DeepSeek-AI."),
        ("{Ai and Sons} and Dao, Tri", "Ai and Sons 与 Dao，2022", "Ai and Sons, Tri Dao."),
        ("{清华 大学}", "清华 大学，2022", "清华 大学."),
        ("苏剑林", "苏剑林，2022", "苏剑林."),
        ("苏 剑林 and 王, 小明", "苏剑林 与 王小明，2022", "苏剑林, 王小明."),
        ("van der Maaten, Laurens and Hinton, Geoffrey", "van der Maaten 与 Hinton，2022", "Laurens van der Maaten"),
        ('G{\\"o}del, Kurt', "Gödel，2022", "Kurt Gödel."),
        ("King, Jr., Martin", "King，2022", "Martin King Jr. <a"),
        (" and ".join(f"A{i}, B" for i in range(9)), "A0 等，2022", "B A7 等."),
        (" and ".join(f"A{i}, B" for i in range(8)), "A0 等，2022", "B A7. <a"),
    ],
)
def test_names(tmp_path, author, label, shown):
    reference = only(tmp_path, entry(author=author))
    assert reference.label_short == label
    assert shown in reference.html


def test_an_organization_in_double_braces_stays_whole(tmp_path):
    reference = only(tmp_path, entry(author="", editor="", organization="NVIDIA Corporation, Santa Clara"))
    assert reference.label_short == "NVIDIA Corporation, Santa Clara，2022"


@pytest.mark.parametrize(
    ("latex", "plain"),
    [
        (r"{\'e}t{\"u}de", "étüde"),
        (r"Pages 1--2: {BERT} \& R\_D, 100\%", "Pages 1–2: BERT & R_D, 100%"),
        (r"\emph{Deep} \textbf{Nets}~III", "Deep Nets III"),
        ("a\n   {B}  c", "a B c"),
        ("注意力 {机制}", "注意力 机制"),
        (r"An $L_1$ Norm", "An L_1 Norm"),
    ],
)
def test_latex_is_decoded(tmp_path, latex, plain):
    assert f"{plain}. 2022" in only(tmp_path, entry(title=latex)).text


def test_markup_in_a_field_is_shown_and_not_obeyed(tmp_path):
    bad = '<script>alert(1)</script> \\& "x"'
    reference = only(tmp_path, entry(title=bad, author="{" + bad + "}", journal=bad, url="https://a.org/?a=1&b=2"))
    assert "<script" not in reference.html and "&lt;script&gt;" in reference.html
    assert 'href="https://a.org/?a=1&amp;b=2"' in reference.html
    assert reference.text.count('<script>alert(1)</script> & "x"') == 3


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({"url": "https://a.org/b\\_c", "eprint": "2205.14135"}, "https://a.org/b_c"),
        ({"url": "", "eprint": "2205.14135v2", "doi": "10.1/x"}, "https://arxiv.org/abs/2205.14135v2"),
        ({"url": "", "eprint": "cs/0112017"}, "https://arxiv.org/abs/cs/0112017"),
        ({"url": "", "doi": "10.1000/a<b>"}, "https://doi.org/10.1000/a%3Cb%3E"),
        ({"url": "", "doi": "https://doi.org/10.1000/182"}, "https://doi.org/10.1000/182"),
    ],
)
def test_addresses(tmp_path, fields, url):
    assert only(tmp_path, entry(**fields)).url == url


def test_an_id_that_the_venue_tells_is_not_told_twice(tmp_path):
    reference = only(tmp_path, entry(journal="arXiv preprint arXiv:2205.14135", eprint="2205.14135", url=""))
    assert reference.text.count("2205.14135") == 2  # venue and address


GOOD = entry()
FAULTS = {
    "no title": (entry(title=""), 1, "lacks a title"),
    "no author": (entry(author=""), 1, "lacks an author or an organization"),
    "no year": (entry(year=""), 1, "lacks a year of four digits"),
    "odd year": (entry(year="to appear"), 1, "lacks a year of four digits"),
    "no address": (entry(url=""), 1, "lacks a url, an arXiv eprint or a doi"),
    "foreign eprint": (entry(url="", eprint="12345", archiveprefix="hal"), 1, "lacks a url"),
    "odd eprint": (entry(url="", eprint="17-06"), 1, "is no arXiv id"),
    "odd doi": (entry(url="", doi="doi:x"), 1, "is no DOI"),
    "script address": (entry(url="javascript:alert(1)"), 1, "is no web address"),
    "file address": (entry(url="file:///etc/passwd"), 1, "is no web address"),
    "quote in address": (entry(url='https://a.org/"onmouseover=x'), 1, "is no web address"),
    "other scheme": (entry(url="ftp://a.org/x"), 1, "is no web address"),
    "no host": (entry(url="https:///a"), 1, "is no web address"),
    "two fields": (entry(Title="U"), 1, "two fields"),
    "comment sign": (entry(title="100% sure"), 1, "write \\% instead of %"),
    "unknown command": (entry(title="\\foo{x}"), 1, "\\foo isn't understood"),
    "too many commas": (entry(author="A, B, C, D"), 1, "too many commas"),
    "syntax": (
        "\n" + GOOD + "\n@misc{b,\n  title = {x}\n  year = 2020,\n}\n",
        10,
        "BibTeX: a comma is missing behind `title = {x}`",
    ),
    "unclosed": (GOOD + "@misc{b,\n  title = {x,\n  year = 2020,\n", 8, "BibTeX: "),
    "undefined macro": ("@misc{b,\n  title = foo,\n  year = 2020,\n}\n", 2, "BibTeX: "),
    "second entry": (GOOD + "\n\n" + entry(title="").replace("{key", "{other"), 9, "other: lacks a title"),
}


@pytest.mark.parametrize(("text", "line", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_entry_is_refused_at_its_line(tmp_path, text, line, message):
    with pytest.raises(BaguError) as caught:
        load([write(tmp_path, text)], tmp_path)
    finding = caught.value.findings[0]
    assert (finding.path, finding.line) == ("docs/references/transformer.bib", line)
    assert message in finding.message


def test_every_fault_is_told_at_once(tmp_path):
    with pytest.raises(BaguError) as caught:
        load([write(tmp_path, entry(title="", year="", url=""))], tmp_path)
    assert len(caught.value.findings) == 3


@pytest.mark.parametrize("key", ["key", "KEY"])
def test_a_key_used_twice_is_refused_across_files(tmp_path, key):
    files = [write(tmp_path, GOOD, "a.bib"), write(tmp_path, "\n" + GOOD.replace("{key", "{" + key), "b.bib")]
    with pytest.raises(BaguError) as caught:
        load(files, tmp_path)
    [finding] = caught.value.findings
    assert str(finding).startswith("docs/references/b.bib:2: docs/references/a.bib:1: ")


def test_a_key_used_twice_in_a_file_is_refused(tmp_path):
    with pytest.raises(BaguError, match="transformer.bib:7: .*used twice"):
        load([write(tmp_path, GOOD + GOOD)], tmp_path)


def test_files_that_cannot_be_read_are_told(tmp_path):
    bad = write(tmp_path, "")
    bad.write_bytes(b"ok\n\xff")
    with pytest.raises(BaguError) as caught:
        load([bad, tmp_path / "none.bib"], tmp_path)
    assert [(finding.path, finding.line) for finding in caught.value.findings] == [
        ("docs/references/transformer.bib", 2),
        ("none.bib", 0),
    ]


def test_comments_and_empty_files_are_no_entries(tmp_path):
    assert load([write(tmp_path, "% nothing\n@comment{x}\n@string{a = {b}}\n")], tmp_path) == {}
    assert load([], tmp_path) == {}


# --- Cache -----------------------------------------------------------------------------------------------------------

READ = """
import sys
from pathlib import Path
from bagu.bibliography import load_cached
root = Path(sys.argv[1])
references = load_cached(sorted(root.rglob("*.bib")), root, root / "cache" / "bib.json")
print(any(name.split(".")[0] in ("pybtex", "latexcodec") for name in sys.modules), references)
"""


def in_a_process(root: Path) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "hooks")}
    done = subprocess.run([sys.executable, "-c", READ, str(root)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.split(" ", 1)


def test_unchanged_files_are_not_parsed_again(tmp_path):
    write(tmp_path, VASWANI)
    first, second = in_a_process(tmp_path), in_a_process(tmp_path)
    assert (first[0], second[0]) == ("True", "False")
    assert first[1] == second[1]


def test_a_changed_file_is_read_again(tmp_path):
    cache = tmp_path / "bib.json"
    file = write(tmp_path, GOOD)
    load_cached([file], tmp_path, cache)
    file = write(tmp_path, GOOD.replace("2022", "2023"))
    assert load_cached([file], tmp_path, cache)["key"].year == 2023


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"key": 1}', "null", '"x"', "[" * 100_000])
def test_a_damaged_cache_is_rebuilt(tmp_path, damage):
    cache, file = tmp_path / "bib.json", write(tmp_path, GOOD)
    good = load_cached([file], tmp_path, cache)
    whole = cache.read_text("utf-8")
    cache.write_text(damage or whole[: len(whole) // 2], encoding="utf-8")
    assert load_cached([file], tmp_path, cache) == good
    assert cache.read_text("utf-8") == whole


def test_a_cache_with_other_fields_is_rebuilt(tmp_path):
    cache, file = tmp_path / "bib.json", write(tmp_path, GOOD)
    good = load_cached([file], tmp_path, cache)
    data = json.loads(cache.read_text("utf-8"))
    del data["references"][0]["html"]
    cache.write_text(json.dumps(data), encoding="utf-8")
    assert load_cached([file], tmp_path, cache) == good


def test_faults_are_not_cached(tmp_path):
    cache, file = tmp_path / "bib.json", write(tmp_path, entry(title=""))
    for _ in range(2):
        with pytest.raises(BaguError):
            load_cached([file], tmp_path, cache)
    assert not cache.exists()


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "file").write_text("")
    assert load_cached([write(tmp_path, GOOD)], tmp_path, tmp_path / "file" / "bib.json")["key"].year == 2022
