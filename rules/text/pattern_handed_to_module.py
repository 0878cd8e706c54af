"""A compiled pattern handed to a function of `re` instead of being asked itself.

## What it does
Finds `re.match(pattern, text)` and its like with a pattern that is compiled already, and calls `pattern.match(text)`.

## Why it is slow
The function looks at the type of the pattern and goes through the module's cache code before it calls the same method:
5 to 9 times the cost for a short text.

## When it is not the same
It is the same.

## When it is not faster
Where the search itself takes far longer than the call: long texts.

## References
refurb FURB170; Python documentation, `re`.
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
    match_pattern,
    needs,
    parenthesised,
)

_FORMS = {
    **{f"re.{way}($pattern, $text)": way for way in ("match", "search", "fullmatch", "findall", "finditer", "split")},
    **{f"re.{way}($pattern, $new, $text)": way for way in ("sub", "subn")},
}
HEAD = "import re\n\nWORD = re.compile('a+')\n\n\ndef f(texts: list[str]):\n    return "

RULE = Rule(
    code="PA714",
    name="pattern-handed-to-module",
    message="`{call}` finds out that its pattern is compiled on each call",
    cure="call the method of the pattern",
    examples=(
        Example(
            before=f"{HEAD}[bool(re.match(WORD, text)) for text in texts]\n",
            after=f"{HEAD}[bool(WORD.match(text)) for text in texts]\n",
            generated={"texts": "list[str]"},
        ),
        Example(
            before="import re\n\n\ndef f(p: re.Pattern[str], text: str) -> str:\n    return re.sub(p, '', text)\n",
            after="import re\n\n\ndef f(p: re.Pattern[str], text: str) -> str:\n    return p.sub('', text)\n",
            calls=("f(re.compile('a'), 'abca')",),
        ),
    ),
    silent=(
        Silent(f"{HEAD}[re.match('a+', text) for text in texts]\n", why="text: the module keeps what it compiled"),
        Silent("import re\n\n\ndef f(p, text):\n    return re.match(p, text)\n", why="it may be text"),
        Silent(f"{HEAD}[WORD.match(text) for text in texts]\n", why="asked itself already"),
        Silent(f"{HEAD}[re.match(WORD, t, 0) for t in texts]\n", why="flags: they would be a place for the method"),
    ),
    bench=Bench(
        setup="import re\nword = re.compile('a+')\ntext = 'b' * n",
        before="re.match(word, text)",
        after="word.match(text)",
        sizes=(5, 1000),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        for form, way in _FORMS.items():
            bound = match_pattern(form, call, view.facts)
            if bound is not None:
                yield Match(call, {"call": call, "way": way, **bound}, (_is_compiled(view, bound["pattern"]),))
                break


def change(match: Match, view: View) -> Rewrite:
    pattern, way = parenthesised(view.code(match.captures["pattern"])), match.captures["way"]
    handed = ", ".join(view.code(match.captures[name]) for name in ("new", "text") if name in match.captures)
    return Rewrite((Replacement.of(match.node, f"{pattern}.{way}({handed})"),))


def _is_compiled(view: View, pattern: cst.BaseExpression) -> Need:
    return needs.is_type(view, pattern, "re.Pattern")
