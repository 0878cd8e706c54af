"""Regular expressions that are written out: whether they compile, and with which flags."""

import ast
import re
import warnings

import libcst as cst

from perf_advise.rulekit.view import View


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
