"""What a module contains, from its `ast` tree alone: functions, imports, top-level bindings."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from perf_advise.source.bindings import (
    GlobalName,
    ImportedName,
    absolute_module,
    collect_globals,
    collect_imports,
    import_statements,
)
from perf_advise.source.functions import FunctionSite, collect_owners
from perf_advise.source.text import SourceFile

Node = TypeVar("Node", bound=ast.AST)

__all__ = ["FunctionSite", "GlobalName", "ImportedName", "ModuleIndex"]


@dataclass(frozen=True)
class ModuleIndex:
    """A lazy index of one file; `package` is the dotted package that relative imports start from ("" unknown).

    Every property raises UserError when the file does not parse.
    """

    file: SourceFile
    package: str = ""

    @property
    def tree(self) -> ast.Module:
        """The `ast` tree of the module."""
        return self.file.tree

    @cached_property
    def functions(self) -> tuple[FunctionSite, ...]:
        """Every `def` and `async def`, nested ones and methods too, in the order of the text."""
        return tuple(site for site, _ in self.file.functions)

    def nodes(self, *kinds: type[Node]) -> Iterator[Node]:
        """All nodes of these exact types, one type after the other, each in the order of `ast.walk`."""
        for kind in kinds:
            yield from self.file.nodes.get(kind, ())  # type: ignore[misc]

    def node(self, site: FunctionSite) -> ast.FunctionDef | ast.AsyncFunctionDef:
        """The `ast` node of a site of this index; KeyError for a site of another file."""
        return self._by_site[site]

    @cached_property
    def _by_site(self) -> dict[FunctionSite, ast.FunctionDef | ast.AsyncFunctionDef]:
        return dict(self.file.functions)

    def named(self, qualname: str) -> tuple[FunctionSite, ...]:
        """The functions with this qualified name: several after redefinition, overloads or property setters."""
        return self._by_name.get(qualname, ())

    @cached_property
    def _by_name(self) -> dict[str, tuple[FunctionSite, ...]]:
        names: dict[str, tuple[FunctionSite, ...]] = {}
        for site in self.functions:
            names[site.qualname] = (*names.get(site.qualname, ()), site)
        return names

    def enclosing(self, line: int) -> FunctionSite | None:
        """The innermost function whose decorators, header or body hold a 1-based line; None at top level."""
        return self._by_line.get(line)

    @cached_property
    def _by_line(self) -> dict[int, FunctionSite]:
        # An inner function comes after the one around it.
        return {line: site for site in self.functions for line in range(site.first_line, site.end_line + 1)}

    @cached_property
    def owners(self) -> Mapping[tuple[str, int], FunctionSite | None]:
        """The function that a frame named `<lambda>`, `<listcomp>`, `<setcomp>`, `<dictcomp>` or `<genexpr>` with
        this first line belongs to; None for top-level code."""
        return collect_owners(self.tree, self._by_node)

    @cached_property
    def _by_node(self) -> dict[ast.AST, FunctionSite]:
        return {node: site for site, node in self.file.functions}

    @cached_property
    def imported(self) -> Mapping[str, ImportedName]:
        """The names that module-level import statements bind, with where and under which conditions."""
        return collect_imports(self.tree, self.package)

    @cached_property
    def imports(self) -> Mapping[str, str]:
        """Local name to dotted target ("np" -> "numpy", "sqrt" -> "math.sqrt"); relative ones keep their dots
        while the package is unknown. A name imported from two places is left out."""
        return {name: found.target for name, found in self.imported.items() if found.target}

    @cached_property
    def star_imports(self) -> tuple[str, ...]:
        """Modules of `from m import *`, and "*" for a magic that may bind any name: every name may come from there."""
        found = [
            absolute_module(node, self.package)
            for node, _, _ in import_statements(self.tree)
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
        ]
        return (*found, *({"*"} & self.file.opaque_names))

    def imports_only(self, name: str) -> ImportedName | None:
        """The import that a top-level name stands for wherever it is read: it has one target, is never bound to
        anything else, and is not left out at run time."""
        found = self.imported.get(name)
        if found is None or not found.target or found.conditional or self.globals[name].bound != found.bound:
            return None
        return found

    @cached_property
    def globals(self) -> Mapping[str, GlobalName]:
        """Every name bound at top level or through `global`, imports included."""
        return collect_globals(self.tree, self.file.text, self.file.opaque_names)
