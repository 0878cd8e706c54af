"""How often a loop runs."""

from perf_advise.facts.loops.affine import Affine


def trip_count(start: Affine, stop: Affine, step: Affine) -> Affine:
    """Ceiling of `(stop - start) / step`, as an expression; division that leaves a remainder is a symbol."""
    size = step.value
    if size is None:
        return Affine.symbol(f"({stop - start + step - 1}) // {_operand(step)}")
    distance = (stop - start) if size > 0 else (start - stop)
    exact = distance.divided_by(abs(size))
    if exact is not None:
        return exact
    if distance.value is not None:
        return Affine.number(-(-distance.value // abs(size)))
    return Affine.symbol(f"({distance + abs(size) - 1}) // {abs(size)}")


def _operand(expression: Affine) -> str:
    return str(expression) if len(expression.terms) == 1 and expression.degree == 1 else f"({expression})"
