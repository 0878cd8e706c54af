"""Random generators are put into the same state before each call, on both sides."""

from __future__ import annotations

import random
import sys
from typing import Any

_SEED = 20240229


def seed() -> Any:
    """Seed `random` and, if loaded, `numpy.random`; returns the state for `was_drawn`."""
    random.seed(_SEED)
    legacy = _numpy_random()
    if legacy is not None:
        legacy.seed(_SEED)
    return _state()


def was_drawn(before: Any) -> bool:
    """Whether random numbers were drawn since."""
    return bool(_state() != before)


def _state() -> Any:
    legacy = _numpy_random()
    if legacy is None:
        return random.getstate()
    name, keys, *rest = legacy.get_state()
    return random.getstate(), name, keys.tobytes(), rest


def _numpy_random() -> Any:
    numpy = sys.modules.get("numpy")
    return getattr(numpy, "random", None) if "numpy.random" in sys.modules else None
