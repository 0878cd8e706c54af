"""What a place costs, and how that is told where the profile knows no lines."""

from dataclasses import replace
from pathlib import Path

import libcst as cst
import pytest

from perf_advise.catalog.ratios import Ratios
from perf_advise.engine.gains import gain_of
from perf_advise.engine.views import Views
from perf_advise.hotspots import all_functions
from perf_advise.model.finding import Gain
from perf_advise.model.rule import Rule
from perf_advise.rulekit.matches import Match

RULE = Rule(code="PA999", name="a-shape", message="m")
LOOP = "    for x in xs:\n        found.append(work(x))\n"
OTHER = "    names = [str(x).strip().lower() for x in xs]\n    rows = sorted(names, key=len)\n"


@pytest.mark.parametrize(
    ("body", "lines", "gain"),
    [
        (LOOP, {}, Gain(4.0, 0.5, "estimate")),
        (LOOP + OTHER, {}, Gain(4.0, 0.5, "estimate", at_most=True)),
        (LOOP + OTHER, {2: 0.1, 3: 0.2, 4: 0.2}, Gain(4.0, pytest.approx(0.3), "estimate")),
    ],
    ids=["the loop is the function", "one loop of several", "the profile knows lines"],
)
def test_a_place_costs_at_most_what_its_function_does(
    tmp_path: Path, body: str, lines: dict[int, float], gain: Gain
) -> None:
    path = tmp_path / "example.py"
    path.write_text("def f(xs, found):\n" + body, "utf-8")
    views = Views(tmp_path, (3, 11))
    function = next(f for f in all_functions([views.file(path)[0]]) if not f.is_module)
    view = views.of(replace(function, own=0.5, lines=lines))
    call = next(c for c in view.walk(cst.Call) if view.code(c.func) == "work")
    assert gain_of(RULE, Match(call, speedup=4.0), view, Ratios({})) == gain
