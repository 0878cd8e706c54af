"""Objects that are not one because of how callers make them, or because no run ever saw them as one."""

from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.project.apart import MAKERS
from perf_advise.facts.project.called import CALLED
from perf_advise.facts.tree import dotted, walk
from perf_advise.facts.types.heap import IMMUTABLE
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


def made_since(facts: "Facts", a: Named, b: Named) -> Answer | None:
    """No, where one is bound to a new array or flat list, on every way to where they stand after the other was."""
    if isinstance(a, cst.Name) and isinstance(b, cst.Name) and a.value != b.value:
        for new, old in ((a, b), (b, a)):
            if _is_newer(facts, new, old):
                return Answer.no(f"`{new.value}` is made anew, after `{old.value}` was bound")
    return None


def _is_newer(facts: "Facts", new: cst.Name, old: cst.Name) -> bool:
    kind = facts.type_of(new).type
    steady = all(facts.scope(n.value) in ("local", "parameter") and not facts.is_captured(n.value) for n in (new, old))
    made, bound = facts.reaching(new), facts.reaching(old)
    if kind is None or not _is_flat(kind) or not steady or made is None or bound is None or len(made) != 1:
        return False
    region = _run_after(facts, made[0], new)
    # What bound `old` lies outside of the region, so the making ran after it.
    return region is not None and _makes(facts, made[0]) and not any(node in region for node in bound)


def _run_after(facts: "Facts", target: cst.CSTNode, use: cst.CSTNode) -> set[cst.CSTNode] | None:
    """The nodes of the statements from a line to the one of its block that holds `use`; None where it holds none."""
    line = _line_of(facts, target)
    block = facts.slice.parent(line) if line is not None else None
    body = list(getattr(block, "body", ()))
    start = body.index(line) if line in body else len(body)
    region: set[cst.CSTNode] = set()
    for statement in body[start:]:
        region.update(walk(statement))
        if use in region:
            return region
    return None


def _line_of(facts: "Facts", target: cst.CSTNode) -> cst.SimpleStatementLine | None:
    holder: cst.CSTNode | None = target
    while holder is not None and not isinstance(holder, cst.SimpleStatementLine):
        holder = None if isinstance(holder, cst.BaseCompoundStatement) else facts.slice.parent(holder)
    return holder if holder is not None and len(holder.body) == 1 else None


def _makes(facts: "Facts", target: cst.CSTNode) -> bool:
    """Whether the target alone is assigned an object that nothing else holds."""
    holder = facts.slice.parent(target)
    assign = facts.slice.parent(holder) if isinstance(holder, cst.AssignTarget) else None
    if not isinstance(assign, cst.Assign) or len(assign.targets) != 1:
        return False
    made = assign.value
    if isinstance(made, cst.List | cst.ListComp):
        return True
    if not isinstance(made, cst.Call):
        return False
    if isinstance(made.func, cst.Attribute) and made.func.attr.value == "copy" and not made.args:
        copied = facts.type_of(made.func.value).type
        return copied is not None and _is_flat(copied)
    return facts.qualified_name(made.func) in MAKERS


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
