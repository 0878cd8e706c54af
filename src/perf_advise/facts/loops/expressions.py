"""libcst expressions of a nest as expressions of the loop model."""

from collections.abc import Callable, Mapping

import libcst as cst

from perf_advise.facts.effects.plain import call_purity
from perf_advise.facts.loops.affine import canonical
from perf_advise.facts.loops.iteration import (
    Access,
    Apply,
    Choose,
    Constant,
    Expr,
    Fold,
    Index,
    Invariant,
    Item,
    Read,
    Scalar,
    Unclear,
)
from perf_advise.facts.loops.nouns import Domain
from perf_advise.facts.loops.place import SIZES, Place
from perf_advise.facts.loops.subscripts import read_access
from perf_advise.facts.tree import COMPREHENSIONS, children, comp_fors, dotted

OPERATORS: Mapping[type[cst.CSTNode], str] = {
    cst.Add: "+", cst.Subtract: "-", cst.Multiply: "*", cst.Divide: "/", cst.FloorDivide: "//",
    cst.Modulo: "%", cst.Power: "**", cst.MatrixMultiply: "@", cst.LeftShift: "<<", cst.RightShift: ">>",
    cst.BitAnd: "&", cst.BitOr: "|", cst.BitXor: "^",
    cst.LessThan: "<", cst.GreaterThan: ">", cst.LessThanEqual: "<=", cst.GreaterThanEqual: ">=",
    cst.Equal: "==", cst.NotEqual: "!=", cst.In: "in", cst.NotIn: "not in", cst.Is: "is", cst.IsNot: "is not",
    cst.And: "and", cst.Or: "or", cst.Minus: "neg", cst.Not: "not", cst.BitInvert: "invert", cst.Plus: "pos",
}  # fmt: skip
FOLDS = {
    "builtins.sum": "+", "math.prod": "*", "builtins.min": "min", "builtins.max": "max", "builtins.any": "any",
    "builtins.all": "all", "builtins.list": "list", "builtins.tuple": "tuple", "builtins.set": "set",
    "math.fsum": "fsum", "builtins.sorted": "sorted", "builtins.frozenset": "frozenset", "numpy.array": "array",
}  # fmt: skip
_NUMBER_FUNCTIONS = frozenset(
    f"builtins.{name}"
    for name in ("abs", "bool", "chr", "complex", "float", "int", "len", "max", "min", "ord", "pow", "round", "str")
)
DomainOf = Callable[[cst.CompFor, Place], Domain]


class Reader:
    """Reads expressions; `domain_of` says what the clauses of comprehensions iterate over."""

    def __init__(self, domain_of: DomainOf) -> None:
        self._domain_of = domain_of

    def read(self, node: cst.BaseExpression, place: Place) -> Expr:
        """What the expression is in one iteration; `Unclear` where it has effects or unknown reads."""
        index = place.index_value(node)
        if index is not None:
            return Index(node, index)
        method = _METHODS.get(type(node))
        found = method(self, node, place) if method is not None else self._other(node, place)
        return _collapsed(found)

    def access(self, node: cst.BaseExpression, place: Place) -> Access | None:
        """The cell that a subscript is."""
        return read_access(node, place, self.read)

    # -- leaves ---------------------------------------------------------------------------------------

    def _literal(self, node: cst.BaseExpression, place: Place) -> Expr:
        value = getattr(node, "evaluated_value", None)
        return Constant(node, value) if value is not None else self._other(node, place)

    def _name(self, node: cst.Name, place: Place) -> Expr:
        name = node.value
        if name in ("True", "False", "None"):
            return Constant(node, {"True": True, "False": False}.get(name))
        meaning = place.names.get(name)
        if isinstance(meaning, Index):
            return Index(node, meaning.affine)
        if isinstance(meaning, Item):
            return Item(node, name)
        access = place.access_of(name)
        if access is not None:
            return Read(node, access)
        return self._root(node, name, place)

    def _root(self, node: cst.BaseExpression, text: str, place: Place) -> Expr:
        if text in place.changes.headers and text not in place.header_steps:
            return Unclear(node, f"`{text}` is used after its loop")
        if place.changes.rebinds(text):
            return Scalar(node, text)
        if text in place.changes.stored or text in place.changes.resized:
            return Read(node, Access(text, (), node, node))
        return Invariant(node, text)

    def _attribute(self, node: cst.Attribute, place: Place) -> Expr:
        if node.attr.value in SIZES and place.is_stable(node):
            return Invariant(node, canonical(node)) if place.is_invariant(node) else self._of_receiver(node, place)
        text = dotted(node)
        if text is None or _is_varying_prefix(text, place):
            return self._of_receiver(node, place)
        return self._root(node, text, place)

    def _of_receiver(self, node: cst.Attribute, place: Place) -> Expr:
        if node.attr.value in place.changes.attributes:
            return Unclear(node, f"`.{node.attr.value}` is assigned in the loop")
        if place.changes.anything:
            return Unclear(node, f"unknown code in the loop may change `.{node.attr.value}`")
        return Apply(node, f".{node.attr.value}", (self.read(node.value, place),))

    def _subscript(self, node: cst.Subscript, place: Place) -> Expr:
        if isinstance(node.value, cst.Attribute) and node.value.attr.value in SIZES and place.is_invariant(node):
            return Invariant(node, canonical(node))
        access = self.access(node, place)
        return Read(node, access) if access is not None else self._other(node, place)

    # -- operations -----------------------------------------------------------------------------------

    def _binary(self, node: cst.BinaryOperation | cst.BooleanOperation, place: Place) -> Expr:
        op = OPERATORS[type(node.operator)]
        return Apply(node, op, (self.read(node.left, place), self.read(node.right, place)))

    def _unary(self, node: cst.UnaryOperation, place: Place) -> Expr:
        inner = self.read(node.expression, place)
        op = OPERATORS[type(node.operator)]
        if op == "neg" and isinstance(inner, Constant) and isinstance(inner.value, int | float | complex):
            return Constant(node, -inner.value)
        return Apply(node, op, (inner,))

    def _comparison(self, node: cst.Comparison, place: Place) -> Expr:
        left = self.read(node.left, place)
        links: list[Expr] = []
        for target in node.comparisons:
            right = self.read(target.comparator, place)
            links.append(Apply(node, OPERATORS[type(target.operator)], (left, right)))
            left = right
        return links[0] if len(links) == 1 else Apply(node, "and", tuple(links))

    def _choice(self, node: cst.IfExp, place: Place) -> Expr:
        test, then, otherwise = (self.read(part, place) for part in (node.test, node.body, node.orelse))
        return Choose(node, test, then, otherwise)

    def _display(self, node: cst.List | cst.Tuple, place: Place) -> Expr:
        if any(isinstance(e, cst.StarredElement) for e in node.elements):
            return self._other(node, place)
        op = "list" if isinstance(node, cst.List) else "tuple"
        return Apply(node, op, tuple(self.read(e.value, place) for e in node.elements))

    # -- calls ----------------------------------------------------------------------------------------

    def _call(self, node: cst.Call, place: Place) -> Expr:
        name = place.facts.qualified_name(node.func)
        only = node.args[0].value if len(node.args) == 1 and not node.args[0].star else None
        if name in FOLDS and isinstance(only, cst.GeneratorExp | cst.ListComp) and node.args[0].keyword is None:
            return self._fold(only, FOLDS[name], node, place)
        if name == "builtins.len" and isinstance(only, cst.ListComp):
            return self._fold(only, "count", node, place)
        pure = call_purity(node, place.facts)
        if not pure.holds:
            return Unclear(node, f"`{canonical(node.func)}(...)` may have effects ({pure.why})")
        if any(arg.star for arg in node.args):
            return self._other(node, place)
        arguments = tuple(self.read(arg.value, place) for arg in node.args)
        keywords = tuple(arg.keyword.value for arg in node.args if arg.keyword is not None)
        if name is None and isinstance(node.func, cst.Attribute):
            receiver = self.read(node.func.value, place)
            return Apply(node, f".{node.func.attr.value}()", (receiver, *arguments), keywords)
        return Apply(node, name or canonical(node.func), arguments, keywords)

    def _comprehension(self, node: cst.BaseComp, place: Place) -> Expr:
        op = {cst.ListComp: "list", cst.SetComp: "set", cst.DictComp: "dict"}.get(type(node), "generator")
        return self._fold(node, op, node, place)

    def _fold(self, node: cst.BaseComp, op: str, whole: cst.CSTNode, place: Place) -> Expr:
        domains: list[Domain] = []
        conditions: list[Expr] = []
        for clause in comp_fors(node):
            if clause.asynchronous is not None:
                return Unclear(whole, "asynchronous comprehension")
            domains.append(self._domain_of(clause, place))
            place = place.inside(domains[-1])
            conditions += (self.read(test.test, place) for test in clause.ifs)
        return Fold(whole, op, tuple(domains), self.element(node, place), tuple(conditions))

    def element(self, node: cst.CSTNode, place: Place) -> Expr:
        """What a comprehension gives per iteration; key and value of a dict as a tuple."""
        if isinstance(node, cst.DictComp):
            return Apply(node, "tuple", (self.read(node.key, place), self.read(node.value, place)))
        assert isinstance(node, cst.ListComp | cst.SetComp | cst.GeneratorExp)
        return self.read(node.elt, place)

    # -- the rest -------------------------------------------------------------------------------------

    def _other(self, node: cst.BaseExpression, place: Place) -> Expr:
        """Syntax without an operation of its own: pure, or unclear; its parts say what it reads."""
        if isinstance(node, cst.Lambda | cst.Await | cst.Yield | cst.NamedExpr):
            return Unclear(node, f"`{canonical(node)}` is not looked into")
        return Apply(node, "python", tuple(self._inside(node, place)))

    def _inside(self, node: cst.CSTNode, place: Place) -> list[Expr]:
        found: list[Expr] = []
        for child in children(node):
            if isinstance(child, cst.BaseExpression):
                found.append(self.read(child, place))
            else:
                found += self._inside(child, place)
        return found


def _collapsed(expression: Expr) -> Expr:
    """An operation on invariants and constants alone is an invariant, unless it makes a new object."""
    if not isinstance(expression, Apply) or not expression.operands or not _is_number(expression):
        return expression
    if all(isinstance(o, Constant | Invariant) for o in expression.operands):
        return Invariant(expression.node, canonical(expression.node))
    return expression


def _is_number(expression: Apply) -> bool:
    op = expression.op
    return op in OPERATORS.values() or op in _NUMBER_FUNCTIONS or op.startswith(("math.", "cmath."))


def _is_varying_prefix(text: str, place: Place) -> bool:
    """Whether what an attribute is taken from differs between iterations, or has cells that change."""
    first = text.split(".")[0]
    prefixes = {text.rsplit(".", cut)[0] for cut in range(1, text.count(".") + 1)}
    changed = place.changes.stored | place.changes.resized
    return first in place.names or first in place.rows or place.changes.binds(first) or bool(prefixes & changed)


_METHODS: Mapping[type[cst.CSTNode], Callable[..., Expr]] = {
    cst.Integer: Reader._literal,
    cst.Float: Reader._literal,
    cst.Imaginary: Reader._literal,
    cst.SimpleString: Reader._literal,
    cst.ConcatenatedString: Reader._literal,
    cst.Name: Reader._name,
    cst.Attribute: Reader._attribute,
    cst.Subscript: Reader._subscript,
    cst.BinaryOperation: Reader._binary,
    cst.BooleanOperation: Reader._binary,
    cst.UnaryOperation: Reader._unary,
    cst.Comparison: Reader._comparison,
    cst.IfExp: Reader._choice,
    cst.List: Reader._display,
    cst.Tuple: Reader._display,
    cst.Call: Reader._call,
    **dict.fromkeys(COMPREHENSIONS, Reader._comprehension),
}
