"""The type of a value as a small dict (`model.pytypes.PyType` as JSON), without calling any code of its class.

Only `type(value)` is asked, exact builtins, and NumPy's own types; elements of containers a few deep.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # importing typing costs more than all of the agent
if TYPE_CHECKING:
    from typing import Any

_ELEMENTS = 4
_DEPTH = 4
_FIELDS = 8
_BITS = (8, 16, 31, 32, 53, 63, 64)
_KINDS = {"b": "bool", "i": "int", "u": "uint", "f": "float", "c": "complex"}
_OTHER_KINDS = {"O": "object", "S": "bytes", "U": "str", "M": "datetime64", "m": "timedelta64", "V": "void"}
_type_module = type.__dict__["__module__"].__get__
_type_qualname = type.__dict__["__qualname__"].__get__
_PANDAS = ("DataFrame", "Series", "Index", "RangeIndex", "MultiIndex", "DatetimeIndex", "Categorical")


def describe(value: Any, depth: int = 0) -> dict[str, Any]:
    """The type of `value` as JSON."""
    kind = type(value)
    if kind is int:
        return {"name": "int", "bits": _rounded_bits(value.bit_length())}
    if kind is str or kind is bytes or kind is bytearray or kind is range:
        return {"name": kind.__name__, "size": power_of_ten(len(value))}
    describe_container = _CONTAINERS.get(kind)
    if describe_container is not None and depth < _DEPTH:
        found: dict[str, Any] = describe_container(value, depth + 1)
        found["size"] = power_of_ten(len(value))
        return found
    return _of_numpy(value, kind) or {"name": type_name(kind)}


def memory_root(value: Any) -> int | None:
    """What identifies the memory of a list or an array: views of one array have the same; None for other values."""
    kind = type(value)
    if kind is list:
        return id(value)
    numpy = sys.modules.get("numpy")
    array = getattr(numpy, "ndarray", None)
    if array is None or kind is not array:
        return None
    while type(value.base) is array:
        value = value.base
    return id(value)


def power_of_ten(length: int) -> int:
    """The exponent of the largest power of ten that is not larger than the length."""
    return len(str(length)) - 1


def type_name(kind: type) -> str:
    """The bare name of a builtin type, else the dotted one; pandas' own as people write them."""
    module, name = _type_module(kind), _type_qualname(kind)
    if type(module) is not str or module == "builtins":
        return f"{name}"
    if name in _PANDAS and module.startswith("pandas."):
        return f"pandas.{name}"
    return f"{module}.{name}"


def _rounded_bits(bits: int) -> int:
    """Up to the next size that matters: coarse sizes change less from run to run."""
    for size in _BITS:
        if bits <= size:
            return size
    return (bits + 63) // 64 * 64


def _elements(name: str, values: Any, depth: int) -> dict[str, Any]:
    """The distinct types of a few elements."""
    found: list[dict[str, Any]] = []
    for value in values:
        one = describe(value, depth)
        if not any(_covers(known, one) for known in found):
            found.append(one)
    found.sort(key=lambda one: str(one["name"]))  # of a set they come in any order
    return {"name": name, "args": found} if found else {"name": name}


def _covers(known: dict[str, Any], one: dict[str, Any]) -> bool:
    """Whether the types are alike but for sizes, which then become those of the larger."""
    if {**known, "bits": 0, "size": 0} != {**one, "bits": 0, "size": 0}:
        return False
    for key in ("bits", "size"):
        if key in one:
            known[key] = max(known.get(key, 0), one[key])
    return True


def _of_list(value: list[Any], depth: int) -> dict[str, Any]:
    return _elements("list", value[:_ELEMENTS] + value[-1:], depth)


def _of_tuple(value: tuple[Any, ...], depth: int) -> dict[str, Any]:
    if len(value) > _FIELDS:
        return {**_elements("tuple", value[:_ELEMENTS] + value[-1:], depth), "homogeneous": True}
    args = [describe(item, depth) for item in value]
    return {"name": "tuple", "args": args} if args else {"name": "tuple"}


def _first(value: Any) -> list[Any]:
    """A few elements of an exact set, dict or deque."""
    found = []
    for item in value:
        found.append(item)
        if len(found) == _ELEMENTS:
            break
    return found


def _of_set(value: Any, depth: int) -> dict[str, Any]:
    return _elements(type(value).__name__, _first(value), depth)


def _of_deque(value: Any, depth: int) -> dict[str, Any]:
    return _elements("collections.deque", _first(value), depth)


def _of_dict(value: dict[Any, Any], depth: int) -> dict[str, Any]:
    keys = _first(value)
    key_types = _elements("", keys, depth).get("args", [])
    value_types = _elements("", [dict.get(value, key) for key in keys if _hashes_safely(key)], depth).get("args", [])
    if len(key_types) == 1 and len(value_types) == 1:
        return {"name": "dict", "args": [key_types[0], value_types[0]]}
    return {"name": "dict"}


def _hashes_safely(key: Any) -> bool:
    """Looking up a key of the user's own type would call its `__hash__` and `__eq__`."""
    return type(key) in (str, int, float, bytes, bool, type(None))


_CONTAINERS: dict[type, Any] = {
    list: _of_list,
    tuple: _of_tuple,
    set: _of_set,
    frozenset: _of_set,
    dict: _of_dict,
}


def _of_numpy(value: Any, kind: type) -> dict[str, Any] | None:
    """What NumPy's own arrays and scalars are, and `collections.deque`, if the program has imported them."""
    module = _type_module(kind)
    if module == "collections" and kind is getattr(sys.modules.get("collections"), "deque", None):
        return {**_of_deque(value, 1), "size": power_of_ten(len(value))}
    numpy = sys.modules.get("numpy") if module == "numpy" else None
    if numpy is None:
        return None
    if kind is numpy.__dict__.get("ndarray"):
        return {
            "name": "numpy.ndarray",
            "dtype": _dtype_name(value.dtype),
            "ndim": value.ndim,
            "contiguous": bool(value.flags.c_contiguous),
            "size": power_of_ten(value.size),
        }
    if issubclass(kind, numpy.__dict__.get("generic", ())):
        return {"name": type_name(kind), "dtype": _dtype_name(value.dtype)}
    return None


def _dtype_name(dtype: Any) -> str:
    """The name without asking for `dtype.name`, which imports."""
    kind = dtype.kind
    if not dtype.isnative:
        return str(dtype.str)
    if kind == "b":
        return "bool"
    if kind in _KINDS:
        return f"{_KINDS[kind]}{dtype.itemsize * 8}"
    return _OTHER_KINDS.get(kind, str(kind))
