"""Random generators are put into the same state before each call, on both sides."""

from __future__ import annotations

import random
import sys
from typing import Any

_SEED = 20240229


def seed() -> Any:
    """Seed `random` and, if loaded, `numpy.random`; returns the states for `drawn`."""
    random.seed(_SEED)
    legacy = _numpy_random()
    if legacy is not None:
        legacy.seed(_SEED)
    return _state()


def drawn(before: Any) -> dict[str, Any]:
    """The states of the generators that random numbers were drawn from since, by name."""
    now = _state()
    return {name: state for name, state in now.items() if before.get(name) not in (None, state)}


def _state() -> dict[str, Any]:
    found: dict[str, Any] = {"state of random": random.getstate()}
    legacy = _numpy_random()
    if legacy is not None:
        name, keys, *rest = legacy.get_state()
        found["state of numpy.random"] = (name, keys.tobytes(), *rest)
    return found


def _numpy_random() -> Any:
    numpy = sys.modules.get("numpy")
    return getattr(numpy, "random", None) if "numpy.random" in sys.modules else None
