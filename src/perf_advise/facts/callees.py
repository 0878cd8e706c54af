"""Project functions and classes as the code that uses them sees them."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import libcst as cst

from perf_advise.facts.class_attributes import AttributeTypes
from perf_advise.facts.classes import Assignment, Classes, ClassModel, Method
from perf_advise.facts.events import Touch
from perf_advise.facts.heap import (
    NOTHING,
    Atom,
    Origin,
    Value,
    join,
    marked,
    of_atom,
    plain,
    reachable,
    scalar,
    unknown,
)
from perf_advise.facts.parameters import matched
from perf_advise.facts.program import Module, Program
from perf_advise.facts.summaries import Summaries, Summary
from perf_advise.facts.types_machine import Machine
from perf_advise.facts.types_specs import Maker, any_of, shallow
from perf_advise.facts.types_state import Arguments
from perf_advise.model.pytypes import PyType
from perf_advise.source.functions import FunctionSite
from perf_advise.source.project import Project

if TYPE_CHECKING:
    from perf_advise.facts.events_walk import Walker
    from perf_advise.facts.types_outer import ModuleWorld

_PROMISE = "return annotation"
_KEPT = Origin.PROMISED
_TYPES = frozenset({"builtins.int", "builtins.float", "builtins.str", "builtins.list", "builtins.dict", "builtins.set"})


_SHARED: "WeakKeyDictionary[Project, dict[str, Callees]]" = WeakKeyDictionary()


def shared_callees(own: Module, project: Project | None) -> "Callees":
    """The callees of a module, the same for all its functions as long as its file stays as it is."""
    if project is None:
        return Callees(Program(own, None))
    known = _SHARED.setdefault(project, {})
    found = known.get(own.name)
    if found is None or found.program.own.index is not own.index:
        found = known[own.name] = Callees(Program(own, project))
    return found


class Callees:
    """What reading, calling and setting members of the project gives and does; shared by all analyses of a program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.classes = Classes(program)
        self.attributes = AttributeTypes(self.classes, self)
        self.summaries = Summaries(self)

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
        typed = self.attributes.typed(class_name, name)
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
        summary = self.summaries.summary(module, site, _types_of(machine, passed)) if passed is not None else None
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

    # -- effects ------------------------------------------------------------------------------------------------

    def attribute_events(self, atom: Atom, name: str) -> Iterator[str]:
        """Why reading an attribute of an instance may run code, if it may."""
        class_name = atom.type.name
        yield from self._hooked(class_name)
        found = self.classes.method(class_name, name)
        if found is not None and found[1].decorator_list:
            summary = self._property(class_name, found)
            effects = _effects(summary) if summary is not None else ["a property"]
            yield from effects
        lineage, _ = self.classes.lineage(class_name)
        for model in lineage:
            for one in model.assignments.get(name, ()):
                if one.method is None and _may_be_descriptor(one.value):
                    yield f"`{name}` may be a descriptor"
        if not any(name in model.assignments or name in model.methods for model in lineage):
            yield f"`{name}` is not set in {class_name}"

    def store_events(self, atom: Atom, name: str) -> Iterator[str]:
        """Why setting an attribute of an instance may run code, if it may."""
        class_name = atom.type.name
        yield from self._hooked(class_name)
        if any(name in model.methods for model in self.classes.lineage(class_name)[0]):
            yield f"`{name}` is a property or method"

    def _hooked(self, class_name: str) -> Iterator[str]:
        lineage, whole = self.classes.lineage(class_name)
        if not whole:
            yield f"{class_name} or a base of it is not known"
        for model in lineage:
            if model.has_hooks:
                yield f"{model.qualified} decides itself what its attributes are"

    def call_events(self, walker: "Walker", qualified: str, node: cst.Call) -> None:
        """Note what a call of a project function or class does."""
        target = self.program.function(qualified)
        if target is not None and "." not in target[1].qualname:
            self._call_events(walker, target, node, None)
        elif self.classes.model(qualified) is not None:
            self._making_events(walker, qualified, node)
        else:
            walker.events.add_unknown(f"`{qualified}()`")

    def method_events(self, walker: "Walker", atom: Atom, node: cst.Call) -> None:
        """Note what a method of a project class does."""
        assert isinstance(node.func, cst.Attribute)
        receiver = of_atom(atom, "receiver")
        target = self._method_target(receiver, node.func.attr.value)
        hooked = list(self._hooked(atom.type.name))
        if target is None or hooked:
            walker.events.add_unknown(f"`{walker.text(node.func)}()`")
            return
        walker.assume(f"no subclass overrides `{node.func.attr.value}`", target[1].name)
        self._call_events(walker, target, node, node.func.value)

    def _making_events(self, walker: "Walker", qualified: str, node: cst.Call) -> None:
        for reason in self._making(qualified):
            walker.events.add_unknown(reason)
        found = self.classes.method(qualified, "__init__")
        site = found[0].site(found[1]) if found is not None else None
        if found is not None and site is not None:
            self._call_events(walker, (found[0].module, site), node, None, PyType(qualified))

    def _call_events(
        self,
        walker: "Walker",
        target: tuple[Module, FunctionSite],
        node: cst.Call,
        receiver: cst.BaseExpression | None,
        made: PyType | None = None,
    ) -> None:
        module, site = target
        args = walker.arguments(node)
        own = walker.value(receiver) if receiver is not None else None
        if made is not None:
            own = of_atom(plain(made), "a new instance")
        passed = matched(module.index.node(site).args, args, own)
        summary = None
        if passed is not None:
            summary = self.summaries.summary(module, site, _types_of(walker.machine, passed))
        if passed is None or summary is None or summary.suspends:
            walker.events.add_unknown(f"`{site.qualname}()`")
            return
        texts = {id(walker.value(arg.value)): walker.text(arg.value) for arg in node.args}
        if receiver is not None and own is not None:
            texts[id(own)] = walker.text(receiver)
        self._note(walker, summary, passed, texts)

    def _note(self, walker: "Walker", summary: Summary, passed: Mapping[str, Value], texts: Mapping[int, str]) -> None:
        events = walker.events
        for name in sorted(summary.changes & set(passed)):
            if passed[name].known and all(atom.cell is None for atom in passed[name]):
                continue  # the new instance that `__init__` fills
            events.writes.append(Touch(passed[name], None, texts.get(id(passed[name]), name)))
        for name in sorted(passed):
            walker.read(passed[name], texts.get(id(passed[name]), name))
        for text in summary.unknown:
            events.add_unknown(text)
        events.io |= summary.io
        events.random |= summary.random
        events.unsteady |= summary.unsteady
        events.outer_reads |= summary.outer_reads

    def applied_events(self, walker: "Walker", qualified: str) -> None:
        """Note what a function does that is called with arguments which are not known."""
        target = self.program.function(qualified)
        summary = self.summaries.summary(*target, {}) if target is not None else None
        if summary is None or summary.changes or summary.suspends or list(_effects(summary)):
            walker.events.add_unknown(f"`{qualified}()`")
        else:
            walker.events.outer_reads |= summary.outer_reads


def _effects(summary: Summary) -> Iterator[str]:
    yield from summary.unknown
    yield from (f"changes `{name}`" for name in sorted(summary.changes))
    if summary.io or summary.random or summary.unsteady or summary.suspends:
        yield "does more than compute"


def _is_straight(one: Assignment) -> bool:
    """Whether the assignment stands directly in its method's body, so that it always runs."""
    body = one.method.body if one.method is not None else []
    return any(getattr(statement, "value", None) is one.value for statement in body) and one.value is not None


def _may_be_descriptor(value: object) -> bool:
    return type(value).__name__ in ("Call", "Name", "Attribute")


def _types_of(machine: Machine, passed: Mapping[str, Value]) -> dict[str, PyType]:
    """The types of arguments, those of unknown type left out; of objects passed twice only the outermost type."""
    found: dict[str, PyType] = {}
    for name, value in passed.items():
        types = marked(value, machine.env.touched)
        if types:
            mine = reachable(value)
            shared = any(mine & reachable(other) for other_name, other in passed.items() if other_name != name)
            found[name] = any_of(*dict.fromkeys(map(shallow, types))) if shared else any_of(*types)
    return found
