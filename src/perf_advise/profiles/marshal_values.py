"""The few marshal types that profiles use, read with checks; `marshal.loads` can crash on hostile bytes."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from perf_advise.profiles.errors import damaged
from perf_advise.profiles.untrusted import plain_key

_DEPTH = 12
_MOST_ITEMS = 4_000_000
_REF = 0x80
_SEEN_BEFORE = ord("r")
_int32 = struct.Struct("<i").unpack_from
_uint32 = struct.Struct("<I").unpack_from
_uint16 = struct.Struct("<H").unpack_from
_float64 = struct.Struct("<d").unpack_from


@dataclass(frozen=True, slots=True)
class CodeStandIn:
    """What is left of a code object (`profile` keys what it ran by one): its names, never code."""

    filename: str
    name: str
    line: int


class _Unfinished:
    """Holds the place of a container in the reference list while its items are read."""


def load(data: bytes) -> Any:
    """The dict, tuple, list, str, bytes, number, bool or None in `data`; ProfileError for anything else."""
    try:
        return _Parser(data).value(0)
    except (IndexError, struct.error):
        raise damaged("marshal data ends too early") from None


class _Parser:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._items = 0
        self._refs: list[Any] = []
        self._readers = _readers(self)

    def value(self, depth: int) -> Any:
        """The next object; `depth` counts the containers around it."""
        code = self._data[self._at]
        self._at += 1
        kind = code & ~_REF
        if kind == _SEEN_BEFORE:
            return self._reference()
        read = self._readers.get(kind)
        if read is not None:
            value = read()
            if code & _REF:
                self._refs.append(value)
            return value
        if depth >= _DEPTH:
            raise damaged("marshal data nested too deeply")
        return self._container(kind, depth + 1, bool(code & _REF))

    def _container(self, kind: int, depth: int, is_ref: bool) -> Any:
        read = _CONTAINERS.get(kind)
        if read is None:
            raise damaged(f"marshal type {kind:#x}")
        if not is_ref:
            return read(self, depth)
        slot = len(self._refs)
        self._refs.append(_Unfinished)
        value = self._refs[slot] = read(self, depth)
        return value

    def _reference(self) -> Any:
        (index,) = _uint32(self._data, self._at)
        self._at += 4
        if index >= len(self._refs) or self._refs[index] is _Unfinished:
            raise damaged("a marshal reference to nothing")
        return self._refs[index]

    def int32(self) -> int:
        """Four bytes, little-endian, signed."""
        (value,) = _int32(self._data, self._at)
        self._at += 4
        return value  # type: ignore[no-any-return]

    def long(self) -> int:
        """Digits of 15 bits, least significant first; the count carries the sign."""
        count = self.int32()
        if abs(count) > 8:  # 120 bits: no count of calls is larger
            raise damaged("an absurdly large number")
        value = 0
        for place in range(abs(count)):
            (digit,) = _uint16(self._data, self._at)
            value |= (digit & 0x7FFF) << (15 * place)
            self._at += 2
        return -value if count < 0 else value

    def float64(self) -> float:
        """Eight bytes, little-endian."""
        (value,) = _float64(self._data, self._at)
        self._at += 8
        return value  # type: ignore[no-any-return]

    def raw(self, count: int) -> bytes:
        """The next `count` bytes."""
        start = self._at
        if not 0 <= count <= len(self._data) - start:
            raise damaged("marshal data ends too early")
        self._at = start + count
        return self._data[start : self._at]

    def long_bytes(self) -> bytes:
        """Bytes after a four-byte count."""
        return self.raw(self.int32())

    def short_bytes(self) -> bytes:
        """Bytes after a one-byte count."""
        self._at += 1
        return self.raw(self._data[self._at - 1])

    def items(self, count: int, depth: int) -> list[Any]:
        """The next `count` objects."""
        if not 0 <= count <= len(self._data) - self._at:  # each takes a byte at least
            raise damaged("marshal data ends too early")
        self._count(count)
        return [self.value(depth) for _ in range(count)]

    def _count(self, items: int) -> None:
        self._items += items
        if self._items > _MOST_ITEMS:  # few bytes can stand for large objects
            raise damaged(f"more than {_MOST_ITEMS} values")

    def small_count(self) -> int:
        """A one-byte count."""
        self._at += 1
        return self._data[self._at - 1]

    def mapping(self, depth: int) -> dict[Any, Any]:
        """Pairs up to a null; keys are atoms, flat tuples or code stand-ins, so hashing them is cheap."""
        found: dict[Any, Any] = {}
        while self._data[self._at] != 0x30:
            self._count(2)
            key = self.value(depth)
            found[plain_key(key, CodeStandIn)] = self.value(depth)
        self._at += 1
        return found

    def code(self, depth: int) -> CodeStandIn:
        """Steps over a code object of Python 3.8 to 3.15."""
        is_new = self._data[self._at + 20] & ~_REF == 0x73  # from 3.11 on five numbers precede the bytecode
        self._at += 20 if is_new else 24
        fields = self.items(8, depth)
        filename, name = fields[5:7] if is_new else fields[6:8]
        line = self.int32()
        self.items(2 if is_new else 1, depth)
        if not (isinstance(filename, str) and isinstance(name, str)):
            raise damaged("a code object without names")
        return CodeStandIn(filename, name, line)


def _readers(parser: _Parser) -> dict[int, Callable[[], Any]]:
    """How to read each type that holds no other object."""
    raw, long_bytes, short_bytes = parser.raw, parser.long_bytes, parser.short_bytes
    return {
        ord("N"): lambda: None,
        ord("F"): lambda: False,
        ord("T"): lambda: True,
        ord("."): lambda: ...,
        ord("i"): parser.int32,
        ord("l"): parser.long,
        ord("g"): parser.float64,
        ord("y"): lambda: raw(16),
        ord("s"): long_bytes,
        ord("u"): lambda: long_bytes().decode("utf-8", "replace"),
        ord("t"): lambda: long_bytes().decode("utf-8", "replace"),
        ord("a"): lambda: long_bytes().decode("latin-1"),
        ord("A"): lambda: long_bytes().decode("latin-1"),
        ord("z"): lambda: short_bytes().decode("latin-1"),
        ord("Z"): lambda: short_bytes().decode("latin-1"),
    }


_CONTAINERS: dict[int, Callable[[_Parser, int], Any]] = {
    ord("("): lambda parser, depth: tuple(parser.items(parser.int32(), depth)),
    ord(")"): lambda parser, depth: tuple(parser.items(parser.small_count(), depth)),
    ord("["): lambda parser, depth: parser.items(parser.int32(), depth),
    ord("<"): lambda parser, depth: parser.items(parser.int32(), depth),
    ord(">"): lambda parser, depth: parser.items(parser.int32(), depth),
    ord(":"): lambda parser, depth: parser.items(3, depth),
    ord("{"): _Parser.mapping,
    ord("c"): _Parser.code,
}
