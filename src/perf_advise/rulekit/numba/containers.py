"""Containers in code that is compiled: arrays, lists of its own, and what comes from outside and is converted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from perf_advise.facts.loops.place import SIZES
from perf_advise.facts.tree import dotted
from perf_advise.rulekit.numba.table import DTYPES
from perf_advise.rulekit.numba.types import Kinds
from perf_advise.rulekit.view import View

_OF_LISTS = frozenset(dir(list))
_MIXED = frozenset({"int", "float"})


@dataclass(frozen=True, slots=True)
class Container:
    """What can be indexed: `text` is how it is written, `depth` how many indices give a number.

    "array" is an ndarray or a row of one, "list" one that the compiled code makes itself, "converted" a list and
    "text" a string from outside, which are arrays by then; `dtype` is theirs, "" where only a run can tell.
    """

    text: str
    kind: str
    depth: int
    dtype: str = ""
    node: cst.CSTNode | None = None
    mixed: bool = False


class Containers:
    """Which containers the statements use; `lifted` says that what comes from outside may be converted."""

    def __init__(
        self, view: View, kinds: Kinds, roots: Sequence[cst.CSTNode], lifted: bool, given: Mapping[str, Container]
    ) -> None:
        self._view = view
        self._kinds = kinds
        self._roots = roots
        self._lifted = lifted
        self._names: dict[str, Container | None] = dict(given)

    @property
    def converted(self) -> tuple[Container, ...]:
        """Those that come from outside as lists or text, in order of first use."""
        return tuple(c for c in self._names.values() if c is not None and c.node is not None)

    def of(self, node: cst.CSTNode) -> Container | None:
        """The container that an expression is; None for anything else."""
        if isinstance(node, cst.Subscript):
            held = self.of(node.value)
            if held is None or not _is_plain_index(node):
                return held if held is not None and held.kind == "list" and held.depth == 1 else None
            depth = held.depth - len(node.slice)
            return Container("", held.kind, depth, held.dtype) if depth > 0 else None
        text = dotted(node)
        if text is None:
            return None
        if text not in self._names:
            self._names[text] = None  # a name that is made from itself
            self._names[text] = self._found(text, node)
        return self._names[text]

    def is_character(self, node: cst.CSTNode) -> bool:
        """Whether this is one character of a text, compared by its code point."""
        if isinstance(node, cst.Subscript):
            held = self.of(node.value)
            return held is not None and held.kind == "text" and _is_plain_index(node)
        sources = list(self._sources(node.value)) if isinstance(node, cst.Name) else []
        return bool(sources) and all(is_row and self._holds_text(source) for source, is_row in sources)

    def _holds_text(self, node: cst.CSTNode) -> bool:
        held = self.of(node)
        return held is not None and held.kind == "text"

    def _found(self, text: str, node: cst.CSTNode) -> Container | None:
        typed = self._kinds.of(node)
        names = {kind.name for kind in typed.alternatives}
        if names == {"numpy.ndarray"} and typed.type is not None and typed.type.ndim:
            fits = typed.type.dtype is None or typed.type.dtype in DTYPES
            return Container(text, "array", typed.type.ndim, typed.type.dtype or "") if fits else None
        if isinstance(node, cst.Name) and self._is_inside(node.value):
            return self._made_inside(text, node)
        if names == {"str"} and self._lifted:
            return Container(text, "text", 1, "int64", node)
        nested = self._kinds.nested(node)
        if not self._lifted or not names <= {"list"}:
            return None
        if nested is None or not names:
            return self._guessed(text, node, bool(names))
        depth, items = nested
        dtype = {frozenset({"int"}): "int64", frozenset({"bool"}): "bool"}.get(items, "float64")
        fits = len(items) == 1 or items == _MIXED
        return Container(text, "converted", depth, dtype, node, items == _MIXED) if fits else None

    def _guessed(self, text: str, node: cst.CSTNode, is_list: bool) -> Container | None:
        """A list of which only its use in the loops says that it holds numbers, or lists of them."""
        depths = {self._indices_of(use) for use in uses(self._view, self._roots, text)} - {0}
        if len(depths) != 1 or any(kind.args for kind in self._kinds.of(node).alternatives) or self._is_other(text):
            return None
        depth = depths.pop()
        is_plain = (is_list or depth > 1) and self._is_reckoned_with(text)
        return Container(text, "converted", depth, "", node) if is_plain else None

    def _is_other(self, text: str) -> bool:
        """Whether the function asks it for what neither a list nor an array has: an object with indices of its own."""
        asked = {node.attr.value for node in self._view.walk(cst.Attribute) if dotted(node.value) == text}
        return bool(asked - _OF_LISTS - SIZES)

    def _is_reckoned_with(self, text: str) -> bool:
        """Whether its cells stand in arithmetic: they could be text otherwise."""
        for use in uses(self._view, self._roots, text):
            node, holder = use, self._view.parent(use)
            while isinstance(holder, cst.Subscript) and holder.value is node:
                node, holder = holder, self._view.parent(holder)
            if isinstance(holder, cst.BinaryOperation | cst.AugAssign) and node is not use:
                return True
        return False

    def _indices_of(self, node: cst.CSTNode) -> int:
        """How many indices follow a use of a name; 0 for `len(xs)`."""
        count, holder = 0, self._view.parent(node)
        if isinstance(holder, cst.Arg) and isinstance(call := self._view.parent(holder), cst.Call):
            return 0 if self._view.facts.qualified_name(call.func) == "builtins.len" else -1
        while isinstance(holder, cst.Subscript) and holder.value is node and _is_plain_index(holder):
            count += len(holder.slice)
            node, holder = holder, self._view.parent(holder)
        return count or -1

    def _made_inside(self, text: str, node: cst.Name) -> Container | None:
        """A row of another container, or a list that the statements make."""
        sources = list(self._sources(node.value))
        held = [self.of(source) for source, is_row in sources if is_row]
        if held and len(held) == len(sources):
            first = held[0]
            if first is None or first.depth < 2 or any(h is None or h.depth != first.depth for h in held):
                return None
            return Container(text, first.kind, first.depth - 1, first.dtype)
        nested = self._kinds.nested(node)
        if nested is None or len(nested[1]) != 1 or held:
            return None
        return Container(text, "list", nested[0])

    def _is_inside(self, name: str) -> bool:
        found = self._definitions(name)
        return bool(found) and all(self._is_in(d) for d in found)

    def _definitions(self, name: str) -> tuple[cst.CSTNode, ...]:
        """What binds a name for the statements: their own part of it where they never see another value."""
        found = self._view.facts.definitions(name)
        own = tuple(d for d in found if self._is_in(d))
        if not own or len(own) == len(found):
            return found
        reads = (n for n in self._view.walk(cst.Name) if n.value == name and self._is_in(n) and n not in own)
        seen = [self._view.facts.reaching(read) for read in reads]
        return own if all(nodes and all(map(self._is_in, nodes)) for nodes in seen) else found

    def _is_in(self, node: cst.CSTNode) -> bool:
        return any(self._view.inside(node, root) for root in self._roots)

    def _sources(self, name: str) -> Iterator[tuple[cst.CSTNode, bool]]:
        """What a name is bound to, and whether it gets an item of that or the whole."""
        for definition in self._definitions(name):
            holder = self._view.parent(definition)
            while isinstance(holder, cst.Element | cst.Tuple):
                holder = self._view.parent(holder)
            if isinstance(holder, cst.For):
                yield iterated(holder.iter, definition, holder, self._view), True
            elif isinstance(holder, cst.AssignTarget):
                assign = self._view.parent(holder)
                value = assign.value if isinstance(assign, cst.Assign) else definition
                is_row = isinstance(value, cst.Subscript) and _is_plain_index(value) and len(value.slice) == 1
                yield (value.value if is_row and isinstance(value, cst.Subscript) else value), is_row
            else:
                yield definition, False


def uses(view: View, roots: Sequence[cst.CSTNode], text: str) -> Iterator[cst.CSTNode]:
    """Where the statements name a variable or attribute."""
    for node in view.named(text):
        if any(view.inside(node, root) for root in roots):
            yield node


def iterated(node: cst.BaseExpression, target: cst.CSTNode, loop: cst.For, view: View) -> cst.BaseExpression:
    """What a target of a loop takes its items from: `xs` of `for i, x in enumerate(xs)`."""
    if not isinstance(node, cst.Call) or not node.args:
        return node
    name = view.facts.qualified_name(node.func)
    if name == "builtins.enumerate":
        return node.args[0].value
    if name == "builtins.zip" and isinstance(loop.target, cst.Tuple):
        for element, arg in zip(loop.target.elements, node.args, strict=False):
            if view.inside(target, element):
                return arg.value
    return node


def _is_plain_index(node: cst.Subscript) -> bool:
    return all(isinstance(element.slice, cst.Index) for element in node.slice)
