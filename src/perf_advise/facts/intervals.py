"""Ranges of numbers and their arithmetic."""

import math
from dataclasses import dataclass

Bound = int | float


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from `low` to `high`, both included; `-inf` and `inf` where there is no bound."""

    low: Bound = -math.inf
    high: Bound = math.inf

    @property
    def is_constant(self) -> bool:
        """Whether it holds a single number."""
        return self.low == self.high
