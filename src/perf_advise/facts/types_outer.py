"""What lies around a slice: builtins, imports, module-level names, classes and functions of the project."""

import ast

import libcst as cst

from perf_advise.facts.bindings import Bindings
from perf_advise.facts.callees import Callees
from perf_advise.facts.heap import NOTHING, Heap, Value, join_all, of_atom, reachable, scalar, unknown
from perf_advise.facts.module_names import holds_still
from perf_advise.facts.types_annotations import Annotations
from perf_advise.facts.types_expressions import HANDLERS
from perf_advise.facts.types_known import known_call
from perf_advise.facts.types_machine import Machine
from perf_advise.facts.types_methods import known_method
from perf_advise.facts.types_results import CONSTANTS
from perf_advise.facts.types_state import Arguments, Env
from perf_advise.facts.types_subscripts import BINDERS
from perf_advise.model.pytypes import PyType


class Outer:
    """The world (see `types_state.World`) of one slice."""

    def __init__(self, bindings: Bindings, callees: Callees, heap: Heap) -> None:
        self.bindings = bindings
        self.callees = callees
        self.heap = heap
        self.annotations = Annotations(self.meaning, self._alias)
        self._meanings: dict[int, str | None] = {}
        self._globals: dict[str, Value] = {}
        self._parsed: list[cst.BaseExpression] = []
        self._local = True

    # -- names --------------------------------------------------------------------------------------------------

    def meaning(self, expr: cst.BaseExpression) -> str | None:
        """The qualified name of a name or attribute chain."""
        if not isinstance(expr, cst.Name | cst.Attribute):
            return None
        if not self._local:
            return self._module_meaning(expr)
        key = id(expr)
        if key not in self._meanings:
            self._meanings[key] = self.bindings.qualified_name(expr)
        return self._meanings[key]

    def _module_meaning(self, expr: cst.BaseExpression) -> str | None:
        """The meaning of an expression of the module's top level."""
        parts: list[str] = []
        while isinstance(expr, cst.Attribute):
            parts.append(expr.attr.value)
            expr = expr.value
        root = self.bindings.module_meaning(expr.value) if isinstance(expr, cst.Name) else None
        return None if root is None else ".".join((root, *reversed(parts)))

    def outer(self, name: cst.Name) -> Value:
        """The value of a name that is not the code's own."""
        qualified = self.meaning(name)
        if qualified is not None:
            return self.constant(qualified) or unknown(f"`{qualified}` is not followed")
        if self.bindings.scope(name.value) not in ("global", "import"):
            return unknown(f"`{name.value}` is not bound here or comes from around the function")
        return self._global(name.value)

    def _global(self, name: str) -> Value:
        """A module-level variable that is bound once."""
        if name not in self._globals:
            self._globals[name] = unknown("a module-level name that refers to itself")
            self._globals[name] = self._bound_once(name)
        return self._globals[name]

    def _bound_once(self, name: str) -> Value:
        found = self.bindings.index.globals.get(name)
        if found is None or found.bound != 1 or not isinstance(found.value, ast.expr):
            return unknown(f"`{name}` is bound at more than one place, or not by a plain assignment")
        value = self._evaluated(found.value)
        if value.open and found.annotation is not None:
            promised = self.annotations.read(self._parse(found.annotation))
            if promised is not None:
                maker = self._module_machine().maker
                return maker.value(promised, ("global", name), "annotation at module level", fresh=False)
        steady = holds_still(self.bindings.index, name)
        for cell in reachable(value):
            cell.fresh = False
            cell.declared = steady and all(atom.cell is None for atom in (*cell.items, *cell.keys))
            if not cell.declared and cell.items is not NOTHING:
                lost = unknown(f"`{name}` may be changed elsewhere")
                self.heap.store(cell, lost, lost if cell.keys is not NOTHING else NOTHING)
        return value

    def _evaluated(self, expr: ast.expr) -> Value:
        """The value of a top-level expression."""
        machine = self._module_machine()
        outside, self._local = self._local, False
        try:
            return machine.value(self._parse(expr))
        finally:
            self._local = outside

    def _parse(self, expr: ast.expr) -> cst.BaseExpression:
        parsed = cst.parse_expression(ast.unparse(expr))
        self._parsed.append(parsed)  # sites are known by the id of their node, which must stay alive
        return parsed

    def _module_machine(self) -> Machine:
        machine = Machine(self, self.heap, HANDLERS, BINDERS)
        machine.env = Env({})
        return machine

    def _alias(self, expr: cst.BaseExpression) -> cst.BaseExpression | None:
        """The right side of a module-level type alias."""
        if not isinstance(expr, cst.Name):
            return None
        found = self.bindings.index.globals.get(expr.value)
        plain = found is not None and found.bound == 1 and isinstance(found.value, ast.Subscript | ast.BinOp)
        return self._parse(found.value) if plain and found and isinstance(found.value, ast.expr) else None

    # -- members, calls -----------------------------------------------------------------------------------------

    def constant(self, qualified: str) -> Value | None:
        """The value of a known member of a module that is not called."""
        name = CONSTANTS.get(qualified)
        if name is not None:
            return scalar(name, qualified)
        return self.callees.constant(qualified)

    def annotation(self, machine: Machine, node: cst.AnnAssign) -> Value | None:
        """What the annotation of a variable promises."""
        promised = self.annotations.read(node.annotation.annotation)
        if promised is None:
            return None
        return machine.maker.value(promised, (id(node), "annotated"), "annotation of the variable", fresh=False)

    def attribute(self, type_: PyType, name: str) -> Value:
        """An attribute of an instance of a project class."""
        return self.callees.attribute(self, type_.name, name)

    def called(self, machine: Machine, qualified: str, call: cst.Call, args: Arguments) -> Value:
        """The result of calling a function by its qualified name."""
        known = known_call(machine, qualified, call, args)
        return self.callees.called(machine, qualified, call, args) if known is None else known

    def method(self, machine: Machine, receiver: Value, call: cst.Call, args: Arguments) -> Value:
        """The result of `receiver.name(...)`."""
        assert isinstance(call.func, cst.Attribute)
        name = call.func.attr.value
        results: list[Value] = []
        if receiver.open:
            results.append(machine.unknown_call(args, f"result of `.{name}()` on a value of unknown type"))
        for atom in receiver:
            known = known_method(machine, atom, name, call, args)
            if known is None:
                machine.expose(of_atom(atom, "receiver"))
                known = self.callees.method(machine, atom, call, args)
            results.append(known)
        return join_all(results)
