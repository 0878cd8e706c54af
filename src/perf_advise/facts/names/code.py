"""What the text of a slice alone says: scopes, flow, definitions, liveness; shared by all analyses of it."""

import ast
from collections import Counter
from functools import cached_property, lru_cache

import libcst as cst

from perf_advise.facts.names.accesses import Access, access_of
from perf_advise.facts.names.bindings import Bindings
from perf_advise.facts.names.flow import Flow, Kind, Step
from perf_advise.facts.names.flow_builder import build_flow
from perf_advise.facts.names.liveness import Liveness
from perf_advise.facts.names.reaching import Reaching, definitely_bound
from perf_advise.facts.names.scopes import Scopes
from perf_advise.model.facts import Answer
from perf_advise.source.index import ModuleIndex
from perf_advise.source.slices import FunctionSlice

# Context managers that let every exception through.
_TRANSPARENT = frozenset(
    ["builtins.open", "threading.Lock", "threading.RLock", "concurrent.futures.ThreadPoolExecutor",
     "concurrent.futures.ProcessPoolExecutor", "tempfile.TemporaryDirectory", "numpy.errstate", "io.open",
     "warnings.catch_warnings", "decimal.localcontext", "contextlib.closing", "contextlib.nullcontext"]
)  # fmt: skip


class Code:
    """The syntax-level analyses of one slice, each made when first asked for."""

    def __init__(self, piece: FunctionSlice, index: ModuleIndex, module: str) -> None:
        self.slice = piece
        self.index = index
        self.scopes = Scopes(piece.node)
        self.bindings = Bindings(piece, self.scopes, index, module)
        self._texts: dict[int, str] = {}

    @property
    def is_module(self) -> bool:
        """Whether this is top-level code."""
        return self.slice.site is None

    def text(self, node: cst.CSTNode) -> str:
        """The code of a node, kept for those of the slice: others may be gone, and their identity another one's."""
        if id(node) not in self.scopes.holders:
            return self.slice.module.code_for_node(node)
        if id(node) not in self._texts:
            self._texts[id(node)] = self.slice.module.code_for_node(node)
        return self._texts[id(node)]

    @cached_property
    def flow(self) -> Flow:
        """The control-flow graph."""
        return build_flow(self.slice.node, self._may_swallow)

    def _may_swallow(self, item: cst.WithItem) -> bool:
        made_by = item.item.func if isinstance(item.item, cst.Call) else None
        return made_by is None or self.bindings.qualified_name(made_by) not in _TRANSPARENT

    @cached_property
    def accesses(self) -> list[Access]:
        """What each step reads and binds."""
        return [access_of(step) for step in self.flow.steps]

    @cached_property
    def reaching(self) -> Reaching:
        """Reaching definitions."""
        return Reaching(self.flow, self.accesses)

    @cached_property
    def bound(self) -> list[frozenset[str] | None]:
        """Names certainly bound before each step."""
        return definitely_bound(self.flow, self.accesses)

    @cached_property
    def liveness(self) -> Liveness:
        """Live names."""
        own = self.scopes.own
        always = set(self.scopes.captured)
        if self.scopes.dynamic is not None:
            always |= set(own.bound)
        return Liveness(self.flow, self.accesses, self._outliving(), always)

    def _outliving(self) -> set[str]:
        """Names whose value is still there when the code has run."""
        own = self.scopes.own
        if not self.is_module:
            return own.globals | own.nonlocals
        return set(own.bound) - self._loop_variables

    @cached_property
    def _loop_variables(self) -> set[str]:
        """Top-level names that only `for` binds and that no function reads: nobody imports those."""
        targets: Counter[str] = Counter()
        for step, access in zip(self.flow.steps, self.accesses, strict=True):
            if step.kind is Kind.TARGET:
                targets.update(name for name, _ in access.binds)
        only = {name for name, count in targets.items() if count == len(self.scopes.own.bound.get(name, ()))}
        return only - self.read_in_functions

    @cached_property
    def read_in_functions(self) -> frozenset[str]:
        """Names that functions and classes of the module mention, in `__all__` as well."""
        found: set[str] = set()
        for node in self.index.nodes(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda):
            found.update(part.id for part in ast.walk(node) if isinstance(part, ast.Name))
        found.update(node.value for node in self.index.nodes(ast.Constant) if isinstance(node.value, str))
        return frozenset(found)

    @cached_property
    def calls_own_methods(self) -> bool:
        """Whether methods of the first parameter are called."""
        site = self.slice.site
        if site is None or site.class_name is None:
            return False
        first = next((name for name in self.scopes.own.bound if name in self.scopes.own.parameters), None)
        calls = (node for node in self.scopes.holders.values() if type(node) is cst.Attribute)
        return any(isinstance(n.value, cst.Name) and n.value.value == first for n in calls if self._is_callee(n))

    def _is_callee(self, node: cst.CSTNode) -> bool:
        holder = self.scopes.holders.get(id(node))
        return isinstance(holder, cst.Call) and holder.func is node

    # -- places -------------------------------------------------------------------------------------------------

    def step_of(self, node: cst.CSTNode) -> Step | None:
        """The step that evaluates a node; None for statements of several steps and nodes of nested functions."""
        by_part, holders = self.flow.by_part, self.scopes.holders
        current: cst.CSTNode | None = node
        while current is not None:
            index = by_part.get(id(current))
            if index is not None:
                return self.flow.steps[index]
            if isinstance(current, cst.Param):
                return self.flow.steps[0] if current in self.scopes.own.bound.get(current.name.value, ()) else None
            current = holders.get(id(current))
        return None

    def steps_of(self, nodes: "cst.CSTNode | list[cst.CSTNode]") -> list[Step]:
        """All steps of statements, blocks or expressions."""
        found: dict[int, Step] = {}
        for node in nodes if isinstance(nodes, list) else [nodes]:
            inside = self.flow.steps_of(node)
            if inside is not None:
                found.update((i, self.flow.steps[i]) for i in inside)
            elif (step := self.step_of(node)) is not None:
                found[step.index] = step
        return [found[i] for i in sorted(found)]

    def reaching_definitions(self, name: cst.Name) -> tuple[cst.CSTNode, ...] | None:
        """The nodes whose binding a read may see; None outside of the code's own names."""
        step = self.step_of(name)
        volatile = name.value in self.scopes.rebound_inside or self.scopes.dynamic is not None
        if step is None or volatile or self.scopes.binder(name.value, name) is not self.scopes.root:
            return None
        found = self.reaching.reaching(step.index, name.value)
        own = (node for bound, node in self.accesses[step.index].may_bind if bound == name.value)
        return found + tuple(node for node in own if node not in found)

    def is_bound(self, name: cst.Name) -> Answer:
        """Whether a name is bound on every path when it is read; names outside of the code count as bound."""
        binder = self.scopes.binder(name.value, name)
        if binder is None:
            known = self.bindings.scope(name.value) in ("builtin", "import", "global")
            return Answer.yes("bound outside") if known else Answer.unknown("bound outside of the function")
        if binder is not self.scopes.root:
            return Answer.yes("a variable of the comprehension or lambda")
        step = self.step_of(name)
        if step is None or name.value in self.scopes.own.deleted or name.value in self.unbound_by_handlers:
            return Answer.unknown(f"`{name.value}` may have been unbound")
        bound = self.bound[step.index]
        if bound is None:
            return Answer.yes("never runs")
        return Answer.yes("bound on every path") if name.value in bound else Answer.unknown("not bound on every path")

    @cached_property
    def unbound_by_handlers(self) -> frozenset[str]:
        """Names of `except ... as name`, which Python unbinds at the end of the handler."""
        handlers = (step.index for step in self.flow.steps if step.kind is Kind.EXCEPT)
        return frozenset(name for index in handlers for name, _ in self.accesses[index].binds)

    @cached_property
    def rebound(self) -> frozenset[str]:
        """Names that are bound at more than one place."""
        return frozenset(name for name, nodes in self.scopes.own.bound.items() if len(nodes) > 1)


@lru_cache(maxsize=64)
def code_of(piece: FunctionSlice, index: ModuleIndex, module: str) -> Code:
    """The analyses of a slice; the last ones are kept, for callers and callees that run other types over it."""
    return Code(piece, index, module)
