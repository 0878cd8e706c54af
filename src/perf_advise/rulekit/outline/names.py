"""Which names a kernel has to be given and has to return, by what is always set before it and inside of it."""

import ast
from collections.abc import Iterable, Iterator, Sequence

import libcst as cst

from perf_advise.facts.interface import Interface
from perf_advise.facts.tree import assigned_to, target_names
from perf_advise.model.facts import Answer, Evidence
from perf_advise.model.hot import MODULE
from perf_advise.rulekit import needs
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.numba.infinite import only_infinities
from perf_advise.rulekit.numba.support import Support
from perf_advise.rulekit.numba.table import SCALARS
from perf_advise.rulekit.numba.types import Kinds
from perf_advise.rulekit.view import View

_LEAVING = (cst.Return, cst.Raise, cst.Break, cst.Continue)


def inputs_of(view: View, interface: Interface, converted: set[str]) -> Iterator[str]:
    """Names that the kernel is given as they are."""
    for taken in interface.live_in:
        root = taken.text.partition(".")[0]
        if not taken.is_called and taken.text not in converted and root not in converted and root != view.receiver:
            yield root


def outputs_of(view: View, nodes: tuple[cst.CSTNode, ...], interface: Interface) -> tuple[str, ...]:
    """What is read after the statements; of names at the top level, what anything else in the file reads."""
    if view.hot.qualname != MODULE:
        return interface.live_out
    lines = range(view.line(nodes[0]), view.line(nodes[-1]) + view.code(nodes[-1]).count("\n") + 1)
    others = {n.id for n in view.index.nodes(ast.Name) if n.lineno not in lines}
    return tuple(name for name in interface.live_out if name in others)


def kept(view: View, nodes: tuple[cst.CSTNode, ...], outputs: Iterable[str]) -> tuple[str, ...]:
    """The outputs that keep what they were before where the statements do not set them: they are inputs as well."""
    inside, before = set(_always_set(nodes)), set(_bound_before(view, nodes[0]))
    return tuple(name for name in outputs if name not in inside and name in before)


def are_set(
    view: View, nodes: tuple[cst.CSTNode, ...], outputs: Sequence[str], given: Sequence[str], support: Support
) -> Iterator[Need]:
    """What is returned has a value, and one type, whether or not a loop runs."""
    inside = set(_always_set(nodes))
    if only_infinities(view):
        yield from (_is_int_or_float(view, nodes, name) for name in outputs)
    loops = {n.value for loop in view.walk(cst.For) for n in target_names(loop.target) if _is_in(view, loop, nodes)}
    for name in (n for n in outputs if n not in given and n not in inside):
        claim = "what is read after the loops is always set"
        if name not in loops:
            yield needs.holds(False, claim, f"`{name}`")
        answer = Answer.unknown("the lengths are not known")
        yield needs.value(answer, claim, f"`{name}` is 0, not unset, where its loop never runs")
    for name in given:
        yield _has_one_type(view, nodes, name, any(not container.dtype for container in support.converted))


def _is_int_or_float(view: View, nodes: tuple[cst.CSTNode, ...], name: str) -> Need:
    """What comes out of the loops is an int, or a float, on every way: an int beside infinities would be a float."""
    kinds = Kinds(view)
    found = {kind for n in view.walk(cst.Name) if n.value == name for kind in kinds.names(n)}
    return needs.holds(not found >= {"int", "float"}, f"`{name}` keeps one type", "it is an int or infinite")


def is_named_again(view: View, nodes: tuple[cst.CSTNode, ...], name: str) -> bool:
    """Whether anything but the assignments that made it names a variable outside of the statements."""
    uses = [n for n in view.named(name) if not _is_in(view, n, nodes)]
    return view.hot.is_module or "." in name or any(not isinstance(view.parent(n), cst.AssignTarget) for n in uses)


def _has_one_type(view: View, nodes: tuple[cst.CSTNode, ...], name: str, guessed: bool) -> Need:
    """The value from before and the one that the statements store are numbers of one type."""
    kinds, claim = Kinds(view), f"`{name}` keeps one type"
    found: frozenset[str] = frozenset()
    for read in (n for n in view.walk(cst.Name) if n.value == name and not _is_in(view, n, nodes)):
        if not isinstance(view.parent(read), cst.AssignTarget | cst.Param | cst.For):
            found |= kinds.names(read)
    if len(found) == 1 and found <= SCALARS:
        return Need(Answer.yes(f"it is {'or '.join(found)}"), claim)
    if not found and guessed:
        return Need(Answer.yes("as the loops use it", Evidence.SEEN), claim)
    return Need(
        Answer.no(f"it is {' and '.join(sorted(found))}") if found else Answer.unknown("it is not known"), claim
    )


def _is_in(view: View, node: cst.CSTNode, nodes: Iterable[cst.CSTNode]) -> bool:
    return any(view.inside(node, root) for root in nodes)


def _bound_before(view: View, node: cst.CSTNode) -> Iterator[str]:
    """Names that have a value whenever control comes to `node`."""
    child = node
    for holder in (*view.ancestors(node), view.slice.node):
        body = getattr(holder, "body", None)
        if isinstance(body, list | tuple) and child in body:
            yield from _always_set(body[: list(body).index(child)])
        if isinstance(holder, cst.For) and child is holder.body:
            yield from (n.value for n in target_names(holder.target))
        child = holder
    if isinstance(child, cst.FunctionDef):
        body = child.body.body
        top = next((s for s in body if view.inside(node, s)), node)
        yield from _always_set(body[: list(body).index(top)] if top in body else ())
        yield from (p.name.value for p in (*child.params.posonly_params, *child.params.params))


def _always_set(statements: Sequence[cst.CSTNode]) -> set[str]:
    """Names that the statements set on every way through them that does not leave them."""
    found: set[str] = set()
    for statement in statements:
        found |= _sets(statement)
    return found


def _sets(node: cst.CSTNode) -> set[str]:
    if isinstance(node, cst.SimpleStatementLine):
        return {name.value for small in node.body for target in assigned_to(small) for name in target_names(target)}
    if isinstance(node, cst.If):
        branches: list[Sequence[cst.CSTNode]] = [node.body.body, _otherwise(node)]
        ways = [_always_set(branch) for branch in branches if not _leaves(branch)]
        return set.intersection(*ways) if ways else set()
    if isinstance(node, cst.With):
        return _always_set(node.body.body)
    return set()


def _otherwise(node: cst.If) -> Sequence[cst.CSTNode]:
    if isinstance(node.orelse, cst.Else):
        return node.orelse.body.body
    return (node.orelse,) if node.orelse is not None else ()


def _leaves(branch: Sequence[cst.CSTNode]) -> bool:
    last = branch[-1] if branch else None
    return isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], _LEAVING)
