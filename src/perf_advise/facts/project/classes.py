"""Classes of the project: their bases, methods, properties, and where their attributes are set."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from perf_advise.facts.project.program import Module, Program
from perf_advise.facts.tables.words import words
from perf_advise.source.bindings import GlobalName
from perf_advise.source.functions import FunctionSite

Method = ast.FunctionDef | ast.AsyncFunctionDef

_HARMLESS_BASES = words(
    """builtins.object abc.ABC typing.Generic typing.Protocol builtins.Exception builtins.ValueError
    builtins.RuntimeError typing_extensions.Protocol"""
)
_HOOKS = words("__getattr__ __getattribute__ __setattr__ __delattr__")
_DEEPEST = 6
_PLAIN_DECORATORS = words("dataclass dataclasses.dataclass final typing.final total_ordering functools.total_ordering")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One place that sets an attribute: the value (None: not a plain one), in which method (None: class body)."""

    value: ast.expr | None
    method: Method | None
    annotation: ast.expr | None = None
    augmented: ast.operator | None = None


@dataclass(eq=False)
class ClassModel:
    """What the text of one class says."""

    module: Module
    node: ast.ClassDef
    assignments: dict[str, list[Assignment]] = field(default_factory=dict)
    methods: dict[str, list[Method]] = field(default_factory=dict)
    opaque: bool = False
    """Whether attributes are set by name (`setattr`, `__dict__`)."""

    def __post_init__(self) -> None:
        for statement in self.node.body:
            if isinstance(statement, Method):
                self.methods.setdefault(statement.name, []).append(statement)
                self._note_method(statement)
            elif isinstance(statement, ast.Assign):
                for target in statement.targets:
                    self._note(target, Assignment(statement.value, None))
            elif isinstance(statement, ast.AnnAssign):
                self._note(statement.target, Assignment(statement.value, None, statement.annotation))

    def _note(self, target: ast.expr, assignment: Assignment) -> None:
        name = target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else ""
        self.assignments.setdefault(name, []).append(assignment)

    def _note_method(self, method: Method) -> None:
        owner = self_name(method)
        if owner is None:
            return
        for target, assignment in _stores(method):
            if isinstance(target.value, ast.Name) and target.value.id == owner:
                self._note(target, assignment)
        self.opaque = self.opaque or any(map(_sets_by_name, ast.walk(method)))

    @property
    def qualified(self) -> str:
        """The dotted name of the class."""
        return f"{self.module.name}.{self.node.name}"

    @property
    def has_hooks(self) -> bool:
        """Whether the class decides itself what reading or setting an attribute does."""
        return bool(_HOOKS & set(self.methods))

    @property
    def is_plain(self) -> bool:
        """Whether reading and setting attributes means what it says."""
        decorators = (ast.unparse(d).partition("(")[0] for d in self.node.decorator_list)
        return not self.has_hooks and not self.opaque and _PLAIN_DECORATORS.issuperset(decorators)

    def site(self, method: Method) -> FunctionSite | None:
        """Where a method stands."""
        sites = self.module.index.named(f"{self.node.name}.{method.name}")
        return next((site for site in sites if site.line == method.lineno), None)


def _sets_by_name(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "__dict__"
    return isinstance(node, ast.Name) and node.id in ("setattr", "vars", "delattr")


def self_name(method: Method) -> str | None:
    """The name of the instance in a method; None for static and class methods."""
    decorators = {ast.unparse(d) for d in method.decorator_list}
    arguments = [*method.args.posonlyargs, *method.args.args]
    if decorators & {"staticmethod", "classmethod"} or not arguments:
        return None
    return arguments[0].arg


def _stores(method: Method) -> Iterator[tuple[ast.Attribute, Assignment]]:
    """Every attribute that a method sets, with what is known of the value."""
    plain: set[int] = set()
    for node in ast.walk(method):
        found: list[tuple[ast.expr, Assignment]] = []
        if isinstance(node, ast.Assign):
            found = [
                (part, Assignment(value, method))
                for target in node.targets
                for part, value in _pairs(target, node.value)
            ]
        elif isinstance(node, ast.AnnAssign):
            found = [(node.target, Assignment(node.value, method, node.annotation))]
        elif isinstance(node, ast.AugAssign):
            found = [(node.target, Assignment(node.value, method, augmented=node.op))]
        elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load) and id(node) not in plain:
            yield node, Assignment(None, method)  # unpacking, loops, `with`, `del`
        for target, assignment in found:
            if isinstance(target, ast.Attribute):
                plain.add(id(target))
                yield target, assignment


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The single assignments that `a, b = v, w` stands for."""
    if not isinstance(target, ast.Tuple) or not isinstance(value, ast.Tuple) or len(target.elts) != len(value.elts):
        yield target, value
        return
    spread = any(isinstance(part, ast.Starred) for part in (*target.elts, *value.elts))
    yield from () if spread else zip(target.elts, value.elts, strict=True)


class Classes:
    """The classes of a program by their qualified names, and how Python looks attributes up in them."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._models: dict[str, ClassModel | None] = {}
        self._foreign: dict[str, frozenset[str]] = {}

    def model(self, qualified: str) -> ClassModel | None:
        """The class with this name, when the project defines it once."""
        if qualified not in self._models:
            found = self.program.class_def(qualified)
            self._models[qualified] = ClassModel(*found) if found is not None else None
        return self._models[qualified]

    def lineage(self, qualified: str, depth: int = _DEEPEST) -> tuple[list[ClassModel], bool]:
        """The class and its bases in order of lookup, and whether all of them are known."""
        model = self.model(qualified)
        if model is None or depth == 0:
            return [], False
        found, whole = [model], not model.node.keywords
        for base in model.node.bases:
            name = self._base_name(model, base)
            if name in _HARMLESS_BASES:
                continue
            above, known = self.lineage(name, depth - 1) if name is not None else ([], False)
            whole = whole and known
            found = [m for m in found if m not in above] + above
        return found, whole

    def _base_name(self, model: ClassModel, base: ast.expr) -> str | None:
        if isinstance(base, ast.Subscript):
            base = base.value
        parts: list[str] = []
        while isinstance(base, ast.Attribute):
            parts.append(base.attr)
            base = base.value
        if not isinstance(base, ast.Name):
            return None
        root = self.program.names(model.module).module_meaning(base.id)
        return None if root is None else ".".join((root, *reversed(parts)))

    def method(self, qualified: str, name: str) -> tuple[ClassModel, Method] | None:
        """The method that `instance.name(...)` calls, unless a subclass in the same module has its own."""
        lineage, _ = self.lineage(qualified)
        for model in lineage:
            found = model.methods.get(name)
            if found is not None:
                return (model, found[0]) if len(found) == 1 and not self._is_overridden(qualified, name) else None
            if name in model.assignments:
                return None
        return None

    def _is_overridden(self, qualified: str, name: str) -> bool:
        own = self.model(qualified)
        if own is None:
            return True
        for other in own.module.classes.values():
            model = self.model(f"{own.module.name}.{other.name}")
            if model is None or model is own or not (name in model.methods or name in model.assignments):
                continue
            if own in self.lineage(model.qualified)[0]:
                return True
        return False

    def is_set_elsewhere(self, module: Module, name: str) -> bool:
        """Whether code of the module sets an attribute of this name on anything but the instance of a method."""
        if module.name not in self._foreign:
            self._foreign[module.name] = frozenset(_foreign_stores(module))
        return name in self._foreign[module.name]


def _foreign_stores(module: Module) -> Iterator[str]:
    own: set[int] = set()
    for known in module.index.globals.values():
        for method in _methods(known):
            owner = self_name(method)
            for node in ast.walk(method):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == owner:
                    own.add(id(node))
    for node in module.index.nodes(ast.Attribute):
        if not isinstance(node.ctx, ast.Load) and id(node) not in own:
            yield node.attr


def _methods(known: GlobalName) -> Iterator[Method]:
    if isinstance(known.value, ast.ClassDef):
        yield from (statement for statement in known.value.body if isinstance(statement, Method))
