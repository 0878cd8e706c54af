"""Integers that a loop makes grow: they pass 64 bits after a few dozen turns, as a factorial does after twenty."""

from collections.abc import Iterator

import libcst as cst

from perf_advise.rulekit.view import View

_BOUNDING = (
    *(cst.Modulo, cst.FloorDivide, cst.RightShift, cst.BitAnd, cst.Divide),
    *(cst.ModuloAssign, cst.FloorDivideAssign, cst.RightShiftAssign, cst.BitAndAssign, cst.DivideAssign),
)
_SHRINKING = (cst.FloorDivide, cst.RightShift, cst.FloorDivideAssign, cst.RightShiftAssign)
_SUMS = (cst.Add, cst.Subtract)
_ORDERED = (cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual)
_FEW = 16
"""Turns in which no constant that people write out passes 64 bits."""
_Statement = cst.Assign | cst.AugAssign


def multiplies_up(view: View, left: cst.CSTNode, operator: cst.CSTNode, right: cst.CSTNode) -> bool:
    """Whether a product or shift is carried into the next turn, and nothing keeps it small.

    A factor that changes is enough; a constant one or a shift counts where no test or shrinking counter ends the loop.
    """
    statement = _statement_of(view, left)
    loops = view.repeats(statement) if statement is not None else ()
    if not loops or statement is None:  # a comprehension carries nothing from turn to turn
        return False
    carried = _targets(statement)
    if isinstance(operator, cst.LeftShift | cst.LeftShiftAssign):
        up = _comes_around(view, left, carried, statement) and not _ends_by_itself(view, loops[0], carried)
    elif isinstance(operator, cst.Multiply | cst.MultiplyAssign):
        up = any(
            _comes_around(view, one, carried, statement) and _is_a_factor(view, other, carried, loops)
            for one, other in ((left, right), (right, left))
        )
    else:
        return False
    return up and not any(_is_bounded(node, carried) for node in _assignments(view, loops[0]))


def adds_up(view: View, left: cst.CSTNode) -> bool:
    """Whether a sum takes what it is stored to, or what is made from that, twice: Fibonacci numbers, counted paths."""
    statement = _statement_of(view, left)
    loops = view.repeats(statement) if statement is not None else ()
    if not loops or statement is None:  # a comprehension carries nothing from turn to turn
        return False
    places = list(_assignments(view, loops[0]))
    for targets, value in _pairs(statement):
        grown = _made_from(targets, places)
        times = sum(sign for sign, term in _terms(value) if _comes_around(view, term, grown, statement))
        twice = times + isinstance(statement, cst.AugAssign) > 1
        if twice and not any(_is_bounded(node, grown) or _is_chosen(view, node, grown) for node in places):
            return not _ends_by_itself(view, loops[0], grown)
    return False


def scaled_by_unknown_shift(view: View) -> cst.BinaryOperation | None:
    """A product that is shifted down by a variable: fixed-point numbers, whose size is what the variable says."""
    for node in view.walk(cst.BinaryOperation):
        product = node.left.operator if isinstance(node.left, cst.BinaryOperation) else None
        shifted = isinstance(node.operator, cst.RightShift) and isinstance(product, cst.Multiply)
        if shifted and not isinstance(node.right, cst.Integer):
            return node
    return None


def _comes_around(view: View, node: cst.CSTNode, carried: set[str], statement: _Statement) -> bool:
    """Whether it is made from what the turn before stored, as an index is not."""
    loop = view.repeats(statement)[0]
    for name in (part for part in _valued(node) if isinstance(part, cst.Name) and part.value in carried):
        found = (
            None
            if isinstance(statement, cst.AugAssign) and view.inside(name, statement.target)
            else (view.facts.reaching(name))
        )
        if found is None or isinstance(view.parent(name), cst.Subscript | cst.Attribute):
            return True
        if any(view.inside(d, loop) and view.line(d) >= view.line(statement) for d in found):
            return True
    return False


def _is_a_factor(view: View, factor: cst.CSTNode, carried: set[str], loops: tuple[cst.CSTNode, ...]) -> bool:
    """Whether multiplying by it often enough passes any bound."""
    if isinstance(factor, cst.Integer):
        return abs(factor.evaluated_value) > 1 and not _ends_by_itself(view, loops[0], carried)
    return bool(_names(factor) & {name for loop in loops for name in view.facts.effects(loop).binds})


def _ends_by_itself(view: View, loop: cst.CSTNode, carried: set[str]) -> bool:
    """Whether a loop stops once the names are large, or runs for few turns: it halves a counter, or counts them."""
    if isinstance(loop, cst.For) and isinstance(loop.iter, cst.Call) and loop.iter.args:
        last = loop.iter.args[-1].value
        if isinstance(last, cst.Integer) and len(loop.iter.args) < 3 and last.evaluated_value <= _FEW:
            return True
    tests: list[cst.CSTNode] = [loop.test] if isinstance(loop, cst.While) else []
    tests += [n.test for n in view.walk(cst.If) if view.inside(n, loop) and _breaks(n)]
    compared = [part for test in tests for part in _walk(test) if isinstance(part, cst.Comparison)]
    if any(isinstance(t.operator, _ORDERED) for c in compared for t in c.comparisons if _names(c) & carried):
        return True
    if not isinstance(loop, cst.While):
        return False
    return any(
        _targets(node) & _names(loop.test) and any(isinstance(part, _SHRINKING) for part in _walk(node))
        for node in _assignments(view, loop)
    )


def _breaks(node: cst.If) -> bool:
    return any(isinstance(part, cst.Break | cst.Return) for part in _walk(node.body))


def _made_from(targets: set[str], places: list[_Statement]) -> set[str]:
    """The names, and those that get values made from them, in one turn or several."""
    found = set(targets)
    while True:
        more = {t for node in places for names, value in _pairs(node) if _values(value) & found for t in names}
        if more <= found:
            return found
        found |= more


def _pairs(statement: _Statement) -> Iterator[tuple[set[str], cst.CSTNode]]:
    """What is stored to, each with its own value: `a, b = b, a + b` are two."""
    if isinstance(statement, cst.AugAssign):
        yield _stored(statement.target), statement.value
        return
    for target in (t.target for t in statement.targets):
        if isinstance(target, cst.Tuple) and isinstance(statement.value, cst.Tuple):
            for one, value in zip(target.elements, statement.value.elements, strict=False):
                yield _stored(one.value), value.value
        else:
            yield _stored(target), statement.value


def _terms(node: cst.CSTNode, sign: int = 1) -> Iterator[tuple[int, cst.CSTNode]]:
    """The terms of a sum, each with its sign."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, _SUMS):
        yield from _terms(node.left, sign)
        yield from _terms(node.right, -sign if isinstance(node.operator, cst.Subtract) else sign)
    else:
        yield sign, node


def _is_chosen(view: View, node: _Statement, carried: set[str]) -> bool:
    """Whether what is stored is the least or largest of several, by `min` or an `if`: sums of a few terms each."""
    if not _targets(node) & carried:
        return False
    calls = (part.func for part in _walk(node) if isinstance(part, cst.Call))
    if any(isinstance(name, cst.Name) and name.value in ("min", "max") for name in calls):
        return True
    tests = (holder.test for holder in view.ancestors(node) if isinstance(holder, cst.If))
    compared = (part for test in tests for part in _walk(test) if isinstance(part, cst.Comparison))
    return any(
        isinstance(target.operator, _ORDERED) and _values(one.left) & carried and _values(target.comparator) & carried
        for one in compared
        for target in one.comparisons
    )


def _is_bounded(node: _Statement, carried: set[str]) -> bool:
    """Whether the statement assigns one of the names what a division, remainder, shift or mask leaves."""
    return bool(_targets(node) & carried) and any(isinstance(part, _BOUNDING) for part in _walk(node))


def _assignments(view: View, loop: cst.CSTNode) -> Iterator[_Statement]:
    yield from (node for node in view.walk(cst.Assign) if view.inside(node, loop))
    yield from (node for node in view.walk(cst.AugAssign) if view.inside(node, loop))


def _statement_of(view: View, node: cst.CSTNode) -> _Statement | None:
    return next((h for h in view.ancestors(node) if isinstance(h, cst.Assign | cst.AugAssign)), None)


def _targets(statement: _Statement) -> set[str]:
    """The variables, and the containers of the cells, that a statement stores to."""
    return {name for names, _ in _pairs(statement) for name in names}


def _stored(target: cst.CSTNode) -> set[str]:
    if isinstance(target, cst.Subscript):
        return _stored(target.value)
    if isinstance(target, cst.Attribute):
        return {target.attr.value}
    if isinstance(target, cst.Name):
        return {target.value}
    return {name for child in target.children for name in _stored(child)}


def _names(node: cst.CSTNode) -> set[str]:
    return {part.value for part in _walk(node) if isinstance(part, cst.Name)}


def _values(node: cst.CSTNode) -> set[str]:
    return {part.value for part in _valued(node) if isinstance(part, cst.Name)}


def _valued(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The parts that make up the value: not the indices."""
    yield node
    for child in (node.value,) if isinstance(node, cst.Subscript) else node.children:
        yield from _valued(child)


def _walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _walk(child)
