"""The loop nests of a function that can become array code, each claimed by the class of its main part."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts import Facts
from perf_advise.facts.iteration import Scalar
from perf_advise.facts.loops import LOOPS, build_loop, outermost_loops
from perf_advise.facts.patterns import Map, Plan, Reduction
from perf_advise.facts.tree import walk
from perf_advise.model.facts import Evidence, Truth
from perf_advise.rulekit import needs
from perf_advise.rulekit.arrays.axes import CannotLower
from perf_advise.rulekit.arrays.types import ArrayTypes, assumption_need
from perf_advise.rulekit.matches import Match, Need, Replacement, Rewrite
from perf_advise.rulekit.view import View

if TYPE_CHECKING:
    from perf_advise.rulekit.arrays.lowering import Lowered

_STORES = frozenset({cst.Assign, cst.AnnAssign, cst.AugAssign, cst.NamedExpr})
_ENDS = frozenset({cst.Break, cst.Return, cst.Raise, cst.Assert, cst.Try, cst.TryStar, cst.With, cst.Match})
_CLOSED = (cst.FunctionDef, cst.ClassDef, cst.Lambda)


@dataclass(frozen=True, slots=True)
class ArrayNest:
    """A nest with its plan, its code and what the code rests on; `why` says why there is none."""

    plan: Plan
    kind: str
    lowered: "Lowered | None"
    needs: tuple[Need, ...]
    why: str = ""

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
        code = "\n".join(self.lowered.lines)
        return Rewrite((Replacement.of(self.plan.loop.node, code),), imports=imports, packages=("numpy",))


def array_nests(view: View, *kinds: str) -> Iterator[ArrayNest]:
    """The outermost `for` nests whose main part is of one of these kinds ("map", "stencil", "reduction"...)."""
    for plan in _plans(view.facts):
        kind = _main_kind(plan)
        if kind in kinds:
            yield _nest(view, plan, kind)


@lru_cache(maxsize=1)
def _plans(facts: Facts) -> tuple[Plan, ...]:
    """The plans of the outermost `for` loops; kept for the next rule, which asks about the same function."""
    nests = [node for node in outermost_loops(facts.slice.node) if isinstance(node, cst.For) and _is_worth_it(node)]
    if not nests:
        return ()
    # Only functions with loops need what classifies them, a good part of a look at one hot file.
    from perf_advise.facts.classify import classify

    return tuple(classify(build_loop(node, facts), facts) for node in nests)


def _is_worth_it(nest: cst.For) -> bool:
    """Whether the nest stores anything, and is no single loop that is left early: the model of a loop has its price,
    and of these it says no more than that they stay as they are."""
    kinds = [type(node) for node in walk(nest, lambda node: not isinstance(node, _CLOSED))]
    if not any(kind in _STORES for kind in kinds):
        return False
    return sum(kind in LOOPS for kind in kinds) > 1 or not any(kind in _ENDS for kind in kinds)


def _nest(view: View, plan: Plan, kind: str) -> ArrayNest:
    from perf_advise.rulekit.arrays.lowering import lower  # for the few nests with array code: see `_plans`

    types = ArrayTypes(view, tuple(plan.loop.steps))
    reduced = (p.target for p in plan.patterns if isinstance(p, Reduction))
    live = plan.live_out - {target.name for target in reduced if isinstance(target, Scalar)}
    if live:
        names = ", ".join(f"`{name}`" for name in sorted(live))
        return ArrayNest(plan, kind, None, (), f"the last value of {names} is read later")
    try:
        lowered = lower(plan.parts, types)
    except CannotLower as reason:
        return ArrayNest(plan, kind, None, (), str(reason))
    stated = [need for need in map(assumption_need, plan.assumptions) if need is not None]
    return ArrayNest(plan, kind, lowered, (*types.needs, *stated, *_seen_apart(view, plan)))


def _seen_apart(view: View, plan: Plan) -> Iterator[Need]:
    """Arrays that are different objects only as far as the recording saw, or that are one object for sure."""
    accesses = {access.array: (access, writes) for access, _, writes in plan.loop.accesses if access.subscripts}
    written = {access.array for access, _, writes in plan.loop.accesses if writes}
    for one, other in combinations(sorted(accesses), 2):
        answer = view.facts.may_alias(accesses[one][0].base, accesses[other][0].base)
        seen_only = answer.truth is Truth.NO and answer.evidence is Evidence.SEEN
        if {one, other} & written and (seen_only or answer.truth is Truth.YES):
            yield Need(needs.negated(answer), f"`{one}` and `{other}` are different objects")


def _main_kind(plan: Plan) -> str:
    """The class of the part over the most loops that vanish; the first of equals."""
    patterns = [p for p in plan.patterns if isinstance(p, Map | Reduction)]
    if not patterns or len(patterns) != len(plan.patterns):
        return ""
    return max(patterns, key=lambda p: len(p.loops)).name
