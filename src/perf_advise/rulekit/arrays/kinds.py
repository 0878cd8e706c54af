"""Whether what is computed is a float, by what its parts are."""

from collections.abc import Callable, Sequence

from perf_advise.facts.loops.iteration import Apply, Choose, Constant, Expr

_ARITHMETIC = ("+", "-", "*", "**", "//", "%")


def is_float_by_parts(expression: Expr, is_float: Callable[[Expr], bool | None]) -> bool | None:
    """The answer of Python's rules for operators and choices; None where that is not known."""
    if isinstance(expression, Choose):
        chosen = [is_float(e) for e in (expression.then, expression.otherwise)]
        return _joined(chosen, (expression.then, expression.otherwise))
    if not isinstance(expression, Apply):
        return None
    parts = [is_float(part) for part in expression.operands]
    if expression.op in ("builtins.min", "builtins.max"):
        return _joined(parts, expression.operands)
    if expression.op in ("neg", "builtins.abs"):
        return parts[0]
    if expression.op in ("builtins.int", "<", "<=", ">", ">=", "==", "!=", "not"):
        return False
    if expression.op in _ARITHMETIC:
        return True if True in parts else (False if set(parts) == {False} and expression.op != "**" else None)
    return None


def _joined(kinds: Sequence[bool | None], values: Sequence[Expr]) -> bool | None:
    """The kind of one of several values; a small integer beside floats becomes one of them."""
    others = [kind for kind, value in zip(kinds, values, strict=True) if not _is_small(value)] or list(kinds)
    return others[0] if len(set(others)) == 1 and (others[0] or set(kinds) == {False}) else None


def _is_small(value: Expr) -> bool:
    return isinstance(value, Constant) and isinstance(value.value, int) and abs(value.value) < 2**31
