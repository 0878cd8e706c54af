"""Arrays made only to be filled: `out = np.zeros(n)` and a loop that stores all of it become `out = ...`."""

import re
from collections.abc import Sequence

from perf_advise.facts.loops.iteration import Access, Index, Scalar
from perf_advise.facts.loops.nouns import Domain
from perf_advise.facts.loops.patterns import Pattern
from perf_advise.rulekit.arrays.axes import axis_of
from perf_advise.rulekit.arrays.lowered import Lowered
from perf_advise.rulekit.arrays.printing import ATOM, strength
from perf_advise.rulekit.arrays.types import WIDE, ArrayTypes


def left_side(
    pattern: Pattern, target: Access, order: Sequence[Domain], value: str, types: ArrayTypes, out: Lowered, depth: int
) -> str:
    """The name alone where its array is new and the value is as large and of its type; else `name[:]`."""
    is_call = value.startswith(f"{types.numpy}.") or re.search(r"\(axis=\d\)$", value) is not None
    is_computed = strength(value) < ATOM or is_call or value in types.made
    is_float = types.dtype(target) == "float64" and all(kind in WIDE for kind in types.dtypes.values())
    whole = f"{target.array}[:]"
    if re.search(rf"\b{target.array}\b", value):
        return whole
    if not (
        is_computed and is_float and types.is_own_name(target) and types.is_filled_once(target, len(pattern.steps))
    ):
        return whole
    if ".T" in value or not set(order) <= full_over(pattern, types) or not types.is_made(pattern.loops[0], target):
        return whole
    return target.array if out.begin(target.array, pattern.loops, types, depth) else whole


def full_over(pattern: Pattern, types: ArrayTypes) -> set[Domain]:
    """The loops that run over all of a dimension of something that is read: the result is as long there."""
    found: set[Domain] = set()
    for part in (part for expression in pattern.expressions for part in expression.walk()):
        if isinstance(part, Scalar):
            found |= types.full.get(part.name, set())
        elif isinstance(part, Index):
            found |= {d for d in pattern.loops if d.index in part.affine.symbols}
    for access in pattern.reads:
        if access.strides or any(s.value is not None for s in access.subscripts):
            continue
        for subscript, size in zip(access.subscripts, types.sizes(access), strict=True):
            domain = axis_of(subscript, pattern.loops)
            if domain is not None and subscript.affine is not None and size.is_whole(subscript.affine, domain):
                found.add(domain)
    return found
