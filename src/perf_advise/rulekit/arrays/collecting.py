"""Lists that grow by elements of arrays: the elements are chosen and computed at once."""

from perf_advise.facts.loops.iteration import Apply, Expr, Index, Read
from perf_advise.facts.loops.patterns import Collect
from perf_advise.rulekit.arrays.axes import CannotLower
from perf_advise.rulekit.arrays.lowered import BRANCHES, Lowered, conditions_of, require_room
from perf_advise.rulekit.arrays.printing import Printer
from perf_advise.rulekit.arrays.types import ArrayTypes

_PYTHON = ("math.", "builtins.int", "builtins.float")


def lower_collect(pattern: Collect, types: ArrayTypes, out: Lowered, depth: int) -> None:
    """`out.extend(a[a > limit])`: what the loop appended, in the same order, of the same types."""
    name, value = pattern.target.name, pattern.value
    if pattern.target.method != "append" or not name or pattern.free or pattern.start is not None:
        raise CannotLower("a list of another kind than one that the whole nest fills")
    conditions = conditions_of(pattern.outer_guards, types)
    if not any(isinstance(part, Read) and part.access.subscripts for e in pattern.expressions for part in e.walk()):
        raise CannotLower("no array is read")
    require_room(pattern, types)
    printer = Printer(pattern, pattern.loops, types)
    out.add(f"{name}.extend({_chosen(pattern, value, printer, types)})", depth, conditions)
    out.note(printer, pattern, types)


def _chosen(pattern: Collect, value: Expr, printer: Printer, types: ArrayTypes) -> str:
    """The values where the conditions hold, as an array of one dimension or a list of Python numbers."""
    if not pattern.guards:
        if not all(printer.varies_over(value, d) for d in pattern.loops):
            raise CannotLower("one value per row")
        flat = "" if len(pattern.loops) == 1 else ".ravel()"
        return f"{printer.operand(value)}{flat}{_as_python(value)}"
    if not all(any(printer.varies_over(g.condition, d) for g in pattern.guards) for d in pattern.loops):
        raise CannotLower("a condition is the same over a loop")
    where = printer.condition(pattern.guards)
    if isinstance(value, Index) and len(pattern.loops) == 1 and str(value.affine) == pattern.loops[0].index:
        return _positions(pattern, where, printer, types)
    if not all(printer.varies_over(value, d) for d in pattern.loops):
        raise CannotLower("one value per row")
    if not isinstance(value, Read):
        printer.differences.append(BRANCHES)
    return f"{printer.operand(value)}[{where}]{_as_python(value)}"


def _positions(pattern: Collect, where: str, printer: Printer, types: ArrayTypes) -> str:
    """`np.flatnonzero(condition).tolist()`, moved by where the loop starts."""
    (domain,) = pattern.loops
    printer.uses_numpy = True
    found = f"{types.numpy}.flatnonzero({where})"
    if domain.step.value != 1:
        raise CannotLower("positions of every other element")
    if domain.start.value == 0:
        return f"{found}.tolist()"
    return f"({found} + {domain.start}).tolist()"


def _as_python(value: Expr) -> str:
    """`.tolist()` where the loop appended Python numbers, not NumPy's."""
    is_python = isinstance(value, Index) or (isinstance(value, Apply) and value.op.startswith(_PYTHON))
    return ".tolist()" if is_python else ""
