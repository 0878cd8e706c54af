"""What builtins, `math`, `random` and NumPy give, for the likely types."""

import ast
from typing import TYPE_CHECKING

from perf_advise.facts.likely.values import NOTHING, UNKNOWN, Atom, Value, array, join, of
from perf_advise.facts.tables.words import words

if TYPE_CHECKING:
    from perf_advise.facts.likely.calls import Calls

_INTS = words("""len ord math.floor math.ceil math.gcd math.lcm math.isqrt math.trunc random.randint random.randrange
    int""")
_LONG = words("hash id math.factorial math.comb math.perm math.prod random.getrandbits")
"""Functions that give integers of any length."""
LONG = "integer"
"""The name of the type of an int that may be longer than 64 bits."""
_FLOATS = words("float random.random random.uniform random.gauss time.time time.perf_counter sum_of_floats")
_STRINGS = words("str chr repr input bin hex oct")
_BOOLS = words("bool any all isinstance callable math.isnan math.isinf math.isfinite math.isclose")
_COPIES = words("list sorted reversed iter copy.copy copy.deepcopy filter")
_CONSTANTS = {"math.pi": "float", "math.e": "float", "math.inf": "float", "math.tau": "float", "math.nan": "float",
              "sys.maxsize": "int", "numpy.pi": "float", "numpy.inf": "float", "numpy.e": "float"}  # fmt: skip
_MAKERS = words("numpy.zeros numpy.ones numpy.empty numpy.full")
_LIKES = words("numpy.zeros_like numpy.ones_like numpy.empty_like numpy.copy")
_UFUNCS = words("""numpy.sqrt numpy.exp numpy.log numpy.sin numpy.cos numpy.tan numpy.arctan numpy.tanh""")
_DTYPES = {"int": "int64", "float": "float64", "bool": "bool", "complex": "complex128"}
_RANK = {"bool": 0, "int": 1, "integer": 2, "float": 3, "complex": 4}
_KINDS = {"b": "bool", "i": "int", "u": "int", "f": "float", "c": "complex"}
_STRING_METHODS = words("join strip lower upper replace lstrip rstrip title zfill format rjust ljust capitalize")


def library_constant(name: str) -> Value:
    """A member of a module that is not called."""
    return of(_CONSTANTS[name]) if name in _CONSTANTS else UNKNOWN


def operator_result(a: Atom, op: ast.operator, b: Atom) -> Value:
    """The type of `a op b`."""
    if "numpy.ndarray" in (a.name, b.name):
        ranks = [x.ndim for x in (a, b) if x.name == "numpy.ndarray"]
        kind = _kind(a, op, b)
        known = None if None in ranks else max(n for n in ranks if n is not None)
        return array(_DTYPES.get(kind), known)
    if a.name == "str":
        return of("str")
    kind = _kind(a, op, b)
    if not kind:
        return UNKNOWN
    if kind == LONG:
        return of(LONG)
    is_cell = a.name.startswith("numpy.") or b.name.startswith("numpy.")
    return of(f"numpy.{_DTYPES[kind]}" if is_cell else kind)


def _kind(a: Atom, op: ast.operator, b: Atom) -> str:
    """`int`, `float` or `complex`: what arithmetic on two kinds of numbers gives; "" for anything else."""
    kinds = [_number(x) for x in (a, b)]
    if not all(kinds):
        return ""
    widest = max(kinds, key=lambda kind: _RANK[kind])
    if isinstance(op, ast.Div) and widest != "complex":
        return "float"
    bits = isinstance(op, ast.BitAnd | ast.BitOr | ast.BitXor)
    if widest == LONG and isinstance(op, ast.Mod | ast.BitAnd) and "int" in kinds:
        return "int"
    return "int" if widest == "bool" and not bits else widest


def _number(atom: Atom) -> str:
    name = atom.dtype or "" if atom.name == "numpy.ndarray" else atom.name.removeprefix("numpy.")
    return name if name in _RANK else _KINDS.get(name[:1], "") if name.rstrip("0123456789") != name else ""


def library_call(calls: "Calls", name: str, node: ast.Call, args: list[Value]) -> Value | None:
    """The result of a builtin or of a function of a library; None where it is neither."""
    for table, result in ((_INTS, "int"), (_LONG, LONG), (_FLOATS, "float"), (_STRINGS, "str"), (_BOOLS, "bool")):
        if name in table:
            return of(result)
    if name.startswith("numpy."):
        return _numpy(calls, name, node, args)
    if name.startswith(("math.", "cmath.")):
        return of("complex" if name.startswith("c") else "float")
    return _builtin(calls, name, node, args)


def _builtin(calls: "Calls", name: str, node: ast.Call, args: list[Value]) -> Value | None:
    first = args[0] if args else NOTHING
    if name == "range":
        return calls.made(node, "range", of("int"))
    if name in _COPIES:
        return calls.made(node, "iterator" if name in ("reversed", "iter") else "list", calls.items(first))
    if name in ("set", "tuple"):
        return calls.made(node, name, calls.items(first) if args else NOTHING)
    if name in ("abs", "pow"):
        return first
    if name == "round":
        return of("int") if len(args) == 1 else first
    if name in ("min", "max"):
        return join(*args) if len(args) > 1 else calls.items(first)
    if name == "sum":
        return join(calls.items(first), args[1] if len(args) > 1 else NOTHING)
    if name == "complex":
        return of("complex")
    if name == "divmod":
        return calls.tuple_of(node, [join(*args)] * 2)
    if name == "enumerate":
        return calls.made(node, "iterator", calls.tuple_of(node, [of("int"), calls.items(first)], 1))
    if name == "zip":
        return calls.made(node, "iterator", calls.tuple_of(node, [calls.items(a) for a in args], 1))
    return None


def _numpy(calls: "Calls", name: str, node: ast.Call, args: list[Value]) -> Value:
    first = args[0] if args else NOTHING
    dtype = _dtype(node)
    if name in _MAKERS:
        position = 2 if name == "numpy.full" else 1
        written = dtype or (_dtype_text(node.args[position]) if len(node.args) > position else "float64")
        return array(written, _dimensions(calls, node.args[0], first) if node.args else None)
    if name in _LIKES:
        return frozenset(Atom(a.name, 0, dtype or a.dtype, a.ndim) for a in first if a.name == "numpy.ndarray")
    if name in ("numpy.array", "numpy.asarray", "numpy.ascontiguousarray"):
        return join(*(_converted(calls, atom, dtype) for atom in first))
    if name == "numpy.arange":
        return array(dtype or ("float64" if any(a.name == "float" for v in args for a in v) else "int64"), 1)
    if name == "numpy.linspace":
        return array("float64", 1)
    if name in ("numpy.eye", "numpy.identity"):
        return array(dtype or "float64", 2)
    if name in _UFUNCS:
        return join(*(array("float64", a.ndim) if a.name == "numpy.ndarray" else of("numpy.float64") for a in first))
    if name in ("numpy.float64", "numpy.int64"):
        return of(name)
    return UNKNOWN


def _converted(calls: "Calls", atom: Atom, dtype: str | None) -> Value:
    depth, inner = 0, frozenset({atom})
    while inner and all(a.name in ("list", "tuple", "range") for a in inner) and depth < 6:
        depth, inner = depth + 1, calls.items(inner)
    if atom.name == "numpy.ndarray":
        return array(dtype or atom.dtype, atom.ndim)
    kinds = {_number(a) for a in inner}
    widest = max(kinds, key=lambda kind: _RANK[kind]) if kinds and "" not in kinds else ""
    return array(dtype or _DTYPES.get(widest), depth) if depth else UNKNOWN


def _dimensions(calls: "Calls", shape: ast.expr, value: Value) -> int | None:
    if isinstance(shape, ast.Tuple | ast.List):
        return len(shape.elts)
    if value and all(a.name == "int" for a in value):
        return 1
    sizes = {len(calls.heap[a.cell].fields) for a in value if a.name == "tuple"}
    return sizes.pop() if len(sizes) == 1 else None


def _dtype(node: ast.Call) -> str | None:
    return next((_dtype_text(k.value) for k in node.keywords if k.arg == "dtype"), None)


def _dtype_text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return _DTYPES.get(name.rstrip("_"), name) or None


def method_call(calls: "Calls", receiver: Value, node: ast.Call, args: list[Value]) -> Value:
    """What a method of a container, text or array gives, and what it puts where."""
    assert isinstance(node.func, ast.Attribute)
    return join(*(_method(calls, atom, node.func.attr, node, args) for atom in receiver))


def _method(calls: "Calls", atom: Atom, name: str, node: ast.Call, args: list[Value]) -> Value:
    if atom.name == "str":
        return calls.made(node, "list", of("str")) if name.endswith("split") else _of_text(name)
    if atom.name == "numpy.ndarray":
        return _of_array(calls, atom, name, node)
    if not atom.cell:
        return UNKNOWN
    held = calls.heap[atom.cell]
    if name in ("append", "add", "appendleft", "insert"):
        calls.fill(atom.cell, args[-1] if args else NOTHING)
        return of("NoneType")
    if name == "extend" and args:
        calls.fill(atom.cell, calls.items(args[0]))
        return of("NoneType")
    if name in ("index", "count"):
        return of("int")
    if atom.name == "dict":
        return _of_dict(calls, atom, name, node, args)
    if name in ("pop", "popleft"):
        return held.items
    return frozenset({atom}) if name == "copy" else UNKNOWN


def _of_dict(calls: "Calls", atom: Atom, name: str, node: ast.Call, args: list[Value]) -> Value:
    held = calls.heap[atom.cell]
    if name == "setdefault" and len(args) > 1:
        calls.fill(atom.cell, args[1], args[0])
    if name in ("get", "pop", "setdefault"):
        return join(held.items, args[1] if len(args) > 1 else NOTHING)
    if name == "items":
        return calls.made(node, "iterator", calls.tuple_of(node, [held.keys, held.items], 1))
    if name in ("keys", "values"):
        return calls.made(node, "iterator", held.keys if name == "keys" else held.items)
    return UNKNOWN


def _of_text(name: str) -> Value:
    return of("str") if name in _STRING_METHODS else of("int") if name in ("find", "index", "count") else UNKNOWN


def _of_array(calls: "Calls", atom: Atom, name: str, node: ast.Call) -> Value:
    here = frozenset({atom})
    if name in ("copy", "clip", "round"):
        return here
    if name == "astype" and node.args:
        return array(_dtype_text(node.args[0]), atom.ndim)
    if name in ("ravel", "flatten"):
        return array(atom.dtype, 1)
    if name == "reshape":
        shape = node.args[0].elts if node.args and isinstance(node.args[0], ast.Tuple) else node.args
        return array(atom.dtype, len(shape))
    if name == "tolist":
        kind = of(_KINDS.get((atom.dtype or "?")[:1], "?"))
        for level in range(atom.ndim or 1):
            kind = calls.made(node, "list", kind, part=level)
        return kind
    if name in ("sum", "min", "max", "prod") and not node.args and not node.keywords:
        return of(f"numpy.{atom.dtype}") if atom.dtype else UNKNOWN
    return of("numpy.float64") if name in ("mean", "std", "var") and not node.args else UNKNOWN
