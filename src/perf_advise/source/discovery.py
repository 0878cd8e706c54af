"""Which files count: the project's root, `.gitignore`, excluded folders."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import translate
from pathlib import Path

from perf_advise.model.errors import UserError
from perf_advise.source.gitignore import IgnoreFiles
from perf_advise.source.root import absolute, project_root, resolved

__all__ = ["DEFAULT_EXCLUDE", "SUFFIXES", "Selector", "find_sources", "project_root"]

SUFFIXES = (".py", ".pyi", ".pyw", ".ipynb")
DEFAULT_EXCLUDE = (
    *(".bzr", ".direnv", ".eggs", ".git", ".git-rewrite", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox"),
    *(".pants.d", ".perf-advise", ".pyenv", ".pytest_cache", ".pytype", ".ruff_cache", ".svn", ".tox", ".venv"),
    *(".vscode", "__pypackages__", "_build", "buck-out", "build", "dist", "node_modules", "site-packages", "venv"),
)


def find_sources(
    paths: Iterable[Path],
    root: Path,
    exclude: Sequence[str] = DEFAULT_EXCLUDE,
    extend_exclude: Sequence[str] = (),
    *,
    respect_gitignore: bool = True,
    force_exclude: bool = False,
    warn: Callable[[str], None] = lambda line: None,
) -> Iterator[Path]:
    """The Python files and notebooks under `paths`, sorted within each, every file once.

    UserError for a path that does not exist; `warn` gets one line for a folder that cannot be read.
    """
    selector = Selector(
        paths, root, exclude, extend_exclude, respect_gitignore=respect_gitignore, force_exclude=force_exclude
    )
    return selector.walk(warn)


class Selector:
    """The files that `paths` select, by walking or by asking for one: a profile names few files of a large project.

    A file in `paths` itself is always taken, unless `force_exclude`. Patterns are globs: of a name (`*_test.py`,
    `.venv`) anywhere, or with a slash of a path relative to `root`. Symbolic links to folders are not followed.
    """

    def __init__(
        self,
        paths: Iterable[Path],
        root: Path,
        exclude: Sequence[str] = DEFAULT_EXCLUDE,
        extend_exclude: Sequence[str] = (),
        *,
        respect_gitignore: bool = True,
        force_exclude: bool = False,
    ) -> None:
        self._paths = tuple(paths)
        self._root = absolute(root)
        patterns = [pattern.rstrip("/").removeprefix("./") for pattern in (*exclude, *extend_exclude)]
        self._names = _union(pattern for pattern in patterns if "/" not in pattern)
        self._places = _union(pattern.lstrip("/") for pattern in patterns if "/" in pattern)
        self._ignored = IgnoreFiles(self._root) if respect_gitignore else None
        self._force_exclude = force_exclude
        self._starts = [(absolute(path), resolved(path)) for path in self._paths]
        for start, real in self._starts:
            self._ask_for(start)
            self._ask_for(real)

    def _ask_for(self, path: Path) -> None:
        if self._ignored is not None:
            self._ignored.allow(path)

    def walk(self, warn: Callable[[str], None] = lambda line: None) -> Iterator[Path]:
        """Every selected file once, in the form in which `paths` lead to it."""
        seen: set[Path] = set()
        for path in self._paths:
            for file in self._under(path, warn):
                real = resolved(file)
                if real not in seen:
                    seen.add(real)
                    yield file

    def takes(self, path: Path) -> bool:
        """Whether `walk` would yield this file."""
        file, real = absolute(path), resolved(path)
        return any(self._takes_below(file, real, *start) for start in self._starts)

    def _takes_below(self, file: Path, real_file: Path, start: Path, real_start: Path) -> bool:
        if not _is_below(file, start):
            file, start = real_file, real_start
            if not _is_below(file, start):
                return False
        if self._force_exclude and self._excluded_from_root(start):
            return False
        if file == start:
            return start.is_file()
        folders = [folder for folder in file.parents if folder != start and folder.is_relative_to(start)]
        return self._counts(file) and not any(self._excluded(folder, is_folder=True) for folder in folders)

    def _under(self, path: Path, warn: Callable[[str], None]) -> Iterator[Path]:
        try:
            is_folder = path.is_dir()
            exists = path.exists()
        except OSError as error:
            raise UserError(f"{path}: cannot be read ({error.strerror or error})") from None
        if not exists:
            raise UserError(f"{path}: no such file or folder")
        if self._force_exclude and self._excluded_from_root(absolute(path)):
            return
        if is_folder:
            yield from self._in_folder(path, warn)
        else:
            yield path

    def _in_folder(self, folder: Path, warn: Callable[[str], None]) -> Iterator[Path]:
        todo = [folder]
        while todo:
            current = todo.pop()
            try:
                with os.scandir(current) as scan:
                    entries = sorted(scan, key=lambda entry: entry.name)
            except OSError as error:
                warn(f"{current}: cannot be read ({error.strerror or error})")
                continue
            folders: list[Path] = []
            for entry in entries:
                path = current / entry.name
                if entry.is_dir(follow_symlinks=False):
                    if not self._excluded(absolute(path), is_folder=True):
                        folders.append(path)
                elif self._counts(path):
                    yield path
            todo += reversed(folders)

    def _counts(self, file: Path) -> bool:
        """Whether a file is Python and not excluded; its folders are not asked."""
        return (
            file.suffix.lower() in SUFFIXES and not self._excluded(absolute(file), is_folder=False) and file.is_file()
        )

    def _excluded_from_root(self, path: Path) -> bool:
        """Whether the path or a folder between it and the root is excluded."""
        if not path.is_relative_to(self._root):
            return self._excluded(path, is_folder=path.is_dir())
        steps = [step for step in (path, *path.parents) if step.is_relative_to(self._root) and step != self._root]
        return any(self._excluded(step, is_folder=step.is_dir()) for step in steps)

    def _excluded(self, path: Path, *, is_folder: bool) -> bool:
        if self._names.fullmatch(path.name):
            return True
        inside = path.is_relative_to(self._root)
        if inside and self._places.fullmatch(path.relative_to(self._root).as_posix()):
            return True
        return self._ignored is not None and self._ignored.ignores(path, is_folder=is_folder)


def _is_below(file: Path, start: Path) -> bool:
    """Whether it is the file itself, or a folder around it; by their texts, for there may be thousands of both."""
    above = str(start)
    return str(file) == above or str(file).startswith(above if above.endswith(os.sep) else f"{above}{os.sep}")


def _union(globs: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, globs)) or r"(?!)")
