"""Settings that a call may change: environment, folder, context variables, those of decimal and NumPy."""

from __future__ import annotations

import contextvars
import os
import sys
from collections.abc import Callable
from typing import Any

_OWN_CONTEXTS = ("decimal_context", "numpy.ufunc.extobj")
_DECIMAL_FIELDS = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")


class Settings:
    """Runs a call in a context of its own; `changed` is what it left set, by name."""

    def __init__(self) -> None:
        self.changed: dict[str, Any] = {}

    def run(self, call: Callable[[], Any]) -> Any:
        """The result of `call`; what it set is noted and forgotten, whether it returns or raises."""
        context = contextvars.copy_context()
        before = _process_settings()
        try:
            return context.run(self._run, call)
        finally:
            self.changed.update(_new_values(context))
            after = _process_settings()
            if after != before:
                self.changed.update(_differences(before, after))
                _put_back(before)

    def _run(self, call: Callable[[], Any]) -> Any:
        decimal = sys.modules.get("decimal")
        if decimal is not None:
            decimal.setcontext(decimal.getcontext().copy())
        before = _library_settings()
        try:
            return call()
        finally:
            after = _library_settings()
            self.changed.update({name: value for name, value in after.items() if before.get(name) != value})
            if "NumPy's errors" in before:
                sys.modules["numpy"].seterr(**before["NumPy's errors"])


def _process_settings() -> dict[str, Any]:
    return {"environment": dict(os.environ), "folder": os.getcwd(), "recursion limit": sys.getrecursionlimit()}


def _differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What differs by name; of the environment only what was changed, for the rest is nobody's business."""
    found = {name: after[name] for name in ("folder", "recursion limit") if before[name] != after[name]}
    old, new = before["environment"], after["environment"]
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return {**found, **{f"environment variable {name}": new.get(name) for name in names}}


def _put_back(before: dict[str, Any]) -> None:
    os.chdir(before["folder"])
    sys.setrecursionlimit(before["recursion limit"])
    for name in set(os.environ) - set(before["environment"]):
        del os.environ[name]
    os.environ.update(before["environment"])


def _library_settings() -> dict[str, Any]:
    found: dict[str, Any] = {}
    decimal, numpy = sys.modules.get("decimal"), sys.modules.get("numpy")
    if decimal is not None:
        context = decimal.getcontext()
        found["decimal context"] = [getattr(context, name) for name in _DECIMAL_FIELDS]
    if hasattr(numpy, "geterr"):
        found["NumPy's errors"] = numpy.geterr()  # type: ignore[union-attr]
    return found


def _new_values(context: contextvars.Context) -> dict[str, Any]:
    outside = contextvars.copy_context()
    return {
        f"context variable {variable.name}": value
        for variable, value in context.items()
        if variable.name not in _OWN_CONTEXTS and outside.get(variable, outside) is not value
    }
