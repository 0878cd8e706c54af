"""Sums over windows (convolutions, moving sums): the loops over the window stay, those over its places vanish.

`for dy ..: for dx ..: acc += image[dy:dy + h, dx:dx + w] * kernel[dy, dx]` adds in the order of the loops, so the
result is the same to the last bit.
"""

from collections.abc import Sequence

import libcst as cst

from perf_advise.facts.loops.iteration import Access, Scalar
from perf_advise.facts.loops.nouns import Domain
from perf_advise.facts.loops.patterns import Map, Reduction
from perf_advise.rulekit.arrays.axes import CannotLower, axes_of, sliced
from perf_advise.rulekit.arrays.lowered import Lowered
from perf_advise.rulekit.arrays.printing import Printer
from perf_advise.rulekit.arrays.types import ArrayTypes


def is_windowed(pattern: Reduction) -> bool:
    """Whether some index is the sum of a place and of a position in its window."""
    for access in pattern.reads:
        for affine in (s.affine for s in access.subscripts if s.affine is not None):
            if all(any(d.own_names & affine.names for d in loops) for loops in (pattern.free, pattern.over)):
                return True
    return False


def lower_windows(pattern: Reduction, types: ArrayTypes, out: Lowered, depth: int) -> None:
    """The sum over each window as loops over whole arrays; raises CannotLower for other reductions."""
    _check(pattern, types)
    step = pattern.steps[-1]
    inner = Map(pattern.free, (step,), pattern.scalars, step.target, step.operator)  # type: ignore[arg-type]
    printer = Printer(inner, pattern.free, types)
    term = printer.text(pattern.value)
    left, first = _target(pattern, types)
    if first:
        out.add(first, depth)
    for level, domain in enumerate(pattern.over):
        out.add(_header(domain, types), depth + level)
    out.add(f"{left} {pattern.op}= {term}", depth + len(pattern.over))
    printer.uses_numpy = True
    out.note(printer, inner, types)
    if isinstance(pattern.target, Scalar):
        types.private[pattern.target.name] = (pattern.target.name, pattern.free)
        types.of_cells.add(pattern.target.name)
        types.private_floats[pattern.target.name] = True
        types.full[pattern.target.name] = set(pattern.free)
        if types.reads(pattern.target.name) == 1:
            types.made.add(pattern.target.name)


def _check(pattern: Reduction, types: ArrayTypes) -> None:
    if not is_windowed(pattern) or pattern.op not in ("+", "-") or pattern.guards or pattern.outer_guards:
        raise CannotLower("no sum over windows")
    if any(inner.varies_with(outer) for inner in pattern.over for outer in pattern.free):
        raise CannotLower("the size of a window depends on its place")
    if not all(_stays_above_zero(access, pattern.loops) for access in pattern.reads if access.subscripts):
        raise CannotLower("a window may begin before the first cell")
    types.require_wide(pattern)
    if types.is_float(pattern.value) is not True or not all(d.step.value == 1 for d in pattern.free):
        raise CannotLower("a sum of whole numbers over windows")


def _stays_above_zero(access: Access, loops: Sequence[Domain]) -> bool:
    """Whether indices only grow, from zero or more: below, a slice would be another one than the cells."""
    for affine in access.affines or ():
        inside = [d for d in loops if d.own_names & affine.names]
        first = affine
        for domain in inside:
            factor = affine.coefficient(domain.index)
            if factor is None or factor.value is None or factor.value < 0 or domain.step.value != 1:
                return False
            first = first.substitute(domain.index, domain.start)
        if inside and (first.value is None or first.value < 0):
            return False
    return access.affines is not None


def _header(domain: Domain, types: ArrayTypes) -> str:
    node = domain.node
    if not isinstance(node, cst.For) or domain.kind != "range":
        raise CannotLower("a window that is not walked by a range")
    return f"for {types.code(node.target)} in {types.code(node.iter)}:"


def _target(pattern: Reduction, types: ArrayTypes) -> tuple[str, str]:
    """What is added to, and the line that sets it to zero first, where there is one."""
    target, start = pattern.target, getattr(pattern.start, "value", None)
    if pattern.start is not None and (isinstance(start, bool) or start != 0):
        raise CannotLower("a sum that starts from another number than zero")
    if isinstance(target, Scalar):
        if pattern.start is None:
            raise CannotLower(f"`{target}` goes on from one window to the next")
        return target.name, f"{target.name} = {types.numpy}.zeros({_shape(pattern.free)})"
    if not isinstance(target, Access) or axes_of(target, pattern.loops) != pattern.free:
        raise CannotLower(f"`{target}` runs over its dimensions in another order")
    if types.dtype(target) != "float64":
        raise CannotLower(f"`{target.array}` holds {types.dtype(target)}")
    left = sliced(target, pattern.free, pattern.free, types.sizes(target))
    whole = left if "[" in left else f"{left}[:]"
    return (left if types.is_own_name(target) else whole), f"{whole} = 0.0" if pattern.start is not None else ""


def _shape(free: Sequence[Domain]) -> str:
    lengths = [str(d.stop - d.start) for d in free]
    return lengths[0] if len(lengths) == 1 else f"({', '.join(lengths)})"
