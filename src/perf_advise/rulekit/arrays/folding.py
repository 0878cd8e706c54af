"""Reductions and extremes as NumPy code."""

from perf_advise.facts.loops.iteration import Access, Constant, Expr, Fold, Read, Scalar
from perf_advise.facts.loops.patterns import Reduction
from perf_advise.rulekit.arrays.axes import CannotLower, axes_of, sliced
from perf_advise.rulekit.arrays.contractions import contraction
from perf_advise.rulekit.arrays.lowered import (
    BRANCHES,
    NAN_RESULT,
    ROUNDING,
    Lowered,
    conditions_of,
    make_private,
    require_room,
)
from perf_advise.rulekit.arrays.made import full_over, left_side
from perf_advise.rulekit.arrays.printing import Printer
from perf_advise.rulekit.arrays.sliding import is_windowed, lower_windows
from perf_advise.rulekit.arrays.types import WIDE, ArrayTypes

_NEUTRAL = {"+": ("0", "0.0"), "*": ("1", "1.0")}
_FOLDED = ("+", "*", "min", "max")
_METHODS = {"+": "sum", "-": "sum", "*": "prod", "min": "min", "max": "max"}


def lower_reduction(pattern: Reduction, types: ArrayTypes, out: Lowered, depth: int) -> None:
    """`total += a.sum()`, `count += np.count_nonzero(a > 0)`, `found = (a > 0).any()`."""
    conditions = conditions_of(pattern.outer_guards, types)
    if pattern.op == "any" and isinstance(pattern.target, Scalar) and not isinstance(pattern.value, Fold):
        _flag(pattern, pattern.target, types, out, depth)
        return
    target = _target_of(pattern, types)
    if is_windowed(pattern):
        lower_windows(pattern, types, out, depth)
        return
    order = (*pattern.free, *pattern.over)
    printer = Printer(pattern, order, types)
    whole = _counted(pattern, printer, types) or contraction(pattern, types) or _folded(pattern, printer, types)
    if not whole.startswith(f"{types.numpy}.count_nonzero("):
        _require_one_kind(pattern, target, types)
        if pattern.op in "+-*" and types.may_have_floats(pattern, pattern.value):
            out.differences.append(ROUNDING)
    out.note(printer, pattern, types, target if isinstance(target, Access) else None)
    if isinstance(target, Scalar) and pattern.free:
        if pattern.start is None or not _is_neutral(pattern.start, pattern.op) or conditions:
            raise CannotLower(f"`{target}` starts from another value in each iteration")
        types.of_cells.add(target.name)
        types.full[target.name] = full_over(pattern, types) & set(pattern.free)
        make_private(target.name, whole, pattern.free, types, out, depth)
        return
    if isinstance(target, Scalar) and not conditions:
        _into_name(pattern, target.name, whole, types, out, depth)
        return
    _into_target(pattern, target, whole, types, out, depth, conditions)


def _target_of(pattern: Reduction, types: ArrayTypes) -> Scalar | Access:
    """What is reduced into, where the reduction has an array form at all."""
    if pattern.op not in _METHODS or isinstance(pattern.value, Fold):
        raise CannotLower(f"a reduction by `{pattern.op}` is not written as array code here")
    target = pattern.target
    if target is None:
        raise CannotLower("a reduction inside an expression")
    if isinstance(target, Access) and types.dtype(target) not in WIDE:
        raise CannotLower(f"`{target.array}` holds numbers of less than 64 bits")
    if not any(map(types.reads_cells, pattern.expressions)):
        raise CannotLower("no array is read")
    return target


def _into_target(
    pattern: Reduction, target: Scalar | Access, whole: str, types: ArrayTypes, out: Lowered, depth: int,
    conditions: tuple[str, ...],
) -> None:  # fmt: skip
    """The line that combines the result with what the cells, or a name under conditions, held before."""
    left, start = _target(pattern, target, types)
    if isinstance(target, Access) and left == f"{target.array}[:]" and not conditions and _from_zeros(pattern, types):
        left = left_side(pattern, target, pattern.free, whole, types, out, depth)
    if pattern.op in ("min", "max"):
        out.differences.append(NAN_RESULT)
        out.add(f"{left} = {_with_initial(whole, left)}", depth, conditions)
    elif start is not None:
        operator = f"{types.code(start.node)} {pattern.op} " if not _is_neutral(start, pattern.op) else ""
        out.add(f"{left} = {operator}{whole}", depth, conditions)
    else:
        is_new = left.isidentifier() and isinstance(target, Access)
        is_own = isinstance(target, Access) and types.is_own_name(target)
        left = left.removesuffix("[:]") if is_own else left
        out.add(f"{left} {'' if is_new else pattern.op}= {whole}", depth, conditions)


def _from_zeros(pattern: Reduction, types: ArrayTypes) -> bool:
    """Whether each cell is zero before something is added to it."""
    if pattern.op != "+" or not isinstance(pattern.target, Access):
        return False
    if pattern.start is not None:
        return _is_neutral(pattern.start, "+")
    return types.is_made(pattern.loops[0], pattern.target, frozenset(("numpy.zeros", "numpy.zeros_like")))


def _into_name(pattern: Reduction, name: str, whole: str, types: ArrayTypes, out: Lowered, depth: int) -> None:
    """`total = a.sum()` where the loop started from zero, `top = a.max()` where it started from the first element."""
    start = types.code(pattern.start.node) if pattern.start is not None else ""
    entry = types.before(pattern.loops[0], name)
    foldable = pattern.op in _FOLDED and (entry in _NEUTRAL[pattern.op] if pattern.op in _NEUTRAL else _is_fixed(entry))
    if not start and foldable:
        start = out.begin(name, pattern.loops, types, depth)
    if pattern.op in ("min", "max"):
        out.differences.append(NAN_RESULT)
        first = _from_first(pattern, start or entry, whole)
        if first:
            out.begin(name, pattern.loops, types, depth)
            out.differences.append("an array without elements raises ValueError")
        out.add(f"{name} = {first or _with_initial(whole, start or name)}", depth)
    elif start:
        neutral = start in _NEUTRAL.get(pattern.op, ())
        out.add(f"{name} = {whole if neutral else f'{start} {pattern.op} {whole}'}", depth)
    else:
        out.add(f"{name} {pattern.op}= {whole}", depth)


def _is_fixed(text: str) -> bool:
    """Whether a start is a number written out."""
    return text.lstrip("-").replace(".", "", 1).isdigit() or text.lstrip("-") in ("math.inf", "np.inf")


def _from_first(pattern: Reduction, start: str, whole: str) -> str:
    """The extreme of all of an array, where the loop started from its first element and looked at the others."""
    value, only = pattern.value, pattern.loops[0]
    if not isinstance(value, Read) or len(pattern.loops) != 1 or len(value.access.subscripts) != 1:
        return ""
    array = value.access.array
    if start != f"{array}[0]" or str(value.access.affines and value.access.affines[0]) != only.index:
        return ""
    rest = whole.removeprefix(f"{array}[1:")
    if only.start.value == 1 and rest != whole:
        return array + (rest.removeprefix("]") if rest.startswith("]") else f"[:{rest}")
    return whole if only.start.value == 0 else ""


def _with_initial(whole: str, left: str) -> str:
    """The extreme of an array and of what was found before."""
    return whole[:-1] + (", " if not whole.endswith("()") else "") + f"initial={left})"


def _counted(pattern: Reduction, printer: Printer, types: ArrayTypes) -> str | None:
    """`np.count_nonzero(condition)` where one integer is added per iteration under a condition."""
    value = pattern.value
    if not pattern.guards or pattern.op not in ("+", "-") or not isinstance(value, Constant):
        return None
    if type(value.value) is not int:
        raise CannotLower("a number is added under a condition")
    if not all(any(pattern.varies(g.condition, d) for g in pattern.guards) for d in pattern.loops):
        raise CannotLower("a condition is the same over a loop")
    printer.uses_numpy = True
    arguments = [printer.condition(pattern.guards), *_axis(pattern)]
    counted = f"{types.numpy}.count_nonzero({', '.join(arguments)})"
    return counted if value.value == 1 else f"{value.value} * {counted}"


def _axis(pattern: Reduction) -> list[str]:
    axis = tuple(range(len(pattern.free), len(pattern.loops)))
    return [f"axis={axis[0] if len(axis) == 1 else axis}"] if pattern.free else []


def _folded(pattern: Reduction, printer: Printer, types: ArrayTypes) -> str:
    """`np.sum(...)` over the loops that combine; a method where there is one array."""
    method, value = _METHODS[pattern.op], pattern.value
    types.require_wide(pattern)
    if not types.reads_cells(value) and types.is_float(value) is not True:
        raise CannotLower("Python's own integers are added up")
    if not all(any(pattern.varies(part, d) for part in value.walk()) for d in pattern.loops):
        raise CannotLower("a term is the same over a loop")
    require_room(pattern, types)
    if pattern.op in ("min", "max") and (pattern.free or pattern.guards):
        raise CannotLower("an extreme per row, or under a condition")
    arguments = _axis(pattern)
    if pattern.guards:
        printer.differences.append(BRANCHES)
        arguments.append(f"where={printer.condition(pattern.guards)}")
    if isinstance(value, Read):
        return f"{printer.text(value)}.{method}({', '.join(arguments)})"
    printer.uses_numpy = True
    return f"{types.numpy}.{method}({', '.join([printer.text(value), *arguments])})"


def _require_one_kind(pattern: Reduction, target: Access | Scalar, types: ArrayTypes) -> None:
    """Integers added up in a float neither wrap nor are exact, as an array's sum is; floats cannot go into integers."""
    first = pattern.start or target
    is_float = types.dtype(first) == "float64" if isinstance(first, Access) else types.is_float(first)
    adds_floats = types.is_float(pattern.value)
    if adds_floats is not True and is_float is not False:
        raise CannotLower("integers are combined in a float")
    if isinstance(target, Access) and types.dtype(target) != "float64" and adds_floats is not False:
        raise CannotLower("floats are combined in an array of integers")


def _target(pattern: Reduction, target: Access | Scalar, types: ArrayTypes) -> tuple[str, Expr | None]:
    if isinstance(target, Scalar):
        return target.name, pattern.start
    if axes_of(target, pattern.loops) != pattern.free:
        raise CannotLower(f"`{target}` runs over its dimensions in another order")
    left = sliced(target, pattern.loops, pattern.free, types.sizes(target))
    return (left if "[" in left else f"{left}[:]"), pattern.start


def _is_neutral(start: Expr, op: str) -> bool:
    value = getattr(start, "value", None)
    return isinstance(value, int | float) and value == (1 if op == "*" else 0) and op in ("+", "*")


def _flag(pattern: Reduction, target: Scalar, types: ArrayTypes, out: Lowered, depth: int) -> None:
    """`if c: found = True` over all iterations."""
    if pattern.free or pattern.outer_guards:
        raise CannotLower("a flag per iteration")
    printer = Printer(pattern, pattern.loops, types)
    condition = printer.condition(pattern.guards)
    if not all(any(pattern.varies(g.condition, d) for g in pattern.guards) for d in pattern.loops):
        raise CannotLower("a condition is the same over a loop")
    printer.uses_numpy = True
    out.note(printer, pattern, types)
    out.add(f"if {types.numpy}.any({condition}):", depth)
    out.add(f"{target.name} = {types.code(pattern.value.node)}", depth + 1)
