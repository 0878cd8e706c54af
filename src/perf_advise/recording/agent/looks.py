"""Which types the names of sampled functions hold: a few looks per function, ever fewer as it is sampled more."""

from __future__ import annotations

import os

from .describe import describe, memory_root

TYPE_CHECKING = False  # importing typing costs more than all of the agent
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any

    from .tables import Row

_MOST_SAMPLES = 1 << 12
_MOST_NAMES = 64
_OPTIMIZED = 0x1
_CELLS = os.sep + "ipykernel_"
_LIBRARIES = ("site-packages", "dist-packages", ".venv", ".tox", ".nox")
# Before 3.13 looking at the locals refreshes the very dict that these hand to the program.
_SHARE_LOCALS = frozenset({"locals", "vars", "eval", "exec", "dir", "_getframe", "currentframe"})
_SLOT = type(type("_Slotted", (), {"__slots__": ("a",)}).__dict__["a"])
# What the class may hold under the name of an attribute; anything else might run code when it is read.
_PLAIN = (_SLOT, int, float, complex, bool, str, bytes, list, tuple, dict, set, frozenset, type(None))
_plain_getattr = object.__getattribute__
_mro = type.__dict__["__mro__"].__get__
_members = type.__dict__["__dict__"].__get__


class Looks:
    """Types by row, one dict of names per look; only of functions below the project's root."""

    def __init__(self, root: str) -> None:
        self._prefix = os.path.join(root, "")
        self._known: dict[int, tuple[CodeType, bool]] = {}
        self._seen: dict[int, list[dict[str, Any]]] = {}

    def is_in_project(self, frame: FrameType | None) -> bool:
        """Whether the frame, or one that it was called from, runs code of the project."""
        while frame is not None:
            if self._is_of_project(frame.f_code):
                return True
            frame = frame.f_back
        return False

    def look(self, frame: FrameType, row: Row) -> None:
        """Look at the 1st, 2nd, 4th, 8th ... sample of a function, if it is of the project."""
        row.looks += 1
        if row.looks & (row.looks - 1) or row.looks > _MOST_SAMPLES:
            return
        code = frame.f_code
        if self._is_of_project(code) and _is_lookable(code):
            types = _types(frame, code)
            if types:
                self._seen.setdefault(row.index, []).append(types)

    def data(self) -> dict[int, list[dict[str, Any]]]:
        """What was seen, as `raw` documents it."""
        return dict(self._seen)

    def _is_of_project(self, code: CodeType) -> bool:
        known = self._known.get(id(code))
        if known is None:
            known = self._known[id(code)] = (code, self._is_below_root(code.co_filename))
        return known[1]

    def _is_below_root(self, path: str) -> bool:
        if path.startswith("<"):
            return False
        if _CELLS in path:
            return True  # a notebook's: the kernel gives each cell a file there, which does not exist
        whole = os.path.abspath(path)
        below = whole[len(self._prefix) :]
        return whole.startswith(self._prefix) and not any(f"/{name}/" in f"/{below}" for name in _LIBRARIES)


def _is_lookable(code: CodeType) -> bool:
    if code.co_name.startswith("<") and code.co_name != "<module>":
        return False  # a comprehension's variables are not those of its function
    return not _SHARE_LOCALS.intersection(code.co_names)


def _types(frame: FrameType, code: CodeType) -> dict[str, Any]:
    """The types of local names, or of a module's globals that its code uses."""
    if not code.co_flags & _OPTIMIZED:
        names = frame.f_globals
        wanted = [name for name in code.co_names if name in names and not name.startswith("__")]
        return {name: describe(names[name]) for name in wanted[:_MOST_NAMES]}
    names = frame.f_locals
    try:
        wanted = [name for name in names if name.isidentifier() and name != "__class__"]
        found = {name: describe(names[name]) for name in wanted[:_MOST_NAMES]}
        first = code.co_varnames[:1] if code.co_argcount else ()
        if first == ("self",) and "self" in names:
            found.update(_attributes(names["self"], code))
        found.update(_shared({name: names[name] for name in wanted[:_MOST_NAMES]}))
        return found
    finally:
        if type(names) is dict:
            names.clear()  # a copy that would keep the values alive


def _shared(values: dict[str, Any]) -> dict[str, Any]:
    """Pairs of names for one list, or for arrays over one memory: `a & b`. Other pairs of them were seen apart."""
    roots: dict[int, list[str]] = {}
    for name in sorted(values):
        root = memory_root(values[name])
        if root is not None:
            roots.setdefault(root, []).append(name)
    pairs = [(one, other) for names in roots.values() for i, one in enumerate(names) for other in names[i + 1 :]]
    return {f"{one} & {other}": {"name": "shared"} for one, other in pairs}


def _attributes(value: Any, code: CodeType) -> dict[str, Any]:
    """The types of the attributes that the code uses, where reading them runs no code of the user's.

    The instance's `__dict__` is left alone: asking for it would slow down every later access to the instance.
    """
    found: dict[str, Any] = {}
    classes = [_members(cls) for cls in _mro(type(value))]
    for name in code.co_names:
        of_class = [type(members[name]) for members in classes if name in members]
        if not of_class or of_class[0] in _PLAIN:
            try:
                found["self." + name] = describe(_plain_getattr(value, name))
            except AttributeError:  # not set, or not an attribute of self
                continue
    return found
