"""Types of parameters by the calls in the project: what an unannotated function is really given.

Calls are searched in its own module and in the files that the profile names. Others may call it otherwise, so answers
that rest on them are no more than what a recording would have seen, but for the functions of a script.
"""

import ast
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.effects.purity import Purity
from perf_advise.facts.names.code import Code, code_of
from perf_advise.facts.names.mentions import Mentions, mentions_of
from perf_advise.facts.names.opaque import opaque_parameters
from perf_advise.facts.project.apart import attributes_apart, names_apart
from perf_advise.facts.project.classes import self_name
from perf_advise.facts.project.parameters import matched
from perf_advise.facts.project.program import Module
from perf_advise.facts.tree import children, dotted
from perf_advise.facts.types.entry import Given
from perf_advise.facts.types.heap import Value, of_atom, plain
from perf_advise.facts.types.heap_types import UNION, marked
from perf_advise.facts.types.run import Types
from perf_advise.facts.types.specs import any_of
from perf_advise.facts.types.state import Arguments
from perf_advise.model.errors import UserError
from perf_advise.model.facts import Truth
from perf_advise.model.pytypes import PyType
from perf_advise.source.functions import FunctionSite
from perf_advise.source.nodes import all_nodes
from perf_advise.source.slices import FunctionSlice, slice_module

if TYPE_CHECKING:
    from perf_advise.facts.project.callees import Callees

CALLED = "as its callers pass it"
_MOST_CALLERS = 8
_DEEPEST = 4
_LONGEST = 400
_INT = PyType("int")
_NUMBERS = frozenset({"int", "float", "bool", "str"})


class CallTypes:
    """Types of parameters of one module's functions, solved from their callers inwards."""

    def __init__(self, callees: "Callees", module: Module) -> None:
        self._callees = callees
        self._module = module
        self._known: dict[FunctionSite, dict[str, PyType]] = {}
        self._solved: dict[FunctionSite | None, Types | None] = {}
        self._apart_in: dict[FunctionSite | None, frozenset[str]] = {}
        self._depth = 0

    def parameters(self, site: FunctionSite) -> Mapping[str, PyType]:
        """The types that callers pass, by parameter; those left out are not known."""
        if site not in self._known:
            self._known[site] = {}  # a function that calls itself
            if self._depth < _DEEPEST:
                self._depth += 1
                self._known[site] = self._joined(site)
                self._depth -= 1
                if self._depth == 0:
                    self._callees.assumed_attributes.forget()
            else:
                del self._known[site]
                return {}
        return self._known[site]

    def _joined(self, site: FunctionSite) -> dict[str, PyType]:
        """One type per parameter over all calls, numbers of default values and bounds of `range` where none is seen."""
        node = self._module.index.node(site)
        names = _names(node.args)[site.class_name is not None :]
        if not names:
            return {}
        calls = self._kinds_passed(site, names)
        found: dict[str, PyType] = {}
        for name in names:
            passed = [call.get(name, ()) for call in calls]
            if passed and all(passed):
                found[name] = any_of(*dict.fromkeys(kind for kinds in passed for kind in kinds))
        for name, kind in (*_bounds(node), *(_defaults(node.args) if not calls else ())):
            found.setdefault(name, kind)
        return found

    def _kinds_passed(self, site: FunctionSite, names: list[str]) -> list[dict[str, tuple[PyType, ...]]]:
        """The types in each call by parameter; no further calls once none can say more of any parameter."""
        unsure = set(names) - self._passed_on(site, names)
        calls: list[dict[str, tuple[PyType, ...]]] = [] if unsure else [{}]
        for _, types, call, passed in self._calls(site) if unsure else ():
            kinds = {param: _flat(marked(value, types.touched(call))) for param, value in passed.items()}
            calls.append({name: kinds[name] for name in unsure if name in kinds})
            unsure = {name for name in unsure if kinds.get(name)}
            if not unsure:
                break
        return calls

    def _passed_on(self, site: FunctionSite, names: list[str]) -> set[str]:
        """Parameters for which a caller in this module passes on one of its own that can be anything."""
        found: set[str] = set()
        own = f"{self._module.name}.{site.qualname}"
        for caller in self._callers(site.name) if site.class_name is None else ():
            code = self._code(caller) if caller is not None and caller != site else None
            if code is None or caller is None:
                continue
            for call in _calls_in(code.slice.node, site.name):
                if code.bindings.qualified_name(call.func) != own or any(arg.star for arg in call.args):
                    continue
                held = ((name, _argument(call, names, name)) for name in names)
                on = {name: arg.value for name, arg in held if isinstance(arg, cst.Name)}
                free = opaque_parameters(code) if on else frozenset()
                found |= {name for name in on if on[name] in free and on[name] not in self.parameters(caller)}
        return found

    def _callers(self, name: str) -> tuple[FunctionSite | None, ...]:
        if not self._module.file.may_read(name):
            return ()
        callers = tuple(self._mentions.callers(name))
        return callers if len(callers) <= _MOST_CALLERS else ()

    def is_whole(self, site: FunctionSite) -> bool:
        """Whether the calls seen are all there can be: those of a function of a script that is only called."""
        is_plain = site.class_name is None and not site.decorators and "<locals>" not in site.qualname
        return is_plain and self._is_private and not self._mentions.is_used_otherwise(site.name)

    @cached_property
    def _is_private(self) -> bool:
        """Whether nothing else imports the module, which runs as a script and is no part of a package."""
        path = self._module.file.path
        is_alone = not (path.parent / "__init__.py").exists()
        return is_alone and self._mentions.is_script and not self._callees.is_imported(self._module)

    @cached_property
    def _mentions(self) -> Mentions:
        return mentions_of(self._module.index)

    def _calls(self, site: FunctionSite) -> Iterator[tuple["CallTypes", Types, cst.Call, Mapping[str, Value]]]:
        """Each call, with the module and types of its caller and what it passes to each parameter."""
        name = site.name
        if name == "__init__" and site.class_name is not None:
            name = site.class_name.rpartition(".")[2]
        for other in (self, *self._callees.neighbours(self._module)):
            for caller in other._callers(name):
                types = other._types(caller) if other is not self or caller != site else None
                for call in _calls_in(types.code.slice.node, name) if types is not None else ():
                    passed = self._passed(site, types, call) if types is not None else None
                    if passed is not None and types is not None:
                        yield other, types, call, passed

    def are_apart(self, site: FunctionSite, one: str, other: str) -> bool:
        """Whether all calls pass different arrays for two parameters."""
        if not self.parameters(site).keys() >= {one, other}:
            return False
        found = self._calls(site)
        return all(self._apart(site, module, types, call, (one, other)) for module, types, call, _ in found)

    def _apart(
        self, site: FunctionSite, module: "CallTypes", types: Types, call: cst.Call, params: tuple[str, str]
    ) -> bool:
        names = _names(self._module.index.node(site).args)[site.class_name is not None :]
        nodes = [_argument(call, names, param) for param in params]
        if nodes[0] is None or nodes[1] is None:
            return True  # a default value: a number or text
        caller = types.code.slice.site
        held = [dotted(node) or "" for node in nodes if node is not None]
        if held[0] != held[1] and set(held) <= module.apart_in(caller):
            return True
        return Purity(types, self._callees).may_alias(nodes[0], nodes[1]).truth is Truth.NO

    def apart_in(self, site: FunctionSite | None) -> frozenset[str]:
        """The variables of a function (None: the top level), or attributes of its `self`, that never hold one array."""
        if site not in self._apart_in:
            index, names = self._module.index, self._callees.program.names(self._module)
            node = index.node(site) if site is not None else index.tree
            found = names_apart(node, names)
            model = self._callees.classes.model(f"{self._module.name}.{site.class_name}") if site is not None else None
            owner = self_name(node) if isinstance(node, ast.FunctionDef) else None
            if model is not None and owner is not None:
                own = (
                    a
                    for a in attributes_apart(model, names)
                    if not self._callees.classes.is_set_elsewhere(self._module, a)
                )
                found |= {f"{owner}.{attribute}" for attribute in own}
            self._apart_in[site] = found
        return self._apart_in[site]

    def _passed(self, site: FunctionSite, types: Types, call: cst.Call) -> dict[str, Value] | None:
        """What a call passes to each parameter; None for a call of something else."""
        own = f"{self._module.name}.{site.qualname.removesuffix('.__init__')}"
        receiver: Value | None = None
        if site.class_name is not None:
            receiver = of_atom(plain(PyType(f"{self._module.name}.{site.class_name}")), "receiver")
        if site.class_name is None or site.name == "__init__":
            if types.code.bindings.qualified_name(call.func) != own:
                return None
        elif not isinstance(call.func, cst.Attribute) or not self._is_of(types.value(call.func.value), site):
            return None
        args = Arguments()
        for arg in call.args:
            value = types.value(arg.value)
            if arg.star:
                args.spread.append(value)
            elif arg.keyword is not None:
                args.keywords[arg.keyword.value] = value
            else:
                args.positional.append(value)
        return matched(self._module.index.node(site).args, args, receiver) or {}

    def _is_of(self, receiver: Value, site: FunctionSite) -> bool:
        """Whether a method of this class may be what is called: by type, or as the only one of its name."""
        if receiver.known:
            return receiver.names() == {f"{self._module.name}.{site.class_name}"}
        return sum(other.name == site.name for other in self._module.index.functions) == 1

    def _types(self, caller: FunctionSite | None) -> Types | None:
        if caller not in self._solved:
            self._solved[caller] = None
            code = self._code(caller)
            if code is not None:
                given = Given(self.parameters(caller) if caller is not None else {}, True, CALLED)
                self._solved[caller] = Types(code, self._callees, given)
        return self._solved[caller]

    def _code(self, caller: FunctionSite | None) -> Code | None:
        piece = self._slice(caller)
        return code_of(piece, self._module.index, self._module.name) if piece is not None else None

    def _slice(self, caller: FunctionSite | None) -> FunctionSlice | None:
        if caller is not None:
            return self._module.slice(caller) if caller.end_line - caller.line <= _LONGEST else None
        try:
            return slice_module(self._module.file)
        except UserError:
            return None


def _calls_in(node: cst.CSTNode, name: str) -> Iterator[cst.Call]:
    """The calls of a name or method of this name, those in nested functions left out."""
    for child in children(node):
        if isinstance(child, cst.FunctionDef | cst.ClassDef | cst.Lambda):
            continue
        if isinstance(child, cst.Call):
            called = child.func
            if (isinstance(called, cst.Name) and called.value == name) or (
                isinstance(called, cst.Attribute) and called.attr.value == name
            ):
                yield child
        yield from _calls_in(child, name)


def _argument(call: cst.Call, names: list[str], param: str) -> cst.BaseExpression | None:
    """The argument that a call without `*` gives a parameter."""
    at = names.index(param)
    for place, arg in enumerate(call.args):
        if (arg.keyword.value == param) if arg.keyword is not None else place == at:
            return arg.value
    return None


def _flat(kinds: tuple[PyType, ...]) -> tuple[PyType, ...]:
    return tuple(part for kind in kinds for part in (kind.args if kind.name == UNION else (kind,)))


def _names(args: ast.arguments) -> list[str]:
    return [argument.arg for argument in (*args.posonlyargs, *args.args, *args.kwonlyargs)]


def _defaults(args: ast.arguments) -> Iterator[tuple[str, PyType]]:
    """Parameters with a number or text as their default value."""
    places = [argument.arg for argument in (*args.posonlyargs, *args.args)]
    pairs = list(zip(places[len(places) - len(args.defaults) :], args.defaults, strict=True))
    pairs += [(argument.arg, value) for argument, value in zip(args.kwonlyargs, args.kw_defaults, strict=True) if value]
    for name, value in pairs:
        if isinstance(value, ast.UnaryOp):
            value = value.operand
        if isinstance(value, ast.Constant) and type(value.value).__name__ in _NUMBERS:
            yield name, PyType(type(value.value).__name__)


def _bounds(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, PyType]]:
    """Parameters that are passed to `range` as they are, and never bound again."""
    parts = all_nodes(node)
    stored = {part.id for part in parts if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)}
    names = set(_names(node.args)) - stored
    ranges = (p for p in parts if isinstance(p, ast.Call) and isinstance(p.func, ast.Name) and p.func.id == "range")
    bounds = (side for part in ranges for bound in part.args for side in _terms(bound))
    yield from ((side.id, _INT) for side in bounds if isinstance(side, ast.Name) and side.id in names)


def _terms(bound: ast.expr) -> Iterator[ast.expr]:
    """The sides of sums and differences with literals: `n` of `n - 1`."""
    if isinstance(bound, ast.BinOp) and isinstance(bound.op, ast.Add | ast.Sub):
        yield from _terms(bound.left)
        yield from _terms(bound.right)
    else:
        yield bound
