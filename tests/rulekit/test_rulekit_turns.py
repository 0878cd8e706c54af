"""What is reached right before a loop is left is no cost of each iteration."""

from collections.abc import Callable
from pathlib import Path

import libcst as cst
import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed
from perf_advise.engine.views import Views
from perf_advise.hotspots import all_functions
from perf_advise.rulekit import View

RULES = {loaded.rule.code: loaded for loaded in load_rules()}
ONCE = {
    "PA501": ("", "found = x in ys"),
    "PA502": ("", "found = ys.index(x)"),
    "PA503": ("", "found = ys.count(x)"),
    "PA504": ("", "ys.pop(0)"),
    "PA507": ("zs = []", "zs = zs + [x]"),
    "PA519": ("", "ys.insert(0, x)"),
    "PA521": ("", "ys = ys[1:]"),
    "PA525": ("", "ys.remove(x)"),
    "PA706": ("", "log.info(f'{x} found')"),
    "PA904": ("", "found = min(x, k)"),
    "PA905": ("", "with suppress(ValueError):\n                print(x)"),
}
FUNCTION = """import logging
from contextlib import suppress

log = logging.getLogger("a")


def f(xs: list[int], ys: list[int], k: int):
    {before}
    for x in xs:
        if x > 3:
            {work}
            {end}
        k += x
        print(k)
    return ys
"""


@pytest.mark.parametrize("code", ONCE)
@pytest.mark.parametrize(
    ("end", "found"), [("return ys", False), ("break", False), ("raise KeyError", False), ("", True)]
)
def test_a_loop_that_is_left_pays_once(code: str, end: str, found: bool) -> None:
    before, work = ONCE[code]
    source = FUNCTION.format(before=before or "pass", work=work, end=end or "pass")
    assert bool(fixed(RULES[code], source)[0].findings) is found


@pytest.fixture
def turns(tmp_path: Path) -> Callable[[str], list[str]]:
    """The headers of the loops that go on after the call of `work`."""

    def loops(body: str) -> list[str]:
        path = tmp_path / "example.py"
        path.write_text("def f(xs, ys):\n" + "".join(f"    {line}\n" for line in body.splitlines()), "utf-8")
        views = Views(tmp_path, (3, 11))
        view: View = views.of(next(f for f in all_functions([views.file(path)[0]]) if not f.is_module))
        call = next(c for c in view.walk(cst.Call) if view.code(c.func) == "work")
        return [view.code(loop).splitlines()[0] for loop in view.turns(call)]

    return loops


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("for x in xs:\n    work(x)", ["for x in xs:"]),
        ("for x in xs:\n    if x:\n        return work(x)", []),
        ("for x in xs:\n    if x: return work(x)", []),
        ("for x in xs:\n    if x:\n        if ys:\n            work(x)\n        break", []),
        (
            "for x in xs:\n    if x:\n        work(x)\n        if ys:\n            continue\n        break",
            ["for x in xs:"],
        ),
        ("for x in xs:\n    try:\n        return work(x)\n    except ValueError:\n        pass", ["for x in xs:"]),
        ("for x in xs:\n    try:\n        x()\n    except ValueError:\n        return work(x)", []),
        ("for x in xs:\n    for y in ys:\n        if y:\n            work(y)\n            break", ["for x in xs:"]),
        ("for x in xs:\n    for y in ys:\n        if y:\n            return work(y)", []),
        ("for x in xs:\n    if x:\n        for y in ys:\n            work(y)\n        return", ["for y in ys:"]),
        ("for x in xs:\n    if x:\n        return [work(y) for y in ys]", ["[work(y) for y in ys]"]),
        ("while xs:\n    with ys:\n        work(xs)\n        return", []),
    ],
)
def test_loops_that_go_on(turns: Callable[[str], list[str]], body: str, left: list[str]) -> None:
    assert turns(body) == left
