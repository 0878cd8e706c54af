"""What a rule sees: one hot function, its tree, its facts, and where the time goes."""

import builtins
import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import TypeVar

import libcst as cst

from perf_advise.facts import Facts
from perf_advise.facts.tree import dotted
from perf_advise.model.hot import HotFunction
from perf_advise.model.options import EXECUTORS
from perf_advise.rulekit.levels import in_levels
from perf_advise.rulekit.turns import leaving
from perf_advise.source.imports import available_name
from perf_advise.source.index import ModuleIndex
from perf_advise.source.slices import FunctionSlice, slice_function

Node = TypeVar("Node", bound=cst.CSTNode)

Comprehension = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_NESTED = (cst.FunctionDef, cst.ClassDef)
_REPEATING = frozenset({cst.For, cst.While, cst.CompFor, *Comprehension})
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_PREFERRED = {"numpy": "np", "pandas": "pd"}


class View:
    """One hot function for the rules: read only, dropped after an edit."""

    def __init__(
        self,
        piece: FunctionSlice,
        facts: Facts,
        index: ModuleIndex,
        hot: HotFunction,
        target: tuple[int, int] = (3, 11),
        costs: Mapping[str, HotFunction] | None = None,
        executor: str = EXECUTORS[0],
    ) -> None:
        self.slice = piece
        self.facts = facts
        self.index = index
        self.hot = hot
        self.target = target
        self.executor = executor
        self._costs = costs or {}
        self._by_type: dict[type[cst.CSTNode], list[tuple[int, cst.CSTNode]]] | None = None
        self._by_kind: dict[tuple[type[cst.CSTNode], ...], tuple[cst.CSTNode, ...]] = {}
        self.looked_up: dict[str, object] = {}
        """What rules asked of the whole file, and the answers: `names` words, and patterns behind a `/`."""
        self._names: frozenset[str] | None = None
        self._named: dict[str | None, list[cst.CSTNode]] | None = None
        self._siblings: dict[str, View] = {}

    # -- the tree -------------------------------------------------------------------------------------

    def walk(self, *kinds: type[Node]) -> Iterator[Node]:
        """Nodes of these kinds in source order; nested functions and classes are not entered."""
        found = self._by_kind.get(kinds)
        if found is None:
            if self._by_type is None:
                self._by_type = _own_nodes(self.slice)
            placed = [nodes for kind, nodes in self._by_type.items() if _is_kind(kind, kinds)]
            found = self._by_kind[kinds] = tuple(node for _, node in sorted(chain(*placed), key=itemgetter(0)))
        return iter(found)  # type: ignore[arg-type]

    def named(self, text: str) -> Sequence[cst.CSTNode]:
        """The nodes that are this variable or chain of attributes (`xs`, `self.grid`), in source order."""
        if self._named is None:
            self._named = {}
            for node in self.walk(cst.Name, cst.Attribute):
                self._named.setdefault(dotted(node), []).append(node)
        return self._named.get(text, ())

    def inside(self, node: cst.CSTNode, holder: cst.CSTNode) -> bool:
        """Whether a node stands in another one, or is it."""
        return node is holder or self.slice.contains(holder, node)

    def code(self, node: cst.CSTNode | Sequence[cst.CSTNode]) -> str:
        """The exact source text of a node, or of consecutive statements."""
        if isinstance(node, cst.CSTNode):
            return self.slice.code(node)
        start, end = self.slice.span(node[0]).start, self.slice.span(node[-1]).end
        return self.slice.file.text[start:end]

    def block(self, statement: cst.CSTNode, names: Mapping[str | cst.CSTNode, str] | None = None) -> str:
        """A statement as the body of a new function: four spaces deep, with other texts for some attributes and calls,
        all that are written alike or a single one."""
        text = self.swapped(statement, names or {})
        span = self.slice.span(statement)
        start = self.slice.file.text[self.slice.lines_span(statement).start : span.start].rsplit("\n", 1)[-1]
        lines = in_levels("\n".join(line.removeprefix(start) for line in text.replace("\r\n", "\n").split("\n"))).split(
            "\n"
        )
        return "\n".join("    " + line if line.strip() else "" for line in lines)

    def swapped(self, node: cst.CSTNode, names: Mapping[str | cst.CSTNode, str]) -> str:
        """The code of a node with the other texts, the outermost where one is inside of another."""
        parts = (*self.walk(cst.Attribute, cst.Call), *(n for n in names if isinstance(n, cst.CSTNode)))
        swaps = [n for n in parts if (n in names or self.code(n) in names) and self.inside(n, node)]
        end = self.slice.span(node).start
        text = ""
        for inner in sorted(swaps, key=lambda n: (self.slice.span(n).start, -self.slice.span(n).end)):
            own = self.slice.span(inner)
            if own.start >= end:
                text += self.slice.file.text[end : own.start] + names.get(inner, names.get(self.code(inner), ""))
                end = own.end
        return text + self.slice.file.text[end : self.slice.span(node).end]

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node that holds this one, within the function."""
        return self.slice.parent(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes that hold this one, innermost first, up to the function."""
        current = self.parent(node)
        while current is not None and current is not self.slice.node:
            yield current
            current = self.parent(current)

    def statement(self, node: cst.CSTNode) -> cst.CSTNode:
        """The line or compound statement that a node stands in."""
        for holder in (node, *self.ancestors(node)):
            if isinstance(holder, cst.SimpleStatementLine | cst.BaseCompoundStatement):
                return holder
        return node

    def line(self, node: cst.CSTNode) -> int:
        """The line of the file where a node begins."""
        return self.slice.line(node)

    def repeats(self, node: cst.CSTNode) -> tuple[cst.CSTNode, ...]:
        """The loops and comprehensions that run `node` once per iteration, innermost first."""
        found: list[cst.CSTNode] = []
        child: cst.CSTNode = node
        for holder in self.ancestors(node):
            if _repeats_child(holder, child):
                found.append(self._comprehension(holder))
            child = holder
        return tuple(dict.fromkeys(found))

    def turns(self, node: cst.CSTNode) -> tuple[cst.CSTNode, ...]:
        """The loops of `repeats` that go on after `node`: not one that a `return` or `break` right after it leaves."""
        found: list[cst.CSTNode] = []
        inner = node
        for loop in self.repeats(node):
            left = leaving(inner, self.ancestors(inner), loop) if isinstance(loop, cst.For | cst.While) else None
            if isinstance(left, cst.Return | cst.Raise):
                break
            found += [loop] if left is None else []
            inner = loop
        return tuple(found)

    def _comprehension(self, holder: cst.CSTNode) -> cst.CSTNode:
        """The comprehension that a `for ... in` belongs to, which binds its names; other loops as they are."""
        while isinstance(holder, cst.CompFor):
            holder = self.parent(holder) or self.slice.node
        return holder

    def siblings(self, statement: cst.CSTNode) -> Sequence[cst.CSTNode]:
        """The statements of the block that `statement` stands in."""
        block = self.parent(statement)
        body = getattr(block, "body", ())
        return body if isinstance(body, list | tuple) else ()

    # -- names ----------------------------------------------------------------------------------------

    def name_of(self, target: str) -> str:
        """How `numpy` or `collections.deque` is written in this file, or will be once imported."""
        known = available_name(self.index, target)
        if known is not None:
            return known
        wanted = _PREFERRED.get(target, target.rsplit(".", 1)[-1])
        return self.fresh(wanted) if self._means_something_else(wanted) else wanted

    def fresh(self, wanted: str) -> str:
        """`wanted`, or it with a number, such that nothing in the module has that name."""
        candidate, count = wanted, 1
        while self._is_taken(candidate) or keyword.iskeyword(candidate) or hasattr(builtins, candidate):
            count += 1
            candidate = f"{wanted}_{count}"
        return candidate

    @property
    def names(self) -> frozenset[str]:
        """Every identifier that occurs in the file, words of strings and comments included."""
        if self._names is None:
            self._names = frozenset(_IDENTIFIER.findall(self.slice.file.text))
        return self._names

    def _means_something_else(self, name: str) -> bool:
        return self._is_taken(name) or hasattr(builtins, name)

    def _is_taken(self, name: str) -> bool:
        found = self.looked_up[name] = name in self.names
        return found

    def in_file(self, pattern: str) -> list[str]:
        """What a regular expression finds in the text of the file, function or not."""
        found = self.looked_up[f"/{pattern}"] = re.findall(pattern, self.slice.file.text)
        return found

    @staticmethod
    def look_up(what: str, text: str, words: frozenset[str]) -> object:
        """The answer to something `looked_up`, in another text with these words."""
        return re.findall(what[1:], text) if what.startswith("/") else what in words

    @property
    def receiver(self) -> str:
        """What the instance is called in a method; "" elsewhere."""
        node, site = self.slice.node, self.slice.site
        if not isinstance(node, cst.FunctionDef) or site is None or site.class_name is None:
            return ""
        params = (*node.params.posonly_params, *node.params.params)
        return params[0].name.value if params and "staticmethod" not in site.decorators else ""

    def sibling(self, qualname: str) -> "View | None":
        """The view of another function of the file; None where it is not there once."""
        sites = self.index.named(qualname)
        if len(sites) != 1:
            return None
        if qualname not in self._siblings:
            site = sites[0]
            piece = slice_function(self.slice.file, site)
            facts = Facts(piece, self.index, self.facts.project)
            known = self._costs.get(f"{facts.code.bindings.module}.{qualname}")
            place = (self.hot.path, qualname, site.line, site.first_line, site.end_line)
            hot = known or HotFunction(*place, 0.0, 0.0)
            sibling = self._siblings[qualname] = View(piece, facts, self.index, hot, self.target, self._costs)
            sibling.looked_up = self.looked_up
        return self._siblings[qualname]

    # -- time -----------------------------------------------------------------------------------------

    def cost_of(self, call: cst.Call) -> HotFunction | None:
        """What the profile says of the project function that is called here; None where it says nothing."""
        name = self.facts.qualified_name(call.func)
        return self._costs.get(name) if name else None

    @property
    def hot_siblings(self) -> Sequence[HotFunction]:
        """The other hot functions of this file."""
        same = (function for function in self._costs.values() if function.path == self.hot.path)
        return [function for function in same if function.qualname != self.hot.qualname]

    @property
    def is_measured(self) -> bool:
        """Whether a profile counted the function, rather than that all functions were taken for hot."""
        return self.hot.calls is not None or self.hot.seconds is not None

    def share(self, node: cst.CSTNode) -> float:
        """The share of the program spent on the lines of `node`; the function's own where lines are unknown."""
        if not self.hot.lines:
            return self.hot.own
        first = self.line(node)
        last = first + self.code(node).count("\n")
        return sum(part for line, part in self.hot.lines.items() if first <= line <= last)


def _own_nodes(piece: FunctionSlice) -> dict[type[cst.CSTNode], list[tuple[int, cst.CSTNode]]]:
    """The nodes of a slice by type, each with its rank in the text, without the insides of nested functions and
    classes."""
    positions = piece.positions
    found: dict[type[cst.CSTNode], list[tuple[int, cst.CSTNode]]] = {}
    rank, last = positions.below(piece.node)
    while rank < last:
        node = positions.order[rank]
        found.setdefault(type(node), []).append((rank, node))
        is_nested = type(node) in _NESTED and node is not piece.node
        rank = positions.below(node)[1] if is_nested else rank + 1
    return found


@lru_cache(maxsize=4096)
def _is_kind(kind: type[cst.CSTNode], wanted: tuple[type[cst.CSTNode], ...]) -> bool:
    return issubclass(kind, wanted)


def _repeats_child(holder: cst.CSTNode, child: cst.CSTNode) -> bool:
    if type(holder) not in _REPEATING:
        return False
    if isinstance(holder, cst.For):
        return child is holder.body
    if isinstance(holder, cst.While):
        return child is holder.body or child is holder.test
    if isinstance(holder, cst.DictComp | cst.ListComp | cst.SetComp | cst.GeneratorExp):
        return child is not holder.for_in
    if isinstance(holder, cst.CompFor):
        return child is not holder.iter and child is not holder.target
    return False
