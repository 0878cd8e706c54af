"""A container copied only to be handed to what makes a container of its own.

## What it does
Finds `sorted(list(xs))`, `set(list(xs))`, `set(sorted(xs))`, `list(sorted(xs))`, `sum(list(xs))` and the like, as well
as `for x in list(xs)` over what the loop cannot change, and leaves the inner or the outer call out; and
`set([...])`, `tuple([...])`, `list((...))` of a display, which it writes as a display.

## Why it is slow
All references are copied, or even sorted, a second time: O(n) time and memory for nothing.

## When it is not the same
It is the same: what is left out is read once and thrown away. The rule asks for containers as `xs`: an iterator that
raises half-way would leave the same, but one that looks at the result meanwhile would not. `set(sorted(xs))` would
raise for items that cannot be ordered; the rule asks for texts or numbers.

## When it is not faster
Always faster; little for few items.

## References
ruff C409, C410, C405, C413, C414; measured: 1.1x to 1.5x, 3x to 12x for displays.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    Bench,
    Example,
    Match,
    Need,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    is_consumed_at_once,
    match_pattern,
    needs,
)

HEAD = "def f(xs: list[int]):\n    return "
_COPIERS = ("list", "tuple", "set", "frozenset", "sorted")
_TAKERS = ("sorted", "list", "tuple", "set", "frozenset", "sum", "min", "max")

RULE = Rule(
    code="PA912",
    name="copy-for-copier",
    message="{outer} gets a copy of `{items}` made for it alone",
    cure="leave the copy out",
    examples=(
        Example(
            before=f"{HEAD}sorted(list(xs)), sum(tuple(xs)), sorted(list(xs), reverse=True)\n",
            after=f"{HEAD}sorted(xs), sum(xs), sorted(xs, reverse=True)\n",
            generated={"xs": "list[int]"},
        ),
        Example(
            before=f"{HEAD}set(sorted(xs)), list(sorted(xs))\n",
            after=f"{HEAD}set(xs), sorted(xs)\n",
            generated={"xs": "list[int]"},
        ),
        Example(
            before="def f(a: int):\n    return set([ 1, 2, 3 ]), tuple([a, 2]), list((a, a))\n",
            after="def f(a: int):\n    return {1, 2, 3}, (a, 2), [a, a]\n",
            generated={"a": "int"},
        ),
        Example(
            before="def f(d: dict[str, int]) -> int:\n    n = 0\n    for key in list(d):\n        n += d[key]\n"
            "    return n\n",
            after="def f(d: dict[str, int]) -> int:\n    n = 0\n    for key in d:\n        n += d[key]\n    return n\n",
            generated={"d": "dict[str, int]"},
        ),
    ),
    silent=(
        Silent(
            "def f(xs: list[int]):\n    for x in list(xs):\n        if x > 3:\n            xs.remove(x)\n",
            why="the loop changes the list that it goes over",
        ),
        Silent(
            "def f(xs: list[tuple[int, int]]):\n    pairs = set(xs)\n"
            "    pairs.update((b, a) for a, b in list(pairs))\n    return pairs\n",
            why="`update` changes the set while the generator goes over it",
        ),
        Silent(
            "def f(xs: list[int]):\n    for x in list(xs):\n        yield x\n",
            why="the caller may change the list between two items",
        ),
        Silent("def f(xs):\n    return sorted(list(xs))\n", why="xs may be an iterator that looks around"),
        Silent(f"{HEAD}sorted(set(xs)), list(set(xs)), len(list(xs))\n", why="a set drops what is there twice"),
        Silent("def f(xs: list[object]):\n    return set(sorted(xs))\n", why="sorting may raise"),
        Silent(f"{HEAD}tuple(sorted(xs))\n", why="the order is kept in another type"),
        Silent("def f(xs: list[int]):\n    return set([*xs, 1])\n", why="not a plain display"),
        Silent(f"{HEAD}sorted(list(xs), key=lambda x: -x)\n", why="the key may look at the list"),
    ),
    bench=Bench(
        setup="xs = [i * 7919 % 10007 for i in range(n)]",
        before="set(list(xs)); sorted(list(xs)); list(sorted(xs))",
        after="set(xs); sorted(xs); sorted(xs)",
        sizes=(10, 1000, 100_000),
    ),
)
_BRACKETS = {"set": "{{{}}}", "tuple": "({})", "list": "[{}]"}


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        outer = _name(view, call, _TAKERS)
        inner = call.args[0].value if outer and call.args and not call.args[0].star else None
        if isinstance(inner, cst.List | cst.Tuple) and len(call.args) == 1:
            yield from _display(call, outer, inner)
        elif isinstance(inner, cst.Call) and len(inner.args) == 1 and not inner.args[0].keyword:
            copier, items = _name(view, inner, _COPIERS), inner.args[0].value
            if copier and (copied := _left_out(call, inner, outer, copier)) is not None:
                by = items if copied is inner else inner
                captures = {"outer": f"`{outer}`", "items": items, "left_out": copied, "by": by}
                yield Match(call, captures, tuple(_needs(view, items, copier, copied is inner)))

    loops: list[cst.For | cst.CompFor] = [*view.walk(cst.For), *view.walk(cst.CompFor)]
    for loop in loops:
        bound = match_pattern("list($items)", loop.iter, view.facts) or match_pattern(
            "tuple($items)", loop.iter, view.facts
        )
        source = bound["items"] if bound else None
        if isinstance(source, cst.Name | cst.Attribute):
            whole: cst.CSTNode = loop
            while isinstance(whole, cst.CompFor):
                whole = view.parent(whole) or view.slice.node
            if isinstance(whole, cst.GeneratorExp) and not is_consumed_at_once(view, whole):
                continue  # what runs it item by item may change the items meanwhile
            captures = {"outer": "the loop", "items": source, "left_out": loop.iter, "by": source}
            kept = needs.is_invariant(view, source, whole)
            yield Match(loop.iter, captures, (*_needs(view, source, "list", True), kept))


def change(match: Match, view: View) -> Rewrite:
    code = view.code(match.captures["by"])
    if form := match.captures.get("form"):
        code = form.format(code[1:-1].lstrip(" ").rstrip().removesuffix(","))
    return Rewrite((Replacement.of(match.captures["left_out"], code),))


def _name(view: View, call: cst.Call, names: tuple[str, ...]) -> str:
    """The builtin of these that is called; "" for anything else."""
    name = (view.facts.qualified_name(call.func) or "").removeprefix("builtins.")
    return name if name in names and view.facts.is_called(call, f"builtins.{name}").holds else ""


def _left_out(call: cst.Call, inner: cst.Call, outer: str, copier: str) -> cst.Call | None:
    """Which of both calls does nothing for the result; None where both do."""
    plain = all(arg.keyword is not None and arg.keyword.value == "reverse" for arg in call.args[1:])
    if outer == "list" and copier == "sorted" and len(call.args) == 1:
        return call
    if copier in ("list", "tuple"):
        return inner if plain else None
    if copier == "sorted":
        return inner if outer in ("set", "frozenset", "sorted") and plain else None
    return inner if outer == copier or {outer, copier} == {"set", "frozenset"} else None


def _display(call: cst.Call, outer: str, inner: cst.List | cst.Tuple) -> Iterator[Match]:
    """`set([1, 2])` and its likes; a list made of a list, or a tuple of a tuple, may be meant as a copy."""
    plain = inner.elements and all(isinstance(e, cst.Element) for e in inner.elements)
    other = outer == "set" or (outer == "tuple" and isinstance(inner, cst.List)) or isinstance(inner, cst.Tuple)
    bracketed = isinstance(inner, cst.List) and inner.lpar
    if plain and other and outer in _BRACKETS and outer != type(inner).__name__.lower() and not bracketed:
        form = "({},)" if outer == "tuple" and len(inner.elements) == 1 else _BRACKETS[outer]
        yield Match(call, {"outer": f"`{outer}`", "items": inner, "left_out": call, "by": inner, "form": form})


def _needs(view: View, items: cst.BaseExpression, copier: str, inner: bool) -> Iterator[Need]:
    if not inner:
        return
    yield needs.is_type(view, items, "list", "tuple", "set", "frozenset", "dict", "range", "str")
    if copier == "sorted":
        yield needs.has_elements(view, items, "int", "str", "bytes")
