"""Conditions around steps: what `continue` leaves, and conditions that have to be kept in a name of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import libcst as cst

from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.constraints import Constraints
from perf_advise.facts.loops.iteration import Access, Apply, Constant, Expr, Index, Read, Scalar
from perf_advise.facts.loops.nouns import Exit, Growth, Guard, Loop, Step
from perf_advise.facts.loops.place import Place
from perf_advise.facts.tree import statements
from perf_advise.model.facts import Truth


@dataclass(slots=True)
class Block:
    """What a block of statements adds to its loop."""

    items: list[Step | Loop | Exit] = field(default_factory=list)
    continues: list[tuple[cst.CSTNode, tuple[Guard, ...]]] = field(default_factory=list)


def only_skips(node: cst.If, rest: list[cst.CSTNode]) -> bool:
    """`if c: continue` before the only statement left: a plain condition on it."""
    body = list(statements(node.body))
    is_bare = len(body) == 1 and isinstance(body[0], cst.Continue) and node.orelse is None
    return is_bare and len(rest) == 1 and _is_one_step(rest[0])


def _is_one_step(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Assign):
        return len(node.targets) == 1 and not isinstance(node.targets[0].target, cst.Tuple | cst.List)
    return isinstance(node, cst.AugAssign | cst.Expr)


def not_all(continued: cst.CSTNode, guards: tuple[Guard, ...]) -> Guard:
    """The condition under which a `continue` that stands under `guards` is not taken."""
    if len(guards) == 1:
        return replace(guards[0], negated=not guards[0].negated)
    parts = tuple(Apply(g.node, "not", (g.condition,)) if g.negated else g.condition for g in guards)
    return Guard(continued, True, Apply(continued, "and", parts))


def is_overtaken(condition: Expr, block: Block, place: Place) -> bool:
    """Whether something changes what the condition read while a step that depends on it is still to come.

    After a `continue` the rest of the loop's body depends on it too: then anything that the nest changes counts.
    """
    if block.continues:
        return _is_changed_in_nest(condition, place)
    steps = [s for item in block.items for s in _steps_of(item)]
    is_repeated = any(isinstance(item, Loop) for item in block.items)
    return any(_changes(step, condition, place) for step in (steps if is_repeated else steps[:-1]))


def _is_changed_in_nest(condition: Expr, place: Place) -> bool:
    changed = place.changes.stored | place.changes.resized
    reads = [e.access for e in condition.walk() if isinstance(e, Read)]
    touched = any(_may_be(read, other, place) for read in reads for other in changed)
    return touched or any(isinstance(e, Scalar) for e in condition.walk())


def _may_be(read: Access, other: str, place: Place) -> bool:
    """Whether an array that is read may be the one that another name stands for."""
    if read.array == other or not other.isidentifier():
        return True
    return place.facts.may_alias(read.base, other).truth is not Truth.NO


def _steps_of(item: Step | Loop | Exit) -> Iterator[Step]:
    if isinstance(item, Loop):
        yield from item.steps
    elif isinstance(item, Step):
        yield item


def _changes(step: Step, condition: Expr, place: Place) -> bool:
    """Whether the step may change what the condition read."""
    if any(isinstance(e, Scalar) and e.name in step.scalars_written for e in condition.walk()):
        return True
    if not isinstance(step.target, Access | Growth):
        return False
    written = step.target.array if isinstance(step.target, Access) else step.target.name
    return any(_may_be(e.access, written, place) for e in condition.walk() if isinstance(e, Read))


# -- conditions on indices ------------------------------------------------------------------------------------

_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def index_limits(guards: Sequence[Guard]) -> Constraints:
    """What conditions such as `i > 0` say of the indices: comparisons of indices with each other and with integers."""
    found = [limit for guard in guards for limit in _limits(guard.condition, guard.negated)]
    return Constraints(natural=tuple(found))


def _limits(condition: Expr, negated: bool) -> Iterator[Affine]:
    if not isinstance(condition, Apply):
        return
    if condition.op == "not":
        yield from _limits(condition.operands[0], not negated)
    elif condition.op == ("or" if negated else "and"):
        for operand in condition.operands:
            yield from _limits(operand, negated)
    elif condition.op in _OPPOSITE:
        left, right = map(_number, condition.operands)
        op = _OPPOSITE[condition.op] if negated else condition.op
        if left is not None and right is not None:
            gap = right - left if op in ("<", "<=") else left - right
            yield gap - 1 if op in ("<", ">") else gap


def _number(expression: Expr) -> Affine | None:
    if isinstance(expression, Index):
        return expression.affine
    value = expression.value if isinstance(expression, Constant) else None
    return Affine.number(value) if isinstance(value, int) and not isinstance(value, bool) else None
