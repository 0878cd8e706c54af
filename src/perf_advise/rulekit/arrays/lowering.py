"""A plan of the loop model as lines of NumPy code."""

from collections.abc import Iterator, Sequence

import libcst as cst

from perf_advise.facts.loops.iteration import Access, Constant, Expr
from perf_advise.facts.loops.nouns import Domain
from perf_advise.facts.loops.patterns import (
    ArgReduction,
    Collect,
    Kept,
    Map,
    Part,
    Pattern,
    Plain,
    Reduction,
    Scan,
    Scatter,
    patterns_in,
)
from perf_advise.facts.tree import walk
from perf_advise.rulekit.arrays.axes import CannotLower, axes_of, sliced
from perf_advise.rulekit.arrays.collecting import lower_collect
from perf_advise.rulekit.arrays.extremes import lower_extreme
from perf_advise.rulekit.arrays.folding import lower_reduction
from perf_advise.rulekit.arrays.lowered import BRANCHES, NAN_RESULT, Lowered, conditions_of, has_room, make_private
from perf_advise.rulekit.arrays.made import full_over, left_side
from perf_advise.rulekit.arrays.printing import Printer
from perf_advise.rulekit.arrays.rows import with_rows
from perf_advise.rulekit.arrays.scanning import lower_scan
from perf_advise.rulekit.arrays.scattering import lower_scatter
from perf_advise.rulekit.arrays.types import ArrayTypes

_UNLIKE = ("bool", "uint8", "uint16", "uint32")
NOT_A_NUMBER = "NaN, infinity or a number out of range raises nothing where an integer is stored"


def lower(parts: Sequence[Part], types: ArrayTypes) -> Lowered:
    """The code for the parts of a plan; raises CannotLower where one of them has no array form here."""
    _check_kept(parts, frozenset(_expanded(parts)))
    out = Lowered()
    _lower_parts(parts, types, out, 0)
    out.differences = list(dict.fromkeys(out.differences))
    return out


def _expanded(parts: Sequence[Part]) -> Iterator[str]:
    """Scalars that become arrays, because a loop in which each turn has its own value vanishes."""
    for pattern in patterns_in(tuple(parts)):
        if isinstance(pattern, Map) and not isinstance(pattern.target, Access) and pattern.loops:
            yield pattern.target.name


def _check_kept(parts: Sequence[Part], expanded: frozenset[str]) -> None:
    """Raise CannotLower where code that stays as it is reads such a scalar, if only as an index."""
    for part in parts:
        if isinstance(part, Kept):
            _check_kept(part.parts, expanded)
        for node in _kept_code(part):
            for name in sorted(expanded & {n.value for n in walk(node) if isinstance(n, cst.Name)}):
                raise CannotLower(f"`{name}` would become an array, and is read in a loop that is kept")


def _kept_code(part: Part) -> Iterator[cst.CSTNode]:
    """What is written as it was: headers of loops, plain statements and their conditions."""
    if isinstance(part, Kept) and isinstance(part.domain.node, cst.For):
        yield part.domain.node.iter
    elif isinstance(part, Plain):
        for step in part.steps:
            yield step.node
            yield from (guard.node.test if isinstance(guard.node, cst.If) else guard.node for guard in step.guards)


def _lower_parts(parts: Sequence[Part], types: ArrayTypes, out: Lowered, depth: int) -> None:
    for part in parts:
        if isinstance(part, Kept):
            _lower_kept(part, types, out, depth)
        elif isinstance(part, Plain):
            for step in part.steps:
                out.add(types.code(step.node), depth, conditions_of(step.guards, types))
        else:
            _lower_pattern(part, types, out, depth)


def _lower_kept(part: Kept, types: ArrayTypes, out: Lowered, depth: int) -> None:
    if not part.is_split:
        raise CannotLower(part.why)
    if depth and any(step.guards for pattern in patterns_in((part,)) for step in pattern.steps):
        raise CannotLower("a loop under a condition is kept")
    out.add(f"for {_header(part.domain, types)}:", depth)
    _lower_parts(part.parts, types, out, depth + 1)


def _header(domain: Domain, types: ArrayTypes) -> str:
    node = domain.node
    if isinstance(node, cst.While) or domain.kind not in ("range", "direct", "enumerate", "zip"):
        raise CannotLower("a loop of this kind is kept")
    return f"{types.code(node.target)} in {types.code(node.iter)}"


def _lower_pattern(pattern: Pattern, types: ArrayTypes, out: Lowered, depth: int) -> None:
    for domain in pattern.loops:
        if domain.direction != 1:
            raise CannotLower("a loop runs backwards")
        if any("@entry" in name for name in domain.start.names):
            raise CannotLower(f"where `{domain.index}` starts is not known")
    pattern = with_rows(pattern, types, out)
    if isinstance(pattern, Map):
        _map(pattern, types, out, depth)
    elif isinstance(pattern, Reduction):
        lower_reduction(pattern, types, out, depth)
    elif isinstance(pattern, ArgReduction):
        lower_extreme(pattern, types, out, depth)
    elif isinstance(pattern, Scan):
        lower_scan(pattern, types, out, depth)
    elif isinstance(pattern, Scatter):
        lower_scatter(pattern, types, out, depth)
    elif isinstance(pattern, Collect):
        lower_collect(pattern, types, out, depth)
    else:
        raise CannotLower(f"a {pattern.name} is not written as array code here")


def _map(pattern: Map, types: ArrayTypes, out: Lowered, depth: int) -> None:
    target = pattern.target
    conditions = conditions_of(pattern.outer_guards, types)
    if not isinstance(target, Access):
        _private(pattern, target.name, types, out, depth)
        return
    order = axes_of(target, pattern.loops)
    if len(order) != len(pattern.loops):
        raise CannotLower(f"`{target}` is stored several times")
    printer = Printer(pattern, order, types)
    left = sliced(target, pattern.loops, order, types.sizes(target))
    value = printer.text(pattern.value)
    operator = "" if pattern.guards else pattern.operator
    if operator in ("and", "or") or (pattern.guards and pattern.operator in ("min", "max")):
        raise CannotLower("a running extreme per cell")
    mask = _mask(pattern, printer, left)
    if mask and not printer.varies(pattern.value):
        left = f"{left if '[' in left or types.is_own_name(target) else f'{left}[:]'}[{mask}]"
        operator = ""
    elif operator in ("min", "max"):
        printer.uses_numpy = True
        value, operator = f"{types.numpy}.where({mask}, {value}, {left})", ""
    elif pattern.guards:
        value = _masked(pattern, printer, left, value, types)
    elif operator and types.dtype(target) in _UNLIKE and not _is_weak(pattern.value, types.dtype(target)):
        raise CannotLower(f"`{target.array}` holds {types.dtype(target)}, which arrays combine otherwise")
    elif _is_cut_off(pattern, target, types):
        printer.differences.append(NOT_A_NUMBER)
        value = f"{left} {operator} {printer.operand(pattern.value, 6)}" if operator else value
        operator = ""
    if left == target.array and not (operator or mask or conditions):
        left = left_side(pattern, target, order, value, types, out, depth)
    elif left == target.array and not (operator and types.is_own_name(target)):
        left = f"{left}[:]"
    out.add(f"{left} {operator}= {value}", depth, conditions)
    out.note(printer, pattern, types, target)


def _private(pattern: Map, name: str, types: ArrayTypes, out: Lowered, depth: int) -> None:
    """A name with a value of its own per iteration becomes an array, also where only a condition lets it be read."""
    if pattern.operator or pattern.outer_guards or (pattern.guards and not types.is_read_under(name, pattern.guards)):
        raise CannotLower(f"`{name}` would become an array")
    printer = Printer(pattern, pattern.loops, types)
    if pattern.guards:
        printer.differences.append(BRANCHES)
    loops = tuple(d for d in pattern.loops if printer.varies_over(pattern.value, d))
    if not loops:
        raise CannotLower(f"`{name}` is the same in all iterations")
    printer = Printer(pattern, loops, types)
    if types.reads_cells(pattern.value):
        types.of_cells.add(name)
    types.private_floats[name] = types.is_float(pattern.value)
    if not has_room(pattern, types):
        types.outgrown.add(name)
    types.full[name] = full_over(pattern, types)
    make_private(name, printer.text(pattern.value), loops, types, out, depth)
    out.note(printer, pattern, types)


def _mask(pattern: Map, printer: Printer, left: str) -> str:
    """The cells that change, where that is all there is to a store: `x < 0` in `x[x < 0] = 0.0`."""
    if pattern.operator in ("min", "max"):
        sign = ("<" if pattern.operator == "max" else ">") + ("" if pattern.steps[-1].tie == "first" else "=")
        if pattern.steps[-1].tie != "first":
            printer.differences.append(NAN_RESULT)
        return f"{left} {sign} {printer.operand(pattern.value, 2)}"
    everywhere = all(any(printer.varies_over(g.condition, d) for g in pattern.guards) for d in pattern.loops)
    return printer.condition(pattern.guards) if pattern.guards and not pattern.operator and everywhere else ""


def _masked(pattern: Map, printer: Printer, left: str, value: str, types: ArrayTypes) -> str:
    joined = printer.condition(pattern.guards)
    new = f"{left} {pattern.operator} {printer.operand(pattern.value, 6)}" if pattern.operator else value
    if pattern.operator or not _is_constant(pattern.value):
        printer.differences.append(BRANCHES)
    printer.uses_numpy = True
    return f"{types.numpy}.where({joined}, {new}, {left})"


def _is_weak(value: Expr, dtype: str) -> bool:
    """Whether it is a literal, which takes on the dtype of an array of integers."""
    return isinstance(value, Constant) and dtype != "bool"


def _is_constant(expression: Expr) -> bool:
    return not expression.parts and not hasattr(expression, "access")


def _is_cut_off(pattern: Map, target: Access, types: ArrayTypes) -> bool:
    """Whether a float may be stored to an array of integers, which keeps its whole part."""
    types.require_array(target)
    if types.is_float_array(target.array):
        return False
    return types.is_float(pattern.value) is not False or pattern.operator == "/"
