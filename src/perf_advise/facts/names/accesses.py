"""Which names each step of the flow reads, binds and unbinds."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from perf_advise.facts.names.flow import Kind, Step
from perf_advise.facts.names.scopes import free_names, imported, parameters
from perf_advise.facts.tree import COMPREHENSIONS, children, comp_fors, target_names


@dataclass(slots=True)
class Access:
    """`binds` happen whenever the step completes, `may_bind` perhaps; each with the node that does it.

    `reads` is in order of evaluation and may name what is not the function's own.
    """

    reads: list[str] = field(default_factory=list)
    binds: list[tuple[str, cst.CSTNode]] = field(default_factory=list)
    may_bind: list[tuple[str, cst.CSTNode]] = field(default_factory=list)
    unbinds: list[str] = field(default_factory=list)

    @property
    def all_binds(self) -> Iterator[tuple[str, cst.CSTNode]]:
        """Certain and possible bindings."""
        yield from self.binds
        yield from self.may_bind


def access_of(step: Step) -> Access:
    """What a step does to names."""
    access = Access()
    node = step.node
    if step.kind is Kind.ENTRY:
        if isinstance(node, cst.FunctionDef):
            access.binds = [(p.name.value, p) for p in parameters(node.params)]
    elif step.kind is Kind.TARGET:
        _target(step.parts[0], access, frozenset())
    elif step.kind is Kind.CASE and isinstance(node, cst.MatchCase):
        _case(node, access)
    elif step.kind is Kind.EXCEPT and isinstance(node, cst.ExceptHandler | cst.ExceptStarHandler):
        _reads_of(node.type, access)
        if node.name is not None:
            access.binds += [(n.value, n) for n in target_names(node.name)]
    elif step.kind is Kind.DEFINE:
        _define(node, access)
    else:
        for part in step.parts:
            _part(part, access)
    return access


def _reads_of(node: cst.CSTNode | None, access: Access) -> None:
    if node is not None:
        _expression(node, access, frozenset())


def _part(part: cst.CSTNode, access: Access) -> None:
    none: frozenset[str] = frozenset()
    if isinstance(part, cst.Assign):
        _expression(part.value, access, none)
        for target in part.targets:
            _target(target.target, access, none)
    elif isinstance(part, cst.AugAssign):
        _expression(part.target, access, none)
        _expression(part.value, access, none)
        _target(part.target, access, none)
    elif isinstance(part, cst.AnnAssign):
        _reads_of(part.value, access)
        if part.value is not None:
            _target(part.target, access, none)
    elif isinstance(part, cst.WithItem):
        _expression(part.item, access, none)
        if part.asname is not None:
            _target(part.asname.name, access, none)
    elif isinstance(part, cst.Del):
        _target(part.target, Access(access.reads), none)
        access.unbinds += [n.value for n in target_names(part.target)]
    elif isinstance(part, cst.Import | cst.ImportFrom):
        access.binds += [(name, part) for name, _ in imported(part)]
    elif not isinstance(part, cst.Global | cst.Nonlocal | cst.Pass | cst.TypeAlias):
        _expression(part, access, none)


def _target(target: cst.CSTNode, access: Access, hidden: frozenset[str]) -> None:
    """An assignment to `target`: names are bound, the bases of attributes and subscripts are read."""
    if isinstance(target, cst.Name):
        if target.value not in hidden:
            access.binds.append((target.value, target))
    elif isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            _target(element.value, access, hidden)
    else:
        for child in children(target):
            _expression(child, access, hidden)


def _expression(node: cst.CSTNode, access: Access, hidden: frozenset[str]) -> None:
    if isinstance(node, cst.Name):
        if node.value not in hidden:
            access.reads.append(node.value)
    elif isinstance(node, cst.NamedExpr):
        _expression(node.value, access, hidden)
        access.may_bind += [(n.value, n) for n in target_names(node.target)]
    elif isinstance(node, COMPREHENSIONS):
        _comprehension(node, access, hidden)
    elif isinstance(node, cst.Lambda):
        for param in parameters(node.params):
            if param.default is not None:
                _expression(param.default, access, hidden)
        access.reads += sorted(free_names(node) - hidden)
    else:
        for child in children(node):
            _expression(child, access, hidden)


def _comprehension(node: cst.CSTNode, access: Access, hidden: frozenset[str]) -> None:
    clauses = list(comp_fors(node))
    _expression(clauses[0].iter, access, hidden)
    inner = hidden | {n.value for clause in clauses for n in target_names(clause.target)}
    for clause in clauses[1:]:
        _expression(clause.iter, access, inner)
    for clause in clauses:
        _target(clause.target, access, inner)
        for condition in clause.ifs:
            _expression(condition.test, access, inner)
    for name in ("elt", "key", "value"):
        part = getattr(node, name, None)
        if part is not None:
            _expression(part, access, inner)


def _case(node: cst.MatchCase, access: Access) -> None:
    stack: list[cst.CSTNode] = [node.pattern]
    while stack:
        part = stack.pop()
        if isinstance(part, cst.MatchAs | cst.MatchStar) and part.name is not None:
            access.may_bind.append((part.name.value, part))
        if isinstance(part, cst.MatchMapping) and part.rest is not None:
            access.may_bind.append((part.rest.value, part))
        if isinstance(part, cst.MatchValue):
            _reads_of(part.value, access)
        elif isinstance(part, cst.MatchClass):
            _reads_of(part.cls, access)
        stack.extend(c for c in part.children if not isinstance(c, cst.BaseExpression))
    _reads_of(node.guard, access)


def _define(node: cst.CSTNode, access: Access) -> None:
    if not isinstance(node, cst.FunctionDef | cst.ClassDef):
        return
    for decorator in node.decorators:
        _reads_of(decorator.decorator, access)
    if isinstance(node, cst.FunctionDef):
        for param in parameters(node.params):
            _reads_of(param.default, access)
    else:
        for argument in (*node.bases, *node.keywords):
            _reads_of(argument.value, access)
    access.reads += sorted(free_names(node))
    access.binds.append((node.name.value, node))
