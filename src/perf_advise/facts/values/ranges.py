"""Ranges of numeric expressions, and lengths of containers, for given ranges of names."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import libcst as cst

from perf_advise.facts import intervals
from perf_advise.facts.intervals import COUNT, TRUTH, WHOLE, Interval
from perf_advise.facts.literals import number
from perf_advise.facts.types.run import Types

Ranges = Mapping[str, Interval]
"""Ranges by name; the length of what a name is bound to under `#name`."""

_NUMPY_INTEGERS = {f"numpy.int{bits}": Interval(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)}
_NUMPY_UNSIGNED = {f"numpy.uint{bits}": Interval(0, 2**bits - 1) for bits in (8, 16, 32, 64)}
_WHOLE_TYPES = {"int": WHOLE, "bool": TRUTH, **_NUMPY_INTEGERS, **_NUMPY_UNSIGNED}
_CALLS = {
    "builtins.len": COUNT, "builtins.ord": Interval(0, 0x10FFFF), "math.isqrt": Interval(0), "builtins.id": Interval(0),
    "math.comb": Interval(0), "math.perm": Interval(0), "math.factorial": Interval(1), "math.gcd": Interval(0),
    "math.lcm": Interval(0), "random.random": Interval(0.0, 1.0), "os.path.getsize": Interval(0),
    "time.perf_counter_ns": Interval(0), "bisect.bisect": COUNT, "bisect.bisect_left": COUNT,
    "bisect.bisect_right": COUNT, "random.getrandbits": Interval(0),
}  # fmt: skip
_METHODS = {
    "index": COUNT,
    "count": COUNT,
    "bit_length": Interval(0),
    "bit_count": Interval(0),
    "find": Interval(-1, 2**62),
}
_CONSTANTS = {"math.pi": math.pi, "math.e": math.e, "math.tau": math.tau, "sys.maxsize": 2**63 - 1}


Refine = Callable[[Types, dict[str, Interval], cst.BaseExpression, bool], dict[str, Interval] | None]
"""What a test that comes out true or false says of ranges (see `values_tests`)."""


@dataclass(frozen=True)
class Ranger:
    """Finds the range of an expression; `ranges` are those of the names where it stands."""

    types: Types
    ranges: Ranges
    refine: Refine | None = None

    def range(self, node: cst.CSTNode) -> Interval | None:
        """The range of a number; None when it is none, or a float without bounds."""
        value = number(node)
        if value is not None:
            return Interval(value, value) if math.isfinite(value) else None
        found = self._compound(node)
        whole = self._of_type(node)
        if found is None:
            return whole
        if whole is None:
            return found if found.is_finite and self._is_number(node) else None
        return found.meet(whole) or whole

    def _of_type(self, node: cst.CSTNode) -> Interval | None:
        """What the type alone says of a whole number."""
        value = self.types.value(node)
        if not value.known:
            return None
        found: Interval | None = None
        for name in value.names():
            part = _WHOLE_TYPES.get(name)
            if part is None:
                return None
            found = part if found is None else found.hull(part)
        return found

    def _is_number(self, node: cst.CSTNode) -> bool:
        return self.types.value(node).only_types("float", "int", "bool", "numpy.float64")

    def _compound(self, node: cst.CSTNode) -> Interval | None:
        if isinstance(node, cst.Name):
            if node.value in ("True", "False"):
                return Interval(int(node.value == "True"), int(node.value == "True"))
            return self.ranges.get(node.value) or self._outer(node)
        if isinstance(node, cst.BinaryOperation):
            return self._binary(node.operator, node.left, node.right)
        if isinstance(node, cst.UnaryOperation):
            return self._unary(node)
        if isinstance(node, cst.IfExp):
            return self._conditional(node)
        if isinstance(node, cst.NamedExpr):
            return self.range(node.value)
        if isinstance(node, cst.Call):
            return self._call(node)
        if isinstance(node, cst.Attribute):
            return self._attribute(node)
        if isinstance(node, cst.Subscript):
            return COUNT if _is_shape(node.value) else None
        return TRUTH if isinstance(node, cst.Comparison) else None

    def _outer(self, node: cst.Name) -> Interval | None:
        """A module-level number that is bound once."""
        if node.value in self.types.code.scopes.own.bound:
            return None
        return self.types.world.number(node)

    def _attribute(self, node: cst.Attribute) -> Interval | None:
        qualified = self.types.world.meaning(node)
        if qualified in _CONSTANTS:
            return Interval(_CONSTANTS[qualified], _CONSTANTS[qualified])
        is_array = self.types.value(node.value).only_types("numpy.ndarray")
        return COUNT if is_array and node.attr.value in ("size", "ndim", "nbytes", "itemsize") else None

    def _binary(self, op: cst.CSTNode, left: cst.CSTNode, right: cst.CSTNode) -> Interval | None:
        a, b = self.range(left), self.range(right)
        name = type(op).__name__.removesuffix("Assign")
        if a is None or b is None:
            if name == "BitAnd":  # not above the operand whose range is known
                return next((Interval(0, x.high) for x in (a, b) if x is not None and x.low >= 0), None)
            return intervals.modulo(WHOLE, b) if name == "Modulo" and b is not None and self._are_whole(left) else None
        simple = {"Add": intervals.add, "Subtract": intervals.subtract, "Multiply": intervals.multiply}.get(name)
        if simple is not None:
            return simple(a, b)
        if not (self._are_whole(left, right)):
            return None
        whole = {"FloorDivide": intervals.floor_divide, "Modulo": intervals.modulo, "Power": intervals.power,
                 "BitAnd": intervals.bit_and, "BitOr": intervals.bit_or, "BitXor": intervals.bit_or,
                 "LeftShift": intervals.shift_left, "RightShift": intervals.shift_right}.get(name)  # fmt: skip
        return whole(a, b) if whole is not None else None

    def _are_whole(self, *nodes: cst.CSTNode) -> bool:
        return all(self.types.value(node).only_types(*_WHOLE_TYPES) for node in nodes)

    def augmented(self, node: cst.AugAssign) -> Interval | None:
        """The range after `name += value`."""
        found = self._binary(node.operator, node.target, node.value)
        return found if found is not None and (found.is_finite or self._are_whole(node.target, node.value)) else None

    def _unary(self, node: cst.UnaryOperation) -> Interval | None:
        if isinstance(node.operator, cst.Not):
            return TRUTH
        inner = self.range(node.expression)
        if inner is None or isinstance(node.operator, cst.Plus):
            return inner
        return (
            intervals.negate(inner)
            if isinstance(node.operator, cst.Minus)
            else intervals.subtract(Interval(-1, -1), inner)
        )

    def _conditional(self, node: cst.IfExp) -> Interval | None:
        found: Interval | None = None
        for truth, part in ((True, node.body), (False, node.orelse)):
            ranges = self.refine(self.types, dict(self.ranges), node.test, truth) if self.refine else dict(self.ranges)
            if ranges is None:
                continue  # never comes out that way
            one = Ranger(self.types, ranges, self.refine).range(part)
            if one is None:
                return None
            found = one if found is None else found.hull(one)
        return found

    def _either(self, a: cst.CSTNode, b: cst.CSTNode) -> Interval | None:
        first, second = self.range(a), self.range(b)
        return None if first is None or second is None else first.hull(second)

    # -- calls --------------------------------------------------------------------------------------------------

    def _call(self, node: cst.Call) -> Interval | None:
        name = self.types.world.meaning(node.func)
        if name is None:
            method = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
            return _METHODS.get(method)
        plain = [arg.value for arg in node.args if arg.keyword is None and not arg.star]
        if name == "builtins.len" and len(plain) == 1:
            return self.length(plain[0])
        if name in ("builtins.min", "builtins.max") and len(plain) == len(node.args) > 1:
            return self._extreme(plain, name == "builtins.min")
        inner = self.range(plain[0]) if len(plain) == 1 else None
        if name == "builtins.abs" and inner is not None:
            return intervals.absolute(inner)
        if name in ("builtins.int", "math.trunc", "math.floor", "math.ceil", "builtins.round") and inner is not None:
            return Interval(_whole(inner.low, math.floor), _whole(inner.high, math.ceil))
        if name in ("random.randint", "random.randrange") and len(plain) == 2:
            return self._either(*plain)
        return _CALLS.get(name)

    def _extreme(self, parts: list[cst.BaseExpression], least: bool) -> Interval | None:
        ranges = [self.range(part) for part in parts]
        known = [r for r in ranges if r is not None]
        if len(known) < len(ranges):
            return None
        pick = min if least else max
        return Interval(pick(r.low for r in known), pick(r.high for r in known))

    def length(self, node: cst.CSTNode) -> Interval:
        """How many items a container holds."""
        if isinstance(node, cst.Name):
            return self.ranges.get(f"#{node.value}", COUNT)
        if isinstance(node, cst.List | cst.Tuple):
            plain = sum(isinstance(element, cst.Element) for element in node.elements)
            return Interval(plain, plain if plain == len(node.elements) else COUNT.high)
        if isinstance(node, cst.Set | cst.Dict):
            return Interval(min(1, len(node.elements)), max(len(node.elements), 0)) if _is_plain(node) else COUNT
        if isinstance(node, cst.SimpleString):
            size = len(node.evaluated_value)
            return Interval(size, size)
        if isinstance(node, cst.Call):
            return self._length_of_call(node)
        if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Multiply):
            return self._repeated(node)
        return self._length_of_type(node)

    def _length_of_type(self, node: cst.CSTNode) -> Interval:
        only = self.types.value(node).only
        fields = only.cell.fields if only is not None and only.cell is not None else None
        return Interval(len(fields), len(fields)) if fields is not None else COUNT

    def _repeated(self, node: cst.BinaryOperation) -> Interval:
        for whole, times in ((node.left, node.right), (node.right, node.left)):
            if self.types.value(whole).only_types("list", "tuple", "str"):
                count = self.range(times) or WHOLE
                return intervals.multiply(self.length(whole), Interval(max(count.low, 0), max(count.high, 0)))
        return COUNT

    def _length_of_call(self, node: cst.Call) -> Interval:
        name = self.types.world.meaning(node.func)
        plain = [arg.value for arg in node.args if arg.keyword is None and not arg.star]
        if name == "builtins.range" and len(plain) == len(node.args):
            return self.count_of_range(plain)
        if name in ("builtins.list", "builtins.tuple", "builtins.sorted", "builtins.enumerate", "builtins.reversed"):
            return self.length(plain[0]) if plain else Interval(0, 0)
        if name in ("builtins.set", "builtins.frozenset") and plain:
            inner = self.length(plain[0])
            return Interval(min(1, inner.low), inner.high)
        if name in ("numpy.zeros", "numpy.ones", "numpy.empty", "numpy.full", "numpy.arange") and plain:
            size = self.range(plain[0])
            return size.meet(COUNT) or COUNT if size is not None and len(plain) == 1 else COUNT
        return COUNT

    def bounds_of_range(self, args: list[cst.BaseExpression]) -> Interval:
        """The numbers that `range(...)` gives."""
        start, stop, step = self._range_parts(args)
        if step.low > 0:
            reach = intervals.add(start, intervals.multiply(step, COUNT)).high
            return Interval(start.low, max(start.low, min(stop.high - 1, reach)))
        if step.high < 0:
            reach = intervals.add(start, intervals.multiply(step, COUNT)).low
            return Interval(min(start.high, max(stop.low + 1, reach)), start.high)
        return WHOLE

    def _range_parts(self, args: list[cst.BaseExpression]) -> tuple[Interval, Interval, Interval]:
        ranges = [self.range(arg) or WHOLE for arg in args]
        one = Interval(1, 1)
        if len(ranges) == 1:
            return Interval(0, 0), ranges[0], one
        return ranges[0], ranges[1], ranges[2] if len(ranges) > 2 else one

    def count_of_range(self, args: list[cst.BaseExpression]) -> Interval:
        """How many numbers `range(...)` gives: at least one when the bounds say so."""
        start, stop, step = self._range_parts(args)
        up = step.low > 0 and stop.low > start.high
        down = step.high < 0 and stop.high < start.low
        exact = start.is_constant and stop.is_constant and step.is_constant and step.low != 0
        if exact:
            size = len(range(int(start.low), int(stop.low), int(step.low)))
            return Interval(size, size)
        return Interval(1 if up or down else 0, COUNT.high)


def _whole(bound: int | float, rounded: Callable[[float], int]) -> int | float:
    return bound if math.isinf(bound) else rounded(bound)


def _is_shape(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Attribute) and node.attr.value == "shape"


def _is_plain(node: cst.Set | cst.Dict) -> bool:
    return all(isinstance(element, cst.Element | cst.DictElement) for element in node.elements)
