"""What makes an assertion that passes show less than its sentence says, as far as the two texts tell it.

A program: both sides of a comparison by one route, an expected value that is its own output, ``all()`` of nothing, one
case, what prints in another order by hand. A sentence: which numbers it compares, whether it speaks of every case.
"""

from __future__ import annotations

import ast
import builtins
import copy
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from functools import cached_property

from . import repeatable
from . import text as t
from .mutation import SAMPLERS, Program
from .snippet import asserts

Fault = tuple[int, str, str]  # a line, what is wrong there, the rule
DIGITS = 4  # significant digits from which on a number is nobody's round figure

_SAME = {"allclose", "isclose", "array_equal", "equal", "assert_close"}
_DISTANCE = {"abs", "fabs", "norm", "absolute"}
# Calls with one result today and another tomorrow, or at the second time.
_FRESH = SAMPLERS.union(*repeatable._DRAWS.values(), {"next", "pop", "dropout", "Dropout", "read", "perf_counter"})
_CASES = {"linspace", "arange", "logspace", "meshgrid", "product", "combinations", "permutations", "range", "grid"}
_CITED = re.compile(r"@[a-z]\w+|https?://|\b(?:table|tab|fig|figure|eq|section|sec|appendix|paper|reported)\b|§", re.I)
_UNORDERED = {"set", "frozenset"}
_ORDERING = {"sorted", "len", "min", "max", "sum", "any", "all", "bool"}


def faults(source: str, record: str) -> list[list]:
    """Everything wrong with a program, whose committed output is ``record``: [[line, message, rule]]."""
    made = _Program(source)
    found = [*made.routes(), *made.pasted(record), *made.empty(), *made.straw(), *made.unordered()]
    return sorted([list(fault) for fault in found])


class _Program:
    def __init__(self, source: str):
        self.program = Program(source)
        self.tree = self.program.tree
        self.asserts = asserts(self.tree)
        self.lines = source.split("\n")
        self.defined = {
            node.name: node for node in ast.walk(self.tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        }

    @cached_property
    def bound(self) -> dict[str, list[ast.stmt]]:
        """The statements that bind or may change each name."""
        found: dict[str, list[ast.stmt]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.arg):
                found.setdefault(node.arg, []).append(node)
            elif isinstance(node, ast.stmt):
                names = self.program._binds(node)
                for name in {name.lstrip(".") for name in names}:
                    found.setdefault(name, []).append(node)
            elif isinstance(node, ast.comprehension):
                for name in ast.walk(node.target):
                    if isinstance(name, ast.Name):
                        found.setdefault(name.id, []).append(node)
        return found

    @cached_property
    def values(self) -> dict[str, ast.expr]:
        """What each name stands for that the module binds once and nothing changes."""
        found = {}
        for node in self.tree.body:
            if not isinstance(node, ast.Assign):
                continue
            pairs = [(target, node.value) for target in node.targets]
            for target, value in [*pairs]:
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
                    pairs += zip(target.elts, value.elts, strict=True)
            for target, value in pairs:
                if isinstance(target, ast.Name) and len(self.bound.get(target.id, [])) == 1:
                    found[target.id] = value
        return found

    def line_of(self, name: str) -> int:
        return self.bound[name][0].lineno if name in self.values else 0

    def inlined(self, node: ast.expr) -> ast.expr:
        """An expression with every name replaced by what it stands for."""
        values = self.values

        class Inline(ast.NodeTransformer):
            depth = 0

            def visit_Name(self, node: ast.Name) -> ast.expr:
                if node.id not in values or self.depth > 20:
                    return node
                self.depth += 1
                made = self.visit(copy.deepcopy(values[node.id]))
                self.depth -= 1
                return made

        return Inline().visit(copy.deepcopy(node))

    def settled(self, node: ast.expr) -> bool:
        """Whether an inlined expression has one value wherever it stands: nothing it names changes, nothing is drawn."""
        seen: set[str] = set()
        stack: list[ast.AST] = [node]
        own = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        own |= {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)}
        while stack:
            for part in ast.walk(stack.pop()):
                if isinstance(part, ast.Call) and _called(part) in _FRESH:
                    return False
                if isinstance(part, (ast.Global, ast.Nonlocal, ast.Await, ast.Yield, ast.YieldFrom)):
                    return False
                if isinstance(part, ast.Name) and part.id in self.defined and part.id not in seen:
                    seen.add(part.id)
                    stack.append(self.defined[part.id])
        for name in {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} - own:
            if name in self.defined or name in vars(builtins):
                continue
            if any(not isinstance(at, (ast.Import, ast.ImportFrom, ast.arg)) for at in self.bound.get(name, [])):
                if len(self.bound[name]) != 1:
                    return False
        return True

    def compared(self, test: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
        """The pairs that a condition wants equal, or close."""
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            for value in test.values:
                yield from self.compared(value)
        elif isinstance(test, ast.Compare):
            sides = [test.left, *test.comparators]
            for left, op, right in zip(sides, test.ops, sides[1:], strict=False):
                if isinstance(op, ast.Eq):
                    yield left, right
                elif isinstance(op, (ast.Lt, ast.LtE)):
                    yield from _apart(left)
                elif isinstance(op, (ast.Gt, ast.GtE)):
                    yield from _apart(right)
        elif isinstance(test, ast.Call):
            name = _called(test)
            if name in _SAME and len(test.args) >= 2:
                yield test.args[0], test.args[1]
            elif name in _SAME and len(test.args) == 1 and isinstance(test.func, ast.Attribute):
                yield test.func.value, test.args[0]
            elif name == "all" and isinstance(test.func, ast.Attribute):
                yield from self.compared(test.func.value)
            elif name == "all" and test.args:
                yield from self.compared(test.args[0])

    def routes(self) -> Iterator[Fault]:
        """Two sides that are one expression once names are replaced by what they stand for (E-02)."""
        for node in self.asserts:
            for left, right in self.compared(node.test):
                sides = [self.inlined(side) for side in (left, right)]
                if ast.dump(left) == ast.dump(right) and not any(isinstance(n, (ast.Call, ast.Name)) for n in ast.walk(left)):
                    continue
                if ast.dump(sides[0]) != ast.dump(sides[1]) or not self.settled(sides[0]):
                    continue
                lines = [self.line_of(side.id) for side in (left, right) if isinstance(side, ast.Name)]
                where = f" (line{'s' * (len(lines) > 1)} {', '.join(map(str, lines))})" if lines else ""
                a, b = (_short(side) for side in (left, right))
                message = f"the assertion can't fail: `{a}` and `{b}`{where} are the same expression, `{_short(sides[0])}`; compute one of them by another route: a loop, an identity, a limit, a number of the paper"
                yield node.lineno, message, "E-02"

    def pasted(self, record: str) -> Iterator[Fault]:
        """An expected value typed in that is what the program prints, and nobody says where it is from (E-12)."""
        printed = [n for n in t.numbers(record, units=True) if _digits(n) >= 2]
        for node in self.asserts:
            for pair in self.compared(node.test):
                for side, other in (pair, pair[::-1]):
                    literal = self.values.get(side.id, side) if isinstance(side, ast.Name) else side
                    if not (isinstance(literal, ast.Constant) and isinstance(literal.value, float)):
                        continue
                    text = ast.get_source_segment(self.program.source, literal) or ""
                    if _digits(text) < DIGITS or not any(_agree(text, number) for number in printed):
                        continue
                    if not any(_CITED.search(self.comment(line)) for line in {literal.lineno, node.lineno, node.end_lineno or 0}):
                        message = f"`{text}` is what the program itself prints, typed in: the assertion shows that it prints the same again; compute it by another route, or say in a comment on this line where it is from, `# @key, Table 2`"
                        yield literal.lineno, message, "E-12"

    @cached_property
    def comments(self) -> dict[int, str]:
        tokens = tokenize.generate_tokens(io.StringIO(self.program.source).readline)
        return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}

    def comment(self, line: int) -> str:
        return self.comments.get(line, "")

    def empty(self) -> Iterator[Fault]:
        """``all()`` over what a condition has picked, where nothing shows that anything is left (E-13)."""
        shown = [node for node in self.asserts]
        prints = [c for c in ast.walk(self.tree) if isinstance(c, ast.Call) and _called(c) == "print"]
        counted = {
            ast.dump(arg)
            for part in [*shown, *prints]
            for call in ast.walk(part)
            if isinstance(call, ast.Call) and _called(call) == "len"
            for arg in call.args
        }
        for node in self.asserts:
            truths = {ast.dump(value) for value in (node.test.values if isinstance(node.test, ast.BoolOp) else [node.test])}
            for call in ast.walk(node.test):
                if not (isinstance(call, ast.Call) and _called(call) == "all"):
                    continue
                over = call.func.value if isinstance(call.func, ast.Attribute) and not call.args else None
                if over is None and call.args and isinstance(call.args[0], (ast.GeneratorExp, ast.ListComp)):
                    over = call.args[0]
                picked = self.picked(over)
                if picked is None:
                    continue
                name = _short(picked)
                if isinstance(picked, ast.Name) and (ast.dump(picked) in counted | truths or self.measured(picked.id)):
                    continue
                if isinstance(picked, ast.Name):
                    where = f" (line {self.line_of(picked.id)})"
                    cure = f"write `assert {name} and all(…)`, or let the message give `{{len({name})}}`"
                else:
                    where, cure = "", "give it a name, and let the assertion or its message say how many there are, `{len(picked)}`"
                message = f"`all()` of nothing is true, and `{name}`{where} takes only what passes its condition, which may be nothing: {cure}"
                yield node.lineno, message, "E-13"

    def measured(self, name: str) -> bool:
        """Whether a print or a message shows the size of an array."""
        return any(
            isinstance(n, ast.Attribute) and n.attr in ("size", "shape", "numel") and getattr(n.value, "id", "") == name
            for n in ast.walk(self.tree)
        )

    def picked(self, over: ast.expr | None) -> ast.expr | None:
        """The expression that an ``all()`` runs over, where a condition picks what is in it."""
        if over is None:
            return None
        if isinstance(over, (ast.GeneratorExp, ast.ListComp)):
            if over.generators[0].ifs:
                return over
            over = over.generators[0].iter
        parts = [n for n in ast.walk(over) if isinstance(n, (ast.Name, ast.Subscript, ast.ListComp))]
        for part in parts:
            value = self.values.get(part.id) if isinstance(part, ast.Name) else part
            if isinstance(value, ast.ListComp) and value.generators[0].ifs:
                return part
            if isinstance(value, ast.Call) and _called(value) in ("filter", "list", "tuple") and value.args:
                inner = value.args[0]
                if _called(value) == "filter" or isinstance(inner, ast.Call) and _called(inner) == "filter":
                    return part
            if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Compare):
                return part
        return None

    def straw(self) -> Iterator[Fault]:
        """A refutation that any two numbers pass (E-04)."""
        for node in self.asserts:
            test = node.test
            if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.NotEq):
                if {getattr(side, "id", "") for side in (test.left, test.comparators[0])} == {"claimed", "actual"}:
                    message = f"`{ast.unparse(test)}` holds for any two numbers that rounding parts; say how far apart they are, `abs(claimed - actual) > 0.1`, or what each is, `claimed < actual == …`"
                    yield node.lineno, message, "E-04"

    def unordered(self) -> Iterator[Fault]:
        """A set that is printed as it comes (S-12)."""
        for call in ast.walk(self.tree):
            if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") == "print"):
                continue
            for part in _plain(call):
                value = self.values.get(part.id, part) if isinstance(part, ast.Name) else part
                if self.is_set(value):
                    message = f"`{_short(part)}` is a set: its order differs from run to run by hand; print `sorted({_short(part)})`"
                    yield call.lineno, message, "S-12"

    def is_set(self, node: ast.expr) -> bool:
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)):
            return self.is_set(node.left)
        if isinstance(node, ast.Name):
            return node.id in self.values and self.is_set(self.values[node.id])
        if isinstance(node, (ast.Set, ast.SetComp)):
            return not (isinstance(node, ast.Set) and len(node.elts) == 1)
        return isinstance(node, ast.Call) and getattr(node.func, "id", "") in _UNORDERED and bool(node.args)


def _plain(node: ast.AST) -> Iterator[ast.expr]:
    """The parts of a call of print that are shown as they are: not what is counted, compared or sorted."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Compare, ast.Lambda)) or isinstance(child, ast.Call) and _called(child) in _ORDERING:
            continue
        if isinstance(child, ast.expr):
            yield child
        yield from _plain(child)


def _apart(node: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """a and b of abs(a - b), (a - b).abs().max(), norm(a - b), abs(a / b - 1)."""
    for call in ast.walk(node):
        if not (isinstance(call, ast.Call) and _called(call) in _DISTANCE):
            continue
        inside = call.args[0] if call.args else getattr(call.func, "value", None)
        if isinstance(inside, ast.BinOp) and isinstance(inside.op, ast.Add) and isinstance(inside.right, ast.Constant):
            yield inside.left, inside.right  # abs(a + 4.6): a is -4.6
        if isinstance(inside, ast.BinOp) and isinstance(inside.op, ast.Sub):
            ratio = inside.left
            one = isinstance(inside.right, ast.Constant) and inside.right.value == 1
            if one and isinstance(ratio, ast.BinOp) and isinstance(ratio.op, ast.Div):
                yield ratio.left, ratio.right
            else:
                yield inside.left, inside.right


MEASURED = "measured: "


def tolerances(nodes: list[ast.Assert]) -> dict[int, tuple[ast.expr, ast.expr]]:
    """{index of an assertion: (the distance that it compares, the tolerance)}, the first of each."""
    found = {}
    for index, node in enumerate(nodes):
        for part in ast.walk(node.test):
            if isinstance(part, ast.Compare) and len(part.ops) == 1 and isinstance(part.ops[0], (ast.Lt, ast.LtE)):
                pair = part.left, part.comparators[0]
                if any(_apart(part.left)):
                    found.setdefault(index, pair)
            elif isinstance(part, ast.Call) and _called(part) in _SAME and len(part.args) >= 2:
                given = {k.arg: k.value for k in part.keywords}
                a, b = (ast.unparse(side) for side in part.args[:2])
                for names, text in ((("atol", "abs_tol"), f"abs({a} - {b})"), (("rtol", "rel_tol"), f"abs(({a}) / ({b}) - 1)")):
                    for name in names:
                        if name in given and (index not in found or len(given) == 1):
                            found.setdefault(index, (ast.parse(text, mode="eval").body, given[name]))
    return found


def measured(source: str) -> str:
    """The program with messages that tell, of each comparison with a tolerance, ``measured: <distance> <tolerance>``."""
    program = Program(source)
    nodes = asserts(program.tree)
    for index, (left, tolerance) in sorted(tolerances(nodes).items(), reverse=True):
        if nodes[index].msg is None or _local(nodes[index].test, left):
            continue
        start, end = program.span(nodes[index].msg)
        largest = "(lambda d: float(d.max() if hasattr(d, 'max') else d))"
        numbers = f"{largest}({ast.unparse(left)}), float({ast.unparse(tolerance)})"
        source = f"{source[:start]}'{MEASURED}' + ' '.join(repr(n) for n in ({numbers})){source[end:]}"
    return source


def _local(test: ast.expr, part: ast.expr) -> bool:
    """Whether an expression names what only a comprehension around it binds."""
    own = {n.id for n in ast.walk(test) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return bool(own & {n.id for n in ast.walk(part) if isinstance(n, ast.Name)})


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", None) or getattr(call.func, "id", "")


def _short(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _digits(number: str) -> int:
    """The significant digits of a number as written, without the zeros of its size: 2.3170 has 5, 1000 has 1.

    >>> _digits("2.3170"), _digits("0.050"), _digits("1000"), _digits("1e-12")
    (5, 2, 1, 1)
    """
    mantissa = re.split("[eE]", number.replace(",", "").replace("_", "").lstrip("+-"))[0]
    whole, point, rest = mantissa.partition(".")
    return len((whole + rest).lstrip("0") if point else whole.strip("0"))


def _agree(typed: str, printed: str) -> bool:
    """Whether two numbers are one, at the precision of the coarser."""
    typed, printed = typed.replace("_", "").lstrip("+-"), printed.lstrip("+-")
    return t.agrees(typed, printed) or t.agrees(printed, typed)


def cases(source: str) -> bool:
    """Whether a program tries more than one case: a loop, a comprehension, a draw, an array of values."""
    tree = ast.parse(source)
    kinds = (ast.For, ast.While, ast.comprehension)
    return any(
        isinstance(n, kinds) or isinstance(n, ast.Call) and _called(n) in _FRESH | _CASES for n in ast.walk(tree)
    )


# --- Sentences -------------------------------------------------------------------------------------------------------

EVERY = re.compile("任意|任何|所有|总是|一律|无论|不论")
_N = r"[-−+]?\d[\d,]*(?:\.\d+)?"
_UNIT = r"(?:\s*(?:%|nats?|比特|倍|次|个|层|步|位|字节|[KMGT]i?B))?"
_MORE, _LESS = "大于|高于|多于|超过", "小于|低于|少于|不到"
_ORDER = re.compile(
    rf"(?<![\w.^_/×])(?P<a>{_N})(?P<ua>{_UNIT})[ ]?(?P<not>不)?(?P<word>{_MORE}|{_LESS})"
    rf"(?P<between>[^\d，。；：、（）()|$]{{0,14}}?)[ ]?(?P<b>{_N})(?P<ub>{_UNIT})(?![\w.^/×]|\s*(?:倍|分之|的))"
)


def ordered(text: str) -> Iterator[str]:
    """The comparisons of two numbers in a text that are false, as they are written."""
    for match in _ORDER.finditer(text.replace("−", "-")):
        a, b = (float(match[side].replace(",", "")) for side in "ab")
        more = re.fullmatch(_MORE, match["word"]) is not None
        holds = (a <= b if more else a >= b) if match["not"] else (a > b if more else a < b)
        if match["ua"].strip() == match["ub"].strip() and not holds:
            yield match[0].strip()


def sentences(text: str) -> Iterable[str]:
    """The sentences of a paragraph, semicolons included as ends."""
    return re.split(r"[。；！？\n]", text)
