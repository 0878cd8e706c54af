"""Which scope each name of a function belongs to: Python's own scoping rules on one slice."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import libcst as cst

from perf_advise.facts.tree import COMPREHENSIONS, Scope, children, comp_fors, dotted, parents, target_names

_DYNAMIC = frozenset({"exec", "eval", "locals", "globals", "_getframe"})


@dataclass
class OwnNames:
    """The names that one scope binds, with the nodes that bind them."""

    bound: dict[str, list[cst.CSTNode]] = field(default_factory=dict)
    parameters: set[str] = field(default_factory=set)
    imports: dict[str, set[str]] = field(default_factory=dict)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    def bind(self, name: str, node: cst.CSTNode) -> None:
        """Note one binding."""
        self.bound.setdefault(name, []).append(node)

    @property
    def local(self) -> set[str]:
        """The names that are this scope's own."""
        return set(self.bound) - self.globals - self.nonlocals


def own_names(scope: cst.CSTNode) -> OwnNames:
    """What `scope` (function, lambda, class, module or comprehension) binds."""
    names = OwnNames()
    if isinstance(scope, COMPREHENSIONS):
        for clause in comp_fors(scope):
            for name in target_names(clause.target):
                names.bind(name.value, name)
        return names
    if isinstance(scope, cst.FunctionDef | cst.Lambda):
        for param in parameters(scope.params):
            names.parameters.add(param.name.value)
            names.bind(param.name.value, param)
    body = scope.body if isinstance(scope, cst.FunctionDef | cst.ClassDef | cst.Lambda) else scope
    for node in scope_nodes(body):
        if type(node) in _NOTED:
            _note(node, names)
    return names


def parameters(params: cst.Parameters) -> Iterator[cst.Param]:
    """Every parameter, `*args` and `**kwargs` included, in order."""
    yield from params.posonly_params
    yield from params.params
    if isinstance(params.star_arg, cst.Param):
        yield params.star_arg
    yield from params.kwonly_params
    if params.star_kwarg is not None:
        yield params.star_kwarg


def scope_nodes(body: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes that run in the scope of `body`: what nested scopes evaluate in it, not their insides.

    Comprehensions are entered: a `:=` in them binds outside; their own variables are not told apart here.
    """
    stack = [body]
    while stack:
        node = stack.pop()
        yield node
        stack += list(_outside_of(node))[::-1] if type(node) in _NESTED else children(node)[::-1]


_NESTED = frozenset({cst.FunctionDef, cst.Lambda, cst.ClassDef})
_SCOPES = frozenset(Scope)


def _outside_of(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The parts of a nested scope that the enclosing scope evaluates."""
    if isinstance(node, cst.FunctionDef):
        yield from node.decorators
        yield from _defaults(node.params)
        if node.returns is not None:
            yield node.returns
    elif isinstance(node, cst.Lambda):
        yield from _defaults(node.params)
    elif isinstance(node, cst.ClassDef):
        yield from (*node.decorators, *node.bases, *node.keywords)


def _defaults(params: cst.Parameters) -> Iterator[cst.CSTNode]:
    for param in parameters(params):
        if param.annotation is not None:
            yield param.annotation
        if param.default is not None:
            yield param.default


_NOTED = frozenset(
    {cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.For, cst.NamedExpr, cst.AsName, cst.FunctionDef, cst.ClassDef,
     cst.Import, cst.ImportFrom, cst.Global, cst.Nonlocal, cst.Del, cst.MatchAs, cst.MatchStar, cst.MatchMapping,
     cst.TypeAlias}
)  # fmt: skip


def _note(node: cst.CSTNode, names: OwnNames) -> None:
    if isinstance(node, cst.AssignTarget | cst.AnnAssign | cst.AugAssign | cst.For | cst.NamedExpr):
        for name in target_names(node.target):
            names.bind(name.value, name)
    elif isinstance(node, cst.AsName):
        for name in target_names(node.name):
            names.bind(name.value, name)
    elif isinstance(node, cst.FunctionDef | cst.ClassDef):
        names.bind(node.name.value, node)
    elif isinstance(node, cst.Import | cst.ImportFrom):
        _note_import(node, names)
    elif isinstance(node, cst.Global):
        names.globals.update(item.name.value for item in node.names)
    elif isinstance(node, cst.Nonlocal):
        names.nonlocals.update(item.name.value for item in node.names)
    elif isinstance(node, cst.Del):
        names.deleted.update(name.value for name in target_names(node.target))
        for name in target_names(node.target):
            names.bind(name.value, name)
    elif isinstance(node, cst.MatchAs | cst.MatchStar) and node.name is not None:
        names.bind(node.name.value, node)
    elif isinstance(node, cst.MatchMapping) and node.rest is not None:
        names.bind(node.rest.value, node)
    elif isinstance(node, cst.TypeAlias):
        names.bind(node.name.value, node)


def _note_import(node: cst.Import | cst.ImportFrom, names: OwnNames) -> None:
    for local, target in imported(node):
        names.bind(local, node)
        names.imports.setdefault(local, set()).add(target)


def imported(node: cst.Import | cst.ImportFrom) -> Iterator[tuple[str, str]]:
    """Local name and dotted target for each name that an import binds (a relative target keeps its dots)."""
    if isinstance(node.names, cst.ImportStar):
        return
    origin = ""
    if isinstance(node, cst.ImportFrom):
        module = dotted(node.module) if node.module is not None else ""
        origin = "." * len(node.relative) + f"{module}." if module else "." * len(node.relative)
    for alias in node.names:
        name = dotted(alias.name) or ""
        if alias.asname is not None:
            yield next(target_names(alias.asname.name)).value, origin + name
        elif isinstance(node, cst.ImportFrom):
            yield name, origin + name
        else:
            yield name.split(".")[0], name.split(".")[0]


class Scopes:
    """The scopes of one slice: its function (or module) and everything nested in it."""

    def __init__(self, root: cst.CSTNode) -> None:
        self.root = root
        self._names: dict[int, OwnNames] = {}

    @cached_property
    def holders(self) -> dict[int, cst.CSTNode]:
        """The holder of each node by id."""
        return parents(self.root)

    def names(self, scope: cst.CSTNode) -> OwnNames:
        """The names that a scope binds, once computed."""
        found = self._names.get(id(scope))
        if found is None:
            found = self._names[id(scope)] = own_names(scope)
        return found

    @cached_property
    def own(self) -> OwnNames:
        """The names of the function (or module) itself."""
        return self.names(self.root)

    def chain(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The scopes whose names `node` can see, innermost first, down to the function's own."""
        below, child, holder = node, node, self.holders.get(id(node))
        innermost = True
        while holder is not None and child is not self.root:
            if type(holder) in _SCOPES and holder is not self.root and _is_inside(holder, child, below):
                # Names of a class body are invisible to the functions and comprehensions in it.
                if innermost or type(holder) is not cst.ClassDef:
                    yield holder
                innermost = False
            below, child, holder = child, holder, self.holders.get(id(holder))
        if not isinstance(self.root, cst.FunctionDef) or below is self.root.body or node is self.root:
            yield self.root  # decorators, defaults and annotations are evaluated outside

    def binder(self, name: str, node: cst.CSTNode) -> cst.CSTNode | None:
        """The scope of the slice that `name` belongs to where `node` stands; None: outside of the slice."""
        for scope in self.chain(node):
            names = self.names(scope)
            if name in names.globals:
                return None
            if name in names.bound and name not in names.nonlocals:
                return scope
        return None

    @cached_property
    def captured(self) -> frozenset[str]:
        """Names of the function that nested functions, classes and lambdas read or bind."""
        found: set[str] = set()
        for node in scope_nodes(_body(self.root)):
            if type(node) in _NESTED:
                found |= free_names(node)
        return frozenset(found & set(self.own.bound))

    @cached_property
    def rebound_inside(self) -> frozenset[str]:
        """Names that nested functions bind through `nonlocal`, or through `global`."""
        found: set[str] = set()
        stack = [n for n in scope_nodes(_body(self.root)) if isinstance(n, cst.FunctionDef | cst.ClassDef)]
        while stack:
            names = self.names(scope := stack.pop())
            found |= (names.nonlocals | names.globals) & set(names.bound)
            stack.extend(n for n in scope_nodes(scope.body) if isinstance(n, cst.FunctionDef | cst.ClassDef))
        return frozenset(found)

    @cached_property
    def dynamic(self) -> str | None:
        """The name by which code in the slice may reach its own variables (`exec`, `locals`), else None."""
        for node in self.holders.values():
            if type(node) is cst.Call:
                name = (dotted(node.func) or "").rpartition(".")[2]
                if name in _DYNAMIC or (name in ("vars", "dir") and not node.args):
                    return name
        return None


def _body(scope: cst.CSTNode) -> cst.CSTNode:
    return scope.body if isinstance(scope, cst.FunctionDef) else scope


def _is_inside(scope: cst.CSTNode, child: cst.CSTNode, below: cst.CSTNode) -> bool:
    """Whether `below`, reached through `child` right below `scope`, sees the scope's names."""
    if isinstance(scope, cst.FunctionDef | cst.Lambda | cst.ClassDef):
        return child is scope.body
    # The first iterable of a comprehension is evaluated outside of it.
    return not (isinstance(child, cst.CompFor) and below is child.iter)


def free_names(scope: cst.CSTNode) -> set[str]:
    """Names that a nested scope takes from around it."""
    names = own_names(scope)
    used = set(names.nonlocals)
    body = scope.body if isinstance(scope, cst.FunctionDef | cst.ClassDef | cst.Lambda) else scope
    for node in scope_nodes(body):
        if type(node) is cst.Name:
            used.add(node.value)
        elif type(node) in _NESTED:
            used |= free_names(node)
    return used - names.local - names.globals
