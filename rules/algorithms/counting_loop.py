"""Items counted one by one into a dict.

## What it does
Finds `counts = {}` followed by a loop that only counts (`counts[x] = counts.get(x, 0) + 1`, or with an `if x in
counts`), and counts with `collections.Counter`. The result is made a plain dict again, so nobody sees a difference.

## Why it is slow
Each item is looked up twice by bytecode. `Counter` goes over the items in C.

## When it is not the same
Keys come in the same order, and the counts are the same ints. The rule asks that the loop variable is not read
afterwards, and is silent inside of a `try`: there, the counts made before an exception would be seen.

## When it is not faster
Fewer than about twenty items: making the Counter costs about a microsecond.

## References
Python documentation, `collections.Counter`; measured: 3 to 4x.
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
    match_pattern,
    needs,
    same_code,
)

FORMS = (
    "{d}[{x}] = {d}.get({x}, 0) + 1",
    "if {x} not in {d}:\n    {d}[{x}] = 0\n{d}[{x}] += 1",
    "if {x} not in {d}:\n    {d}[{x}] = 1\nelse:\n    {d}[{x}] += 1",
    "if {x} in {d}:\n    {d}[{x}] += 1\nelse:\n    {d}[{x}] = 1",
)
ITERABLES = ("list", "tuple", "str", "bytes", "set", "frozenset", "range", "collections.deque", "generator")

RULE = Rule(
    code="PA511",
    name="counting-loop",
    message="the loop counts the items of `{items}` one by one: two look-ups each",
    cure="count with `collections.Counter`",
    imports=("collections.Counter",),
    examples=(
        Example(
            before="def letters(text: str) -> dict[str, int]:\n    counts = {}\n    for c in text:\n"
            "        counts[c] = counts.get(c, 0) + 1\n    return counts\n",
            after="from collections import Counter\n\n\ndef letters(text: str) -> dict[str, int]:\n"
            "    counts = dict(Counter(text))\n    return counts\n",
            calls=("letters('abca')", "letters('')"),
            generated={"text": "str"},
        ),
        Example(
            before="def tally(xs: list[int]) -> list[tuple[int, int]]:\n    seen = {}\n    for x in xs:\n"
            "        if x not in seen:\n            seen[x] = 0\n        seen[x] += 1\n"
            "    return sorted(seen.items())\n",
            after="from collections import Counter\n\n\ndef tally(xs: list[int]) -> list[tuple[int, int]]:\n"
            "    seen = dict(Counter(xs))\n    return sorted(seen.items())\n",
            calls=("tally([3, 1, 3])", "tally([])"),
            generated={"xs": "list[int]"},
        ),
        Example(
            before="def keys(d):\n    n: dict = {}\n    for k in d:\n        if k in n:\n            n[k] += 1\n"
            "        else:\n            n[k] = 1\n    return n\n",
            after="from collections import Counter\n\n\n"
            "def keys(d):\n    n: dict = dict(Counter(iter(d)))\n    return n\n",
            calls=("keys({'a': 5, 'b': 7})", "keys('aba')", "keys(None)"),
            generated={"d": "dict[str, int]"},
        ),
    ),
    silent=(
        Silent(
            "def f(text: str, counts: dict[str, int]) -> None:\n    for c in text:\n"
            "        counts[c] = counts.get(c, 0) + 1\n",
            why="the dict holds counts already",
        ),
        Silent(
            "def f(xs: list[int]) -> dict[int, int]:\n    out = {}\n    for x in xs:\n"
            "        out[x] = out.get(x, 0) + x\n    return out\n",
            why="sums, not counts",
        ),
        Silent(
            "def f(text: str) -> str:\n    n = {}\n    for c in text:\n        n[c] = n.get(c, 0) + 1\n    return c\n",
            why="the loop variable is read afterwards",
        ),
        Silent(
            "def f(text: str) -> dict[str, int]:\n    n = {}\n    for c in text:\n        if c != ' ':\n"
            "            n[c] = n.get(c, 0) + 1\n    return n\n",
            why="only some items are counted",
        ),
        Silent(
            "def f(xs) -> dict:\n    n = {}\n    try:\n        for x in xs:\n            n[x] = n.get(x, 0) + 1\n"
            "    except TypeError:\n        pass\n    return n\n",
            why="what was counted before the exception is used",
        ),
    ),
    bench=Bench(
        setup="from collections import Counter\nxs = [i % 50 for i in range(n)]",
        before="counts = {}\nfor x in xs:\n    counts[x] = counts.get(x, 0) + 1",
        after="counts = dict(Counter(xs))",
        sizes=(10, 100, 1000, 10_000),
        losing="xs = [1]",
    ),
)


def see(view: View) -> Iterator[Match]:
    for loop in view.walk(cst.For):
        made = _line_before(view, loop)
        statement = made.body[0] if made is not None else None
        counts = _new_dict(view, statement)
        plain = loop.orelse is None and loop.asynchronous is None and isinstance(loop.target, cst.Name)
        if made is not None and counts is not None and plain and _only_counts(view, loop, counts):
            yield _match(view, loop, counts, made)


def change(match: Match, view: View) -> Rewrite:
    items, statement = match.captures["items"], match.captures["lines"][0].body[0]
    code = view.code(items)
    if not view.facts.is_type(items, *ITERABLES).holds:
        code = f"iter({code})"  # a mapping would be taken for counts
    start = view.code(statement).rsplit("=", 1)[0]
    made = f"{start}= dict({view.name_of('collections.Counter')}({code}))"
    return Rewrite((Replacement(match.captures["lines"], made),), imports=RULE.imports)


def _match(view: View, loop: cst.For, counts: str, made: cst.SimpleStatementLine) -> Match:
    facts, item = view.facts, view.code(loop.target)
    local = facts.scope(counts) == "local" and not facts.is_captured(counts)
    guards = [h for h in view.ancestors(loop) if isinstance(h, cst.Try | cst.TryStar | cst.With)]
    seen = any(isinstance(h, cst.Try | cst.TryStar) or counts in facts.live_after(h) for h in guards)
    return Match(
        loop,
        captures={"items": loop.iter, "lines": (made, loop)},
        needs=(
            needs.holds(local, f"`{counts}` is a local dict"),
            needs.holds(facts.scope(item) == "local", f"`{item}` is a local variable"),
            needs.is_dead_after(view, loop, item),
            needs.holds(not seen, "nobody sees the counts made before an exception", "it stands in a `try` or `with`"),
        ),
    )


def _line_before(view: View, loop: cst.For) -> cst.SimpleStatementLine | None:
    block = list(view.siblings(loop))
    place = block.index(loop) if loop in block else 0
    line = block[place - 1] if place else None
    return line if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None


def _new_dict(view: View, statement: cst.CSTNode | None) -> str | None:
    """The name that `name = {}` binds."""
    if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
        target: cst.CSTNode = statement.targets[0].target
    elif isinstance(statement, cst.AnnAssign):
        target = statement.target
    else:
        return None
    value = statement.value
    empty = isinstance(value, cst.Dict) and not value.elements
    made = empty or (value is not None and match_pattern("dict()", value, view.facts) is not None)
    return target.value if made and isinstance(target, cst.Name) else None


def _only_counts(view: View, loop: cst.For, counts: str) -> bool:
    item = view.code(loop.target)
    apart = item != counts and not any(
        n.value == counts for n in view.walk(cst.Name) if loop.iter in (n, *view.ancestors(n))
    )
    return apart and any(_says(loop, form.format(d=counts, x=item)) for form in FORMS)


def _says(loop: cst.For, form: str) -> bool:
    body, wanted = loop.body.body, cst.parse_module(form).body
    return len(body) == len(wanted) and all(map(same_code, body, wanted))
