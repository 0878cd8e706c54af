"""What the tests of readers share: where the real files are, and reading bytes as a file."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from perf_advise.model.profile import Profile
from perf_advise.profiles.loading import read_profile

FOLDER = Path(__file__).parents[2] / "fixtures" / "profiles"


@pytest.fixture(scope="session")
def profiles() -> Path:
    return FOLDER


@pytest.fixture
def read_bytes(tmp_path: Path) -> Callable[..., Profile]:
    """Reads `data` through the whole way that a file takes."""

    def read(data: bytes, name: str = "profile") -> Profile:
        path = tmp_path / name
        path.write_bytes(data)
        return read_profile(path)

    return read


@dataclass
class NaiveSums:
    """What stacks add up to, in the plainest way there is: a stack is a list of (function, line), root first."""

    total: float = 0
    own: Counter = field(default_factory=Counter)
    cumulative: Counter = field(default_factory=Counter)
    lines: Counter = field(default_factory=Counter)
    edges: Counter = field(default_factory=Counter)

    def add(self, stack: list[tuple[tuple[str, str], int]], weight: float) -> None:
        self.total += weight
        for function in {function for function, _ in stack}:
            self.cumulative[function] += weight
        for edge in {(a, b) for (a, _), (b, _) in pairwise(stack)}:
            self.edges[edge] += weight
        if stack:
            self.own[stack[-1][0]] += weight
            self.lines[stack[-1]] += weight

    def check(self, profile: Profile, scale: float = 1.0) -> None:
        """The profile says the same, function by function, line by line and edge by edge."""
        assert profile.total == pytest.approx(self.total * scale)
        functions = {(c.frame.path, c.frame.name): c for c in profile.functions}
        assert len(functions) == len(profile.functions)
        assert functions.keys() == self.cumulative.keys()
        for key, cost in functions.items():
            assert cost.own == pytest.approx(self.own[key] * scale), key
            assert cost.cumulative == pytest.approx(self.cumulative[key] * scale), key
            expected = {line: w * scale for (f, line), w in self.lines.items() if f == key and line and w}
            assert dict(cost.lines) == pytest.approx(expected), key
        edges = {((e.caller.path, e.caller.name), (e.callee.path, e.callee.name)): e for e in profile.edges}
        assert {key: e.cumulative for key, e in edges.items()} == pytest.approx(
            {key: w * scale for key, w in self.edges.items()}
        )


@pytest.fixture(scope="session")
def naive() -> Callable[[Iterable], NaiveSums]:
    """Sums up pairs of stack and weight."""

    def sums(stacks: Iterable) -> NaiveSums:
        found = NaiveSums()
        for stack, weight in stacks:
            found.add(stack, weight)
        return found

    return sums
