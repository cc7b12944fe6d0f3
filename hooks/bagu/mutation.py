"""Mutants of a snippet: copies with one small mistake each, to see whether its assertions notice.

A mutant is an edit of the source text at one node of its syntax tree; no line moves. Pure functions, nothing runs.

Left alone are assertions, imports, docstrings, annotations, seeds, tolerances, text, and whatever only prints or plots.
A mutant of an ``input`` (sizes, configurations, random data, which cases are tried) is told apart: a claim that holds
for other inputs as well is none the worse, so its survival says nothing, while its death can still show that an
assertion looks at something.
"""

from __future__ import annotations

import ast
import io
import operator
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

KINDS = ("operator", "constant", "axis", "comparison", "arguments", "dropped", "input")
TOLERANCE = 1e-3  # a positive float up to here is a tolerance or a stabiliser, whose size is nobody's claim
OPERATORS = {
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*"), ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"), ast.Pow: ("**", "*"), ast.And: ("and", "or"), ast.Or: ("or", "and"), ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"), ast.BitAnd: ("&", "|"), ast.BitOr: ("|", "&"), ast.BitXor: ("^", "|"),
}  # fmt: skip
COMPARISONS = {
    ast.Lt: ("<", ">="), ast.LtE: ("<=", ">"), ast.Gt: (">", "<="), ast.GtE: (">=", "<"), ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="), ast.In: ("in", "not in"),
}  # fmt: skip
ARITHMETIC = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow,
}  # fmt: skip
NEUTRAL = {ast.Add: (0,), ast.Sub: (0,), ast.Mult: (1, -1), ast.Div: (1, -1), ast.Pow: (1,), ast.FloorDiv: (1,)}
PLOTTING = {"plt", "matplotlib", "mpl"}
MODULES = {"np", "numpy", "torch", "F", "math", "nn", "dist"}
# Calls that draw random numbers: what they are given describes data.
SAMPLERS = {
    "rand", "randn", "randint", "randperm", "random", "standard_normal", "normal", "uniform", "integers", "permutation",
    "choice", "choices", "sample", "shuffle", "bernoulli", "multinomial", "randn_like", "rand_like", "randrange",
    "exponential", "dirichlet", "standard_cauchy", "standard_t", "binomial", "poisson", "gauss", "normal_", "uniform_",
}  # fmt: skip
# Calls whose literal arguments are data.
CREATORS = {"array", "tensor", "zeros", "ones", "full", "empty", "eye", "arange", "linspace", "asarray"}
FILLINGS = {
    "zeros": "ones", "ones": "zeros", "zeros_like": "ones_like", "ones_like": "zeros_like", "randn": "ones",
    "rand": "zeros", "randn_like": "ones_like",
}  # fmt: skip
ALIKE = {"layers", "h", "blocks", "attentions", "hidden_states"}  # parts of a model of which any will do
SEEDS = {"manual_seed", "default_rng", "seed", "RandomState", "Random"}
HOUSEKEEPING = {"init_process_group", "destroy_process_group", "start", "join", "close", "barrier", "eval"}
REDUCING = {
    "sum", "mean", "max", "min", "amax", "amin", "argmax", "argmin", "softmax", "log_softmax", "logsumexp", "cumsum",
    "cumprod", "std", "var", "any", "all", "prod", "argsort", "sort", "median", "norm", "cat", "stack", "concatenate",
    "unsqueeze", "squeeze", "flip", "chunk", "split", "repeat", "roll",
}  # fmt: skip
SYMMETRIC = {
    "max", "min", "maximum", "minimum", "zip", "allclose", "isclose", "equal", "array_equal", "gcd", "lcm", "hypot",
    "logaddexp", "transpose", "swapaxes", "isinstance", "print", "mse_loss", "einsum", "format", "union",
    "error", "getattr", "setattr", "hasattr", "partial", "map", "filter", "reduce", "cosine_similarity", "dot", "inner", "vdot",
}  # fmt: skip
EXEMPT_KEYWORDS = {"atol", "rtol", "tol", "eps", "seed", "dtype", "device", "generator"}
SMALL = 16  # an integer below this is mistaken by one, like an index; from here on, like a size, by a factor of two
SHOWN = 28  # characters of an operand that a description shows


@dataclass(frozen=True)
class Mutant:
    """One edit: ``source[start:end]`` becomes ``new``. ``change`` describes it.

    ``value`` is the literal that it changes in an assignment of nothing but literals (``n = 28``).
    """

    kind: str
    line: int
    change: str
    start: int
    end: int
    new: str
    value: float | None = None

    def apply(self, source: str) -> str:
        """The mutated program."""
        return source[: self.start] + self.new + source[self.end :]


def mutants(source: str) -> list[Mutant]:
    """All mutants of a program in source order, no two alike. Raises SyntaxError."""
    return _Mutator(source).all()


def reseeded(source: str, step: int) -> str:
    """The program with ``step`` added to every seed that it types in, so that two that differed still do."""
    program = Program(source)
    for node in sorted(_seeds(program.tree), key=program.span, reverse=True):
        start, end = program.span(node)
        source = f"{source[:start]}{node.value + step}{source[end:]}"
    return source


def seeds(source: str) -> list[int]:
    """The seeds that a program types in."""
    return [node.value for node in _seeds(ast.parse(source))]


def _seeds(tree: ast.AST) -> list[ast.Constant]:
    given = [
        value
        for call in _of(tree, ast.Call)
        if _called(call) in SEEDS
        for value in (*call.args[:1], *(k.value for k in call.keywords if k.arg == "seed"))
    ]
    return [value for value in given if isinstance(value, ast.Constant) and type(value.value) is int]


class Program:
    """A parsed program and what its assertions depend on, by name: flow and scopes are ignored, on the safe side."""

    def __init__(self, source: str):
        self.source = source
        self.tree = ast.parse(source)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}
        self.asserts = sorted(_of(self.tree, ast.Assert), key=lambda node: (node.lineno, node.col_offset))
        self._lines = source.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def offset(self, line: int, column: int) -> int:
        """The character offset of a line and a column in characters."""
        return self._starts[line - 1] + column

    def span(self, node: ast.AST) -> tuple[int, int]:
        """The character offsets of a node, whose own columns count bytes."""
        ends = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        start, end = (self.offset(line, len(self._lines[line - 1].encode()[:column].decode())) for line, column in ends)
        return start, end

    @cached_property
    def plotted(self) -> set[str]:
        """Names that hold figures, axes and what is handed out together with them."""
        names = set(PLOTTING)
        while True:
            before = len(names)
            for node in ast.walk(self.tree):
                value, targets = None, []
                if isinstance(node, ast.Assign):
                    value, targets = node.value, node.targets
                elif isinstance(node, (ast.For, ast.comprehension)):
                    value, targets = node.iter, [node.target]
                elif isinstance(node, ast.withitem) and node.optional_vars:
                    value, targets = node.context_expr, [node.optional_vars]
                if value is not None and names & set(_names(value)):
                    names |= {name for target in targets for name in _names(target)}
            if len(names) == before:
                return names

    @cached_property
    def canvas(self) -> set[str]:
        """Names that a plotting library's call is bound to: figures and axes, nothing else."""
        drawn = [n for n in _of(self.tree, ast.Assign) if isinstance(n.value, ast.Call) and _root(n.value) in PLOTTING]
        return {name for node in drawn for target in node.targets for name in _names(target)}

    def depends(self, roots: Iterable[ast.AST]) -> set[ast.stmt]:
        """The statements that bind or may change, directly or not, what ``roots`` read, and those that lead to them."""
        roots = list(roots)
        known, found = {name for root in roots for name in _names(root)}, set()
        carriers = set()  # functions and classes in which a root stands: whoever uses them decides as well

        def reach(node: ast.AST | None, carries: bool = True) -> None:
            while node is not None:
                if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
                    carriers.update({node.name} if carries else ())
                elif isinstance(node, ast.stmt):
                    known.update(name for part in _headers(node) for name in _names(part))
                    found.add(node)
                node = self.parents.get(node)

        for root in roots:
            while root is not None and not isinstance(root, ast.stmt):
                root = self.parents.get(root)
            reach(self.parents.get(root))
        while True:
            before = len(known), len(found), len(carriers)
            for node in ast.walk(self.tree):
                if not isinstance(node, ast.stmt) or node in found or isinstance(node, ast.Assert):
                    continue
                simple = not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef))
                calls = simple and bool(self._read(node) & carriers)
                if calls or self._binds(node) & known:
                    found.add(node)
                    known |= self._read(node)
                    if simple:
                        reach(self.parents.get(node), calls)
            if (len(known), len(found), len(carriers)) == before:
                return found

    def _read(self, node: ast.stmt) -> set[str]:
        body = isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef))
        return {name for part in ([node] if body else _headers(node)) for name in _names(part)}

    def _binds(self, node: ast.stmt) -> set[str]:
        """The names that a statement binds or may change; those of a compound statement's own header."""
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            return {node.name}
        if (
            isinstance(node, (ast.Return, ast.Raise))
            or isinstance(node, ast.Expr)
            and _of(node, (ast.Yield, ast.YieldFrom))
        ):
            return self._binds(owner) if (owner := self._owner(node)) else set()
        if isinstance(node, ast.Expr):
            calls = [call for call in _of(node, ast.Call)]
            if not calls or any(_root(call) == "print" for call in calls) or self.plotted & set(_names(node)):
                return set()
            return set(_names(node))  # a call may change whatever it is given
        found: set[str] = set()
        for part in _headers(node):
            for inner in ast.walk(part):
                if isinstance(inner, (ast.Name, ast.Attribute, ast.Subscript)) and isinstance(
                    inner.ctx, (ast.Store, ast.Del)
                ):
                    found |= set(_names(inner))
        return found

    def _owner(self, node: ast.AST) -> ast.FunctionDef | None:
        while node is not None and not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            node = self.parents.get(node)
        return node

    def shows(self, node: ast.stmt) -> bool:
        """Whether a simple statement prints, or works on a figure."""
        calls = _of(node, ast.Call)
        if isinstance(node, ast.Expr):
            return any(_root(call) == "print" or _root(call.func) in self.plotted for call in calls)
        return any(_root(call.func) in PLOTTING for call in calls)

    def drawing(self) -> list[tuple[int, int]]:
        """Where statements write figures on which no assertion depends: a mutant can do without them."""
        calls = [call for call in _of(self.tree, ast.Call) if _called(call) == "savefig"]
        found = [parent for call in calls if isinstance(parent := self.parents[call], ast.Expr)]
        needed = self.depends(node.test for node in self.asserts)
        return [self.span(node) for node in found if node not in needed]

    def computes(self, roots: list[ast.expr]) -> bool:
        """Whether anything is computed on the way to these expressions: a call, an operator, more than literals."""
        parts = [*roots, *(part for node in self.depends(roots) for part in _headers(node))]
        return any(_of(part, (ast.Call, ast.BinOp, ast.AugAssign, ast.ListComp, ast.GeneratorExp)) for part in parts)

    def lines(self, roots: Iterable[ast.AST]) -> set[int]:
        """The lines of everything that these nodes depend on, bodies of functions included."""
        return {
            line for node in self.depends(roots) for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        }


class _Mutator:
    def __init__(self, source: str):
        self.source, self.program = source, Program(source)
        self.tree, self.parents = self.program.tree, self.program.parents
        self.span = self.program.span
        self.tokens = [
            (self.program.offset(*t.start), t.string)
            for t in tokenize.generate_tokens(io.StringIO(source).readline)
            if t.type in (tokenize.OP, tokenize.NAME)
        ]
        self.relevant = self.program.depends(node.test for node in self.program.asserts)
        self.inputs = self._inputs()
        self.found: list[Mutant] = []

    def all(self) -> list[Mutant]:
        self._visit(self.tree, False)
        self.found.sort(key=lambda m: (m.start, m.end, KINDS.index(m.kind)))
        seen: dict[tuple[int, str], int] = {}
        for i, mutant in enumerate(self.found):  # two alike on one line are numbered
            count = seen[mutant.line, mutant.change] = seen.get((mutant.line, mutant.change), 0) + 1
            if count > 1:
                fields = mutant.__dict__ | {"change": f"{mutant.change} (no. {count})"}
                self.found[i] = Mutant(**fields)
        return self.found

    def text(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.source[start:end]

    # --- what is left alone

    def _visit(self, node: ast.AST, inside: bool) -> None:
        if isinstance(node, ast.stmt):
            if self._exempt(node):
                return
            self._drop(node)
        if isinstance(node, (ast.JoinedStr, ast.arg)):
            return
        if isinstance(node, ast.Call) and (_called(node) in SEEDS or _root(node) == "print"):
            return
        if isinstance(node, ast.keyword) and node.arg in EXEMPT_KEYWORDS:
            return
        if isinstance(node, ast.Subscript) and _root(node) in self.program.canvas:
            return
        if isinstance(node, ast.expr):
            inside = inside or node in self.inputs
            self._mutate(node, inside)
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "bases") and not isinstance(node, ast.Expr):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    self._visit(child, inside)

    def _exempt(self, node: ast.stmt) -> bool:
        if isinstance(node, (ast.Assert, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Pass)):
            return True
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return True
        if isinstance(node, (ast.Expr, ast.Assign)) and self.program.shows(node):
            return True
        if isinstance(node, ast.If) and "__name__" in _names(node.test):
            return True
        if isinstance(node, ast.AnnAssign) and node.value is None:
            return True
        if isinstance(node, (ast.Return, ast.Raise, ast.Break, ast.Continue, ast.Delete)):
            owner = self.program._owner(node)
            return owner is not None and owner not in self.relevant and self.parents.get(owner) is self.tree
        if node in self.relevant or _of(node, ast.Assert):
            return False
        return not any(inner in self.relevant for inner in ast.walk(node))

    # --- inputs

    def _inputs(self) -> set[ast.AST]:
        """The outermost nodes that only say which data or configuration a claim is tried on."""
        found: set[ast.AST] = set()
        for node in ast.walk(self.tree):
            values: list[ast.expr] = []
            if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
                values = [node.value, *(node.value.elts if isinstance(node.value, ast.Tuple) else ())]
            elif isinstance(node, (ast.For, ast.comprehension)):
                values = [node.iter]
                if isinstance(node.iter, ast.Call) and _called(node.iter) == "range":
                    values = list(node.iter.args)
                elif isinstance(node.iter, (ast.Tuple, ast.List)):
                    values += [
                        e
                        for inner in ast.walk(node.iter)
                        if isinstance(inner, (ast.Tuple, ast.List))
                        for e in inner.elts
                    ]
            elif isinstance(node, ast.Subscript) and getattr(node.value, "attr", "") in ALIKE:
                values = [node.slice]
            elif isinstance(node, ast.arguments):
                values = [*node.defaults, *(v for v in node.kw_defaults if v is not None)]
            elif isinstance(node, ast.Call):
                values = [k.value for k in node.keywords if k.arg not in ("axis", "dim", "keepdims", "keepdim")]
                if _called(node)[:1].isupper() or _called(node) in CREATORS:
                    values += node.args
                if _called(node) in SAMPLERS:
                    found.add(self._data(node))
            found |= {value for value in values if _literal(value)}
        return found

    def _data(self, node: ast.AST) -> ast.AST:
        """A sampling call with the arithmetic and the methods around it, up to a function that is given the data."""
        while True:
            parent = self.parents[node]
            method = isinstance(parent, ast.Attribute) or isinstance(parent, ast.Call) and parent.func is node
            if not method and not isinstance(
                parent,
                (
                    ast.BinOp,
                    ast.UnaryOp,
                    ast.Subscript,
                    ast.Tuple,
                    ast.Starred,
                    ast.GeneratorExp,
                    ast.List,
                    ast.Compare,
                ),
            ):
                return node
            node = parent

    # --- edits

    def _add(self, kind: str, node: ast.AST, new: str, change: str, inside: bool, value: float | None = None) -> None:
        start, end = self.span(node)
        lost = self.source.count("\n", start, end) - new.count("\n")
        if lost > 0:  # the lines below stay where they are
            new = new[:-1] + "\n" * lost + new[-1] if new.endswith(")") else new + "\n" * lost
        mutant = Mutant("input" if inside else kind, node.lineno, change, start, end, new, value)  # type: ignore[attr-defined]
        self.found.append(mutant)

    def _mutate(self, node: ast.expr, inside: bool) -> None:
        if isinstance(node, ast.BinOp):
            self._operator(node, inside)
        elif isinstance(node, ast.BoolOp):
            self._token("operator", node, node.values[0], node.values[1], *OPERATORS[type(node.op)], inside)
        elif isinstance(node, ast.UnaryOp):
            self._unary(node, inside)
        elif isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for left, op, right in zip(sides, node.ops, sides[1:], strict=False):
                if type(op) in COMPARISONS:
                    self._token("comparison", node, left, right, *COMPARISONS[type(op)], inside)
        elif isinstance(node, ast.Constant):
            self._constant(node, inside)
        elif isinstance(node, ast.Call):
            self._arguments(node, inside)
            self._filling(node, inside)

    def _operator(self, node: ast.BinOp, inside: bool) -> None:
        left, right = node.left, node.right
        if isinstance(node.op, ast.MatMult):
            if ast.dump(left) != ast.dump(right):
                a, b = self.text(left), self.text(right)
                self._add("operator", node, f"(({b}) @ ({a}))", f"`{_tail(a)} @ {_head(b)}` → operands swapped", inside)
            return
        if (
            type(node.op) not in OPERATORS
            or isinstance(left, (ast.JoinedStr, ast.List))
            or _is_text(left)
            or _is_text(right)
        ):
            return
        if isinstance(node.op, ast.Div) and _relative(node):
            return
        old, new = OPERATORS[type(node.op)]
        value = _value(right)
        if (
            value in NEUTRAL.get(type(node.op), ())
            or isinstance(node.op, (ast.Add, ast.Mult))
            and (_value(left) in NEUTRAL[type(node.op)] and isinstance(node.op, ast.Add))
        ):
            return
        swapped = next(kind for kind, (sign, _) in OPERATORS.items() if sign == new)
        if (before := _value(node)) is not None and before == _value(ast.BinOp(left, swapped(), right)):
            return
        self._token("operator", node, left, right, old, new, inside)

    def _unary(self, node: ast.UnaryOp, inside: bool) -> None:
        sign = {ast.USub: "-", ast.Not: "not", ast.Invert: "~"}.get(type(node.op))
        if sign is None or isinstance(node.operand, ast.Constant):
            return
        self._add(
            "operator", node, f"({self.text(node.operand)})", f"`{_head(self.text(node))}` → without `{sign}`", inside
        )

    def _token(
        self, kind: str, node: ast.expr, left: ast.expr, right: ast.expr, old: str, new: str, inside: bool
    ) -> None:
        """Replace the operator that stands between two operands; brackets keep the tree's shape."""
        low, high = self.span(left)[1], self.span(right)[0]
        position = next((at for at, string in self.tokens if low <= at < high and string == old), None)
        if position is None:
            return
        start, end = self.span(node)
        text = "(" + self.source[start:position] + new + self.source[position + len(old) : end] + ")"
        a, b = _tail(self.text(left)), _head(self.text(right))
        self._add(kind, node, text, f"`{a} {old} {b}` → `{new}`", inside)

    def _constant(self, node: ast.Constant, inside: bool) -> None:
        value, parent = node.value, self.parents[node]
        if isinstance(value, bool):
            self._add("constant", node, str(not value), self._change(node, not value), inside)
            return
        if not isinstance(value, (int, float)) or isinstance(value, float) and 0 < value <= TOLERANCE:
            return
        negative = isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.USub)
        whole = parent if negative else node
        signed = -value if negative else value
        if isinstance(signed, int) and self._axis(whole):
            other = {0: 1, -1: 0}.get(signed, signed - 1 if signed > 0 else signed + 1)
            self._add("axis", whole, str(other), self._change(whole, other), inside)
            return
        small = isinstance(value, int) and value < SMALL
        other = value + 1 if small else 2 * value or 1.0
        around = self.parents[whole]
        if isinstance(around, ast.BinOp) and (before := _value(around)) is not None:
            sides = [ast.Constant(other) if side is node else side for side in (around.left, around.right)]
            if before == _value(ast.BinOp(sides[0], around.op, sides[1])):
                return
        statement = whole
        while not isinstance(statement, ast.stmt):
            statement = self.parents[statement]
        plain = isinstance(statement, ast.Assign) and _literal(statement.value)
        self._add("constant", node, repr(other), self._change(node, other), inside, value if plain else None)

    def _axis(self, node: ast.expr) -> bool:
        parent = self.parents[node]
        if isinstance(parent, ast.keyword):
            return parent.arg in ("axis", "dim")
        if not isinstance(parent, ast.Call) or _called(parent) not in REDUCING or node not in parent.args:
            return False
        function = (
            isinstance(parent.func, ast.Attribute)
            and _root(parent.func) in MODULES
            and isinstance(parent.func.value, ast.Name)
        )
        if isinstance(parent.func, ast.Name):
            return False
        return parent.args.index(node) == (1 if function else 0)

    def _arguments(self, node: ast.Call, inside: bool) -> None:
        for keyword in node.keywords:
            name, value = keyword.arg, keyword.value
            if name in EXEMPT_KEYWORDS | {None} or name in ("axis", "dim") or _literal(value):
                continue
            (start, end), (low, high) = self.span(node), self.span(keyword)
            last = self.source[high:end].find(",")  # the comma behind it goes as well
            high += last + 1 if last >= 0 and not self.source[high : high + last].strip() else 0
            config = inside or _called(node)[:1].isupper()
            change = f"`{_called(node) or '…'}(…)` → without `{_head(self.text(keyword))}`"
            self._add("arguments", node, self.source[start:low] + self.source[high:end], change, config)
        if len(node.args) < 2 or any(isinstance(a, ast.Starred) for a in node.args[:2]) or _called(node) in SYMMETRIC:
            return
        first, second = node.args[:2]
        a, b = self.text(first), self.text(second)
        if ast.dump(first) == ast.dump(second) or _literal(first) and _literal(second) and inside:
            return
        start, end = self.span(node)
        (s1, e1), (s2, e2) = self.span(first), self.span(second)
        new = self.source[start:s1] + b + self.source[e1:s2] + a + self.source[e2:end]
        self._add(
            "arguments", node, new, f"`{_called(node) or '…'}({_head(a)}, {_head(b)})` → arguments swapped", inside
        )

    def _filling(self, node: ast.Call, inside: bool) -> None:
        """Zeros where ones were, and the reverse; one value where there was chance."""
        old = _called(node)
        if old not in FILLINGS or not isinstance(node.func, ast.Attribute):
            return
        start, end = self.span(node)
        func = self.span(node.func)[1] - len(old)
        new = self.source[start:func] + FILLINGS[old] + self.source[func + len(old) : end]
        inside = inside or any(k.arg == "dtype" and self.text(k.value).endswith("long") for k in node.keywords)  # ids
        self._add("constant", node, new, f"`{_head(self.text(node))}` → `{FILLINGS[old]}`", inside)

    def _drop(self, node: ast.stmt) -> None:
        inside = (
            any(_called(call) in SAMPLERS for call in _of(node, ast.Call)) or getattr(node, "value", 0) in self.inputs
        )
        if isinstance(node, ast.Expr):
            calls = [call for call in _of(node, ast.Call)]
            names = {_called(call) for call in calls}
            if not calls or names & (SEEDS | HOUSEKEEPING) or _of(node, (ast.Yield, ast.YieldFrom)):
                return
        elif isinstance(node, ast.Assign):
            if not all(self._updates(node.value, target) for target in node.targets):
                return
        elif not isinstance(node, (ast.AugAssign, ast.Continue)):
            return
        self._add("dropped", node, "pass", f"`{_head(' '.join(self.text(node).split()), 60)}` → dropped", inside)

    def _updates(self, value: ast.expr, target: ast.expr) -> bool:
        """Whether an assignment changes something that exists: a part of an object, or a name that it reads itself.

        Any other binding can't be left out, or would leave an older value of a name that is used for two things.
        """
        if isinstance(target, (ast.Tuple, ast.List)):
            return any(self._updates(value, part) for part in target.elts)
        if isinstance(target, ast.Name):
            return target.id in set(_names(value))
        return isinstance(target, (ast.Attribute, ast.Subscript))

    def _change(self, node: ast.AST, new: object) -> str:
        parent = self.parents[node]
        while isinstance(parent, (ast.UnaryOp, ast.keyword, ast.Slice, ast.arguments)):
            parent = self.parents[parent]
        return f"`{self.text(node)}` → `{new}` in `{_head(self.text(parent), 2 * SHOWN)}`"


def _headers(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a statement without the statements inside it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)):
            yield child


def _of(node: ast.AST, kinds: type | tuple[type, ...]) -> list:
    return [inner for inner in ast.walk(node) if isinstance(inner, kinds)]


def _names(node: ast.AST) -> Iterator[str]:
    """Names and attributes (with a dot before them) in an expression or statement; modules' own are left out."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            if inner.id not in MODULES:
                yield inner.id
        elif isinstance(inner, ast.Attribute) and not isinstance(inner.value, ast.Name):
            continue
        elif isinstance(inner, ast.Attribute) and inner.value.id == "self":
            yield f".{inner.attr}"


def _relative(node: ast.BinOp) -> bool:
    """Whether a quotient is a relative error: a size of a difference over a size; multiplied, zero stays zero."""
    sizes = {"norm", "max", "sum", "mean", "abs", "amax"}
    both = all(any(_called(call) in sizes for call in _of(side, ast.Call)) for side in (node.left, node.right))
    return both and any(isinstance(inner.op, (ast.Sub, ast.Add)) for inner in _of(node.left, ast.BinOp))


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _root(node: ast.AST) -> str:
    """The name at the left end of a chain of attributes, calls and subscripts."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return getattr(node, "id", "")


def _literal(node: ast.AST) -> bool:
    """Whether an expression is made of literals and arithmetic on them alone."""
    allowed = (
        ast.Constant,
        ast.Tuple,
        ast.List,
        ast.Set,
        ast.Dict,
        ast.UnaryOp,
        ast.BinOp,
        ast.operator,
        ast.unaryop,
        ast.expr_context,
    )
    return all(isinstance(inner, allowed) for inner in ast.walk(node))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))


def _value(node: ast.AST) -> float | None:
    """The number that an arithmetic expression of literals has, or None."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _value(node.operand)
        return None if value is None else -value
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        left, right = _value(node.left), _value(node.right)
        if left is None or right is None or isinstance(node.op, ast.Pow) and abs(right) > 64:
            return None
        try:
            return ARITHMETIC[type(node.op)](left, right)
        except ArithmeticError:
            return None
    return None


def _head(text: str, width: int = SHOWN) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def _tail(text: str, width: int = SHOWN) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else "…" + text[1 - width :].lstrip()
