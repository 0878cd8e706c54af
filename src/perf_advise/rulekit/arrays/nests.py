"""The loop nests of a function that can become array code, each claimed by the class of its main part."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.loops.iteration import Scalar
from perf_advise.facts.loops.nests import build_loop, inner_loops, outermost_loops
from perf_advise.facts.loops.nouns import Loop
from perf_advise.facts.loops.patterns import ArgReduction, Collect, Kept, Map, Pattern, Plan, Reduction, Search
from perf_advise.model.facts import Evidence, Truth
from perf_advise.rulekit import needs
from perf_advise.rulekit.arrays.axes import CannotLower
from perf_advise.rulekit.arrays.candidates import may_have_form
from perf_advise.rulekit.arrays.row_costs import short_rows
from perf_advise.rulekit.arrays.stated import assumption_need
from perf_advise.rulekit.arrays.types import ArrayTypes
from perf_advise.rulekit.arrays.windows import is_window
from perf_advise.rulekit.matches import Insertion, Match, Need, Replacement, Rewrite
from perf_advise.rulekit.view import View

if TYPE_CHECKING:
    from perf_advise.rulekit.arrays.lowered import Lowered
    from perf_advise.rulekit.arrays.views import WindowView

_LOOPS = (cst.For, cst.While)
_FEW = 8


@dataclass(frozen=True, slots=True)
class ArrayNest:
    """A nest with its plan, its code and what the code rests on; `why` says why there is none.

    `views` are lines that stand before a loop, this one or one around it.
    """

    plan: Plan
    kind: str
    lowered: "Lowered | None"
    needs: tuple[Need, ...]
    why: str = ""
    views: tuple[tuple[cst.CSTNode, str], ...] = ()

    def match(self) -> Match:
        """The nest as a match of the rule that claims it."""
        node = self.plan.loop.node
        if self.lowered is None:
            return Match(node, needs=(needs.holds(False, "the nest has an array form", self.why),))
        return Match(
            node,
            captures={"nest": self},
            needs=self.needs,
            differences=tuple(self.lowered.differences),
        )

    def rewrite(self) -> Rewrite:
        """The nest replaced by its array code."""
        assert self.lowered is not None
        imports = ("numpy",) if self.lowered.uses_numpy else ()
        node = self.plan.loop.node
        own = [line for anchor, line in self.views if anchor is node]
        before = tuple(Insertion(anchor, line) for anchor, line in self.views if anchor is not node)
        code = "\n".join([*own, *self.lowered.lines])
        gone = [Replacement.of(line, "") for line in self.lowered.dropped]
        return Rewrite((Replacement.of(node, code), *gone), before, imports=imports, packages=("numpy",))


def array_nests(view: View, *kinds: str) -> Iterator[ArrayNest]:
    """The nests whose main part is of one of these kinds ("map", "stencil", "reduction"...).

    Outermost first: where a loop has to be kept, the loops inside are looked at on their own.
    """
    return (nest for nest in _all_nests(view) if nest.kind in kinds)


@lru_cache(maxsize=1)
def _all_nests(view: View) -> tuple[ArrayNest, ...]:
    """Every nest of a function; kept for the next rule, which asks about the same one."""
    nodes = [
        node for node in outermost_loops(view.facts.slice.node) if isinstance(node, _LOOPS) and may_have_form(node)
    ]
    return tuple(nest for node in nodes for nest in _nests_of(view, build_loop(node, view.facts)))


def _nests_of(view: View, loop: Loop) -> tuple[ArrayNest, ...]:
    # Only functions with loops need what classifies them, a good part of a look at one hot file.
    from perf_advise.facts.loops.classify import classify

    plan = classify(loop, view.facts)
    whole = _nest(view, plan)
    if whole.lowered is not None and not any(isinstance(part, Kept) for part in plan.parts):
        return (whole,)
    around = (*loop.enclosing, loop.domain)
    inner = [build_loop(node, view.facts, around) for node in inner_loops(loop) if isinstance(node, _LOOPS)]
    inside = tuple(nest for one in inner for nest in _nests_of(view, one))
    if any(nest.lowered is not None for nest in inside):
        return inside
    return (whole, *inside) if whole.kind else inside


def _nest(view: View, plan: Plan) -> ArrayNest:
    """A loop with all that it holds as one replacement."""
    from perf_advise.rulekit.arrays.lowering import lower  # for the few nests with array code: see `_nests_of`

    kind = _main_kind(plan)
    types = ArrayTypes(view, tuple(plan.loop.steps))
    live = read_later(plan)
    if live:
        names = ", ".join(f"`{name}`" for name in sorted(live))
        return ArrayNest(plan, kind, None, (), f"the last value of {names} is read later")
    if not plan.patterns:
        return ArrayNest(plan, kind, None, (), plan.why)
    if all(_elements(pattern) <= _FEW for pattern in plan.patterns):
        return ArrayNest(plan, kind, None, (), f"no more than {_FEW} elements at a time")
    if any(is_window(view, pattern) for pattern in plan.patterns):
        return ArrayNest(plan, kind, None, (), "a window that moves with the loop around it has few elements as a rule")
    try:
        lowered = lower(plan.parts, types)
    except CannotLower as reason:
        return ArrayNest(plan, kind, None, (), str(reason))
    if isinstance(plan.loop.node, cst.While):
        lowered.begin(plan.loop.domain.index, (plan.loop.domain,), types, 0)
    grown = {part.target.name for part in plan.patterns if isinstance(part, Collect)}
    # A list that grows is none of the arrays, whose types are needs of their own.
    apart = (a for a in plan.assumptions if not (a.kind in ("distinct", "no overlap") and grown & set(a.subjects)))
    stated = [need for need in map(assumption_need, apart) if need is not None]
    seen = (*_seen_apart(view, plan), *(short_rows(view, plan.loop.node) if types.copies_rows else ()))
    views = tuple((_before(view, plan.loop.node, one), f"{one.name} = {one.code}") for one in types.views)
    return ArrayNest(plan, kind, lowered, (*types.needs, *stated, *seen), views=views)


def _before(view: View, nest: cst.CSTNode, windows: "WindowView") -> cst.CSTNode:
    """The outermost loop around a nest in which nothing that a view is made of is bound anew: a view shows changes."""
    found = nest
    names = [name for name in windows.names if name.isidentifier()]
    bound = [definition for name in names for definition in view.facts.definitions(name)]
    is_local = all(view.facts.scope(name) in ("local", "parameter") for name in names)
    for loop in (node for node in view.ancestors(nest) if isinstance(node, cst.For | cst.While)):
        if not is_local or any(view.inside(definition, loop) for definition in bound):
            break
        found = loop
    return found


def read_later(plan: Plan) -> frozenset[str]:
    """Names whose value of the last iteration is read after the nest, results left aside."""
    given: set[str] = set()
    for part in plan.patterns:
        if isinstance(part, Reduction) and isinstance(part.target, Scalar):
            given.add(part.target.name)
        elif isinstance(part, ArgReduction):
            given |= {name for name, _ in part.payload}
            given |= {part.best.name} if isinstance(part.best, Scalar) else set()
    return plan.live_out - given


def _seen_apart(view: View, plan: Plan) -> Iterator[Need]:
    """Arrays that are different objects only as far as the recording saw, or that are one object for sure."""
    accesses = {access.array: (access, writes) for access, _, writes in plan.loop.accesses if access.subscripts}
    written = {access.array for access, _, writes in plan.loop.accesses if writes}
    for one, other in combinations(sorted(accesses), 2):
        answer = view.facts.may_alias(accesses[one][0].base, accesses[other][0].base)
        seen_only = answer.truth is Truth.NO and answer.evidence is Evidence.SEEN
        if {one, other} & written and (seen_only or answer.truth is Truth.YES):
            yield Need(needs.negated(answer), f"`{one}` and `{other}` are different objects")


def _elements(pattern: Pattern) -> float:
    """The iterations that become one operation, where that is known."""
    trips = [domain.trips.value for domain in pattern.loops]
    return math.prod(count if count is not None else math.inf for count in trips)


def _main_kind(plan: Plan) -> str:
    """The class of the part over the most loops that vanish; the first of equals."""
    patterns = [p for p in plan.patterns if not isinstance(p, Search)]
    if not patterns:
        return ""
    main = max(patterns, key=lambda p: (len(p.loops), not _is_private(p)))
    return "collect" if isinstance(main, Collect) else main.name


def _is_private(pattern: Pattern) -> bool:
    """Whether it only computes a name for the other parts."""
    return isinstance(pattern, Map) and isinstance(pattern.target, Scalar)
