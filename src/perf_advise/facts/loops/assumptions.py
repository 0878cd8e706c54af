"""What a plan rests on: data that the source does not show to be as it has to be."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.effects.plain import is_assumed
from perf_advise.facts.loops.affine import canonical
from perf_advise.facts.loops.dependence import sign_of
from perf_advise.facts.loops.domain import SEQUENCES
from perf_advise.facts.loops.graph import Graph
from perf_advise.facts.loops.iteration import Apply
from perf_advise.facts.loops.nouns import Growth
from perf_advise.facts.loops.overlap import Overlaps
from perf_advise.facts.loops.patterns import Assumption
from perf_advise.facts.tree import dotted, walk
from perf_advise.model.facts import Answer

if TYPE_CHECKING:
    from perf_advise.facts.facts import Facts


def assumptions_of(graph: Graph, overlaps: Overlaps, facts: "Facts") -> tuple[Assumption, ...]:
    """The assumptions of a nest that the facts do not show to hold."""
    found = [
        *(Assumption("no overlap" if o.same_index else "distinct", o.names, o.answer) for o in overlaps.all),
        *(Assumption("not negative", (str(a),), Answer.unknown("its sign is not known")) for a in graph.assumed),
        *_signs(graph),
        *_sequences(graph, facts),
        *_growing(graph, facts),
        *_rows(graph, facts),
        *_integers(graph),
        *_plain_calls(graph, facts),
    ]
    unique = {(a.kind, a.subjects): a for a in found}
    return tuple(a for a in unique.values() if not a.answer.holds)


# -- objects ------------------------------------------------------------------------------------------------


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


def _growing(graph: Graph, facts: "Facts") -> Iterator[Assumption]:
    """What `append` and `add` are called on."""
    for step in graph.steps:
        name = step.target.name if isinstance(step.target, Growth) else ""
        node = next((n for n in walk(step.node) if dotted(n) == name), None) if name else None
        if node is not None:
            yield Assumption("list", (name,), facts.is_type(node, "list", "set"))


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


def _plain_calls(graph: Graph, facts: "Facts") -> Iterator[Assumption]:
    for expression in (part for step in graph.steps for e in step.expressions for part in e.walk()):
        node = expression.node
        if isinstance(expression, Apply) and isinstance(node, cst.Call) and is_assumed(node, facts):
            yield Assumption("plain data", (canonical(node),), facts.is_pure(node))
