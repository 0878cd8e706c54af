"""Pickles as data: an interpreter of our own for the instructions that profiles use.

`pickle.loads` runs what a file names, and even with names refused a few bytes can make it allocate gigabytes
or overrun the C stack. Here a class is only a name and an object only its state.
"""

import re
import struct
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from perf_advise.profiles.errors import ProfileError, damaged
from perf_advise.profiles.untrusted import plain_key

_STEPS = 10_000_000
_DIGITS = re.compile(rb"-?[0-9]{1,30}L?\Z")


@dataclass(frozen=True, slots=True)
class ClassName:
    """A class that the pickle names; never imported."""

    name: str


@dataclass(slots=True)
class Inert:
    """An object that the pickle builds: the name of its class and its attributes."""

    kind: str
    state: dict[Any, Any] = field(default_factory=dict)


def load(data: bytes, allowed: Collection[str]) -> Any:
    """The value in `data`, objects of the `allowed` classes ("module.Class") as `Inert`.

    Raises ProfileError for damage and for every other class or function.
    """
    try:
        return _Machine(data, allowed).run()
    except (IndexError, struct.error):
        raise damaged("the pickle ends too early") from None


class _Stopped(Exception):
    pass


class _Machine:
    def __init__(self, data: bytes, allowed: Collection[str]) -> None:
        self._data = data
        self._at = 0
        self._allowed = allowed
        self._stack: list[Any] = []
        self._below: list[list[Any]] = []
        self._memo: dict[int, Any] = {}

    def run(self) -> Any:
        """Follow the instructions up to STOP."""
        data, instructions = self._data, _INSTRUCTIONS
        for _ in range(_STEPS):
            instruction = instructions.get(data[self._at])
            if instruction is None:
                raise damaged(f"a pickle instruction that no profile needs: {data[self._at]:#x}")
            self._at += 1
            try:
                instruction(self)
            except _Stopped:
                return self._stack.pop()
        raise ProfileError("a pickle of more than 10 million steps", "profile a shorter run")

    def push(self, value: Any) -> None:
        """Put a value on the stack."""
        self._stack.append(value)

    def pop(self) -> Any:
        """Take the last value from the stack."""
        return self._stack.pop()

    def number(self, layout: str, size: int) -> Any:
        """The next `size` bytes as a number."""
        (value,) = struct.unpack_from(layout, self._data, self._at)
        self._at += size
        return value

    def raw(self, count: int) -> bytes:
        """The next `count` bytes."""
        start = self._at
        if not 0 <= count <= len(self._data) - start:
            raise damaged("the pickle ends too early")
        self._at = start + count
        return self._data[start : self._at]

    def line(self) -> bytes:
        """The bytes up to the end of the line."""
        end = self._data.find(b"\n", self._at)
        if end < 0:
            raise damaged("the pickle ends too early")
        return self.raw(end + 1 - self._at)[:-1]

    def decimal(self) -> int:
        """A line with a decimal number."""
        digits = self.line()
        if not _DIGITS.match(digits):
            raise damaged("a pickled number that is none")
        return int(digits.rstrip(b"L"))

    def long(self, count: int) -> int:
        """A little-endian number of `count` bytes."""
        if count > 32:
            raise damaged("an absurdly large number")
        return int.from_bytes(self.raw(count), "little", signed=True)

    def mark(self) -> None:
        """Start a new stack on top of this one."""
        self._below.append(self._stack)
        self._stack = []

    def marked(self) -> list[Any]:
        """The values since the last mark."""
        values, self._stack = self._stack, self._below.pop()
        return values

    def tuple_of(self, count: int) -> None:
        """Replace the last `count` values by a tuple of them."""
        values = tuple(self._stack[-count:])
        if len(values) < count:
            raise damaged("a pickled tuple without items")
        self._stack[-count:] = [values]

    def remember(self, place: int) -> None:
        """Keep the last value for later use."""
        self._memo[place] = self._stack[-1]

    def memoize(self) -> None:
        """Keep the last value under the next number."""
        self._memo[len(self._memo)] = self._stack[-1]

    def recall(self, place: int) -> None:
        """Push a value that was kept."""
        if place not in self._memo:
            raise damaged("a pickle reference to nothing")
        self._stack.append(self._memo[place])

    def extend(self, values: list[Any]) -> None:
        """Add to the list or set below."""
        target = self._stack[-1]
        if type(target) is list:
            target.extend(values)
        elif type(target) is set:
            target.update(map(plain_key, values))
        else:
            raise damaged("pickled items without a list")

    def update(self, values: list[Any]) -> None:
        """Add keys and values in turn to the dict below."""
        target = self._stack[-1]
        if type(target) is not dict or len(values) % 2:
            raise damaged("pickled keys without a dict")
        target.update(zip(map(plain_key, values[::2]), values[1::2], strict=True))

    def mapping(self) -> None:
        """Push a dict of the marked values."""
        values = self.marked()
        self._stack.append({})
        self.update(values)

    def class_named(self, module: object, name: object) -> None:
        """Push the name of a class if it is allowed."""
        full = f"{module:.80}.{name:.80}" if isinstance(module, str) and isinstance(name, str) else "?"
        if full not in self._allowed:
            raise ProfileError(f"a pickle that asks for {full!r}", "it is no profile, or not a safe one")
        self._stack.append(ClassName(full))

    def new(self) -> None:
        """Push an object of the class below its arguments, which are dropped."""
        self._stack.pop()
        kind = self._stack.pop()
        if not isinstance(kind, ClassName):
            raise damaged("a pickled object without a class")
        self._stack.append(Inert(kind.name))

    def build(self) -> None:
        """Give the object below its state."""
        state = self._stack.pop()
        target = self._stack[-1]
        if type(state) is not dict or not isinstance(target, Inert):
            raise damaged("a pickled state without an object")
        target.state = state

    def stop(self) -> None:
        """The end."""
        raise _Stopped


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


_INSTRUCTIONS: dict[int, Callable[[_Machine], Any]] = {
    ord(code): step
    for code, step in {
        "\x80": lambda m: m.raw(1),  # PROTO
        "\x95": lambda m: m.raw(8),  # FRAME
        "N": lambda m: m.push(None),
        "\x88": lambda m: m.push(True),
        "\x89": lambda m: m.push(False),
        "I": lambda m: m.push(m.decimal()),
        "L": lambda m: m.push(m.decimal()),
        "J": lambda m: m.push(m.number("<i", 4)),
        "K": lambda m: m.push(m.number("<B", 1)),
        "M": lambda m: m.push(m.number("<H", 2)),
        "\x8a": lambda m: m.push(m.long(m.number("<B", 1))),
        "G": lambda m: m.push(m.number(">d", 8)),
        "X": lambda m: m.push(_text(m.raw(m.number("<I", 4)))),
        "\x8c": lambda m: m.push(_text(m.raw(m.number("<B", 1)))),
        "\x8d": lambda m: m.push(_text(m.raw(m.number("<Q", 8)))),
        "V": lambda m: m.push(_text(m.line())),
        "]": lambda m: m.push([]),
        "}": lambda m: m.push({}),
        ")": lambda m: m.push(()),
        "\x8f": lambda m: m.push(set()),
        "(": _Machine.mark,
        "l": lambda m: m.push(m.marked()),
        "t": lambda m: m.push(tuple(m.marked())),
        "d": _Machine.mapping,
        "\x85": lambda m: m.tuple_of(1),
        "\x86": lambda m: m.tuple_of(2),
        "\x87": lambda m: m.tuple_of(3),
        "a": lambda m: m.extend([m.pop()]),
        "e": lambda m: m.extend(m.marked()),
        "\x90": lambda m: m.extend(m.marked()),
        "s": lambda m: m.update([m.pop(), m.pop()][::-1]),
        "u": lambda m: m.update(m.marked()),
        "p": lambda m: m.remember(m.decimal()),
        "q": lambda m: m.remember(m.number("<B", 1)),
        "r": lambda m: m.remember(m.number("<I", 4)),
        "\x94": _Machine.memoize,
        "g": lambda m: m.recall(m.decimal()),
        "h": lambda m: m.recall(m.number("<B", 1)),
        "j": lambda m: m.recall(m.number("<I", 4)),
        "c": lambda m: m.class_named(_text(m.line()), _text(m.line())),
        "\x93": lambda m: m.class_named(*[m.pop(), m.pop()][::-1]),
        "\x81": _Machine.new,
        "b": _Machine.build,
        ".": _Machine.stop,
    }.items()
}
