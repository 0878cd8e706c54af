"""Independent, costly calls one after the other.

## What it does
Finds a comprehension or an append loop that calls a pure function of the project once per item, with nothing
carried from one call to the next, and maps it over the cores with a `ProcessPoolExecutor`.

## Why it is slow
One call after the other uses one core. Calls that depend on nothing but their own arguments can run side by side.

## When it is not the same
Results come in the same order, and the first exception by position is the one raised, but the calls after it
have run by then, and its traceback ends at the pool. Arguments and results are pickled: they must be plain data, and the
function a module-level one that changes nothing outside of itself. Where workers are started by `spawn` (Windows,
macOS) or `forkserver` (Linux from Python 3.14), the program's own entry needs `if __name__ == "__main__"`.

## When it is not faster
A call has to cost well above 0.5 ms, and all of them well above the 10 to 100 ms that a pool needs to start. The
rule asks the profile for both, and is silent where they are known to be too small.

## References
Python documentation, `concurrent.futures`; measured costs: 107 us per task at chunk size 1, start-up of two
workers 6 ms (fork), 49 ms (forkserver), 65 ms (spawn).
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
    Hotness,
    Match,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    needs,
)

LEAST_CALL, LEAST_TOTAL = 0.0005, 0.3

PLAIN = ("int", "float", "bool", "str", "bytes", "complex", "NoneType", "list", "tuple", "dict", "set", "frozenset",
         "numpy.ndarray")  # fmt: skip

RULE = Rule(
    code="PA301",
    name="independent-calls-in-loop",
    message="calls of `{function}` do not depend on each other, but run one after the other on one core",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=(
        "after an exception the calls behind it have run, and its traceback ends at the pool",
        'where workers are spawned (Windows, macOS) the program needs `if __name__ == "__main__"`',
    ),
    imports=("concurrent.futures.ProcessPoolExecutor", "itertools.repeat"),
    examples=(
        Example(
            before="""
def collatz(start: int) -> int:
    steps = 0
    while start != 1:
        start = start // 2 if start % 2 == 0 else 3 * start + 1
        steps += 1
    return steps


def lengths(starts: list[int]) -> list[int]:
    return [collatz(start) for start in starts]
""",
            after="""from concurrent.futures import ProcessPoolExecutor

def collatz(start: int) -> int:
    steps = 0
    while start != 1:
        start = start // 2 if start % 2 == 0 else 3 * start + 1
        steps += 1
    return steps


def lengths(starts: list[int]) -> list[int]:
    with ProcessPoolExecutor() as executor:
        return list(executor.map(collatz, starts))
""",
            applicability=UNSAFE,
            hot="lengths",
        ),
    ),
    silent=(
        Silent(
            "SEEN = []\n\n\ndef f(x: int) -> int:\n    SEEN.append(x)\n    return x\n\n\n"
            "def g(xs: list[int]) -> list[int]:\n    return [f(x) for x in xs]\n",
            why="the function changes a global: in a worker that change is lost",
        ),
        Silent(
            "def g(xs: list[int]) -> list[str]:\n    return [str(x) for x in xs]\n",
            why="a builtin costs far less than sending its argument",
        ),
        Silent(
            "def g(xs: list[int]) -> list[int]:\n    def f(x: int) -> int:\n        return x + 1\n"
            "    return [f(x) for x in xs]\n",
            why="a nested function cannot be pickled",
        ),
        Silent(
            "import random\n\n\ndef f(x: int) -> float:\n    return x * random.random()\n\n\n"
            "def g(xs: list[int]) -> list[float]:\n    return [f(x) for x in xs]\n",
            why="each worker has a random stream of its own",
        ),
    ),
    bench=Bench(
        setup="from concurrent.futures import ProcessPoolExecutor\nxs = [range(200_000)] * n",
        before="[sum(x) for x in xs]",
        after="with ProcessPoolExecutor() as executor:\n    list(executor.map(sum, xs))",
        sizes=(16, 64, 256),
        losing="xs = [range(10)] * n",
    ),
)


def see(view: View) -> Iterator[Match]:
    for comp in view.walk(cst.ListComp):
        loop = comp.for_in
        place = view.statement(comp)
        if isinstance(comp.elt, cst.Call) and loop.inner_for_in is None and not loop.ifs and loop.asynchronous is None:
            if _is_whole_value(view, comp):
                yield from _match(view, comp.elt, loop.target, loop.iter, place, comp)
    for node in view.walk(cst.For):
        call = _appended(node)
        if call is not None and node.orelse is None and node.asynchronous is None:
            yield from _match(view, call, node.target, node.iter, node, node)


def change(match: Match, view: View) -> Rewrite:
    call, place, items = match.captures["call"], match.captures["place"], match.captures["items"]
    executor = view.fresh("executor")
    target = match.captures["target"].value
    repeated = [a.value for a in call.args if not (isinstance(a.value, cst.Name) and a.value.value == target)]
    repeat = view.name_of("itertools.repeat")
    columns = [view.code(items) if a.value not in repeated else f"{repeat}({view.code(a.value)})" for a in call.args]
    mapped = f"{executor}.map({view.code(call.func)}, {', '.join(columns)})"
    if isinstance(place, cst.For):
        inside = f"{match.captures['out']}.extend({mapped})"
    else:
        inside = view.code(place).replace(view.code(match.node), f"list({mapped})")
    pool = view.name_of("concurrent.futures.ProcessPoolExecutor")
    code = f"with {pool}() as {executor}:\n    {inside}"
    imports = RULE.imports if repeated else RULE.imports[:1]
    return Rewrite((Replacement.of(place, code),), imports=imports)


def _match(
    view: View, call: cst.Call, target: cst.CSTNode, items: cst.BaseExpression, place: cst.CSTNode, node: cst.CSTNode
) -> Iterator[Match]:
    function = view.facts.qualified_name(call.func)
    if not isinstance(target, cst.Name) or not isinstance(call.func, cst.Name) or function is None:
        return
    if function.startswith("builtins.") or not _maps(call, target.value):
        return
    out = view.code(place.body.body[0]).split(".append", 1)[0] if isinstance(place, cst.For) else ""
    invariant = [a.value for a in call.args if not _is_name(a.value, target.value)]
    yield Match(
        node,
        captures={"function": call.func, "call": call, "target": target, "items": items, "place": place, "out": out},
        needs=(
            needs.is_type(view, items, "list", "tuple", "range", "set", "dict"),
            needs.holds(_is_module_level(view, call.func), f"`{call.func.value}` is a function of a module"),
            needs.is_pure(view, call),
            *(needs.is_type(view, value, *PLAIN) for value in invariant),
            *(needs.is_invariant(view, value, node) for value in invariant),
            needs.costs_at_least(view, call, LEAST_CALL, LEAST_TOTAL),
        ),
    )


def _appended(loop: cst.For) -> cst.Call | None:
    """The call `f(x)` of a loop whose body is `out.append(f(x))`."""
    body = loop.body.body
    line = body[0] if len(body) == 1 else None
    expr = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
    outer = expr.value if isinstance(expr, cst.Expr) else None
    if not (
        isinstance(outer, cst.Call) and isinstance(outer.func, cst.Attribute) and outer.func.attr.value == "append"
    ):
        return None
    inner = outer.args[0].value if len(outer.args) == 1 else None
    return inner if isinstance(inner, cst.Call) and isinstance(outer.func.value, cst.Name) else None


def _maps(call: cst.Call, target: str) -> bool:
    """Whether the arguments are plain and the item is one of them, not part of one."""
    plain = all(a.keyword is None and not a.star for a in call.args)
    return plain and sum(_is_name(a.value, target) for a in call.args) >= 1


def _is_name(expr: cst.BaseExpression, name: str) -> bool:
    return isinstance(expr, cst.Name) and expr.value == name


def _is_whole_value(view: View, comp: cst.ListComp) -> bool:
    return isinstance(view.parent(comp), cst.Return | cst.Assign)


def _is_module_level(view: View, func: cst.Name) -> bool:
    return view.facts.scope(func.value) in ("global", "import")
