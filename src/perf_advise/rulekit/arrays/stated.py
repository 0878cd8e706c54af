"""What the plan of a nest rests on, as needs of a rule."""

from perf_advise.facts.loops.patterns import Assumption
from perf_advise.rulekit.matches import Need, NeedKind


def assumption_need(assumption: Assumption) -> Need | None:
    """What a plan rests on, as a need; signs and integers are values, objects and aliases are not."""
    if assumption.kind == "sequence":
        return None  # the array's own need says more
    if assumption.kind in ("not negative", "integer"):
        difference = f"`{assumption.subjects[0]}` below zero counts from the end"
        return Need(assumption.answer, str(assumption), NeedKind.VALUE, difference)
    return Need(assumption.answer, str(assumption))
