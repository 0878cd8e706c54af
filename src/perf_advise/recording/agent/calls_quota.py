"""Which calls to keep: few per shape, chosen evenly over the run, and the largest one."""

from __future__ import annotations

from typing import Any

_ALL_LOOKED_AT = 2000
_LOOKS_PER_DOUBLING = 400
_LARGEST = -1


class Dice:
    """A small random generator of our own: the program's random state is not touched."""

    def __init__(self, seed: int) -> None:
        self._state = seed * 2 + 1

    def below(self, bound: int) -> int:
        """A number from 0 to bound - 1."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
        return (self._state >> 33) % bound


class _Group:
    def __init__(self, number: int) -> None:
        self.number = number
        self.seen = 0
        self.kept = 0


class Quota:
    """A reservoir per shape; `slot` decides before anything is pickled."""

    def __init__(self, calls: int, per_shape: int, seed: int = 1) -> None:
        self._calls, self._per_shape = calls, per_shape
        self._groups: dict[Any, _Group] = {}
        self._dice = Dice(seed)
        self._kept = 0
        self._largest = -1

    def slot(self, shape: Any, size: int) -> str | None:
        """The name of the slot that this call takes over, or None to let it go."""
        group = self._group(shape)
        group.seen += 1
        if group.kept < self._per_shape and (self._kept < self._calls or group.kept == 0):
            group.kept += 1
            self._kept += 1
            self._largest = max(self._largest, size.bit_length())
            return f"{group.number}.{group.kept - 1}"
        if size.bit_length() > self._largest:  # in powers of two: a slowly growing argument is not written each time
            self._largest = size.bit_length()
            return str(_LARGEST)
        place = self._dice.below(group.seen)
        return f"{group.number}.{place}" if place < group.kept else None

    def _group(self, shape: Any) -> _Group:
        group = self._groups.get(shape)
        if group is None and len(self._groups) >= self._calls:
            shape = None
            group = self._groups.get(shape)
        if group is None:
            group = self._groups[shape] = _Group(len(self._groups))
        return group

    def next_look(self, count: int) -> int:
        """The number of the next call to look at: every one at first, then ever fewer, at random distances."""
        if count < _ALL_LOOKED_AT:
            return count + 1
        return count + 1 + self._dice.below(2 * count // _LOOKS_PER_DOUBLING)


class Escapes:
    """A few calls of each type of exception."""

    def __init__(self, per_type: int) -> None:
        self._per_type = per_type
        self._kept: dict[Any, int] = {}

    def room_for(self, kind: Any) -> bool:
        """Whether another call that raised this may be kept."""
        return self._kept.get(kind, 0) < self._per_type

    def slot(self, kind: Any) -> str:
        """The name of its slot."""
        self._kept[kind] = self._kept.get(kind, 0) + 1
        return f"{kind.__name__}.{self._kept[kind] - 1}"
