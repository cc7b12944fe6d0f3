"""A miniature project that is sound in every respect, and the two ways to ask whether it still is.

``Project.sound`` writes it into a folder, ``edit`` plants one fault in it, ``run`` is ``bagu run`` and ``build`` is
``mkdocs build``, both in this process; ``command`` starts either in a process of its own.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import bagu
from bagu import cli

ROOT = Path(__file__).resolve().parent.parent
HOOKS = Path(bagu.__file__).resolve().parents[1]  # so that a copy of the engine on pythonpath is tested as a whole

PAGE = "docs/transformer/block-sum.md"
OTHER = "docs/transformer/order-of-sums.md"
MAP = "docs/questions.yml"
TERMS = "docs/concepts/transformer.yml"
BIB = "docs/references/transformer.bib"
FOLDER = "snippets/transformer/block-sum"
BLOCKS = f"{FOLDER}/blocks.py"
REFUTING = f"{FOLDER}/not_lost.py"
DRAWING = f"{FOLDER}/sketch.py"

SOUND = {
    MAP: """\
- topic: sums
  part: 基础
  folder: transformer
  name: 求和
  questions:
    - {id: block-sum, tier: seed, question: "求和可以分块吗？", gloss: "sums in blocks", seed: [S000-01, S000-02]}
    - {id: order-of-sums, tier: more, question: "求和的次序重要吗？", gloss: "order of sums"}
    - {id: planned-one, tier: more, question: "还没有写的题？", gloss: "not written"}
""",
    TERMS: """\
- id: partial-sum
  zh: 部分和
  en: partial sum
  aliases: [分块和]
  definition: 一段连续元素之和。
  home: block-sum
- id: float-order
  zh: 浮点次序
  en: order of floating-point sums
  aliases: [求和次序]
  definition: 浮点加法不满足结合律。
  home: order-of-sums
""",
    BIB: """\
@misc{gauss1799,
  author = {Gauss, Carl Friedrich},
  title = {Sums},
  year = 1799,
  url = {https://example.org/sums},
}
""",
    "docs/index.md": "---\ntitle: 首页\n---\n\n# 首页\n\n<!-- bagu:questions -->\n",
    "docs/errata.md": "---\ntitle: 勘误\n---\n\n# 勘误\n\n<!-- bagu:errata -->\n",
    PAGE: """\
---
title: "求和可以分块吗？"
description: "可以。整数加法满足结合律与交换律，把一列数切成任意大小的块，先求每块的部分和，再把部分和相加，结果与从头到尾依次相加完全相同；浮点数只差舍入，与块的大小无关。"
difficulty: 1
frequency: 3
aliases: [blockwise sum, 分块求和]
needs: [planned-one]
points:
  - 加法满足结合律
  - 块的大小不影响结果
  - 浮点数只差舍入
concepts: [partial-sum]
seed: [S000-01, S000-02]
sources: [gauss1799]
reviewed: 2026-11-22
---

## 一句话

可以，$a+b=b+a$。

## 一分钟口述

先说定义：分块求和就是把一列数切成若干块，先求每块的[部分和](concept:partial-sum)，再把部分和加起来。再说机制：加法满足结合律，所以整数的结果一个不差，块多大都行，最后一块短一些也照样计入。然后说代价：加法的次数没有变，只多存几个中间数；好处是各块互不依赖，可以并行。最后说边界：浮点加法不满足结合律，换一种切法就换一种舍入，末位可能不同，要复现就得固定切法与次序。

## 讲清楚

次序见[另一题](article:order-of-sums)，其余见[待写的题](article:planned-one)。最早见 [@gauss1799, §1]。

/// proof | transformer/block-sum/blocks.py:merge

分块求和与整列求和相同。
///

分块得到的[总和是 28](proof:blocks-exact)，[均值是 4.00](proof:mean)；[块的大小](proof:any-size)不影响结果。

/// proof | transformer/block-sum/sketch.py
    alt: "一条斜线"

图由程序画出。
///

图上[有两点](proof:two-points)。

## 错在哪里

/// refute | transformer/block-sum/not_lost.py
    claim: "分块会丢掉最后一块"
    right: "最后一块可以更短，但不会丢"
    kind: wrong
    seed: [S000-01]
    since: 2026-11-22

长度不是块的整数倍时，最后一块照样计入。
///

程序里[最后一块没有丢](proof:not-lost)。

/// correct
    claim: "分块求和是近似算法"
    right: >-
      它是精确算法：
      只改变次序
    kind: imprecise
    source: "[@gauss1799, §2]"
    since: 2026-11-22

名称之争不由执行判定。
///

## 追问

/// followup | 块可以多小？
    id: smallest-block

一个元素也行。
///

/// followup | 块可以多大？
    id: largest-block

整列也行。
///

/// followup | 块能不能并行？
    id: parallel

能，各块互不依赖。
///

## 参考
""",
    OTHER: """\
---
title: "求和的次序重要吗？"
description: "整数求和的次序不重要，浮点求和的次序会改变末位：浮点加法满足交换律，却不满足结合律，换一种次序就换一种舍入。要结果可复现，就得固定次序，或用补偿求和把误差压到末位以下。"
difficulty: 2
frequency: 2
aliases: [order of summation]
needs: [block-sum]
points: [整数不重要, 浮点改变末位, 固定次序可复现]
concepts: [float-order]
seed: []
sources: []
reviewed: 2026-11-22
---

## 一句话

整数不重要，浮点数重要；固定次序就可复现。

## 一分钟口述

整数加法既满足交换律，又满足结合律，换什么次序都得到同一个数。浮点加法只满足交换律：每加一次都要舍入，先加谁后加谁，舍入就不同，末位也就不同。相差通常很小，可是一大一小相加时，小的会被吃掉；项数很多时，误差随项数增长。并行归约的次序由调度决定，所以同一段程序两次运行可能差末位。要可复现，就固定归约的次序；要更准，就先加小的，或者用补偿求和，把每次丢掉的零头记下来再补回去。

## 讲清楚

同一段程序再看一遍。

/// proof | transformer/block-sum/blocks.py

两种块的大小得到同一个和。
///

/// proof | transformer/block-sum/sketch.py
    alt: "一条斜线"

次序也可以画成线。
///

[总和](proof:blocks-exact)、[均值](proof:blocks.mean)、[图上的点数](proof:sketch.two-points)都照旧。由此得：

- 结果与块的大小无关

块可以交给不同的机器。

## 错在哪里

把浮点加法当成满足结合律。

## 追问

/// followup | 哪里要紧？
    id: where-it-matters

末位要紧的地方。
///

/// followup | 怎么补偿？
    id: compensated

记下零头。
///

/// followup | 能不能排序？
    id: sorted

能，只是慢。
///

## 参考
""",
    f"{FOLDER}/numbers.txt": "1 2 3 4 5 6 7\n",
    BLOCKS: '''\
# bagu: seconds=5 files=numbers.txt
"""A sum taken block by block."""

from pathlib import Path

numbers = [int(word) for word in Path("numbers.txt").read_text().split()]


# --8<-- [start:merge]
def merged(numbers, size):
    """The sum of the sums of blocks."""
    return sum(sum(numbers[i : i + size]) for i in range(0, len(numbers), size))
# --8<-- [end:merge]


total = merged(numbers, 2)
mean = total / len(numbers)
print("total:", total)
print(f"mean: {mean:.3f}")
assert total == sum(numbers), f"blocks-exact: {total}"
assert mean == numbers[3], f"mean: {mean}"
assert merged(numbers, 3) == total, "any-size: blocks of 3"
''',
    f"{FOLDER}/blocks.out": "total: 28\nmean: 4.000\n",
    REFUTING: '''\
# bagu: seconds=5
"""The last block is shorter, and counted."""

numbers = [1, 2, 3, 4, 5]
claimed = sum(numbers[:4])
actual = sum(sum(numbers[i : i + 2]) for i in range(0, 5, 2))
print("claimed:", claimed, "actual:", actual, "in all")
assert actual > claimed + 4, f"not-lost: {claimed} and {actual}"
''',
    f"{FOLDER}/not_lost.out": "claimed: 10 actual: 15 in all\n",
    DRAWING: '''\
# bagu: seconds=5
"""A line."""

from pathlib import Path

points = [(0, 0), (10, 10)]
d = "M{} {}L{} {}".format(*points[0], *points[-1])
svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" width="10" height="10"><path d="{d}"/></svg>'
Path("line.svg").write_text(svg)
print("points:", len(points))
assert len(points) == 2, f"two-points: {len(points)}"
''',
    f"{FOLDER}/sketch.out": "points: 2\n",
    "theme/main.html": '<!doctype html><html lang="zh"><title>{{ page.title }}</title>{{ page.content }}</html>\n',
}


def pyproject_toml() -> str:
    """How the real project configures ruff and codespell."""
    real = (ROOT / "pyproject.toml").read_text("utf-8")
    return real[real.index("[tool.ruff]") :]


def mkdocs_yml(hooks: Path = HOOKS) -> str:
    """The miniature's configuration: the Markdown extensions and validation of the real one, a theme of one line."""
    real = (ROOT / "mkdocs.yml").read_text("utf-8")
    sections = {m[1]: m[0] for m in re.finditer(r"^(\w+):.*\n(?:(?:[ \t].*)?\n)*", real, re.MULTILINE)}
    own = "site_name: 小样\ntheme: { name: null, custom_dir: theme }\nplugins: []\n"
    names = ("use_directory_urls", "exclude_docs", "markdown_extensions", "validation")
    return own + f"hooks: [{hooks}/mkdocs_adapter.py]\n" + "".join(sections[name] for name in names)


@dataclass(frozen=True)
class Edit:
    """Replace ``old``, which stands exactly once in ``file``, by ``new``; or give ``file`` as a whole (old is None)."""

    file: str
    old: str | None
    new: str | bytes | None  # None: the file is deleted


def swap(file: str, old: str, new: str) -> Edit:
    return Edit(file, old, new)


def after(file: str, line: str, new: str) -> Edit:
    """Put ``new`` on the lines below ``line``."""
    return Edit(file, line + "\n", f"{line}\n{new}\n")


def whole(file: str, content: str | bytes | None) -> Edit:
    return Edit(file, None, content)


@dataclass
class Outcome:
    """What a user sees of a command: the exit code, everything printed, the report of ``--json`` where there is one."""

    code: int
    text: str
    report: dict | None = None

    def result(self, snippet: str) -> dict:
        """The one entry of the report about a snippet."""
        assert self.report is not None
        [entry] = [entry for entry in self.report["results"] if entry["snippet"] == snippet]
        return entry


class Project:
    """The project in a folder, as it stands there."""

    def __init__(self, root: Path):
        self.root = root

    @classmethod
    def sound(cls, root: Path) -> Project:
        """A new miniature."""
        project = cls(root)
        for name, content in {**SOUND, "mkdocs.yml": mkdocs_yml(), "pyproject.toml": pyproject_toml()}.items():
            project.write(name, content)
        return project

    def copy(self, root: Path) -> Project:
        shutil.copytree(self.root, root, symlinks=True)
        return Project(root)

    def path(self, name: str) -> Path:
        return self.root / name

    def write(self, name: str, content: str | bytes) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def read(self, name: str) -> str:
        return (self.root / name).read_bytes().decode("utf-8", "replace")

    def edit(self, *edits: Edit) -> None:
        for edit in edits:
            if edit.new is None:
                self.path(edit.file).unlink()
            elif edit.old is None:
                self.write(edit.file, edit.new)
            else:
                text = self.read(edit.file)
                assert text.count(edit.old) == 1, f"{edit.old!r} stands {text.count(edit.old)} times in {edit.file}"
                self.write(edit.file, text.replace(edit.old, str(edit.new)))

    def line(self, file: str, needle: str | int) -> int:
        """The number of the one line that is ``needle``, or else holds it; a number stands for itself."""
        if isinstance(needle, int):
            return needle
        lines = self.read(file).replace("\r\n", "\n").split("\n")
        hits = [n for n, line in enumerate(lines, 1) if line.rstrip() == needle]
        hits = hits or [n for n, line in enumerate(lines, 1) if needle in line]
        assert len(hits) == 1, f"{needle!r} stands on the lines {hits} of {file}"
        return hits[0]

    def run(self, *arguments: str, command: str = "run", cwd: str = "") -> Outcome:
        """``bagu run`` in this process, with ``--json`` unless arguments for another command are given."""
        file = self.root / ".cache" / "report.json"
        file.unlink(missing_ok=True)
        more = ["--json", str(file)] if command == "run" and "--json" not in arguments else []
        seen = io.StringIO()
        with contextlib.chdir(self.root / cwd), contextlib.redirect_stdout(seen), contextlib.redirect_stderr(seen):
            try:
                code = cli.main([command, *arguments, *more])
            except SystemExit as error:  # argparse
                code = int(error.code or 0)
        report = json.loads(file.read_text("utf-8")) if file.is_file() else None
        return Outcome(code, seen.getvalue(), report)

    def build(self, strict: bool = False) -> Outcome:
        """``mkdocs build`` in this process."""
        from mkdocs.commands.build import build
        from mkdocs.config import load_config

        with _log() as seen, contextlib.chdir(self.root):
            try:
                config = load_config(str(self.root / "mkdocs.yml"), strict=strict)
                build(config)
                code = 0
            except SystemExit as error:  # MkDocs' Abort
                code = int(error.code or 0)
                seen.write(str(error))
        return Outcome(code, seen.getvalue())

    def site(self) -> dict[str, bytes]:
        """{path: content} of the built site; empty where there is none."""
        folder = self.root / "site"
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@contextlib.contextmanager
def _log() -> Iterator[io.StringIO]:
    """What MkDocs logs, from INFO up."""
    seen = io.StringIO()
    handler = logging.StreamHandler(seen)
    logger = logging.getLogger("mkdocs")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield seen
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def environment(hooks: Path = HOOKS, **more: str) -> dict[str, str]:
    """The environment of a command: this process's, with the engine under test first on the path."""
    return {**os.environ, "PYTHONPATH": str(hooks), "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1", **more}


def command(root: Path, *arguments: str, hooks: Path = HOOKS, **more: str) -> Outcome:
    """``python -m …`` in a process of its own, in ``root``; everything that it prints in ``text``."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=root, env=environment(hooks, **more), timeout=120,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Outcome(done.returncode, done.stdout.decode("utf-8", "replace"))
