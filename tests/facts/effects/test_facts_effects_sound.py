"""Effects, aliases, exceptions, ranges and bindings against the truth: each simple statement of a run is watched."""

import random
import textwrap
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import libcst as cst
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_programs import program
from sample_programs import PROGRAMS
from traced_runs import run_traced

from perf_advise.facts import Facts
from perf_advise.facts.names.flow import Kind, Step
from perf_advise.model.facts import Truth

FactsOf = Callable[..., Facts]
CONTAINERS = (list, dict, set, tuple)


def frozen(value: Any, depth: int = 6) -> Any:
    """A picture of a value and what it holds, that later changes do not reach."""
    if depth == 0:
        return "..."
    if isinstance(value, list | tuple):
        return (type(value).__name__, *(frozen(item, depth - 1) for item in value))
    if isinstance(value, dict):
        return ("dict", *((frozen(k, depth - 1), frozen(v, depth - 1)) for k, v in value.items()))
    if isinstance(value, set):
        return ("set", frozenset(map(repr, value)))
    if type(value).__module__ == "app":
        return (type(value).__name__, frozen(vars(value), depth - 1))
    if type(value).__module__ == "numpy":
        return (str(getattr(value, "dtype", "")), repr(value))
    return repr(value) if isinstance(value, int | float | str | bytes | complex | type(None)) else id(value)


def objects(value: Any, depth: int = 6) -> Iterator[int]:
    """The identities of the mutable objects that a value is or holds."""
    if depth and (isinstance(value, list | dict | set | tuple) or type(value).__module__ == "app"):
        if not isinstance(value, tuple):
            yield id(value)
        inner = vars(value) if type(value).__module__ == "app" else value
        for item in list(inner.values()) if isinstance(inner, dict) else list(inner):
            yield from objects(item, depth - 1)


class Watch:
    """Follows one function: what each simple statement changed, bound, raised, against what facts say of it."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.wrong: list[str] = []
        self.checked = 0
        self.statements = {facts.slice.line(s.node): s for s in facts.code.flow.steps if s.kind is Kind.STATEMENT}
        self._before: tuple[Step, dict[str, Any], dict[str, Any]] | None = None
        self._apart: dict[tuple[str, str], bool] = {}

    def line(self, frame: FrameType) -> None:
        self.finish(frame)
        step = self.statements.get(frame.f_lineno)
        if step is not None:
            held = dict(frame.f_locals)
            self._before = (step, held, {name: frozen(value) for name, value in held.items()})
            self.ranges(step, held)
            self.shared(held)

    def finish(self, frame: FrameType) -> None:
        if self._before is None:
            return
        step, held, pictures = self._before
        self._before = None
        self.checked += 1
        changed = [name for name, picture in pictures.items() if frozen(held[name]) != picture]
        for name in changed:
            if self.facts.may_mutate(step.node, name).truth is Truth.NO:
                self.wrong.append(f"line {self.facts.slice.line(step.node)} changes what `{name}` holds")
        rebound = [name for name, value in frame.f_locals.items() if held.get(name, self) is not value]
        effects = self.facts.effects(step.node)
        for name in rebound:
            if name not in effects.binds and not effects.calls:
                self.wrong.append(f"line {self.facts.slice.line(step.node)} binds `{name}`")
        if changed and isinstance(step.node, cst.Assign) and isinstance(step.node.targets[0].target, cst.Name):
            if not self.facts.is_pure(step.node.value).holds:
                return
            self.wrong.append(f"line {self.facts.slice.line(step.node)} is not pure, changes {changed}")

    def shared(self, held: dict[str, Any]) -> None:
        reached = {name: set(objects(value)) for name, value in held.items()}
        names = sorted(reached)
        for i, a in enumerate(names):
            for b in names[i + 1 :]:
                if reached[a] & reached[b]:
                    if (a, b) not in self._apart:
                        self._apart[a, b] = self.facts.may_alias(a, b).truth is Truth.NO
                    if self._apart[a, b]:
                        self.wrong.append(f"`{a}` and `{b}` share an object")

    def ranges(self, step: Step, held: dict[str, Any]) -> None:
        known = self.facts._values.flow.before[step.index]
        for key, interval in (known or {}).items():
            value = held.get(key.lstrip("#"))
            number = len(value) if key.startswith("#") and hasattr(value, "__len__") else value
            if isinstance(number, int | float) and number not in interval:
                self.wrong.append(f"line {self.facts.slice.line(step.node)}: {key} = {number} not in {interval}")

    def raised(self, frame: FrameType, error: tuple[type[BaseException], BaseException, Any]) -> None:
        step = self.statements.get(frame.f_lineno)
        if step is not None and not isinstance(step.node, cst.Raise) and self.facts.cannot_raise(step.node).holds:
            self.wrong.append(f"line {frame.f_lineno} raises {error[1]!r}")


def watched(facts: Facts, source: str, calls: list[str]) -> Watch:
    """The statements of `f` in these calls, watched."""
    watch = Watch(facts)
    space: dict[str, Any] = {"__name__": "app"}
    exec(compile(textwrap.dedent(source), "app.py", "exec"), space)
    target = space["f"].__code__

    def local(frame: FrameType, event: str, argument: Any) -> object:
        if event == "line":
            watch.line(frame)
        elif event == "exception":
            watch.raised(frame, argument)
        elif event == "return":
            watch.finish(frame)
        return local

    run_traced(target, local, calls, space)
    return watch


@pytest.mark.parametrize("name", PROGRAMS)
def test_statements_do_nothing_that_facts_exclude(name: str, facts_of: FactsOf) -> None:
    source, calls = PROGRAMS[name]
    watch = watched(facts_of(source, "f"), source, calls)
    assert watch.checked
    assert watch.wrong == []


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_random_statements_do_nothing_that_facts_exclude(seed: int, facts_of: FactsOf) -> None:
    source = program(random.Random(seed))
    assert watched(facts_of(source, "f"), source, ["f(hook, Box(1))"]).wrong == []


def test_the_watch_sees_what_is_wrong(facts_of: FactsOf, monkeypatch: pytest.MonkeyPatch) -> None:
    source = """
        def f(xs: list[int]):
            ys = xs
            ys.append(1)
            return xs[9]
        """
    facts = facts_of(source, "f")
    assert watched(facts, source, ["f([])"]).wrong == []
    monkeypatch.setattr(Facts, "may_mutate", lambda *args: facts.is_type(facts.definitions("ys")[0], "str"))
    monkeypatch.setattr(Facts, "may_alias", lambda *args: facts.is_type(facts.definitions("ys")[0], "str"))
    monkeypatch.setattr(Facts, "cannot_raise", lambda *args: facts.is_type(facts.definitions("ys")[0], "list"))
    wrong = watched(facts, source, ["f([])"]).wrong
    assert any("changes what" in text for text in wrong)
    assert any("share" in text for text in wrong)
    assert any("raises" in text for text in wrong)
