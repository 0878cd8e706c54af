"""The values that project functions, classes and attributes give."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.project.class_attributes import AttributeTypes
from perf_advise.facts.project.classes import Assignment, Classes, ClassModel, Method
from perf_advise.facts.project.parameters import matched
from perf_advise.facts.project.program import Module, Program
from perf_advise.facts.project.summaries import Summaries, Summary
from perf_advise.facts.types.heap import NOTHING, Origin, Value, join, of_atom, reachable, scalar, unknown
from perf_advise.facts.types.heap_types import marked
from perf_advise.facts.types.machine import Machine
from perf_advise.facts.types.specs import Maker, any_of, shallow
from perf_advise.facts.types.state import Arguments
from perf_advise.model.pytypes import PyType
from perf_advise.source.functions import FunctionSite

if TYPE_CHECKING:
    from perf_advise.facts.types.outer import ModuleWorld

_PROMISE = "return annotation"
_KEPT = Origin.PROMISED
_TYPES = frozenset({"builtins.int", "builtins.float", "builtins.str", "builtins.list", "builtins.dict", "builtins.set"})


class CalleeValues:
    """What reading and calling members of the project gives."""

    attributes: AttributeTypes
    assumed_attributes: AttributeTypes
    """As `attributes`, with the calls of `__init__` that a module shows taken for all there are."""
    summaries: Summaries

    def __init__(self, program: Program) -> None:
        self.program = program
        self.classes = Classes(program)

    # -- values -------------------------------------------------------------------------------------------------

    def constant(self, world: "ModuleWorld", qualified: str) -> Value | None:
        """The value of a member of a module that is not called."""
        if qualified in _TYPES or self.classes.model(qualified) is not None:
            return scalar("type", qualified)
        if self.program.function(qualified) is not None:
            return scalar("function", qualified)
        found = self.program.find(qualified)
        if found is None or found.module is self.program.own or "." in found.path:
            return None
        return self._constant_of(found.module, found.path, world)

    def _constant_of(self, module: Module, name: str, world: "ModuleWorld") -> Value | None:
        """A variable of another module, when it is of immutable types."""
        other = self.attributes.world(module)
        value = other.module_variable(name)
        if not value.known or any(atom.cell is not None for atom in value):
            return None
        return value

    def attribute(self, world: "ModuleWorld", class_name: str, name: str) -> Value:
        """An attribute of an instance of a project class."""
        known = self.assumed_attributes if world.exact else self.attributes
        typed = known.typed(class_name, name)
        if typed is None:
            return self._computed(world, class_name, name)
        why = f"`{name}` as the methods of {class_name} set it"
        return Maker(world.heap).value(typed, ("attribute", class_name, name), why, Origin.OUTSIDE)

    def _computed(self, world: "ModuleWorld", class_name: str, name: str) -> Value:
        """The value of a property, or an attribute of which nothing is known."""
        maker = Maker(world.heap)
        site = ("attribute", class_name, name)
        found = self.classes.method(class_name, name)
        summary = self._property(class_name, found) if found is not None else None
        if summary is not None and summary.returns is not None:
            origin = Origin.PROMISED if summary.promised else Origin.OUTSIDE
            return maker.value(shallow(summary.returns), site, f"property `{name}`", origin)
        return maker.anything(site, f"attribute `{name}` of {class_name}", Origin.OUTSIDE)

    def _property(self, class_name: str, found: tuple[ClassModel, Method]) -> Summary | None:
        model, method = found
        site = model.site(method)
        decorators = site.decorators if site is not None else ()
        if site is None or not {"property", "cached_property", "functools.cached_property"} & set(decorators):
            return None
        return self.summaries.summary(model.module, site, {method.args.args[0].arg: PyType(class_name)})

    def called(self, machine: Machine, qualified: str, call: cst.Call, args: Arguments) -> Value:
        """The result of a project function or class; what it does to its arguments is kept in the machine."""
        target = self.program.function(qualified)
        if target is not None and "." not in target[1].qualname:
            return self._result(machine, target, call, args, None)
        if self.classes.model(qualified) is not None:
            return self._instance(machine, qualified, call, args)
        return machine.unknown_call(args, f"result of `{qualified}`, which is not known")

    def method(self, machine: Machine, receiver: Value, name: str, call: cst.Call, args: Arguments) -> Value:
        """The result of a method of a project class."""
        target = self._method_target(receiver, name)
        if target is not None and (machine.world.exact or name.startswith("_")):
            return self._result(machine, target, call, args, receiver)
        machine.expose(receiver)
        result = machine.unknown_call(args, f"result of `.{name}()`, which is not known or may be overridden")
        promised = self._promised(target) if target is not None else None
        return result if promised is None else machine.maker.value(promised, (id(call), "promised"), _PROMISE, _KEPT)

    def _promised(self, target: tuple[Module, FunctionSite]) -> PyType | None:
        """The return annotation of a method, which overriding ones keep as well."""
        module, site = target
        returns = module.index.node(site).returns
        world = self.attributes.world(module)
        return world.annotations.read(world.parse(returns)) if returns is not None else None

    def _method_target(self, receiver: Value, name: str) -> tuple[Module, FunctionSite] | None:
        """The method that a receiver's class, taken as exact, gives a name."""
        only = next(iter(receiver), None)
        found = self.classes.method(only.type.name, name) if only is not None else None
        site = found[0].site(found[1]) if found is not None else None
        if found is None or site is None or {"staticmethod", "classmethod", "property"} & set(site.decorators):
            return None
        return found[0].module, site

    def _result(
        self,
        machine: Machine,
        target: tuple[Module, FunctionSite],
        call: cst.Call,
        args: Arguments,
        receiver: Value | None,
    ) -> Value:
        module, site = target
        passed = matched(module.index.node(site).args, args, receiver)
        summary = self.summaries.summary(module, site, types_of(machine, passed)) if passed is not None else None
        if passed is None or summary is None or summary.suspends:
            machine.expose(receiver or NOTHING)
            return machine.unknown_call(args, f"result of `{site.qualname}`, which is not known")
        self._act(machine, summary, passed, call)
        return self._given(machine, summary, passed, call, site.qualname)

    def _act(self, machine: Machine, summary: Summary, passed: Mapping[str, Value], call: cst.Call) -> None:
        for name, value in passed.items():
            if name in summary.keeps:
                machine.expose(value)
        for name, type_ in summary.contents:
            if name in passed:
                self._fill(machine, passed[name], type_, (id(call), name))
        if summary.unknown:
            machine.suspend()

    def _fill(self, machine: Machine, value: Value, type_: PyType | None, site: object) -> None:
        """What an argument holds after the call: flat items are taken in, of anything else nothing is known."""
        filled = machine.maker.value(type_, site, "filled by a call") if type_ is not None else unknown("")
        flat = all(not any(a.cell for a in (*c.items, *c.keys)) for c in reachable(filled))
        if filled.open or not flat or not value.known:
            machine.expose(value)
            machine.env.touched |= reachable(value)
            return
        for atom in value:
            for other in filled:
                if atom.type.name == other.type.name and atom.cell is not None and other.cell is not None:
                    machine.put(atom.cell, other.cell.items, other.cell.keys)

    def _given(
        self, machine: Machine, summary: Summary, passed: Mapping[str, Value], call: cst.Call, name: str
    ) -> Value:
        """The value of a call with this summary."""
        if summary.never:
            return NOTHING
        back = [passed[param] for param in sorted(summary.gives_back) if param in passed]
        for value in back:
            machine.expose(value)
        why = f"result of {name}"
        if summary.returns is None:
            return machine.maker.anything((id(call), "result"), why, Origin.OUTSIDE)
        origin = Origin.PROMISED if summary.promised else Origin.FRESH if summary.fresh else Origin.OUTSIDE
        result = machine.maker.value(summary.returns, (id(call), "result"), why, origin)
        for value in back:
            # The object may be an argument: both are possible, and of the type that was found.
            cells = frozenset(atom for atom in value if atom.cell is not None and atom.type.name in result.names())
            result = join(result, Value(cells, False, why)) if cells else result
        return result

    def _instance(self, machine: Machine, qualified: str, call: cst.Call, args: Arguments) -> Value:
        """A new instance: `__init__` runs, and may keep what it is given."""
        cell = machine.heap.cell((id(call), qualified), f"{qualified} made here", Origin.OUTSIDE)
        made = of_atom(cell.atom(PyType(qualified)), f"instance of {qualified}")
        for value in args.all():
            machine.expose(value)
        reasons = list(self._making(qualified))
        found = self.classes.method(qualified, "__init__")
        if reasons:
            machine.suspend()
        elif found is not None and (site := found[0].site(found[1])) is not None:
            self._result(machine, (found[0].module, site), call, args, made)
        return made

    def _making(self, qualified: str) -> Iterator[str]:
        """Why making an instance may run more than `__init__`, if it may."""
        lineage, whole = self.classes.lineage(qualified)
        if not whole:
            yield f"bases of {qualified} are not known"
        for model in lineage:
            if "__new__" in model.methods or "__post_init__" in model.methods or not model.is_plain:
                yield f"{model.qualified} is made in a way of its own"

    def always_has(self, class_name: str, name: str) -> bool:
        """Whether every instance has an attribute that is no property."""
        lineage, whole = self.classes.lineage(class_name)
        for model in lineage:
            if name in model.methods:
                return whole and not model.methods[name][0].decorator_list
            for one in model.assignments.get(name, ()):
                if one.method is None and one.value is not None:
                    return whole
                if one.method is not None and one.method.name == "__init__" and _is_straight(one):
                    return whole
        return False


def _is_straight(one: Assignment) -> bool:
    """Whether the assignment stands directly in its method's body, so that it always runs."""
    body = one.method.body if one.method is not None else []
    return any(getattr(statement, "value", None) is one.value for statement in body) and one.value is not None


def types_of(machine: Machine, passed: Mapping[str, Value]) -> dict[str, PyType]:
    """The types of arguments, those of unknown type left out; of objects passed twice only the outermost type."""
    found: dict[str, PyType] = {}
    for name, value in passed.items():
        types = marked(value, machine.env.touched)
        if types:
            mine = reachable(value)
            shared = any(mine & reachable(other) for other_name, other in passed.items() if other_name != name)
            found[name] = any_of(*dict.fromkeys(map(shallow, types))) if shared else any_of(*types)
    return found
