"""Judges cases: same, same up to rounding, different, not shown, or left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .cases import Case, arguments_of, load_pickle
from .comparing import CannotCompare, Comparison, Different, Tolerance, compare, render
from .conditioning import explains
from .consuming import Drained
from .equality_objects import forget_items
from .outcomes import Outcome, compare_outcomes
from .short import short, short_call

SAME, DIFFERENT, NOT_SHOWN, LEFT_OUT = "same", "different", "not shown", "left out"
_LOOKS = ("flags", "aliasing", "identity", "code")


@dataclass
class Judged:
    """What became of one case."""

    verdict: str
    reason: str = ""
    arguments: str = ""
    before: str = ""
    after: str = ""
    max_ulp: float = 0.0
    max_relative: float = 0.0
    ill_conditioned: bool = False
    mutates: bool = False
    seconds: float = 0.0
    new_seconds: float = 0.0


class Judge:
    """Runs cases on both sides and compares."""

    def __init__(self, old: Any, new: Any, names: list[str], qualname: str, tolerance: Tolerance) -> None:
        self.old, self.new = old, new
        self.before_new: Callable[[Case, Outcome, float], None] = lambda case, outcome, limit: None
        """Called before the new side runs: it may hang or kill the process."""
        self._names, self._qualname, self._tolerance = names, qualname, tolerance

    def judge(self, case: Case, limit: float, new_limit: float) -> Judged:
        """Two runs of the old side, one of the new: a case that the old side answers twice differently is left out."""
        forget_items()
        first = self.old.run(case, limit)
        why = self._not_usable(case, first)
        if why is None and not case.label:
            why = self._unstable(first, self.old.run(case, limit)) or self._unfaithful(case, first)
        if why is not None:
            return why
        new_limit += 20 * first.seconds
        self.before_new(case, first, new_limit)
        second = self.new.run(case, new_limit)
        judged = self._compare(case, first, second)
        judged.seconds, judged.new_seconds = first.seconds, second.seconds
        judged.mutates = _mutates(case, first) or _mutates(case, second)
        return judged

    def judge_in_turn(self, cases: list[Case], limit: float) -> Judged:
        """The cases one after the other, while caches keep what they hold: answers must not depend on earlier calls,

        nor be the same mutable object as an earlier answer where they were not.
        """
        forget_items()
        before, after = self.old.run_in_turn(cases, limit), self.new.run_in_turn(cases, limit)
        for case, first, second in zip(cases, before, after):
            judged = self._compare(case, first, second)
            if judged.verdict == DIFFERENT:
                return judged
        try:
            compare([outcome.value for outcome in before], [outcome.value for outcome in after])
        except Different as different:
            return self._different(cases[-1], different)
        except (CannotCompare, RecursionError):
            pass
        return Judged(SAME)

    def _not_usable(self, case: Case, outcome: Outcome) -> Judged | None:
        if outcome.noted:
            return Judged(NOT_SHOWN, f"the function would {outcome.noted[0]}")
        if isinstance(outcome.value, (RecursionError, MemoryError)) and case.label:
            return Judged(LEFT_OUT, "too large")
        if outcome.missing:
            return Judged(LEFT_OUT, f"uses a {outcome.missing[0]}, which cannot be kept")
        if not outcome.ended:
            return Judged(LEFT_OUT, str(outcome.value))
        if isinstance(outcome.value, Drained) and outcome.value.is_endless:
            return Judged(NOT_SHOWN, "its generator does not end")
        if isinstance(outcome.value, Drained) and outcome.value.takes_values:
            return Judged(NOT_SHOWN, "its generator uses what is sent to it, which is not kept")
        return None

    def _unfaithful(self, case: Case, outcome: Outcome) -> Judged | None:
        """Whether the replay answers otherwise than the run did: some state of the run is missing then."""
        if not case.outcome or isinstance(outcome.value, Drained):
            return None
        kind = type(outcome.value).__qualname__
        if (case.outcome, case.type) != (outcome.ending, kind):
            shown = short(outcome.value, 80) if outcome.ending == "raised" else kind
            return Judged(LEFT_OUT, f"answers otherwise than in the run ({outcome.ending} {shown})")
        if outcome.ending == "returned" and case.result and not outcome.drew and _answers_otherwise(case, outcome):
            return Judged(LEFT_OUT, "answers otherwise than in the run: it depends on state that was not kept")
        return None

    def _unstable(self, first: Outcome, again: Outcome) -> Judged | None:
        try:
            found = compare_outcomes(first, again, self._names, Tolerance())
        except Different as different:
            place = render(different.path)
            return Judged(LEFT_OUT, f"answers differently each time ({place or 'ending'})")
        except CannotCompare:
            return None
        return Judged(LEFT_OUT, "answers differently each time (rounding)") if found.max_ulp else None

    def _compare(self, case: Case, before: Outcome, after: Outcome) -> Judged:
        if after.noted:
            return Judged(NOT_SHOWN, f"the new code would {after.noted[0]}")
        if after.ending == "not replayed":
            return Judged(NOT_SHOWN, f"the new code: {after.value}")
        if after.missing:
            return Judged(LEFT_OUT, f"the new code uses a {after.missing[0]}, which cannot be kept")
        try:
            found = compare_outcomes(before, after, self._names, self._tolerance)
        except Different as different:
            if different.why == "code":
                return Judged(NOT_SHOWN, "its result holds a function, which cannot be compared by what it does")
            return self._different(case, different)
        except CannotCompare as cannot:
            return Judged(NOT_SHOWN, str(cannot))
        except RecursionError:
            return Judged(NOT_SHOWN, "the results are nested too deeply to be compared")
        return self._rounded(case, before, found)

    def _rounded(self, case: Case, before: Outcome, found: Comparison) -> Judged:
        judged = Judged(SAME, max_ulp=found.max_ulp, max_relative=found.max_relative)
        if found.beyond is None:
            return judged
        if explains(self.old, self.new, case, self._names):
            judged.ill_conditioned = True
            return judged
        different = self._different(case, found.beyond)
        different.max_ulp, different.max_relative = found.max_ulp, found.max_relative
        return different

    def _different(self, case: Case, different: Different) -> Judged:
        place = render(different.path)
        place = "" if place in ("", "result", "exception") else f"{place}: "
        sides = [place + short(value, 140) for value in (different.before, different.after)]
        if sides[0] == sides[1]:
            kinds = [type(value).__name__ for value in (different.before, different.after)]
            notes = [f" ({different.why} differs)"] * 2 if kinds[0] == kinds[1] else [f" ({kind})" for kind in kinds]
            sides = [side + note for side, note in zip(sides, notes)]
        return Judged(DIFFERENT, different.why, self.shown(case), sides[0], sides[1])

    def shown(self, case: Case) -> str:
        """The call, shortened."""
        args, kwargs, _ = arguments_of(case)
        return short_call(self._qualname, args, kwargs)


def _answers_otherwise(case: Case, outcome: Outcome) -> bool:
    try:
        return compare(load_pickle(case.result), outcome.value).beyond is not None
    except Different as different:
        has_placeholder = "Placeholder" in (type(different.before).__name__, type(different.after).__name__)
        return not different.why.startswith(_LOOKS) and not has_placeholder
    except Exception:
        return False


def _mutates(case: Case, outcome: Outcome) -> bool:
    """Whether the call changed its arguments or globals: the next one needs fresh ones."""
    if outcome.classes:
        return True
    args, kwargs, space = arguments_of(case)
    try:
        found = compare((args, kwargs, space), (outcome.args, outcome.kwargs, outcome.space))
    except (Different, CannotCompare):
        return True
    return found.max_ulp > 0
