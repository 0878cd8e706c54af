"""Answers about one function: bindings, types, effects, liveness, values, loops; each with its evidence."""

from perf_advise.facts.answers import Effects, Typed
from perf_advise.facts.facts import Facts
from perf_advise.facts.intervals import Interval

__all__ = ["Effects", "Facts", "Interval", "Typed"]
