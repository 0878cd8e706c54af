"""The rest of a text copied in each turn only to look into it.

## What it does
Finds `text[i:].startswith(x)`, `text[:i].endswith(x)`, `text[i:].count(x)`, and `pattern.match(text[i:])`,
`text[i:].find(x)` or `x in text[i:]`, where the place moves through one text. The first three become calls that are
told where to look (`text.startswith(x, i)`); for the others the finding says how.

## Why it is slow
A slice copies all that is left of the text, however little of it is looked at: O(n) per turn, O(n * n) for the whole.

## When it is not the same
An empty text is found at the end of any slice, but not at a place past the end of the text. A pattern that is told
where to start (`pattern.match(text, i)`) gives positions of the whole text, and `^` and lookbehind see what stands
before; `text.find(x, i)` counts from the start of the text as well.

## When it is not faster
Texts of fewer than about fifty characters: the copy costs as much as the second argument.

## References
Python documentation, `str.startswith`, `re.Pattern.match`. Lexers and parsers of well-known projects were mended this
way; 462 performance fixes read: 21 were of growth and consumption of sequences.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    DISPLAY,
    UNSAFE,
    Answer,
    Bench,
    Example,
    Match,
    Need,
    NeedKind,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    needs,
    seems_steady,
)

HEAD = "def f(text: str, places: list[int]) -> list[bool]:\n    return [{} for i in places]\n"
LEXER = """
import re

TOKEN = re.compile(r"\\w+|\\W")


def tokens(text: str) -> list[str]:
    i, out = 0, []
    while i < len(text):
        found = TOKEN.match(text[i:])
        out.append(found.group())
        i += found.end()
    return out
"""
PARSER = """
class Parser:
    def read(self, pattern):
        found = pattern.search(self.text[self.place:])
        self.place += found.end()
        return found.group()
"""
NOTES = {
    "match": "compile the pattern and hand it the text and the place: `pattern.{way}(text, place)`; the positions of "
    "the match are then those of the whole text",
    "find": "hand the place to the method: `text.{way}(x, place)` counts from the start of the text",
    "in": "ask `text.find(x, place) >= 0`",
}
_PLACED = frozenset({"startswith", "endswith", "count"})
_FOUND = frozenset({"find", "index"})
_MATCHED = frozenset({"match", "search", "fullmatch", "finditer", "findall"})

RULE = Rule(
    code="PA709",
    name="rest-copied-to-be-searched",
    message="`{part}` copies the rest of the text in each turn only to look into it: O(n * n) for the whole",
    cure="look from `{place}` on in `{text}` itself",
    examples=(
        Example(
            before=HEAD.format("text[i:].startswith('ab')"),
            after=HEAD.format("text.startswith('ab', i)"),
            generated={"text": "str", "places": "list[int]"},
        ),
        Example(
            before=HEAD.format("text[:i].endswith(('a', 'b ')) or text[i:].count('a') > 1"),
            after=HEAD.format("text.endswith(('a', 'b '), 0, i) or text.count('a', i) > 1"),
            generated={"text": "str", "places": "list[int]"},
        ),
        Example(
            before="def f(text: str, mark: str) -> int:\n    return sum(text[i:].startswith(mark) for i in range(9))\n",
            after="def f(text: str, mark: str) -> int:\n    return sum(text.startswith(mark, i) for i in range(9))\n",
            calls=("f('aba', 'a')",),
            applicability=UNSAFE,
        ),
        Example(before=LEXER, after=LEXER, calls=("tokens('a b')",), applicability=DISPLAY),
        Example(before=PARSER, after=PARSER, applicability=DISPLAY),
    ),
    silent=(
        Silent(HEAD.format("text[2:].startswith('ab')"), why="always the same place"),
        Silent(
            "def f(tour, stops):\n    at = 0\n    for stop in stops:\n        at += tour[at:].index(stop)\n"
            "    return at\n",
            why="lists have `index` too",
        ),
        Silent(
            "def f(lines: list[str], n: int) -> list[bool]:\n    return [x[n:].startswith('ab') for x in lines]\n",
            why="another text in each turn: its rest is copied once",
        ),
        Silent("def f(text: str, i: int) -> bool:\n    return text[i:].startswith('ab')\n", why="once"),
        Silent(HEAD.format("text[i:i + 2].startswith('ab')"), why="a short piece"),
        Silent(HEAD.format("text[i:].startswith('ab', 1)"), why="told where to look already"),
        Silent(
            "def f(xs: list[int], places: list[int]) -> list[int]:\n    return [xs[i:].count(3) for i in places]\n",
            why="`list.count` takes no place",
        ),
    ),
    bench=Bench(
        setup="text = 'x' * n; places = list(range(0, n, max(n // 100, 1)))",
        before="for i in places:\n    text[i:].startswith('ab')",
        after="for i in places:\n    text.startswith('ab', i)",
        sizes=(10, 1000, 100_000),
        losing="text = 'x'; places = [0, 1]",
    ),
)


def see(view: View) -> Iterator[Match]:
    for part in view.walk(cst.Subscript):
        bounds = _open_end(part)
        if bounds is None or not _moves(view, part, bounds[0]):
            continue
        place, front = bounds
        call, way, sought = _use(view, part)
        captures = {"part": part, "place": place, "text": part.value, "call": call, "front": front}
        kind = needs.is_type(view, part.value, "str", "bytes")
        if way in _PLACED and call is not None and sought is not None:
            filled = needs.value(_is_filled(sought), "what is looked for is not empty", "an empty text past the end")
            yield Match(call, captures, (kind, needs.is_pure(view, part.value), filled))
        elif way and not front:
            key = "match" if way in _MATCHED else "find" if way in _FOUND else "in"
            seen = kind if key == "in" or way == "index" else Need(kind.answer, kind.claim, NeedKind.REPAIR)
            yield Match(part, captures, (seen,), note=NOTES[key].replace("{way}", way), fixable=False)


def change(match: Match, view: View) -> Rewrite:
    call, text, place = match.captures["call"], view.code(match.captures["text"]), view.code(match.captures["place"])
    bounds = f"0, {place}" if match.captures["front"] else place
    sought = view.code(call.args[0].value)
    return Rewrite((Replacement.of(call, f"{text}.{call.func.attr.value}({sought}, {bounds})"),))


def _open_end(part: cst.Subscript) -> tuple[cst.BaseExpression, bool] | None:
    """Where `text[i:]` begins or `text[:i]` ends, and whether it is the front; None for other slices."""
    cut = part.slice[0].slice if len(part.slice) == 1 else None
    if not isinstance(cut, cst.Slice) or cut.step is not None or not isinstance(part.value, cst.Name | cst.Attribute):
        return None
    if cut.lower is not None and cut.upper is None:
        return cut.lower, False
    return (cut.upper, True) if cut.upper is not None and cut.lower is None else None


def _moves(view: View, part: cst.Subscript, place: cst.BaseExpression) -> bool:
    """Whether one text is cut at another place again and again: by a loop, or by each call of a method."""
    loop = next(iter(view.repeats(part)), None)
    if loop is None:
        own = isinstance(part.value, cst.Attribute) and isinstance(place, cst.Attribute)
        return own and {view.receiver} == view.facts.effects(part).reads
    return not view.facts.invariant_in(place, loop).holds and seems_steady(view, part.value, loop)


def _use(view: View, part: cst.Subscript) -> tuple[cst.Call | None, str, cst.BaseExpression | None]:
    """The call that looks into the slice, the way it does, and what for; no way where it is used otherwise."""
    holder = view.parent(part)
    if isinstance(holder, cst.ComparisonTarget):
        return None, "in" if isinstance(holder.operator, cst.In | cst.NotIn) else "", None
    call = view.parent(holder) if isinstance(holder, cst.Attribute | cst.Arg) else None
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
        return None, "", None
    way = call.func.attr.value
    if call.func is holder:
        plain = len(call.args) == 1 and not call.args[0].keyword and not call.args[0].star
        return (call, way, call.args[0].value) if plain and way in _PLACED | _FOUND else (None, "", None)
    of_module = (view.facts.qualified_name(call.func) or "").startswith("re.")
    last = len(call.args) == (2 if of_module else 1) and call.args[-1] is holder
    return (call, way, None) if last and way in _MATCHED else (None, "", None)


def _is_filled(sought: cst.BaseExpression) -> Answer:
    parts = [e.value for e in sought.elements] if isinstance(sought, cst.Tuple) else [sought]
    if parts and all(isinstance(p, cst.SimpleString) and p.evaluated_value for p in parts):
        return Answer.yes("a literal")
    return Answer.unknown("it may be empty")
