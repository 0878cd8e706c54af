"""What is known when a function begins: its parameters, by annotation and by what was seen while recording."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import libcst as cst

from perf_advise.facts.names.scopes import parameters
from perf_advise.facts.types.annotations import Annotations
from perf_advise.facts.types.heap import NOTHING, Origin, Value, of_atom, scalar
from perf_advise.facts.types.heap_types import UNION
from perf_advise.facts.types.specs import Maker, any_of
from perf_advise.model.pytypes import PyType

_SUBCLASSES = {"int": {"bool"}, "dict": {"collections.defaultdict", "collections.OrderedDict", "collections.Counter"},
               "float": {"numpy.float64"}}  # fmt: skip
_BY_ANNOTATION = "annotation of the parameter (a subclass is possible)"
_FLOAT, _INT = PyType("float"), PyType("int")
_CONCRETE = frozenset(
    ["int", "float", "complex", "bool", "str", "bytes", "list", "tuple", "dict", "set", "frozenset", "NoneType"]
)


@dataclass
class Entry:
    """The values of parameters, and the annotations that recorded calls contradict, in words by parameter."""

    values: dict[str, Value] = field(default_factory=dict)
    contradictions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """Types of parameters besides their annotations: seen while recording, or those of the arguments of one call.

    With `fill` off they only take trust from annotations that they contradict. `promised` are types that all calls
    there can be agree on: they count like annotations.
    """

    types: Mapping[str, PyType]
    fill: bool
    words: str = "seen while recording"
    origin: Origin = Origin.ENTRY
    promised: Mapping[str, PyType] = field(default_factory=dict)


def entry_of(node: cst.FunctionDef, annotations: Annotations, maker: Maker, given: Given, owner: str | None) -> Entry:
    """The parameters' values; `owner` is the qualified name of the class of a method's first parameter."""
    entry = Entry()
    for position, param in enumerate(parameters(node.params)):
        promised = annotations.read(param.annotation.annotation) if param.annotation is not None else None
        if position == 0 and owner is not None and promised is None:
            promised = PyType(owner)
        entry.values[param.name.value] = _parameter(param, promised, given, maker, entry)
    _spread(node.params, entry, maker)
    return entry


def _parameter(param: cst.Param, promised: PyType | None, given: Given, maker: Maker, entry: Entry) -> Value:
    name = param.name.value
    site = ("parameter", name)
    known = given.types.get(name)
    seen = known.bare() if known is not None else None
    if promised is None and name in given.promised:
        return maker.value(given.promised[name], site, "what every call of it passes", Origin.ENTRY)
    if promised is not None and _is_none(param.default):
        promised = any_of(*dict.fromkeys((*_alternatives(promised), PyType("NoneType"))))
    if promised == _FLOAT and seen == _INT:
        promised = any_of(_FLOAT, _INT)  # an int is welcome where a float is annotated
    if promised is not None and seen is not None and not agrees(promised, seen):
        why = f"annotated {_text(promised)}, but {_text(seen)} was {given.words}"
        entry.contradictions[name] = why
        promised = None
        if not given.fill:
            return maker.anything(site, why, Origin.ENTRY)
    if promised is None and (seen is None or not given.fill):
        return maker.anything(site, "a parameter without annotation", Origin.ENTRY)
    if seen is not None and given.fill and (promised is None or _is_finer(seen, promised)):
        return maker.value(seen, site, f"{_text(seen)} {given.words}", given.origin)
    assert promised is not None
    return maker.value(promised, site, _BY_ANNOTATION, Origin.ENTRY)


def _spread(params: cst.Parameters, entry: Entry, maker: Maker) -> None:
    """`*args` is a tuple and `**kwargs` a dict of what is annotated."""
    for param, name, keyed in ((params.star_arg, "tuple", False), (params.star_kwarg, "dict", True)):
        if isinstance(param, cst.Param):
            cell = maker.heap.cell(("spread", param.name.value), name)
            maker.heap.store(cell, entry.values[param.name.value], scalar("str") if keyed else NOTHING)
            if not keyed:
                maker.heap.set_fields(cell, None)
            entry.values[param.name.value] = of_atom(cell.atom(PyType(name)), f"`*{param.name.value}`")


def _is_none(default: cst.BaseExpression | None) -> bool:
    return isinstance(default, cst.Name) and default.value == "None"


def _alternatives(type_: PyType) -> Iterator[PyType]:
    if type_.name == UNION:
        yield from type_.args
    else:
        yield type_


def _text(type_: PyType) -> str:
    return " | ".join(map(str, _alternatives(type_)))


def agrees(promised: PyType, seen: PyType) -> bool:
    """Whether a value of the type that was seen keeps the promise of an annotation."""
    return all(any(_fits(one, kind) for one in _alternatives(promised)) for kind in _alternatives(seen))


def _fits(promised: PyType, seen: PyType) -> bool:
    if promised.name != seen.name and seen.name not in _SUBCLASSES.get(promised.name, ()):
        # Of two classes one may derive from the other; builtin types and arrays are told apart.
        closed = _CONCRETE | {"numpy.ndarray"}
        return promised.name not in closed and seen.name not in closed
    if promised.name == "numpy.ndarray":
        dtype = promised.dtype is None or seen.dtype is None or promised.dtype == seen.dtype
        return dtype and (promised.ndim is None or seen.ndim is None or promised.ndim == seen.ndim)
    return _items_fit(promised, seen)


def _items_fit(promised: PyType, seen: PyType) -> bool:
    if not promised.args or not seen.args:
        return True
    by_position = promised.name in ("dict", "tuple") and not promised.homogeneous and not seen.homogeneous
    if by_position and promised.name == "tuple":
        return len(promised.args) == len(seen.args) and all(map(agrees, promised.args, seen.args))
    if by_position and len(promised.args) == len(seen.args):
        return all(map(agrees, promised.args, seen.args))
    return all(any(agrees(one, item) for one in promised.args) for item in seen.args)


def _is_finer(seen: PyType, promised: PyType) -> bool:
    """Whether what was seen says more than the annotation does."""
    if promised.name == UNION:
        return True
    if seen.name != promised.name:
        return False
    if promised.name == "numpy.ndarray":
        return promised.dtype is None or promised.ndim is None
    return not promised.args or any(_is_finer(s, p) for s, p in zip(seen.args, promised.args, strict=False))
