"""A lambda that `map` or `filter` calls for each item.

## What it does
Finds `list(map(lambda x: ..., xs))`, `list(filter(lambda x: ..., xs))` and `set(map(lambda ...))`, and writes the
comprehension.

## Why it is slow
A Python call per item; the comprehension evaluates the expression in place.

## When it is not the same
It is the same for one iterable and a lambda of one plain parameter. A StopIteration that the lambda raises ends
`map`, and goes through a comprehension.

## When it is not faster
Always faster; from Python 3.12 on comprehensions are not even functions of their own.

## References
ruff C417, PLW0108.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    SAFE,
    UNSAFE,
    Bench,
    Example,
    Match,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    needs,
    parenthesised,
)

BRACKETS = {"builtins.list": "[]", "builtins.set": "{}"}
WEAK = (cst.IfExp, cst.Lambda, cst.NamedExpr)

STOPS = ("a StopIteration from the function ends `map` silently",)

RULE = Rule(
    code="PA906",
    name="lambda-mapped",
    message="`{name}` calls a lambda for each item",
    cure="write a comprehension",
    examples=(
        Example(
            before="""
def f(xs: list[int], k: int) -> list[int]:
    return list(map(lambda x: x * k + 1, xs)) + list(filter(lambda x: x > k, xs))
""",
            after="""
def f(xs: list[int], k: int) -> list[int]:
    return [x * k + 1 for x in xs] + [x for x in xs if x > k]
""",
            generated={"xs": "list[int]", "k": "int"},
        ),
        Example(
            before="""
def f(words: list[str]) -> set[str]:
    return set(map(lambda w: w.lower(), words if words else "none"))
""",
            after="""
def f(words: list[str]) -> set[str]:
    return {w.lower() for w in (words if words else "none")}
""",
            generated={"words": "list[str]"},
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("def f(xs):\n    return list(map(str, xs))\n", why="a function in C: `map` is as fast"),
        Silent("def f(xs):\n    return map(lambda x: x + 1, xs)\n", why="lazy: the caller may take a part only"),
        Silent(
            "def f(xs, ys):\n    return list(map(lambda x, y: x + y, xs, ys))\n",
            why="two iterables end with the shorter",
        ),
        Silent("def f(xs):\n    return list(map(lambda x=1: x, xs))\n", why="a parameter with a default"),
        Silent("def f(xs):\n    return list(map(lambda x: (yield x), xs))\n", why="a generator function"),
        Silent("def f(xs):\n    return list(map(lambda x: next(x), xs))\n", why="StopIteration would end the map only"),
        Silent(
            "class A:\n    k = 2\n    ys = list(map(lambda x: x, [k]))\n"
            "    zs = list(map(lambda x: x + len(__name__), ys))\n",
            why="names of a class body are not seen in a comprehension as in a lambda",
        ),
    ),
    bench=Bench(
        setup="xs = list(range(n))",
        before="list(map(lambda x: x + 1, xs))",
        after="[x + 1 for x in xs]",
        sizes=(10, 1000, 100_000),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        maker = BRACKETS.get(view.facts.qualified_name(call.func) or "")
        inner = call.args[0].value if len(call.args) == 1 and not call.args[0].star else None
        name = view.facts.qualified_name(inner.func) if isinstance(inner, cst.Call) else None
        if maker is None or name not in ("builtins.map", "builtins.filter") or not isinstance(inner, cst.Call):
            continue
        function = inner.args[0].value if len(inner.args) == 2 else None
        simple = isinstance(function, cst.Lambda) and _is_simple(function)
        if simple and isinstance(function, cst.Lambda) and not any(arg.star or arg.keyword for arg in inner.args):
            captures = {
                "name": name.partition(".")[2],
                "brackets": maker,
                "function": function,
                "items": inner.args[1].value,
            }
            outside = not any(isinstance(holder, cst.ClassDef) for holder in view.ancestors(call))
            known = needs.holds(outside and not view.hot.is_module, "it stands in a function")
            stops = _calls(view, function.body)
            yield Match(call, captures, (known,), STOPS if stops else (), UNSAFE if stops else SAFE)


def change(match: Match, view: View) -> Rewrite:
    function, items = match.captures["function"], match.captures["items"]
    item = function.params.params[0].name.value
    body = view.code(function.body)
    source = parenthesised(view.code(items)) if isinstance(items, WEAK) else view.code(items)
    if match.captures["name"] == "filter":
        test = parenthesised(body) if isinstance(function.body, WEAK) else body
        code = f"{item} for {item} in {source} if {test}"
    else:
        element = parenthesised(body) if isinstance(function.body, cst.Tuple) else body
        code = f"{element} for {item} in {source}"
    opening, closing = match.captures["brackets"]
    return Rewrite((Replacement.of(match.node, f"{opening}{code}{closing}"),))


def _is_simple(function: cst.Lambda) -> bool:
    """Whether the lambda has one plain parameter, and its body neither waits nor takes from an iterator."""
    params = function.params
    one = len(params.params) == 1 and len(params.children) == 1 and params.params[0].default is None
    return one and not _holds(function.body)


def _calls(view: View, node: cst.CSTNode) -> bool:
    """Whether it calls anything but builtins: what that raises is not known."""
    if isinstance(node, cst.Call) and not (view.facts.qualified_name(node.func) or "").startswith("builtins."):
        return True
    return any(_calls(view, child) for child in node.children)


def _holds(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Yield | cst.Await | cst.NamedExpr | cst.Lambda):
        return True
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) and node.func.value == "next":
        return True
    return any(_holds(child) for child in node.children)
