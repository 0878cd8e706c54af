"""Running sums, products and extremes as NumPy's accumulations, which go from left to right as the loop does."""

from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.iteration import Access, Read, Scalar
from perf_advise.facts.loops.nouns import Domain
from perf_advise.facts.loops.patterns import Scan
from perf_advise.rulekit.arrays.axes import CannotLower, axes_of, sliced
from perf_advise.rulekit.arrays.lowered import NAN_RESULT, ROUNDING, Lowered, conditions_of, make_private
from perf_advise.rulekit.arrays.made import full_over
from perf_advise.rulekit.arrays.printing import Printer
from perf_advise.rulekit.arrays.types import ArrayTypes

_UFUNCS = {"+": "add", "-": "subtract", "*": "multiply", "max": "maximum", "min": "minimum"}
_NEUTRAL = {
    "+": ("0", "0.0"),
    "*": ("1", "1.0"),
    "max": ("float('-inf')", 'float("-inf")', "-math.inf", "-np.inf"),
    "min": ("float('inf')", 'float("inf")', "math.inf", "np.inf"),
}
_SHORT = {"+": "cumsum", "*": "cumprod"}


def lower_scan(pattern: Scan, types: ArrayTypes, out: Lowered, depth: int) -> None:
    """`c[i] = c[i - 1] + a[i]` as an accumulation in place; `s += a[i]; b[i] = s` through an array of the sums."""
    if pattern.op not in _UFUNCS or pattern.gap is not None or pattern.guards or pattern.axis.step.value != 1:
        raise CannotLower("a running value of another kind")
    types.require_wide(pattern)
    if isinstance(pattern.target, Access):
        _in_place(pattern, pattern.target, types, out, depth)
    elif isinstance(pattern.target, Scalar):
        _through_name(pattern, pattern.target, types, out, depth)
    else:
        raise CannotLower("a list that grows by its last item")


def _in_place(pattern: Scan, target: Access, types: ArrayTypes, out: Lowered, depth: int) -> None:
    conditions = conditions_of(pattern.outer_guards, types)
    order = axes_of(target, pattern.loops)
    if len(order) != len(pattern.loops) or not types.keeps_kind(pattern.term, target):
        raise CannotLower(f"`{target}` is stored several times, or changes its kind of number")
    printer = Printer(pattern, order, types)
    term = printer.text(pattern.term)
    sizes = types.sizes(target)
    left = sliced(target, pattern.loops, order, sizes)
    earlier = _from_one_before(pattern.axis)
    whole = sliced(target, [d if d is not pattern.axis else earlier for d in pattern.loops],
                   [d if d is not pattern.axis else earlier for d in order], sizes)  # fmt: skip
    axis = order.index(pattern.axis)
    at = f"axis={axis}, " if len(order) > 1 else ""
    out.add(f"{left if '[' in left else left + '[:]'} = {term}", depth, conditions)
    out.add(f"{types.numpy}.{_UFUNCS[pattern.op]}.accumulate({whole}, {at}out={whole})", depth, conditions)
    _note(pattern, printer, types, out, target)


def _from_one_before(domain: Domain) -> Domain:
    """The loop with one iteration more at its start: the cell that the first iteration reads."""
    return Domain(
        domain.node, domain.kind, domain.index, domain.start + Affine.number(-1), domain.stop, domain.step,
        domain.names, domain.sequences, domain.direction, domain.stepper, domain.why,
    )  # fmt: skip


def _through_name(pattern: Scan, target: Scalar, types: ArrayTypes, out: Lowered, depth: int) -> None:
    if pattern.op == "-" or len(pattern.loops) != 1 or any(when != "inclusive" for _, when in pattern.readers):
        raise CannotLower("a running value that is read before it is brought up to date")
    if pattern.outer_guards:
        raise CannotLower("a running value under a condition")
    printer = Printer(pattern, pattern.loops, types)
    if not printer.varies(pattern.term):
        raise CannotLower("the same is added in each iteration")
    if not types.reads_cells(pattern.term):
        raise CannotLower("Python's own integers are added up")
    types.of_cells.add(target.name)
    term = printer.text(pattern.term)
    start = types.before(pattern.axis, target.name)
    if pattern.op in _SHORT:
        series = f"{types.numpy}.{_SHORT[pattern.op]}({term})"
    else:
        series = f"{types.numpy}.{_UFUNCS[pattern.op]}.accumulate({term})"
    if start in _NEUTRAL[pattern.op] or _is_first(start, pattern):
        out.begin(target.name, pattern.loops, types, depth)
    else:
        if pattern.op in _SHORT and (
            types.may_have_floats(pattern, pattern.term) or types.is_float(target) is not False
        ):
            out.differences.append(ROUNDING)
        with_start = f"{target.name} {pattern.op} {series}"
        series = with_start if pattern.op in _SHORT else f"{types.numpy}.{_UFUNCS[pattern.op]}({target.name}, {series})"
    types.full[target.name] = full_over(pattern, types)
    make_private(target.name, series, pattern.loops, types, out, depth)
    _note(pattern, printer, types, out, None)


def _is_first(start: str, pattern: Scan) -> bool:
    """Whether an extreme starts from the very element that the loop looks at first."""
    term, is_extreme = pattern.term, pattern.op in ("min", "max")
    if not is_extreme or not isinstance(term, Read) or len(term.access.subscripts) != 1:
        return False
    affine = term.access.subscripts[0].affine
    first = affine.substitute(pattern.axis.index, pattern.axis.start) if affine is not None else None
    return start == f"{term.access.array}[{first}]"


def _note(pattern: Scan, printer: Printer, types: ArrayTypes, out: Lowered, target: Access | None) -> None:
    printer.uses_numpy = True
    out.note(printer, pattern, types, target)
    if pattern.regrouped and types.may_have_floats(pattern, pattern.term):
        out.differences.append(ROUNDING)
    if pattern.op in ("min", "max"):
        out.differences.append(NAN_RESULT)
