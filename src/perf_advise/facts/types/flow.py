"""Runs the machine over the flow until nothing new is learned: what every name and expression can be, everywhere."""

from collections.abc import Mapping

import libcst as cst

from perf_advise.facts.literals import is_nonnegative, number
from perf_advise.facts.names.flow import Edge, Flow, Kind, Step
from perf_advise.facts.tree import target_names
from perf_advise.facts.types.calls import fill_mapping, put_all
from perf_advise.facts.types.expressions import HANDLERS
from perf_advise.facts.types.heap import NOTHING, Cell, Heap, Value, join, of_atom, scalar, unknown
from perf_advise.facts.types.machine import Machine
from perf_advise.facts.types.narrow import narrowed
from perf_advise.facts.types.operators import Power
from perf_advise.facts.types.state import Env, World
from perf_advise.facts.types.subscripts import BINDERS

_PATIENCE = 40
_OWN_CONTEXT = ("_io.TextIOWrapper", "_io.BufferedReader")
_IN_PLACE = {"list": (cst.AddAssign,), "collections.deque": (cst.AddAssign,),
             "set": (cst.BitOrAssign, cst.BitAndAssign, cst.SubtractAssign, cst.BitXorAssign),
             "dict": (cst.BitOrAssign,)}  # fmt: skip


class TypeFlow:
    """The solved types of one slice. `before` and `after` are the environments of each step; None: never reached."""

    def __init__(
        self,
        flow: Flow,
        world: World,
        heap: Heap,
        entry: Mapping[str, Value],
        captured: frozenset[str],
        volatile: frozenset[str],
        rebound: frozenset[str],
    ) -> None:
        self.flow = flow
        self.machine = Machine(world, heap, HANDLERS, BINDERS, captured, volatile, rebound)
        self.before: list[Env | None] = [None] * len(flow.steps)
        self.after: list[Env | None] = [None] * len(flow.steps)
        self.returned = NOTHING
        self.gave_up = False
        self._solve(entry)

    # -- the fixed point ------------------------------------------------------------------------------------

    def _solve(self, entry: Mapping[str, Value]) -> None:
        start = Env({})
        self.machine.env = start
        for name, value in entry.items():
            self.machine.set_name(name, value)
        self.before[0] = start
        pending = {0}
        budget = _PATIENCE * len(self.flow.steps)
        version = -1
        while pending and budget > 0:
            index = min(pending)
            pending.discard(index)
            budget -= 1
            pending |= self._advance(self.flow.steps[index])
            if not pending and version != self.machine.heap.version:
                # What a container holds has grown; every step may have read it.
                version = self.machine.heap.version
                pending = {i for i, env in enumerate(self.before) if env is not None}
        self.gave_up = bool(pending)

    def _advance(self, step: Step) -> set[int]:
        """Run one step and lead its outcome on; gives the steps that have to run (again)."""
        before = self.before[step.index]
        if before is None:
            return set()
        env = self.machine.env = before.copy()
        self._run(step)
        env = self.machine.env
        self.after[step.index] = env
        again = {edge.step for edge in step.after if self._reach(edge.step, self._on_edge(env, edge))}
        for target in step.on_error:
            if self._reach(target, before) | self._reach(target, env):
                again.add(target)
        return again

    def _on_edge(self, env: Env, edge: Edge) -> Env:
        if edge.test is None:
            return env
        return narrowed(env.copy(), edge.test, edge.truth, self.machine.world.meaning, self.machine.make)

    def _reach(self, index: int, env: Env) -> bool:
        known = self.before[index]
        if known is None:
            self.before[index] = env.copy()
            return True
        return known.merge(env)

    # -- steps ------------------------------------------------------------------------------------------------

    def _run(self, step: Step) -> None:
        machine = self.machine
        if step.kind is Kind.STATEMENT:
            self._statement(step.node)
        elif step.kind in (Kind.TEST, Kind.ITER, Kind.SUBJECT):
            value = machine.value(step.parts[0])
            if step.kind is Kind.SUBJECT:
                machine.expose(value)  # captures of the patterns are not followed
        elif step.kind is Kind.TARGET and isinstance(step.node, cst.For):
            self._item(step.node)
        elif step.kind is Kind.ENTER and isinstance(step.parts[0], cst.WithItem):
            self._enter(step.parts[0])
        elif step.kind is Kind.EXCEPT:
            self._except(step.node)
        elif step.kind is Kind.CASE and isinstance(step.node, cst.MatchCase):
            self._case(step.node)
        elif step.kind is Kind.DEFINE:
            self._define(step.node)

    def _statement(self, node: cst.CSTNode) -> None:
        machine = self.machine
        if isinstance(node, cst.Assign):
            value = machine.value(node.value)
            for target in node.targets:
                machine.bind(target.target, value)
        elif isinstance(node, cst.AugAssign):
            self._augmented(node)
        elif isinstance(node, cst.AnnAssign):
            self._annotated(node)
        elif isinstance(node, cst.Return):
            value = machine.value(node.value) if node.value is not None else scalar("NoneType", "bare return")
            self.returned = join(self.returned, value)
        elif isinstance(node, cst.Expr):
            machine.value(node.value)
        elif isinstance(node, cst.Assert):
            machine.value(node.test)
            if node.msg is not None:
                machine.value(node.msg)
            narrowed(machine.env, node.test, True, machine.world.meaning, machine.make)
        else:
            self._rare(node)

    def _rare(self, node: cst.CSTNode) -> None:
        machine = self.machine
        if isinstance(node, cst.Raise):
            for part in (node.exc, node.cause.item if node.cause is not None else None):
                if part is not None:
                    machine.expose(machine.value(part))
        elif isinstance(node, cst.Del):
            if isinstance(node.target, cst.Subscript):
                machine.value(node.target.value)
            for name in target_names(node.target):
                machine.env.vars.pop(name.value, None)
        elif isinstance(node, cst.Import | cst.ImportFrom):
            machine.suspend()  # importing runs a module

    def _annotated(self, node: cst.AnnAssign) -> None:
        promised = self.machine.world.annotation(self.machine, node)
        if node.value is None:
            return
        value = self.machine.value(node.value)
        if value.open and promised is not None:
            mine = frozenset(atom for atom in value if atom.type.name in promised.names())
            value = Value(promised.atoms | mine, False, promised.why)
        self.machine.bind(node.target, value)

    def _augmented(self, node: cst.AugAssign) -> None:
        """`a += b`: containers and arrays change in place and stay the same object."""
        machine = self.machine
        old, other = machine.value(node.target), machine.value(node.value)
        power = Power(number(node.value), is_nonnegative(node.target))
        found = NOTHING
        if old.open or other.open:
            machine.expose(other)
            machine.expose(old)
        if old.open:
            found = join(old, unknown("an operator on a value of unknown type"))
        for atom in old:
            one = of_atom(atom, old.why)
            if isinstance(node.operator, _IN_PLACE.get(atom.type.name, ())):
                if atom.type.name == "dict" and atom.cell is not None:
                    fill_mapping(machine, atom.cell, other, node)
                else:
                    put_all(machine, one, machine.items(other, node))
                found = join(found, one)
            elif atom.type.name == "numpy.ndarray" and atom.type.ndim:
                found = join(found, one)
            else:
                found = join(found, machine.operators.binary(node.operator, one, other, id(node), power))
        machine.bind(node.target, found)
        machine.values[id(node.target)] = join(old, found)

    def _item(self, node: cst.For) -> None:
        machine = self.machine
        source = machine.values.get(id(node.iter), NOTHING)
        item = unknown("asynchronous iteration") if node.asynchronous is not None else machine.items(source, node)
        if source.open or node.asynchronous is not None:
            machine.suspend()
        machine.bind(node.target, item)

    def _enter(self, item: cst.WithItem) -> None:
        machine = self.machine
        value = machine.value(item.item)
        known = value.only_types(*_OWN_CONTEXT)
        if not known:
            machine.escape(value)
        if item.asname is not None:
            machine.bind(item.asname.name, value if known else unknown("what a context manager gives"))

    def _except(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.ExceptHandler | cst.ExceptStarHandler):
            if node.type is not None:
                self.machine.value(node.type)
            if node.name is not None:
                self.machine.bind(node.name.name, unknown("an exception"))

    def _case(self, node: cst.MatchCase) -> None:
        stack: list[cst.CSTNode] = [node.pattern]
        while stack:
            part = stack.pop()
            name = getattr(part, "rest", None) or getattr(part, "name", None)
            if isinstance(name, cst.Name):
                self.machine.set_name(name.value, unknown("a part captured by a pattern"))
            stack.extend(part.children)
        if node.guard is not None:
            self.machine.value(node.guard)

    def _define(self, node: cst.CSTNode) -> None:
        machine = self.machine
        if isinstance(node, cst.FunctionDef | cst.ClassDef):
            for decorator in node.decorators:
                machine.value(decorator.decorator)
            plain = not node.decorators
            kind = "function" if isinstance(node, cst.FunctionDef) else "type"
            machine.set_name(node.name.value, scalar(kind) if plain else unknown("decorated"))
            if not plain or isinstance(node, cst.ClassDef):
                machine.suspend()

    # -- answers ------------------------------------------------------------------------------------------------

    def value(self, node: cst.CSTNode) -> Value | None:
        """What an expression of the slice can be; None when it was never reached."""
        return None if self.gave_up else self.machine.values.get(id(node))

    def touched(self, step: int) -> frozenset[Cell]:
        """The cells that unknown code may have changed by the end of a step."""
        env = self.after[step]
        return env.touched if env is not None else frozenset()
