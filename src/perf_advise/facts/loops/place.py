"""Where an expression of a loop nest stands: the loops around it, what names mean there, what stays the same."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.effects.plain import call_purity
from perf_advise.facts.loops.affine import Affine, canonical, parse_affine
from perf_advise.facts.loops.changes import Changes
from perf_advise.facts.loops.constraints import Constraints
from perf_advise.facts.loops.iteration import Access, Expr, Index, Read
from perf_advise.facts.loops.nouns import Domain, Guard
from perf_advise.facts.tree import dotted, walk

if TYPE_CHECKING:
    from perf_advise.facts.facts import Facts

_WORD = re.compile(r"\w+")
SIZES = frozenset({"shape", "size", "ndim", "itemsize", "dtype"})


@dataclass(frozen=True, slots=True)
class Place:
    """A point inside a nest.

    `names` says what header names are; `rows` are names for a row of an array (`row = a[i]`); `numbers` are
    local integers with an affine value (`k = i * n`). `changes` is what the whole nest changes. `header_steps`
    are header names that a step at the start of the body assigns (`for x in xs: x = x + 1`).
    """

    facts: "Facts"
    changes: Changes
    domains: tuple[Domain, ...] = ()
    names: Mapping[str, Expr] = field(default_factory=dict)
    rows: Mapping[str, Access] = field(default_factory=dict)
    numbers: Mapping[str, Affine] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()
    header_steps: frozenset[str] = frozenset()

    def inside(self, domain: Domain) -> "Place":
        """The body of a loop that stands here."""
        hidden = set(domain.names)
        return replace(
            self,
            domains=(*self.domains, domain),
            names={**self.names, **domain.names},
            rows={k: v for k, v in self.rows.items() if k not in hidden},
            numbers={k: v for k, v in self.numbers.items() if k not in hidden},
        )

    def under(self, guard: Guard) -> "Place":
        """The same place where a condition holds as well."""
        return replace(self, guards=(*self.guards, guard))

    @property
    def constraints(self) -> Constraints:
        """What holds of the induction variables here."""
        found = Constraints()
        for domain in self.domains:
            found &= domain.constraints
        return found

    @property
    def indices(self) -> frozenset[str]:
        """The induction variables of the loops around."""
        return frozenset(domain.index for domain in self.domains)

    # -- integers ---------------------------------------------------------------------------------------

    def integer(self, node: cst.BaseExpression) -> Affine | None:
        """The normal form of an index or bound here; None where it has none.

        A symbol in it is an induction variable, or something that stays the same while the loops that it does
        not name go on: `starts[i]` is a symbol that differs from one `i` to the next.
        """
        return parse_affine(node, self._symbol)

    def index_value(self, node: cst.BaseExpression) -> Affine | None:
        """The normal form of arithmetic on induction variables and integer literals, with at least one index.

        Other symbols are refused: they could be floats, whose arithmetic must not be regrouped.
        """
        found = parse_affine(node, self._index)
        return found if found is not None and found.symbols else None

    def _index(self, node: cst.BaseExpression) -> Affine | None:
        meaning = self.names.get(node.value) if isinstance(node, cst.Name) else None
        return meaning.affine if isinstance(meaning, Index) and meaning.affine.names <= self.indices else None

    def _symbol(self, node: cst.BaseExpression) -> Affine | None:
        if isinstance(node, cst.Name):
            if node.value in self.numbers:
                return self.numbers[node.value]
            meaning = self.names.get(node.value)
            if isinstance(meaning, Index):
                return meaning.affine
        return Affine.symbol(self.text(node)) if self._is_number(node) and self.is_stable(node) else None

    def text(self, node: cst.CSTNode) -> str:
        """The canonical text, with the access in place of a name for a row: what it names shows what it varies with."""
        text = canonical(node)
        for _ in self.rows:
            for row in set(_WORD.findall(text)) & self.rows.keys():
                text = re.sub(rf"\b{row}\b", canonical(self.rows[row].node), text)
        return text

    def _is_number(self, node: cst.BaseExpression) -> bool:
        """Whether it can stand for an integer: no float literal, true division or text."""
        if isinstance(node, cst.BinaryOperation):
            sides = (node.left, node.right)
            return not isinstance(node.operator, cst.Divide) and all(map(self._is_number, sides))
        return isinstance(node, cst.Name | cst.Attribute | cst.Call | cst.Subscript | cst.Integer | cst.IfExp)

    # -- what stays the same ------------------------------------------------------------------------------

    def is_stable(self, node: cst.BaseExpression) -> bool:
        """Whether evaluating it again in the same iterations of the loops that it names gives the same."""
        return all(self._is_stable_part(part, node) for part in walk(node))

    def is_invariant(self, node: cst.BaseExpression) -> bool:
        """Whether it gives the same throughout the whole nest."""
        names = {part.value for part in walk(node) if isinstance(part, cst.Name)}
        return self.is_stable(node) and not names & (self.names.keys() | self.rows.keys() | self.numbers.keys())

    def _is_stable_part(self, part: cst.CSTNode, whole: cst.CSTNode) -> bool:
        if isinstance(part, cst.Name):
            return part.value in self.names or part.value in self.rows or not self.changes.binds(part.value)
        if isinstance(part, cst.Attribute):
            root = dotted(part)
            return root is None or part.attr.value in SIZES or not self._attribute_changes(root)
        if isinstance(part, cst.Call):
            return self._is_stable_call(part)
        if isinstance(part, cst.Subscript):
            return self._is_stable_read(part)
        return not isinstance(part, cst.Await | cst.Yield | cst.NamedExpr | cst.Lambda | cst.BaseComp)

    def _attribute_changes(self, root: str) -> bool:
        return self.changes.anything or self.changes.rebinds(root)

    def _is_stable_call(self, call: cst.Call) -> bool:
        """`len(xs)` stays while cells are stored; any other call must not read what the nest changes."""
        if self.facts.qualified_name(call.func) == "builtins.len" and len(call.args) == 1:
            return self.keeps_length(call.args[0].value)
        if not call_purity(call, self.facts).holds or self.changes.anything:
            return False
        held = {dotted(n) for n in walk(call) if isinstance(n, cst.Name | cst.Attribute)}
        return not held & (self.changes.stored | self.changes.resized)

    def _is_stable_read(self, node: cst.Subscript) -> bool:
        if isinstance(node.value, cst.Attribute) and node.value.attr.value in SIZES:
            return self.keeps_length(node.value.value)
        root = self.root(node)
        return root is not None and self.changes.keeps_cells(root) and not self.changes.stores_alias

    def keeps_length(self, node: cst.BaseExpression) -> bool:
        """Whether a container, or a row of one, stays the same object with the same length."""
        root = self.root(node)
        is_row = isinstance(node, cst.Subscript) or root != dotted(node)
        return root is not None and self.changes.keeps_length(root) and not (is_row and self.changes.resizes_alias)

    def root(self, node: cst.BaseExpression) -> str | None:
        """The array below a chain of subscripts, as text; a row or item leads to the array it belongs to."""
        while isinstance(node, cst.Subscript):
            node = node.value
        text = dotted(node)
        access = self.access_of(text) if text is not None else None
        return text if access is None else access.array

    def access_of(self, name: str) -> Access | None:
        """The row or cell that a local name stands for."""
        if name in self.rows:
            return self.rows[name]
        meaning = self.names.get(name)
        return meaning.access if isinstance(meaning, Read) else None
