"""What a test tells about ranges: comparisons, truth of numbers and containers."""

import math

import libcst as cst

from perf_advise.facts.intervals import COUNT, WHOLE, Interval
from perf_advise.facts.types.run import Types
from perf_advise.facts.values.ranges import Ranger

Ranges = dict[str, Interval]

_FLIPPED = {"LessThan": "GreaterThan", "LessThanEqual": "GreaterThanEqual", "GreaterThan": "LessThan",
            "GreaterThanEqual": "LessThanEqual", "Equal": "Equal", "NotEqual": "NotEqual"}  # fmt: skip
_NEGATED = {"LessThan": "GreaterThanEqual", "LessThanEqual": "GreaterThan", "GreaterThan": "LessThanEqual",
            "GreaterThanEqual": "LessThan", "Equal": "NotEqual", "NotEqual": "Equal"}  # fmt: skip
_SIZED = ("list", "tuple", "str", "dict", "set", "collections.deque", "bytes", "range", "frozenset")


def refined(types: Types, ranges: Ranges, test: cst.BaseExpression, truth: bool) -> Ranges | None:
    """`ranges`, changed in place, where `test` comes out as `truth`; None when it cannot."""
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return refined(types, ranges, test.expression, not truth)
    if isinstance(test, cst.BooleanOperation):
        if isinstance(test.operator, cst.And) is not truth:
            return ranges
        left = refined(types, ranges, test.left, truth)
        return None if left is None else refined(types, left, test.right, truth)
    if isinstance(test, cst.Comparison):
        if len(test.comparisons) > 1 and not truth:
            return ranges
        return _compared(types, ranges, test, truth)
    return _truth(types, ranges, test, truth)


def _truth(types: Types, ranges: Ranges, test: cst.BaseExpression, truth: bool) -> Ranges | None:
    """`if xs:`, `if n:`."""
    if not isinstance(test, cst.Name) or not is_own(types, test.value):
        return ranges
    value = types.value(test)
    if value.only_types(*_SIZED):
        return _met(ranges, f"#{test.value}", Interval(1, COUNT.high) if truth else Interval(0, 0), COUNT)
    if value.only_types("int", "bool"):
        return _without_zero(ranges, test.value) if truth else _met(ranges, test.value, Interval(0, 0), WHOLE)
    return ranges


def _compared(types: Types, ranges: Ranges, test: cst.Comparison, truth: bool) -> Ranges | None:
    left = test.left
    found: Ranges | None = ranges
    for part in test.comparisons:
        operator = type(part.operator).__name__
        operator = operator if truth else _NEGATED.get(operator, "")
        # For floats the opposite of `<` is not `>=`: NaN is neither.
        exact = truth or (_is_whole(types, left) and _is_whole(types, part.comparator))
        if operator in _FLIPPED and exact and found is not None:
            found = _bound(types, found, left, operator, part.comparator)
            if found is not None:
                found = _bound(types, found, part.comparator, _FLIPPED[operator], left)
        left = part.comparator
    return found


def _is_whole(types: Types, node: cst.CSTNode) -> bool:
    return types.value(node).only_types("int", "bool", "numpy.int64")


def _bound(types: Types, ranges: Ranges, subject: cst.CSTNode, operator: str, other: cst.CSTNode) -> Ranges | None:
    """What `subject operator other` says of the subject."""
    key = _key(types, subject)
    if key is None:
        return ranges
    limit = Ranger(types, ranges).range(other)
    whole = key.startswith("#") or _is_whole(types, subject)
    if limit is None or (not whole and key not in ranges):
        return ranges
    if operator == "NotEqual":
        return _without_zero(ranges, key) if limit == Interval(0, 0) and whole else ranges
    strict = 1 if whole and _is_whole(types, other) else 0
    allowed = {
        "LessThan": Interval(-math.inf, limit.high - strict),
        "LessThanEqual": Interval(-math.inf, limit.high),
        "GreaterThan": Interval(limit.low + strict, math.inf),
        "GreaterThanEqual": Interval(limit.low, math.inf),
        "Equal": limit,
    }[operator]
    return _met(ranges, key, allowed, COUNT if key.startswith("#") else WHOLE)


def _key(types: Types, subject: cst.CSTNode) -> str | None:
    """The entry of ranges that a comparison is about: a name, or a length."""
    if isinstance(subject, cst.NamedExpr):
        subject = subject.target
    if isinstance(subject, cst.Name):
        return subject.value if is_own(types, subject.value) else None
    if isinstance(subject, cst.Call) and types.world.meaning(subject.func) == "builtins.len" and len(subject.args) == 1:
        inner = subject.args[0].value
        return f"#{inner.value}" if isinstance(inner, cst.Name) and is_own(types, inner.value) else None
    return None


def is_own(types: Types, name: str) -> bool:
    """Whether a name is a variable that no other code binds."""
    scopes = types.code.scopes
    if name not in scopes.own.local or name in scopes.rebound_inside:
        return False
    return not (types.code.is_module and name in types.code.read_in_functions)


def _met(ranges: Ranges, key: str, allowed: Interval, unknown: Interval) -> Ranges | None:
    found = ranges.get(key, unknown).meet(allowed)
    if found is None:
        return None
    ranges[key] = found
    return ranges


def _without_zero(ranges: Ranges, key: str) -> Ranges | None:
    """Only whole numbers: a bound at zero moves by one."""
    known = ranges.get(key, COUNT if key.startswith("#") else WHOLE)
    if known == Interval(0, 0):
        return None
    if known.low == 0:
        ranges[key] = Interval(1, known.high)
    elif known.high == 0:
        ranges[key] = Interval(known.low, -1)
    return ranges
