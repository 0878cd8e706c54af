"""Something about the data that a plan rests on."""

from dataclasses import dataclass
from typing import Literal

from perf_advise.model.facts import Answer

AssumptionKind = Literal[
    "distinct", "no overlap", "not negative", "sequence", "list", "distinct rows", "integer", "plain data"
]


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something about the data that a part rests on, and what is known of it.

    "distinct": two names are different objects (their accesses differ). "no overlap": they are the same object or
    different ones, not overlapping views (same index everywhere). "not negative": an index counts from
    the front. "sequence": a name is a list, tuple or array. "list": what grows is a list or set. "distinct
    rows": no two rows of a list of lists are one object. "integer": a bound is an int. "plain data": a call
    gets numbers, strings, sequences or arrays.
    """

    kind: AssumptionKind
    subjects: tuple[str, ...]
    answer: Answer

    def __str__(self) -> str:
        one, other = self.subjects[0], self.subjects[-1]
        return {
            "distinct": f"`{one}` and `{other}` are different objects",
            "no overlap": f"`{one}` and `{other}` do not overlap in part",
            "not negative": f"`{one}` is never negative",
            "sequence": f"`{one}` is a sequence",
            "list": f"`{one}` is a list or set",
            "distinct rows": f"no two rows of `{one}` are the same object",
            "integer": f"`{one}` is an integer",
            "plain data": f"`{one}` gets plain data",
        }[self.kind]
