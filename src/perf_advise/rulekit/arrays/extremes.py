"""Where the extreme is: `numpy.argmin` and `numpy.argmax`, with the loop's rule for equal ones."""

from perf_advise.facts.loops.iteration import Index, Read, Scalar
from perf_advise.facts.loops.nouns import Domain
from perf_advise.facts.loops.patterns import ArgReduction
from perf_advise.rulekit.arrays.axes import CannotLower
from perf_advise.rulekit.arrays.lowered import NAN_RESULT, Lowered
from perf_advise.rulekit.arrays.printing import Printer
from perf_advise.rulekit.arrays.types import ArrayTypes

_FARTHEST = {
    "min": ('float("inf")', "float('inf')", "math.inf", "np.inf", "numpy.inf"),
    "max": ('float("-inf")', "float('-inf')", "-math.inf", "-np.inf", "-numpy.inf"),
}


def lower_extreme(pattern: ArgReduction, types: ArrayTypes, out: Lowered, depth: int) -> None:
    """`k = int(np.argmax(a))`: the first of equal extremes, as the loop with a strict comparison finds it."""
    if not pattern.tie or pattern.free or len(pattern.over) != 1 or pattern.guards or pattern.outer_guards:
        raise CannotLower("an extreme of another kind than that of one loop")
    (domain,) = pattern.over
    place = _place(pattern, domain.index)
    if domain.step.value != 1 or domain.start.value is None or not isinstance(pattern.best, Scalar):
        raise CannotLower("an extreme that is not looked for one by one")
    types.require_wide(pattern)
    if not types.reads_cells(pattern.value):
        raise CannotLower("no array is read")
    printer = Printer(pattern, pattern.over, types)
    printer.uses_numpy = True
    printer.differences += [NAN_RESULT, "an array without elements raises ValueError"]
    array = _whole(pattern, domain, printer)
    best = pattern.best.name
    if array and pattern.tie == "first" and _begins_with_first(pattern, domain, place, types, array):
        out.note(printer, pattern, types)
        _begin(place, best, domain, types, out, depth)
        out.add(f"{place} = int({types.numpy}.arg{pattern.op}({array}))", depth)
        if types.is_live(best, domain):
            out.add(f"{best} = {array}[{place}]", depth)
        return
    values = _values(pattern, printer, types, out, depth)
    out.note(printer, pattern, types)
    found = _found(pattern, values, types)
    if types.before(domain, best) in _FARTHEST[pattern.op]:
        out.differences.append("the place where no value is finite")
        _begin(place, best, domain, types, out, depth)
        out.add(f"{place} = {found}{_shift(domain)}", depth)
        if types.is_live(best, domain):
            out.add(f"{best} = {values}[{place}{_shift(domain, back=True)}]", depth)
        return
    top = types.fresh(f"{place}_of_{pattern.op}")
    sign = (">" if pattern.op == "max" else "<") + ("" if pattern.tie == "first" else "=")
    out.add(f"{top} = {found}", depth)
    out.add(f"if {values}[{top}] {sign} {best}:", depth)
    out.add(f"{best} = {values}[{top}]", depth + 1)
    out.add(f"{place} = {top}{_shift(domain)}", depth + 1)


def _begin(place: str, best: str, domain: Domain, types: ArrayTypes, out: Lowered, depth: int) -> None:
    """What both names were before the loop is of no use any more."""
    out.begin(place, (domain,), types, depth)
    out.begin(best, (domain,), types, depth)


def _shift(domain: Domain, back: bool = False) -> str:
    """Positions count from where the loop starts."""
    start = domain.start.value or 0
    return f" {'-' if back else '+'} {start}" if start else ""


def _found(pattern: ArgReduction, values: str, types: ArrayTypes) -> str:
    """The first of equal extremes, or the last."""
    if pattern.tie == "first":
        return f"int({types.numpy}.arg{pattern.op}({values}))"
    return f"len({values}) - 1 - int({types.numpy}.arg{pattern.op}({values}[::-1]))"


def _whole(pattern: ArgReduction, domain: Domain, printer: Printer) -> str:
    """The array whose elements are compared, where that is all of it, or all but the first."""
    value = pattern.value
    if not isinstance(value, Read) or len(value.access.subscripts) != 1:
        return ""
    if str(value.access.affines and value.access.affines[0]) != domain.index:
        return ""
    text = printer.text(value)
    array = value.access.array
    start = domain.start.value
    if start == 1 and text == f"{array}[1:]":
        return array
    if start == 1 and text.startswith(f"{array}[1:"):
        return f"{array}[:{text.removeprefix(f'{array}[1:')}"
    return text if start == 0 else ""


def _begins_with_first(pattern: ArgReduction, domain: Domain, place: str, types: ArrayTypes, array: str) -> bool:
    """Whether before the loop the first element was the extreme."""
    name = array.partition("[")[0]
    best = pattern.best.name if isinstance(pattern.best, Scalar) else ""
    return types.before(domain, best) == f"{name}[0]" and types.before(domain, place) == "0"


def _values(pattern: ArgReduction, printer: Printer, types: ArrayTypes, out: Lowered, depth: int) -> str:
    """The values that are compared, under a name where they are computed."""
    text = printer.text(pattern.value)
    if text.isidentifier():
        return text
    value = pattern.value
    name = value.name if isinstance(value, Scalar) and not value.name.startswith("@") else types.fresh("values")
    out.add(f"{name} = {text}", depth)
    return name


def _place(pattern: ArgReduction, index: str) -> str:
    """The name that keeps the position."""
    if len(pattern.payload) == 1:
        name, value = pattern.payload[0]
        if isinstance(value, Index) and str(value.affine) == index:
            return name
    raise CannotLower("more than the position is kept beside the extreme")
