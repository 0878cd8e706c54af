"""Code that ran in Jupyter or IPython: the kernel's names for cells, found again in notebooks by content."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from perf_advise.model.errors import UserError
from perf_advise.model.hot import MODULE
from perf_advise.model.profile import CallEdge, Frame, FunctionCost, Profile
from perf_advise.source.discovery import find_sources
from perf_advise.source.index import ModuleIndex
from perf_advise.source.notebook import CodeCell, Notebook
from perf_advise.source.text import read_source

# `/tmp/ipykernel_123/456.py`, 456 being a hash of the cell, and `<ipython-input-7-89abcdef0123>`.
_CELL_FILE = re.compile(r"(?:^|[/\\])ipykernel_\d+[/\\](\d+)\.py$|^<ipython-input-\d+-([0-9a-f]{12})>?$")
_CELL_CODE = re.compile(r"<cell line: \d+>")
_SEED, _FACTOR, _WORD = 0xC70F6907, 0x5BD1E995, 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell: its notebook, how far its lines are moved there, and the names of the functions that it defines."""

    path: Path
    shift: int
    functions: frozenset[str]


def is_cell_file(path: str) -> bool:
    """Whether a profile's path is a kernel's name for a cell."""
    return _CELL_FILE.search(path) is not None


def in_notebooks(profile: Profile, paths: Sequence[Path], root: Path) -> Profile:
    """The profile with the code of cells in the notebooks below `paths` that hold them.

    A cell is known by its text; one that was edited since by the functions in it, if no other defines them all.
    """
    ran = {cost.frame.path for cost in profile.functions if is_cell_file(cost.frame.path)}
    if not ran:
        return profile
    cells = _places(profile, ran, _known(find_sources(paths, root)))
    return replace(
        profile,
        functions=tuple(_merged(_moved_cost(cost, cells) for cost in profile.functions)),
        edges=tuple(_moved_edge(edge, cells) for edge in profile.edges),
        types=tuple(
            replace(seen, path=str(cells[seen.path].path), qualname=_name(seen.qualname))
            if seen.path in cells
            else seen
            for seen in profile.types
        ),
    )


def _known(files: Iterable[Path]) -> dict[str, list[_Cell]]:
    """The cells of all notebooks by each of the keys that a kernel may have named them by."""
    found: dict[str, list[_Cell]] = {}
    for path in files:
        if path.suffix != ".ipynb":
            continue
        try:
            notebook = read_source(path)
        except UserError:  # it is told where it is read for itself
            continue
        if isinstance(notebook, Notebook):
            for cell, place in _cells(notebook):
                for key in _keys(cell.source.text):
                    found.setdefault(key, []).append(place)
    return found


def _cells(notebook: Notebook) -> Iterator[tuple[CodeCell, _Cell]]:
    functions = ModuleIndex(notebook).functions
    for cell in notebook.cells:
        first = notebook.lines.line_of(cell.span.start)
        last = first + cell.python.text.count("\n")
        names = frozenset(site.name for site in functions if first <= site.line <= last)
        blank = len(cell.source.text) - len(cell.source.text.lstrip("\n"))  # IPython leaves these out
        yield cell, _Cell(notebook.path, first - 1 + blank, names)


def _keys(text: str) -> tuple[str, str]:
    code = text.lstrip("\n")
    code = code if code.endswith("\n") else code + "\n"
    return str(_murmur(text.encode())), hashlib.sha1(code.encode(), usedforsecurity=False).hexdigest()[:12]


def _murmur(data: bytes) -> int:
    """MurmurHash2 of 32 bits, as ipykernel computes it."""
    found = _SEED ^ len(data)
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        word = int.from_bytes(data[at : at + 4], "little") * _FACTOR & _WORD
        found = (found * _FACTOR & _WORD) ^ ((word ^ word >> 24) * _FACTOR & _WORD)
    if rest := data[whole:]:
        found = (found ^ int.from_bytes(rest, "little")) * _FACTOR & _WORD
    found = (found ^ found >> 13) * _FACTOR & _WORD
    return found ^ found >> 15


def _places(profile: Profile, ran: Iterable[str], known: Mapping[str, Sequence[_Cell]]) -> dict[str, _Cell]:
    """The cell of each path; none where several notebooks may be meant: a kernel runs the cells of one."""
    every = list(dict.fromkeys(cell for cells in known.values() for cell in cells))
    found: dict[str, Sequence[_Cell]] = {}
    notebooks: dict[str, set[Path]] = {}
    for path in ran:
        match = _CELL_FILE.search(path)
        cells = known.get((match[1] or match[2]) if match else "", ()) or _defining(path, profile, every)
        if cells:
            found[path] = cells
            notebooks.setdefault(_kernel(path), {cell.path for cell in cells}).intersection_update(
                c.path for c in cells
            )
    sure = {path: notebooks[_kernel(path)] for path in found if len(notebooks[_kernel(path)]) == 1}
    return {path: next(cell for cell in found[path] if cell.path in sure[path]) for path in sure}


def _kernel(path: str) -> str:
    return re.split(r"[/\\](?=\d+\.py$)|-\d+-[0-9a-f]+>?$", path)[0]


def _defining(path: str, profile: Profile, every: Sequence[_Cell]) -> list[_Cell]:
    """The cell that alone defines all functions that ran of a path."""
    names = {cost.frame.name.rpartition(".")[2] for cost in profile.functions if cost.frame.path == path}
    names = {name for name in names if not name.startswith("<")}
    cells = [cell for cell in every if names and names <= cell.functions]
    return cells if len(cells) == 1 else []


def _name(name: str) -> str:
    return MODULE if _CELL_CODE.fullmatch(name) else name


def _moved(frame: Frame, cells: Mapping[str, _Cell]) -> Frame:
    cell = cells.get(frame.path)
    if cell is None:
        return frame
    name = _name(frame.name)
    line = 1 if name == MODULE else None if frame.line is None else frame.line + cell.shift
    return Frame(str(cell.path), name, line)


def _moved_cost(cost: FunctionCost, cells: Mapping[str, _Cell]) -> FunctionCost:
    cell = cells.get(cost.frame.path)
    if cell is None:
        return cost
    lines = {line + cell.shift: weight for line, weight in cost.lines.items()}
    return replace(cost, frame=_moved(cost.frame, cells), lines=lines)


def _moved_edge(edge: CallEdge, cells: Mapping[str, _Cell]) -> CallEdge:
    return replace(edge, caller=_moved(edge.caller, cells), callee=_moved(edge.callee, cells))


def _merged(costs: Iterable[FunctionCost]) -> Iterator[FunctionCost]:
    """One row per frame: all cells of a notebook are its top-level code."""
    by_frame: dict[Frame, FunctionCost] = {}
    for cost in costs:
        known = by_frame.get(cost.frame)
        by_frame[cost.frame] = cost if known is None else _sum(known, cost)
    yield from by_frame.values()


def _sum(one: FunctionCost, other: FunctionCost) -> FunctionCost:
    return FunctionCost(
        one.frame,
        one.own + other.own,
        one.cumulative + other.cumulative,
        None if one.calls is None or other.calls is None else one.calls + other.calls,
        Counter(one.lines) + Counter(other.lines),
        None if one.cpu is None or other.cpu is None else one.cpu + other.cpu,
        one.native + other.native,
    )
