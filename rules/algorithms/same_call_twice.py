"""The same costly call made twice.

## What it does
Finds two calls, or reads of a property, that are written alike, where the second is only reached after the first,
nothing in between changes what they read, and which go over a container, run a loop or cost much in the profile. Where
the first result already has a name, the second call becomes that name.

## Why it is slow
The second call does all the work of the first again, for the same result.

## When it is not the same
The call must be pure, and its result must not be changed through either place: the fix asks for a result that cannot
be changed. Where effects of a called function are not known, the finding is advice.

## When it is not faster
Calls that cost less than a local variable saves: the rule leaves cheap calls alone.

## References
462 performance fixes read: 49 were hoists or reuse, in 28 projects; the same call or property twice was among the most
common.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    DISPLAY,
    Bench,
    Example,
    Match,
    Need,
    NeedKind,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    Truth,
    View,
    comes_before,
    cst,
    fingerprint,
    needs,
    seems_to_act,
    steady_between,
    why_costly,
)

IMMUTABLE = ("int", "float", "str", "bool", "bytes", "complex", "NoneType", "frozenset")
TWICE = """
class Tree:
    def weight(self, node):
        return sum(child.size for child in node.children)

    def heavy(self, node, limit):
        if self.weight(node) > limit:
            return self.weight(node)
        return 0
"""

RULE = Rule(
    code="PA517",
    name="same-call-twice",
    measured=True,
    message="`{call}` is computed again, line {line} has just done it: {why}",
    cure="use `{name}`, which holds its result",
    examples=(
        Example(
            before="def f(xs: list[int]) -> int:\n    top = sum(xs)\n    if top > 3:\n        return sum(xs) - 3\n"
            "    return top\n",
            after="def f(xs: list[int]) -> int:\n    top = sum(xs)\n    if top > 3:\n        return top - 3\n"
            "    return top\n",
            calls=("f([1, 4])", "f([])"),
            generated={"xs": "list[int]"},
        ),
        Example(before=TWICE, after=TWICE, applicability=DISPLAY),
    ),
    silent=(
        Silent(
            "def f(xs: list[int]) -> int:\n    top = sum(xs)\n    xs.append(top)\n    return sum(xs)\n",
            why="the list has changed in between",
        ),
        Silent(
            "def f(it, n):\n    a = list(it.read_all(n))\n    b = list(it.read_all(n))\n    return a + b\n",
            why="reading has an effect",
        ),
        Silent(
            "def f(xs: list[int], n: int) -> int:\n    if n:\n        return max(xs)\n    return max(xs) + 1\n",
            why="only one of both is reached",
        ),
        Silent(
            "def f(xs: list[int], n: int) -> int:\n    top = 0\n    if n: top = sum(xs)\n    return sum(xs) + top\n",
            why="the first is not always reached",
        ),
        Silent("def f(x: int) -> int:\n    return abs(x) + abs(x)\n", why="cheap"),
        Silent(
            "def f(xs: list[int], k: int) -> int:\n    a = max(xs[k:])\n    k += 1\n    return a - max(xs[k:])\n",
            why="an argument has changed in between",
        ),
        Silent(
            "def f(xs: list[int]) -> list[list[int]]:\n    return [sorted(xs), sorted(xs)]\n",
            why="two lists are wanted",
        ),
    ),
    bench=Bench(
        setup="xs = list(range(n)); top = sum(xs)",
        before="sum(xs) - 3",
        after="top - 3",
        sizes=(10, 1000),
        losing="xs = [1]",
    ),
)


def see(view: View) -> Iterator[Match]:
    alike: dict[object, list[cst.BaseExpression]] = {}
    for call in view.walk(cst.Call, cst.Attribute):
        if isinstance(view.parent(call), cst.Expr):
            continue  # made for its effect
        alike.setdefault(fingerprint(call), []).append(call)
    covered: list[cst.CSTNode] = []
    for calls in alike.values():
        inside = any(holder in covered for holder in view.ancestors(calls[0]))
        why = why_costly(view, calls[0]) if len(calls) > 1 and not inside else ""
        second = next((c for c in calls[1:] if comes_before(view, calls[0], c)), None) if why else None
        if second is not None:
            covered += calls
            yield _match(view, calls[0], second, why)


def change(match: Match, view: View) -> Rewrite:
    return Rewrite((Replacement.of(match.node, match.captures["name"].value),))


def _match(view: View, first: cst.BaseExpression, second: cst.BaseExpression, why: str) -> Match:
    name = _name(view, first)
    pure = needs.is_pure(view, second)
    acts = pure.answer.truth is not Truth.YES and seems_to_act(view, second)
    fixed = name is not None and view.facts.reaching(name) is not None
    captures = {"call": second, "line": view.line(first), "name": name or "a name", "why": why}
    stated = (
        Need(pure.answer, pure.claim, NeedKind.REPAIR),
        needs.holds(not acts, "the call is not made for its effect", "its name says so"),
        needs.holds(not _makes_two(view, first, second), "one result will do", "each place gets a list of its own"),
        steady_between(view, first, second),
        Need(view.facts.is_type(second, *IMMUTABLE), "its result cannot be changed", NeedKind.REPAIR),
    )
    note = "" if fixed else "give the result of the first call a name, and use that"
    return Match(second, captures, stated, note=note, fixable=fixed)


def _name(view: View, first: cst.BaseExpression) -> cst.Name | None:
    """The local variable that the first call is assigned to, where nothing else is."""
    assign = view.parent(first)
    if not isinstance(assign, cst.Assign) or len(assign.targets) != 1:
        return None
    target = assign.targets[0].target
    local = isinstance(target, cst.Name) and view.facts.scope(target.value) == "local"
    return target if isinstance(target, cst.Name) and local and len(view.facts.definitions(target.value)) == 1 else None


def _makes_two(view: View, first: cst.BaseExpression, second: cst.BaseExpression) -> bool:
    """Whether two new containers are made, and each goes somewhere where it could be changed."""
    holders = [view.parent(call) for call in (first, second)]
    kept = [isinstance(h, cst.Assign | cst.Return | cst.Element | cst.Arg | cst.DictElement) for h in holders]
    return all(kept) and not view.facts.is_type(second, *IMMUTABLE).holds
