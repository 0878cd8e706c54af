"""Slices that move with a loop (`image[y:y + 3, x:x + 3]`), as cells of a view of all windows of that size."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.iteration import Access, Span, Subscript
from perf_advise.facts.loops.nouns import Domain
from perf_advise.rulekit.arrays.axes import CannotLower, Extent
from perf_advise.rulekit.arrays.types import ArrayTypes

WINDOW = "a window larger than the array raises ValueError"


@dataclass(frozen=True, slots=True)
class WindowView:
    """The view of the windows of an array: the line that makes it, and the names that the line reads."""

    name: str
    code: str
    names: frozenset[str]


def moves(access: Access, loops: Sequence[Domain]) -> bool:
    """Whether some slice of the access begins elsewhere in each iteration."""
    return any(_moving(s.span, loops) for s in access.subscripts if s.span is not None)


def windowed(access: Access, loops: Sequence[Domain], types: ArrayTypes) -> Access:
    """The access as a cell of the view of windows; raises CannotLower where windows may be cut off.

    `loops` are those that are kept around it, too.
    """
    sizes = types.sizes(access)
    at = [i for i, s in enumerate(access.subscripts) if s.span is not None]
    if not access.array.isidentifier():
        raise CannotLower("a slice of an attribute moves with the loop")
    subscripts, extents, widths = list(access.subscripts), list(sizes), []
    for i in at:
        lower, width = _lower_and_width(access.subscripts[i], loops)
        extents[i] = _places(lower, width, loops, sizes[i])
        subscripts[i] = Subscript(lower, node=access.subscripts[i].node)
        widths.append(width)
    view = _view(access, at, widths, types)
    rows = [Subscript(span=Span(None, None, None, len(at) - 1 - i)) for i in range(len(at))]
    types.derive(view.name, access, [*extents, *(Extent(str(width)) for width in widths)])
    return replace(access, array=view.name, subscripts=(*subscripts, *rows))


def _moving(span: Span, loops: Sequence[Domain]) -> bool:
    return any(b is not None and b.names & d.own_names for b in (span.lower, span.upper) for d in loops)


def _lower_and_width(subscript: Subscript, loops: Sequence[Domain]) -> tuple[Affine, Affine]:
    span = subscript.span
    assert span is not None
    if span.lower is None or span.upper is None or span.step is not None:
        raise CannotLower("a slice grows with the loop")
    width = span.upper - span.lower
    if any(width.names & d.own_names for d in loops) or (width.value is not None and width.value < 1):
        raise CannotLower("the size of a slice depends on the loop")
    return span.lower, width


def _places(lower: Affine, width: Affine, loops: Sequence[Domain], size: Extent) -> Extent:
    """How many windows there are; all that the loop looks at are whole."""
    inside = [d for d in loops if d.own_names & lower.names]
    factors = [lower.coefficient(d.index) for d in inside]
    if len(inside) > 1 or any(f is None or f.value != 1 for f in factors) or any(d.step.value != 1 for d in inside):
        raise CannotLower("a window does not move by one")
    first, end = lower, lower + 1
    for domain in inside:
        first, end = lower.substitute(domain.index, domain.start), lower.substitute(domain.index, domain.stop)
    last = size.in_first_terms(end + width - 1)
    if first.value is None or first.value < 0:
        raise CannotLower("a window may begin before the first cell")
    beyond = (last - size.length).value if last is not None and size.length is not None else None
    if beyond is None or beyond > 0:
        raise CannotLower("a window may be cut off at the end")
    count = size.in_first_terms(width)
    length = size.length - count + 1 if count is not None and size.length is not None else None
    return Extent("", length, size.in_first_terms)


def _view(access: Access, at: list[int], widths: list[Affine], types: ArrayTypes) -> WindowView:
    """The view, made once for all slices of this size."""
    shape = str(widths[0]) if len(widths) == 1 else f"({', '.join(map(str, widths))})"
    axis = ""
    if len(at) < len(access.subscripts):
        axis = f", axis={at[0] if len(at) == 1 else tuple(at)}"
    code = f"{types.numpy}.lib.stride_tricks.sliding_window_view({access.array}, {shape}{axis})"
    found = next((view for view in types.views if view.code == code), None)
    if found is None:
        names = frozenset({access.array}).union(*(width.names for width in widths))
        wanted = "windows" if not types.views else f"windows_of_{access.array}"
        found = WindowView(types.fresh(wanted), code, names)
        types.views.append(found)
    return found
