"""A pattern of the loop model as lines of NumPy code."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import libcst as cst

from perf_advise.facts.iteration import Access, Expr, Read, Scalar
from perf_advise.facts.loop_nouns import Domain
from perf_advise.facts.patterns import Kept, Map, Part, Pattern, Plain, Reduction
from perf_advise.rulekit.arrays.axes import CannotLower, axes_of, sliced, stays_inside
from perf_advise.rulekit.arrays.contractions import contraction
from perf_advise.rulekit.arrays.printing import Printer
from perf_advise.rulekit.arrays.types import ArrayTypes

ROUNDING = "float rounding order"
BOUNDS = "an index beyond the end, or a bound below zero, raises another exception, or none"
SKIPPED_BOUNDS = "an index beyond the end raises also where the condition leaves the element out"


@dataclass(slots=True)
class Lowered:
    """The lines that take the place of a nest, and what they may show."""

    lines: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    uses_numpy: bool = False

    def add(self, text: str, depth: int) -> None:
        """A line, indented by `depth` levels."""
        self.lines.append("    " * depth + text)


def lower(parts: Sequence[Part], types: ArrayTypes) -> Lowered:
    """The code for the parts of a plan; raises CannotLower where one of them has no array form here."""
    out = Lowered()
    _lower_parts(parts, types, out, 0)
    out.differences = list(dict.fromkeys(out.differences))
    return out


def _lower_parts(parts: Sequence[Part], types: ArrayTypes, out: Lowered, depth: int) -> None:
    for part in parts:
        if isinstance(part, Kept):
            if not part.is_split:
                raise CannotLower(part.why)
            out.add(f"for {_header(part.domain, types)}:", depth)
            _lower_parts(part.parts, types, out, depth + 1)
        elif isinstance(part, Plain):
            for step in part.steps:
                if step.guards:
                    raise CannotLower("a statement under a condition stays in the loop")
                out.add(types.code(step.node), depth)
        else:
            _lower_pattern(part, types, out, depth)


def _header(domain: Domain, types: ArrayTypes) -> str:
    node = domain.node
    if isinstance(node, cst.While) or domain.kind not in ("range", "direct", "enumerate", "zip"):
        raise CannotLower("a loop of this kind is kept")
    return f"{types.code(node.target)} in {types.code(node.iter)}"


def _lower_pattern(pattern: Pattern, types: ArrayTypes, out: Lowered, depth: int) -> None:
    for guard in pattern.outer_guards:
        raise CannotLower(f"the condition `{guard}` is the same for the whole loop")
    if any(domain.direction != 1 for domain in pattern.loops):
        raise CannotLower("a loop runs backwards")
    if isinstance(pattern, Map):
        _map(pattern, types, out, depth)
    elif isinstance(pattern, Reduction):
        _reduction(pattern, types, out, depth)
    else:
        raise CannotLower(f"a {pattern.name} is not written as array code here")


# -- maps -----------------------------------------------------------------------------------------------------


def _map(pattern: Map, types: ArrayTypes, out: Lowered, depth: int) -> None:
    target = pattern.target
    if not isinstance(target, Access):
        if pattern.guards or pattern.operator:
            raise CannotLower(f"`{target}` would become an array")
        printer = Printer(pattern, pattern.loops, types)
        _make_private(target.name, printer.text(pattern.value), pattern.loops, types, out, depth)
        _note(printer, pattern, types, out)
        return
    order = axes_of(target, pattern.loops)
    if len(order) != len(pattern.loops):
        raise CannotLower(f"`{target}` is stored several times")
    printer = Printer(pattern, order, types)
    left = sliced(target, pattern.loops, order, types.sizes(target))
    value = printer.text(pattern.value)
    _require_same_kind(pattern, target, types)
    if pattern.guards:
        value = _masked(pattern, printer, left, value, types)
    operator = "" if pattern.guards else pattern.operator
    if operator in ("min", "max"):
        raise CannotLower("a running extreme per cell")
    left = left if "[" in left or (operator and types.is_own_name(target)) else f"{left}[:]"
    out.add(f"{left} {operator}= {value}", depth)
    _note(printer, pattern, types, out)


def _masked(pattern: Map, printer: Printer, left: str, value: str, types: ArrayTypes) -> str:
    joined = printer.condition(pattern.guards)
    new = f"{left} {pattern.operator} {printer.operand(pattern.value, 6)}" if pattern.operator else value
    printer.differences.append("both branches are computed everywhere, with a warning where one has no value")
    printer.uses_numpy = True
    return f"{types.numpy}.where({joined}, {new}, {left})"


def _require_same_kind(pattern: Map, target: Access, types: ArrayTypes) -> None:
    """A float stored to an int array is cut off by the loop, and refused or cut off otherwise by an array."""
    if types.dtypes.get(target.array) == "int64" and (
        types.is_float(pattern.value) is not False or pattern.operator == "/"
    ):
        raise CannotLower("a float is stored to an array of integers")


# -- reductions -----------------------------------------------------------------------------------------------


def _reduction(pattern: Reduction, types: ArrayTypes, out: Lowered, depth: int) -> None:
    if pattern.op not in ("+", "-", "*", "min", "max"):
        raise CannotLower(f"a reduction by `{pattern.op}` is not written as array code here")
    target = pattern.target
    if target is None or pattern.guards:
        raise CannotLower("a conditional reduction")
    if not any(isinstance(part, Read) for part in pattern.value.walk()):
        raise CannotLower("no array is read")
    order = (*pattern.free, *pattern.over)
    printer = Printer(pattern, order, types)
    whole = contraction(pattern, types) or _folded(pattern, printer, types)
    _require_one_kind(pattern, target, types)
    if isinstance(target, Scalar) and pattern.free:
        if pattern.start is None or not _is_neutral(pattern.start, pattern.op):
            raise CannotLower(f"`{target}` starts from another value in each iteration")
        _make_private(target.name, whole, pattern.free, types, out, depth)
        _note_rounding(pattern, types, out)
        _note(printer, pattern, types, out)
        return
    left, start = _target(pattern, target, types)
    if pattern.op in ("min", "max"):
        printer.differences.append("the result where a value is NaN")
        out.add(f"{left} = {whole.removesuffix('()')}(initial={left})", depth)
    elif start is not None:
        operator = f"{types.code(start.node)} {pattern.op} " if not _is_neutral(start, pattern.op) else ""
        out.add(f"{left} = {operator}{whole}", depth)
    else:
        out.add(f"{left} {pattern.op}= {whole}", depth)
    _note_rounding(pattern, types, out)
    _note(printer, pattern, types, out)


def _require_one_kind(pattern: Reduction, target: Access | Scalar, types: ArrayTypes) -> None:
    """Integers added up in a float neither wrap nor are exact, as an array's sum is; floats cannot go into integers."""
    first = pattern.start or target
    is_float = (
        types.dtypes.get(first.array) == "float64" if isinstance(first, Access) else _starts_float(pattern, types)
    )
    adds_floats = types.is_float(pattern.value)
    if adds_floats is not True and is_float is not False:
        raise CannotLower("integers are combined in a float")
    if isinstance(target, Access) and types.dtypes.get(target.array) == "int64" and adds_floats is not False:
        raise CannotLower("floats are combined in an array of integers")


def _starts_float(pattern: Reduction, types: ArrayTypes) -> bool | None:
    if pattern.start is not None:
        return types.is_float(pattern.start)
    return types.is_float(pattern.target) if isinstance(pattern.target, Scalar) else None


def _make_private(name: str, text: str, loops: tuple[Domain, ...], types: ArrayTypes, out: Lowered, depth: int) -> None:
    """A name with one value per iteration: read once, its text takes its place; else it becomes an array."""
    if types.reads(name) == 1:
        types.private[name] = (text, loops)
        return
    out.add(f"{name} = {text}", depth)
    types.private[name] = (name, loops)


def _note_rounding(pattern: Reduction, types: ArrayTypes, out: Lowered) -> None:
    if "float64" in _dtypes(pattern, types):
        out.differences.append(ROUNDING)


def _target(pattern: Reduction, target: Access | Scalar, types: ArrayTypes) -> tuple[str, Expr | None]:
    if isinstance(target, Scalar):
        return target.name, pattern.start
    if axes_of(target, pattern.loops) != pattern.free:
        raise CannotLower(f"`{target}` runs over its dimensions in another order")
    left = sliced(target, pattern.loops, pattern.free, types.sizes(target))
    return (left if "[" in left else f"{left}[:]"), pattern.start


def _folded(pattern: Reduction, printer: Printer, types: ArrayTypes) -> str:
    """`np.sum(...)` over the loops that combine; a method where there is one array."""
    method = {"+": "sum", "-": "sum", "*": "prod", "min": "min", "max": "max"}[pattern.op]
    value = pattern.value
    if not all(any(pattern.varies(part, d) for part in value.walk()) for d in pattern.loops):
        raise CannotLower("a term is the same over a loop")
    axis = tuple(range(len(pattern.free), len(pattern.loops)))
    argument = "" if not pattern.free else f"axis={axis[0] if len(axis) == 1 else axis}"
    if pattern.op in ("min", "max") and (pattern.free or not isinstance(value, Read)):
        raise CannotLower("an extreme of an expression")
    if isinstance(value, Read):
        return f"{printer.text(value)}.{method}({argument})"
    printer.uses_numpy = True
    return f"{types.numpy}.{method}({', '.join(filter(None, (printer.text(value), argument)))})"


def _dtypes(pattern: Pattern, types: ArrayTypes) -> set[str]:
    return {types.dtypes.get(a.array, "float64") for a in pattern.reads if a.subscripts}


def _is_neutral(start: Expr, op: str) -> bool:
    value = getattr(start, "value", None)
    return isinstance(value, int | float) and value == (1 if op == "*" else 0) and op in ("+", "*")


def _note(printer: Printer, pattern: Pattern, types: ArrayTypes, out: Lowered) -> None:
    out.uses_numpy |= printer.uses_numpy
    out.differences += printer.differences
    stored = [p for p in (getattr(pattern, "target", None),) if isinstance(p, Access)]
    if not all(stays_inside(a, pattern.loops, types.sizes(a)) for a in (*pattern.reads, *stored) if a.subscripts):
        out.differences.append(BOUNDS)
        if pattern.guards:
            out.differences.append(SKIPPED_BOUNDS)
