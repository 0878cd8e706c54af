"""What one iteration computes, printed for all iterations at once."""

import ast
from collections.abc import Sequence

from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.iteration import (
    Access,
    Apply,
    Choose,
    Constant,
    Expr,
    Index,
    Invariant,
    Read,
    Scalar,
    Subscript,
)
from perf_advise.facts.loops.nouns import Domain, Guard
from perf_advise.facts.loops.patterns import Pattern
from perf_advise.rulekit.arrays.axes import CannotLower, Extent, length_text, slice_text, sliced
from perf_advise.rulekit.arrays.types import ArrayTypes

_BINARY = {"+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6, "**": 8, "<": 1, "<=": 1, ">": 1, ">=": 1, "==": 1, "!=": 1}
ATOM, _UNARY = 10, 7
_STRENGTHS: dict[type[ast.operator], int] = {
    ast.Add: 5, ast.Sub: 5, ast.Mult: 6, ast.Div: 6, ast.FloorDiv: 6, ast.Mod: 6, ast.Pow: 8,
}  # fmt: skip
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
_EXACT = {"sqrt": "sqrt", "sin": "sin", "cos": "cos", "floor": "floor", "fabs": "fabs", "degrees": "degrees",
          "radians": "radians", "copysign": "copysign", "fmod": "fmod"}  # fmt: skip
_ROUNDED = {"exp": "exp", "log": "log", "log2": "log2", "log10": "log10", "log1p": "log1p", "expm1": "expm1",
            "tan": "tan", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2", "sinh": "sinh",
            "cosh": "cosh", "tanh": "tanh", "hypot": "hypot", "pow": "power"}  # fmt: skip


def strength(text: str) -> int:
    """How strongly the outermost operator of an expression binds."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return 0
    if text.startswith("(") and isinstance(ast.parse(f"f{text}", mode="eval").body, ast.Call):
        return ATOM
    if isinstance(node, ast.BinOp):
        return _STRENGTHS.get(type(node.op), 0)
    if isinstance(node, ast.UnaryOp):
        return _UNARY if isinstance(node.op, ast.USub) else 0
    return ATOM if isinstance(node, ast.Name | ast.Constant | ast.Attribute | ast.Subscript | ast.Call) else 0


def _factor(factor: Affine) -> str:
    text = str(factor)
    return text if text.replace(".", "").isidentifier() or text.isdigit() else f"({text})"


class Printer:
    """Prints expressions of one pattern; collects the differences that the operations may show.

    `order` are the loops along the axes of the result. `names` are private scalars that have become arrays.
    """

    def __init__(self, pattern: Pattern, order: Sequence[Domain], types: ArrayTypes) -> None:
        self._pattern = pattern
        self.order = tuple(order)
        self._types = types
        self.differences: list[str] = []
        self.uses_numpy = False

    def text(self, expression: Expr) -> str:
        """The expression over all iterations."""
        return self._print(expression)[0]

    def operand(self, expression: Expr, strength: int = ATOM) -> str:
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

    def varies_over(self, expression: Expr, domain: Domain) -> bool:
        """Whether it differs between iterations of one loop."""
        return self._pattern.varies(expression, domain)

    def position_text(self, affine: Affine) -> str:
        """An index computed from the loops, as an array of integers."""
        return self._affine(affine)[0]

    def _print(self, expression: Expr) -> tuple[str, int]:
        if not self.varies(expression):
            return self._fixed(expression)
        if isinstance(expression, Read):
            return self._read(expression.access), ATOM
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
        if not isinstance(expression, Constant | Index | Scalar | Read):
            for part in expression.walk():
                if isinstance(part, Invariant):
                    self._types.require_number(part)
        return text, strength(text)

    def _private(self, expression: Scalar) -> tuple[str, int]:
        """A name that has become an array, spread along the loops that it does not differ over."""
        text, axes = self._types.private.get(expression.name, ("", ()))
        if not text or [d for d in self.order if d in axes] != list(axes):
            raise CannotLower(f"`{expression}` would become an array")
        if self._is_suffix(axes):
            return text, strength(text)
        first = self.order.index(axes[0])
        index = ", ".join(":" if d in axes else "None" for d in self.order[first:])
        return f"{text if strength(text) == ATOM else f'({text})'}[{index}]", ATOM

    def _read(self, access: Access) -> str:
        """A cell as a slice, or by arrays of indices where data choose it."""
        sizes = self._types.sizes(access)
        loops = self._pattern.loops
        computed = [s for s in access.subscripts if s.value is not None and any(s.is_computed_in(d) for d in loops)]
        if not computed:
            return sliced(access, self._pattern.loops, self.order, sizes)
        chosen = [d for d in self.order if any(self.varies_over(s.value, d) for s in computed if s.value is not None)]
        at = [access.subscripts.index(s) for s in computed]
        rest = [d for d in self.order if d not in chosen and any(self._uses(s, d) for s in access.subscripts)]
        mixed = [s for s in access.subscripts if s not in computed and any(self._uses(s, d) for d in chosen)]
        if mixed or at != list(range(at[0], at[0] + len(at))) or not self._is_suffix([*chosen, *rest]):
            raise CannotLower("an index from data beside another one of the same loop")
        if rest and at[0] != 0:
            raise CannotLower("an index from data after another one")
        inner = Printer(self._pattern, chosen, self._types)
        parts = []
        for subscript, size in zip(access.subscripts, sizes, strict=True):
            if subscript in computed:
                assert subscript.value is not None
                if self._types.is_float(subscript.value) is not False:
                    raise CannotLower("an index that may not be an integer")
                parts.append(inner.text(subscript.value))
            else:
                parts.append(self._plain_part(subscript, size))
        self.differences += inner.differences
        self.uses_numpy |= inner.uses_numpy
        while parts[-1] == ":":
            parts.pop()
        return f"{access.array}[{', '.join(parts)}]"

    def _plain_part(self, subscript: Subscript, size: Extent) -> str:
        if subscript.affine is None:
            raise CannotLower("an index is computed from data")
        inside = [d for d in self._pattern.loops if d.own_names & subscript.affine.names]
        return slice_text(subscript.affine, inside[0], size) if inside else str(subscript.affine)

    def _uses(self, subscript: Subscript, domain: Domain) -> bool:
        return subscript.affine is not None and bool(subscript.affine.names & domain.own_names)

    def _is_suffix(self, loops: Sequence[Domain]) -> bool:
        """Whether an array over these loops lines up with the last axes of the result."""
        return tuple(loops) == self.order[len(self.order) - len(loops) :]

    def _positions(self, expression: Index) -> tuple[str, int]:
        return self._affine(expression.affine)

    def _affine(self, affine: Affine) -> tuple[str, int]:
        """`2 * np.arange(n) + 1`."""
        inside = [d for d in self._pattern.loops if d.index in affine.symbols]
        if not all(d.is_visible for d in inside):
            raise CannotLower("a number computed from a hidden position")
        rest, terms = affine, []
        for domain in inside:
            factor = affine.coefficient(domain.index)
            if factor is None or any(d.own_names & factor.names for d in self._pattern.loops):
                raise CannotLower("a number that does not grow evenly")
            terms.append(self._along(domain, "" if factor.value == 1 else f"{_factor(factor)} * "))
            rest = rest.without(domain.index)
        if any(d.own_names & rest.names for d in self._pattern.loops):
            raise CannotLower("a number computed from several loops")
        if str(rest) != "0" or not terms:
            terms.append(str(rest))
        if len(terms) == 1:
            return terms[0], _BINARY["*"] if "*" in terms[0] else ATOM
        return " + ".join(terms).replace("+ -", "- "), _BINARY["+"]

    def _along(self, domain: Domain, factor: str) -> str:
        self.uses_numpy = True
        trailing = len(self.order) - 1 - self.order.index(domain)
        column = f"[:{', None' * trailing}]" if trailing else ""
        return f"{factor}{self._types.numpy}.arange({length_text(domain)}){column}"

    def _choice(self, expression: Choose) -> tuple[str, int]:
        self.uses_numpy = True
        parts = [self.text(p) for p in (expression.condition, expression.then, expression.otherwise)]
        if any(_may_warn(e) for part in (expression.then, expression.otherwise) for e in part.walk()):
            self.differences.append("both branches are computed everywhere, with a warning where one has no value")
        return f"{self._types.numpy}.where({', '.join(parts)})", ATOM

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
            if op in ("/", "//", "%") and not any(map(self._has_cells, operands)):
                self.differences.append("a division by zero gives inf, nan or 0 with a warning, not ZeroDivisionError")
            if op not in _COMPARISONS:
                self._types.refuse_truths(operands)
            return f"{left} {op} {self.operand(operands[1], own + (not right_first))}", own
        if op == "neg":
            return f"-{self.operand(operands[0], _UNARY)}", _UNARY
        if op in ("and", "or"):
            sign = " & " if op == "and" else " | "
            return sign.join(self._truth(o) for o in operands), 2
        if op == "not":
            return f"~{self._truth(operands[0])}", _UNARY
        return self._call(op, operands), ATOM

    def _has_cells(self, expression: Expr) -> bool:
        """Whether its numbers are NumPy's in the loop as well: these divide by zero without an exception."""
        return any(isinstance(part, Read) and part.access.subscripts for part in expression.walk())

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
        if isinstance(expression, Read) and self._types.dtype(expression.access) == "bool":
            return self.text(expression)
        if not (isinstance(expression, Apply) and expression.op in (*_COMPARISONS, "and", "or", "not")):
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
        if op == "builtins.int" and len(operands) == 1:
            self.differences.append("int() of NaN, infinity or a number beyond 64 bits raises nothing")
            return f"{self.operand(operands[0])}.astype(int)"
        if op == "builtins.float" and len(operands) == 1 and self._types.is_float(operands[0]):
            return self.operand(operands[0])
        if op.startswith("math.") and name in _EXACT | _ROUNDED:
            self._types.refuse_narrow(operands)
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
