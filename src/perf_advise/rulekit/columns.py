"""An expression over one row or one item, written for whole columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from perf_advise.rulekit.frames import keyword_of, label_of
from perf_advise.rulekit.patterns import is_atom
from perf_advise.rulekit.view import View

_NUMBERS = (cst.Integer, cst.Float)
_ARITHMETIC = (cst.Add, cst.Subtract, cst.Multiply, cst.Divide, cst.FloorDivide, cst.Modulo)
_COMPARISONS = (cst.LessThan, cst.LessThanEqual, cst.GreaterThan, cst.GreaterThanEqual, cst.Equal, cst.NotEqual)
_SCALARS = ("int", "float", "bool", "numpy.float64", "numpy.int64")


@dataclass(frozen=True, slots=True)
class Columns:
    """`code` computes the whole column; `kind` is `column` (its own), `number`, `text` or `truth`."""

    code: str
    kind: str


def as_columns(view: View, node: cst.BaseExpression, leaves: Mapping[int, str], where: str) -> Columns | None:
    """The expression with `leaves` (by node id) as columns; None where an operator is not elementwise on columns.

    `where` is how `numpy.where` is written here. At least one leaf has to stand in the expression.
    """
    found = _Writer(view, leaves, where).write(node)
    return found if found is not None and found.code and any(leaf in found.code for leaf in leaves.values()) else None


class _Writer:
    def __init__(self, view: View, leaves: Mapping[int, str], where: str) -> None:
        self.view = view
        self.leaves = leaves
        self.where = where

    def write(self, node: cst.BaseExpression) -> Columns | None:
        leaf = self.leaves.get(id(node))
        if leaf is not None:
            return Columns(leaf, "column")
        found = self._written(node)
        if found is None or not getattr(node, "lpar", ()) or is_atom(found.code):
            return found
        return Columns(f"({found.code})", found.kind)

    def _written(self, node: cst.BaseExpression) -> Columns | None:
        if isinstance(node, _NUMBERS):
            return Columns(node.value, "number")
        if isinstance(node, cst.SimpleString) and isinstance(node.evaluated_value, str):
            return Columns(node.value, "text")
        if isinstance(node, cst.Name | cst.Attribute):
            known = self.view.facts.is_type(node, *_SCALARS).holds
            return Columns(self.view.code(node).strip("()"), "number") if known else None
        if isinstance(node, cst.BinaryOperation):
            return self._binary(node)
        if isinstance(node, cst.UnaryOperation):
            return self._unary(node)
        if isinstance(node, cst.Comparison):
            return self._comparison(node)
        if isinstance(node, cst.BooleanOperation):
            return self._boolean(node)
        return self._conditional(node) if isinstance(node, cst.IfExp) else None

    def _binary(self, node: cst.BinaryOperation) -> Columns | None:
        left, right = self.write(node.left), self.write(node.right)
        if left is None or right is None or "truth" in (left.kind, right.kind):
            return None
        texts = "text" in (left.kind, right.kind)
        if texts and not isinstance(node.operator, cst.Add):
            return None  # `"%s" % x` and `"-" * x` are not elementwise
        squared = isinstance(node.operator, cst.Power) and isinstance(node.right, _NUMBERS)
        if not isinstance(node.operator, _ARITHMETIC) and not squared:
            return None
        return Columns(f"{left.code} {_operator(node.operator)} {right.code}", "text" if texts else "number")

    def _unary(self, node: cst.UnaryOperation) -> Columns | None:
        inner = self.write(node.expression)
        if inner is None:
            return None
        if isinstance(node.operator, cst.Not):
            return Columns(f"~{_closed(inner.code)}", "truth") if inner.kind == "truth" else None
        negated = isinstance(node.operator, cst.Minus) and inner.kind in ("number", "column")
        return Columns(f"-{inner.code}", "number") if negated else None

    def _comparison(self, node: cst.Comparison) -> Columns | None:
        if len(node.comparisons) != 1 or not isinstance(node.comparisons[0].operator, _COMPARISONS):
            return None
        left, right = self.write(node.left), self.write(node.comparisons[0].comparator)
        if left is None or right is None or "truth" in (left.kind, right.kind):
            return None
        return Columns(f"{left.code} {_operator(node.comparisons[0].operator)} {right.code}", "truth")

    def _boolean(self, node: cst.BooleanOperation) -> Columns | None:
        left, right = self.write(node.left), self.write(node.right)
        if left is None or right is None or {left.kind, right.kind} != {"truth"}:
            return None
        sign = "&" if isinstance(node.operator, cst.And) else "|"
        return Columns(f"{_closed(left.code)} {sign} {_closed(right.code)}", "truth")

    def _conditional(self, node: cst.IfExp) -> Columns | None:
        test, body, other = (self.write(part) for part in (node.test, node.body, node.orelse))
        if test is None or body is None or other is None or test.kind != "truth":
            return None
        literals = {type(node.body), type(node.orelse)}
        if literals == set(_NUMBERS):
            return None  # where only one branch is taken, the dtype is its own
        kinds = {body.kind, other.kind} - {"column"}
        if len(kinds) != 1 or kinds == {"truth"}:
            return None  # branches of two kinds give objects, and two columns may be of any two dtypes
        return Columns(f"{self.where}({test.code}, {body.code}, {other.code})", kinds.pop())


def _operator(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node).strip()


def _closed(code: str) -> str:
    return code if is_atom(code) else f"({code})"


def assigned_column(view: View, node: cst.CSTNode) -> cst.BaseExpression | None:
    """The frame of `frame["label"] = node`."""
    assign = view.parent(node)
    if not isinstance(assign, cst.Assign) or assign.value is not node or len(assign.targets) != 1:
        return None
    target = assign.targets[0].target
    return target.value if isinstance(target, cst.Subscript) and label_of(target) is not None else None


def lambda_of(call: cst.Call) -> tuple[str, cst.BaseExpression] | None:
    """Parameter and body of `apply(lambda x: ...)`, where that is the first argument."""
    function = call.args[0].value if call.args and call.args[0].keyword is None else None
    if not isinstance(function, cst.Lambda) or call.args[0].star:
        return None
    params: Sequence[cst.Param] = function.params.params
    simple = len(function.params.children) == 1 and len(params) == 1 and params[0].default is None
    return (params[0].name.value, function.body) if simple else None


def is_by_row(call: cst.Call) -> bool:
    """Whether `apply(function, axis=1)` is called with nothing else."""
    axis = keyword_of(call, "axis")
    if axis is None or len(call.args) != 2:
        return False
    return (isinstance(axis, cst.Integer) and axis.value == "1") or (
        isinstance(axis, cst.SimpleString) and axis.evaluated_value == "columns"
    )
