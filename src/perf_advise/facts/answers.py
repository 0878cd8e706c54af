"""The answers that are more than Yes, No or Unknown: a type, and the effects of code."""

from collections.abc import Sequence
from dataclasses import dataclass

from perf_advise.model.facts import Answer, Evidence
from perf_advise.model.pytypes import PyType

ANYTHING = "*"
"""The root that stands for every object a statement could reach."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The type of an expression; `type` is None where it is not known or not single, and `why` says so.

    `alternatives` are the types it can have where that is known: one when `type` is set, several where paths
    differ (`int` before the loop, `float` after), none when anything is possible.
    """

    type: PyType | None
    evidence: Evidence
    why: str
    alternatives: tuple[PyType, ...] = ()

    @staticmethod
    def unknown(why: str) -> "Typed":
        """Nothing shows the type."""
        return Typed(None, Evidence.NONE, why)

    def is_one_of(self, names: Sequence[str]) -> Answer:
        """Whether the type is one of these (`list`, `numpy.ndarray`)."""
        found = {type_.name for type_ in self.alternatives}
        wanted = {name.removeprefix("builtins.") for name in names}
        if not found:
            return Answer.unknown(self.why)
        text = f"{' or '.join(sorted(found))} ({self.why})"
        if found <= wanted:
            return Answer.yes(text, self.evidence)
        return Answer.unknown(text) if found & wanted else Answer.no(text, self.evidence)


@dataclass(frozen=True, slots=True)
class Effects:
    """What running code may do beyond computing a value; every field is an upper bound.

    `reads` and `binds` are names; `mutates` are the roots of changed objects as written (`xs`, `self.items`,
    `*` for anything); `calls` the callees about which nothing is known, as written. `raises`: may raise
    anything at all. Out of memory, recursion limits and KeyboardInterrupt are left aside.
    """

    reads: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    mutates: frozenset[str] = frozenset()
    calls: tuple[str, ...] = ()
    raises: bool = False
    io: bool = False
    awaits: bool = False
    yields: bool = False
    draws_random: bool = False
    nondeterministic: bool = False

    def __or__(self, other: "Effects") -> "Effects":
        """The effects of running both."""
        return Effects(
            self.reads | other.reads,
            self.binds | other.binds,
            self.mutates | other.mutates,
            self.calls + tuple(c for c in other.calls if c not in self.calls),
            self.raises or other.raises,
            self.io or other.io,
            self.awaits or other.awaits,
            self.yields or other.yields,
            self.draws_random or other.draws_random,
            self.nondeterministic or other.nondeterministic,
        )

    @property
    def pure(self) -> bool:
        """No effect that outlives it, and the same result from the same objects (it may bind and raise)."""
        shut = not (self.mutates or self.calls or self.io or self.awaits or self.yields)
        return shut and not (self.draws_random or self.nondeterministic)
