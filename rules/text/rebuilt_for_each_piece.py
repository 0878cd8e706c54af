"""A text, bytes or a list rebuilt whole in each turn of a loop to change a piece of it.

## What it does
Finds `s = s[:i] + new + s[j:]`, `out = sep.join((out, more))` and `text = text.replace(old, new)` with other words in
each turn, in a loop that carries the value from turn to turn, and names the repair. It writes no code: what is read of
the value between the turns decides which way suits.

## Why it is slow
Each turn copies everything, or goes over everything, however small the piece is: O(n) per turn, O(n * n) for the loop.

## When it is not the same
Parts that are joined at the end are not searched again for what a replacement put in, which a second turn would do.

## When it is not faster
Texts of a few hundred characters, or a loop of a few turns.

## References
462 performance fixes read: 21 were of strings and bytes, in 10 projects. CPython mended `os.path.expandvars` this way.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Rule, Silent, View, chain_of, cst, needs, same_code

UNQUOTE = """
def unquote(data: bytes) -> bytes:
    i = data.find(b"#")
    while i >= 0:
        data = data[:i] + bytes((int(data[i + 1:i + 3], 16),)) + data[i + 3:]
        i = data.find(b"#", i + 1)
    return data
"""
JOIN = """
EMPTY = b""


def packed(values):
    out = b"*"
    for value in values:
        out = EMPTY.join((out, b"$", value))
    return out
"""
STASH = """
def restore(text, stash):
    for name, html in stash.items():
        text = text.replace(name, html)
    return text
"""

RULE = Rule(
    code="PA711",
    name="rebuilt-for-each-piece",
    message="`{value}` {does} in each turn: O(n * n) for the loop",
    applicability=DISPLAY,
    examples=(
        Example(before=UNQUOTE, after=UNQUOTE, calls=("unquote(b'a#20b')",), applicability=DISPLAY),
        Example(before=JOIN, after=JOIN, calls=("packed([b'a', b'b'])",), applicability=DISPLAY),
        Example(before=STASH, after=STASH, calls=("restore('ab', {'a': 'b'})",), applicability=DISPLAY),
    ),
    silent=(
        Silent(UNQUOTE.replace("    while i >= 0:", "    if i >= 0:"), why="once"),
        Silent(
            "def f(lines: list[str], i: int) -> list[str]:\n    out = []\n    for line in lines:\n"
            "        line = line[:i] + '-' + line[i:]\n        out.append(line)\n    return out\n",
            why="another text in each turn",
        ),
        Silent(
            STASH.replace("stash.items()", "(('a', 'b'), ('c', 'd'))"),
            why="a few constants: `translate` is no faster",
        ),
        Silent(
            "CODES = {'&': '&amp;', '<': '&lt;'}\n\n\n" + STASH.replace("stash.items()", "CODES.items()"),
            why="a table of constants: a few turns",
        ),
        Silent(STASH.replace("text = text.replace", "other = text.replace"), why="nothing is carried on"),
        Silent(JOIN.replace("(out, b\"$\", value)", "(b\"$\", value)"), why="only the new parts are joined"),
    ),
)  # fmt: skip
COPIED, GONE_OVER = "copies the whole to change a piece of it", "goes over the whole text"
PARTS = "collect the parts in a list, moving a position through the original, and join them once after the loop"
AT_ONCE = "replace all in one pass: `re.sub` with a pattern of all words and a dict that says what each becomes"


def see(view: View) -> Iterator[Match]:
    for step in view.walk(cst.Assign):
        target = step.targets[0].target
        loop = next(iter(view.repeats(step)), None)
        if len(step.targets) != 1 or not isinstance(target, cst.Name) or not isinstance(loop, cst.For | cst.While):
            continue
        found = _rebuilt(view, step.value, target, loop)
        if found is not None:
            carried = needs.holds(_is_carried(view, target, loop), f"`{target.value}` goes on from turn to turn")
            kept = {"value": step.value, "does": found[0]}
            yield Match(step, kept, (carried,), note=found[1], fixable=False)


def _rebuilt(
    view: View, value: cst.BaseExpression, target: cst.Name, loop: cst.For | cst.While
) -> tuple[str, str] | None:
    """What the turn does with all of the value, and the repair."""
    parts = chain_of(value, cst.Add)
    if len(parts) > 2 and _is_slice(parts[0], target) and _is_slice(parts[-1], target):
        return COPIED, PARTS
    if not isinstance(value, cst.Call) or not isinstance(value.func, cst.Attribute) or not value.args:
        return None
    way, first = value.func.attr.value, value.args[0].value
    if way == "join" and isinstance(first, cst.Tuple | cst.List) and not isinstance(value.func.value, cst.SimpleString):
        return (COPIED, PARTS) if first.elements and same_code(first.elements[0].value, target) else None
    replaces = way == "replace" and len(value.args) == 2 and same_code(value.func.value, target)
    if (
        replaces
        and isinstance(loop, cst.For)
        and not _is_table(view, loop.iter)
        and not isinstance(first, cst.SimpleString)
    ):
        return GONE_OVER, AT_ONCE
    return None


def _is_slice(part: cst.BaseExpression, target: cst.Name) -> bool:
    sliced = isinstance(part, cst.Subscript) and len(part.slice) == 1 and isinstance(part.slice[0].slice, cst.Slice)
    return isinstance(part, cst.Subscript) and sliced and same_code(part.value, target)


def _is_table(view: View, items: cst.BaseExpression) -> bool:
    """Whether the turns are few: items that are written out, or a table by its name in capitals."""
    if isinstance(items, cst.Call) and isinstance(items.func, cst.Attribute):
        items = items.func.value
    made = (a.value for a in view.walk(cst.Assign) if same_code(a.targets[0].target, items))
    if any(isinstance(value, cst.List | cst.Tuple | cst.Dict) and value.elements for value in made):
        return True
    name = items.attr if isinstance(items, cst.Attribute) else items
    return not isinstance(name, cst.Name | cst.Call) or (isinstance(name, cst.Name) and name.value.isupper())


def _is_carried(view: View, target: cst.Name, loop: cst.For | cst.While) -> bool:
    """Whether the loop binds the name only by steps like this one, or by adding to it."""
    bound = [node for node in view.facts.definitions(target.value) if view.inside(node, loop)]
    steps = [a for a in view.walk(cst.Assign) if same_code(a.targets[0].target, target)]
    grown = {s.target for s in view.walk(cst.AugAssign)} | {a.targets[0].target for a in steps if _reads(a, target)}
    return set(bound) <= grown


def _reads(step: cst.Assign, target: cst.Name) -> bool:
    def mentions(node: cst.CSTNode) -> bool:
        return (isinstance(node, cst.Name) and node.value == target.value) or any(map(mentions, node.children))

    return mentions(step.value)
