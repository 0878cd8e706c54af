"""Calls of functions of `re`: their pattern and flags, and whether these are written out and compile."""

import ast
import re
import warnings
from dataclasses import dataclass

import libcst as cst

from perf_advise.rulekit.view import View

_FLAGS_AT = {"compile": 1, "match": 2, "fullmatch": 2, "search": 2, "findall": 2, "finditer": 2, "split": 3, "sub": 4,
             "subn": 4}  # fmt: skip
"""The functions that look a pattern up, and at which place they take flags."""


@dataclass(frozen=True, slots=True)
class PatternUse:
    """The arguments of a function of `re`; `others` are those that a method of the compiled pattern takes as well."""

    pattern: cst.BaseExpression
    flags: cst.BaseExpression | None
    others: tuple[cst.Arg, ...]


def pattern_use(view: View, call: cst.Call) -> PatternUse | None:
    """What a call hands to a function of `re`; None for other calls, and where the pattern does not come first."""
    module, _, function = (view.facts.qualified_name(call.func) or "").rpartition(".")
    place = _FLAGS_AT.get(function) if module == "re" else None
    if place is None or not call.args or call.args[0].keyword or any(arg.star for arg in call.args):
        return None
    flags, others = None, []
    for at, arg in enumerate(call.args[1:], 1):
        if arg.keyword.value == "flags" if arg.keyword else at == place:
            flags = arg.value
        else:
            others.append(arg)
    return PatternUse(call.args[0].value, flags, tuple(others))


def is_valid_pattern(view: View, pattern: cst.BaseExpression, flags: cst.BaseExpression | None = None) -> bool:
    """Whether the pattern is a literal that compiles with the flags, which are names of `re`."""
    value = 0 if flags is None else _flags(view, flags)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return value is not None and bool(re.compile(ast.literal_eval(view.code(pattern)), value))
    except (ValueError, SyntaxError, TypeError, Warning, re.error, RecursionError, OverflowError):
        return False


def _flags(view: View, node: cst.BaseExpression) -> int | None:
    """The value of `re.X | re.M`."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        left, right = _flags(view, node.left), _flags(view, node.right)
        return None if left is None or right is None else left | right
    name = view.facts.qualified_name(node) or ""
    flag = getattr(re, name.removeprefix("re."), None) if name.startswith("re.") else None
    return int(flag) if isinstance(flag, re.RegexFlag) else None
