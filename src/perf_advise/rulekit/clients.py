"""HTTP clients that block: which name or attribute holds one, so that its methods wait in the calling thread."""

import ast
from collections.abc import Iterator

import libcst as cst

from perf_advise.rulekit.view import View

_MAKERS = {"requests.Session": "requests.Session", "requests.session": "requests.Session",
           "httpx.Client": "httpx.Client"}  # fmt: skip
_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "send"})


def blocking_method(view: View, call: cst.Call) -> str:
    """The request that a call makes through a client that blocks ("requests.Session.get"); "" for anything else."""
    func = call.func
    if not isinstance(func, cst.Attribute) or func.attr.value not in _METHODS:
        return ""
    client = _client(view, func.value)
    return f"{client}.{func.attr.value}" if client else ""


def _client(view: View, holder: cst.BaseExpression) -> str:
    """The client that an expression is, by its annotation or by all that is ever assigned to it."""
    typed = view.facts.type_of(holder)
    names = {kind.name for kind in (*filter(None, [typed.type]), *typed.alternatives)} - {"NoneType"}
    if len(names) == 1 and (known := _MAKERS.get(next(iter(names)))):
        return known
    if isinstance(holder, cst.Name):
        local = view.facts.scope(holder.value) == "local"
        return _only(_local(view, holder.value) if local else _global(view, holder.value))
    attribute = (
        isinstance(holder, cst.Attribute) and isinstance(holder.value, cst.Name) and holder.value.value == "self"
    )
    return _only(_attribute(view, holder.attr.value)) if attribute and isinstance(holder, cst.Attribute) else ""


def _only(made: Iterator[str]) -> str:
    found = set(made)
    return found.pop() if len(found) == 1 else ""


def _local(view: View, name: str) -> Iterator[str]:
    """What each binding of a local variable makes; "" for one that is no call of a maker."""
    bound = [(target, node.value) for node in view.walk(cst.Assign) for target in (t.target for t in node.targets)]
    bound += [(node.target, node.value) for node in view.walk(cst.AnnAssign) if node.value is not None]
    bound += [(item.asname.name, item.item) for item in view.walk(cst.WithItem) if item.asname is not None]
    values = [value for target, value in bound if isinstance(target, cst.Name) and target.value == name]
    if len(values) != len(view.facts.definitions(name)):
        yield ""
    for value in values:
        known = view.facts.qualified_name(value.func) if isinstance(value, cst.Call) else None
        yield _MAKERS.get(known or "", "")


def _global(view: View, name: str) -> Iterator[str]:
    """What the only binding of a module's variable makes."""
    known = view.index.globals.get(name)
    yield _made(view, known.value) if known is not None and known.bound == 1 else ""


def _attribute(view: View, name: str) -> Iterator[str]:
    """What each assignment to an attribute in the class of this method makes."""
    owner = view.hot.qualname.rpartition(".")[0].rpartition(".")[2]
    inside = (node for holder in view.index.nodes(ast.ClassDef) if holder.name == owner for node in ast.walk(holder))
    for node in inside:
        if (
            isinstance(node, ast.Attribute)
            and not isinstance(node.ctx, ast.Load)
            and ast.unparse(node) == f"self.{name}"
        ):
            yield _made(view, _assigned(view, node))


def _assigned(view: View, target: ast.Attribute) -> ast.expr | None:
    """The value of the assignment that an attribute is the only target of."""
    for node in view.index.nodes(ast.Assign, ast.AnnAssign):
        if (isinstance(node, ast.AnnAssign) and node.target is target) or (
            isinstance(node, ast.Assign) and node.targets == [target]
        ):
            return node.value
    return None


def _made(view: View, value: ast.AST | None) -> str:
    if not isinstance(value, ast.Call):
        return ""
    head, dot, rest = ast.unparse(value.func).partition(".")
    return _MAKERS.get(f"{view.index.imports.get(head, head)}{dot}{rest}", "")
