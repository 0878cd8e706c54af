"""JSON too large to load: the items of its long arrays, one at a time."""

import codecs
import json
import re
from collections.abc import Collection, Iterator
from typing import Any, BinaryIO

from perf_advise.profiles.errors import ProfileError, damaged
from perf_advise.profiles.streams import MIB

_LARGEST = 64 * MIB
_DENSE = 16 * MIB
_MOST_CONTAINERS = 2_500_000
_SPACE = re.compile(r"[ \t\r\n]*")


def members(stream: BinaryIO, streamed: Collection[str]) -> Iterator[tuple[str, Any]]:
    """Key and value of each member of the object in `stream`.

    Of an array under a key in `streamed` each item comes by itself, under that key; the items of a bare
    top-level array come under "". Raises ProfileError: no such JSON, or one value above 64 MiB.
    """
    reader = _Reader(stream)
    opening = reader.next_char()
    if opening == "[":
        yield from (("", item) for item in reader.items("]"))
    elif opening == "{":
        for key in reader.items("}"):
            if type(key) is not str or reader.next_char() != ":":
                raise damaged("JSON: no member")
            if key in streamed and reader.peek() == "[":
                reader.next_char()
                yield from ((key, item) for item in reader.items("]"))
            else:
                yield key, reader.value()
    else:
        raise damaged("JSON: neither an object nor an array")


class _Reader:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
        self._scan = json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0
        self._is_all = False

    def items(self, end: str) -> Iterator[Any]:
        """Values between commas up to `end`; of an object the keys, their values being read in between."""
        if self.peek() == end:
            self.next_char()
            return
        while True:
            yield self.value()
            separator = self.next_char()
            if separator == end:
                return
            if separator != ",":
                raise damaged("JSON: items without a comma")

    def peek(self) -> str:
        """The next character that is no white space, which stays."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._refill(MIB):
                raise damaged("JSON ends too early")

    def next_char(self) -> str:
        """The next character that is no white space."""
        char = self.peek()
        self._at += 1
        return char

    def value(self) -> Any:
        """The next value, however far it reaches."""
        self.peek()
        wanted = MIB
        while True:
            try:
                value, end = self._scan(self._text, self._at)
            except ValueError as error:
                if not self._refill(wanted):
                    raise damaged(f"JSON: {error}"[:80]) from None
            else:
                is_cut = self._text[end : end + 1] in ("", ".", "e", "E")  # a number that may go on
                if not is_cut or self._is_all or not self._refill(wanted):
                    self._at = end
                    return value
            wanted *= 2  # a failed attempt starts again: doubling keeps the work linear

    def _refill(self, wanted: int) -> bool:
        """Read more; whether there was any."""
        if len(self._text) - self._at > _LARGEST:
            raise ProfileError("holds a JSON value above 64 MiB", "record it again")
        block = self._stream.read(wanted)
        if not block:
            self._is_all = True
            return False
        self._text = self._text[self._at :] + self._decode(block)
        self._at = 0
        is_dense = len(self._text) > _DENSE and self._text.count("[") + self._text.count("{") > _MOST_CONTAINERS
        if is_dense:  # an empty list is 3 bytes here and 80 in memory
            raise ProfileError("holds too many values", "profile a shorter run")
        return True
