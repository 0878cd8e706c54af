"""What a plan rests on: data that the source does not show to be as it has to be."""

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from perf_advise.facts.dependence import sign_of
from perf_advise.facts.domain import SEQUENCES
from perf_advise.facts.graph import Graph, Touch
from perf_advise.facts.iteration import Apply, Expr, Invariant
from perf_advise.facts.patterns import Assumption
from perf_advise.model.facts import Answer, Truth

if TYPE_CHECKING:
    from perf_advise.facts.facts import Facts

_NUMBERS = frozenset({"int", "float", "complex", "bool", "str", "NoneType"})


def assumptions_of(graph: Graph, facts: "Facts") -> tuple[Assumption, ...]:
    """The assumptions of a nest that the facts do not show to hold."""
    found = [
        *_aliases(graph, facts),
        *_signs(graph),
        *_sequences(graph, facts),
        *_rows(graph, facts),
        *_integers(graph),
    ]
    unique = {(a.kind, a.subjects): a for a in found}
    return tuple(a for a in unique.values() if not a.answer.holds)


# -- objects ------------------------------------------------------------------------------------------------


def _aliases(graph: Graph, facts: "Facts") -> Iterator[Assumption]:
    """Pairs of names of which one is written: different objects, or at least the same index everywhere."""
    cells: dict[str, list[Touch]] = {}
    for touch in graph.all_touches:
        if touch.event.access.subscripts or touch.name not in graph.scalars:
            cells.setdefault(touch.name, []).append(touch)
    names = {*cells, *_passed(graph, facts)} - graph.scalars.keys()
    for one, other in combinations(sorted(names), 2):
        touches = cells.get(one, []), cells.get(other, [])
        if not any(t.event.is_write for side in touches for t in side):
            continue
        same_index = (
            bool(touches[0] and touches[1]) and len({t.event.access.subscripts for side in touches for t in side}) == 1
        )
        may = facts.may_alias(one, other)
        answer = Answer.yes(may.why, may.evidence) if may.truth is Truth.NO else Answer.unknown(may.why)
        if may.truth is Truth.YES:
            answer = Answer.no(may.why, may.evidence)
        yield Assumption("no overlap" if same_index else "distinct", (one, other), answer)


def _passed(graph: Graph, facts: "Facts") -> Iterator[str]:
    """Names that functions get as a whole, and may look into: not those known to be numbers."""
    for step in graph.steps:
        for expression in (part for e in step.expressions for part in e.walk()):
            if isinstance(expression, Apply) and _looks_inside(expression):
                for operand in expression.operands:
                    if (
                        isinstance(operand, Invariant)
                        and operand.text.isidentifier()
                        and not _is_number(operand, facts)
                    ):
                        yield operand.text


def _looks_inside(expression: Apply) -> bool:
    return expression.op.endswith(")") or expression.op == "in" or (expression.op[0].isalpha() and "." in expression.op)


def _is_number(expression: Expr, facts: "Facts") -> bool:
    known = facts.type_of(expression.node).type
    return known is not None and known.name in _NUMBERS


def _rows(graph: Graph, facts: "Facts") -> Iterator[Assumption]:
    """Lists of lists that are stored to: `[[0] * n] * n` has one row many times."""
    for touch in graph.all_touches:
        access = touch.event.access
        if not touch.event.is_write or len(access.subscripts) < 2 or access.strides:
            continue
        known = facts.type_of(access.base).type
        is_array = known is not None and known.name == "numpy.ndarray"
        answer = Answer.yes("an array's rows are its own") if is_array else Answer.unknown("rows may be shared")
        yield Assumption("distinct rows", (access.array,), answer)


def _sequences(graph: Graph, facts: "Facts") -> Iterator[Assumption]:
    for touch in graph.all_touches:
        access = touch.event.access
        if not access.subscripts:
            continue
        typed = facts.type_of(access.base)
        if typed.type is None:
            answer = Answer.unknown(typed.why)
        else:
            is_sequence = typed.type.name in SEQUENCES
            answer = (Answer.yes if is_sequence else Answer.no)(f"it is a {typed.type}", typed.evidence)
        yield Assumption("sequence", (access.array,), answer)


# -- numbers ------------------------------------------------------------------------------------------------


def _signs(graph: Graph) -> Iterator[Assumption]:
    """Indices that count from the end for some values; -1 in the first iteration is the last cell."""
    for touch in graph.all_touches:
        for subscript in touch.event.access.subscripts:
            if subscript.affine is None and subscript.span is None:
                continue
            sign = sign_of(subscript, touch.event.domains, graph.around)
            text = str(subscript)
            if sign == "assumed":
                yield Assumption("not negative", (text,), Answer.unknown("its sign is not known"))
            elif sign == "wraps":
                yield Assumption("not negative", (text,), Answer.no("it is negative in some iteration"))


def _integers(graph: Graph) -> Iterator[Assumption]:
    """Bounds of `while` loops: a float would end the loop elsewhere."""
    for domain in (loop.domain for loop in graph.loop.loops):
        symbols = domain.stop.symbols if domain.kind == "while" else frozenset()
        for symbol in sorted(s for s in symbols if not s.startswith("len(")):
            yield Assumption("integer", (symbol,), Answer.unknown("its type is not known"))
