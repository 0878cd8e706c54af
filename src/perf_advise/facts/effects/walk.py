"""Collects the events of statements."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.effects.events import Events, is_tame
from perf_advise.facts.effects.expressions import ExpressionWalker
from perf_advise.facts.names.flow import Kind, Step
from perf_advise.facts.names.scopes import parameters
from perf_advise.facts.tree import children, dotted
from perf_advise.facts.types.heap import Value
from perf_advise.facts.types.state import Env

if TYPE_CHECKING:
    pass

_OPENED = ("_io.TextIOWrapper", "_io.BufferedReader")


class Walker(ExpressionWalker):
    """Walks expressions, statements and whole steps, and notes what they do."""

    def run(self, steps: Iterable[Step]) -> Events:
        """The events of whole steps."""
        for step in steps:
            self._enter_step(step)
            self._step(step)
        return self.events

    def evaluate(self, expr: cst.CSTNode) -> Events:
        """The events of evaluating one expression."""
        step = self.types.code.step_of(expr)
        if step is None:
            self.events.add_unknown("code in a nested function")
            return self.events
        self._enter_step(step)
        self.expression(expr)
        return self.events

    def _enter_step(self, step: Step) -> None:
        # Whatever may have been touched by the end of the step counts as touched throughout it.
        self.machine.env = Env({}, self.types.flow.touched(step.index))

    # -- statements ---------------------------------------------------------------------------------------------

    def _step(self, step: Step) -> None:
        node = step.node
        if step.kind is Kind.TARGET and isinstance(node, cst.For):
            self.target(node.target)
        elif step.kind is Kind.ITER and isinstance(node, cst.For):
            self.expression(node.iter)
            self.iterate(node.iter)
            self.events.awaits |= node.asynchronous is not None
        elif step.kind is Kind.TEST:
            self.expression(step.parts[0])
            self.truth(step.parts[0])
        elif step.kind is Kind.ENTER and isinstance(step.parts[0], cst.WithItem):
            self._with(step.parts[0])
        elif step.kind in (Kind.CASE, Kind.SUBJECT):
            self._match(step)
        elif step.kind is Kind.EXCEPT:
            self.events.names_bound |= {name for name, _ in self.types.code.accesses[step.index].binds}
        elif step.kind is Kind.DEFINE:
            self._define(node)
        elif step.kind is Kind.STATEMENT:
            self._statement(node)

    def _statement(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.Assign):
            self.expression(node.value)
            for target in node.targets:
                self.target(target.target, node.value)
        elif isinstance(node, cst.AnnAssign):
            if node.value is not None:
                self.expression(node.value)
                self.target(node.target)
        elif isinstance(node, cst.AugAssign):
            self._augmented(node)
        elif isinstance(node, cst.Del):
            self._delete(node.target)
        elif isinstance(node, cst.Import | cst.ImportFrom):
            self.events.io = True
        elif isinstance(node, cst.Assert):
            self.expression(node.test)
            self.truth(node.test)
        elif not isinstance(node, cst.Global | cst.Nonlocal):
            for child in children(node):
                self.expression(child)

    def _augmented(self, node: cst.AugAssign) -> None:
        self.expression(node.target)
        self.expression(node.value)
        old = self.value(node.target)
        self.operate(f"`{dotted(node.target) or 'item'}` changed in place", old, self.value(node.value))
        in_place = [atom for atom in old if atom.type.name not in _REPLACED and atom.cell is not None]
        if old.open or in_place:
            changed = Value(frozenset(in_place), old.open)
            self.events.change(changed, None, self.text(node.target))
        self.target(node.target)

    def _delete(self, target: cst.CSTNode) -> None:
        if isinstance(target, cst.Tuple | cst.List):
            for element in target.elements:
                self._delete(element.value)
        elif isinstance(target, cst.Name):
            self.events.names_bound.add(target.value)
        else:
            self.target(target, target)  # no value is stored: the item goes

    def _with(self, item: cst.WithItem) -> None:
        self.expression(item.item)
        if not self.value(item.item).only_types(*_OPENED):
            self.events.add_unknown("a context manager")
        if item.asname is not None:
            self.target(item.asname.name)

    def _match(self, step: Step) -> None:
        node = step.node
        if isinstance(node, cst.Match):
            self.expression(node.subject)
            if not is_tame(self.machine, self.value(node.subject), deep=True):
                self.events.add_unknown("matching a value of unknown type")
            return
        access = self.types.code.accesses[step.index]
        self.events.names_bound |= {name for name, _ in access.all_binds}
        self.events.names_read |= set(access.reads)

    def _define(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            self.events.names_bound.add(node.name.value)
            if node.decorators or isinstance(node, cst.ClassDef):
                self.events.add_unknown(f"the definition of `{node.name.value}`")
        if isinstance(node, cst.FunctionDef):
            for param in parameters(node.params):
                if param.default is not None:
                    self.expression(param.default)


_REPLACED = frozenset({"tuple", "range"})
