"""Ill-conditioned numerics: when inputs that move by one ulp move the old result as much as the rewrite does."""

from __future__ import annotations

import math
import random
import sys
from dataclasses import replace
from typing import Any

from .cases import Case, arguments_of, dump_pickle
from .comparing import CannotCompare, Different, Tolerance
from .outcomes import Outcome, compare_outcomes

_TRIALS = 6
_FACTOR = 16.0
_DEPTH = 6
_ANYTHING = Tolerance(math.inf, math.inf)


def explains(old: Any, new: Any, case: Case, names: list[str]) -> bool:
    """Whether every float that the rewrite moved is moved about as far by perturbing the arguments."""
    limit = 5.0
    moved = _distances(old.run(case, limit), new.run(case, limit), names)
    if not moved:
        return False
    reference: dict[str, Any] = {}
    for trial in range(_TRIALS):
        distances = _distances(old.run(case, limit), old.run(perturbed(case, trial), limit), names)
        if distances is None:
            return False
        for place, distance in distances.items():
            reference[place] = _larger(reference.get(place), distance)
    return all(place in reference and _covers(reference[place], moved[place]) for place in moved)


def _distances(before: Outcome, after: Outcome, names: list[str]) -> dict[str, Any] | None:
    """How far floats lie apart, by place; None when something else differs."""
    leaves: dict[str, Any] = {}
    try:
        compare_outcomes(before, after, names, _ANYTHING, leaves)
    except (Different, CannotCompare):
        return None
    return leaves


def _larger(known: Any, distance: Any) -> Any:
    if known is None:
        return distance
    if isinstance(distance, float):
        return max(known, distance)
    return sys.modules["numpy"].maximum(known, distance)


def _covers(reference: Any, moved: Any) -> bool:
    return bool((_FACTOR * reference >= moved).all() if hasattr(moved, "shape") else _FACTOR * reference >= moved)


def perturbed(case: Case, trial: int) -> Case:
    """The case with each float of its arguments moved by one ulp up or down, or left."""
    args, kwargs, space = arguments_of(case)
    dice = random.Random(trial)
    args = tuple(_moved(a, dice, _DEPTH) for a in args)
    kwargs = {name: _moved(a, dice, _DEPTH) for name, a in kwargs.items()}
    return replace(case, payload=dump_pickle((args, kwargs, space)))


def _moved(value: Any, dice: random.Random, depth: int) -> Any:
    """Containers and objects in place, so that aliases stay aliases."""
    kind = type(value)
    if kind is float and math.isfinite(value):
        return value * (1.0 + dice.choice((-1, 0, 1)) * sys.float_info.epsilon)
    if depth == 0:
        return value
    if kind is list:
        value[:] = [_moved(item, dice, depth - 1) for item in value]
    elif kind is tuple:
        return tuple(_moved(item, dice, depth - 1) for item in value)
    elif kind is dict:
        value.update({key: _moved(item, dice, depth - 1) for key, item in value.items()})
    elif kind.__module__ == "numpy":
        return _moved_array(value, dice)
    elif type(getattr(value, "__dict__", None)) is dict:
        value.__dict__.update({key: _moved(item, dice, depth - 1) for key, item in value.__dict__.items()})
    return value


def _moved_array(value: Any, dice: random.Random) -> Any:
    np = sys.modules["numpy"]
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind not in ("f", "c") or getattr(value, "flags", None) is None:
        return value
    steps = np.random.RandomState(dice.randrange(1 << 30)).randint(-1, 2, size=np.shape(value))
    factor = (1 + steps * np.finfo(value.dtype).eps).astype(value.dtype)
    if np.ndim(value) == 0 or not value.flags.writeable:
        return (value * factor).astype(value.dtype) if np.ndim(value) else type(value)(value * factor)
    value *= factor
    return value
