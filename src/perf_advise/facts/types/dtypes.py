"""NumPy's dtypes: which dtype an operation gives. Where NumPy 1 and 2 differ, the answer is None."""

_ORDER = {"b": 0, "i": 1, "u": 1, "f": 2, "c": 3}
_KINDS = {"bool": "b", "int": "i", "uint": "u", "float": "f", "complex": "c"}
_PYTHON = {"bool": "bool", "int": "int64", "float": "float64", "complex": "complex128"}


def kind_and_bits(dtype: str) -> tuple[str, int] | None:
    """`float64` -> ("f", 64); None for strings, objects, dates and records."""
    if dtype == "bool":
        return "b", 8
    name = dtype.rstrip("0123456789")
    bits = dtype[len(name) :]
    return (_KINDS[name], int(bits)) if name in _KINDS and bits else None


def promoted(a: str | None, b: str | None) -> str | None:
    """The dtype of combining two arrays (`numpy.promote_types`)."""
    if a is None or b is None or a == b:
        return a if a == b else None
    left, right = kind_and_bits(a), kind_and_bits(b)
    if left is None or right is None:
        return None
    (low_kind, low), (kind, bits) = sorted((left, right), key=lambda d: (_ORDER[d[0]], d[0]))
    if low_kind == "b":
        return b if left[0] == "b" else a
    if low_kind == kind:
        return a if left[1] >= right[1] else b
    if {low_kind, kind} == {"i", "u"}:
        signed, unsigned = (low, bits) if low_kind == "i" else (bits, low)
        needed = signed if signed > unsigned else unsigned * 2
        return f"int{needed}" if needed <= 64 else "float64"
    return _with_inexact(low_kind, low, kind, bits)


def _with_inexact(low_kind: str, low: int, kind: str, bits: int) -> str:
    if low_kind == "f":
        return f"complex{max(bits, 2 * low)}"
    needed = {8: 16, 16: 32}.get(low, 64)
    return f"float{max(bits, needed)}" if kind == "f" else f"complex{max(bits, 2 * needed, 64)}"


def with_python(dtype: str | None, python: str) -> str | None:
    """The dtype of an array combined with a Python number (`int`, `float`, `bool`, `complex`)."""
    known = kind_and_bits(dtype) if dtype is not None else None
    if known is None or python not in _PYTHON:
        return None
    kind, bits = known
    if python == "bool":
        return dtype
    if python == "int":
        return "int64" if kind == "b" else dtype
    if python == "float":
        return dtype if kind in "fc" else _float_for(kind, bits)
    if kind == "c":
        return dtype
    return f"complex{max(64, 2 * bits)}" if kind == "f" else "complex128"


def _float_for(kind: str, bits: int) -> str | None:
    # float16 and float32 results of small integers with a Python float differ between NumPy 1 and 2.
    return "float64" if kind == "b" or bits >= 32 else None


def divided(dtype: str | None) -> str | None:
    """The dtype of true division, `sqrt` and other functions that leave the integers."""
    known = kind_and_bits(dtype) if dtype is not None else None
    if known is None:
        return None
    return dtype if known[0] in "fc" else "float64"


def floated(dtype: str | None) -> str | None:
    """The dtype of `sqrt`, `exp` and the like, where small integers give small floats."""
    known = kind_and_bits(dtype) if dtype is not None else None
    if known is None:
        return None
    if known[0] in "fc":
        return dtype
    return f"float{max(16, 2 * known[1] if known[1] < 64 else 64)}" if known[0] != "b" else "float16"


def summed(dtype: str | None) -> str | None:
    """The dtype of `sum`, `prod`, `cumsum`: integers grow to 64 bits."""
    known = kind_and_bits(dtype) if dtype is not None else None
    if known is None:
        return None
    if known[0] in "fc":
        return dtype
    return "uint64" if known[0] == "u" else "int64"


def python_type(dtype: str | None) -> str | None:
    """The Python type that `item()` and `tolist()` give."""
    known = kind_and_bits(dtype) if dtype is not None else None
    return None if known is None else {"b": "bool", "i": "int", "u": "int", "f": "float", "c": "complex"}[known[0]]


def dtype_of_python(name: str) -> str | None:
    """The dtype that an array of these Python numbers gets."""
    return _PYTHON.get(name)
