"""Trial division that goes on past the square root.

## What it does
Finds a search for one divisor of `n` among `range(2, n)`, and ends the range at the square root of `n`.

## Why it is slow
Divisors come in pairs whose product is `n`; the smaller one is at most the root, so O(sqrt n) tests answer it.

## When it is not the same
`math.isqrt` raises ValueError for a negative number, for which the range is empty: named where it may be one.

## When it is not faster
Numbers with a small divisor.

## References
Crandall and Pomerance, Prime Numbers, section 3.1; Python documentation, `math.isqrt`.
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

DIVIDES = ("$n % $d == 0", "not $n % $d")
DIVIDES_NOT = ("$n % $d != 0", "$n % $d", "$n % $d > 0")
QUANTIFIED = {"builtins.any": DIVIDES, "builtins.all": DIVIDES_NOT}
STOPS = ("$n", "$n // 2 + 1", "int($n / 2) + 1")

RULE = Rule(
    code="PA551",
    name="trial-division-past-root",
    message="divisors of `{n}` are tried beyond its square root: O(n) where O(sqrt n) answers the same",
    cure="stop at the square root of `{n}`",
    imports=("math.isqrt",),
    examples=(
        Example(
            before="""
def is_prime(n: int) -> bool:
    if n < 2:
        return False
    for d in range(2, n):
        if n % d == 0:
            return False
    return True
""",
            after="""from math import isqrt

def is_prime(n: int) -> bool:
    if n < 2:
        return False
    for d in range(2, isqrt(n) + 1):
        if n % d == 0:
            return False
    return True
""",
            calls=("[is_prime(n) for n in range(-3, 200)]",),
        ),
        Example(
            before="""
def is_prime(n: int) -> bool:
    return n > 1 and not any(n % d == 0 for d in range(2, n // 2 + 1))
""",
            after="""from math import isqrt

def is_prime(n: int) -> bool:
    return n > 1 and not any(n % d == 0 for d in range(2, isqrt(n) + 1))
""",
            calls=("[is_prime(n) for n in range(200)]",),
        ),
    ),
    silent=(
        Silent(
            "def f(n: int) -> int:\n    for d in range(2, n):\n        if n % d == 0:\n            return d\n",
            why="the divisor is the result",
        ),
        Silent(
            "def f(n: int) -> bool:\n    for d in range(3, n, 2):\n        if n % d == 0:\n            return False\n"
            "    return True\n",
            why="even numbers: the only odd divisor of 6 lies past the root",
        ),
        Silent(
            "def f(n: int) -> bool:\n    return all(n % d for d in range(2, n // 2))\n", why="4 would get a divisor"
        ),
    ),
    bench=Bench(
        setup="from math import isqrt\nn = {10: 7, 1000: 997, 20_000: 19_997}[n]",
        before="all(n % d for d in range(2, n))",
        after="all(n % d for d in range(2, isqrt(n) + 1))",
        sizes=(10, 1000, 20_000),
        losing="from math import isqrt\nn = 19_998",
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        for stop in STOPS:
            bound = match_pattern(f"range(2, {stop})", call, view.facts)
            if bound is not None and isinstance(bound["n"], cst.Name) and _looks_for_one(view, call, bound["n"]):
                yield _match(view, call, bound["n"])
                break


def change(match: Match, view: View) -> Rewrite:
    root = f"{view.name_of('math.isqrt')}({match.captures['n'].value}) + 1"
    return Rewrite((Replacement.of(match.captures["stop"], root),), imports=RULE.imports)


def _match(view: View, call: cst.Call, n: cst.Name) -> Match:
    loop = view.parent(call)
    target = loop.target if isinstance(loop, cst.For | cst.CompFor) else n
    dead = isinstance(loop, cst.CompFor) or view.code(target) not in view.facts.live_after(loop or call)
    return Match(
        call,
        captures={"n": n, "stop": call.args[1].value},
        needs=(
            needs.is_type(view, n, "int"),
            needs.holds(dead, "the divisor is not used", "the divisor is read later"),
            needs.value(
                view.facts.nonnegative(n), f"`{n.value}` is not negative", "a negative number raises ValueError"
            ),
        ),
    )


def _looks_for_one(view: View, call: cst.Call, n: cst.Name) -> bool:
    holder = view.parent(call)
    if isinstance(holder, cst.For) and holder.iter is call and not holder.asynchronous:
        return _ends_at_a_divisor(view, holder, n)
    if not isinstance(holder, cst.CompFor) or holder.iter is not call or holder.ifs or holder.inner_for_in:
        return False
    generator = view.parent(holder)
    quantified = view.parent(generator) if generator is not None else None
    outer = view.parent(quantified) if isinstance(quantified, cst.Arg) else None
    if not isinstance(generator, cst.GeneratorExp | cst.ListComp) or not isinstance(outer, cst.Call):
        return False
    patterns = {"builtins.any": DIVIDES, "builtins.all": DIVIDES_NOT}.get(
        view.facts.qualified_name(outer.func) or "", ()
    )
    return len(outer.args) == 1 and _is_test(view, generator.elt, patterns, n, holder.target)


def _ends_at_a_divisor(view: View, loop: cst.For, n: cst.Name) -> bool:
    """Whether the body is nothing but a test that leaves the loop with what does not depend on the divisor."""
    body = loop.body.body
    branch = body[0] if len(body) == 1 else None
    if not isinstance(branch, cst.If) or branch.orelse is not None:
        return False
    return _is_test(view, branch.test, DIVIDES, n, loop.target) and _leaves(branch.body.body)


def _is_test(
    view: View, test: cst.BaseExpression, patterns: tuple[str, ...], n: cst.Name, d: cst.BaseExpression
) -> bool:
    found = filter(None, (match_pattern(pattern, test, view.facts) for pattern in patterns))
    return any(same_code(bound["n"], n) and same_code(bound["d"], d) for bound in found)


def _leaves(lines: object) -> bool:
    statements = [part for line in lines for part in getattr(line, "body", (line,))]  # type: ignore[attr-defined]
    *before, last = statements
    returns = isinstance(last, cst.Return) and (last.value is None or _is_constant(last.value))
    return (returns or isinstance(last, cst.Break)) and all(
        isinstance(s, cst.Assign) and _is_constant(s.value) for s in before
    )


def _is_constant(value: cst.BaseExpression) -> bool:
    return isinstance(value, cst.Integer) or (isinstance(value, cst.Name) and value.value in ("True", "False", "None"))
