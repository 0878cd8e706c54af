"""Reductions and extremes as NumPy code."""

from perf_advise.facts.iteration import Access, Constant, Expr, Fold, Index, Read, Scalar
from perf_advise.facts.patterns import ArgReduction, Reduction
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
from perf_advise.rulekit.arrays.printing import Printer
from perf_advise.rulekit.arrays.types import WIDE, ArrayTypes

_METHODS = {"+": "sum", "-": "sum", "*": "prod", "min": "min", "max": "max"}


def lower_reduction(pattern: Reduction, types: ArrayTypes, out: Lowered, depth: int) -> None:
    """`total += a.sum()`, `count += np.count_nonzero(a > 0)`, `found = (a > 0).any()`."""
    conditions = conditions_of(pattern.outer_guards, types)
    if pattern.op == "any" and isinstance(pattern.target, Scalar) and not isinstance(pattern.value, Fold):
        _flag(pattern, pattern.target, types, out, depth)
        return
    if pattern.op not in _METHODS or isinstance(pattern.value, Fold):
        raise CannotLower(f"a reduction by `{pattern.op}` is not written as array code here")
    target = pattern.target
    if target is None:
        raise CannotLower("a reduction inside an expression")
    if isinstance(target, Access) and types.dtype(target) not in WIDE:
        raise CannotLower(f"`{target.array}` holds numbers of less than 64 bits")
    if not any(map(types.reads_cells, pattern.expressions)):
        raise CannotLower("no array is read")
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
        make_private(target.name, whole, pattern.free, types, out, depth)
        return
    left, start = _target(pattern, target, types)
    if pattern.op in ("min", "max"):
        out.differences.append(NAN_RESULT)
        out.add(f"{left} = {_with_initial(whole, left)}", depth, conditions)
    elif start is not None:
        operator = f"{types.code(start.node)} {pattern.op} " if not _is_neutral(start, pattern.op) else ""
        out.add(f"{left} = {operator}{whole}", depth, conditions)
    else:
        out.add(f"{left} {pattern.op}= {whole}", depth, conditions)


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


def lower_extreme(pattern: ArgReduction, types: ArrayTypes, out: Lowered, depth: int) -> None:
    """`k = int(np.argmax(a))`: the first of equal extremes, as the loop with a strict comparison finds it."""
    if pattern.tie != "first" or pattern.free or len(pattern.over) != 1 or pattern.guards or pattern.outer_guards:
        raise CannotLower("an extreme of another kind than the first of one loop")
    (domain,) = pattern.over
    value = pattern.value
    place = _place(pattern, domain.index)
    if domain.step.value != 1 or domain.start.value not in (0, 1) or not isinstance(pattern.best, Scalar):
        raise CannotLower("an extreme that is not looked for from the first element on")
    if not isinstance(value, Read) or len(value.access.subscripts) != 1:
        raise CannotLower("an extreme of an expression")
    types.require_wide(pattern)
    printer = Printer(pattern, pattern.over, types)
    array, values = value.access.array, printer.text(value)
    if str(value.access.affines and value.access.affines[0]) != domain.index:
        raise CannotLower("the extreme is of another place than the loop's")
    printer.uses_numpy = True
    printer.differences += [NAN_RESULT, "an array without elements raises ValueError"]
    out.note(printer, pattern, types)
    found = f"int({types.numpy}.arg{pattern.op}({values}))"
    if types.before(domain, pattern.best.name) == f"{array}[0]" and types.before(domain, place) == "0":
        # Before the loop the first element was the extreme.
        whole = values if domain.start.value == 0 else f"{array}{values.removeprefix(array).replace('[1:', '[:', 1)}"
        out.add(f"{place} = {found.replace(values, whole.removesuffix('[:]'))}", depth)
        out.add(f"{pattern.best.name} = {array}[{place}]", depth)
        return
    top = types.fresh(f"{place}_of_{pattern.op}")
    out.add(f"{top} = {found}" + (" + 1" if domain.start.value else ""), depth)
    out.add(f"if {array}[{top}] {'>' if pattern.op == 'max' else '<'} {pattern.best.name}:", depth)
    out.add(f"{pattern.best.name} = {array}[{top}]", depth + 1)
    out.add(f"{place} = {top}", depth + 1)


def _place(pattern: ArgReduction, index: str) -> str:
    """The name that keeps the position."""
    if len(pattern.payload) == 1:
        name, value = pattern.payload[0]
        if isinstance(value, Index) and str(value.affine) == index:
            return name
    raise CannotLower("more than the position is kept beside the extreme")
