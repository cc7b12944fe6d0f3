"""The rules, each with a permanent id: what `bagu check`, `bagu run` and the build hold an article to.

An id is never used again, not even when its rule goes. CONTRIBUTING.md lists these between its markers (a test keeps
both equal), and another test plants each ``wrong`` in a sound project in the place of its ``right``.
Standard library only: the fork server imports this module as well.
"""

from __future__ import annotations

from dataclasses import dataclass

FAMILIES = {
    "A": "文章",
    "B": "块",
    "E": "证据",
    "S": "程序",
    "L": "链接、概念与文献",
    "F": "图与公式",
    "N": "实验",
    "T": "文字与排版",
}


@dataclass(frozen=True)
class Rule:
    """``title`` is the rule in one line, ``advice`` why or what to do. ``……`` in an example stands for much more of it.

    ``runs``: only execution can tell (``bagu run``, ``make site``); ``builds``: only the finished pages can
    (``make site``). ``fix``: ``bagu check --fix`` mends it.
    """

    id: str
    title: str
    advice: str
    wrong: str
    right: str
    fix: bool = False
    runs: bool = False
    builds: bool = False


_ALL = (
    # --- A: the article ---
    Rule("A-01", "文章放在问题表指定的位置：`docs/<folder>/<id>.md`",
         "id 与目录都以 `docs/questions.yml` 为准；新问题先登记，再写文章。",
         "docs/transformer/sum-in-blocks.md", "docs/transformer/block-sum.md"),
    Rule("A-02", "front matter 是合法的 YAML，十一个键齐全、不重复、类型正确",
         "`bagu new ID` 给出完整的开头；列表里像数字的词要加引号。", "level: 1", "difficulty: 1"),
    Rule("A-03", "`title`、`seed` 与问题表一致", "要改问题的措辞，先改 `docs/questions.yml`。",
         'title: "求和可以分组吗？"', 'title: "求和可以分块吗？"'),
    Rule("A-04", "`description` 是完整的答案，60–120 字", "汉字、字母、数字各算一个；搜索结果与分享卡片显示它。",
         'description: "不重要。"',
         'description: "整数求和的次序不重要，浮点求和的次序会改变末位：浮点加法满足交换律，却不满足结合律，'
         '换一种次序就换一种舍入。要结果可复现，就得固定次序，或用补偿求和把误差压到末位以下。"'),
    Rule("A-05", "`difficulty` 取 1–3，`frequency` 取 1–5，`reviewed` 是日期", "日期写作 2026-11-22，不加引号。",
         "frequency: 6", "frequency: 3"),
    Rule("A-06", "`aliases` 不空，且不与别的文章的别名或标题相同", "一种问法只通向一篇文章；留给最切题的那一篇。",
         "aliases: [blockwise sum, order of summation]", "aliases: [blockwise sum, 分块求和]"),
    Rule("A-07", "`needs` 写问题表里的 id，不含自己，不成环", "只写读这篇之前必须懂的题。",
         "needs: [planned-two]", "needs: [planned-one]"),
    Rule("A-08", "`points` 有 3–6 条", "每条一个事实；复习卡片与模拟面试按它评分。",
         "  - 加法满足结合律", "  - 加法满足结合律\n  - 块的大小不影响结果\n  - 浮点数只差舍入"),
    Rule("A-09", "`concepts` 恰好是以本文为 `home` 的概念", "概念在 `docs/concepts/<folder>.yml`。",
         "concepts: [partial-sum, float-order]", "concepts: [partial-sum]"),
    Rule("A-10", "front matter 的键按固定次序", "次序与 `bagu new ID` 给出的相同。",
         "frequency: 2\ndifficulty: 2", "difficulty: 2\nfrequency: 2", fix=True),
    Rule("A-11", "`sources` 恰好是正文引用的键", "引用写作 `[@key, §3.1]`。",
         "sources: [gauss1799, euler1748]", "sources: [gauss1799]", fix=True),
    Rule("A-12", "「一句话」至多两句", "单独读也要正确。",
         "整数不重要。浮点数重要。固定次序就可复现。", "整数不重要，浮点数重要；固定次序就可复现。"),
    Rule("A-13", "二级标题齐全、有序、下面不空，没有一级标题", "一句话、一分钟口述、讲清楚、跑一下（可省）、错在哪里、追问、参考（由构建填写）。",
         "## 后续", "## 追问"),
    Rule("A-14", "「一分钟口述」150–300 字", "按说话的次序：定义、机制、代价、何时用。",
         "切成块，先求[部分和](concept:partial-sum)，再相加。",
         "先说定义：分块求和就是把一列数切成若干块，先求每块的[部分和](concept:partial-sum)，再把部分和加起来。"
         "再说机制：加法满足结合律，所以整数的结果一个不差，块多大都行，最后一块短一些也照样计入。"
         "然后说代价：加法的次数没有变，只多存几个中间数；好处是各块互不依赖，可以并行。"
         "最后说边界：浮点加法不满足结合律，换一种切法就换一种舍入，末位可能不同，要复现就得固定切法与次序。"),
    Rule("A-15", "「追问」有 3–6 个 `followup` 块", "写面试官真的会接着问的。",
         "块可以多大？整列也行。", "/// followup | 块可以多大？\n    id: largest-block\n\n整列也行。\n///"),
    Rule("A-16", "没有文字墙：连续 300 字之内要有表、公式、图、列表或块", "能展示的不要只用话说；三级标题不算打断。",
         "块可以交给不同的机器。……", "块可以交给不同的机器。"),
    Rule("A-17", "`docs/questions.yml` 合法，id 不重复", "每个问题写 `id`、`tier`、`question`；`tier` 是 seed、core、more 之一。",
         '- {id: planned-one, question: "还没有写的题？", gloss: "not written"}',
         '- {id: planned-one, tier: more, question: "还没有写的题？", gloss: "not written"}'),
    # --- B: blocks ---
    Rule("B-01", "块写作 `/// 名称 | 参数`，顶格，用 `///` 关闭，只在文章里",
         "名称是 proof、refute、correct、followup；块不嵌套，不放进 HTML、列表或引用。",
         "/// followup 块可以多小？", "/// followup | 块可以多小？"),
    Rule("B-02", "块的选项是缩进四格的 YAML，文本加引号，以空行结束", "长文本用 `>-` 折行。",
         "    claim: 分块会丢掉: 最后一块", '    claim: "分块会丢掉最后一块"'),
    Rule("B-03", "选项的值合法", "`kind` 是 wrong、imprecise、incomplete、misplaced、outdated 之一；"
         "`since` 是日期；`seed` 是本文的来源；`id` 在本页不重复。", "    kind: false", "    kind: wrong"),
    Rule("B-04", "块有它要的参数，也有正文", "proof、refute 的参数是程序的路径，followup 的是问题；correct 没有参数。",
         "/// followup | 块能不能并行？\n    id: parallel\n\n///",
         "/// followup | 块能不能并行？\n    id: parallel\n\n能，各块互不依赖。\n///"),
    Rule("B-05", "`correct` 的 `source` 引用一手来源", "论文、官方文档或参考实现的代码。",
         '    source: "高斯的论文"', '    source: "[@gauss1799, §2]"'),
    Rule("B-06", "块引用的程序与区域存在，一页里文件名不重复", "路径相对于 `snippets/`，区域写在冒号之后。",
         "/// proof | transformer/block-sum/blocks.py:tail", "/// proof | transformer/block-sum/blocks.py:merge"),
    # --- E: evidence ---
    Rule("E-01", "程序有断言，每条断言有唯一的标签", '信息以「标签: 」开头，是字面量：`"exact: …"`。',
         "assert len(points) == 2", 'assert len(points) == 2, f"two-points: {len(points)}"'),
    Rule("E-02", "断言可能失败", "与常数、与自己、与换了名字的同一个式子相比，什么也没证明；差与容差相比要取绝对值：`abs(a - b) < 1e-9`。",
         'assert total == total, "any-size: blocks of 3"',
         'assert merged(numbers, 3) == total, "any-size: blocks of 3"'),
    Rule("E-03", "每条断言都执行到，而且成立", "子进程里的也算；被 except 吞掉的失败仍是失败。",
         'assert mean == 5, f"mean: {mean}"', 'assert mean == numbers[3], f"mean: {mean}"', runs=True),
    Rule("E-04", "反驳的程序绑定并打印 `claimed` 与 `actual`，断言 `not-…`", "令 claimed = actual，这条断言必须失败；两者都由程序算出，不写成数。"
         "断言写出差多少：只写 `!=`，差一点舍入也成立。",
         'assert actual == 15, f"not-lost: {claimed} and {actual}"',
         'assert actual > claimed + 4, f"not-lost: {claimed} and {actual}"'),
    Rule("E-05", "证据链接的标签在本页的程序里", "两个程序有同名标签时写 `proof:文件名.标签`。",
         "[均值是 4.00](proof:median)", "[均值是 4.00](proof:mean)"),
    Rule("E-06", "证据链接里的数字，断言的信息、代码或打印的行里也有", "按写出的精度比较；不换算单位；倍数与百分数要与写着 times 或 % 的数一致。",
         "[总和是 29](proof:blocks-exact)", "[总和是 28](proof:blocks-exact)", runs=True),
    Rule("E-07", "输出与记录 `.out` 一致", "确认新输出正确之后，用 `bagu accept` 更新记录。",
         "total: 27\nmean: 4.000", "total: 28\nmean: 4.000", runs=True),
    Rule("E-08", "一篇文章至少两段不同的程序、三个不同标签的证据链接", "正文的中心论断要能点进断言。",
         "、均值、", "、[均值](proof:blocks.mean)、"),
    Rule("E-09", "有 `seed` 的文章至少一个 `refute`", "来源里流传的错误答案，用运行来反驳。",
         "/// proof | transformer/block-sum/not_lost.py\n\n",
         '/// refute | transformer/block-sum/not_lost.py\n    claim: "分块会丢掉最后一块"\n'
         '    right: "最后一块可以更短，但不会丢"\n    kind: wrong\n    seed: [S000-01]\n    since: 2026-11-22\n\n'),
    Rule("E-10", "`audit.yml` 的每条说明指向存在的程序与行，`why` 至少 20 个字符", "键是 `snippet`、`line`、`mutation`、`why`，"
         "或 `snippet`、`label`、`why`；`line` 是那一行的原文。",
         "  line: mean = total / size", "  line: mean = total / len(numbers)"),
    Rule("E-11", "嵌入的每段程序都有句子通向它的断言，它打印的小数在正文里也要链接", "没有链接的数，程序变了它不变，也不会红。",
         "图上有两点。", "图上[有两点](proof:two-points)。"),
    Rule("E-12", "期望值不是程序自己的输出", "把打印的数抄进断言，只证明它又打印了一次；换一条路算，或在这一行的注释里写出处：`# @key, Table 2`。",
         'assert mean == 4.000, f"mean: {mean}"', 'assert mean == numbers[3], f"mean: {mean}"'),
    Rule("E-13", "`all()` 不在空集合上成立", "条件挑剩的可能一个也没有：给它起名，写 `assert picked and all(…)`。",
         'assert all(x < 9 for x, y in points if x > 99), f"two-points: {len(points)}"',
         'assert len(points) == 2, f"two-points: {len(points)}"'),
    Rule("E-14", "句子说“任意”“所有”“总是”，程序就不能只试一个例子", "说明是哪一个例子，或让程序用循环、抽样试许多个。",
         "任意一张图上[都有两点](proof:two-points)。", "图上[有两点](proof:two-points)。"),
    Rule("E-15", "句子里相比的两个数，大小如它所说", "大于、高于、多于、超过，小于、低于、少于、不到，两边都是数时当场比较。",
         "[均值 4.00 大于 28](proof:mean)", "[均值是 4.00](proof:mean)"),
    # --- S: snippets ---
    Rule("S-01", "程序是 UTF-8 编码的合法 Python", "先用 `python 文件` 跑通。",
         'print("points:" len(points))', 'print("points:", len(points))'),
    Rule("S-02", "首行与区域标记合法",
         "首行 `# bagu: seconds=30 memory=4GiB`；区域 `# --8<-- [start:名]` 到 `[end:名]`。",
         "# bagu: seconds=5s files=numbers.txt", "# bagu: seconds=5 files=numbers.txt"),
    Rule("S-03", "程序至多 80 行", "首行与区域标记不算；太长就拆成两段。",
         'print("points:", len(points))\n……', 'print("points:", len(points))'),
    Rule("S-04", "程序在限额之内正常结束", "20 秒、4 GiB、1 MiB 输出、32 个进程；不联网，不写目录之外，不提前退出。",
         'print("total:", total)\nraise SystemExit', 'print("total:", total)', runs=True),
    Rule("S-05", "程序里只写英文", "标识符、注释、输出、图上的字都用领域的标准英文术语，一份证据供各语言版本使用。",
         '"""一条线。"""', '"""A line."""'),
    Rule("S-06", "程序不打印日期与耗时，不取当前时间", "`time.perf_counter` 只用来比较快慢。",
         'import time\nfrom pathlib import Path\n\nprint(time.ctime())\nnumbers = [',
         "from pathlib import Path\n\nnumbers = ["),
    Rule("S-07", "只导入标准库与 `requirements-snippets.txt`", "要加一个库，先在那里写明理由。",
         "from pathlib2 import Path", "from pathlib import Path"),
    Rule("S-08", "每段程序都被文章引用", "删去不用的程序，或用 proof、refute 块引用它。",
         "snippets/transformer/block-sum/draft.py", "snippets/transformer/block-sum/blocks.py"),
    Rule("S-09", "代码通过 `ruff check`", "规则在 `pyproject.toml`。",
         "from pathlib import Path, PurePath", "from pathlib import Path", fix=True),
    Rule("S-10", "引擎与测试按 `ruff format` 排版", "程序不在此列：书页一样的排版由作者决定。",
         "x = [1,2]", "x = [1, 2]", fix=True),
    Rule("S-11", "抽随机数之前写明种子", "构建替程序定了种子 0，读者自己运行时没有：`random.seed(0)`、`np.random.default_rng(0)`、"
         "`torch.manual_seed(0)`。",
         "import random\nfrom pathlib import Path\n\nprint(random.random())\nnumbers = [",
         "from pathlib import Path\n\nnumbers = ["),
    Rule("S-12", "打印的内容每次运行都相同", "集合的次序由散列决定：打印 `sorted(…)`。`bagu accept` 换一个散列与随机种子再跑一遍，输出不同就不收。",
         'print("points:", set(points))', 'print("points:", len(points))'),
    # --- L: links, concepts, bibliography ---
    Rule("L-01", "`article:`、`concept:` 链接指向存在的 id，并有文字", "待写的题也可以链接。",
         "[待写的题](article:planned-two)", "[待写的题](article:planned-one)"),
    Rule("L-02", "链接写作 `[文字](article:id)`", "不加标题、尖括号、引用式或 HTML；不放进公式。",
         "[另一题](<article:order-of-sums>)", "[另一题](article:order-of-sums)"),
    Rule("L-03", "引用写作 `[@key]`、`[@key, §3.1]`、`[@a; @b]`，键在文献库里", "文献库是 `docs/references/*.bib`。",
         "[@gauss1799; §1]", "[@gauss1799, §1]"),
    Rule("L-04", "文献条目完整：作者、标题、四位年份、网址或 arXiv 或 DOI", "键不重复。",
         "  title = {Sums},", "  title = {Sums},\n  year = 1799,"),
    Rule("L-05", "概念恰有 id、zh、en、aliases、definition、home", "id 不重复；home 是问题表里的 id。",
         "  zh: 部分和", "  zh: 部分和\n  en: partial sum"),
    Rule("L-06", "没有用不到的文献", "删去不被引用的条目，或引用它。",
         "@misc{euler1748,\n  author = {Euler, Leonhard},\n  title = {Introductio},\n  year = 1748,\n"
         "  url = {https://example.org/introductio},\n}\n\n@misc{gauss1799,", "@misc{gauss1799,"),
    Rule("L-07", "页面里的地址都通向网站里的文件与锚点", "写相对地址；改了小标题，指向它的链接也要改。",
         "[另一题](order-of-sums.md#two-sentences)", "[另一题](article:order-of-sums)", builds=True),
    Rule("L-08", "一个名字只属于一个概念", "中文名、英文名、别名都算；大小写、空格、连字符不分。",
         "aliases: [求和次序, 分块和]", "aliases: [求和次序]"),
    Rule("L-09", "加粗或括号里的英文术语是概念，或在例外表里",
         "概念在 `docs/concepts/<folder>.yml`，例外表是 `docs/concepts/exceptions.txt`：一行一个术语；"
         "`文章 id: 词` 表示这个词在那篇文章里不是那个概念。用不到的行要删去。",
         "一个元素也行（singleton）。", "一个元素也行。"),
    # --- F: figures and formulas ---
    Rule("F-01", "画图的块有 `alt`，有 `alt` 的块画图", "alt 说出图上看得到的内容；`![](…)` 的方括号里也要写。",
         '/// proof | transformer/block-sum/sketch.py\n\n图由',
         '/// proof | transformer/block-sum/sketch.py\n    alt: "一条斜线"\n\n图由', runs=True),
    Rule("F-02", "图是至多 100 kB 的 SVG，不含脚本与外链", "太大就少画些点。",
         '<script/><path d="{d}"/>', '<path d="{d}"/>', runs=True),
    Rule("F-03", "公式是 KaTeX 认识的 TeX", "美元符号要转义成 `\\$`；`$$` 独占一行。", "$a+b=b+\\foo$", "$a+b=b+a$"),
    Rule("F-04", "图片在仓库里，不引别处的", "图由程序画出；读者打开页面时不向别的网站要东西。",
         "![一条线](https://example.org/line.png)", "图由程序画出。"),
    # --- N: labs ---
    Rule("N-01", "实验有表头，练习依次是题目、blank（留给读者填的空）、solution、wrong、wrong、check",
         "单元格用 `# %%` 分开；每个 wrong 在标记里说明错在哪。",
         '# %% tags=["wrong"] exercise="add"', '# %% 减了 tags=["wrong"] exercise="add"'),
    Rule("N-02", "练习的检查能拦下没填的空与每个错误填法", "拦不下就把断言写得更严。",
         "assert add(0, 0) == 0,", "assert add(2, 3) == 5,", runs=True),
    # --- T: text ---
    Rule("T-01", "中文与字母、数字、公式、代码之间空一格", "全角标点旁边不空格。",
         "[均值是4.00](proof:mean)", "[均值是 4.00](proof:mean)", fix=True),
    Rule("T-02", "中文句子用全角标点，句末不缺标点", "代码、公式、网址与英文引文里的不动。",
         "长度不是块的整数倍时,最后一块照样计入。", "长度不是块的整数倍时，最后一块照样计入。", fix=True),
    Rule("T-03", "一段写在一行里", "段落中的换行在浏览器里会变成空格。",
         "名称之争不由\n执行判定。", "名称之争不由执行判定。", fix=True),
    Rule("T-04", "文件是 UTF-8，行尾是 LF，没有 BOM、行尾空白与多余空行", "不必手改，用 `--fix`。",
         "图由程序画出。␠␠", "图由程序画出。", fix=True),
    Rule("T-05", "没有空话", "删去「众所周知」「值得注意的是」「随着……的发展」之类，直接说事实。",
         "众所周知，一个元素也行。", "一个元素也行。"),
    Rule("T-06", "英文拼写正确，名称按其主人的写法，没有叠字", "故意的错拼（别名）不查；专名写进 `pyproject.toml` 的 codespell 一节。",
         '"""Teh last block is shorter, and counted."""', '"""The last block is shorter, and counted."""'),
    Rule("T-07", "标题、列表、表格、块的前后空一行，子列表缩进四格，`#` 后空一格", "否则 Markdown 把它们当成段落或上一级列表的一部分。",
         "由此得：\n- 结果与块的大小无关", "由此得：\n\n- 结果与块的大小无关", fix=True),
    Rule("T-08", "没有合并冲突的标记", "先解决冲突；--fix 不碰这样的文件。",
         "<<<<<<< HEAD\n同一段程序再看一遍。", "同一段程序再看一遍。"),
    Rule("T-09", "代码围栏与行内代码的反引号成对", "开头与结尾的反引号一样多；没有结尾，后面全成了代码。",
         "~~~python\n\n整列也行。", "整列也行。"),
    Rule("T-10", "没有留着没做的事", "检查找的是「待补充」一类字样（中英文都找，全在 `hooks/bagu/editorial.py`），以及 `bagu new` 写的话与程序：做完，或者删去；想法写进 issue。",
         "待补充：整列也行。", "整列也行。"),
    Rule("T-11", "表格每行的格数与表头相同", "少了的格是空的，多了的格会被丢掉，都不报错；格里的竖线写作 `\\|`。",
         "| 块 | 和 |\n|---|---|\n| 2 |", "块可以交给不同的机器。"),
)  # fmt: skip

RULES = {rule.id: rule for rule in _ALL}

# The rule behind each status word that a run or a snippet's fault can have.
OF_STATUS = {
    "assertion": "E-03", "output": "E-07", "no-record": "E-07", "no-assertion": "E-01", "unreached": "E-03",
    "constant-assertion": "E-02", "syntax": "S-01", "encoding": "S-01", "missing": "B-06",
} | dict.fromkeys(
    ("ended-early", "timeout", "memory", "signal", "left-process", "denied", "flooded", "error"), "S-04"
)  # fmt: skip

BEGIN, END = "<!-- rules -->", "<!-- /rules -->"


def markdown() -> str:
    """The list in CONTRIBUTING.md, from marker to marker: per family, each rule with one wrong and one right example."""
    parts = [BEGIN]
    for letter, name in FAMILIES.items():
        parts.append(f"### {letter} {name}")
        for rule in _ALL:
            if rule.id.startswith(letter):
                mark = " *（`--fix` 能改）*" if rule.fix else ""
                mark = " *（执行之后才知道：`bagu run`）*" if rule.runs else mark
                mark = " *（构建之后才知道：`make site`）*" if rule.builds else mark
                sides = (("-", rule.wrong), ("+", rule.right))
                shown = "\n".join(
                    f"{sign} {line}".rstrip() for sign, text in sides for line in text.strip("\n").split("\n")
                )
                parts.append(f"**{rule.id} {rule.title}**{mark}<br>\n{rule.advice}\n\n```diff\n{shown}\n```")
    return "\n\n".join([*parts, END])


def listed(text: str) -> str:
    """A text with the list between its markers brought up to date. Raises ValueError where the markers are missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the markers {BEGIN} and {END} are missing")
    return before + markdown() + after


if __name__ == "__main__":  # python -m bagu.rules CONTRIBUTING.md
    import sys
    from pathlib import Path

    for name in sys.argv[1:]:
        file = Path(name)
        file.write_text(listed(file.read_text("utf-8")), "utf-8")
