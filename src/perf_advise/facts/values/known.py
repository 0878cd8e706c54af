"""Questions about values: ranges, signs, emptiness, whether a loop runs at all."""

from functools import cached_property

import libcst as cst

from perf_advise.facts.intervals import WHOLE, Interval
from perf_advise.facts.literals import is_nonnegative
from perf_advise.facts.names.flow import Kind, constant_truth
from perf_advise.facts.tree import comp_fors
from perf_advise.facts.types.run import Types
from perf_advise.facts.values.flow import ValueFlow
from perf_advise.facts.values.ranges import Ranger
from perf_advise.facts.values.tests import refined
from perf_advise.model.facts import Answer


class KnownValues:
    """Answers on the evidence of one type run."""

    def __init__(self, types: Types) -> None:
        self.types = types

    @cached_property
    def flow(self) -> ValueFlow:
        """The solved ranges."""
        return ValueFlow(self.types)

    def _ranger(self, node: cst.CSTNode) -> Ranger:
        return self.flow.ranger(node) or Ranger(self.types, {})

    def interval(self, expr: cst.CSTNode) -> Interval | None:
        """The range of a number, unless it is unbounded on both sides."""
        found = self._ranger(expr).range(expr)
        return None if found == WHOLE else found

    def length(self, expr: cst.CSTNode) -> Interval:
        """How many items a container holds."""
        return self._ranger(expr).length(expr)

    def nonnegative(self, expr: cst.CSTNode) -> Answer:
        """Whether a number is at least zero (and not NaN)."""
        found = self._ranger(expr).range(expr)
        if found is not None and found.low >= 0:
            return Answer.yes(f"at least {found.low}", self.types.evidence)
        if found is not None and found.high < 0:
            return Answer.no(f"at most {found.high}", self.types.evidence)
        if is_nonnegative(expr) and self.types.value(expr).only_types("int", "bool"):
            return Answer.yes("a square or absolute value", self.types.evidence)
        return Answer.unknown("its range is not known")

    def nonempty(self, expr: cst.CSTNode) -> Answer:
        """Whether a container holds at least one item."""
        found = self.length(expr)
        if found.low >= 1:
            return Answer.yes(f"holds at least {found.low}", self.types.evidence)
        if found.high == 0:
            return Answer.no("holds nothing", self.types.evidence)
        return Answer.unknown("its length is not known")

    def always_runs(self, loop: cst.CSTNode) -> Answer:
        """Whether the body of a loop runs at least once when the loop is reached."""
        if isinstance(loop, cst.For):
            return self.nonempty(loop.iter)
        if isinstance(loop, cst.While):
            return self._enters(loop)
        clauses = list(comp_fors(loop))
        if len(clauses) == 1 and not clauses[0].ifs:
            return self.nonempty(clauses[0].iter)
        return Answer.unknown("a comprehension with conditions or several loops")

    def _enters(self, loop: cst.While) -> Answer:
        if constant_truth(loop.test):
            return Answer.yes("the condition is always true", self.types.evidence)
        inside = self.types.code.flow.steps_of(loop)
        test = self.types.code.step_of(loop.test)
        if inside is None or test is None:
            return Answer.unknown("stands in a nested function")
        for step in self.types.code.flow.steps:
            before = self.flow.after[step.index]
            leads_here = any(edge.step == inside.start for edge in step.after)
            if not leads_here or step.index in inside or before is None:
                continue
            if step.kind is Kind.TEST or refined(self.types, dict(before), loop.test, False) is not None:
                return Answer.unknown("the condition may be false at first")
        return Answer.yes("the condition is true at first", self.types.evidence)
