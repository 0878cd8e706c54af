"""How each kind of expression is evaluated, in the order in which Python evaluates its parts."""

import libcst as cst

from perf_advise.facts.literals import is_nonnegative, number
from perf_advise.facts.names.scopes import parameters
from perf_advise.facts.types.comprehensions import close, comprehension
from perf_advise.facts.types.heap import (
    NOTHING,
    Value,
    join,
    join_all,
    of_atom,
    scalar,
    unknown,
    without_none,
)
from perf_advise.facts.types.machine import Handler, Machine
from perf_advise.facts.types.narrow import narrowed
from perf_advise.facts.types.operators import Power
from perf_advise.facts.types.subscripts import load
from perf_advise.model.pytypes import PyType

_TRUTH = scalar("bool", "literal")
_CONSTANTS = {"True": _TRUTH, "False": _TRUTH, "None": scalar("NoneType", "literal"), "__debug__": _TRUTH}


def _name(machine: Machine, node: cst.Name) -> Value:
    """A variable, or what lies outside."""
    constant = _CONSTANTS.get(node.value)
    if constant is not None:
        return constant
    found = machine.env.vars.get(node.value)
    return found if found is not None else machine.world.outer(node)


def _attribute(machine: Machine, node: cst.Attribute) -> Value:
    """`base.attr`."""
    qualified = machine.world.meaning(node)
    if qualified is not None:
        return machine.world.constant(qualified) or unknown(f"`{qualified}` is not followed")
    base = machine.value(node.value)
    found = join_all(machine.attribute_of(atom, node.attr.value, node) for atom in base)
    if found.open:
        machine.expose(base)  # a bound method holds its object
    return join(found, unknown(f"attribute `{node.attr.value}` of a value of unknown type")) if base.open else found


def _text(machine: Machine, node: cst.CSTNode) -> Value:
    """A string literal, formatted or not."""
    for part in getattr(node, "parts", ()):
        _format_part(machine, part)
    while isinstance(node, cst.ConcatenatedString):
        machine.value(node.right)
        node = node.left
        for part in getattr(node, "parts", ()):
            _format_part(machine, part)
    is_bytes = isinstance(node, cst.SimpleString) and "b" in node.prefix.lower()
    return scalar("bytes" if is_bytes else "str", "literal")


def _format_part(machine: Machine, part: cst.CSTNode) -> None:
    if isinstance(part, cst.FormattedStringExpression):
        machine.value(part.expression)
        for spec in part.format_spec or ():
            _format_part(machine, spec)


def _display(machine: Machine, node: cst.List | cst.Set | cst.Tuple) -> Value:
    """`[a, *b]` and its kin."""
    name = type(node).__name__.lower()
    parts = [machine.value(element.value) for element in node.elements]
    starred = any(isinstance(element, cst.StarredElement) for element in node.elements)
    cell = machine.fresh(node, name)
    for element, part in zip(node.elements, parts, strict=True):
        is_star = isinstance(element, cst.StarredElement)
        machine.heap.store(cell, machine.items(part, element) if is_star else part)
    if name == "tuple":
        machine.heap.set_fields(cell, None if starred else tuple(parts))
    return of_atom(cell.atom(PyType(name)), f"{name} display")


def _mapping(machine: Machine, node: cst.Dict) -> Value:
    """`{k: v, **other}`."""
    cell = machine.fresh(node, "dict")
    for element in node.elements:
        if isinstance(element, cst.DictElement):
            key = machine.value(element.key)
            machine.heap.store(cell, machine.value(element.value), key)
        else:
            machine.absorb_mapping(cell, machine.value(element.value))
    return of_atom(cell.atom(PyType("dict")), "dict display")


def _lambda(machine: Machine, node: cst.Lambda) -> Value:
    """A function object; what its body reaches may be changed whenever it is called."""
    for param in parameters(node.params):
        if param.default is not None:
            machine.value(param.default)
    return scalar("function", "lambda")


def _binary(machine: Machine, node: cst.BinaryOperation) -> Value:
    """`a + b`."""
    left, right = machine.value(node.left), machine.value(node.right)
    result = machine.operators.binary(node.operator, left, right, id(node), _power(node.left, node.right))
    _keep_unless_known(machine, result, left, right)
    return result


def _keep_unless_known(machine: Machine, result: Value, *operands: Value) -> None:
    """An operator about which nothing is known may be a method of one operand that keeps the other."""
    if result.open:
        for operand in operands:
            machine.expose(operand)


def _power(base: cst.CSTNode, exponent: cst.CSTNode) -> Power:
    """What the operands of a `**` show without their types."""
    return Power(number(exponent), is_nonnegative(base))


def _boolean(machine: Machine, node: cst.BooleanOperation) -> Value:
    """`a and b`, `a or b`: one of the operands."""
    left = machine.value(node.left)
    is_and = isinstance(node.operator, cst.And)
    outer = machine.env
    machine.env = narrowed(outer.copy(), node.left, is_and, machine.world.meaning, machine.make)
    right = machine.value(node.right)
    inner, machine.env = machine.env, outer
    close(machine, inner, set())
    return join(left if is_and else without_none(left), right)


def _unary(machine: Machine, node: cst.UnaryOperation) -> Value:
    """`-a`, `not a`."""
    return machine.operators.unary(node.operator, machine.value(node.expression), id(node))


def _comparison(machine: Machine, node: cst.Comparison) -> Value:
    """`a < b <= c`: the last comparison made."""
    left = machine.value(node.left)
    found = NOTHING
    for part in node.comparisons:
        right = machine.value(part.comparator)
        if isinstance(part.operator, cst.In | cst.NotIn | cst.Is | cst.IsNot):
            found = join(found, scalar("bool"))
        else:
            result = machine.operators.compare(left, right, (id(node), id(part)))
            _keep_unless_known(machine, result, left, right)
            found = join(found, result)
        left = right
    return found


def _conditional(machine: Machine, node: cst.IfExp) -> Value:
    """`a if test else b`."""
    machine.value(node.test)
    outer = machine.env
    machine.env = narrowed(outer.copy(), node.test, True, machine.world.meaning, machine.make)
    chosen = machine.value(node.body)
    then = machine.env
    machine.env = narrowed(outer.copy(), node.test, False, machine.world.meaning, machine.make)
    other = machine.value(node.orelse)
    otherwise, machine.env = machine.env, outer
    close(machine, then, set())
    close(machine, otherwise, set())
    return join(chosen, other)


def _walrus(machine: Machine, node: cst.NamedExpr) -> Value:
    """`(name := value)`."""
    value = machine.value(node.value)
    machine.bind(node.target, value)
    return value


def _suspended(machine: Machine, node: cst.Await | cst.Yield) -> Value:
    """`await x`, `yield x`: others run meanwhile."""
    inner = node.expression if isinstance(node, cst.Await) else node.value
    if isinstance(inner, cst.From):
        inner = inner.item
    if inner is not None:
        machine.escape(machine.value(inner))
    return unknown("what is awaited or sent")


def _call(machine: Machine, node: cst.Call) -> Value:
    """A call: of a known function, of a method, or of something unknown that may change what it is given."""
    qualified = machine.world.meaning(node.func)
    receiver = None
    if qualified is None and isinstance(node.func, cst.Attribute):
        receiver = machine.value(node.func.value)
    elif qualified is None:
        machine.value(node.func)
    args = machine.arguments(node)
    if qualified is not None:
        return machine.world.called(machine, qualified, node, args)
    if receiver is not None:
        return machine.world.method(machine, receiver, node, args)
    return machine.unknown_call(args, "result of an unknown callee")


def _number(machine: Machine, node: cst.CSTNode) -> Value:
    """A number literal."""
    return _LITERALS[type(node)]


_LITERALS = {cst.Integer: scalar("int", "literal"), cst.Float: scalar("float", "literal"),
             cst.Imaginary: scalar("complex", "literal"), cst.Ellipsis: scalar("ellipsis", "literal")}  # fmt: skip

HANDLERS: dict[type[cst.CSTNode], Handler] = {
    cst.Name: _name,
    cst.Attribute: _attribute,
    cst.Integer: _number,
    cst.Float: _number,
    cst.Imaginary: _number,
    cst.Ellipsis: _number,
    cst.SimpleString: _text,
    cst.ConcatenatedString: _text,
    cst.FormattedString: _text,
    cst.List: _display,
    cst.Tuple: _display,
    cst.Set: _display,
    cst.Dict: _mapping,
    cst.ListComp: comprehension,
    cst.SetComp: comprehension,
    cst.DictComp: comprehension,
    cst.GeneratorExp: comprehension,
    cst.Lambda: _lambda,
    cst.BinaryOperation: _binary,
    cst.BooleanOperation: _boolean,
    cst.UnaryOperation: _unary,
    cst.Comparison: _comparison,
    cst.IfExp: _conditional,
    cst.NamedExpr: _walrus,
    cst.Await: _suspended,
    cst.Yield: _suspended,
    cst.Call: _call,
    cst.Subscript: load,
}
