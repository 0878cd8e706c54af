"""What replaying real calls against old and new code showed."""

import enum
from dataclasses import dataclass


class Verdict(enum.Enum):
    """The outcome of a replay."""

    SAME = "same"
    SAME_UP_TO_ROUNDING = "same up to rounding"
    DIFFERENT = "different"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True, slots=True)
class Speedup:
    """Old time / new time with its bootstrap interval; `faster` means that the lower end is above 1.03."""

    ratio: float
    low: float
    high: float

    @property
    def faster(self) -> bool:
        """Whether the gain is beyond noise."""
        return self.low > 1.03

    @property
    def slower(self) -> bool:
        """Whether the loss is beyond noise."""
        return self.high < 1.0


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A call that old and new answered differently, shortened for people."""

    arguments: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Verdict, calls replayed, assumptions, times before and after (seconds per replay of all calls)."""

    verdict: Verdict
    calls: int
    reason: str = ""
    assumptions: tuple[str, ...] = ()
    max_ulp: float | None = None
    max_relative: float | None = None
    before: float | None = None
    after: float | None = None
    speedup: Speedup | None = None
    cold_seconds: float | None = None
    break_even_calls: int | None = None
    memory_before: int | None = None
    memory_after: int | None = None
    unstable_calls: int = 0
    counterexample: Counterexample | None = None

    @property
    def holds(self) -> bool:
        """Whether every replayed call was the same, rounding included."""
        return self.verdict in (Verdict.SAME, Verdict.SAME_UP_TO_ROUNDING)

    @property
    def is_ill_conditioned(self) -> bool:
        """Whether results moved only as far as the old code's own do when its inputs move by a last digit."""
        return self.verdict is Verdict.SAME_UP_TO_ROUNDING and bool(self.reason)
