"""Walking a libcst tree without its layout: only the nodes that mean something, in order of evaluation."""

from collections.abc import Callable, Iterator

import libcst as cst

_FIELDS: dict[type[cst.CSTNode], tuple[str, ...]] = {
    cst.Module: ("body",),
    cst.IndentedBlock: ("body",),
    cst.SimpleStatementSuite: ("body",),
    cst.SimpleStatementLine: ("body",),
    cst.Name: (),
    cst.Integer: (),
    cst.Float: (),
    cst.Imaginary: (),
    cst.SimpleString: (),
    cst.Ellipsis: (),
    cst.Attribute: ("value",),
    cst.Call: ("func", "args"),
    cst.Arg: ("value",),
    cst.Subscript: ("value", "slice"),
    cst.SubscriptElement: ("slice",),
    cst.Index: ("value",),
    cst.Slice: ("lower", "upper", "step"),
    cst.BinaryOperation: ("left", "right"),
    cst.BooleanOperation: ("left", "right"),
    cst.UnaryOperation: ("expression",),
    cst.Comparison: ("left", "comparisons"),
    cst.ComparisonTarget: ("comparator",),
    cst.IfExp: ("test", "body", "orelse"),
    cst.Lambda: ("params", "body"),
    cst.List: ("elements",),
    cst.Tuple: ("elements",),
    cst.Set: ("elements",),
    cst.Element: ("value",),
    cst.StarredElement: ("value",),
    cst.Dict: ("elements",),
    cst.DictElement: ("key", "value"),
    cst.StarredDictElement: ("value",),
    cst.ListComp: ("for_in", "elt"),
    cst.SetComp: ("for_in", "elt"),
    cst.GeneratorExp: ("for_in", "elt"),
    cst.DictComp: ("for_in", "key", "value"),
    cst.CompFor: ("iter", "target", "ifs", "inner_for_in"),
    cst.CompIf: ("test",),
    cst.NamedExpr: ("value", "target"),
    cst.Await: ("expression",),
    cst.Yield: ("value",),
    cst.From: ("item",),
    cst.ConcatenatedString: ("left", "right"),
    cst.FormattedString: ("parts",),
    cst.FormattedStringText: (),
    cst.FormattedStringExpression: ("expression", "format_spec"),
    cst.Expr: ("value",),
    cst.Assign: ("value", "targets"),
    cst.AssignTarget: ("target",),
    cst.AnnAssign: ("annotation", "value", "target"),
    cst.Annotation: ("annotation",),
    cst.AugAssign: ("target", "value"),
    cst.Return: ("value",),
    cst.Raise: ("exc", "cause"),
    cst.Assert: ("test", "msg"),
    cst.Del: ("target",),
    cst.Import: (),
    cst.ImportFrom: (),
    cst.Global: (),
    cst.Nonlocal: (),
    cst.If: ("test", "body", "orelse"),
    cst.Else: ("body",),
    cst.For: ("iter", "target", "body", "orelse"),
    cst.While: ("test", "body", "orelse"),
    cst.Try: ("body", "handlers", "orelse", "finalbody"),
    cst.TryStar: ("body", "handlers", "orelse", "finalbody"),
    cst.ExceptHandler: ("type", "name", "body"),
    cst.ExceptStarHandler: ("type", "name", "body"),
    cst.Finally: ("body",),
    cst.With: ("items", "body"),
    cst.WithItem: ("item", "asname"),
    cst.AsName: ("name",),
    cst.FunctionDef: ("decorators", "params", "returns", "body"),
    cst.Decorator: ("decorator",),
    cst.Parameters: ("posonly_params", "params", "star_arg", "kwonly_params", "star_kwarg"),
    cst.Param: ("annotation", "default"),
    cst.ClassDef: ("decorators", "bases", "keywords", "body"),
    cst.Match: ("subject", "cases"),
    cst.MatchCase: ("pattern", "guard", "body"),
}

_NO_NODE = frozenset({type(None), cst.MaybeSentinel, str})
Scope = (cst.FunctionDef, cst.Lambda, cst.ClassDef, cst.ListComp, cst.SetComp, cst.GeneratorExp, cst.DictComp)
COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.GeneratorExp, cst.DictComp)


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The meaningful nodes right below this one, in order of evaluation."""
    fields = _FIELDS.get(type(node))
    if fields is None:
        return list(node.children)
    found: list[cst.CSTNode] = []
    for name in fields:
        value = getattr(node, name)
        kind = type(value)
        if kind is tuple or kind is list:
            found += value
        elif kind not in _NO_NODE:  # isinstance is slow here: the nodes' metaclass is ABCMeta
            found.append(value)
    return found


def walk(root: cst.CSTNode, enter: Callable[[cst.CSTNode], bool] = lambda node: True) -> Iterator[cst.CSTNode]:
    """`root` and all below it in order; nodes that `enter` refuses are given, but not what is below them."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        if node is root or enter(node):
            stack += children(node)[::-1]


def parents(root: cst.CSTNode) -> dict[int, cst.CSTNode]:
    """The holder of each node below `root`, by the node's id."""
    holder: dict[int, cst.CSTNode] = {}
    stack = [root]
    while stack:
        node = stack.pop()
        inner = children(node)
        stack += inner
        for child in inner:
            holder[id(child)] = node
    return holder


def target_names(target: cst.CSTNode) -> Iterator[cst.Name]:
    """The names that assigning to `target` binds."""
    if isinstance(target, cst.Name):
        yield target
    elif isinstance(target, cst.Tuple | cst.List):
        for element in target.elements:
            yield from target_names(element.value)
    elif isinstance(target, cst.AsName):
        yield from target_names(target.name)


def assigned_to(statement: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """The targets of an assignment as they are written, of each kind that gives them a value; of others nothing."""
    if isinstance(statement, cst.Assign):
        yield from (target.target for target in statement.targets)
    elif isinstance(statement, cst.AugAssign) or (isinstance(statement, cst.AnnAssign) and statement.value is not None):
        yield statement.target


def dotted(expr: cst.CSTNode) -> str | None:
    """`a.b.c` as text for a chain of attributes on a name, else None."""
    parts: list[str] = []
    while isinstance(expr, cst.Attribute):
        parts.append(expr.attr.value)
        expr = expr.value
    if not isinstance(expr, cst.Name):
        return None
    parts.append(expr.value)
    return ".".join(reversed(parts))


def comp_fors(comprehension: cst.CSTNode) -> Iterator[cst.CompFor]:
    """The `for` clauses of a comprehension, outermost first."""
    clause = getattr(comprehension, "for_in", None)
    while clause is not None:
        yield clause
        clause = clause.inner_for_in


def statements(body: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The statements of a block, one small statement at a time."""
    for item in getattr(body, "body", ()):
        if isinstance(item, cst.SimpleStatementLine):
            yield from item.body
        else:
            yield item
