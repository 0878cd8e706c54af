"""Compiling is weighed against the seconds of the program: the larger the kernel the more, and once per file."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from perf_advise.hot_code import view_of
from perf_advise.model.facts import Truth
from perf_advise.model.options import Options
from perf_advise.rulekit import Need, pays, support_of_whole
from perf_advise.rulekit.outline.outlining import outlines
from perf_advise.rulekit.view import View

SUMS = """
def small(n: int) -> int:
    s = 0
    for i in range(n):
        s += i % 7
    return s


def other(n: int) -> int:
    s = 0
    for i in range(n):
        s += i % 5
    return s


def objects(n: int) -> int:
    s = 0
    for i in range(n):
        s += len(str(i))
    return s


def points(n: int) -> int:
    s = 0
    z = complex(0.5, 0.5)
    for i in range(n):
        z = z * z
        s += i % 7
    return s


def listed(n: int) -> int:
    xs = [0, 1, 2, 3, 4, 5, 6]
    s = 0
    for i in range(n):
        s += xs[i % 7]
    return s
"""


def paying(folder: Path, qualname: str, seconds: Mapping[str, float], header: str = "", **fields: object) -> Truth:
    """Whether the seconds are enough."""
    return needs_of(folder, qualname, seconds, header, **fields)[0].answer.truth


def needs_of(
    folder: Path, qualname: str, seconds: Mapping[str, float], header: str = "", **fields: object
) -> list[Need]:
    """What is said of a function, where these take that long."""
    (folder / "app.py").write_text(header + SUMS)
    options = Options(root=folder, no_profile=True)
    views = {name: view_of(options, folder / "app.py", name) for name in seconds}
    module = views[qualname].facts.code.bindings.module
    costs = {
        f"{module}.{name}": replace(view.hot, seconds=seconds[name], own=0.5, **fields) for name, view in views.items()
    }
    at = views[qualname]
    view = View(at.slice, at.facts, at.index, costs[f"{module}.{qualname}"], costs=costs)
    support = support_of_whole(view)
    assert support is not None
    return list(pays(view, (support, [view.slice.node.body])))


@pytest.mark.parametrize(("seconds", "pays_off"), [(1.1, Truth.NO), (1.45, Truth.YES)])
def test_the_start_of_the_compiler_has_to_pay(tmp_path: Path, seconds: float, pays_off: Truth) -> None:
    assert paying(tmp_path, "small", {"small": seconds}) is pays_off


@pytest.mark.parametrize("kind", ["points", "listed"])
def test_complex_numbers_and_lists_take_longer_to_compile(tmp_path: Path, kind: str) -> None:
    assert paying(tmp_path, kind, {kind: 1.45}) is Truth.NO
    assert paying(tmp_path, kind, {kind: 2.3}) is Truth.YES


def test_the_start_is_shared_with_what_is_compiled_too(tmp_path: Path) -> None:
    assert paying(tmp_path, "small", {"small": 0.9, "other": 0.9}) is Truth.YES
    assert paying(tmp_path, "small", {"small": 0.9, "objects": 5.0}) is Truth.NO


def test_a_file_that_uses_numba_pays_for_its_start_anyway(tmp_path: Path) -> None:
    assert paying(tmp_path, "small", {"small": 0.4}, header="import numba\n") is Truth.YES


def test_what_the_profiler_took_does_not_pay(tmp_path: Path) -> None:
    assert paying(tmp_path, "small", {"small": 2.0}, slowed=1.8) is Truth.NO
    assert paying(tmp_path, "small", {"small": 2.0}, native=0.4, slowed=1.8) is Truth.YES


def test_items_of_lists_are_slower_still_under_a_tracing_profiler(tmp_path: Path) -> None:
    """1.9 s without it, or 1.4 s: the kernel asks for 1.5 s."""
    assert paying(tmp_path, "listed", {"listed": 1.9}) is Truth.YES
    assert paying(tmp_path, "listed", {"listed": 2.1}, slowed=1.1) is Truth.NO


def test_where_lines_are_told_apart_those_of_the_kernel_have_to_pay(tmp_path: Path) -> None:
    assert paying(tmp_path, "small", {"small": 2.0}, lines={4: 0.2, 5: 0.25}) is Truth.YES
    assert paying(tmp_path, "small", {"small": 2.0}, lines={2: 0.25, 4: 0.25}) is Truth.NO


@pytest.mark.parametrize(("calls", "seconds", "pays_off"), [(1_000_000, 1.45, Truth.NO), (1_000_000, 2.2, Truth.YES)])
def test_the_way_into_compiled_code_has_to_pay_too(tmp_path: Path, calls: int, seconds: float, pays_off: Truth) -> None:
    assert paying(tmp_path, "small", {"small": seconds}, calls=calls) is pays_off


def test_calls_that_take_less_than_a_microsecond_are_left_alone(tmp_path: Path) -> None:
    """Without what the profiler took for them."""
    (need,) = (n for n in needs_of(tmp_path, "small", {"small": 20.0}, calls=9_000_000) if "a call costs" in n.claim)
    assert need.answer.truth is Truth.YES
    traced = needs_of(tmp_path, "small", {"small": 20.0}, calls=9_000_000, counted=40_000_000, slowed=1.8)
    assert [n.answer.truth for n in traced if "a call costs" in n.claim] == [Truth.NO]


@pytest.mark.parametrize(("inner", "worth"), [(3, Truth.NO), (3000, Truth.YES)])
def test_a_few_turns_in_a_kept_loop_are_not_worth_a_call(tmp_path: Path, inner: int, worth: Truth) -> None:
    source = (
        f"def f(names: list[str]) -> int:\n    s = 0\n    for name in names:\n        print(name)\n"
        f"        for i in range({inner}):\n            s += i % 7\n    return s\n"
    )
    (tmp_path / "app.py").write_text(source)
    view = view_of(Options(root=tmp_path, no_profile=True), tmp_path / "app.py", "f")
    (outline,) = outlines(view)
    stated = pays(view, (outline.support, outline.nodes))
    assert [n.answer.truth for n in stated if n.claim == "the loops are worth a call"] == [worth]
