"""Collects the events of expressions."""

from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.effects.calls import call_events
from perf_advise.facts.effects.events import ITERATORS, Events, Touch, is_hashable_tame, is_iterator, is_tame
from perf_advise.facts.names.scopes import parameters
from perf_advise.facts.tree import COMPREHENSIONS, children, comp_fors, dotted, target_names
from perf_advise.facts.types.heap import MAPPINGS, Value, of_atom
from perf_advise.facts.types.run import Types
from perf_advise.facts.types.state import Arguments

if TYPE_CHECKING:
    from perf_advise.facts.project.callees import Callees


class ExpressionWalker:
    """Walks expressions with solved types and notes what they do."""

    def __init__(self, types: Types, callees: "Callees") -> None:
        self.types = types
        self.callees = callees
        self.machine = types.flow.machine
        self.events = Events()
        self._local: set[str] = set()

    def value(self, node: cst.CSTNode) -> Value:
        """The solved value of an expression."""
        return self.types.value(node)

    # -- expressions --------------------------------------------------------------------------------------------

    def expression(self, node: cst.CSTNode) -> None:
        """Note what evaluating does."""
        if isinstance(node, cst.Name):
            if node.value not in self._local:
                self.events.names_read.add(node.value)
        elif isinstance(node, cst.Attribute):
            self._attribute(node)
        elif isinstance(node, cst.Call):
            call_events(self, node)
        elif isinstance(node, COMPREHENSIONS):
            self._comprehension(node)
        elif isinstance(node, cst.Lambda):
            for param in parameters(node.params):
                if param.default is not None:
                    self.expression(param.default)
        else:
            self._compound(node)

    def _compound(self, node: cst.CSTNode) -> None:
        for child in children(node):
            if not (isinstance(node, cst.NamedExpr) and child is node.target):
                self.expression(child)
        if isinstance(node, cst.BinaryOperation):
            self.operate("an operator", self.value(node.left), self.value(node.right))
        elif isinstance(node, cst.Comparison):
            self._comparison(node)
        elif isinstance(node, cst.BooleanOperation):
            self.truth(node.left)
        elif isinstance(node, cst.UnaryOperation):
            self.operate("an operator", self.value(node.expression))
        elif isinstance(node, cst.IfExp):
            self.truth(node.test)
        elif isinstance(node, cst.Subscript):
            self._subscript(node)
        elif isinstance(node, cst.NamedExpr):
            self.target(node.target)
        elif isinstance(node, cst.FormattedStringExpression):
            self.operate("formatting", self.value(node.expression), deep=True)
        elif isinstance(node, cst.StarredElement | cst.StarredDictElement):
            self.iterate(node.value)
        elif isinstance(node, cst.Set | cst.Dict):
            self._hashed(node)
        elif isinstance(node, cst.Await):
            self.events.awaits = True
        elif isinstance(node, cst.Yield):
            self.events.yields = True

    def _comparison(self, node: cst.Comparison) -> None:
        left = self.value(node.left)
        for part in node.comparisons:
            right = self.value(part.comparator)
            if not isinstance(part.operator, cst.Is | cst.IsNot):
                self.operate("a comparison", left, deep=True)
                self._compared(part, right)
            left = right

    def _compared(self, part: cst.ComparisonTarget, right: Value) -> None:
        if not isinstance(part.operator, cst.In | cst.NotIn):
            self.operate("a comparison", right, deep=True)
            return
        self.read(right, self.text(part.comparator))
        if not is_hashable_tame(self.machine, right):
            self.events.add_unknown("a membership test on a value of unknown type")
        if is_iterator(right):
            self.use_up(part.comparator)

    def _hashed(self, node: cst.Set | cst.Dict) -> None:
        for element in node.elements:
            key = element.key if isinstance(element, cst.DictElement) else element.value
            if not isinstance(element, cst.StarredElement | cst.StarredDictElement):
                self.operate("hashing", self.value(key), deep=True)

    def _attribute(self, node: cst.Attribute) -> None:
        if self.types.world.meaning(node) is not None:
            self.events.names_read.add((dotted(node) or "").partition(".")[0])
            return
        if isinstance(node.value, cst.Name):
            # Only the attribute of the object is read, not what else it holds.
            if node.value.value not in self._local:
                self.events.names_read.add(node.value.value)
        else:
            self.expression(node.value)
        base = self.value(node.value)
        text = self.text(node)
        if base.open:
            self.events.add_unknown(f"attribute `{text}` of a value of unknown type")
        for atom in base:
            if is_tame(self.machine, of_atom(atom, ""), deep=False):
                continue
            for effect in self.callees.attribute_events(atom, node.attr.value):
                self.events.add_unknown(f"attribute `{text}`: {effect}")
        self.events.reads.append(Touch(base, node.attr.value, text, deep=False))

    def _subscript(self, node: cst.Subscript) -> None:
        base = self.value(node.value)
        indices = [self.value(e.slice.value) for e in node.slice if isinstance(e.slice, cst.Index)]
        self.operate(f"item of `{self.text(node.value)}`", base)
        mapping = any(atom.type.name in MAPPINGS for atom in base)
        if mapping and not is_hashable_tame(self.machine, base):
            self.events.add_unknown(f"a lookup in `{self.text(node.value)}`, whose keys are not known")
        for index in indices:
            self.operate("an index", index, deep=mapping)
        if "collections.defaultdict" in base.names():
            self.events.change(base, None, self.text(node.value))
        self.events.reads.append(Touch(base, None, self.text(node.value), deep=False))

    def _comprehension(self, node: cst.CSTNode) -> None:
        hidden = {name.value for clause in comp_fors(node) for name in target_names(clause.target)}
        first = True
        outside = set(self._local)
        for clause in comp_fors(node):
            self.expression(clause.iter)
            self.iterate(clause.iter)
            if first:
                self._local |= hidden
                first = False
            self.target(clause.target)
            for condition in clause.ifs:
                self.expression(condition.test)
                self.truth(condition.test)
        for name in ("key", "value", "elt"):
            part = getattr(node, name, None)
            if isinstance(part, cst.CSTNode):
                self.expression(part)
                if name == "key" or (name == "elt" and isinstance(node, cst.SetComp)):
                    self.operate("hashing", self.value(part), deep=True)
        self._local = outside

    def hide(self, names: set[str], body: cst.CSTNode) -> None:
        """Note what the body of a lambda with these parameters does."""
        outside = set(self._local)
        self._local |= names
        self.expression(body)
        self._local = outside

    def arguments(self, node: cst.Call) -> Arguments:
        """The solved values of a call's arguments."""
        args = Arguments()
        for arg in node.args:
            value = self.value(arg.value)
            if arg.star:
                args.spread.append(value)
            elif arg.keyword is not None:
                args.keywords[arg.keyword.value] = value
            else:
                args.positional.append(value)
        return args

    def assume(self, assumption: str, method: str) -> None:
        """Note what an answer rests on that the text does not show; without recorded types it is not assumed."""
        if method.startswith("_"):
            return
        if self.types.given.fill:
            self.events.assumed.append(assumption)
        else:
            self.events.add_unknown(f"a call that a subclass may override ({assumption} is not certain)")

    # -- what expressions and statements share --------------------------------------------------------------------

    def target(self, target: cst.CSTNode, value: cst.CSTNode | None = None) -> None:
        """Note what binding a target does."""
        if isinstance(target, cst.Name):
            if target.value not in self._local:
                self.events.names_bound.add(target.value)
        elif isinstance(target, cst.Tuple | cst.List):
            if value is not None:
                self.iterate(value)
            for element in target.elements:
                self.target(element.value)
        elif isinstance(target, cst.Subscript):
            for child in children(target):
                self.expression(child)
            base = self.value(target.value)
            sliced = any(isinstance(e.slice, cst.Slice) for e in target.slice) and not base.only_types("numpy.ndarray")
            self.operate(f"storing into `{self.text(target.value)}`", base)
            fixed = base.only_types("list", "numpy.ndarray", "bytearray") and not sliced and value is not target
            self.events.change(base, None, self.text(target.value), resizes=not fixed)
        elif isinstance(target, cst.Attribute):
            self.expression(target.value)
            base = self.value(target.value)
            self.events.change(base, target.attr.value, self.text(target))
            if base.open:
                self.events.add_unknown(f"setting `{self.text(target)}` on a value of unknown type")
            for atom in base:
                for effect in self.callees.store_events(atom, target.attr.value):
                    self.events.add_unknown(f"setting `{self.text(target)}`: {effect}")

    def read(self, value: Value, text: str) -> None:
        """Note a read of what an object holds, when that could change."""
        if value.open or any(atom.cell is not None for atom in value):
            self.events.reads.append(Touch(value, None, text))

    def operate(self, what: str, *operands: Value, deep: bool = False) -> None:
        """Note an operator that may be a method of the user's."""
        for operand in operands:
            self.read(operand, what)
        if not all(is_tame(self.machine, operand, deep) for operand in operands):
            self.events.add_unknown(f"{what} on a value of unknown type")

    def truth(self, node: cst.CSTNode) -> None:
        """Note a truth test."""
        if not isinstance(node, cst.Comparison | cst.BooleanOperation | cst.UnaryOperation):
            self.operate("a truth test", self.value(node))

    def iterate(self, node: cst.CSTNode) -> None:
        """Note an iteration, which uses up iterators."""
        value = self.value(node)
        self.read(value, self.text(node))
        if not is_tame(self.machine, value, deep=False):
            self.events.add_unknown(f"iterating over `{self.text(node)}`, whose type is not known")
        elif is_iterator(value):
            self.use_up(node)

    def use_up(self, node: cst.CSTNode) -> None:
        """Note that an iterator gives items away, and so do those that it draws from."""
        value, text = self.value(node), self.text(node)
        atoms = [atom for atom in value if is_iterator(of_atom(atom, ""))]
        outside = [atom for atom in atoms if atom.cell is None or not atom.cell.fresh]
        if any(atom.type.name == "generator" for atom in outside):
            self.events.add_unknown(f"the generator `{text}`")
        if outside or isinstance(node, cst.Name | cst.Attribute | cst.Subscript):
            self.events.change(Value(frozenset(atoms), value.open), None, text)
        for atom in atoms:
            for source in atom.cell.sources if atom.cell is not None else ():
                drawn = frozenset(a for a in source.atoms.values() if a.type.name in ITERATORS)
                if drawn:
                    self.events.change(Value(drawn), None, text)

    def text(self, node: cst.CSTNode) -> str:
        """How the code names an object: `xs`, `self.items`, `grid` for `grid[i]`."""
        while isinstance(node, cst.Subscript):
            node = node.value
        return dotted(node) or _short(self.types.code.text(node))


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:27] + "..."
