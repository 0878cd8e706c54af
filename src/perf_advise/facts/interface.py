"""What a loop takes from the function around it and what it leaves behind: the signature of an outlined kernel."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.answers import Typed
from perf_advise.facts.tree import dotted, target_names, walk

if TYPE_CHECKING:
    from perf_advise.facts.facts import Facts

_OWN = ("local", "parameter", "nonlocal")


@dataclass(frozen=True, slots=True)
class Taken:
    """Something that a loop reads from outside: a local name, or an attribute chain on one (`self.n`).

    `is_called` marks what is only called (`self.step(x)`); `is_indexed` what is subscripted or iterated.
    """

    text: str
    node: cst.BaseExpression
    type: Typed
    is_called: bool = False
    is_indexed: bool = False


@dataclass(frozen=True, slots=True)
class Interface:
    """What an outlined loop would get, give back and call.

    `live_in` are in order of first use. `live_out` are the names it binds that are read afterwards, in order of
    first binding; `stored_attributes` (`self.total`) and `mutated` (roots of changed containers, `*` for
    anything) are left behind too. `globals` are module-level names that it reads. `calls` are callees by
    qualified name, or as written where nothing is known of them. `obstacles` are statements that cannot leave the
    function.
    """

    live_in: tuple[Taken, ...]
    live_out: tuple[str, ...]
    stored_attributes: tuple[str, ...]
    mutated: frozenset[str]
    globals: tuple[str, ...]
    calls: tuple[str, ...]
    obstacles: tuple[str, ...]


_OBSTACLES = {
    cst.Return: "return", cst.Yield: "yield", cst.Await: "await", cst.Global: "global", cst.Nonlocal: "nonlocal",
    cst.FunctionDef: "def", cst.Lambda: "lambda", cst.ClassDef: "class", cst.Import: "import",
    cst.ImportFrom: "import", cst.With: "with", cst.Try: "try", cst.Del: "del",
}  # fmt: skip


def interface_of(nodes: tuple[cst.CSTNode, ...], facts: "Facts") -> Interface:
    """The interface of a loop, or of consecutive statements around it."""
    inside = [part for node in nodes for part in walk(node)]
    bound = tuple(dict.fromkeys(name.value for node in inside for name in _bound(node)))
    live = facts.live_after(nodes[-1])
    effects = facts.effects(nodes)
    return Interface(
        live_in=tuple(_live_in(nodes, inside, facts)),
        live_out=tuple(name for name in bound if name in live),
        stored_attributes=tuple(dict.fromkeys(_stored_attributes(inside))),
        mutated=effects.mutates,
        globals=tuple(sorted(n for n in effects.reads if facts.scope(n) == "global" and n not in bound)),
        calls=tuple(dict.fromkeys(_calls(inside, facts))),
        obstacles=tuple(dict.fromkeys(text for node in inside if (text := _OBSTACLES.get(type(node))))),
    )


# -- what goes in -------------------------------------------------------------------------------------------


def _live_in(nodes: tuple[cst.CSTNode, ...], inside: list[cst.CSTNode], facts: "Facts") -> Iterator[Taken]:
    """Chains and names whose value comes from before the nodes, in order of first use."""
    own = set(map(id, inside))
    found: dict[str, list[tuple[cst.BaseExpression, str]]] = {}
    for chain, use in _chains(nodes):
        root = chain
        while isinstance(root, cst.Attribute):
            root = root.value
        if isinstance(root, cst.Name) and _comes_from_outside(root, own, facts):
            found.setdefault(dotted(chain) or root.value, []).append((chain, use))
    for text, uses in found.items():
        kinds = {use for _, use in uses}
        node = uses[0][0]
        yield Taken(text, node, facts.type_of(node), kinds == {"called"}, "indexed" in kinds)


def _comes_from_outside(name: cst.Name, own: set[int], facts: "Facts") -> bool:
    """Whether the read may see a value that was bound before."""
    scope = facts.scope(name.value)
    if scope not in _OWN and not (facts.code.is_module and scope == "global"):
        return False
    bound = facts.reaching(name)
    return bound is None or any(id(node) not in own for node in bound)


def _chains(nodes: tuple[cst.CSTNode, ...]) -> Iterator[tuple[cst.BaseExpression, str]]:
    """The longest chains of attributes on names that are read, and how each is used."""
    stack: list[tuple[cst.CSTNode, str]] = [(node, "") for node in reversed(nodes)]
    while stack:
        node, use = stack.pop()
        if isinstance(node, cst.Name | cst.Attribute) and dotted(node) is not None:
            yield node, use
            continue
        stack += reversed([(child, _use(node, child)) for child in _read_parts(node)])


def _read_parts(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The parts of a node that are evaluated: not the names that it binds."""
    for child in node.children:
        is_target = isinstance(node, cst.AssignTarget | cst.For | cst.CompFor | cst.NamedExpr | cst.AnnAssign)
        if is_target and child is getattr(node, "target", None):
            yield from _stored_through(child)
        elif not isinstance(node, cst.Arg) or child is not node.keyword:
            yield child


def _stored_through(target: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """What storing to a target reads: the container and the index, not a plain name or `self.x` itself."""
    if isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from _stored_through(element.value)
    elif not isinstance(target, cst.Name) and dotted(target) is None:
        yield target


def _use(node: cst.CSTNode, child: cst.CSTNode) -> str:
    if isinstance(node, cst.Call) and child is node.func:
        return "called"
    indexed = isinstance(node, cst.Subscript) and child is node.value
    iterated = isinstance(node, cst.For | cst.CompFor) and child is node.iter
    return "indexed" if indexed or iterated else ""


# -- what comes out -----------------------------------------------------------------------------------------


def _bound(node: cst.CSTNode) -> Iterator[cst.Name]:
    if isinstance(node, cst.AssignTarget | cst.AugAssign | cst.AnnAssign | cst.For | cst.NamedExpr):
        yield from target_names(node.target)


def _stored_attributes(inside: list[cst.CSTNode]) -> Iterator[str]:
    for node in inside:
        target = node.target if isinstance(node, cst.AssignTarget | cst.AugAssign | cst.AnnAssign) else None
        if isinstance(target, cst.Attribute):
            yield dotted(target) or "?"


def _calls(inside: list[cst.CSTNode], facts: "Facts") -> Iterator[str]:
    for node in inside:
        if isinstance(node, cst.Call):
            yield facts.qualified_name(node.func) or facts.slice.code(node.func)
