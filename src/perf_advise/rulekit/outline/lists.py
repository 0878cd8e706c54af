"""Which lists that a kernel works on are worth converting, which it stores to, and whether they are apart."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import libcst as cst

from perf_advise.facts.likely.likely import likely_types
from perf_advise.facts.literals import number
from perf_advise.facts.tree import dotted
from perf_advise.model.facts import Answer, Evidence, Truth
from perf_advise.model.hot import MODULE
from perf_advise.rulekit import needs
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.numba.containers import Container, uses
from perf_advise.rulekit.numba.infinite import only_infinities
from perf_advise.rulekit.numba.types import Kinds
from perf_advise.rulekit.view import View

_WORK = (cst.BinaryOperation, cst.Comparison, cst.Subscript, cst.AugAssign, cst.Call)
_ENOUGH_WORK = 8
"""Operations per pass over an item that pay for its conversion."""


def worth_it(
    view: View, nodes: Sequence[cst.CSTNode], converted: Sequence[Container], written: frozenset[str]
) -> Iterator[Need]:
    """Each list is used often enough for its conversion to pay."""
    for one in converted:
        depth = max((_loops_around(view, use, nodes) for use in uses(view, nodes, one.text)), default=0)
        heavy = _operations(view, nodes) >= _ENOUGH_WORK * (2 if one.text in written else 1)
        worth = depth > one.depth or (depth == one.depth and heavy and one.depth > 1)
        yield needs.holds(worth, f"the work on `{one.text}` is worth its conversion", f"{depth} loops deep")
        if one.mixed and only_infinities(view):
            answer = Answer.unknown("their size is not known")
            yield needs.value(answer, f"ints in `{one.text}` are below 2**53", "ints beyond 2**53 lose digits")
        elif one.mixed:
            if one.text in written:
                claim = f"no int that the loops compute is stored to `{one.text}`, which holds floats"
                yield needs.holds(not _stores_ints(view, nodes, one.text), claim)
            yield needs.value(
                Answer.unknown("it holds ints and floats"),
                f"`{one.text}` holds floats",
                f"ints in `{one.text}` are floats",
            )
        numbers = {"int64": "ints", "float64": "floats"}.get(one.dtype, "numbers")
        kinds = "text" if one.kind == "text" else f"a rectangular {'list of ' * one.depth}{numbers}"
        why = "as this file suggests" if one.dtype else "as the loops use it"
        yield Need(Answer.yes(why, Evidence.SEEN), f"`{one.text}` is {kinds}")
        if not one.dtype and one.text in written:
            yield needs.value(
                Answer.unknown("its items are not known"),
                f"`{one.text}` holds floats",
                f"ints in `{one.text}` may become floats",
            )


def _stores_ints(view: View, nodes: Sequence[cst.CSTNode], text: str) -> bool:
    """Whether what is stored to items may be an int that is not written out: a zero to start a sum from is none."""
    kinds = Kinds(view)
    stores = [(t.target, view.parent(t)) for t in view.walk(cst.AssignTarget)]
    stores += [(node.target, node) for node in view.walk(cst.AugAssign)]
    for target, holder in stores:
        is_store = isinstance(target, cst.Subscript) and dotted(_root(target)) == text
        if is_store and any(view.inside(target, root) for root in nodes):
            value = holder.value if isinstance(holder, cst.Assign | cst.AugAssign) else target
            if number(value) is None and {"int", "bool"} & kinds.names(value):
                return True
    return False


def loops_in(view: View, statement: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The loops of statements in it, itself included."""
    return (n for n in view.walk(cst.For, cst.While) if view.inside(n, statement))


def _loops_around(view: View, node: cst.CSTNode, nodes: Sequence[cst.CSTNode]) -> int:
    """How deep the nest is that a use stands in, its header included."""
    loops = [n for n in view.ancestors(node) if isinstance(n, cst.For | cst.While | cst.GeneratorExp)]
    around = [loop for loop in loops if any(view.inside(loop, root) for root in nodes)]
    return loops_deep(view, around[-1]) if around else 0


def loops_deep(view: View, loop: cst.CSTNode) -> int:
    """How deep the nest is that a loop is the outermost one of."""
    inner = [n for n in view.walk(cst.For, cst.While, cst.GeneratorExp) if view.inside(n, loop)]
    outside = len(view.repeats(loop))
    return max((len(view.repeats(n)) - outside + 1 for n in inner), default=0)


def _operations(view: View, nodes: Sequence[cst.CSTNode]) -> int:
    """Operations in the innermost loop that has most of them."""
    counts: dict[int, int] = {}
    for node in view.walk(*_WORK):
        loops = view.repeats(node)
        if loops and any(view.inside(node, root) for root in nodes):
            counts[id(loops[0])] = counts.get(id(loops[0]), 0) + 1
    return max(counts.values(), default=0)


def apart(view: View, converted: Sequence[Container], written: frozenset[str]) -> Iterator[Need]:
    """A list that is stored to is no other one: as arrays they would be copies of each other."""
    for one, other in combinations([c for c in converted if c.kind == "converted"], 2):
        if one.text in written or other.text in written:
            answer = needs.negated(_may_alias(view, one, other))
            claim = f"`{one.text}` and `{other.text}` are different lists"
            if likely_types(view.index).is_called(view.hot.qualname) or view.hot.is_module:
                yield Need(answer, claim)
            else:  # nothing is known of its callers
                yield needs.value(answer, claim, f"results differ where `{one.text}` and `{other.text}` are one list")
    for argument in converted:
        if argument.text in written and argument.depth > 1:
            claim = f"no two rows of `{argument.text}` are one list"
            yield needs.value(Answer.unknown("rows are not compared"), claim, "rows that are one list come apart")


def _may_alias(view: View, one: Container, other: Container) -> Answer:
    if isinstance(one.node, cst.Name) and isinstance(other.node, cst.Name):
        answer = view.facts.may_alias(one.node, other.node)
        if answer.truth is not Truth.UNKNOWN and not answer.holds:
            return answer
    if is_fresh(view, one) or is_fresh(view, other):
        return Answer.no("one of them is made by the function")
    scope = "" if view.hot.qualname == MODULE else view.hot.qualname
    if likely_types(view.index).are_apart(scope, one.text, other.text):
        return Answer.no("no call in this file passes one list for both", Evidence.SEEN)
    return Answer.unknown(f"`{one.text}` may be `{other.text}`")


def is_fresh(view: View, container: Container) -> bool:
    """Whether the name only ever holds a list that the function itself makes."""
    places = view.facts.definitions(container.text) if view.hot.qualname != MODULE else ()
    holders = [view.parent(view.parent(place) or place) for place in places]
    made = (cst.List, cst.ListComp, cst.BinaryOperation)
    return bool(holders) and all(isinstance(h, cst.Assign) and isinstance(h.value, made) for h in holders)


def is_written(view: View, nodes: Sequence[cst.CSTNode], text: str) -> bool:
    """Whether the statements store to items of the container."""
    stored: list[cst.CSTNode] = [t.target for t in view.walk(cst.AssignTarget)]
    stored += [t.target for t in view.walk(cst.AugAssign)]
    flat = [e.value for t in stored if isinstance(t, cst.Tuple) for e in t.elements] + stored
    roots = {dotted(_root(t)) for t in flat if isinstance(t, cst.Subscript) and any(view.inside(t, n) for n in nodes)}
    return text in roots or bool(roots & _rows(view, nodes, text))


def _rows(view: View, nodes: Sequence[cst.CSTNode], text: str) -> set[str | None]:
    """Names of rows of the container."""
    found: set[str | None] = set()
    for node in view.walk(cst.For, cst.Assign):
        if isinstance(node, cst.For):
            source, target = node.iter, node.target
        else:
            source, target = (
                cst.ensure_type(node, cst.Assign).value,
                cst.ensure_type(node, cst.Assign).targets[0].target,
            )
        texts = {dotted(_root(part)) for part in (source, *_arguments(source))}
        if text in texts and any(view.inside(node, n) for n in nodes):
            names = [e.value for e in target.elements] if isinstance(target, cst.Tuple) else [target]
            found |= {dotted(name) for name in names}
    return found


def _arguments(node: cst.CSTNode) -> list[cst.BaseExpression]:
    return [a.value for a in node.args] if isinstance(node, cst.Call) else []


def _root(target: cst.CSTNode) -> cst.CSTNode:
    while isinstance(target, cst.Subscript):
        target = target.value
    return target
