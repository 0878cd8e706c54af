"""Integers that a loop multiplies up: they pass 64 bits after a few dozen turns, as a factorial does after twenty."""

from collections.abc import Iterator

import libcst as cst

from perf_advise.rulekit.view import View

_BOUNDING = (
    *(cst.Modulo, cst.FloorDivide, cst.RightShift, cst.BitAnd, cst.Divide),
    *(cst.ModuloAssign, cst.FloorDivideAssign, cst.RightShiftAssign, cst.BitAndAssign, cst.DivideAssign),
)


def multiplies_up(view: View, left: cst.CSTNode, operator: cst.CSTNode, right: cst.CSTNode) -> bool:
    """Whether a product is carried into the next turn with a factor that changes, and nothing keeps it small."""
    loops = view.repeats(left)
    statement = next((h for h in view.ancestors(left) if isinstance(h, cst.Assign | cst.AugAssign)), None)
    if not isinstance(operator, cst.Multiply | cst.MultiplyAssign) or not loops or statement is None:
        return False
    carried = _targets(statement)
    changing = view.facts.effects(loops[0]).binds
    pairs = ((left, right), (right, left))
    up = any(_names(one) & carried and _names(other) & changing for one, other in pairs)
    return up and not any(_is_bounded(node, carried) for node in view.walk(cst.Assign, cst.AugAssign)
                          if view.inside(node, loops[0]))  # fmt: skip


def _is_bounded(node: cst.CSTNode, carried: set[str]) -> bool:
    """Whether the statement assigns one of the names what a division, remainder, shift or mask leaves."""
    if not isinstance(node, cst.Assign | cst.AugAssign) or not _targets(node) & carried:
        return False
    return any(isinstance(part, _BOUNDING) for part in _walk(node))


def _targets(statement: cst.Assign | cst.AugAssign) -> set[str]:
    """The variables, and the containers of the cells, that a statement stores to."""
    if isinstance(statement, cst.AugAssign):
        return _stored(statement.target)
    return {name for target in statement.targets for name in _stored(target.target)}


def _stored(target: cst.CSTNode) -> set[str]:
    if isinstance(target, cst.Subscript):
        return _stored(target.value)
    if isinstance(target, cst.Name):
        return {target.value}
    return {name for child in target.children for name in _stored(child)}


def _names(node: cst.CSTNode) -> set[str]:
    return {part.value for part in _walk(node) if isinstance(part, cst.Name)}


def _walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _walk(child)
