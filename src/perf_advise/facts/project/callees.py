"""Project functions and classes as the code that uses them sees them."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import libcst as cst

from perf_advise.facts.effects.events import Touch
from perf_advise.facts.project.called import CallTypes
from perf_advise.facts.project.callees_values import CalleeValues, types_of
from perf_advise.facts.project.class_attributes import AttributeTypes
from perf_advise.facts.project.parameters import matched
from perf_advise.facts.project.program import Module, Program
from perf_advise.facts.project.summaries import Summaries, Summary
from perf_advise.facts.types.heap import Atom, Value, of_atom, plain
from perf_advise.model.errors import UserError
from perf_advise.model.pytypes import PyType
from perf_advise.source.functions import FunctionSite
from perf_advise.source.project import Project

if TYPE_CHECKING:
    from perf_advise.facts.effects.expressions import ExpressionWalker as Walker

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


class Callees(CalleeValues):
    """What reading, calling and setting members of the project gives and does; shared by all analyses of a program."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.attributes = AttributeTypes(self.classes, self)
        self.assumed_attributes = AttributeTypes(self.classes, self, assumed=True)
        self._calls: dict[str, CallTypes] = {}
        self.summaries = Summaries(self)

    def passed(self, module: Module, site: FunctionSite) -> Mapping[str, PyType]:
        """The types of a function's parameters as the calls in its module show them."""
        return self.calls_in(module).parameters(site)

    def neighbours(self, module: Module) -> Iterator[CallTypes]:
        """What the other files that the profile names show."""
        project = self.program.project
        for path in sorted(project.named - {module.file.path}) if project is not None else ():
            try:
                other = Module(project.dotted_name(path), *project.file(path)) if project is not None else module
            except UserError:
                continue
            yield shared_callees(other, project).calls_in(other)

    def is_imported(self, module: Module) -> bool:
        """Whether another file of the project may import the module."""
        project = self.program.project
        return project is None or project.is_imported(module.file.path)

    def calls_in(self, module: Module) -> CallTypes:
        """What the calls in a module show."""
        if module.name not in self._calls:
            self._calls[module.name] = CallTypes(self, module)
        return self._calls[module.name]

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
            summary = self.summaries.summary(module, site, types_of(walker.machine, passed))
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


def _may_be_descriptor(value: object) -> bool:
    return type(value).__name__ in ("Call", "Name", "Attribute")
