"""What one use of a variable does with the object that it holds: reads it, changes it in place, or hands it on."""

import libcst as cst

from perf_advise.rulekit.view import View

_READING = frozenset(
    f"builtins.{name}"
    for name in ("len", "min", "max", "sum", "sorted", "list", "tuple", "set", "frozenset", "dict", "any", "all", "str",
                 "repr", "print", "bool")
)  # fmt: skip
_LAZY = frozenset(f"builtins.{name}" for name in ("enumerate", "zip", "reversed", "iter", "map", "filter"))
_READING_METHODS = frozenset({"get", "items", "keys", "values", "index", "count", "copy", "isdisjoint", "issubset"})
CHANGING_METHODS = frozenset(
    {"append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse", "add", "discard", "update"}
)


def variable_uses(view: View, name: str) -> list[cst.Name]:
    """The places where a variable of this name is read or bound; attributes and keywords of that name are none."""

    def is_variable(node: cst.Name) -> bool:
        holder = view.parent(node)
        is_attribute = isinstance(holder, cst.Attribute) and holder.attr is node
        return not is_attribute and not (isinstance(holder, cst.Arg) and holder.keyword is node)

    return [node for node in view.walk(cst.Name) if node.value == name and is_variable(node)]


def only_reads(view: View, use: cst.Name, lazy: bool = True) -> bool:
    """Whether the use only looks into the container, and nothing gets hold of it; `lazy` allows iterators over it."""
    holder = view.parent(use)
    if isinstance(holder, cst.Subscript):
        return holder.value is use and not is_target(view, holder)
    if isinstance(holder, cst.Attribute):
        return _calls_method(view, holder, _READING_METHODS)
    if isinstance(holder, cst.Arg):
        call = view.parent(holder)
        name = view.facts.qualified_name(call.func) if isinstance(call, cst.Call) else None
        return name in _READING or (lazy and name in _LAZY) or (isinstance(call, cst.Call) and _is_join(call))
    if isinstance(holder, cst.ComparisonTarget):
        return isinstance(holder.operator, cst.In | cst.NotIn)
    if isinstance(holder, cst.CompFor):
        return holder.iter is use and (lazy or not isinstance(view.parent(holder), cst.GeneratorExp))
    if isinstance(holder, cst.For):
        return holder.iter is use
    return is_tested(view, use)


def stays_private(view: View, use: cst.Name) -> bool:
    """Whether the use reads the list or changes it in place, and nothing else gets hold of it or of an iterator."""
    holder = view.parent(use)
    if isinstance(holder, cst.Subscript):
        return holder.value is use
    if isinstance(holder, cst.Attribute) and _calls_method(view, holder, CHANGING_METHODS):
        return True
    return (isinstance(holder, cst.AugAssign) and holder.target is use) or only_reads(view, use, lazy=False)


def is_tested(view: View, node: cst.CSTNode) -> bool:
    """Whether only the truth of the expression is used."""
    holder = view.parent(node)
    if isinstance(holder, cst.UnaryOperation):
        return isinstance(holder.operator, cst.Not)
    if isinstance(holder, cst.BooleanOperation):
        return is_tested(view, holder)
    return isinstance(holder, cst.While | cst.If | cst.IfExp) and holder.test is node


def _calls_method(view: View, holder: cst.Attribute, methods: frozenset[str]) -> bool:
    call = view.parent(holder)
    return isinstance(call, cst.Call) and call.func is holder and holder.attr.value in methods


def is_target(view: View, node: cst.CSTNode) -> bool:
    """Whether a statement or a loop assigns to the expression, or deletes it."""
    child, holder = node, view.parent(node)
    while isinstance(holder, cst.Element | cst.StarredElement | cst.Tuple | cst.List):
        child, holder = holder, view.parent(holder)
    if isinstance(holder, cst.AugAssign | cst.AnnAssign | cst.NamedExpr | cst.For | cst.CompFor):
        return holder.target is child
    return isinstance(holder, cst.AssignTarget | cst.Del | cst.AsName)


def _is_join(call: cst.Call) -> bool:
    func = call.func
    return isinstance(func, cst.Attribute) and func.attr.value == "join" and isinstance(func.value, cst.SimpleString)
