"""Inferred types against the truth: real runs are traced, and every local has to be what was inferred, contents too."""

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_programs import program
from sample_programs import PROGRAMS
from traced_runs import surprises

from perf_advise.facts import Facts

FactsOf = Callable[..., Facts]


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_inferred_holds_in_real_runs(name: str, facts_of: FactsOf) -> None:
    source, calls = PROGRAMS[name]
    facts = facts_of(source, "f")
    assert not facts.static.flow.gave_up
    assert surprises(facts, source, calls) == []


def test_most_of_it_is_inferred_at_all(facts_of: FactsOf) -> None:
    """Soundness is cheap when everything is Unknown."""
    known = total = 0
    for source, _ in PROGRAMS.values():
        facts = facts_of(source, "f")
        for env in facts.static.flow.before:
            for value in env.vars.values() if env is not None else ():
                total += 1
                known += not value.open
    assert known > 0.8 * total


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_what_is_inferred_holds_in_random_programs(seed: int, facts_of: FactsOf) -> None:
    source = program(random.Random(seed))
    facts = facts_of(source, "f")
    assert surprises(facts, source, ["f(hook, Box(1))"]) == []
