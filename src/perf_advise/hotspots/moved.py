"""Hot functions in another text of their file than the one they were found in: after fixes, or on standard input."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from perf_advise.hotspots.finding import all_functions
from perf_advise.model.hot import HotFunction
from perf_advise.source.text import SourceFile


def moved(functions: Iterable[HotFunction], file: SourceFile) -> Iterator[HotFunction]:
    """The functions where they stand in `file`, by qualified name and, among equals, by order; lost ones are left out.

    Costs stay; those of single lines stay where the function is as long as it was.
    """
    places: dict[tuple[str, int], HotFunction] = {}
    seen: Counter[str] = Counter()
    for place in all_functions([file]):
        places[place.qualname, seen[place.qualname]] = place
        seen[place.qualname] += 1
    order: Counter[str] = Counter()
    for function in functions:
        now = places.get((function.qualname, order[function.qualname]))
        order[function.qualname] += 1
        if now is not None:
            yield _moved(function, now)


def _moved(function: HotFunction, now: HotFunction) -> HotFunction:
    shift = now.first_line - function.first_line
    same = now.end_line - function.end_line == shift
    lines = {line + shift: share for line, share in function.lines.items()} if same else {}
    place = {"path": now.path, "line": now.line, "first_line": now.first_line, "end_line": now.end_line}
    return replace(function, **place, lines=lines)  # type: ignore[arg-type]
