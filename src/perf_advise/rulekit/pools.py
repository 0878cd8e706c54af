"""Pools of workers: where a function makes them, and what it gives them to do."""

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from perf_advise.rulekit.view import View

_POOLS = {
    "concurrent.futures.ProcessPoolExecutor": "process",
    "concurrent.futures.process.ProcessPoolExecutor": "process",
    "concurrent.futures.ThreadPoolExecutor": "thread",
    "concurrent.futures.thread.ThreadPoolExecutor": "thread",
    "multiprocessing.Pool": "process",
    "multiprocessing.pool.Pool": "process",
    "multiprocessing.pool.ThreadPool": "thread",
    "multiprocessing.dummy.Pool": "thread",
}


@dataclass(frozen=True, slots=True)
class Pool:
    """One call that makes a pool: its kind ("process", "thread"), its qualified name, the variable that holds it."""

    call: cst.Call
    kind: str
    made_by: str
    name: str


def pools(view: View) -> Iterator[Pool]:
    """Pools that the function makes, by `with ... as name` or `name = ...`."""
    for item in view.walk(cst.WithItem):
        held = item.asname.name if item.asname is not None else None
        yield from _pool(view, item.item, held)
    for assign in view.walk(cst.Assign):
        yield from _pool(view, assign.value, assign.targets[0].target)


def _pool(view: View, made: cst.BaseExpression, held: cst.CSTNode | None) -> Iterator[Pool]:
    name = view.facts.qualified_name(made.func) if isinstance(made, cst.Call) else None
    if isinstance(made, cst.Call) and name in _POOLS:
        yield Pool(made, _POOLS[name], name, held.value if isinstance(held, cst.Name) else "")


def mapped(view: View, pool: Pool) -> Iterator[cst.Call]:
    """Calls of the pool's `map`, in the function that makes the pool."""
    for call in view.walk(cst.Call):
        of = call.func if isinstance(call.func, cst.Attribute) else None
        if of is not None and of.attr.value == "map" and isinstance(of.value, cst.Name) and of.value.value == pool.name:
            yield call
