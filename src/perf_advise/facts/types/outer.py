"""What lies around code: builtins, imports, module-level names, classes and functions of the project."""

import ast
import math
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.intervals import Interval
from perf_advise.facts.literals import number
from perf_advise.facts.names.bindings import Bindings, ModuleNames
from perf_advise.facts.names.module_names import holds_still
from perf_advise.facts.types.annotations import Annotations
from perf_advise.facts.types.expressions import HANDLERS
from perf_advise.facts.types.heap import Heap, Origin, Value, join_all, of_atom, reachable, scalar, unknown
from perf_advise.facts.types.known import known_call
from perf_advise.facts.types.machine import Machine
from perf_advise.facts.types.methods import known_method
from perf_advise.facts.types.results import CONSTANTS
from perf_advise.facts.types.specs import Maker
from perf_advise.facts.types.state import Arguments, Env
from perf_advise.facts.types.subscripts import BINDERS
from perf_advise.model.pytypes import PyType

if TYPE_CHECKING:
    from perf_advise.facts.project.callees import Callees


class ModuleWorld:
    """The world (see `types_state.World`) of code at the top level of a module."""

    def __init__(self, names: ModuleNames, callees: "Callees", heap: Heap, exact: bool = False) -> None:
        self.names = names
        self.exact = exact
        self.callees = callees
        self.heap = heap
        self.annotations = Annotations(self.meaning, self._alias)
        self._globals: dict[str, Value] = {}
        self._parsed: list[cst.BaseExpression] = []

    # -- names --------------------------------------------------------------------------------------------------

    def meaning(self, expr: cst.BaseExpression) -> str | None:
        """The qualified name of a name or attribute chain."""
        parts: list[str] = []
        while isinstance(expr, cst.Attribute):
            parts.append(expr.attr.value)
            expr = expr.value
        root = self.names.module_meaning(expr.value) if isinstance(expr, cst.Name) else None
        return None if root is None else ".".join((root, *reversed(parts)))

    def outer(self, name: cst.Name) -> Value:
        """The value of a name that is not the code's own."""
        qualified = self.meaning(name)
        if qualified is not None:
            return self.constant(qualified) or unknown(f"`{qualified}` is not followed")
        if self.names.module_scope(name.value) not in ("global", "import"):
            return unknown(f"`{name.value}` is not bound here")
        return self.module_variable(name.value)

    def module_variable(self, name: str) -> Value:
        """A module-level variable that is bound once."""
        if name not in self._globals:
            self._globals[name] = unknown("a module-level name that refers to itself")
            self._globals[name] = self._bound_once(name)
        return self._globals[name]

    def _bound_once(self, name: str) -> Value:
        found = self.names.index.globals.get(name)
        if found is None or found.bound != 1 or not isinstance(found.value, ast.expr):
            return unknown(f"`{name}` is bound at more than one place, or not by a plain assignment")
        value = self.top_level().evaluate(found.value, Env({}))
        if value.open and found.annotation is not None:
            promised = self.annotations.read(self.parse(found.annotation))
            if promised is not None:
                return Maker(self.heap).value(promised, ("global", name), "annotation at module level", Origin.PROMISED)
        self._published(name, value)
        return value

    def _published(self, name: str, value: Value) -> None:
        """Everyone can reach what a module-level name holds."""
        steady = holds_still(self.names.index, name)
        for cell in reachable(value):
            flat = all(atom.cell is None for atom in (*cell.items, *cell.keys))
            cell.origin = Origin.PROMISED if steady and flat else Origin.OUTSIDE
            if not cell.declared:
                lost = unknown(f"`{name}` may be changed elsewhere")
                self.heap.store(cell, lost, lost)

    def number(self, name: cst.Name) -> Interval | None:
        """The range of a module-level number that is bound once to a literal."""
        found = self.names.index.globals.get(name.value)
        if found is None or found.bound != 1 or not isinstance(found.value, ast.expr):
            return None
        value = number(self.parse(found.value))
        return Interval(value, value) if value is not None and math.isfinite(value) else None

    def top_level(self) -> "ModuleWorld":
        """The world of the module's own top level."""
        return self

    def evaluate(self, expr: ast.expr, env: Env) -> Value:
        """The value of an expression of this world, with the given variables."""
        machine = Machine(self, self.heap, HANDLERS, BINDERS)
        machine.env = env
        return machine.value(self.parse(expr))

    def parse(self, expr: ast.expr) -> cst.BaseExpression:
        """The libcst tree of an expression; kept, because sites are known by the id of their node."""
        parsed = cst.parse_expression(ast.unparse(expr))
        self._parsed.append(parsed)
        return parsed

    def _alias(self, expr: cst.BaseExpression) -> cst.BaseExpression | None:
        """The right side of a module-level type alias."""
        if not isinstance(expr, cst.Name):
            return None
        found = self.names.index.globals.get(expr.value)
        if found is None or found.bound != 1 or not isinstance(found.value, ast.Subscript | ast.BinOp):
            return None
        return self.parse(found.value)

    # -- members, calls -----------------------------------------------------------------------------------------

    def constant(self, qualified: str) -> Value | None:
        """The value of a known member of a module that is not called."""
        name = CONSTANTS.get(qualified)
        return scalar(name, qualified) if name is not None else self.callees.constant(self, qualified)

    def annotation(self, machine: Machine, node: cst.AnnAssign) -> Value | None:
        """What the annotation of a variable promises."""
        promised = self.annotations.read(node.annotation.annotation)
        if promised is None:
            return None
        return machine.maker.value(promised, (id(node), "annotated"), "annotation of the variable", Origin.PROMISED)

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
            machine.expose(receiver)
            results.append(machine.unknown_call(args, f"result of `.{name}()` on a value of unknown type"))
        for atom in receiver:
            known = known_method(machine, atom, name, call, args)
            if known is None:
                known = self.callees.method(machine, of_atom(atom, "receiver"), name, call, args)
            results.append(known)
        return join_all(results)


class SliceWorld(ModuleWorld):
    """The world of one slice: names of functions around it shadow those of the module."""

    def __init__(self, bindings: Bindings, callees: "Callees", heap: Heap, exact: bool) -> None:
        super().__init__(bindings, callees, heap, exact)
        self.bindings = bindings
        self._meanings: dict[int, str | None] = {}
        self._top = ModuleWorld(bindings, callees, heap)

    def top_level(self) -> ModuleWorld:
        """The world of the module's own top level."""
        return self._top

    def meaning(self, expr: cst.BaseExpression) -> str | None:
        """The qualified name of a name or attribute chain."""
        if not isinstance(expr, cst.Name | cst.Attribute):
            return None
        key = id(expr)
        if key not in self._meanings:
            self._meanings[key] = self.bindings.qualified_name(expr)
        return self._meanings[key]

    def outer(self, name: cst.Name) -> Value:
        """The value of a name that is not the code's own."""
        if self.meaning(name) is None and self.bindings.scope(name.value) not in ("global", "import"):
            return unknown(f"`{name.value}` is not bound here, or comes from a function around")
        return self._top.outer(name) if self.meaning(name) is None else super().outer(name)


class MethodWorld(ModuleWorld):
    """The world of expressions in a method, for finding what it assigns to attributes; `local` are its names."""

    def __init__(self, top: ModuleWorld, local: frozenset[str]) -> None:
        super().__init__(top.names, top.callees, top.heap, top.exact)
        self.local = local
        self._top = top

    def top_level(self) -> ModuleWorld:
        """The world of the module's own top level."""
        return self._top

    def meaning(self, expr: cst.BaseExpression) -> str | None:
        """The qualified name of a name or attribute chain that no variable of the method hides."""
        root = expr
        while isinstance(root, cst.Attribute):
            root = root.value
        return None if isinstance(root, cst.Name) and root.value in self.local else super().meaning(expr)

    def outer(self, name: cst.Name) -> Value:
        """The value of a name that is not a variable of the method."""
        return unknown("a variable of a method") if name.value in self.local else self._top.outer(name)
