"""Loops that search a collection for the first item with a given key, and what tells the item."""

import libcst as cst

from perf_advise.rulekit.view import View


def first_hit(view: View, loop: cst.CSTNode) -> tuple[cst.CSTNode, cst.BaseExpression, cst.BaseExpression] | None:
    """The item's name or names, the items, and the test of a search for the first hit."""
    if isinstance(loop, cst.For):
        body = loop.body.body
        test = body[0] if len(body) == 1 else None
        if isinstance(test, cst.If) and test.orelse is None and _leaves(test.body):
            return loop.target, loop.iter, test.test
    holder = view.parent(loop)
    call = view.parent(holder) if isinstance(holder, cst.Arg) else None
    if isinstance(loop, cst.GeneratorExp) and isinstance(call, cst.Call):
        part = loop.for_in
        is_next = view.facts.qualified_name(call.func) == "builtins.next"
        if is_next and len(part.ifs) == 1 and part.inner_for_in is None:
            return part.target, part.iter, part.ifs[0].test
    return None


def _leaves(body: cst.BaseSuite) -> bool:
    last = body.body[-1]
    if isinstance(last, cst.Try):
        return _leaves(last.body)
    end = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else None
    return isinstance(end, cst.Return | cst.Break)


def key_and_wanted(
    test: cst.BaseExpression, target: cst.CSTNode, counted: bool
) -> tuple[cst.BaseExpression, cst.BaseExpression, str] | None:
    """What tells the item, what it is compared with, and how; None where it is not that plain."""
    if not isinstance(test, cst.Comparison) or len(test.comparisons) > 1:
        return None
    right = test.comparisons[0]
    how = {cst.Equal: "==", cst.Is: "is"}.get(type(right.operator), "")
    items = bound_names(target)
    for key, wanted in ((test.left, right.comparator), (right.comparator, test.left)):
        other = isinstance(wanted, cst.Name | cst.Attribute) and not any(_mentions(wanted, name) for name in items)
        is_part = how == "==" and (_is_field(key, items) or (len(items) > 1 and _is_folded(key, items)))
        if other and (is_part or (how == "is" and counted and _is_folded(key, items))):
            return key, wanted, how
    return None


def bound_names(target: cst.CSTNode) -> list[str]:
    """The names that a loop target or an assignment binds."""
    if isinstance(target, cst.Name):
        return [target.value]
    parts = isinstance(target, cst.Tuple | cst.List | cst.Element)
    return [name for child in target.children for name in bound_names(child)] if parts else []


def _is_folded(key: cst.BaseExpression, items: list[str]) -> bool:
    """Whether it is one of the loop's names, or that in lower case."""
    if isinstance(key, cst.Call) and isinstance(key.func, cst.Attribute) and not key.args:
        key = key.func.value if key.func.attr.value in ("lower", "upper", "casefold") else key
    return isinstance(key, cst.Name) and key.value in items


def _is_field(key: cst.BaseExpression, items: list[str]) -> bool:
    """`item.key` or `item["key"]`, `item[0]`."""
    if isinstance(key, cst.Attribute):
        return isinstance(key.value, cst.Name) and key.value.value in items
    constant = isinstance(key, cst.Subscript) and isinstance(key.slice[0].slice, cst.Index)
    if not constant or not isinstance(key, cst.Subscript) or not isinstance(key.value, cst.Name):
        return False
    place = key.slice[0].slice
    known = isinstance(place, cst.Index) and isinstance(place.value, cst.Integer | cst.SimpleString)
    return known and key.value.value in items


def _mentions(node: cst.CSTNode, item: str) -> bool:
    if isinstance(node, cst.Name) and node.value == item:
        return True
    return any(_mentions(child, item) for child in node.children)


def called_builtin(view: View, items: cst.BaseExpression) -> str:
    """The name of the builtin that makes the items; "" for anything else."""
    name = view.facts.qualified_name(items.func) if isinstance(items, cst.Call) else None
    return (name or "").removeprefix("builtins.")
