"""Finding project functions and classes by their qualified names, within a budget."""

import ast
from dataclasses import dataclass
from functools import cached_property
from weakref import ref

from perf_advise.facts.names.bindings import ModuleNames
from perf_advise.model.errors import UserError
from perf_advise.source.functions import FunctionSite
from perf_advise.source.index import ModuleIndex
from perf_advise.source.project import Project
from perf_advise.source.slices import FunctionSlice, tree_of_function
from perf_advise.source.text import SourceFile

_REEXPORTS = 4
_PARTS = 6


@dataclass(frozen=True, eq=False)
class Module:
    """One module of the project; `name` is dotted."""

    name: str
    file: SourceFile
    index: ModuleIndex

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """The top-level classes that are bound once."""
        found: dict[str, ast.ClassDef] = {}
        for name, known in self.index.globals.items():
            if known.bound == 1 and isinstance(known.value, ast.ClassDef):
                found[name] = known.value
        return found

    def slice(self, site: FunctionSite) -> FunctionSlice | None:
        """The tree of a function; None when it cannot be cut out."""
        try:
            return tree_of_function(self.file, site)
        except UserError:
            return None


@dataclass(frozen=True, slots=True)
class Found:
    """A function or class of the project: `site` of a function, `class_name` of a class; `member` is the rest."""

    module: Module
    path: str


class Program:
    """The modules that one analysis can see: its own and, with a project, those it imports."""

    def __init__(self, own: Module, project: Project | None) -> None:
        self.own = own
        # Shared programs are kept by their project, which must be free to go.
        self._project = ref(project) if project is not None else None
        self._modules: dict[str, Module | None] = {own.name: own}
        self._names: dict[str, ModuleNames] = {}

    @property
    def project(self) -> Project | None:
        """The project, as long as anyone else holds it."""
        return self._project() if self._project is not None else None

    def find(self, qualified: str) -> Found | None:
        """The module that defines a qualified name, re-exports followed."""
        for _ in range(_REEXPORTS):
            found = self._split(qualified)
            if found is None:
                return None
            head, _, rest = found.path.partition(".")
            target = found.module.index.imports.get(head)
            if target is None or found.module.index.globals[head].bound != 1:
                return found
            qualified = f"{target}.{rest}" if rest else target
        return None

    def _split(self, qualified: str) -> Found | None:
        if qualified.startswith(f"{self.own.name}."):
            return Found(self.own, qualified[len(self.own.name) + 1 :])
        parts = qualified.split(".")
        if self._project is None or len(parts) > _PARTS:
            return None
        for cut in range(len(parts) - 1, 0, -1):
            module = self._module(".".join(parts[:cut]))
            if module is not None:
                return Found(module, ".".join(parts[cut:]))
        return None

    def _module(self, name: str) -> Module | None:
        if name not in self._modules:
            project = self.project
            opened = project.module(name) if project is not None else None
            self._modules[name] = Module(name, *opened) if opened is not None else None
        return self._modules[name]

    def names(self, module: Module) -> ModuleNames:
        """What names mean at the top level of a module."""
        if module.name not in self._names:
            self._names[module.name] = ModuleNames(module.index, module.name)
        return self._names[module.name]

    def function(self, qualified: str) -> tuple[Module, FunctionSite] | None:
        """The one function with this qualified name."""
        found = self.find(qualified)
        if found is None:
            return None
        sites = found.module.index.named(found.path)
        head = found.path.partition(".")[0]
        known = found.module.index.globals.get(head)
        if len(sites) != 1 or known is None or known.bound != 1:
            return None
        return found.module, sites[0]

    def class_def(self, qualified: str) -> tuple[Module, ast.ClassDef] | None:
        """The one top-level class with this qualified name."""
        found = self.find(qualified)
        if found is None or found.path not in found.module.classes:
            return None
        return found.module, found.module.classes[found.path]
