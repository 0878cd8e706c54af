"""Simple statements of a nest as steps."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import libcst as cst

from perf_advise.facts.loops.accumulate import accumulation, conditional
from perf_advise.facts.loops.affine import Affine, canonical
from perf_advise.facts.loops.changes import GROWING
from perf_advise.facts.loops.expressions import Reader
from perf_advise.facts.loops.iteration import Access, Apply, Choose, Expr, Read, Scalar, Subscript, Unclear
from perf_advise.facts.loops.nouns import Growth, Step
from perf_advise.facts.loops.place import Place
from perf_advise.facts.tree import dotted, statements

_IN_PLACE: Mapping[type[cst.BaseAugOp], str] = {
    cst.AddAssign: "+", cst.SubtractAssign: "-", cst.MultiplyAssign: "*", cst.DivideAssign: "/",
    cst.FloorDivideAssign: "//", cst.ModuloAssign: "%", cst.PowerAssign: "**", cst.MatrixMultiplyAssign: "@",
    cst.BitAndAssign: "&", cst.BitOrAssign: "|", cst.BitXorAssign: "^",
    cst.LeftShiftAssign: "<<", cst.RightShiftAssign: ">>",
}  # fmt: skip


def opaque(node: cst.CSTNode, place: Place, why: str) -> Step:
    """A step about which only that much is known."""
    return Step(node, None, Unclear(node, why), guards=place.guards, domains=place.domains, why=why)


def simple_steps(node: cst.CSTNode, place: Place, reader: Reader) -> Iterator[Step]:
    """The steps of one small statement."""
    if isinstance(node, cst.Assign):
        yield from _assigned(node, place, reader)
    elif isinstance(node, cst.AnnAssign):
        if node.value is not None:
            yield _stored(node, node.target, reader.read(node.value, place), place, reader)
    elif isinstance(node, cst.AugAssign):
        yield _augmented(node, place, reader)
    elif isinstance(node, cst.Expr):
        yield from _evaluated(node, place, reader)
    elif not isinstance(node, cst.Pass):
        yield opaque(node, place, f"`{type(node).__name__.lower()}` statement")


def _assigned(node: cst.Assign, place: Place, reader: Reader) -> Iterator[Step]:
    targets = [t.target for t in node.targets]
    if isinstance(targets[0], cst.Tuple | cst.List) and len(targets) == 1:
        yield from _unpacked(node, targets[0], place, reader)
        return
    for target in targets:
        yield _stored(node, target, reader.read(node.value, place), place, reader)


def _unpacked(node: cst.Assign, target: cst.Tuple | cst.List, place: Place, reader: Reader) -> Iterator[Step]:
    """`a, b = x, y`: in order where no value reads an earlier target, else through names of their own."""
    targets = [e.value for e in target.elements]
    values = _components(node.value, len(targets), place, reader)
    if values is None or any(isinstance(e, cst.StarredElement) for e in target.elements):
        yield opaque(node, place, "tuple unpacking")
        return
    steps = [_stored(node, t, v, place, reader) for t, v in zip(targets, values, strict=True)]
    if _in_order(steps):
        yield from steps
        return
    held = [Scalar(node, f"@{i}:{canonical(t)}") for i, t in enumerate(targets)]
    for name, v in zip(held, values, strict=True):
        yield Step(node, name, v, guards=place.guards, domains=place.domains)
    for t, name in zip(targets, held, strict=True):
        yield _stored(node, t, name, place, reader)


def _components(value: cst.BaseExpression, count: int, place: Place, reader: Reader) -> list[Expr] | None:
    """The parts of a tuple: of a display, or of a row (`x, y = points[i]`)."""
    if isinstance(value, cst.Tuple | cst.List):
        whole = len(value.elements) == count and not any(isinstance(e, cst.StarredElement) for e in value.elements)
        return [reader.read(e.value, place) for e in value.elements] if whole else None
    row = reader.read(value, place)
    if not isinstance(row, Read) or any(s.span is not None for s in row.access.subscripts):
        return None
    subscripts = (Subscript(Affine.number(at)) for at in range(count))
    return [replace(row, access=replace(row.access, subscripts=(*row.access.subscripts, s))) for s in subscripts]


def _in_order(steps: list[Step]) -> bool:
    """Whether no step reads a name or array that an earlier one writes."""
    written: set[str] = set()
    for step in steps:
        read = {e.name if isinstance(e, Scalar) else e.access.array for e in step.reads if isinstance(e, Scalar | Read)}
        if read & written:
            return False
        written |= step.scalars_written
        if isinstance(step.target, Access):
            written.add(step.target.array)
    return True


def _stored(node: cst.CSTNode, target: cst.BaseExpression, value: Expr, place: Place, reader: Reader) -> Step:
    """One assignment, as an accumulation where it is one."""
    goal = target_of(target, place, reader)
    if goal is None:
        return opaque(node, place, f"stores to `{canonical(target)}`")
    own = Read(goal.node, goal) if isinstance(goal, Access) else goal
    found = accumulation(own, value)
    if found is None:
        return Step(node, goal, value, guards=place.guards, domains=place.domains)
    return Step(
        node, goal, found.value, found.operator, place.guards, place.domains,
        tie=found.tie, regrouped=found.regrouped,
    )  # fmt: skip


def target_of(target: cst.BaseExpression, place: Place, reader: Reader) -> Access | Scalar | None:
    """The cell, name or attribute that is assigned; None for anything else."""
    if isinstance(target, cst.Subscript):
        return reader.access(target, place)
    text = dotted(target)
    if text is None or (isinstance(target, cst.Attribute) and text.split(".")[0] in place.names):
        return None
    if isinstance(target, cst.Attribute) and place.changes.binds(text.split(".")[0]):
        return None
    return Scalar(target, text)


def _augmented(node: cst.AugAssign, place: Place, reader: Reader) -> Step:
    goal = target_of(node.target, place, reader)
    operator = _IN_PLACE[type(node.operator)]
    value = reader.read(node.value, place)
    if goal is None:
        return opaque(node, place, f"stores to `{canonical(node.target)}`")
    if isinstance(goal, Scalar) and isinstance(value, Apply) and value.op == "list" and len(value.operands) == 1:
        return Step(node, Growth(goal.name, "append"), value.operands[0], guards=place.guards, domains=place.domains)
    return Step(node, goal, value, operator, place.guards, place.domains)


def _evaluated(node: cst.Expr, place: Place, reader: Reader) -> Iterator[Step]:
    call = node.value
    if isinstance(call, cst.SimpleString | cst.Ellipsis):
        return
    if isinstance(call, cst.Call) and grown(call) is not None:
        yield _growing(node, call, reader.read(call.args[0].value, place), place)
    else:
        value = reader.read(call, place)
        yield opaque(node, place, value.why if isinstance(value, Unclear) else "the value is not used")


def _growing(node: cst.CSTNode, call: cst.Call, value: Expr, place: Place) -> Step:
    assert isinstance(call.func, cst.Attribute)
    target = Growth(grown(call) or "", "append" if call.func.attr.value == "append" else "add")
    return Step(node, target, value, guards=place.guards, domains=place.domains)


def grown(call: cst.BaseExpression) -> str | None:
    """The container of `xs.append(x)` or `seen.add(x)`."""
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute) or len(call.args) != 1:
        return None
    plain = call.args[0].keyword is None and not call.args[0].star
    return dotted(call.func.value) if call.func.attr.value in GROWING and plain else None


# -- if statements that are one step ----------------------------------------------------------------------


def single_step(node: cst.If, place: Place, reader: Reader) -> Step | None:
    """The `if` statement as one step: a running extreme, or the same target assigned on every side."""
    return _extreme(node, place, reader) or _chosen(node, place, reader)


def _extreme(node: cst.If, place: Place, reader: Reader) -> Step | None:
    """`if x > m: m = x`, with anything else that the same branch stores as payload."""
    pairs = _assignments(node.body)
    if node.orelse is not None or not pairs:
        return None
    condition = reader.read(node.test, place)
    goals = [(target_of(t, place, reader), reader.read(v, place)) for t, v in pairs]
    for goal, value in goals:
        own = Read(goal.node, goal) if isinstance(goal, Access) else goal
        found = conditional(own, condition, value) if own is not None else None
        if found is None:
            continue
        payload = tuple((g.name, v) for g, v in goals if isinstance(g, Scalar) and g is not goal)
        if len(payload) != len(goals) - 1 or _reads_any(payload, goals):
            return None
        if isinstance(goal, Scalar) and found.operator in ("argmin", "argmax"):
            payload = ((goal.name, value), *payload)
        return Step(node, goal, found.value, found.operator, place.guards, place.domains, payload, found.tie)
    return None


def _reads_any(payload: tuple[tuple[str, Expr], ...], goals: list[tuple[Access | Scalar | None, Expr]]) -> bool:
    """Whether what is stored beside the extreme reads something that the branch assigns."""
    names = {g.name for g, _ in goals if isinstance(g, Scalar)}
    parts = [part for _, value in payload for part in value.walk()]
    return any(isinstance(p, Scalar) and p.name in names for p in parts) or len(names) < len(payload)


def _assignments(block: cst.BaseSuite) -> list[tuple[cst.BaseExpression, cst.BaseExpression]] | None:
    """Targets and values of a block of plain assignments, tuples taken apart; None where it has anything else."""
    found: list[tuple[cst.BaseExpression, cst.BaseExpression]] = []
    for statement in statements(block):
        if not isinstance(statement, cst.Assign) or len(statement.targets) != 1:
            return None
        target, value = statement.targets[0].target, statement.value
        if isinstance(target, cst.Tuple) and isinstance(value, cst.Tuple):
            if len(target.elements) != len(value.elements):
                return None
            found += ((t.value, v.value) for t, v in zip(target.elements, value.elements, strict=True))
        else:
            found.append((target, value))
    return found


def _chosen(node: cst.If, place: Place, reader: Reader) -> Step | None:
    """`if c: t = x` / `else: t = y` (and `elif`) as `t = x if c else y`."""
    sides = _sides(node)
    if sides is None:
        return _grown_either_way(node, place, reader)
    goals = {target_of(target, place, reader) for target, _ in sides.values()}
    goal = goals.pop() if len(goals) == 1 else None
    if goal is None:
        return None
    value = _choice(node, place, reader, {branch: value for branch, (_, value) in sides.items()})
    own = Read(goal.node, goal) if isinstance(goal, Access) else goal
    found = accumulation(own, value)
    if found is not None:
        return Step(node, goal, found.value, found.operator, place.guards, place.domains, tie=found.tie)
    return Step(node, goal, value, guards=place.guards, domains=place.domains)


def _grown_either_way(node: cst.If, place: Place, reader: Reader) -> Step | None:
    """`if c: xs.append(x)` / `else: xs.append(y)` as `xs.append(x if c else y)`."""
    calls: dict[cst.CSTNode, cst.Call] = {}
    branch: cst.If | cst.Else | None = node
    while branch is not None:
        call = _only_growth(branch.body)
        if call is None:
            return None
        calls[branch] = call
        branch = branch.orelse if isinstance(branch, cst.If) else None
    if len({canonical(call.func) for call in calls.values()}) != 1 or not isinstance([*calls][-1], cst.Else):
        return None
    value = _choice(node, place, reader, {b: call.args[0].value for b, call in calls.items()})
    return _growing(node, calls[node], value, place)


def _only_growth(block: cst.BaseSuite) -> cst.Call | None:
    """The `xs.append(x)` that is all of a block."""
    body = list(statements(block))
    call = body[0].value if len(body) == 1 and isinstance(body[0], cst.Expr) else None
    return call if isinstance(call, cst.Call) and grown(call) is not None else None


def _sides(node: cst.If) -> dict[cst.CSTNode, tuple[cst.BaseExpression, cst.BaseExpression]] | None:
    """The one assignment of each branch, an `else` included; None where a branch is not just that."""
    found: dict[cst.CSTNode, tuple[cst.BaseExpression, cst.BaseExpression]] = {}
    branch: cst.If | cst.Else | None = node
    while branch is not None:
        pairs = _assignments(branch.body)
        if pairs is None or len(pairs) != 1 or isinstance(pairs[0][0], cst.Tuple | cst.List):
            return None
        found[branch] = pairs[0]
        if isinstance(branch, cst.Else):
            return found
        branch = branch.orelse
    return None


def _choice(node: cst.If, place: Place, reader: Reader, values: Mapping[cst.CSTNode, cst.BaseExpression]) -> Expr:
    then = reader.read(values[node], place)
    other = node.orelse
    if isinstance(other, cst.If):
        otherwise = _choice(other, place, reader, values)
    else:
        assert other is not None
        otherwise = reader.read(values[other], place)
    return Choose(node, reader.read(node.test, place), then, otherwise)
