"""Text that is copied whole by each iteration that adds to it.

## What it does
Finds `text = text + a + b`, `text = f"{text}{a}"` and `text = "".join((text, a))` in a loop, and adds in place:
`text += a + b`. It points out text that grows at its front (`text = a + text`), and text that grows in a global or in a
variable that an inner function shares; the repair of those is for the author.

## Why it is slow
CPython extends a local string in place only where the addition is all that the statement does to it: `text += part`.
In `text + a + b` the first sum is a copy of everything so far: O(n) per iteration, O(n * n) for the loop.

## When it is not the same
It is the same for texts, whatever the order in which they are joined; the rule asks that each part is a `str`, since
other types may define `+` otherwise.

## When it is not faster
For texts of up to a few hundred characters there is little to copy.

## References
CPython `unicode_concatenate`; Python FAQ, "What is the most efficient way to concatenate many strings together?";
measured: 136 ns per addition at 2,000 characters and 4,299 ns at 100,000, against 36 ns at any length in place.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    DISPLAY,
    Bench,
    Example,
    Match,
    Need,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    chain_of,
    cst,
    match_pattern,
    needs,
    parenthesised,
    same_code,
)

LOOP = "def f(words: list[str]) -> str:\n    text = ''\n    for word in words:\n"
FRONT = f"{LOOP}        text = word + text\n    return text\n"
SHARED = "text = ''\n\n\ndef add(xs):\n    global text\n    for x in xs:\n        text += f'{x}'\n    return text\n"
PARTS = f"{LOOP}        text = text + word + ', '\n    return text\n"

RULE = Rule(
    code="PA708",
    name="text-rebuilt-to-grow",
    message="`{text}` is copied whole by each iteration that adds to it: O(n * n) for the loop",
    cure="add to `{text}` in place",
    examples=(
        Example(
            before=PARTS.replace("word +", "(word or 'none') +"),
            after=f"{LOOP}        text += (word or 'none') + ', '\n    return text\n",
            calls=("f(['a', 'b'])", "f([])"),
            generated={"words": "list[str]"},
        ),
        Example(
            before=f'{LOOP}        text = f"{{text}}{{word!r:>4}}, "\n    return text\n',
            after=f'{LOOP}        text += f"{{word!r:>4}}, "\n    return text\n',
            generated={"words": "list[str]"},
        ),
        Example(
            before=f"{LOOP}        text = ''.join([text, word, '-' if word else ''])\n    return text\n",
            after=f"{LOOP}        text += word + ('-' if word else '')\n    return text\n",
            generated={"words": "list[str]"},
        ),
        Example(before=FRONT, after=FRONT, calls=("f(['a', 'b'])",), applicability=DISPLAY),
        Example(before=SHARED, after=SHARED, calls=("add(['a', 'b'])",), applicability=DISPLAY),
    ),
    silent=(
        Silent(PARTS.replace("text = text + word + ', '", "text += word"), why="grows in place"),
        Silent(PARTS.replace("text = text + word + ', '", "text = text + word"), why="done in place as well"),
        Silent(
            "def f(rows: list[list[int]]) -> list[int]:\n    out: list[int] = []\n    for row in rows:\n"
            "        out = out + row + [0]\n    return out\n",
            why="lists: another rule",
        ),
        Silent(
            "def f(parts, text):\n    for part in parts:\n        text = text + part + 1\n    return text\n",
            why="numbers, for all that is known",
        ),
        Silent(
            f"{LOOP}        text = word\n        text = text + word + ', '\n        print(text)\n    return text\n",
            why="another text in each turn",
        ),
        Silent("def f(text: str) -> str:\n    text = text + 'a' + 'b'\n    return text\n", why="once"),
    ),
    bench=Bench(
        before='text = ""\nfor i in range(n):\n    text = text + "some word" + ", "',
        after='text = ""\nfor i in range(n):\n    text += "some word" + ", "',
        sizes=(10, 1000, 20_000),
        losing="n = 2",
    ),
)


def see(view: View) -> Iterator[Match]:
    for step in _assignments(view):
        name, loop = _target(step), next(iter(view.turns(step)), None)
        if name is None or not isinstance(loop, cst.For | cst.While):
            continue
        carried = _carried(view, name, step, loop)
        own = view.facts.scope(name.value) in ("local", "parameter") and not view.facts.is_captured(name.value)
        texts = _joined(view, step, name)
        if texts and own:
            needed = (carried, *(needs.is_type(view, text, "str") for text in texts))
            yield Match(step, {"text": name, "parts": texts[1:], "value": step.value}, needed)
        elif by_hand := _by_hand(step, name, own):
            part, note = by_hand
            text = needs.is_type(view, part, "str") if not _starts_as_text(view, name) else carried
            yield Match(step, {"text": name}, (carried, text), note=note, fixable=False)


def change(match: Match, view: View) -> Rewrite:
    value, parts = match.captures["value"], match.captures["parts"]
    if isinstance(value, cst.FormattedString):
        code = value.start + view.code(value)[len(value.start) + len(view.code(value.parts[0])) :]
    else:
        operand = parenthesised if isinstance(value, cst.Call) else str  # operands of `+` have theirs already
        code = " + ".join(operand(view.code(part)) for part in parts)
    return Rewrite((Replacement.of(match.node, f"{match.captures['text'].value} += {code}"),))


def _assignments(view: View) -> list[cst.Assign | cst.AugAssign]:
    return [*view.walk(cst.Assign), *view.walk(cst.AugAssign)]


def _target(step: cst.Assign | cst.AugAssign) -> cst.Name | None:
    if isinstance(step, cst.Assign):
        target = step.targets[0].target if len(step.targets) == 1 else None
    else:
        target = step.target if isinstance(step.operator, cst.AddAssign) else None
    return target if isinstance(target, cst.Name) else None


def _joined(view: View, step: cst.Assign | cst.AugAssign, name: cst.Name) -> list[cst.BaseExpression]:
    """The texts that `text = text + a + b` and its likes join, itself first; none where CPython adds in place."""
    texts: list[cst.BaseExpression] = []
    if isinstance(step, cst.AugAssign):
        return texts
    if isinstance(step.value, cst.FormattedString):
        texts = _shown_first(step.value)
    elif joined := match_pattern("''.join($parts)", step.value, view.facts):
        items = joined["parts"]
        texts = [e.value for e in items.elements] if isinstance(items, cst.List | cst.Tuple) else []
    elif len(operands := chain_of(step.value, cst.Add)) > 2:
        texts = operands
    return texts if len(texts) > 1 and same_code(texts[0], name) else []


def _shown_first(value: cst.FormattedString) -> list[cst.BaseExpression]:
    """What an f-string begins with, as it is, and the f-string; nothing where only letters follow."""
    first, *others = value.parts
    if not isinstance(first, cst.FormattedStringExpression) or first.conversion or first.format_spec or first.equal:
        return []
    return [first.expression, value] if any(isinstance(p, cst.FormattedStringExpression) for p in others) else []


def _by_hand(step: cst.Assign | cst.AugAssign, name: cst.Name, own: bool) -> tuple[cst.BaseExpression, str] | None:
    """What is added without a sure repair, and the repair in words."""
    first, *others = chain_of(step.value, cst.Add)
    if isinstance(step, cst.Assign) and others and same_code(others[-1], name):
        return first, "collect the parts in a list, and join them once after the loop, in reversed order"
    added = step.value if isinstance(step, cst.AugAssign) else others[-1] if same_code(first, name) and others else None
    if added is None or own:
        return None
    return added, f"grow a local variable, and assign it to `{name.value}` once after the loop"


def _starts_as_text(view: View, name: cst.Name) -> bool:
    """Whether the function makes the variable a literal text: what is added to it, or before it, is text."""
    made = [a.value for a in view.walk(cst.Assign) if same_code(a.targets[0].target, name)]
    return any(isinstance(value, cst.SimpleString) and isinstance(value.evaluated_value, str) for value in made)


def _carried(view: View, name: cst.Name, step: cst.CSTNode, loop: cst.CSTNode) -> Need:
    """The text goes on growing from turn to turn: no other line of the loop binds it."""
    others = [d for d in view.facts.definitions(name.value) if view.inside(d, loop) and not view.inside(d, step)]
    alone = set(others) <= {_target(s) for s in _assignments(view) if isinstance(s, cst.AugAssign) or _repeats(s)}
    return needs.holds(alone, f"`{name.value}` grows from turn to turn", "it is bound anew")


def _repeats(step: cst.Assign) -> bool:
    return same_code(chain_of(step.value, cst.Add)[0], step.targets[0].target)
