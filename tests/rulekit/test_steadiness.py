"""A list that a loop searches seems to stay the same, or something that the loop calls is seen to change it."""

import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed

MEMBERSHIP = next(loaded for loaded in load_rules() if loaded.rule.code == "PA501")
METHOD = """
class A:
    def __init__(self):
        self.seen = []

    def add(self, x):
        {add}

    def more(self, x):
        self.add(x)

    def f(self, xs):
        for x in xs:
            if x not in self.seen:
                self.{called}(x)
"""
NESTED = """
def f(xs, seen: list):
    def add(x):
        seen.append(x)

    for x in xs:
        if x not in seen:
            add(x)
"""
ALIAS = """
class A:
    def __init__(self):
        self.seen = []

    def f(self, xs):
        seen = self.seen
        for x in xs:
            if x not in self.seen:
                seen.append(x)
"""


@pytest.mark.parametrize("add", ["self.seen.append(x)", "self.seen[0] = x", "self.seen = [x]", "del self.seen[0]"])
@pytest.mark.parametrize("called", ["add", "more"])
def test_a_method_that_changes_the_list_silences(add: str, called: str) -> None:
    assert not fixed(MEMBERSHIP, METHOD.format(add=add, called=called))[0].findings


def test_a_method_that_only_reads_does_not_silence() -> None:
    assert fixed(MEMBERSHIP, METHOD.format(add="print(self.seen, x)", called="more"))[0].findings


@pytest.mark.parametrize("source", [NESTED, ALIAS])
def test_another_name_that_changes_the_list_silences(source: str) -> None:
    assert not fixed(MEMBERSHIP, source)[0].findings
