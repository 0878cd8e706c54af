"""What one iteration computes, printed for all iterations at once."""

from collections.abc import Sequence

from perf_advise.facts.iteration import Apply, Choose, Constant, Expr, Index, Invariant, Read, Scalar
from perf_advise.facts.loop_nouns import Domain, Guard
from perf_advise.facts.patterns import Pattern
from perf_advise.rulekit.arrays.axes import CannotLower, length_text, sliced
from perf_advise.rulekit.arrays.types import ArrayTypes

_BINARY = {"+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6, "**": 8, "<": 1, "<=": 1, ">": 1, ">=": 1, "==": 1, "!=": 1}
_ATOM, _UNARY = 10, 7
_EXACT = {"sqrt": "sqrt", "sin": "sin", "cos": "cos", "floor": "floor", "fabs": "fabs", "degrees": "degrees",
          "radians": "radians", "copysign": "copysign", "fmod": "fmod"}  # fmt: skip
_ROUNDED = {"exp": "exp", "log": "log", "log2": "log2", "log10": "log10", "log1p": "log1p", "expm1": "expm1",
            "tan": "tan", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "sinh": "sinh",
            "cosh": "cosh", "tanh": "tanh", "hypot": "hypot", "pow": "power"}  # fmt: skip


class Printer:
    """Prints expressions of one pattern; collects the differences that the operations may show.

    `order` are the loops along the axes of the result. `names` are private scalars that have become arrays.
    """

    def __init__(self, pattern: Pattern, order: Sequence[Domain], types: ArrayTypes) -> None:
        self._pattern = pattern
        self._order = order
        self._types = types
        self.differences: list[str] = []
        self.uses_numpy = False

    def text(self, expression: Expr) -> str:
        """The expression over all iterations."""
        return self._print(expression)[0]

    def operand(self, expression: Expr, strength: int = _ATOM) -> str:
        """The expression as an operand of an operator of this strength."""
        text, own = self._print(expression)
        return text if own >= strength else f"({text})"

    def condition(self, guards: Sequence[Guard]) -> str:
        """Where all of the guards hold, as an array of booleans; one number may stand for its own truth."""
        if len(guards) == 1 and not guards[0].negated:
            return self.text(guards[0].condition)
        return " & ".join(f"{'~' if g.negated else ''}{self._truth(g.condition)}" for g in guards)

    def varies(self, expression: Expr) -> bool:
        """Whether it differs between iterations of the loops that vanish."""
        return any(self._pattern.varies(expression, d) for d in self._pattern.loops)

    def _print(self, expression: Expr) -> tuple[str, int]:
        if not self.varies(expression):
            return self._fixed(expression)
        if isinstance(expression, Read):
            sizes = self._types.sizes(expression.access)
            return sliced(expression.access, self._pattern.loops, self._order, sizes), _ATOM
        if isinstance(expression, Index):
            return self._positions(expression)
        if isinstance(expression, Scalar):
            return self._private(expression)
        if isinstance(expression, Choose):
            return self._choice(expression)
        if isinstance(expression, Apply):
            return self._operation(expression)
        raise CannotLower(f"`{expression}` has no array form")

    def _fixed(self, expression: Expr) -> tuple[str, int]:
        text = self._types.code(expression.node)
        if isinstance(expression, Constant | Index | Scalar):
            return text, _ATOM if not text.startswith("-") else _UNARY
        if isinstance(expression, Read):
            return text, _ATOM
        if isinstance(expression, Invariant):
            self._types.require_number(expression)
            return text, _ATOM if text.replace(".", "").isidentifier() else 0
        for part in expression.walk():
            if isinstance(part, Invariant):
                self._types.require_number(part)
        return text, 0

    def _private(self, expression: Scalar) -> tuple[str, int]:
        text, axes = self._types.private.get(expression.name, ("", ()))
        if not text or axes != tuple(self._order):
            raise CannotLower(f"`{expression}` would become an array")
        return text, _ATOM if text.isidentifier() else 0

    def _positions(self, expression: Index) -> tuple[str, int]:
        inside = [d for d in self._pattern.loops if d.index in expression.affine.symbols]
        if len(inside) != 1 or not inside[0].is_visible:
            raise CannotLower("a number computed from several loops")
        domain = inside[0]
        self.uses_numpy = True
        trailing = len(self._order) - 1 - list(self._order).index(domain)
        positions = f"{self._types.numpy}.arange({length_text(domain)})" + (
            f"[:{', None' * trailing}]" if trailing else ""
        )
        code = self._types.code(expression.node)
        if code == domain.index:
            return positions, _ATOM
        raise CannotLower("arithmetic on the position")

    def _choice(self, expression: Choose) -> tuple[str, int]:
        self.uses_numpy = True
        parts = [self.text(p) for p in (expression.condition, expression.then, expression.otherwise)]
        if any(_may_warn(e) for part in (expression.then, expression.otherwise) for e in part.walk()):
            self.differences.append("both branches are computed everywhere, with a warning where one has no value")
        return f"{self._types.numpy}.where({', '.join(parts)})", _ATOM

    def _operation(self, expression: Apply) -> tuple[str, int]:
        op, operands = expression.op, expression.operands
        if expression.keywords:
            raise CannotLower("a call with keyword arguments")
        if op in _BINARY and len(operands) == 2:
            self._note_whole_numbers(expression)
            own = _BINARY[op]
            right_first = op == "**"
            left = self.operand(operands[0], own + right_first)
            if op == "**":
                self.differences.append("the last digit of a power")
            return f"{left} {op} {self.operand(operands[1], own + (not right_first))}", own
        if op == "neg":
            return f"-{self.operand(operands[0], _UNARY)}", _UNARY
        if op in ("and", "or"):
            sign = " & " if op == "and" else " | "
            return sign.join(self._truth(o) for o in operands), 2
        if op == "not":
            return f"~{self._truth(operands[0])}", _UNARY
        return self._call(op, operands), _ATOM

    def _note_whole_numbers(self, expression: Apply) -> None:
        """Positions are Python's integers in the loop, which have no bounds, and 64-bit ones in an array."""
        counts = any(isinstance(part, Index) and self.varies(part) for part in expression.walk())
        if not counts or expression.op not in ("*", "**") or self._types.is_float(expression):
            return
        if expression.op == "**":
            raise CannotLower("a power of the position")
        self.differences.append("integers beyond 64 bits wrap around")

    def _truth(self, expression: Expr) -> str:
        """A condition as an operand of `&`, `|` or `~`: only comparisons are booleans for sure."""
        if not (
            isinstance(expression, Apply) and expression.op in ("<", "<=", ">", ">=", "==", "!=", "and", "or", "not")
        ):
            raise CannotLower("the truth of a number")
        return f"({self.text(expression)})"

    def _call(self, op: str, operands: tuple[Expr, ...]) -> str:
        self.uses_numpy = True
        numpy = self._types.numpy
        name = op.removeprefix("math.").removeprefix("numpy.").removeprefix("builtins.")
        arguments = ", ".join(map(self.text, operands))
        if op == "builtins.abs":
            return f"{numpy}.abs({arguments})"
        if op in ("builtins.min", "builtins.max") and len(operands) == 2:
            self.differences.append("which of two values is taken where one is NaN")
            return f"{numpy}.{'minimum' if name == 'min' else 'maximum'}({arguments})"
        if op.startswith("math.") and name in _EXACT | _ROUNDED:
            self.differences.append(f"{op} of a value outside its domain gives nan with a warning, not ValueError")
            if name in _ROUNDED:
                self.differences.append(f"the last digit of {op}")
            return f"{numpy}.{(_EXACT | _ROUNDED)[name]}({arguments})"
        if op in ("numpy.sqrt", "numpy.exp", "numpy.log", "numpy.sin", "numpy.cos", "numpy.abs", "numpy.tanh"):
            return f"{numpy}.{name}({arguments})"
        raise CannotLower(f"`{name}` has no array form here")


def _may_warn(expression: Expr) -> bool:
    return isinstance(expression, Apply) and (
        expression.op in ("/", "//", "%", "**") or expression.op.startswith(("math.", "numpy."))
    )
