"""The wire format of protocol buffers: field numbers with varints, fixed-width numbers or bytes."""

from collections.abc import Iterator
from typing import BinaryIO

from perf_advise.profiles.errors import damaged
from perf_advise.profiles.streams import MIB

_MOST = 64 * MIB
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_SIGN = 1 << 63


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field of a message; ProfileError if it is none."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
        else:
            size, at = _size(message, at, kind)
            if at + size > len(message):
                raise damaged("a field that ends too late")
            yield key >> 3, message[at : at + size]
            at += size


def _size(message: bytes, at: int, kind: int) -> tuple[int, int]:
    if kind == _BYTES:
        return _varint(message, at)
    if kind in (_FIXED64, _FIXED32):
        return (8 if kind == _FIXED64 else 4), at
    raise damaged("a field of no known kind")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 70:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at += 1
        shift += 7
        if byte < 0x80:
            return value, at
    raise damaged("an endless number")


def streamed_fields(stream: BinaryIO) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message in a stream, each of up to 64 MiB."""
    rest = b""
    while block := stream.read(MIB):
        rest += block
        at = 0
        while (end := _end(rest, at)) is not None:
            yield from fields(rest[at:end])
            at = end
        rest = rest[at:]
        while len(rest) > MIB and (block := stream.read(len(rest))):
            rest += block  # a field of many blocks: double, so that joining stays linear
            if len(rest) > 2 * _MOST:
                raise damaged("a field above 64 MiB")
    yield from fields(rest)


def _end(message: bytes, at: int) -> int | None:
    """Where the field at `at` ends, None if that is beyond the message."""
    if at + 20 > len(message):
        return None
    key, after = _varint(message, at)
    if key & 7 == _VARINT:
        return _varint(message, after)[1]
    size, after = _size(message, after, key & 7)
    return after + size if after + size <= len(message) else None


def signed(value: int | bytes) -> int:
    """A varint as int64."""
    if isinstance(value, bytes):
        raise damaged("bytes where a number belongs")
    return value - (1 << 64) if _SIGN <= value < 1 << 64 else value


def packed(value: int | bytes) -> list[int]:
    """Repeated varints, packed into one field or one by one."""
    if isinstance(value, int):
        return [value]
    numbers, at = [], 0
    while at < len(value):
        found, at = _varint(value, at)
        numbers.append(found)
    return numbers


def bytes_of(value: int | bytes) -> bytes:
    """A field of bytes."""
    if isinstance(value, int):
        raise damaged("a number where bytes belong")
    return value
