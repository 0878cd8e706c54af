"""What a loop nest changes, seen from outside: names it binds, containers whose cells or length it changes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.answers import ANYTHING
from perf_advise.facts.effects.plain import call_purity
from perf_advise.facts.tree import assigned_to, dotted, parents, target_names, walk

if TYPE_CHECKING:
    from perf_advise.facts.facts import Facts

GROWING = frozenset({"append", "add"})
RESIZING = GROWING | {
    "appendleft", "clear", "discard", "extend", "fill", "insert", "pop", "popitem", "popleft", "remove",
    "resize", "reverse", "setdefault", "sort", "update",
}  # fmt: skip


@dataclass(slots=True)
class Changes:
    """Containers with `stored` cells (`ranks`: with how few subscripts), those `resized` or changed as a whole.

    `containers` are names that are subscripted or iterated. `counts` says how often a name is bound; `headers` are
    the names that `for` binds; `attributes` are attribute names stored on any object. `borrowed` are names bound
    to something that is not made on the spot (rows, items): storing through one changes another container.
    `anything` means that unknown code runs, which may change every object (but no local name).
    """

    counts: dict[str, int] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)
    ranks: dict[str, int] = field(default_factory=dict)
    containers: set[str] = field(default_factory=set)
    resized: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    headers: set[str] = field(default_factory=set)
    borrowed: set[str] = field(default_factory=set)
    anything: bool = False

    def binds(self, name: str) -> bool:
        """Whether the nest assigns the name or dotted attribute."""
        return name in self.counts

    def bind(self, name: str) -> None:
        """Note one binding."""
        self.counts[name] = self.counts.get(name, 0) + 1

    def keeps_length(self, root: str) -> bool:
        """Whether the container stays the same object with the same length."""
        return not (self.anything or root in self.resized or self.rebinds(root))

    def keeps_cells(self, root: str) -> bool:
        """Whether nothing in the container changes."""
        return self.keeps_length(root) and root not in self.stored

    @property
    def resizes_alias(self) -> bool:
        """Whether a container changes its length under a name that may be a part of another one."""
        return bool(self.resized & self.borrowed)

    @property
    def stores_alias(self) -> bool:
        """Whether cells are stored under a name that may be a part of another container."""
        return bool((self.resized | self.stored) & self.borrowed)

    def may_store(self, root: str, rank: int) -> bool:
        """Whether a cell with so many subscripts may be replaced by another object."""
        return self.anything or root in self.resized or self.ranks.get(root, rank + 1) <= rank or self.rebinds(root)

    def rebinds(self, root: str) -> bool:
        """Whether `self.x` or a prefix of it is assigned, or an attribute of that name on any object."""
        first, *attributes = root.split(".")
        return self.binds(first) or self.binds(root) or any(a in self.attributes for a in attributes)


_SCOPES = frozenset({cst.FunctionDef, cst.Lambda, cst.ClassDef})
_CHANGING = frozenset(
    {cst.Assign, cst.AnnAssign, cst.AugAssign, cst.For, cst.NamedExpr, cst.Del, cst.AsName, cst.Subscript, cst.CompFor,
     cst.FunctionDef, cst.ClassDef, cst.Call, cst.With, cst.Await, cst.Yield, cst.Import, cst.ImportFrom}
)  # fmt: skip
"""The kinds of nodes that say something of changes, a small part of all."""


def find_changes(root: cst.CSTNode, facts: "Facts") -> Changes:
    """What running `root` (a loop or comprehension) changes."""
    changes = Changes()
    holder = parents(root)
    for node in walk(root, lambda n: type(n) not in _SCOPES):
        if type(node) not in _CHANGING:
            continue
        for target in _targets(node):
            _note_target(target, changes)
            if not _is_made_here(node) and (name := dotted(target)):
                changes.borrowed.add(name)
        if isinstance(node, cst.Subscript):
            changes.containers.add(dotted(node.value) or "")
        elif isinstance(node, cst.For | cst.CompFor):
            changes.containers.update(_iterated(node.iter))
        if isinstance(node, cst.For):
            changes.headers.update(name.value for name in target_names(node.target))
        elif isinstance(node, cst.AugAssign) and isinstance(node.value, cst.List | cst.ListComp):
            changes.resized.add(dotted(node.target) or "?")
        elif isinstance(node, cst.FunctionDef | cst.ClassDef):
            changes.bind(node.name.value)
        elif isinstance(node, cst.Call):
            _note_call(node, holder.get(id(node)), changes, facts)
        elif isinstance(node, cst.With | cst.Await | cst.Yield | cst.Import | cst.ImportFrom):
            changes.anything = True
    return changes


def _iterated(iterable: cst.BaseExpression) -> Iterator[str]:
    """The names whose items a loop takes: `xs`, and those in `enumerate(zip(xs, ys))`."""
    if isinstance(iterable, cst.Call):
        if dotted(iterable.func) != "range":
            for arg in iterable.args:
                yield from _iterated(arg.value)
    elif (name := dotted(iterable)) is not None:
        yield name


def _targets(node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """What a statement assigns to, tuples taken apart; the variables of a comprehension are its own."""
    if isinstance(node, cst.Assign):
        for target in assigned_to(node):
            yield from _apart(target)
    elif isinstance(node, cst.AnnAssign | cst.AugAssign | cst.For | cst.NamedExpr | cst.Del):
        yield from _apart(node.target)
    elif isinstance(node, cst.AsName):
        yield from _apart(node.name)


def _is_made_here(statement: cst.CSTNode) -> bool:
    """Whether the statement binds a list that it makes: `[]`, `[0] * n`, a comprehension."""
    value = getattr(statement, "value", None)
    if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Multiply):
        return isinstance(value.left, cst.List) or isinstance(value.right, cst.List)
    return isinstance(value, cst.List | cst.ListComp)


def _apart(target: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    if isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from _apart(element.value)
    else:
        yield target


def _note_target(target: cst.BaseExpression, changes: Changes) -> None:
    if isinstance(target, cst.Attribute):
        changes.attributes.add(target.attr.value)
        changes.bind(dotted(target) or "*")
    elif isinstance(target, cst.Subscript):
        _note_store(target, changes)
    for name in target_names(target):
        changes.bind(name.value)


def _note_store(target: cst.Subscript, changes: Changes) -> None:
    """A store to a cell changes cells; a store to a slice may change the length as well."""
    base: cst.BaseExpression = target
    elements: list[cst.SubscriptElement] = []
    while isinstance(base, cst.Subscript):
        elements += base.slice
        base = base.value
    root = dotted(base)
    if root is None:
        changes.anything = True
        return
    changes.stored.add(root)
    changes.ranks[root] = min(changes.ranks.get(root, len(elements)), len(elements))
    if any(isinstance(e.slice, cst.Slice) for e in elements):
        changes.resized.add(root)


def _note_call(node: cst.Call, holder: cst.CSTNode | None, changes: Changes, facts: "Facts") -> None:
    if call_purity(node, facts).holds:
        return
    if isinstance(node.func, cst.Attribute) and isinstance(holder, cst.Expr):
        root = dotted(node.func.value)
        if root is not None and node.func.attr.value in RESIZING:
            changes.resized.add(root)
            return
    mutated = facts.effects(node).mutates
    changes.anything = changes.anything or ANYTHING in mutated
    changes.stored |= mutated
    changes.resized |= mutated
