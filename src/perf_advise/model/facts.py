"""Answers about a function: Yes, No or Unknown, each with its evidence."""

import enum
from dataclasses import dataclass


class Truth(enum.Enum):
    """Three-valued: what cannot be shown is Unknown, never a guess."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Evidence(enum.IntEnum):
    """How an answer is known; ordered, so that the weakest of several is their `min`."""

    NONE = 0
    SEEN = 1
    """Seen while recording: true of the calls that were recorded."""
    STATIC = 2
    """Literal, constructor, dataflow, annotation (unless a recorded type contradicts it)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One fact with its evidence and, in words, why it holds or what is missing."""

    truth: Truth
    evidence: Evidence
    why: str

    @staticmethod
    def yes(why: str, evidence: Evidence = Evidence.STATIC) -> "Answer":
        """It holds."""
        return Answer(Truth.YES, evidence, why)

    @staticmethod
    def no(why: str, evidence: Evidence = Evidence.STATIC) -> "Answer":
        """It does not hold."""
        return Answer(Truth.NO, evidence, why)

    @staticmethod
    def unknown(why: str) -> "Answer":
        """Nothing shows it either way."""
        return Answer(Truth.UNKNOWN, Evidence.NONE, why)

    @property
    def holds(self) -> bool:
        """Whether the truth is Yes, on whatever evidence."""
        return self.truth is Truth.YES

    def __and__(self, other: "Answer") -> "Answer":
        """Kleene conjunction: No wins, then Unknown; the evidence of Yes is the weaker one."""
        for truth in (Truth.NO, Truth.UNKNOWN):
            for answer in (self, other):
                if answer.truth is truth:
                    return answer
        return self if self.evidence <= other.evidence else other
