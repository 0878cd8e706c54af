"""The Python modules of one project, found by their dotted names and read once."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from perf_advise.model.errors import UserError
from perf_advise.source.index import ModuleIndex
from perf_advise.source.root import resolved
from perf_advise.source.text import NOTEBOOK_SUFFIX, SourceFile, read_source

_BUDGET = 300

Indexed = tuple[SourceFile, ModuleIndex]
Trace = dict[Path, object]
"""Files that were read and folders that were looked into, with what tells that one has changed."""


class Project:
    """Files below `root`, in a flat or `src` layout or beside a script; each is opened once.

    At most `budget` of them are opened in search of modules; files asked for by path do not count.
    """

    def __init__(self, root: Path, budget: int = _BUDGET) -> None:
        self.root = resolved(root)
        self.named: frozenset[Path] = frozenset()
        """The files that the profile names, where calls of their functions are looked for."""
        self._budget = budget
        self._bases = [base for base in (self.root / "src", self.root) if base.is_dir()]
        self._files: dict[Path, Indexed | UserError] = {}
        self._places: dict[Path, Path] = {}
        self._dotted: dict[Path, str] = {}
        self._states: dict[Path, object] = {}
        self._folders: set[Path] = set()
        self._searched: set[Path] = set()

    def module(self, dotted: str) -> Indexed | None:
        """The module or package with this absolute dotted name; None when it is not the project's, does not
        parse, or when the budget of files is used up."""
        parts = dotted.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        for base in self._bases:
            place = base.joinpath(*parts)
            self._folders.update((place, place.parent))
            for path in (place / "__init__.py", place.with_name(f"{parts[-1]}.py")):
                if path.is_file():
                    return self._affordable(resolved(path))
        return None

    def _affordable(self, path: Path) -> Indexed | None:
        if path not in self._files and len(self._files) >= self._budget:
            return None
        try:
            return self.file(path)
        except UserError:
            return None

    def file(self, path: Path) -> Indexed:
        """The file at a path and its index; UserError when it cannot be read or does not parse."""
        key = self._place(path)
        if key not in self._files:
            self._files[key] = self._opened(path)
        found = self._files[key]
        if isinstance(found, UserError):
            raise found
        return found

    def _place(self, path: Path) -> Path:
        """The path without links; looked up once, for the same files are asked for again and again."""
        if path not in self._places:
            self._places[path] = resolved(path)
        return self._places[path]

    def put(self, source: SourceFile) -> Indexed:
        """Take a text for what its file holds; UserError when it does not parse."""
        index = self.index(source)
        _ = index.tree
        key = resolved(source.path)
        self._files[key] = (source, index)
        self._states.setdefault(key, _state(key))
        return source, index

    def forget(self, path: Path) -> None:
        """Read the file again when it is next asked for, because it was written."""
        self._files.pop(resolved(path), None)

    def _opened(self, path: Path) -> Indexed | UserError:
        self._states[self._place(path)] = _state(path)  # as it was before it was read
        try:
            return self.put(read_source(path))
        except UserError as error:
            return error

    def index(self, source: SourceFile) -> ModuleIndex:
        """An index of a file that knows its package, so that relative imports resolve."""
        dotted = self.dotted_name(source.path)
        package = dotted if source.path.stem == "__init__" else dotted.rpartition(".")[0]
        return ModuleIndex(source, package)

    def dotted_name(self, path: Path) -> str:
        """The dotted name that importing `path` gives, "" for a notebook.

        The folder that it is imported from is searched for modules from then on.
        """
        if path not in self._dotted:
            self._dotted[path] = self._dotted_name(self._place(path))
        return self._dotted[path]

    def _dotted_name(self, path: Path) -> str:
        if path.suffix.lower() == NOTEBOOK_SUFFIX:
            return ""
        base = self._base_of(path)
        if base not in self._bases:
            self._bases.append(base)
        parts = path.relative_to(base).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def is_imported(self, path: Path) -> bool:
        """Whether another file of the project may import the module at `path`; True where that is too much to read."""
        stem = re.escape(path.stem.encode())
        named = re.compile(rb"\b(?:from|import)\b[^\n]*\b%b\b|\bimport(?:_module)?\s*\([^)]*\b%b\b" % (stem, stem))
        for number, other in enumerate(_python_files(self.root)):
            self._folders.add(other.parent)
            if number >= _BUDGET:
                return True
            self._searched.add(other)
            if resolved(other) == resolved(path):
                continue
            try:
                if named.search(other.read_bytes()):
                    return True
            except OSError:
                return True
        return False

    def _base_of(self, path: Path) -> Path:
        """The folder of `sys.path` that a file is imported from: `src`, else the one above its outermost package."""
        if path.is_relative_to(self.root / "src"):
            return self.root / "src"
        folder = path.parent
        self._folders.add(folder)
        while (folder / "__init__.py").is_file() and folder != self.root:
            folder = folder.parent
            self._folders.add(folder)
        return folder

    def trace(self, own: Path) -> Trace:
        """What was read and looked for so far, but the text of `own`."""
        others = {*self._files, *self._searched, *self._folders} - {own, resolved(own)}
        return _traced(others) | {path: state for path, state in self._states.items() if path in others}


def trace_again(trace: Trace) -> Trace:
    """The same files and folders as they are now."""
    return _traced(trace)


def _traced(paths: Iterable[Path]) -> Trace:
    return {path: _state(path) for path in paths}


def _state(path: Path) -> object:
    """Size and time of a file, the modules and folders in a folder; None where there is neither."""
    try:
        if path.is_dir():
            return frozenset(one.name for one in path.iterdir() if one.suffix in ("", ".py", NOTEBOOK_SUFFIX))
        found = path.stat()
        return found.st_mtime_ns, found.st_size
    except OSError:
        return None


def _python_files(root: Path) -> Iterator[Path]:
    """Files of the project, without hidden folders and environments; sorted, so that a budget cuts alike each time."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(n for n in folders if not n.startswith(".") and n not in ("site-packages", "node_modules"))
        yield from (Path(folder, name) for name in sorted(names) if name.endswith((".py", NOTEBOOK_SUFFIX)))
