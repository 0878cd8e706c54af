"""Real runs under trace, to hold against what was inferred."""

import sys
import textwrap
from collections.abc import Callable, Iterable
from types import CodeType, FrameType
from typing import Any

from perf_advise.facts import Facts
from perf_advise.facts.types.heap import Cell, Value
from perf_advise.facts.types.state import Env

DEPTH = 4
TraceFunction = Callable[[FrameType, str, Any], object]


def type_name(value: object) -> str:
    """The name that facts give the type of a value."""
    kind = type(value)
    if kind.__module__ == "builtins":
        return kind.__name__
    return f"{kind.__module__}.{kind.__qualname__}".replace("numpy.bool_", "numpy.bool")


def names_fit(inferred: str, value: object) -> bool:
    """Whether an inferred type name stands for the value's type."""
    actual = type_name(value)
    if inferred == "iterator":
        return hasattr(value, "__next__")
    if inferred == "reversed":
        return "reverse" in actual
    if inferred in ("function", "type"):
        return callable(value)
    return inferred == actual


def explains(value: Value, actual: object, touched: frozenset[Cell], depth: int = DEPTH) -> bool:
    """Whether an abstract value has room for an actual one, what it holds included."""
    if value.open or depth == 0:
        return True
    return any(_atom_explains(atom.type, atom.cell, actual, touched, depth) for atom in value)


def _atom_explains(type_: Any, cell: Cell | None, actual: Any, touched: frozenset[Cell], depth: int) -> bool:
    if not names_fit(type_.name, actual):
        return False
    if type_.name == "numpy.ndarray":
        return type_.dtype in (None, str(actual.dtype)) and type_.ndim in (None, actual.ndim)
    if cell is None or (not cell.declared and (cell in touched or cell.sources & touched)):
        return True
    if isinstance(actual, tuple) and cell.fields is not None:
        if len(actual) != len(cell.fields):
            return False
        return all(explains(part, item, touched, depth - 1) for part, item in zip(cell.fields, actual, strict=True))
    if isinstance(actual, dict):
        pairs = actual.items()
        return all(explains(cell.keys, k, touched, depth - 1) for k, _ in pairs) and all(
            explains(cell.items, v, touched, depth - 1) for _, v in pairs
        )
    if hasattr(actual, "__len__") and not isinstance(actual, str | bytes | range):
        return all(explains(cell.items, item, touched, depth - 1) for item in list(actual))
    return True


def environments(facts: Facts) -> dict[int, list[Env]]:
    """What was inferred to hold before each step, by line."""
    found: dict[int, list[Env]] = {}
    for step in facts.code.flow.steps[1:-1]:
        env = facts.static.flow.before[step.index]
        if env is not None:
            node = step.parts[0] if step.parts else step.node
            found.setdefault(facts.slice.line(node), []).append(env)
            found.setdefault(facts.slice.line(step.node), []).append(env)
    return found


def run_traced(target: CodeType, local: TraceFunction, calls: Iterable[str], space: dict[str, Any]) -> None:
    """Evaluates the calls in `space`; `local` is told what happens in the frames of `target`."""

    def trace(frame: FrameType, event: str, argument: object) -> object:
        return local if frame.f_code is target else None

    for call in calls:
        sys.settrace(trace)
        try:
            eval(call, space)
        except Exception:
            pass  # what ran until then counts
        finally:
            sys.settrace(None)


def surprises(facts: Facts, source: str, calls: Iterable[str]) -> list[str]:
    """Runs the calls of `f` under trace; every local that no inference explains."""
    found: list[str] = []
    by_line = environments(facts)
    code = compile(textwrap.dedent(source), "app.py", "exec")
    space: dict[str, Any] = {"__name__": "app"}
    exec(code, space)
    target = space[facts.slice.site.name if facts.slice.site else "f"].__code__

    def local(frame: FrameType, event: str, argument: object) -> object:
        if event == "line" and (envs := by_line.get(frame.f_lineno)) is not None:
            for name, actual in frame.f_locals.items():
                inferred = [env.vars[name] for env in envs if name in env.vars]
                touched = frozenset().union(*(env.touched for env in envs))
                if not any(explains(value, actual, touched) for value in inferred):
                    found.append(f"line {frame.f_lineno}: {name} = {actual!r}, inferred {inferred}")
        return local

    run_traced(target, local, calls, space)
    return found
