"""Items looked up in a set by a loop in Python.

## What it does
Finds `any(x in known for x in items)`, `all(x in known for x in items)` and `{x for x in items if x in known}` where
`known` is a set, and writes `not known.isdisjoint(items)`, `known.issuperset(items)` and `known.intersection(items)`;
and the same with `not in`.

## Why it is slow
A turn of the interpreter's loop, and of a generator, per item; the methods of a set do the same look-ups in C, and
stop as early.

## When it is not the same
It is the same for hashable items: the methods look up the same hashes in the same order. An item that is a set itself
is found as a frozenset by `in` only; the rule asks for items that hash as they compare.

## When it is not faster
Where the first item decides, both take the same time.

## References
Python documentation, `set.isdisjoint`, `set.issuperset`; measured: 3.5x for `all` over 100 items, 6x to 14x for `any`.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    Bench,
    Example,
    Match,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    fit_in,
    is_membership,
    match_pattern,
    needs,
    same_code,
)

HEAD = "def f(xs: list[int], known: set[int]) -> bool:\n    return "
SETS = "def f(xs: list[int], known: set[int]) -> set[int]:\n    return "

RULE = Rule(
    code="PA531",
    name="set-tested-item-by-item",
    message="the items of `{items}` are looked up in the set `{known}` one by one in Python",
    cure="let the set do it",
    examples=(
        Example(
            before=f"{HEAD}any(x in known for x in xs)\n",
            after=f"{HEAD}not known.isdisjoint(xs)\n",
            calls=("f([1, 2], {2})", "f([], {2})"),
            generated={"xs": "list[int]", "known": "set[int]"},
        ),
        Example(
            before=f"{HEAD}all([x in known for x in xs])\n",
            after=f"{HEAD}known.issuperset(xs)\n",
            generated={"xs": "list[int]", "known": "set[int]"},
        ),
        Example(
            before=f"{HEAD}not any(x not in known for x in xs) and all(x not in known for x in xs)\n",
            after=f"{HEAD}known.issuperset(xs) and known.isdisjoint(xs)\n",
            generated={"xs": "list[int]", "known": "set[int]"},
        ),
        Example(
            before=f"{SETS}{{x for x in xs if x in known}}\n",
            after=f"{SETS}known.intersection(xs)\n",
            generated={"xs": "list[int]", "known": "set[int]"},
        ),
    ),
    silent=(
        Silent(
            "def f(xs: set[int], known: set[int]) -> set[int]:\n    return {x for x in xs if x in known}\n",
            why="of 1 and True, an intersection of two sets takes the one of the smaller set",
        ),
        Silent(HEAD.replace("set[int]", "list[int]") + "any(x in known for x in xs)\n", why="a list: another rule"),
        Silent(f"{HEAD}any(x in known for x in xs if x > 0)\n", why="not all items are looked up"),
        Silent(f"{HEAD}any(x + 1 in known for x in xs)\n", why="other values than the items are looked up"),
        Silent(f"{HEAD}any(known in x for x in xs)\n", why="the other way round"),
        Silent(f"{SETS}{{x for x in xs if x not in known}}\n", why="a difference keeps the other side"),
        Silent(
            "def f(xs: list[set[int]], known: set[frozenset[int]]) -> bool:\n    return any(x in known for x in xs)\n",
            why="`in` finds a set as a frozenset, `isdisjoint` does not",
        ),
    ),
    bench=Bench(
        setup="xs = list(range(n)); known = set(range(n, 2 * n))",
        before="any(x in known for x in xs)",
        after="not known.isdisjoint(xs)",
        sizes=(3, 100, 10_000),
        losing="known.add(0)",
    ),
)
_WRITTEN = {
    ("any", "in"): "not {known}.isdisjoint({items})",
    ("any", "not in"): "not {known}.issuperset({items})",
    ("all", "in"): "{known}.issuperset({items})",
    ("all", "not in"): "{known}.isdisjoint({items})",
    ("set", "in"): "{known}.intersection({items})",
}
"""What is written, by the builtin that goes over the look-ups and the operator."""


def see(view: View) -> Iterator[Match]:
    loops: list[cst.BaseSimpleComp] = [*view.walk(cst.GeneratorExp), *view.walk(cst.ListComp), *view.walk(cst.SetComp)]
    for loop in loops:
        part, variable = loop.for_in, loop.for_in.target
        node, way = _consumer(view, loop)
        test = loop.elt if way != "set" else part.ifs[0].test if len(part.ifs) == 1 else None
        plain = isinstance(variable, cst.Name) and not part.inner_for_in and not part.asynchronous
        if node is None or not plain or not isinstance(test, cst.Comparison) or not is_membership(test):
            continue
        whole = same_code(loop.elt, variable) if way == "set" else not part.ifs
        known = test.comparisons[0].comparator
        operator = "not in" if isinstance(test.comparisons[0].operator, cst.NotIn) else "in"
        if not whole or not same_code(test.left, variable) or (way, operator) not in _WRITTEN:
            continue
        kinds = ("list", "tuple", "dict", "range", *(() if way == "set" else ("set", "frozenset")))
        yield Match(
            node,
            captures={"items": part.iter, "known": known, "form": _WRITTEN[way, operator]},
            needs=(
                needs.holds(isinstance(known, cst.Name | cst.Attribute), f"`{view.code(known)}` is a variable"),
                needs.is_type(view, known, *(("set",) if way == "set" else ("set", "frozenset"))),
                needs.is_type(view, part.iter, *kinds),
                needs.holds(needs.items_hash_alike(view, part.iter).answer.holds, "the items hash as they compare"),
                needs.is_invariant(view, known, loop),
            ),
        )


def change(match: Match, view: View) -> Rewrite:
    code = match.captures["form"].format(
        known=view.code(match.captures["known"]), items=view.code(match.captures["items"])
    )
    holder = view.parent(match.node)
    if isinstance(holder, cst.UnaryOperation) and isinstance(holder.operator, cst.Not) and code.startswith("not "):
        return Rewrite((Replacement.of(holder, code.removeprefix("not ")),))
    return Rewrite((Replacement.of(match.node, fit_in(view, match.node, code)),))


def _consumer(view: View, loop: cst.BaseSimpleComp) -> tuple[cst.CSTNode | None, str]:
    """What goes over the look-ups, and by which name."""
    if isinstance(loop, cst.SetComp):
        return loop, "set"
    holder = view.parent(loop)
    call = view.parent(holder) if isinstance(holder, cst.Arg) else None
    for name in ("any", "all"):
        if isinstance(call, cst.Call) and match_pattern(f"{name}($_)", call, view.facts) is not None:
            return call, name
    return None, ""
