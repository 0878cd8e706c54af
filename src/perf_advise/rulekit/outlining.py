"""A loop nest taken out of a function that Numba cannot take whole: what goes in, what comes out, what is converted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import libcst as cst

from perf_advise.model.facts import Answer, Truth
from perf_advise.model.pytypes import PyType
from perf_advise.rulekit import needs
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.numba_support import Check, Support, is_numeric
from perf_advise.rulekit.view import View

_DTYPES = {"float": "float64", "int": "int64", "bool": "bool"}


@dataclass(frozen=True, slots=True)
class ListArgument:
    """A list (of lists) of numbers that the kernel gets as an array; `written` is given back its values."""

    name: str
    depth: int
    dtype: str
    written: bool
    need: Need


@dataclass(frozen=True, slots=True)
class Outline:
    """A nest as a kernel: `inputs` are names passed as they are, `attributes` texts such as `self.n`."""

    nest: cst.For | cst.While
    inputs: tuple[str, ...]
    lists: tuple[ListArgument, ...]
    attributes: tuple[str, ...]
    outputs: tuple[str, ...]
    support: Support
    needs: tuple[Need, ...]


def outlines(view: View) -> Iterator[Outline]:
    """The outermost loops of the function that could be kernels."""
    for nest in view.walk(cst.For, cst.While):
        if isinstance(nest, cst.For | cst.While) and not view.repeats(nest) and _depth(view, nest) > 1:
            yield _outline(view, nest)


def _outline(view: View, nest: cst.For | cst.While) -> Outline:
    lists = {argument.name: argument for argument in _lists(view, nest)}
    check = Check(view, [nest], {name: a.depth for name, a in lists.items()})
    support = check.support()
    if len(support.needs) == 1 and support.needs[0].answer.truth is Truth.NO:
        return Outline(nest, (), (), (), (), support, ())
    bound, before = _bound(view, nest), _bound_before(view, nest)
    read = {n.value for n in _names(view, nest) if view.facts.scope(n.value) in ("local", "parameter")}
    inputs = sorted((read & before) - lists.keys() - {"self"})
    live = sorted(bound & view.facts.live_after(nest))
    work = _depth(view, nest)
    stated = [
        *(is_numeric(view, next(check.reads(name))) for name in inputs if any(True for _ in check.reads(name))),
        *(argument.need for argument in lists.values()),
        *_apart(view, nest, lists),
        needs.holds(set(live) <= before, "what is read after the nest is set before it", ", ".join(live)),
        needs.holds(not _leaves(view, nest), "the nest does not return or raise"),
        *(
            needs.holds(work > a.depth, f"the work on `{a.name}` is worth its conversion", f"{work} loops deep")
            for a in lists.values()
        ),
    ]
    return Outline(
        nest, tuple(inputs), tuple(lists.values()), tuple(sorted(check.attributes)), tuple(live), support, tuple(stated)
    )


def _lists(view: View, nest: cst.CSTNode) -> Iterator[ListArgument]:
    """Names of the nest that are lists, in order of their first use."""
    first_uses: dict[str, cst.Name] = {}
    for node in _names(view, nest):
        first_uses.setdefault(node.value, node)
    for name, first in first_uses.items():
        kind = view.facts.type_of(first).type
        if kind is None or kind.name != "list":
            continue
        typed = view.facts.type_of(first)
        depth, item = _unwrapped(kind)
        dtype = _DTYPES.get(item.name, "") if item else ""
        claim = f"`{name}` is a rectangular list of {'lists of ' * (depth - 1)}{item or 'numbers'}"
        answer = Answer.yes(typed.why, typed.evidence) if dtype else Answer.unknown(f"{typed.why}: items are not known")
        yield ListArgument(name, depth, dtype, _is_written(view, nest, name), Need(answer, claim))


def _apart(view: View, nest: cst.CSTNode, lists: Mapping[str, ListArgument]) -> Iterator[Need]:
    """A list that is stored to is no other one: as arrays they would be copies of each other."""
    for one, other in combinations(sorted(lists), 2):
        if lists[one].written or lists[other].written:
            first, second = (next(n for n in _names(view, nest) if n.value == name) for name in (one, other))
            answer = view.facts.may_alias(first, second)
            yield Need(needs.negated(answer), f"`{one}` and `{other}` are different lists")
    for argument in lists.values():
        if argument.written and argument.depth > 1:
            claim = f"no two rows of `{argument.name}` are one list"
            yield needs.value(Answer.unknown("rows are not compared"), claim, "rows that are one list come apart")


def _unwrapped(kind: PyType) -> tuple[int, PyType | None]:
    depth = 0
    inner: PyType | None = kind
    while inner is not None and inner.name == "list":
        depth += 1
        inner = inner.args[0] if len(inner.args) == 1 else None
    return depth, inner


def _is_written(view: View, nest: cst.CSTNode, name: str) -> bool:
    stored: list[cst.CSTNode] = [t.target for t in view.walk(cst.AssignTarget) if view.inside(t, nest)]
    stored += [t.target for t in view.walk(cst.AugAssign) if view.inside(t, nest)]
    return any(_root_name(target) == name for target in stored)


def _root_name(target: cst.CSTNode) -> str:
    while isinstance(target, cst.Subscript):
        target = target.value
    return target.value if isinstance(target, cst.Name) else ""


def _names(view: View, nest: cst.CSTNode) -> Iterator[cst.Name]:
    for name in view.walk(cst.Name):
        holder = view.parent(name)
        is_attribute = isinstance(holder, cst.Attribute) and holder.attr is name
        if not is_attribute and view.inside(name, nest):
            yield name


def _bound(view: View, nest: cst.CSTNode) -> set[str]:
    names = {n.value for n in _names(view, nest)}
    return {n for n in names if any(view.inside(d, nest) for d in view.facts.definitions(n))}


def _bound_before(view: View, nest: cst.CSTNode) -> set[str]:
    """Names with a binding outside of the nest, above it."""
    line = view.line(nest)
    names = {n.value for n in _names(view, nest)}

    def is_before(node: cst.CSTNode) -> bool:
        return not view.inside(node, nest) and view.line(node) <= line

    return {n for n in names if any(is_before(d) for d in view.facts.definitions(n))}


def _leaves(view: View, nest: cst.CSTNode) -> bool:
    return any(view.inside(node, nest) for node in view.walk(cst.Return, cst.Raise, cst.Yield, cst.Await))


def _depth(view: View, nest: cst.CSTNode) -> int:
    """How many loops deep the nest goes."""
    inner = [n for n in view.walk(cst.For, cst.While) if view.inside(n, nest)]
    around = len(view.repeats(nest))
    return max(len([r for r in view.repeats(n) if isinstance(r, cst.For | cst.While)]) - around + 1 for n in inner)
