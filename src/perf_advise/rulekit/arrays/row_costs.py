"""Whether rows are short: long ones stay in the cache one by one, and do not when all are computed at once."""

from collections.abc import Iterator

import libcst as cst

from perf_advise.rulekit import needs
from perf_advise.rulekit.costs import share_of_callee
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.view import View

_LONG = 4e-5
"""Seconds per call, the profiler's own share among them, from which on the work takes the time and not the call. A sum
of squares for all rows at once breaks even at rows of 5,000 numbers and takes twice as long at 50,000 (measured)."""


def short_rows(view: View, nest: cst.CSTNode) -> Iterator[Need]:
    """What the nest calls for each row takes little longer than a call, where the profile counts calls."""
    hot = view.hot
    if not hot.counted or hot.seconds is None or not hot.cumulative or hot.cumulative_seconds is None:
        return
    calls = [call for call in view.walk(cst.Call) if view.inside(call, nest)]
    shares = {view.code(call.func): share_of_callee(view, call) for call in calls}
    seconds = hot.seconds + sum(shares.values()) * hot.cumulative_seconds / hot.cumulative
    each = seconds / hot.counted
    yield needs.holds(each < _LONG, "the rows are short", f"{each * 1e6:.0f} us for each call")
