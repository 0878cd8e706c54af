"""Hot functions without a finding, each with its reason, so that silence is not read as "nothing is slow"."""

from collections.abc import Callable, Iterable, Sequence

from perf_advise.engine.views import Views
from perf_advise.model.errors import UserError
from perf_advise.model.finding import Finding, Refusal
from perf_advise.model.hot import HotFunction
from perf_advise.model.report import QuietFunction
from perf_advise.rulekit.object_bound import object_bound

_MOST = 0.5
_IN_CALLEES = 0.8
_NOTHING = "no slow shape that is known here"
_NOTHING_CHOSEN = "nothing that the selected rules speak of"
_LOOKED_AT = 0.05
"""The share from which on the code itself is asked what it is bound to."""


def quiet_functions(
    functions: Sequence[HotFunction],
    findings: Iterable[Finding],
    refusals: Sequence[Refusal],
    bound: Callable[[HotFunction], str] = lambda function: "",
    chosen: bool = False,
) -> tuple[QuietFunction, ...]:
    """Those of `functions` that no finding speaks of, hottest first, with the reason in words.

    `bound` says of a function that works on objects what runs it faster, "" of any other; `chosen` that not all rules
    were asked.
    """
    nothing = _NOTHING_CHOSEN if chosen else _NOTHING
    spoken = {_key(f.function) for f in findings}
    return tuple(QuietFunction(f, _reason(f, refusals, bound) or nothing) for f in functions if _key(f) not in spoken)


def _key(function: HotFunction) -> tuple[object, str, int]:
    return (function.path, function.qualname, function.line)


def _reason(function: HotFunction, refusals: Sequence[Refusal], bound: Callable[[HotFunction], str]) -> str:
    if function.own > 0 and function.waiting / function.own > _MOST:
        return "most of its time is waiting (I/O, locks, sleep), not work"
    if function.own > 0 and function.native / function.own > _MOST:
        return "most of its time is in native code that it calls"
    objects = bound(function) if function.own >= _LOOKED_AT else ""
    if objects:
        return objects
    refused = [r for r in refusals if _key(r.function) == _key(function)]
    if refused:
        codes = ", ".join(dict.fromkeys(r.code for r in refused))
        return f"{codes} matched and was refused (--why-not)"
    if function.cumulative > 0 and 1 - function.own / function.cumulative > _IN_CALLEES:
        return _callees(function)
    return ""


def _callees(function: HotFunction) -> str:
    top = sorted(function.callees.items(), key=lambda item: -item[1])[:2]
    if not top:
        return "its time is in what it calls"
    return "its time is in what it calls: " + ", ".join(name for name, _ in top)


def bound_to(views: Views, function: HotFunction) -> str:
    """What is said of a function that works on objects; "" of any other, and where a fix moved it since."""
    try:
        return object_bound(views.of(function))
    except UserError:
        return ""
