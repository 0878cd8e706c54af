"""Stores to cells that data choose: `np.add.at`, `np.bincount`, and assignment through an index array."""

from perf_advise.facts.loops.iteration import Constant, Subscript
from perf_advise.facts.loops.patterns import Scatter
from perf_advise.rulekit.arrays.axes import CannotLower
from perf_advise.rulekit.arrays.lowered import BRANCHES, Lowered, conditions_of
from perf_advise.rulekit.arrays.printing import Printer
from perf_advise.rulekit.arrays.types import ArrayTypes

_UFUNCS = {"+": "add", "-": "subtract", "*": "multiply", "max": "maximum", "min": "minimum"}


def lower_scatter(pattern: Scatter, types: ArrayTypes, out: Lowered, depth: int) -> None:
    """`h[k[i]] += 1` counts each of equal indices, which `h[k] += 1` would not."""
    conditions = conditions_of(pattern.outer_guards, types)
    target, value = pattern.target, pattern.value
    if not types.keeps_kind(value, target) or pattern.operator not in ("", *_UFUNCS):
        raise CannotLower("what is stored changes its kind of number")
    printer = Printer(pattern, pattern.loops, types)
    places = [_place(subscript, printer, types) for subscript in target.subscripts]
    chosen = f"[{printer.condition(pattern.guards)}]" if pattern.guards else ""
    if chosen:
        printer.differences.append(BRANCHES)
        places = [f"{place if place.isidentifier() else f'({place})'}{chosen}" for place in places]
    if _counts(pattern, types) and not chosen:
        flat = places[0] if len(pattern.loops) == 1 else f"{_in_brackets(places[0])}.ravel()"
        printer.differences.append("a negative index raises ValueError")
        line = f"{target.array} += {types.numpy}.bincount({flat}, minlength=len({target.array}))"
    else:
        varies = printer.varies(value)
        if not varies and pattern.operator == "" and not isinstance(value, Constant):
            types.require_stored(value, target)
        stored = f"{_in_brackets(printer.text(value))}{chosen}" if varies and chosen else printer.text(value)
        where = places[0] if len(places) == 1 else f"({', '.join(places)})"
        if pattern.operator:
            line = f"{types.numpy}.{_UFUNCS[pattern.operator]}.at({target.array}, {where}, {stored})"
        else:
            line = f"{target.array}[{', '.join(places)}] = {stored}"
    printer.uses_numpy = True
    out.add(line, depth, conditions)
    out.note(printer, pattern, types, None)


def _place(subscript: Subscript, printer: Printer, types: ArrayTypes) -> str:
    """One index of the target over all iterations."""
    if subscript.affine is not None and not any(subscript.is_computed_in(d) for d in printer.order):
        return printer.position_text(subscript.affine)
    if subscript.value is None or types.is_float(subscript.value) is not False:
        raise CannotLower("an index that may not be an integer")
    if not all(printer.varies_over(subscript.value, d) for d in printer.order):
        raise CannotLower("an index is the same over a loop")
    return printer.text(subscript.value)


def _counts(pattern: Scatter, types: ArrayTypes) -> bool:
    """Whether ones are added to an array of integers in one dimension."""
    value, target = pattern.value, pattern.target
    is_one = isinstance(value, Constant) and type(value.value) is int and value.value == 1
    is_plain = len(target.subscripts) == 1 and types.dtype(target) == "int64" and types.is_own_name(target)
    return is_one and pattern.operator == "+" and is_plain


def _in_brackets(text: str) -> str:
    return text if text.isidentifier() or (text.endswith((")", "]")) and not text.startswith("(")) else f"({text})"
