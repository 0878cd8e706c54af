"""From a path as a profile wrote it, on whatever machine, to files of this project."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from perf_advise.model.profile import Frame

_SKIPPED = frozenset({"site-packages", "dist-packages", "node_modules", "__pycache__", "__pypackages__"})
_LIBRARY = re.compile(r"(^|/)(site-packages|dist-packages|lib(64)?/(python|pypy)\d(\.\d+)?t?|\.(venv|tox|nox)|Lib)/")
_INSTALLED = re.compile(r".*/(?:site|dist)-packages/(?:[^/]+\.egg/)?")
_WINDOWS = re.compile(r"^[A-Za-z]:[\\/]|^[^/]*\\")
_CELL = re.compile(r"(^|/)(ipykernel_\d+/\d+\.py|<ipython-input-[^/]*>)$|^Cell\[")
_BASES = ("src", "lib", "")
_SUFFIXES = (".py", ".pyw", ".pyi", ".ipynb")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that a profile's path may mean: how many path components agree, and whether that is enough.

    `is_whole` says that no component of one side is left over: all of the path, or all of the file's path below
    the root or below the folder that its package is imported from (`src`). `prefix` is what the profile's path has
    before the part that agrees.
    """

    path: Path
    agreeing: int
    is_whole: bool
    prefix: str


def normalise(path: str) -> str:
    """The path with forward slashes, without `.` and, where they can be resolved, `..`."""
    slashed = path.replace("\\", "/") if _WINDOWS.search(path) else path
    parts: list[str] = []
    for part in slashed.split("/"):
        if part == ".." and parts and parts[-1] not in ("", ".."):
            parts.pop()
        elif part != "." and (part or not parts):
            parts.append(part)
    return "/".join(parts)


def is_windows(path: str) -> bool:
    """Whether a profile's path was written on Windows, where case does not matter."""
    return _WINDOWS.search(path) is not None


def is_library(path: str) -> bool:
    """Whether a normalised path lies in an environment's packages or in the standard library."""
    return _LIBRARY.search(path) is not None


def is_nowhere(frame: Frame) -> bool:
    """Whether the frame is Python code that lies in no file: a notebook cell, `exec` of a text."""
    path = normalise(frame.path)
    if _CELL.search(path):
        return True
    return path.startswith("<") and not path.startswith("<frozen") and not frame.is_native


class ProjectFiles:
    """The files below `root` that profiles may mean, of which only those under `paths` are wanted.

    Files are listed only when a path of the profile does not lead to one directly, and then once.
    """

    def __init__(self, root: Path, paths: Sequence[Path]) -> None:
        self._root = root.absolute()
        self._packages: dict[str, tuple[Path, ...]] = {}
        self._wanted = tuple(Path(normalise(str(path.absolute()))) for path in paths)

    @property
    def root(self) -> str:
        """The root as a normalised path."""
        return normalise(str(self._root))

    def is_wanted(self, path: Path) -> bool:
        """Whether the file lies under one of the paths that the user named, and not in a library there."""
        below = [str(path.relative_to(base)) for base in self._wanted if path.is_relative_to(base)]
        return any(not is_library(normalise(part)) for part in below)

    def candidates(self, profiled: str) -> tuple[Candidate, ...]:
        """The files whose path shares the longest suffix with this one; several when equally long."""
        path = normalise(profiled)
        here = self._here(path)
        if here is not None and not is_library(normalise(str(here.relative_to(self._root)))):
            return (Candidate(here, path.count("/") + 1, True, self.root),)
        if is_library(path) or not path.endswith(_SUFFIXES):
            return tuple(self._installed(path))
        found = tuple(self._sharing(path, is_windows(profiled)))
        longest = max((candidate.agreeing for candidate in found), default=0)
        return tuple(candidate for candidate in found if candidate.agreeing == longest)

    def _here(self, path: str) -> Path | None:
        """The file itself, when the profile was made where the project lies now."""
        for root in dict.fromkeys((self._root, self._root.resolve())):
            base = normalise(str(root))
            below = path.removeprefix(base + "/") if path.startswith(base + "/") else path
            if not below.startswith("/") and (self._root / below).is_file():
                return self._root / below
        return None

    def _installed(self, path: str) -> Iterator[Candidate]:
        """The project's own file, of a package that was installed into the environment where the profile was made.

        Packages of one name may be others: none of these is taken without the names of its functions. Looked for
        where packages usually lie, so that a profile full of libraries does not have all files listed.
        """
        parts = _INSTALLED.sub("", path, count=1).split("/")
        if len(parts) < 2 or not _INSTALLED.match(path):
            return
        for base in self._bases(parts[0]):
            if base.joinpath(*parts).is_file():
                yield Candidate(base.joinpath(*parts), len(parts), False, "")

    def _bases(self, package: str) -> tuple[Path, ...]:
        """The usual folders that hold this package."""
        if package not in self._packages:
            bases = (self._root / folder for folder in _BASES)
            self._packages[package] = tuple(base for base in bases if (base / package / "__init__.py").is_file())
        return self._packages[package]

    def _is_imported(self, file: Sequence[str], count: int) -> bool:
        """Whether the last `count` components are how the file is imported: from a package, and not from within it."""
        above = self._root.joinpath(*file[: len(file) - count])
        return count > 1 and (above / file[-count] / "__init__.py").is_file() and not (above / "__init__.py").is_file()

    def _sharing(self, path: str, ignore_case: bool) -> Iterator[Candidate]:
        parts = path.split("/")
        for file in self._by_name.get(parts[-1].casefold(), ()):
            agreeing = shared_suffix(parts, file, ignore_case)
            if not agreeing:
                continue
            is_below = agreeing == len(file) or self._is_imported(file, agreeing)
            prefix = "/".join(parts[: len(parts) - agreeing]) if is_below else ""
            yield Candidate(self._root.joinpath(*file), agreeing, is_below or agreeing == len(parts), prefix)

    @cached_property
    def _by_name(self) -> dict[str, list[tuple[str, ...]]]:
        found: dict[str, list[tuple[str, ...]]] = {}
        for folder, folders, names in os.walk(self._root):
            folders[:] = sorted(f for f in folders if not _is_skipped(Path(folder, f)))
            below = Path(folder).relative_to(self._root).parts
            for name in names:
                if name.endswith(_SUFFIXES):
                    found.setdefault(name.casefold(), []).append((*below, name))
        return found


def shared_suffix(one: Sequence[str], other: Sequence[str], ignore_case: bool = False) -> int:
    """How many components two paths share, counted from the end."""
    count = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b and not (ignore_case and a.casefold() == b.casefold()):
            break
        count += 1
    return count


def _is_skipped(folder: Path) -> bool:
    if folder.name.startswith(".") or folder.name in _SKIPPED:
        return True
    return folder.is_symlink() or (folder / "pyvenv.cfg").exists()
