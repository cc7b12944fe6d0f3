"""What makes an assertion that passes show less than its sentence says, as far as the two texts tell it.

A program: both sides of a comparison by one route, an expected value that is its own output, ``all()`` of nothing, one
case, what prints in another order by hand. A sentence: which numbers it compares, whether it speaks of every case.
"""

from __future__ import annotations

import ast
import copy
import io
import re
import tokenize
from collections import Counter
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
_SHOWS = {"print", "plt", "ax", "axes", "fig"}
_SCOPES = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip
_BARE = re.compile(r"^claimed[: ]+[-\d.e+%]+,? *actual[: ]+[-\d.e+%]+ *$", re.MULTILINE)
_UNORDERED = {"set", "frozenset"}
_ORDERING = {"sorted", "len", "min", "max", "sum", "any", "all", "bool"}


def faults(source: str, record: str) -> list[list]:
    """Everything wrong with a program, whose committed output is ``record``: [[line, message, rule]]."""
    made = _Program(source)
    found = [*made.routes(), *made.pasted(record), *made.empty(), *made.straw(record), *made.unordered()]
    return sorted([list(fault) for fault in found])


class _Program:
    def __init__(self, source: str):
        self.source, self.tree = source, ast.parse(source)
        self.asserts = asserts(self.tree)
        self.nodes = list(ast.walk(self.tree))
        self.defined = {n.name: n for n in self.nodes if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
        self.changes = Counter(_changed(self.tree, False))
        self.known: dict[ast.Assert, dict[str, ast.expr]] = {}
        self.values = self._settle(self.tree.body, {})

    def _settle(self, body: list[ast.stmt], known: dict[str, ast.expr]) -> dict[str, ast.expr]:
        """What names stand for behind these statements, as far as each is bound once and nothing changes it; notes what
        each assertion on the way finds. A function's own are left out."""
        known = dict(known)
        for node in body:
            if isinstance(node, ast.Assert):
                self.known[node] = dict(known)
            elif isinstance(node, ast.Assign):
                pairs = [(target, node.value) for target in node.targets]
                for target, value in [*pairs]:
                    both = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
                    if both and len(target.elts) == len(value.elts):
                        pairs += zip(target.elts, value.elts, strict=True)
                names = ((target.id, value) for target, value in pairs if isinstance(target, ast.Name))
                known |= {name: value for name, value in names if self.changes[name] == 1}
            elif not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
                for name in ("body", "orelse", "finalbody"):
                    self._settle(getattr(node, name, []), known)
        return known

    def inlined(self, node: ast.expr, known: dict[str, ast.expr]) -> ast.expr:
        """An expression with every name replaced by what it stands for."""

        class Inline(ast.NodeTransformer):
            depth = 0

            def visit_Name(self, node: ast.Name) -> ast.expr:
                if node.id not in known or self.depth > 20:
                    return node
                self.depth += 1
                made = self.visit(copy.deepcopy(known[node.id]))
                self.depth -= 1
                return made

        return Inline().visit(copy.deepcopy(node)) if set(_names(node)) & known.keys() else node

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
        return all(name in self.defined or self.changes[name] <= 1 for name in {*_names(node)} - own)

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
        for node, known in self.known.items():
            for left, right in self.compared(node.test):
                a, b = (self.inlined(side, known) for side in (left, right))
                typed = isinstance(a, ast.Constant)  # two typed numbers are another rule's business
                if typed or ast.dump(left) == ast.dump(right) or ast.dump(a) != ast.dump(b) or not self.settled(a):
                    continue
                lines = dict.fromkeys(known[s.id].lineno for s in (left, right) if getattr(s, "id", "") in known)
                where = f" (line{'s' * (len(lines) > 1)} {', '.join(map(str, lines))})" if lines else ""
                message = f"the assertion can't fail: `{_short(left)}` and `{_short(right)}`{where} are the same expression under two names; compute one of them by another route: a loop, an identity, a limit, a number of the paper"
                yield node.lineno, message, "E-02"

    def pasted(self, record: str) -> Iterator[Fault]:
        """An expected value typed in that is what the program prints, and nobody says where it is from (E-12)."""
        printed = [n for n in t.numbers(record, units=True) if digits(n) >= 2]
        for node in self.asserts:
            for pair in self.compared(node.test):
                for side, other in (pair, pair[::-1]):
                    literal = self.values.get(getattr(side, "id", ""), side)
                    if not (isinstance(literal, ast.Constant) and isinstance(literal.value, float)):
                        continue
                    text = ast.get_source_segment(self.source, literal) or ""
                    if digits(text) < DIGITS or not any(_agree(text, number) for number in printed):
                        continue
                    lines = {literal.lineno, node.lineno, node.end_lineno}
                    if not any(_CITED.search(self.comments.get(line, "")) for line in lines):
                        message = f"`{text}` is what the program itself prints, typed in: the assertion shows that it prints the same again; compute it by another route, or say in a comment on this line where it is from, `# @key, Table 2`"
                        yield literal.lineno, message, "E-12"

    @cached_property
    def comments(self) -> dict[int, str]:
        tokens = tokenize.generate_tokens(io.StringIO(self.source).readline)
        return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}

    def empty(self) -> Iterator[Fault]:
        """``all()`` over what a condition has picked, where nothing shows that anything is left (E-13)."""
        for node in self.asserts:
            calls = (n for n in ast.walk(node.test) if isinstance(n, ast.Call) and _called(n) == "all")
            for picked in filter(None, map(self.picked, calls)):
                name = _short(picked)
                if not isinstance(picked, ast.Name):
                    where, cure = "", "give it a name, and write `assert picked and all(…)`"
                elif picked.id in self.counted:
                    continue
                else:
                    where = f" (line {self.values[name].lineno})"
                    cure = f"write `assert {name} and all(…)`"
                message = f"`all()` of nothing is true, and `{name}`{where} takes only what passes its condition, which may be nothing: {cure}"
                yield node.lineno, message, "E-13"

    @cached_property
    def counted(self) -> set[str]:
        """The names of which an assertion asks whether they are empty or what they are, or of which a size is taken."""
        asked = [part for node in self.asserts for part in getattr(node.test, "values", [node.test])]
        asked += [side for node in self.asserts for pair in self.compared(node.test) for side in pair]
        messages = {n for node in self.asserts if node.msg for n in ast.walk(node.msg)}  # a size told is no size asked
        for n in (n for n in self.nodes if n not in messages):
            asked += n.args if isinstance(n, ast.Call) and _called(n) == "len" else []
            asked += [n.value] if isinstance(n, ast.Attribute) and n.attr in ("size", "shape", "numel") else []
        return {node.id for node in asked if isinstance(node, ast.Name)}

    def picked(self, call: ast.Call) -> ast.expr | None:
        """What an ``all()`` runs over, where a condition picks what is in it."""
        over = call.args[0] if call.args else getattr(call.func, "value", call)
        if isinstance(over, (ast.GeneratorExp, ast.ListComp)):
            if over.generators[0].ifs:
                return over
            over = over.generators[0].iter
        for part in ast.walk(over):
            value = self.values.get(part.id) if isinstance(part, ast.Name) else part
            if isinstance(value, ast.ListComp) and value.generators[0].ifs:
                return part
            if isinstance(value, ast.Call) and any(
                isinstance(n, ast.Call) and _called(n) == "filter" for n in (value, *value.args)
            ):
                return part
            if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Compare):
                return part
        return None

    def straw(self, record: str) -> Iterator[Fault]:
        """A refutation that any two numbers pass, or that doesn't say what its two numbers are (E-04)."""
        if bare := _BARE.search(record):
            value = self.values.get("claimed")
            told = f"`claimed = {_short(value)}`" if value is not None else "`claimed`"
            message = f"is {told} what the claim predicts? `{bare[0].strip()}` doesn't say what the two numbers are: print it with them, in words (`… nats from p to q`), then `bagu accept`"
            yield getattr(value, "lineno", 1), message, "E-04"
        for node in self.asserts:
            test = node.test
            if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.NotEq):
                if {getattr(side, "id", "") for side in (test.left, test.comparators[0])} == {"claimed", "actual"}:
                    message = f"`{ast.unparse(test)}` holds for any two numbers that rounding parts; say what each is, `abs(actual - …) < 1e-9 and claimed > 2 * actual`, or at least how far apart they are, `abs(claimed - actual) > 0.1`"
                    yield node.lineno, message, "E-04"

    def unordered(self) -> Iterator[Fault]:
        """A set that is printed as it comes (S-12)."""
        for call in self.nodes:
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


def _changed(node: ast.AST, inside: bool) -> Iterator[str]:
    """The module's names each time that something binds one, or may change what it stands for: a store into it, a call
    whose result nobody takes. ``inside``: in a function, whose own names are others."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.Name, ast.Attribute, ast.Subscript)) and not isinstance(child.ctx, ast.Load):
            if not (inside and isinstance(child, ast.Name)):
                yield _root(child)
        elif isinstance(child, ast.Expr) and isinstance(child.value, ast.Call) and _root(child.value) not in _SHOWS:
            yield from _names(child)
        yield from _changed(child, inside or isinstance(child, _SCOPES))


def _names(node: ast.AST) -> Iterator[str]:
    return (part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def _root(node: ast.AST) -> str:
    """The name at the left end of a chain of attributes, calls and subscripts."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return getattr(node, "id", "")


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
                for names, text in (
                    (("atol", "abs_tol"), f"abs({a} - {b})"),
                    (("rtol", "rel_tol"), f"abs(({a}) / ({b}) - 1)"),
                ):
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


def digits(number: str) -> int:
    """The significant digits of a number as written, without the zeros of its size: 2.3170 has 5, 1000 has 1.

    >>> digits("2.3170"), digits("0.050"), digits("1000"), digits("1e-12")
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
