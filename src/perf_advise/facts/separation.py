"""Objects that are not one because of how callers make them, or because no run ever saw them as one."""

from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.heap import IMMUTABLE
from perf_advise.facts.tree import dotted
from perf_advise.facts.types_called import CALLED
from perf_advise.model.facts import Answer, Evidence
from perf_advise.model.pytypes import PyType

if TYPE_CHECKING:
    from perf_advise.facts.facts import Facts

Named = cst.CSTNode | str


def kept_apart(facts: "Facts", a: Named, b: Named) -> Answer | None:
    """No, where two arrays or flat lists are made apart and at most swapped, here or by whoever calls the function."""
    one, other = _name(a), _name(b)
    kinds = [facts.passed.get(node) if isinstance(node, str) else facts.type_of(node).type for node in (a, b)]
    if one == other or not all(kind is not None and _is_flat(kind) for kind in kinds):
        return None
    site = facts.slice.site
    if {one, other} <= facts.calls.apart_in(site):
        return Answer.no("each is made anew, or swapped with the other")
    given = all(len(facts.definitions(n)) == 1 and facts.scope(n) == "parameter" for n in (one, other))
    if site is not None and given and facts.calls.are_apart(site, one, other):
        is_whole = {one, other} <= facts.promised.keys()
        return Answer.no(f"different objects, {CALLED}", Evidence.STATIC if is_whole else Evidence.SEEN)
    return None


def seen_apart(facts: "Facts", a: Named, b: Named) -> Answer | None:
    """No, where the recording knows both as lists or arrays and never saw them share memory."""
    one, other = sorted((_name(a), _name(b)))
    kinds = {facts.seen[name].name for name in (one, other) if name in facts.seen}
    if one == other or not {one, other} <= facts.seen.keys() or not kinds <= {"list", "numpy.ndarray"}:
        return None
    is_rebound = any(len(facts.definitions(name)) > 1 for name in (one, other))
    if is_rebound or f"{one} & {other}" in facts.seen:
        return None  # the recording saw what a name held when the function was called
    return Answer.no(f"`{one}` and `{other}` shared no memory while recording", Evidence.SEEN)


def _name(node: Named) -> str:
    return node if isinstance(node, str) else dotted(node) or ""


def _is_flat(kind: PyType) -> bool:
    """Whether two different objects of this type share nothing that can change: arrays, lists of numbers or text."""
    flat = bool(kind.args) and all(item.name in IMMUTABLE for item in kind.args)
    return kind.name == "numpy.ndarray" or (kind.name == "list" and flat)
