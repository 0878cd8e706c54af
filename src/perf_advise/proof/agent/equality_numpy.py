"""Equality of NumPy arrays, scalars, masked arrays and random generators; NumPy is never imported here."""

from __future__ import annotations

import sys
from typing import Any

from .equality import FINAL_CHECKS, FINDERS, CannotCompare, Comparison, Different, Handler, Path, render

_INTEGER_OF_SIZE = {2: "int16", 4: "int32", 8: "int64"}
_ULP_WORTH = {2: 32.0, 4: 4.0}
"""By item size: short floats have fewer bits to lose."""
_MOST_ARRAYS = 40
_MOST_WORK = 10_000


def _numpy() -> Any:
    return sys.modules["numpy"]


def compare_array(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """Type, dtype, shape, memory order, writability, values; shared memory is checked at the end."""
    c.arrays.append((before, after, path))
    if c.paired(before, after, path):
        return
    _require_equal(_looks(before, after), path)
    compare_values(c, before, after, path)
    left, right = vars_of(before), vars_of(after)
    c.walk(left, right, (path, " attributes"))


def _looks(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    def flags(array: Any) -> tuple[bool, bool]:
        return bool(array.flags.c_contiguous), bool(array.flags.f_contiguous)

    return [
        ("dtype", before.dtype, after.dtype),
        ("shape", before.shape, after.shape),
        ("flags (C order, F order)", flags(before), flags(after)),
        ("flags.writeable", bool(before.flags.writeable), bool(after.flags.writeable)),
    ]


def _require_equal(looks: list[tuple[str, Any, Any]], path: Path) -> None:
    for field, left, right in looks:
        if left != right:
            raise Different((path, f".{field}"), left, right, field)


def vars_of(value: Any) -> dict[str, Any]:
    """Attributes that a subclass of ndarray adds."""
    found = dict(getattr(value, "__dict__", None) or {})
    return {name: item for name, item in found.items() if not name.startswith(("_base", "_mask", "_fill", "_opt"))}


def compare_values(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """Values of two arrays of the same dtype and shape."""
    np = _numpy()
    kind = before.dtype.kind
    if before.dtype.names:
        for name in before.dtype.names:
            compare_values(c, np.asarray(before[name]), np.asarray(after[name]), (path, name))
    elif kind == "O":
        c.walk(before.ravel().tolist(), after.ravel().tolist(), path)
    elif kind == "f":
        _compare_floats(c, np.asarray(before), np.asarray(after), path)
    elif kind == "c":
        _compare_floats(c, np.asarray(before).real, np.asarray(after).real, (path, ".real"))
        _compare_floats(c, np.asarray(before).imag, np.asarray(after).imag, (path, ".imag"))
    else:
        _compare_exactly(np, np.asarray(before), np.asarray(after), path)


def _compare_exactly(np: Any, before: Any, after: Any, path: Path) -> None:
    same = before == after
    if before.dtype.kind in "mM":
        same = same | (np.isnat(before) & np.isnat(after))
    if not np.all(same):
        index = _first(np, ~np.asarray(same))
        raise Different(_at(path, index), before[index], after[index], "value")


def _compare_floats(c: Comparison, before: Any, after: Any, path: Path) -> None:
    np = _numpy()
    with np.errstate(all="ignore"):
        unlike = ~((before == after) | (np.isnan(before) & np.isnan(after)))
        wrong = unlike & ~(np.isfinite(before) & np.isfinite(after))
        wrong |= (before == 0) & (after == 0) & (np.signbit(before) != np.signbit(after))
        if np.any(wrong):
            index = _first(np, wrong)
            raise Different(_at(path, index), before[index], after[index], "value")
        if np.any(unlike):
            _round(np, c, before, after, unlike, path)


def _round(np: Any, c: Comparison, before: Any, after: Any, unlike: Any, path: Path) -> None:
    left, right = before[unlike], after[unlike]
    ulps = _ulps(np, left, right)
    largest = np.maximum(np.abs(left), np.abs(right))
    relative = np.abs(left / largest - right / largest)
    worst = int(np.argmax(ulps))
    index = tuple(int(i) for i in np.argwhere(unlike)[worst])
    worth = _ULP_WORTH.get(before.dtype.itemsize, 1.0)
    far = float(ulps[worst]), float(relative.max())
    c.rounded(float(left[worst]), float(right[worst]), *far, _at(path, index), worth)
    if c.leaves is not None:
        moved = np.zeros(before.shape)
        moved[unlike] = np.abs(left - right)
        c.leaves[render(path)] = moved


def _ulps(np: Any, left: Any, right: Any) -> Any:
    name = _INTEGER_OF_SIZE.get(left.dtype.itemsize)
    if name is None:
        return np.abs(left - right) / np.spacing(np.maximum(np.abs(left), np.abs(right)))
    return np.abs(_ordered(np, left, name) - _ordered(np, right, name))


def _ordered(np: Any, values: Any, name: str) -> Any:
    bits = np.ascontiguousarray(values).view(name)
    magnitude = (bits & np.iinfo(name).max).astype(np.longdouble)
    return np.where(bits >= 0, magnitude, -magnitude)


def _first(np: Any, where: Any) -> tuple[int, ...]:
    return tuple(int(i) for i in np.argwhere(where)[0])


def _at(path: Path, index: tuple[int, ...]) -> Path:
    return (path, f"[{', '.join(map(str, index))}]") if index else path


def _scalar(c: Comparison, before: Any, after: Any, path: Path) -> None:
    np = _numpy()
    left, right = np.asarray(before), np.asarray(after)
    if left.dtype != right.dtype:
        raise Different((path, ".dtype"), left.dtype, right.dtype, "dtype")
    compare_values(c, left, right, path)


def _masked(c: Comparison, before: Any, after: Any, path: Path) -> None:
    """The masks are compared, and the data where it is not masked."""
    np = _numpy()
    if before is after or c.paired(before, after, path):
        return
    _require_equal(_looks(before, after), path)
    c.arrays.append((before.data, after.data, path))
    compare_array(c, np.ma.getmaskarray(before), np.ma.getmaskarray(after), (path, ".mask"))
    _compare_seen(c, np.asarray(before.data), np.asarray(after.data), np.ma.getmaskarray(before), path)
    for field in ("fill_value", "hardmask"):
        c.walk(getattr(before, field), getattr(after, field), (path, f".{field}"))


def _compare_seen(c: Comparison, before: Any, after: Any, mask: Any, path: Path) -> None:
    """Values where they are not masked, in structured arrays field by field."""
    if before.dtype.names:
        for name in before.dtype.names:
            _compare_seen(c, before[name], after[name], mask[name], (path, name))
    else:
        compare_values(c, before[~mask], after[~mask], path)


def _dtype(c: Comparison, before: Any, after: Any, path: Path) -> None:
    if before != after:
        raise Different(path, before, after, "value")


def _generator(c: Comparison, before: Any, after: Any, path: Path) -> None:
    c.walk(before.bit_generator.state, after.bit_generator.state, (path, ".state"))


def _legacy_generator(c: Comparison, before: Any, after: Any, path: Path) -> None:
    c.walk(before.get_state(), after.get_state(), (path, ".state"))


def _find(kind: type) -> Handler | None:
    np = sys.modules.get("numpy")
    if np is None or not hasattr(np, "ndarray"):
        return None
    random = getattr(np, "random", None)
    table = [(np.ma.MaskedArray, _masked), (np.ndarray, compare_array), (np.generic, _scalar), (np.dtype, _dtype)]
    if random is not None:
        table += [(random.Generator, _generator), (random.RandomState, _legacy_generator)]
    found = next((handler for base, handler in table if issubclass(kind, base)), None)
    if found is None and kind.__module__.partition(".")[0] == "numpy" and kind.__name__ == "flatiter":
        raise CannotCompare("an iterator over an array cannot be compared")
    return found


def check_shared_memory(c: Comparison) -> None:
    """Arrays that share memory before must do so after, and no others: a view is not a copy."""
    if len(c.arrays) < 2 or len(c.arrays) > _MOST_ARRAYS:
        return
    for place, (before, after, path) in enumerate(c.arrays):
        for other_before, other_after, other_path in c.arrays[:place]:
            left, right = _share(before, other_before), _share(after, other_after)
            if left != right:
                raise Different((path, f" shares memory with {render(other_path)}"), left, right, "aliasing")


def _share(left: Any, right: Any) -> bool:
    np = _numpy()
    try:
        return bool(np.shares_memory(left, right, max_work=_MOST_WORK))
    except Exception:
        return bool(np.may_share_memory(left, right))


FINDERS.append(_find)
FINAL_CHECKS.append(check_shared_memory)
