"""Sums of products as matrix products: dot, matrix by vector, matrix by matrix, and `einsum` for the rest."""

from typing import TypeGuard

from perf_advise.facts.loops.iteration import Expr, Read, Scalar
from perf_advise.facts.loops.nouns import Domain
from perf_advise.facts.loops.patterns import Reduction
from perf_advise.rulekit.arrays.axes import CannotLower, axes_of, sliced
from perf_advise.rulekit.arrays.lowered import require_room
from perf_advise.rulekit.arrays.printing import ATOM, strength
from perf_advise.rulekit.arrays.types import ArrayTypes

_LETTERS = "ijklmnpq"


def contraction(pattern: Reduction, types: ArrayTypes) -> str | None:
    """The product for `factors`, fixed factors first; None where the reduction is no contraction."""
    factors = pattern.factors
    varying = [f for f in factors if _is_array(f, pattern)]
    fixed = [f for f in factors if f not in varying]
    if len(varying) < 2 or any(not any(pattern.varies(f, d) for d in pattern.over) for f in varying):
        return None
    kinds = {types.is_float(f) for f in factors}
    if kinds != {True} and kinds != {False} and (len(varying) > 2 or True not in map(types.is_float, varying)):
        raise CannotLower("a product of integers would wrap before it meets a float")
    if any(isinstance(f, Scalar) for f in varying):
        require_room(pattern, types)
    product = (_product(pattern, varying, types) or _flat(pattern, varying, types)) if len(varying) == 2 else None
    product = product or _einsum(pattern, varying, types)
    if not fixed:
        return product
    return " * ".join([*(_fixed(f, types) for f in fixed), f"({product})" if " @ " in product else product])


def _is_array(factor: Expr, pattern: Reduction) -> TypeGuard[Read | Scalar]:
    return isinstance(factor, Read | Scalar) and any(pattern.varies(factor, d) for d in pattern.loops)


def _axes(factor: Read | Scalar, pattern: Reduction, types: ArrayTypes) -> tuple[Domain, ...]:
    """The loops along the dimensions of a factor."""
    if isinstance(factor, Read):
        return axes_of(factor.access, pattern.loops)
    if factor.name not in types.private:
        raise CannotLower(f"`{factor}` would become an array")
    return types.private[factor.name][1]


def _text(factor: Read | Scalar, axes: tuple[Domain, ...], pattern: Reduction, types: ArrayTypes) -> str:
    if isinstance(factor, Read):
        return sliced(factor.access, pattern.loops, axes, types.sizes(factor.access))
    text = types.private[factor.name][0]
    return text if strength(text) == ATOM else f"({text})"


def _product(pattern: Reduction, factors: list[Read | Scalar], types: ArrayTypes) -> str | None:
    """`A @ B`, with `.T` where a matrix is walked by its other dimension."""
    if len(pattern.over) != 1:
        return None
    over = pattern.over[0]
    left, right = (_axes(f, pattern, types) for f in factors)
    for (a, first), (b, second) in (
        ((left, factors[0]), (right, factors[1])),
        ((right, factors[1]), (left, factors[0])),
    ):
        if (*_others(a, over), *_others(b, over)) != pattern.free:
            continue
        if len(a) <= 2 and len(b) <= 2 and len(_others(a, over)) + len(_others(b, over)) == len(pattern.free):
            return (
                f"{_matrix(first, a, over, True, pattern, types)} @ {_matrix(second, b, over, False, pattern, types)}"
            )
    return None


def _others(axes: tuple[Domain, ...], over: Domain) -> tuple[Domain, ...]:
    return tuple(d for d in axes if d is not over)


def _matrix(
    factor: Read | Scalar, axes: tuple[Domain, ...], over: Domain, is_left: bool, pattern: Reduction, types: ArrayTypes
) -> str:
    """A factor with the summed dimension last on the left side, first on the right."""
    text = _text(factor, axes, pattern, types)
    wanted_last = is_left
    is_last = axes[-1] is over
    return text if len(axes) == 1 or is_last == wanted_last else f"{text}.T"


def _flat(pattern: Reduction, factors: list[Read | Scalar], types: ArrayTypes) -> str | None:
    """`np.vdot(A, B)`: all of one array by all of another."""
    axes = [_axes(f, pattern, types) for f in factors]
    if pattern.free or axes[0] != axes[1] or set(axes[0]) != set(pattern.loops):
        return None
    left, right = (_text(f, axes[0], pattern, types) for f in factors)
    return f"{types.numpy}.vdot({left}, {right})"


def _einsum(pattern: Reduction, factors: list[Read | Scalar], types: ArrayTypes) -> str:
    letters = {id(d): _LETTERS[i] for i, d in enumerate(pattern.loops[: len(_LETTERS)])}
    if len(pattern.loops) > len(_LETTERS):
        raise CannotLower("too many loops for one product")
    subscripts, texts = [], []
    for factor in factors:
        axes = _axes(factor, pattern, types)
        subscripts.append("".join(letters[id(d)] for d in axes))
        texts.append(_text(factor, axes, pattern, types))
    result = "".join(letters[id(d)] for d in pattern.free)
    return f'{types.numpy}.einsum("{",".join(subscripts)}->{result}", {", ".join(texts)})'


def _fixed(factor: Expr, types: ArrayTypes) -> str:
    code = types.code(factor.node)
    return code if strength(code) == ATOM else f"({code})"
