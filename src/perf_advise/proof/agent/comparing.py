"""Equality with every library's handlers registered: import `compare` from here."""

from __future__ import annotations

from . import equality_builtin, equality_frames, equality_numpy, equality_objects
from .equality import CannotCompare, Comparison, Different, Tolerance, compare, finish, is_same, render

HANDLER_MODULES = (equality_builtin, equality_frames, equality_numpy, equality_objects)

__all__ = [
    "HANDLER_MODULES",
    "CannotCompare",
    "Comparison",
    "Different",
    "Tolerance",
    "compare",
    "finish",
    "is_same",
    "render",
]
