"""The types of instance attributes: what the methods of a class assign, evaluated without running the methods."""

import ast
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.project.classes import Assignment, Classes, ClassModel, Method, self_name
from perf_advise.facts.project.program import Module
from perf_advise.facts.types.heap import Heap, Origin, Value
from perf_advise.facts.types.heap_types import UNION, to_typed
from perf_advise.facts.types.operators import Operators
from perf_advise.facts.types.outer import MethodWorld, ModuleWorld
from perf_advise.facts.types.specs import Maker, any_of, shallow
from perf_advise.facts.types.state import Env
from perf_advise.model.facts import Evidence
from perf_advise.model.pytypes import PyType

if TYPE_CHECKING:
    from perf_advise.facts.project.callees import Callees

_DEEPEST = 3
_OPERATORS: dict[type[ast.operator], type[cst.BaseBinaryOp]] = {
    ast.Add: cst.Add, ast.Sub: cst.Subtract, ast.Mult: cst.Multiply, ast.Div: cst.Divide, ast.Mod: cst.Modulo,
    ast.FloorDiv: cst.FloorDivide, ast.Pow: cst.Power, ast.BitOr: cst.BitOr, ast.BitAnd: cst.BitAnd,
    ast.BitXor: cst.BitXor, ast.LShift: cst.LeftShift, ast.RShift: cst.RightShift, ast.MatMult: cst.MatrixMultiply,
}  # fmt: skip


class AttributeTypes:
    """Types of attributes by class and name; None where they are not known or not bounded.

    With `assumed`, parameters have the types that the module's own calls pass.
    """

    def __init__(self, classes: Classes, callees: "Callees", assumed: bool = False) -> None:
        self.classes = classes
        self.callees = callees
        self.assumed = assumed
        self._known: dict[tuple[str, str], PyType | None] = {}
        self._worlds: dict[str, ModuleWorld] = {}

    def typed(self, class_name: str, name: str) -> PyType | None:
        """The type of `instance.name`, whichever method ran last."""
        key = (class_name, name)
        if key not in self._known:
            self._known[key] = None  # an attribute that is made from itself
            self._known[key] = self._joined(class_name, name)
        return self._known[key]

    def forget(self) -> None:
        """Drop what was answered while the calls of `__init__` were only being solved."""
        self._known.clear()

    def _joined(self, class_name: str, name: str) -> PyType | None:
        lineage, whole = self.classes.lineage(class_name)
        if not whole or not all(model.is_plain for model in lineage):
            return None
        if any(name in model.methods or self.classes.is_set_elsewhere(model.module, name) for model in lineage):
            return None
        places = [(model, one) for model in lineage for one in _assignments(model, lineage, name)]
        for model, one in places:
            if one.annotation is not None and not one.augmented:
                promised = self.world(model.module).annotations.read(self.world(model.module).parse(one.annotation))
                return None if promised is None else shallow(promised)
        found: list[PyType] = []
        unsure: list[tuple[ClassModel, Assignment]] = []
        for model, one in places:
            if one.augmented is None:
                typed = self._assigned(model, one)
                if typed is None:
                    unsure.append((model, one))
                else:
                    found += typed.args if typed.name == UNION else (typed,)
        if not found:
            return None
        base = any_of(*dict.fromkeys(map(shallow, found)))
        if unsure and not self._agrees_with(base, (class_name, name), unsure):
            return None
        return self._stable(base, [(model, one) for model, one in places if one.augmented is not None])

    def _agrees_with(self, base: PyType, key: tuple[str, str], places: list[tuple[ClassModel, Assignment]]) -> bool:
        """Whether assignments give the type that the attribute has, where it has it before: `self.u = self.u.copy()`.

        What was answered by the way rests on that guess: it is dropped where the guess is wrong.
        """
        before = dict(self._known)
        self._known[key] = base
        allowed = set(base.args) if base.name == UNION else {base}
        for model, one in places:
            typed = self._assigned(model, one)
            given = set(typed.args if typed.name == UNION else (typed,)) if typed is not None else set()
            if not given or not set(map(shallow, given)) <= allowed:
                self._known = before
                self._worlds.clear()
                self.callees.summaries.forget()
                return False
        return True

    def _stable(self, base: PyType, places: list[tuple[ClassModel, Assignment]]) -> PyType | None:
        """`base`, when every `self.x += ...` gives a type that it has."""
        allowed = set(base.args) if base.name == UNION else {base}
        for model, one in places:
            added = self._assigned(model, one)
            if added is None or one.augmented is None:
                return None
            heap = Heap()
            maker, operators = Maker(heap), Operators(heap)
            result = operators.binary(
                _OPERATORS[type(one.augmented)](), maker.value(base, "old", ""), maker.value(added, "new", ""), "result"
            )
            names = {t.name for t in allowed}
            if not result.known or not result.names() <= names:
                return None
        return base

    def _assigned(self, model: ClassModel, one: Assignment) -> PyType | None:
        """The type of one assigned value."""
        if one.value is None:
            return None
        world = self.world(model.module)
        if one.method is None:
            value = world.evaluate(one.value, Env({}))
        else:
            value = _Method(model, one.method, world, self._passed(model, one.method)).evaluate(one.value, _DEEPEST)
        typed = to_typed(value, frozenset(), Evidence.STATIC)
        return any_of(*typed.alternatives) if typed.alternatives else None

    def _passed(self, model: ClassModel, method: Method) -> Mapping[str, PyType]:
        """What is known of a method's parameters besides their annotations."""
        site = model.site(method) if self.assumed else None
        return self.callees.passed(model.module, site) if site is not None else {}

    def world(self, module: Module) -> ModuleWorld:
        """The world of a module's top level."""
        if module.name not in self._worlds:
            names = self.classes.program.names(module)
            self._worlds[module.name] = ModuleWorld(names, self.callees, Heap(), self.assumed)
        return self._worlds[module.name]


class _Method:
    """Evaluates expressions of a method from its annotations and from variables that it binds once."""

    def __init__(self, model: ClassModel, method: Method, world: ModuleWorld, passed: Mapping[str, PyType]) -> None:
        self.model = model
        self.method = method
        self.passed = passed
        self.stores = list(_stored_names(method))
        parameters = [*method.args.posonlyargs, *method.args.args, *method.args.kwonlyargs]
        self.parameters = {argument.arg: argument for argument in parameters}
        self.world = MethodWorld(world, frozenset((*self.parameters, *self.stores, *_spread_names(method))))

    def evaluate(self, expr: ast.expr, depth: int) -> Value:
        """The value of an expression at the place where it stands, if what it reads is bound once."""
        variables: dict[str, Value] = {}
        for node in ast.walk(expr):
            if isinstance(node, ast.Name) and node.id in self.world.local and node.id not in variables:
                value = self._variable(node.id, depth)
                if value is not None:
                    variables[node.id] = value
        return self.world.evaluate(expr, Env(variables))

    def _variable(self, name: str, depth: int) -> Value | None:
        maker = Maker(self.world.heap)
        if name == self_name(self.method) and name not in self.stores:
            return maker.value(PyType(self.model.qualified), ("self", self.model.qualified), "self", Origin.ENTRY)
        argument = self.parameters.get(name)
        if argument is not None:
            if name in self.stores:
                return None
            promised = self.passed.get(name)
            if argument.annotation is not None:
                promised = self.world.annotations.read(self.world.parse(argument.annotation)) or promised
            site = (self.model.qualified, self.method.lineno, name)
            return None if promised is None else maker.value(promised, site, "annotation", Origin.ENTRY)
        if self.stores.count(name) != 1 or depth == 0:
            return None
        for node in ast.walk(self.method):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
                return self.evaluate(node.value, depth - 1)
        return None


def _assignments(own: ClassModel, lineage: list[ClassModel], name: str) -> Iterator[Assignment]:
    """What a class assigns to an attribute, and to those that it takes over as they are (`self.a = self.b`)."""
    if len(lineage) > 1:
        yield from own.assignments.get(name, ())
        return
    family = [name]
    for taken in family:
        for one in own.assignments.get(taken, ()):
            source = _taken_over(one)
            if source is None or source not in own.assignments:
                yield one
            elif source not in family:
                family.append(source)


def _taken_over(one: Assignment) -> str | None:
    """The attribute of the same instance that an assignment copies."""
    value, owner = one.value, self_name(one.method) if one.method is not None else None
    if one.augmented is not None or not isinstance(value, ast.Attribute) or not isinstance(value.value, ast.Name):
        return None
    return value.attr if value.value.id == owner else None


def _stored_names(method: Method) -> Iterator[str]:
    for node in ast.walk(method):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, Method | ast.ClassDef | ast.ExceptHandler) and node is not method:
            yield node.name or ""
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((alias.asname or alias.name).split(".")[0] for alias in node.names)


def _spread_names(method: Method) -> Iterator[str]:
    for argument in (method.args.vararg, method.args.kwarg):
        if argument is not None:
            yield argument.arg
