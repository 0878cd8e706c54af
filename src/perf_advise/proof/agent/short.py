"""Values shortened for people: a counterexample must fit on a line or two."""

from __future__ import annotations

import reprlib
import sys
from typing import Any

_MOST = 160


class _Repr(reprlib.Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlist = self.maxtuple = self.maxset = self.maxdict = self.maxdeque = self.maxarray = 8
        self.maxstring, self.maxother, self.maxlevel = 60, 90, 4

    def repr_instance(self, x: Any, level: int) -> str:
        """Arrays on one line; objects without a `__repr__` of their own by their attributes."""
        numpy = sys.modules.get("numpy")
        if numpy is not None and isinstance(x, numpy.ndarray):
            shown = numpy.array2string(x, threshold=8, edgeitems=3, separator=", ").replace("\n", "")
            return f"array({' '.join(shown.split())}, dtype={x.dtype}, shape={x.shape})"
        kind: Any = type(x)
        if kind.__repr__ is object.__repr__:
            inner = ", ".join(f"{k}={self.repr1(v, level - 1)}" for k, v in list(vars_of(x).items())[:6])
            return f"{type(x).__name__}({inner})" if level > 0 else f"{type(x).__name__}(...)"
        return str(super().repr_instance(x, level))

    def repr_float(self, x: float, level: int) -> str:
        """Floats in full: the last digit may be the difference."""
        return repr(x)

    def repr_ndarray(self, x: Any, level: int) -> str:
        """reprlib finds handlers by type name."""
        return self.repr_instance(x, level)


def vars_of(value: Any) -> dict[str, Any]:
    """`__dict__`, if there is one."""
    return getattr(value, "__dict__", None) or {}


def short(value: Any, most: int = _MOST) -> str:
    """One line, at most `most` characters; never raises."""
    try:
        text = " ".join(_Repr().repr(value).split())
    except Exception as error:
        text = f"<{type(value).__name__} whose repr raises {type(error).__name__}>"
    return text if len(text) <= most else text[: most - 1] + "…"


def short_call(name: str, args: Any, kwargs: Any) -> str:
    """`f([1, 2], key=3)`, shortened."""
    shown = [short(a, 80) for a in args] + [f"{k}={short(v, 80)}" for k, v in kwargs.items()]
    text = f"{name.rpartition('.')[2]}({', '.join(shown)})"
    return text if len(text) <= 2 * _MOST else text[: 2 * _MOST - 2] + "…)"
