"""Which parameter each argument of a call is bound to."""

import ast

from perf_advise.facts.types.heap import Value, scalar, unknown
from perf_advise.facts.types.state import Arguments


def matched(parameters: ast.arguments, args: Arguments, receiver: Value | None) -> dict[str, Value] | None:
    """The value of each parameter; None when the call spreads arguments or does not fit.

    Parameters that the call leaves to their defaults have the type of a constant default, else are unknown.
    """
    if args.spread or parameters.vararg is not None or parameters.kwarg is not None:
        return None
    names = [argument.arg for argument in (*parameters.posonlyargs, *parameters.args)]
    values = ([receiver] if receiver is not None else []) + args.positional
    if len(values) > len(names):
        return None
    found = dict(zip(names, values, strict=False))
    allowed = {*names, *(argument.arg for argument in parameters.kwonlyargs)}
    for name, value in args.keywords.items():
        if name not in allowed or name in found:
            return None
        found[name] = value
    for name, default in _defaults(parameters, names):
        found.setdefault(name, _constant(default))
    return found if allowed <= set(found) else None


def _defaults(parameters: ast.arguments, names: list[str]) -> list[tuple[str, ast.expr]]:
    first = len(names) - len(parameters.defaults)
    found = list(zip(names[first:], parameters.defaults, strict=True))
    for argument, default in zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True):
        if default is not None:
            found.append((argument.arg, default))
    return found


def _constant(default: ast.expr) -> Value:
    if isinstance(default, ast.UnaryOp):
        default = default.operand
    if isinstance(default, ast.Constant) and default.value is not Ellipsis:
        return scalar(type(default.value).__name__, "default value")
    return unknown("a default value")
