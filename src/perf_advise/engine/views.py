"""Views of hot functions: each file read and indexed once, each function sliced when a rule wants it."""

from collections.abc import Iterable
from pathlib import Path

from perf_advise.facts import Facts
from perf_advise.model.errors import UserError
from perf_advise.model.hot import HotFunction
from perf_advise.model.options import EXECUTORS
from perf_advise.rulekit.view import View
from perf_advise.source.index import FunctionSite, ModuleIndex
from perf_advise.source.project import Project
from perf_advise.source.slices import slice_function, slice_module
from perf_advise.source.text import SourceFile


class Views:
    """The views of one project, for one target version and one kind of executor."""

    def __init__(self, root: Path, target: tuple[int, int], executor: str = EXECUTORS[0]) -> None:
        self.root = root
        self.target = target
        self.executor = executor
        self.project = Project(root)
        self.costs: dict[str, HotFunction] = {}
        self._opened: dict[Path, tuple[SourceFile, ModuleIndex]] = {}

    def learn_costs(self, functions: Iterable[HotFunction]) -> None:
        """What calls of these functions cost, for rules that ask what is called."""
        functions = tuple(functions)
        self.project.named |= {f.path for f in functions}
        self.costs |= {f"{self.project.dotted_name(f.path)}.{f.qualname}": f for f in functions}

    def file(self, path: Path) -> tuple[SourceFile, ModuleIndex]:
        """The text and index of a file; raises UserError when it cannot be read or parsed."""
        if path not in self._opened:
            self._opened[path] = self.project.file(path)
        return self._opened[path]

    def put(self, source: SourceFile) -> None:
        """Take a text for what its file holds: standard input, or what fixes wrote. UserError for a syntax error."""
        self._opened[source.path] = self.project.put(source)

    def opened(self) -> tuple[tuple[SourceFile, ModuleIndex], ...]:
        """The files that were read for their hot functions."""
        return tuple(self._opened.values())

    def of(self, function: HotFunction) -> View:
        """The view of a hot function; raises UserError when the file or the function is not there."""
        file, index = self.file(function.path)
        if function.is_module:
            piece = slice_module(file)
        else:
            piece = slice_function(file, _site(index, function))
        facts = Facts(piece, index, self.project, function.types)
        return View(piece, facts, index, function, self.target, self.costs, self.executor)


def _site(index: ModuleIndex, function: HotFunction) -> FunctionSite:
    named = index.named(function.qualname)
    for site in named:
        if site.line == function.line:
            return site
    if len(named) == 1:
        return named[0]
    raise UserError(f"{function.path}: {function.qualname} is not there any more", "record again")
