"""The shape of a value's type: what annotations, dataflow and recorded calls say of a name."""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class PyType:
    """A type as far as rewrites care.

    `name` is the bare name for builtins (`int`, `list`, `str`, `NoneType`, `function`, `generator`), else
    dotted (`numpy.ndarray`, `pandas.Series`, `collections.deque`, `app.Grid`). `args` are element types:
    one for list, set, frozenset, deque and iterators (None-free: empty when unknown, several when mixed),
    key and value for dict; for tuple one per position, unless `homogeneous`.
    `dtype`, `ndim` and `contiguous` are NumPy's; `size` is the power of ten of the largest length seen;
    `bits` the largest size of an int seen.
    """

    name: str
    args: tuple["PyType", ...] = ()
    dtype: str | None = None
    ndim: int | None = None
    contiguous: bool | None = None
    homogeneous: bool = False
    size: int | None = None
    bits: int | None = None

    def bare(self) -> "PyType":
        """This type without what only a run can tell (sizes, bits, contiguity)."""
        args = tuple(a.bare() for a in self.args)
        return replace(self, args=args, size=None, bits=None, contiguous=None)

    def to_json(self) -> dict[str, Any]:
        """A small JSON object: only the fields that are set."""
        out: dict[str, Any] = {"name": self.name}
        if self.args:
            out["args"] = [a.to_json() for a in self.args]
        for key in ("dtype", "ndim", "contiguous", "size", "bits"):
            value = getattr(self, key)
            if value is not None:
                out[key] = value
        if self.homogeneous:
            out["homogeneous"] = True
        return out

    @staticmethod
    def from_json(data: dict[str, Any]) -> "PyType":
        """The inverse of `to_json`; raises KeyError, TypeError or AttributeError on other data."""
        return PyType(
            name=str(data["name"]),
            args=tuple(PyType.from_json(a) for a in data.get("args", ())),
            dtype=data.get("dtype"),
            ndim=data.get("ndim"),
            contiguous=data.get("contiguous"),
            homogeneous=bool(data.get("homogeneous", False)),
            size=data.get("size"),
            bits=data.get("bits"),
        )

    def __str__(self) -> str:
        if self.name == "numpy.ndarray":
            parts = [p for p in (self.dtype, f"{self.ndim}d" if self.ndim is not None else None) if p]
            return f"ndarray[{', '.join(parts)}]" if parts else "ndarray"
        if not self.args:
            return self.name
        inner = ", ".join(map(str, self.args)) + (", ..." if self.homogeneous else "")
        return f"{self.name}[{inner}]"


_SHORT = {
    "ndarray": "numpy.ndarray",
    "DataFrame": "pandas.DataFrame",
    "Series": "pandas.Series",
    "deque": "collections.deque",
    "None": "NoneType",
}


def parse_pytype(text: str) -> PyType:
    """The inverse of `str(PyType)`: `dict[str, list[int]]`, `tuple[int, ...]`, `ndarray[float64, 2d]`.

    Raises ValueError on unbalanced brackets.
    """
    name, bracket, rest = text.strip().partition("[")
    full = _SHORT.get(name.strip(), name.strip())
    if not bracket:
        return PyType(full)
    if not rest.endswith("]"):
        raise ValueError(f"no closing bracket in {text!r}")
    parts = _split_arguments(rest[:-1])
    if full == "numpy.ndarray":
        ndim = next((int(p[:-1]) for p in parts if p[:-1].isdigit() and p.endswith("d")), None)
        dtype = next((p for p in parts if not (p[:-1].isdigit() and p.endswith("d"))), None)
        return PyType(full, dtype=dtype, ndim=ndim)
    types = tuple(parse_pytype(p) for p in parts if p != "...")
    return PyType(full, types, homogeneous="..." in parts)


def _split_arguments(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for place, char in enumerate(text):
        depth += (char == "[") - (char == "]")
        if char == "," and depth == 0:
            parts.append(text[start:place].strip())
            start = place + 1
    return [*parts, text[start:].strip()]
