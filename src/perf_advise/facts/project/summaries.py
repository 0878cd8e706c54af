"""What calling a project function gives and does, for the types of one call."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.effects.events import Events
from perf_advise.facts.effects.purity import Purity
from perf_advise.facts.names.code import code_of
from perf_advise.facts.names.flow import successors
from perf_advise.facts.project.program import Module
from perf_advise.facts.types.entry import Given
from perf_advise.facts.types.heap import Cell, Origin, Value, join, reachable, scalar
from perf_advise.facts.types.heap_types import marked
from perf_advise.facts.types.run import Types
from perf_advise.facts.types.specs import any_of, is_whole, shallow
from perf_advise.model.pytypes import PyType
from perf_advise.source.functions import FunctionSite

if TYPE_CHECKING:
    from perf_advise.facts.project.callees import Callees

# Per question: how many functions are looked into, how deep calls are followed, how long one may be.
_MOST = 20
_DEEPEST = 3
_LONGEST = 150
_ROUNDS = 3
_TRANSPARENT = frozenset(
    ["staticmethod", "classmethod", "property", "cached_property", "functools.cached_property", "functools.cache",
     "functools.lru_cache", "cache", "lru_cache", "abstractmethod", "abc.abstractmethod", "override", "final",
     "typing.final", "typing.override"]
)  # fmt: skip

Key = tuple[str, str, int, tuple[tuple[str, PyType], ...]]


@dataclass(frozen=True, slots=True)
class Summary:
    """A call as its caller sees it; parameters by name.

    `returns` is None where the type is not known, and `never` while a recursion has not returned yet. `fresh`: the
    result is a new object that nobody else holds. `changes` are parameters whose objects are changed, `contents` the
    types of those that may hold other types afterwards, `keeps` those that something holds after the call.
    """

    returns: PyType | None = None
    never: bool = False
    fresh: bool = False
    promised: bool = False
    """The type of the result is that of the return annotation."""
    gives_back: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    contents: tuple[tuple[str, PyType | None], ...] = ()
    keeps: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    io: bool = False
    random: bool = False
    unsteady: bool = False
    suspends: bool = False
    """It is a generator or a coroutine: nothing runs until it is asked to."""
    outer_reads: frozenset[str] = frozenset()


class Summaries:
    """Summaries of the functions of a program, made on demand within a budget."""

    def __init__(self, callees: "Callees") -> None:
        self.callees = callees
        self._known: dict[Key, Summary] = {}
        self._running: dict[Key, Summary] = {}
        self._used: set[Key] = set()
        self._made = 0

    def summary(self, module: Module, site: FunctionSite, given: Mapping[str, PyType]) -> Summary | None:
        """What a call with arguments of the `given` types does; None when that is not known."""
        key = (module.name, site.qualname, site.line, tuple(sorted(given.items())))
        if key in self._known:
            return self._known[key]
        if key in self._running:
            self._used.add(key)
            return self._running[key]
        if not self._running:
            self._made = 0
        if self._made >= _MOST or len(self._running) >= _DEEPEST or not _is_plain(site):
            return None
        return self._solved(key, module, site, given)

    def forget(self) -> None:
        """Drop every summary: one of them may rest on a guess that turned out wrong."""
        self._known.clear()

    def _solved(self, key: Key, module: Module, site: FunctionSite, given: Mapping[str, PyType]) -> Summary | None:
        """The least summary that agrees with itself where the function calls itself."""
        outside, self._used = self._used, set()
        self._running[key] = Summary(never=True)
        found: Summary | None = None
        for _ in range(_ROUNDS):
            found = self._made_once(module, site, given)
            if found is None or key not in self._used or found == self._running[key]:
                break
            self._running[key] = found
        else:
            found = None
        del self._running[key]
        self._used.discard(key)
        if not self._used and found is not None:
            self._known[key] = found
        self._used |= outside
        return found

    def _made_once(self, module: Module, site: FunctionSite, given: Mapping[str, PyType]) -> Summary | None:
        self._made += 1
        piece = module.slice(site)
        if piece is None or self._made > _MOST:
            return None
        code = code_of(piece, module.index, module.name)
        types = Types(code, self.callees, Given(given, True, "given by the caller", Origin.GIVEN))
        if types.flow.gave_up or code.scopes.dynamic is not None:
            return None
        return _summarised(types, Purity(types, self.callees))


def _is_plain(site: FunctionSite) -> bool:
    short = site.end_line - site.line <= _LONGEST
    return short and not site.is_async and all(text.partition("(")[0] in _TRANSPARENT for text in site.decorators)


def _summarised(types: Types, purity: Purity) -> Summary:
    node = types.code.slice.node
    assert isinstance(node, cst.FunctionDef)
    events = purity.events([node.body])
    returned = _returned(types)
    held = _held(types)
    params = types.entry.values
    found = Summary(
        keeps=frozenset(name for name, value in params.items() if reachable(value) & held),
        unknown=tuple(_unknown(types, events)),
        io=events.io,
        random=events.random,
        unsteady=events.unsteady,
        suspends=events.yields or events.awaits or node.asynchronous is not None,
        outer_reads=frozenset(_outer_reads(types, events)),
    )
    found = _with_changes(found, types, events)
    return _with_result(found, types, returned)


def _returned(types: Types) -> Value:
    """What the function gives, falling off its end included."""
    value = types.flow.returned
    last = types.code.flow.exit
    for step in types.code.flow.steps:
        if last in successors(step) and not isinstance(step.node, cst.Return) and types.flow.after[step.index]:
            return join(value, scalar("NoneType", "end of the function"))
    return value


def _held(types: Types) -> frozenset[Cell]:
    """The cells that something outside holds at some time."""
    held: frozenset[Cell] = frozenset()
    for env in types.flow.after:
        if env is not None:
            held |= env.exposed
    return held


def _unknown(types: Types, events: Events) -> Iterator[str]:
    yield from events.unknown
    own = types.code.scopes.own
    for name in sorted(events.names_bound & (own.globals | own.nonlocals)):
        yield f"binding `{name}` of the module"


def _outer_reads(types: Types, events: Events) -> Iterator[str]:
    """Module-level variables whose value may differ from call to call."""
    yield from events.outer_reads
    bindings = types.code.bindings
    for name in events.names_read - set(types.code.scopes.own.bound):
        if bindings.scope(name) in ("global", "nonlocal", "unknown") and bindings.outer_meaning(name) is None:
            value = types.world.outer(cst.Name(name))
            if value.open or any(atom.cell is not None for atom in value):
                yield f"{bindings.module}.{name}"


def _with_changes(found: Summary, types: Types, events: Events) -> Summary:
    """Which parameters are changed; a change of anything else that outlives the call is an unknown effect."""
    params = types.entry.values
    changes: set[str] = set()
    unknown = list(found.unknown)
    for write in events.writes:
        root = write.text.partition(".")[0]
        cells = {atom.cell for atom in write.value if atom.cell is not None}
        hit = {name for name, value in params.items() if cells & reachable(value)}
        if root in params and len(types.code.scopes.own.bound[root]) == 1:
            hit.add(root)
        changes |= hit
        if not hit and (write.value.open or any(not cell.fresh for cell in cells)):
            unknown.append(f"a change of `{write.text}`")
    contents = ((name, _content(types, name)) for name in sorted(changes))
    retyped = tuple((name, now) for name, now in contents if now is None or now != types.given.types.get(name))
    return replace(found, changes=frozenset(changes), contents=retyped, unknown=tuple(dict.fromkeys(unknown)))


def _content(types: Types, name: str) -> PyType | None:
    """The type of a parameter's object when the function ends; None where it is not known to the last item."""
    found = marked(types.entry.values[name], _held(types))
    return any_of(*found) if found and all(map(is_whole, found)) else None


def _with_result(found: Summary, types: Types, returned: Value) -> Summary:
    if returned.never:
        return replace(found, never=True)
    held = _held(types)
    alternatives = marked(returned, held)
    cells = reachable(returned)
    fresh = all(cell.fresh and cell not in held for cell in cells) and not returned.open
    back = frozenset(name for name, value in types.entry.values.items() if reachable(value) & cells)
    promised = _promised(types) if not alternatives else None
    # What others hold as well they can change: only the outermost type is certain.
    kept = alternatives if fresh else tuple(dict.fromkeys(map(shallow, alternatives)))
    returns = any_of(*kept) if kept else promised
    return replace(found, returns=returns, fresh=fresh, gives_back=back, promised=promised is not None)


def _promised(types: Types) -> PyType | None:
    """The return annotation."""
    node = types.code.slice.node
    if not isinstance(node, cst.FunctionDef) or node.returns is None:
        return None
    return types.world.annotations.read(node.returns.annotation)
