"""What compiling with Numba costs a run of the program, weighed against the seconds that it takes."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import libcst as cst

from perf_advise.facts.loops.nouns import Loop
from perf_advise.model.hot import HotFunction
from perf_advise.rulekit import needs
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.numba.support import Support, support_of_whole
from perf_advise.rulekit.outline.outlining import is_possible, outlines
from perf_advise.rulekit.view import View

_PER_CALL, _LEAST_CALL = 3e-7, 1e-6
_FEW_EACH_TIME = 50
_FEW_TURNS = 100_000
"""Turns of the interpreter that take a hundredth of a second, a hundredth of what starting Numba takes."""
_LEAST_OTHER = 0.2
_START, _EACH, _PER_EXPRESSION = 1.05, 0.05, 0.004
_LISTS, _COMPLEX, _LIBRARY = 0.25, 0.55, 0.3
_LEFT, _LEFT_CONVERTED, _ITEMS = 0.05, 0.15, 1.33
"""Processor seconds, fitted to 36 compiled programs (Numba 0.68, one core of a server, nothing cached; the estimate is
0.3 s too low at most): NumPy's and Numba's import 0.4 and the compiler's start 0.6 together, then per function, per
expression of it, and once more for lists that it makes, complex numbers, and each function of NumPy. `_LEFT` is what
usually remains of the seconds, of those with lists to convert in each call the second; `_ITEMS` how much slower than
other bytecode a tracing profiler makes what takes items of lists (2.6 to 3.3 times in all, against 1.4 to 2.0)."""

Part: TypeAlias = tuple[Support, Sequence[cst.CSTNode]]
"""What is compiled as one function, with its statements."""


def pays(view: View, *parts: Part) -> Iterator[Need]:
    """The profile gives the compiled parts of this function enough time for Numba's import and compilation.

    The import is shared with the other hot functions of the file that can be compiled, by their time.
    """
    helpers = {h.view.hot.qualname: h.view for support, _ in parts for h in support.helpers}
    bare = _bare_seconds(view, parts)
    seconds = (bare or 0.0) + sum(helper.hot.bare_seconds or 0.0 for helper in helpers.values())
    own = sum(_cost(view, roots) for _, roots in parts) + sum(_cost(h, [h.slice.node]) for h in helpers.values())
    share = 1.0 / (1.0 - (_LEFT_CONVERTED if any(support.converted for support, _ in parts) else _LEFT))
    calls = view.hot.calls or 0
    own += _PER_CALL * calls
    start = 0.0 if _imports_numba(view) else _START
    if own * share < seconds <= (start + own) * share:
        others = (o.bare_seconds or 0.0 for o in view.hot_siblings if o.qualname not in helpers and _joins(view, o))
        start *= seconds / (seconds + sum(others))
    yield needs.takes(seconds if bare is not None else None, (start + own) * share)
    yield from turns_often(view)
    yield from _turns_enough(view, [root for _, roots in parts for root in roots])
    if bare and calls:
        each = seconds / calls
        claim = "a call costs more than the way into compiled code"
        yield needs.holds(each > _LEAST_CALL, claim, f"{each * 1e6:.1f} us")


def _bare_seconds(view: View, parts: Sequence[Part]) -> float | None:
    """What the statements take without the profiler; the whole function where its lines are not told apart."""
    hot = view.hot
    if hot.bare_seconds is None:
        return None
    takes_items = any(support.converted or _makes_lists(_inside(view, roots)) for support, roots in parts)
    bare = hot.bare_seconds / (_ITEMS if takes_items and hot.slowed > 1.0 else 1.0)
    if not hot.lines or not hot.own:
        return bare
    return bare * min(sum(view.share(root) for _, roots in parts for root in roots) / hot.own, 1.0)


def _inside(view: View, roots: Sequence[cst.CSTNode]) -> list[cst.BaseExpression]:
    """The expressions of these statements."""
    every = view.walk(cst.BaseExpression)  # type: ignore[type-abstract]
    return [node for node in every if any(view.inside(node, root) for root in roots)]


def _cost(view: View, roots: Sequence[cst.CSTNode]) -> float:
    """Seconds to compile these statements as one function, once Numba has started."""
    inner = _inside(view, roots)
    called = {view.facts.qualified_name(n.func) or "" for n in inner if isinstance(n, cst.Call)}
    is_complex = "builtins.complex" in called or any(
        isinstance(n, cst.Imaginary) or (isinstance(n, cst.Attribute) and n.attr.value == "imag") for n in inner
    )
    library = sum(name.startswith("numpy.") for name in called)
    kinds = _LISTS * _makes_lists(inner) + _COMPLEX * is_complex + _LIBRARY * library
    return _EACH + _PER_EXPRESSION * len(inner) + kinds


def _makes_lists(inner: Sequence[cst.BaseExpression]) -> bool:
    return any(isinstance(node, cst.List | cst.ListComp) for node in inner)


def _imports_numba(view: View) -> bool:
    """Whether the file pays for Numba's start already."""
    return any(target.partition(".")[0] == "numba" for target in view.index.imports.values())


def _joins(view: View, other: HotFunction) -> bool:
    """Whether another function that is worth it can be compiled."""
    sibling = view.sibling(other.qualname) if (other.bare_seconds or 0.0) > _LEAST_OTHER else None
    if sibling is None:
        return False
    whole = support_of_whole(sibling)
    return (whole is not None and whole.possible) or any(map(is_possible, outlines(sibling)))


def turns_often(view: View) -> Iterator[Need]:
    """Without a profile: code that runs once, a table made at import, turns its loops more than a few times."""
    turns = _turns(view.facts.loops)
    if view.hot.seconds is None and turns is not None and _runs_once(view):
        yield needs.holds(turns > _FEW_TURNS, "the loops turn often", f"{turns} times, each time the same")


def _turns_enough(view: View, roots: Sequence[cst.CSTNode]) -> Iterator[Need]:
    """Statements in a loop that stays as it is are called each time: they turn often enough to be worth a call."""
    turns = _turns([loop for loop in _with_inner(view.facts.loops) if loop.node in roots and view.repeats(loop.node)])
    if turns is not None and turns > 0:
        yield needs.holds(turns > _FEW_EACH_TIME, "the loops are worth a call", f"{turns} turns each time")


def _with_inner(loops: Sequence[Loop]) -> Iterator[Loop]:
    for loop in loops:
        yield loop
        yield from _with_inner(loop.children)


def _turns(loops: Sequence[Loop]) -> int | None:
    """How often the innermost loops turn in all; None where that is not written in the code."""
    total = 0
    for loop in loops:
        trips = loop.domain.trips.value if loop.domain.is_counted else None
        inner = _turns(loop.children)
        if trips is None or inner is None:
            return None
        total += max(trips, 0) * max(inner, 1)
    return total


def _runs_once(view: View) -> bool:
    """Whether it is top-level code, or a module-level function that is given nothing and so makes the same again."""
    function = view.slice.node
    if not isinstance(function, cst.FunctionDef):
        return view.hot.is_module
    given = (*function.params.posonly_params, *function.params.params, *function.params.kwonly_params)
    return not given and isinstance(function.params.star_arg, cst.MaybeSentinel) and "." not in view.hot.qualname
