"""From the frames of one source path in a profile to the functions of one or more files of the project."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from perf_advise.hotspots import names
from perf_advise.hotspots.fingerprint import lines_hash, module_hash, split_lines
from perf_advise.model.hot import MODULE
from perf_advise.model.profile import Frame, FunctionCost
from perf_advise.source.index import FunctionSite, ModuleIndex
from perf_advise.source.text import SourceFile


@dataclass(frozen=True, slots=True)
class Place:
    """A function of a file as it is now, or its top-level code."""

    path: Path
    qualname: str
    line: int
    first_line: int
    end_line: int


class SourceModule:
    """A file of the project with its functions."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.path = file.path
        self.text = file.text
        self.index = ModuleIndex(file)
        self.functions = tuple(self.place(site) for site in self.index.functions)
        self.top = Place(file.path, MODULE, 1, 1, max(len(split_lines(file.text)), 1))

    def place(self, site: FunctionSite) -> Place:
        """The site as a place in this file."""
        return Place(self.path, site.qualname, site.line, site.first_line, site.end_line)

    def owner_of_line(self, line: int) -> Place:
        """The function whose code stands at the line, else the top-level code."""
        return names.innermost(self.functions, line) or self.top

    def hash_of(self, place: Place) -> str:
        """The hash of the place's text, as recordings keep it."""
        if place.qualname == MODULE:
            return module_hash(self.text, self.index.tree)
        return lines_hash(self.text, place.first_line, place.end_line)

    def is_within(self, place: Place, source: str) -> bool:
        """Whether another version of this file has the place's text too."""
        lines = [line.rstrip() for line in split_lines(self.text)[place.first_line - 1 : place.end_line]]
        return "\n".join(lines) in "\n".join(line.rstrip() for line in split_lines(source))

    def class_owner(self, name: str, line: int | None) -> Place | None:
        """Where the body of the class with this name runs; None when no class, or several, can be meant."""
        classes = [n.lineno for n in self.index.nodes(ast.ClassDef) if n.name == name]
        if len(classes) > 1:
            classes = [first for first in classes if first == line]
        return self.owner_of_line(classes[0]) if len(classes) == 1 else None

    def owner(self, name: str, first_line: int) -> Place | None:
        """The function of the lambda or comprehension with this frame name that begins at the line."""
        key = (name, first_line)
        if key not in self.index.owners:
            return None
        site = self.index.owners[key]
        return self.top if site is None else self.place(site)

    def owner_at(self, name: str, line: int) -> Place | None:
        """The function of a lambda or comprehension with this frame name that has code at the line."""
        for node in ast.walk(self.index.tree):
            if isinstance(node, _KINDS[name]) and node.lineno <= line <= (node.end_lineno or line):
                return self.owner(name, node.lineno)
        return None


_KINDS: Mapping[str, type[ast.expr]] = {
    "<lambda>": ast.Lambda,
    "<listcomp>": ast.ListComp,
    "<setcomp>": ast.SetComp,
    "<dictcomp>": ast.DictComp,
    "<genexpr>": ast.GeneratorExp,
}


class Matcher:
    """Places the frames that a profile has for one path among the modules that the path may mean.

    `callers` gives, per frame, the frames of the same path that called it. What stays ambiguous has no place.
    """

    def __init__(
        self,
        modules: Sequence[SourceModule],
        frames: Iterable[FunctionCost],
        callers: Mapping[Frame, Sequence[Frame]],
        is_qualified: bool,
    ) -> None:
        self._modules = modules
        self._functions = tuple(place for module in modules for place in module.functions)
        self._costs = {cost.frame: cost for cost in frames}
        self._callers = callers
        self._is_qualified = is_qualified
        self._shifts = self._find_shifts()

    def evidence(self) -> tuple[int, int, int]:
        """Of the named functions in the profile: all, those in the files too, those at the same line."""
        wanted = [f for f in self._costs if f.name and f.name != MODULE and not names.is_anonymous(f.name)]
        known = [f for f in wanted if self._named(f.name)]
        same = [f for f in known if any(f.line in (p.first_line, p.line) for p in self._named(f.name))]
        return len(wanted), len(known), len(same)

    def place(self, frame: Frame) -> Place | None:
        """The function that the frame is or belongs to; None when nothing or several things fit."""
        if frame.name == MODULE:
            return self._modules[0].top if len(self._modules) == 1 else None
        if names.is_anonymous(frame.name):
            return self._owner(frame)
        return self._function(frame)

    def places_of_lines(self, lines: Mapping[int, float]) -> dict[Place, dict[int, float]]:
        """Weights by line, of a tool that knows no names, by the function that each line stands in."""
        found: dict[Place, dict[int, float]] = {}
        if len(self._modules) == 1:
            for line, weight in lines.items():
                found.setdefault(self._modules[0].owner_of_line(line), {})[line] = weight
        return found

    def _named(self, name: str) -> list[Place]:
        return names.named(self._functions, name, self._is_qualified)

    def _function(self, frame: Frame) -> Place | None:
        fitting = self._named(frame.name)
        if not fitting:
            return self._class_owner(frame)
        if len(fitting) == 1 and not self._has_rivals(frame):
            return fitting[0]
        return self._by_line(frame, fitting)

    def _class_owner(self, frame: Frame) -> Place | None:
        name = frame.name.rpartition(".")[2]
        owners = [module.class_owner(name, frame.line) for module in self._modules]
        return owners[0] if len(owners) == 1 else None

    def _by_line(self, frame: Frame, fitting: Sequence[Place]) -> Place | None:
        line = self._line_now(frame)
        if line is None:
            return None
        beginning = [place for place in fitting if line in (place.first_line, place.line)]
        if beginning or self._has_moved:
            return beginning[0] if len(beginning) == 1 else None
        around = [place for place in fitting if place.first_line <= line <= place.end_line]
        return names.innermost(around, line) if len({place.path for place in around}) == 1 else None

    def _line_now(self, frame: Frame) -> int | None:
        """Where the frame's line should be by now, moved as its neighbours have."""
        if frame.line is not None:
            return frame.line + self._shift_at(frame.line)
        lines = self._costs[frame].lines if frame in self._costs else {}
        return min(lines, default=None)

    def _has_rivals(self, frame: Frame) -> bool:
        """Whether the profile has another function of this name here: one of the two may be gone by now."""
        return frame.line is not None and any(
            other.name == frame.name and other.line not in (None, frame.line) for other in self._costs
        )

    def _owner(self, frame: Frame) -> Place | None:
        """The function around a lambda or comprehension: its caller, or what its name or its line says."""
        caller = self._sole_caller(frame)
        if caller is not None:
            return self.place(caller)
        qualified = names.owner_name(frame.name)
        fitting = names.named(self._functions, qualified, True) if qualified else []
        if len(fitting) == 1:
            return fitting[0]
        return self._owner_by_line(frame, qualified)

    def _owner_by_line(self, frame: Frame, qualified: str) -> Place | None:
        line = self._line_now(frame)
        if line is None or len(self._modules) != 1:
            return None
        kind = frame.name.rpartition(".")[2]
        module = self._modules[0]
        found = module.owner(kind, line) if frame.line is not None else module.owner_at(kind, line)
        return found if found and (not qualified or names.fits(qualified, found.qualname)) else None

    def _sole_caller(self, frame: Frame) -> Frame | None:
        """The function that a comprehension runs in, if the profile has one caller for it."""
        seen = {frame}
        while frame.name in names.INLINE:
            callers = self._callers.get(frame, ())
            if len(callers) != 1 or callers[0] in seen:
                return None
            frame = callers[0]
            seen.add(frame)
        return frame if len(seen) > 1 else None

    def _find_shifts(self) -> list[tuple[int, int]]:
        """How far the functions that are known by name alone have moved: (line in the profile, shift)."""
        shifts: list[tuple[int, int]] = []
        for frame, cost in self._costs.items():
            fitting = [] if not frame.name or names.is_anonymous(frame.name) else self._named(frame.name)
            if len(fitting) == 1 and not self._has_rivals(frame):
                shifts.extend(_moved(cost, fitting[0]))
        return sorted(shifts)

    @property
    def _has_moved(self) -> bool:
        return any(shift for _, shift in self._shifts)

    def _shift_at(self, line: int) -> int:
        before = [shift for first, shift in self._shifts if first <= line]
        after = [shift for first, shift in self._shifts if first > line]
        return before[-1] if before else after[0] if after else 0


def _moved(cost: FunctionCost, place: Place) -> Iterator[tuple[int, int]]:
    """The function's old line and by how much it moved, as far as a first line or lines that ran tell."""
    first = cost.frame.line
    if first is not None:
        yield first, 0 if place.first_line <= first <= place.line else place.first_line - first
    elif cost.lines and not all(place.first_line <= line <= place.end_line for line in cost.lines):
        yield min(cost.lines), place.first_line - min(cost.lines)
