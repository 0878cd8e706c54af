"""Prefixes or suffixes tested one by one.

## What it does
Finds `s.startswith(a) or s.startswith(b)` and `any(s.startswith(p) for p in prefixes)`, also with `endswith`, and
passes all of them in one call as a tuple.

## Why it is slow
Each test is a method call of about 50 ns, the generator a resume more; one call tests them all in C.

## When it is not the same
The rule asks for a `str` and literal or known `str` prefixes, for which all is the same. With an iterable that is no
tuple, the prefixes are collected first.

## When it is not faster
Where the first prefix nearly always fits, the chain with `or` is about even.

## References
ruff PIE810; RULES: `any(s.startswith(p) ...)` instead of a tuple cost real projects a factor of 8.
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

METHODS = ("startswith", "endswith")

RULE = Rule(
    code="PA704",
    name="prefix-by-prefix",
    message="`{method}` is called once per candidate; it takes a tuple of them in one call",
    cure="pass a tuple",
    examples=(
        Example(
            before='def is_code(name: str) -> bool:\n    return name.endswith(".py") or name.endswith(".pyi")\n',
            after='def is_code(name: str) -> bool:\n    return name.endswith((".py", ".pyi"))\n',
            calls=("is_code('a.py')", "is_code('')"),
            generated={"name": "str"},
        ),
        Example(
            before="def kept(lines: list[str], marks: tuple[str, ...]) -> list[str]:\n"
            "    return [x for x in lines if any(x.startswith(m) for m in marks)]\n",
            after="def kept(lines: list[str], marks: tuple[str, ...]) -> list[str]:\n"
            "    return [x for x in lines if x.startswith(marks)]\n",
            calls=("kept(['ab', 'b'], ('a', 'c'))", "kept(['ab'], ())"),
            generated={"lines": "list[str]", "marks": "tuple[str, ...]"},
        ),
    ),
    silent=(
        Silent("def f(a, b):\n    return a.startswith('x') or a.startswith('y')\n", why="a may be of any type"),
        Silent(
            "def f(a: str, b: str) -> bool:\n    return a.startswith('x') or b.startswith('y')\n", why="two strings"
        ),
        Silent("def f(a: str) -> bool:\n    return a.startswith('x') and a.startswith('xy')\n", why="all have to hold"),
        Silent(
            "def f(a: str, n: int) -> bool:\n    return a.startswith('x', n) or a.startswith('y')\n",
            why="from another position",
        ),
        Silent(
            "def f(a: str, names: list[str]) -> bool:\n    return a.startswith('x') or a.startswith(names[0])\n",
            why="the second prefix may not be there, and was not asked for where the first fits",
        ),
    ),
    bench=Bench(
        setup="names = [f'{i}.txt' for i in range(n)]",
        before="for s in names:\n    any(s.startswith(p) for p in ('a', 'b', 'c'))",
        after="for s in names:\n    s.startswith(('a', 'b', 'c'))",
        sizes=(3, 100, 10_000),
    ),
)


def see(view: View) -> Iterator[Match]:
    for node in view.walk(cst.BooleanOperation):
        tests = _tests(node)
        if tests and not isinstance(view.parent(node), cst.BooleanOperation):
            text, method = tests[0].func.value, tests[0].func.attr.value  # type: ignore[attr-defined]
            prefixes = [t.args[0].value for t in tests]
            stated = [needs.is_type(view, part, "str") for part in (text, *prefixes)]
            stated += [ask(view, later) for later in prefixes[1:] for ask in (needs.is_pure, needs.cannot_raise)]
            captures = {"text": text, "method": method, "prefixes": prefixes, "all": None}
            yield Match(node, captures=captures, needs=tuple(stated))
    for method in METHODS:
        yield from _any_of(view, method)


def change(match: Match, view: View) -> Rewrite:
    text, method, whole = (match.captures[k] for k in ("text", "method", "all"))
    tuple_ = view.code(whole) if whole else f"({', '.join(view.code(p) for p in match.captures['prefixes'])})"
    return Rewrite((Replacement.of(match.node, f"{view.code(text)}.{method}({tuple_})"),))


def _any_of(view: View, method: str) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        if view.facts.qualified_name(call.func) != "builtins.any" or len(call.args) != 1:
            continue
        generator = call.args[0].value
        if not isinstance(generator, cst.GeneratorExp) or generator.for_in.inner_for_in or generator.for_in.ifs:
            continue
        bound = match_pattern(f"$text.{method}($item)", generator.elt, view.facts)
        if bound and same_code(bound["item"], generator.for_in.target) and isinstance(bound["text"], cst.Name):
            whole = generator.for_in.iter
            yield Match(
                call,
                captures={"text": bound["text"], "method": method, "prefixes": (), "all": whole},
                needs=(
                    needs.is_type(view, bound["text"], "str"),
                    needs.is_type(view, whole, "tuple"),
                    needs.has_elements(view, whole, "str"),
                ),
            )


def _tests(node: cst.BaseExpression) -> list[cst.Call]:
    """The calls of an `or` chain on one name and method, else none."""
    if isinstance(node, cst.BooleanOperation) and isinstance(node.operator, cst.Or):
        left, right = _tests(node.left), _tests(node.right)
        alike = left and right and same_code(left[0].func, right[0].func)
        return left + right if alike else []
    plain = (
        isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and isinstance(node.func.value, cst.Name)
    )
    if plain and node.func.attr.value in METHODS and len(node.args) == 1 and node.args[0].keyword is None:  # type: ignore[attr-defined]
        return [node]  # type: ignore[list-item]
    return []
