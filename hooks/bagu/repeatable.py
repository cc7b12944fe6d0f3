"""What a reader who runs a program by hand wouldn't find again: times, and draws that the build alone seeds."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Fault = tuple[int, str]  # a line and what is wrong there

_CLOCK = {"now", "utcnow", "today", "ctime", "asctime", "localtime", "gmtime", "strftime"}
_SECONDS = {"time", "time_ns"}
_TIMER = {"perf_counter", "perf_counter_ns", "monotonic", "monotonic_ns", "process_time", "process_time_ns", "timeit"}
# What draws from a global generator, by its module, and what seeds that.
_DRAWS = {
    "random": set(
        "random randint randrange choice choices shuffle sample uniform triangular betavariate expovariate gammavariate "
        "gauss lognormvariate normalvariate vonmisesvariate paretovariate weibullvariate getrandbits randbytes".split()
    ),
    "numpy.random": set(
        "rand randn randint random random_sample ranf sample bytes choice shuffle permutation beta binomial chisquare "
        "dirichlet exponential gamma geometric gumbel laplace lognormal multinomial multivariate_normal normal pareto "
        "poisson standard_normal standard_t uniform vonmises weibull zipf".split()
    ),
    "torch": set(
        "rand rand_like randn randn_like randint randint_like randperm normal bernoulli multinomial poisson".split()
    ),
    "torch.nn": set(
        "Linear Bilinear Embedding EmbeddingBag Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d RNN LSTM GRU RNNCell "
        "LSTMCell GRUCell MultiheadAttention Transformer TransformerEncoderLayer TransformerDecoderLayer".split()
    ),
    "torch.nn.init": set(
        "uniform_ normal_ trunc_normal_ xavier_uniform_ xavier_normal_ kaiming_uniform_ kaiming_normal_ orthogonal_ sparse_".split()
    ),
}  # fmt: skip
_SEED = {"random": "random.seed(0)", "numpy": "np.random.seed(0)", "torch": "torch.manual_seed(0)"}
_SEEDS = {
    "random.seed": "random",
    "numpy.random.seed": "numpy",
    "torch.manual_seed": "torch",
    "torch.random.manual_seed": "torch",
}
_SETS = {"copy_", "load_state_dict"}  # what a program gives a layer's weights their values with
_GENERATORS = {"random.Random", "numpy.random.default_rng", "numpy.random.RandomState"}


def clocks(tree: ast.Module) -> Iterator[Fault]:
    """What reads the clock of the day, and what prints a duration; to tell which of two was shorter isn't to print it."""
    timed: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner, name = ast.unparse(node.func.value), node.func.attr
            if name in _CLOCK and owner in ("time", "datetime", "datetime.datetime", "datetime.date", "date"):
                yield node.lineno, f"`{owner}.{name}` differs at every run; take a fixed date"
            elif name in _SECONDS and owner == "time":
                message = f"`time.{name}` is the clock of the day; take `time.perf_counter()` to compare two durations, and print which was shorter, no duration"
                yield node.lineno, message
        if isinstance(node, ast.Assign) and (
            _lasts(node.value, timed) or ast.unparse(node.value).startswith("time.time")
        ):
            timed |= {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            if _lasts(node, timed):
                message = 'a duration is printed, and differs at every run; print a comparison, such as `print("a is faster:", a < b)`'
                yield node.lineno, message


def _lasts(node: ast.AST, timed: set[str]) -> bool:
    """Whether an expression shows a time: that of a timer, or of a name that has one."""
    shown = [*_shown(node)]
    calls = {_name(part) for part in shown if isinstance(part, ast.Call)}
    return bool(calls & _TIMER or timed & {part.id for part in shown if isinstance(part, ast.Name)})


def _shown(node: ast.AST) -> Iterator[ast.AST]:
    """What below a node its text is made of: not what is only compared, or only decides between two texts."""
    if isinstance(node, ast.Compare):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.IfExp) and child is node.test):
            yield from _shown(child)


def _name(call: ast.Call) -> str:
    return getattr(call.func, "attr", None) or getattr(call.func, "id", "")


def draws(tree: ast.Module) -> Iterator[Fault]:
    """Draws from a generator that nothing has seeded. The build seeds it with 0; by hand each run draws others.

    A generator of the program's own, handed on as a variable or by ``generator=``, is looked at where it is made.
    Inside functions the order of calls isn't known; there any seed of the program counts. A layer's first weights don't
    count where the program sets weights itself, nor where there are only shapes (the device meta).
    """
    names = _imported(tree)
    seeded: dict[str, int] = {}
    shapes = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.With) and "meta" in ast.unparse(node.items[0])
        for line in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    calls = [(node, inside, _full(node.func, names)) for node, inside in _calls(tree, False)]
    for node, inside, full in calls:
        library = _SEEDS.get(full, "")
        if library and node.args or full.endswith("set_seed"):
            for known in [library] if library else _SEED:
                seeded[known] = min(seeded.get(known, node.lineno), 0 if inside else node.lineno)
    own_weights = any(full.startswith("torch.nn.init.") or _name(node) in _SETS for node, _, full in calls)
    for node, inside, full in calls:
        module, _, name = full.rpartition(".")
        library = module.partition(".")[0]
        if full in _GENERATORS:
            if not node.args and not node.keywords:
                message = (
                    f"`{ast.unparse(node)}` differs at every run by hand; give it a seed, `{ast.unparse(node.func)}(0)`"
                )
                yield node.lineno, message
        elif name in _DRAWS.get(module, ()) and not any(k.arg == "generator" for k in node.keywords):
            first = seeded.get(library)
            drawn = first is None or (not inside and node.lineno < first)
            if drawn and not (module == "torch.nn" and (own_weights or node.lineno in shapes)):
                before = " before it is seeded" if first is not None else " without a seed"
                message = f"`{ast.unparse(node.func)}` draws{before}: the build seeds it, a reader's run draws others; write `{_SEED[library]}` above"
                yield node.lineno, message


def _calls(node: ast.AST, inside: bool) -> Iterator[tuple[ast.Call, bool]]:
    """All calls, each with whether it stands inside a function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            yield child, inside
        yield from _calls(child, inside or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)))


def _imported(tree: ast.Module) -> dict[str, str]:
    """{name in the program: the module or function that it stands for}."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {
                a.asname or a.name.partition(".")[0]: a.name if a.asname else a.name.partition(".")[0]
                for a in node.names
            }
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _full(node: ast.expr, names: dict[str, str]) -> str:
    """``np.random.rand`` as ``numpy.random.rand``; "" for what isn't reached from an imported name."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return ""
    return ".".join([names[node.id], *reversed(parts)])
