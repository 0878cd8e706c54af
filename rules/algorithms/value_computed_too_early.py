"""A costly value computed before it is known whether anybody needs it.

## What it does
Finds a costly value that is assigned right before an early `return` (or `continue`, `break`) that does not use it, or
before an `if` of which only one branch uses it, and moves the assignment to where the value is needed.

## Why it is slow
Wherever the function returns early, or takes the other branch, the whole computation was for nothing.

## When it is not the same
The computation must have no effect, and nothing that is evaluated in between may change what it reads: the fix asks
for facts on both. An exception that it raises is no longer raised where the value is not needed; that is named as a
difference. Where effects of a called method are not known, the finding is advice.

## When it is not faster
Where the early exit is hardly ever taken. A guard that raises is left alone: errors are not what programs spend their
time on.

## References
462 performance fixes read: 63 were of the order of work, in 34 projects, the largest family.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    DISPLAY,
    Bench,
    Example,
    Insertion,
    Match,
    Need,
    Place,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    Truth,
    View,
    cst,
    flush_left,
    needed_at,
    needs,
    seems_to_act,
    why_costly,
    why_laborious,
)

LOOKUP = """
def label(node, short):
    words = node.find_words(node.root)
    if short:
        return node.name
    return " ".join(words)
"""

RULE = Rule(
    code="PA514",
    name="value-computed-too-early",
    measured=True,
    message="`{name}` is computed before it is known whether it is needed: {why}",
    cure="compute `{name}` where it is needed",
    examples=(
        Example(
            before="def spread(xs: list[int], quick: bool) -> int:\n    ordered = sorted(xs)\n    if quick:\n"
            "        return 0\n    return ordered[-1] - ordered[0] if ordered else 0\n",
            after="def spread(xs: list[int], quick: bool) -> int:\n    if quick:\n"
            "        return 0\n    ordered = sorted(xs)\n    return ordered[-1] - ordered[0] if ordered else 0\n",
            calls=("spread([3, 1], True)", "spread([3, 1], False)"),
            generated={"xs": "list[int]", "quick": "bool"},
        ),
        Example(
            before="def f(xs: list[int], full: bool) -> list[int]:\n    squares = [x * x for x in xs]\n"
            "    if full:\n        xs = xs + squares\n    return xs\n",
            after="def f(xs: list[int], full: bool) -> list[int]:\n"
            "    if full:\n        squares = [x * x for x in xs]\n        xs = xs + squares\n    return xs\n",
            calls=("f([3, 1], True)", "f([3, 1], False)"),
            generated={"xs": "list[int]", "full": "bool"},
        ),
        Example(before=LOOKUP, after=LOOKUP, applicability=DISPLAY),
    ),
    silent=(
        Silent(
            "def f(xs: list[int]) -> int:\n    top = max(xs)\n    if top > 3:\n        return 0\n    return top\n",
            why="the test uses it",
        ),
        Silent(
            "def f(xs: list[int], n: int) -> int:\n    top = sum(xs)\n    if n < 0:\n        raise ValueError(n)\n"
            "    return top\n",
            why="a guard that raises is hardly ever taken",
        ),
        Silent(
            "def f(xs: list[int], n: int) -> list[int]:\n    old = sorted(xs)\n    xs.append(n)\n    if n < 0:\n"
            "        return xs\n    return old\n",
            why="what it reads is changed in between",
        ),
        Silent(
            "def f(stream, n):\n    data = stream.read()\n    if n < 0:\n        return None\n    return data\n",
            why="reading takes something away: it has an effect",
        ),
        Silent(
            "def f(xs: list[int], n: int) -> int:\n    top = sum(xs)\n    if n < 0:\n        n = top\n"
            "    else:\n        n -= top\n    return n\n",
            why="both branches need it",
        ),
        Silent(
            "def f(rows: list[list[int]]) -> int:\n    best = [0]\n    for row in rows:\n        best = sorted(row)\n"
            "        if len(row) < 3:\n            continue\n        print(best)\n    return best[0]\n",
            why="it is read after the loop",
        ),
        Silent(
            "def f(a: int, b: int, n: int) -> int:\n    c = a + b\n    if n:\n        return 0\n    return c\n",
            why="an addition costs nothing",
        ),
    ),
    bench=Bench(
        setup="xs = list(range(n)); early = True",
        before="ordered = sorted(xs)\nif not early:\n    ordered[0]",
        after="if not early:\n    ordered = sorted(xs)\n    ordered[0]",
        sizes=(10, 1000),
        losing="early = False",
    ),
)


def see(view: View) -> Iterator[Match]:
    for assign in view.walk(cst.Assign):
        line, target = view.parent(assign), assign.targets[0].target
        alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 and len(assign.targets) == 1
        if not alone or not isinstance(target, cst.Name) or line is None or view.facts.is_captured(target.value):
            continue
        why = why_costly(view, assign.value) or why_laborious(view, assign.value)
        place = needed_at(view, line, target.value) if why and view.facts.scope(target.value) == "local" else None
        if place is not None:
            yield _match(view, (line, assign, target), place, why)


def change(match: Match, view: View) -> Rewrite:
    line, (anchor, after) = match.captures["line"], match.captures["place"]
    return Rewrite((Replacement.of(line, ""),), (Insertion(anchor, flush_left(view, line), after),))


def _match(view: View, found: tuple[cst.CSTNode, cst.Assign, cst.Name], place: Place, why: str) -> Match:
    line, assign, target = found
    anchor, after, between = place
    captures = {"line": line, "name": target, "place": (anchor, after), "why": why}
    needed = needs.is_pure(view, assign.value)
    unmoved = _is_unmoved(view, assign.value, between)
    raises = f"an exception of `{view.code(assign.value)}` is not raised where the value is not needed"
    total = needs.value(view.facts.cannot_raise(assign.value), "computing it raises nothing", raises)
    if needed.answer.truth is Truth.UNKNOWN and not seems_to_act(view, assign.value) and _is_quiet(view, between):
        return Match(
            assign, captures, (), note="assign it where it is needed, if computing it has no effect", fixable=False
        )
    quiet = needs.holds(view.facts.effects(between).pure, "nothing in between has an effect", "it may have one")
    one_line = needs.holds('"""' not in view.code(line) and "'''" not in view.code(line), "no text in it spans lines")
    return Match(assign, captures, (needed, *unmoved, quiet, one_line, total))


def _is_unmoved(view: View, value: cst.BaseExpression, between: tuple[cst.CSTNode, ...]) -> Iterator[Need]:
    """Nothing in between binds or changes what the value reads."""
    reads = view.facts.effects(value).reads
    for name in sorted(reads):
        bound = name in view.facts.effects(between).binds
        yield needs.holds(not bound, f"`{name}` is the same later", "it is bound in between")
        changed = needs.negated(view.facts.may_mutate(between, name))
        yield Need(changed, f"`{name}` is not changed before the value is needed")


def _is_quiet(view: View, between: tuple[cst.CSTNode, ...]) -> bool:
    """Whether by its look nothing in between changes anything."""
    return not view.facts.effects(between).binds and not any(seems_to_act(view, node) for node in between)
