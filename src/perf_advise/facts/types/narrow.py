"""What a test tells about the types of the names in it (`isinstance`, `is None`, truth)."""

from collections.abc import Callable, Iterator

import libcst as cst

from perf_advise.facts.tables.words import words
from perf_advise.facts.types.heap import Atom, Value, join
from perf_advise.facts.types.state import Env

Meaning = Callable[[cst.BaseExpression], str | None]
Make = Callable[[str, cst.CSTNode], Value]
"""A value of a type by its qualified name, made at a node."""

_SUBCLASSES = {"int": {"bool"}, "dict": {"collections.defaultdict", "collections.OrderedDict", "collections.Counter"},
               "float": {"numpy.float64"}, "complex": {"numpy.complex128"}}  # fmt: skip
_CLOSED = words("int float complex bool str bytes list tuple dict set frozenset NoneType numpy.ndarray range bytearray")
_EXACT = (cst.Is, cst.Equal)


def narrowed(env: Env, test: cst.BaseExpression, truth: bool, meaning: Meaning, make: Make) -> Env:
    """`env`, changed in place, with what `test` being `truth` says."""
    if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
        return narrowed(env, test.expression, not truth, meaning, make)
    if isinstance(test, cst.BooleanOperation):
        if isinstance(test.operator, cst.And) is truth:
            env = narrowed(env, test.left, truth, meaning, make)
            return narrowed(env, test.right, truth, meaning, make)
        return env
    if isinstance(test, cst.Comparison) and len(test.comparisons) == 1:
        _compared(env, test, truth, meaning, make)
    elif isinstance(test, cst.Call) and meaning(test.func) == "builtins.isinstance" and len(test.args) == 2:
        _instance(env, test.args[0].value, test.args[1].value, truth, meaning, make)
    elif truth and _name(test) in env.vars:
        _keep(env, _name(test), lambda atom: atom.type.name != "NoneType")
    return env


def _name(expr: cst.BaseExpression) -> str:
    if isinstance(expr, cst.NamedExpr):
        expr = expr.target
    return expr.value if isinstance(expr, cst.Name) else ""


def _compared(env: Env, test: cst.Comparison, truth: bool, meaning: Meaning, make: Make) -> None:
    part = test.comparisons[0]
    same = isinstance(part.operator, _EXACT)
    if not same and not isinstance(part.operator, cst.IsNot | cst.NotEqual):
        return
    other, name = part.comparator, _name(test.left)
    if isinstance(other, cst.Name) and other.value == "None" and name in env.vars:
        is_none = same is truth
        _keep(env, name, lambda atom: (atom.type.name == "NoneType") is is_none)
    elif same is truth and isinstance(test.left, cst.Call) and meaning(test.left.func) == "builtins.type":
        _instance(env, test.left.args[0].value, other, True, meaning, make)


def _instance(
    env: Env, subject: cst.BaseExpression, classes: cst.BaseExpression, truth: bool, meaning: Meaning, make: Make
) -> None:
    name = _name(subject)
    value = env.vars.get(name)
    wanted = list(_classes(classes, meaning))
    if value is None or None in wanted:
        return
    names = {w for w in wanted if w is not None}
    names |= {sub for w in names for sub in _SUBCLASSES.get(w, ())}
    if value.known:
        if names <= _CLOSED | {sub for subs in _SUBCLASSES.values() for sub in subs}:
            _keep(env, name, lambda atom: (atom.type.name in names) is truth or atom.type.name not in _KNOWN)
    elif truth and len(wanted) == 1 and wanted[0] in _CLOSED:
        mine = Value(frozenset(atom for atom in value if atom.type.name in names), False, value.why)
        env.vars[name] = join(make(wanted[0], subject), mine)


_KNOWN = _CLOSED | {sub for subs in _SUBCLASSES.values() for sub in subs}


def _classes(expr: cst.BaseExpression, meaning: Meaning) -> Iterator[str | None]:
    if isinstance(expr, cst.Tuple):
        for element in expr.elements:
            yield from _classes(element.value, meaning)
    elif isinstance(expr, cst.BinaryOperation) and isinstance(expr.operator, cst.BitOr):
        yield from _classes(expr.left, meaning)
        yield from _classes(expr.right, meaning)
    else:
        found = meaning(expr) if isinstance(expr, cst.Name | cst.Attribute) else None
        yield found.removeprefix("builtins.") if found is not None else None


def _keep(env: Env, name: str, wanted: Callable[[Atom], bool]) -> None:
    value = env.vars[name]
    env.vars[name] = Value(frozenset(filter(wanted, value.atoms)), value.open, value.why)
