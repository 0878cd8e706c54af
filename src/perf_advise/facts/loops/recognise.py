"""Which class a strongly connected group of steps is, once the outer loops run in order.

Each recogniser gives the parts that the group becomes, or None. A group is one step, or several that depend
on each other in a circle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from perf_advise.facts.loops.accumulate import Accumulation, accumulation
from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.graph import Dependence
from perf_advise.facts.loops.iteration import Access, Apply, Constant, Expr, Fold, Read, Scalar
from perf_advise.facts.loops.nouns import ASSOCIATIVE, Domain, Growth, Step
from perf_advise.facts.loops.patterns import ArgReduction, Collect, Map, Pattern, Reduction, Scan, Scatter

_FOLDED = frozenset({"+", "*", "min", "max", "any", "all", "count"})


@dataclass(frozen=True, slots=True)
class Group:
    """Steps that have to be taken together, with the dependences among them that the outer loops leave.

    `level` is the depth in the nest of the first loop that could vanish, `around` the number of loops outside the
    nest; `scalars` are the loops over which names are private.
    """

    steps: tuple[Step, ...]
    dependences: tuple[Dependence, ...]
    level: int
    around: int
    scalars: Mapping[str, tuple[Domain, ...]]

    @property
    def only(self) -> Step | None:
        """The step, where there is one."""
        return self.steps[0] if len(self.steps) == 1 else None

    @property
    def loops(self) -> tuple[Domain, ...]:
        """The loops of the last step that could vanish."""
        return self.steps[-1].domains[self.around + self.level :]

    def private(self, name: str) -> tuple[Domain, ...]:
        """The loops that could vanish over which a name is private."""
        return tuple(d for d in self.loops if d in self.scalars.get(name, ()))


def recognise(group: Group) -> Pattern | None:
    """The class of a single step."""
    step = group.only
    if step is None or not group.loops or any(not d.is_counted for d in group.loops):
        return None
    for recogniser in (_map, _fold, _collect, _argreduction, _reduction, _flag, _scan, _scatter):
        found = recogniser(group, step)
        if found is not None:
            return found
    return None


# -- no circle ----------------------------------------------------------------------------------------------


def _map(group: Group, step: Step) -> Pattern | None:
    """No iteration needs another one's result; reading what a later one overwrites is in order."""
    if not isinstance(step.target, Access | Scalar) or step.payload or _is_fold(step):
        return None
    if any(d.kind != "anti" for d in group.dependences) or not _is_own_cell(step, group):
        return None
    ahead = bool(group.dependences)
    return Map(group.loops, group.steps, group.scalars, step.target, step.operator, ahead)


def _is_own_cell(step: Step, group: Group) -> bool:
    """Whether the target is another cell in every iteration."""
    if isinstance(step.target, Scalar):
        return len(group.private(step.target.name)) == len(group.loops)
    assert isinstance(step.target, Access)
    return not any(s.is_computed_in(d) for s in step.target.subscripts for d in group.loops)


def _is_fold(step: Step) -> bool:
    return isinstance(step.value, Fold) and step.value.op in _FOLDED and not step.value.conditions


def _fold(group: Group, step: Step) -> Pattern | None:
    """`c[i] = sum(a[i][k] * b[k] for k in range(n))`: a reduction with a start of its own."""
    fold = step.value
    if not isinstance(fold, Fold) or not _is_fold(step) or step.operator or group.dependences:
        return None
    if not isinstance(step.target, Access | Scalar) or not _is_own_cell(step, group):
        return None
    start = Constant(fold.node, {"*": 1, "any": False, "all": True}.get(fold.op, 0))
    return Reduction(
        (*group.loops, *fold.domains), group.steps, group.scalars, fold.op, step.target, group.loops, fold.domains,
        None if fold.op in ("min", "max") else start,
    )  # fmt: skip


# -- circles of one step --------------------------------------------------------------------------------------


def _collect(group: Group, step: Step) -> Pattern | None:
    if not isinstance(step.target, Growth) or not _only_own_target(group, step.target.name):
        return None
    free = group.private(step.target.name)
    over = group.loops[len(free) :]
    return Collect(group.loops, group.steps, group.scalars, step.target, free, over) if over else None


def _reduction(group: Group, step: Step) -> Pattern | None:
    """`s op= x`, where only the target itself makes the circle."""
    if step.operator not in ASSOCIATIVE or step.operator.startswith("arg") or step.payload:
        return None
    split = _split_loops(group, step)
    if split is None or not isinstance(step.target, Access | Scalar):
        return None
    free, over = split
    return Reduction(group.loops, group.steps, group.scalars, step.operator, step.target, free, over, tie=step.tie)


def _argreduction(group: Group, step: Step) -> Pattern | None:
    """`if x > m: m = x; k = i`, or `if a[i] > a[k]: k = i`."""
    if not isinstance(step.target, Access | Scalar) or not step.payload:
        return None
    split = _split_loops(group, step)
    if split is None:
        return None
    best = None if step.operator.startswith("arg") else step.target
    operator = step.operator.removeprefix("arg")
    return ArgReduction(group.loops, group.steps, group.scalars, operator, best, step.payload, step.tie, *split)


def _split_loops(group: Group, step: Step) -> tuple[tuple[Domain, ...], tuple[Domain, ...]] | None:
    """The loops over which each iteration has a target of its own, and those that combine into one.

    None unless the target alone makes the circle, and nothing is combined (then it is a map).
    """
    if not all(d.commutes for d in group.dependences) or not group.dependences:
        return None
    if isinstance(step.target, Access) and any(s.affine is None for s in step.target.subscripts):
        return None
    vectors = {v for d in group.dependences for v in d.at(group.level)}
    combined = {at for v in vectors for at, direction in enumerate(v) if direction != "="}
    over = tuple(d for at, d in enumerate(step.domains[group.around :]) if at in combined)
    free = tuple(d for d in group.loops if d not in over)
    if isinstance(step.target, Access) and _mixes(step.target, free, over):
        return None
    return free, over


def _mixes(target: Access, free: Sequence[Domain], over: Sequence[Domain]) -> bool:
    """Whether the cell depends on a loop that is combined, or one dimension on several loops."""
    for affine in target.affines or ():
        inside = [d for d in (*free, *over) if d.own_names & affine.names]
        if len(inside) > 1 or any(d in over for d in inside):
            return True
    return False


def _flag(group: Group, step: Step) -> Pattern | None:
    """`if c: found = True` (any), `if c: last = i` (last): stores under a condition that nothing in the loop reads."""
    if not isinstance(step.target, Scalar) or step.operator or not step.guards or _reads(step, step.target.name):
        return None
    free = group.private(step.target.name)
    over = group.loops[len(free) :]
    others = [d for d in group.dependences if d.array != step.target.name]
    if others or not over or any(isinstance(e, Read | Scalar | Fold) for e in step.value.walk()):
        return None
    found = Reduction(group.loops, group.steps, group.scalars, "any", step.target, free, over)
    if any(found.varies(step.value, domain) for domain in over):
        return Reduction(group.loops, group.steps, group.scalars, "last", step.target, free, over)
    return found


def _reads(step: Step, name: str) -> bool:
    return any(isinstance(e, Scalar) and e.name == name for e in step.reads)


def _scatter(group: Group, step: Step) -> Pattern | None:
    """`h[idx[i]] += x`: the cell is computed from data."""
    target = step.target
    if not isinstance(target, Access) or _is_own_cell(step, group):
        return None
    if not all(_both_target(d, step) for d in group.dependences):
        return None
    if step.operator and step.operator not in ASSOCIATIVE:
        return None
    return Scatter(group.loops, group.steps, group.scalars, target, step.operator)


def _both_target(dependence: Dependence, step: Step) -> bool:
    """Whether a dependence of a step on itself is between stores to its target, or commutes."""
    return dependence.commutes or (dependence.kind == "output" and not step.operator)


def _only_own_target(group: Group, name: str) -> bool:
    """Whether all that makes the circle is that a list grows in order."""
    step = group.steps[0]
    is_read = any(isinstance(e, Read) and e.access.array == name for e in step.reads)
    return all(d.array == name for d in group.dependences) and not is_read and not _reads(step, name)


# -- scans ----------------------------------------------------------------------------------------------------


def _scan(group: Group, step: Step) -> Pattern | None:
    """`c[i] = c[i - 1] op x` along the last loop, or `out.append(out[-1] op x)`."""
    if step.operator or step.payload or not group.loops:
        return None
    previous = _previous(step, group.loops[-1])
    if previous is None or not isinstance(step.target, Access | Growth):
        return None
    found, gap = _carried(previous, step.value)
    name = previous.access.array
    if found is None or found.operator not in ASSOCIATIVE or found.operator in ("argmin", "argmax"):
        return None
    if any(isinstance(e, Read) and e.access == previous.access for e in found.value.walk()) or step.guards:
        return None
    if not all(d.array == name and _along_last(d, group) for d in group.dependences if d.kind == "flow"):
        return None
    return Scan(
        group.loops, group.steps, group.scalars, found.operator, step.target, found.value, previous,
        gap=gap, regrouped=found.regrouped,
    )  # fmt: skip


def _along_last(dependence: Dependence, group: Group) -> bool:
    """Whether only the last loop carries it, by one iteration."""
    return (
        dependence.distance[-1] in (1, None)
        and all(set(v[:-1]) <= {"="} for v in dependence.at(group.level))
        and (dependence.distance[-1] == 1 or isinstance(group.steps[0].target, Growth))
    )


def _previous(step: Step, axis: Domain) -> Read | None:
    """The read of what the iteration before stored."""
    for part in step.value.walk():
        if not isinstance(part, Read):
            continue
        if isinstance(step.target, Access) and _is_one_back(part.access, step.target, axis):
            return part
        if isinstance(step.target, Growth) and part.access.array == step.target.name:
            affines = part.access.affines
            return part if affines is not None and [a.value for a in affines] == [-1] else None
    return None


def _is_one_back(read: Access, target: Access, axis: Domain) -> bool:
    before, now = read.affines, target.affines
    if read.array != target.array or before is None or now is None or len(before) != len(now):
        return False
    back = Affine.symbol(axis.index) - axis.step
    shifted = tuple(a.substitute(axis.index, back) for a in now)
    return shifted == before and before != now


def _carried(previous: Read, value: Expr) -> tuple[Accumulation | None, Expr | None]:
    """The scan's operator and term, and what is added to the carried value first."""
    found = accumulation(previous, value)
    if found is not None or not isinstance(value, Apply) or value.op not in ("builtins.min", "builtins.max"):
        return found, None
    for operand in value.operands:
        gap = _gap(previous, operand)
        if gap is not None:
            others = tuple(o for o in value.operands if o is not operand)
            term = others[0] if len(others) == 1 else Apply(value.node, value.op, others)
            tie: Literal["first", "last"] = "first" if operand is value.operands[0] else "last"
            return Accumulation(value.op.removeprefix("builtins."), term, tie), gap
    return None, None


def _gap(previous: Read, operand: Expr) -> Expr | None:
    """`c` in `previous + c`, where c is the same everywhere."""
    found = accumulation(previous, operand)
    if found is None or found.operator not in ("+", "-"):
        return None
    if any(isinstance(e, Read | Scalar) for e in found.value.walk()) or isinstance(found.value, Fold):
        return None
    return found.value if found.operator == "+" else Apply(operand.node, "neg", (found.value,))
