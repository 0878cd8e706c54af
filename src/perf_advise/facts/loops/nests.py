"""Finding the loops of a function and building the model of a nest."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.changes import find_changes
from perf_advise.facts.loops.counters import while_domain
from perf_advise.facts.loops.domain import for_domain, without_names
from perf_advise.facts.loops.expressions import Reader
from perf_advise.facts.loops.guards import Block, is_overtaken, not_all, only_skips
from perf_advise.facts.loops.iteration import Access, Apply, Expr, Fold, Index, Read, Scalar
from perf_advise.facts.loops.nouns import Domain, Exit, Growth, Guard, Loop, Step
from perf_advise.facts.loops.place import Place
from perf_advise.facts.loops.steps import opaque, simple_steps, single_step
from perf_advise.facts.tree import COMPREHENSIONS, comp_fors, dotted, statements, target_names, walk

if TYPE_CHECKING:
    from perf_advise.facts.facts import Facts

_REBOUND = "comes to mean another container"
_CREATORS = "zeros ones empty full zeros_like ones_like empty_like full_like arange linspace array copy"
_NEW_ARRAYS = frozenset(f"numpy.{name}" for name in _CREATORS.split())
LOOPS = (cst.For, cst.While, *COMPREHENSIONS)
_SCOPES = frozenset({cst.FunctionDef, cst.ClassDef, cst.Lambda})
_LOOPS_AND_SCOPES = _SCOPES | set(LOOPS)
LoopNode = cst.For | cst.While | cst.BaseComp


def find_loops(facts: "Facts") -> tuple[Loop, ...]:
    """The outermost loops of a function or of top-level code, comprehensions included, in source order."""
    return tuple(build_loop(node, facts) for node in outermost_loops(facts.slice.node))


def outermost_loops(root: cst.CSTNode) -> Iterator[LoopNode]:
    """The loop nodes below `root` that no other one holds; nested functions and classes are not entered."""
    for node in walk(root, lambda n: type(n) not in _LOOPS_AND_SCOPES):
        if node is not root and isinstance(node, LOOPS):
            yield node


def inner_loops(loop: Loop) -> tuple[LoopNode, ...]:
    """The loop nodes in the body of a loop, wherever they stand (inside `try` and `with` too), outermost ones only."""
    if isinstance(loop.node, cst.CompFor):
        return ()
    return tuple(outermost_loops(loop.node.body))


def build_loop(node: LoopNode, facts: "Facts", around: tuple[Domain, ...] = ()) -> Loop:
    """The model of one loop with all that is nested in it, taken as the outermost one.

    `around` are domains of loops outside, whose index is an invariant here: only their bounds are used.
    """
    place = Place(facts, find_changes(node, facts), around)
    builder = _Builder(len(around))
    if isinstance(node, cst.For | cst.While):
        return builder.loop(node, place)
    return builder.comprehension(node, place)


class _Builder:
    def __init__(self, around: int) -> None:
        self._around = around
        self._masks = 0
        self._reader = Reader(for_domain)

    # -- loops ------------------------------------------------------------------------------------------

    def loop(self, node: cst.For | cst.While, place: Place) -> Loop:
        """The model of a loop statement that stands at `place`."""
        if isinstance(node, cst.While):
            is_outermost = len(place.domains) == self._around
            domain, conditions = while_domain(node, place, is_outermost)
        else:
            domain, conditions = for_domain(node, place), ()
        dropped = _unkept(node, domain, place)
        inner, meanings = without_names(domain, dropped, place)
        body = replace(place.inside(inner), header_steps=place.header_steps | dropped)
        block = Block()
        for name, meaning in sorted(meanings.items()):
            step = Step(node, Scalar(node, name), meaning, guards=body.guards, domains=body.domains)
            block.items.append(opaque(node, body, f"`{name}` {_REBOUND}") if name in place.changes.containers else step)
        if isinstance(node, cst.For) and not _binds_plain_names(node.target):
            block.items.append(opaque(node, body, "the loop stores to something that is not a name"))
        for condition in conditions:
            value = self._reader.read(condition, body)
            block.items.append(Exit("condition", condition, body.guards, value))
        self._block(_statements(node.body), body, block, inner, is_whole=True)
        if node.orelse is not None:
            block.items.append(Exit("else", node.orelse))
        return self._made(node, inner, place, block)

    def _made(self, node: cst.For | cst.While, domain: Domain, place: Place, block: Block) -> Loop:
        header = node.iter if isinstance(node, cst.For) else node.test
        reads = frozenset(d for n in walk(header) if isinstance(n, cst.Name | cst.Attribute) and (d := dotted(n)))
        return Loop(node, domain, tuple(block.items), place.domains, place.guards, None, reads)

    def comprehension(self, node: cst.BaseComp, place: Place) -> Loop:
        """The model of a comprehension: one loop per clause."""
        return self._clause(node, list(comp_fors(node)), place)

    def _clause(self, node: cst.BaseComp, clauses: list[cst.CompFor], place: Place) -> Loop:
        clause, rest = clauses[0], clauses[1:]
        domain = for_domain(clause, place)
        body = place.inside(domain)
        for test in clause.ifs:
            body = body.under(Guard(test, False, self._reader.read(test.test, body)))
        item: Step | Loop
        if rest:
            item = self._clause(node, rest, body)
        else:
            value = self._reader.element(node, body)
            item = Step(node, Growth("", "element"), value, guards=body.guards, domains=body.domains)
        return Loop(clause, domain, (item,), place.domains, place.guards, node)

    # -- blocks -----------------------------------------------------------------------------------------

    def _block(
        self, body: list[cst.CSTNode], place: Place, block: Block, domain: Domain, is_whole: bool = False
    ) -> None:
        for at, node in enumerate(body):
            if isinstance(node, cst.Continue):
                block.continues.append((node, place.guards))
                return
            if is_whole and isinstance(node, cst.If) and only_skips(node, body[at + 1 :]):
                place = place.under(Guard(node, True, self._reader.read(node.test, place)))
            else:
                place = self._statement(node, place, block, domain)

    def _statement(self, node: cst.CSTNode, place: Place, block: Block, domain: Domain) -> Place:
        """Add one statement; gives what names mean after it."""
        if node is domain.stepper:
            return _after_step(place, domain)
        if isinstance(node, cst.For | cst.While):
            inner = self.loop(node, place)
            block.items.append(inner)
            if inner.domain.kind == "while" and inner.domain.index in place.facts.live_after(node):
                block.items.append(opaque(node, place, f"`{inner.domain.index}` is used after its loop"))
        elif isinstance(node, cst.If):
            return self._if(node, place, block, domain)
        elif isinstance(node, cst.Break | cst.Return | cst.Raise | cst.Assert):
            block.items.append(self._exit(node, place))
        elif isinstance(node, cst.BaseCompoundStatement):
            block.items.append(opaque(node, place, f"`{type(node).__name__.lower()}` block"))
        else:
            steps = list(simple_steps(node, place, self._reader))
            learned = self._learned(steps, place)
            block.items += (_unless_rebound(step, learned) for step in steps)
            return learned
        return place

    def _exit(self, node: cst.CSTNode, place: Place) -> Exit:
        if isinstance(node, cst.Break):
            return Exit("break", node, place.guards)
        if isinstance(node, cst.Return):
            value = self._reader.read(node.value, place) if node.value is not None else None
            return Exit("return", node, place.guards, value)
        return Exit("raise", node, place.guards)

    def _learned(self, steps: list[Step], place: Place) -> Place:
        """What a plain assignment says of its name from here on: an integer, or a row of an array."""
        if len(steps) != 1 or not isinstance(steps[0].target, Scalar) or steps[0].operator:
            return place
        step, name = steps[0], steps[0].target.name
        if place.changes.counts.get(name) != 1 or "." in name:
            return place
        if name in place.changes.containers:
            return _with_row(place, name, step.value)
        value = getattr(step.node, "value", None)
        number = place.integer(value) if isinstance(value, cst.BaseExpression) else None
        return place if number is None else replace(place, numbers={**place.numbers, name: number})

    # -- if ---------------------------------------------------------------------------------------------

    def _if(self, node: cst.If, place: Place, block: Block, domain: Domain) -> Place:
        single = single_step(node, place, self._reader)
        if single is not None:
            block.items.append(single)
            return place
        condition = self._reader.read(node.test, place)
        inner = self._guarded(node, condition, place, domain)
        if is_overtaken(condition, inner, place):
            self._masks += 1
            mask = Scalar(node, f"@mask{self._masks}")
            block.items.append(Step(node, mask, condition, guards=place.guards, domains=place.domains))
            inner = self._guarded(node, mask, place, domain)
        block.items += inner.items
        block.continues += inner.continues
        for continued, guards in inner.continues:
            place = place.under(not_all(continued, guards[len(place.guards) :]))
        return place

    def _guarded(self, node: cst.If, condition: Expr, place: Place, domain: Domain) -> Block:
        inner = Block()
        other = node.orelse
        otherwise: list[cst.CSTNode] = [other] if isinstance(other, cst.If) else []
        if isinstance(other, cst.Else):
            otherwise = _statements(other.body)
        self._block(_statements(node.body), place.under(Guard(node, False, condition)), inner, domain)
        self._block(otherwise, place.under(Guard(node, True, condition)), inner, domain)
        return inner


def _statements(body: cst.BaseSuite) -> list[cst.CSTNode]:
    return list(statements(body))


def _unkept(node: cst.For | cst.While, domain: Domain, place: Place) -> frozenset[str]:
    """Header names that do not keep their meaning: assigned in the body, or an item whose cell may be stored."""
    if isinstance(node, cst.While):
        return frozenset()
    items = {name for name, e in domain.names.items() if isinstance(e, Read) and _may_go_stale(name, e.access, place)}
    return frozenset(items | (_bound_in(node.body) & domain.names.keys()))


def _may_go_stale(name: str, access: Access, place: Place) -> bool:
    changes = place.changes
    if name in changes.containers:
        return changes.may_store(access.array, len(access.subscripts))
    return access.array in changes.stored | changes.resized or changes.stores_alias


def _binds_plain_names(target: cst.BaseExpression) -> bool:
    """Whether a `for` target is a name, or names in tuples."""
    if isinstance(target, cst.Tuple | cst.List):
        return all(_binds_plain_names(element.value) for element in target.elements)
    return isinstance(target, cst.Name)


_BINDING = frozenset({cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.For, cst.NamedExpr, cst.Del, cst.AsName})


def _bound_in(body: cst.BaseSuite) -> set[str]:
    """Every name that the statements below bind."""
    found: set[str] = set()
    for node in walk(body, lambda n: type(n) not in _SCOPES):
        if type(node) not in _BINDING:
            continue
        if isinstance(node, cst.AssignTarget | cst.AnnAssign | cst.AugAssign | cst.For | cst.NamedExpr | cst.Del):
            found |= {name.value for name in target_names(node.target)}
        elif isinstance(node, cst.AsName):
            found |= {name.value for name in target_names(node.name)}
    return found


def _unless_rebound(step: Step, place: Place) -> Step:
    """The step, or an opaque one where a container's name comes to mean a container that exists elsewhere."""
    if not isinstance(step.target, Scalar) or step.target.name not in place.changes.containers:
        return step
    if step.target.name in place.rows:
        return replace(step, is_row=True)
    if is_fresh(step.value) and not step.operator:
        return step
    return opaque(step.node, place, f"`{step.target.name}` {_REBOUND}")


def is_fresh(value: Expr) -> bool:
    """Whether evaluating gives a container that nothing else refers to."""
    if isinstance(value, Fold):
        return value.op in ("list", "sorted", "array")
    if not isinstance(value, Apply):
        return False
    if value.op == "*":
        return any(is_fresh(operand) for operand in value.operands)
    return value.op == "list" or value.op.removeprefix("builtins.") in ("list", "sorted") or value.op in _NEW_ARRAYS


def _with_row(place: Place, name: str, value: Expr) -> Place:
    """`row = a[i]` where the row stays the same object."""
    if not isinstance(value, Read) or any(s.affine is None for s in value.access.subscripts):
        return place
    access = value.access
    if place.changes.may_store(access.array, len(access.subscripts)):
        return place
    return replace(place, rows={**place.rows, name: access})


def _after_step(place: Place, domain: Domain) -> Place:
    """The counter of a `while` after its step."""
    assert domain.stepper is not None
    moved = Index(domain.stepper, Affine.symbol(domain.index) + domain.step)
    return replace(place, names={**place.names, domain.index: moved})
