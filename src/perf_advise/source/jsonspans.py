"""Where the values of a JSON text stand, found without building them: outputs of 100 MB are only run over."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

# Possessive, so that a string of 100 MB needs no memory to go back.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_SPACE = re.compile(rb"[ \t\r\n]*+")
_TEXT = re.compile(_STRING, re.DOTALL)
_BARE = re.compile(rb"[-+.\w]++")
_TO_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb")*+[{}\[\]]", re.DOTALL)


class DamagedJson(Exception):
    """The text is not JSON at a byte offset."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"not JSON at byte {offset}")


@dataclass(frozen=True, slots=True)
class JsonText:
    """A JSON text in UTF-8; values are named by the offset of their first byte. Everything raises DamagedJson.

    Containers that are only passed over are checked for balance, not for commas and colons.
    """

    data: bytes

    def members(self, start: int) -> dict[str, int]:
        """The values of the object at `start` by their keys; the last of a repeated key, as json.loads takes it."""
        found: dict[str, int] = {}
        for at in self._entries(start, b"{", b"}"):
            key = _TEXT.match(self.data, at)
            if key is None:
                raise DamagedJson(at)
            colon = self._skip(key.end())
            self._expect(colon, b":")
            value = self._skip(colon + 1)
            found[str(self.value(at))] = value
        return found

    def items(self, start: int) -> Iterator[int]:
        """The values of the array at `start`."""
        return self._entries(start, b"[", b"]")

    def _entries(self, start: int, opening: bytes, closing: bytes) -> Iterator[int]:
        self._expect(start, opening)
        at = self._skip(start + 1)
        if self.data[at : at + 1] == closing:
            return
        while True:
            yield at
            end = self.end(at)
            after = self._skip(end)
            if opening == b"{":
                self._expect(after, b":")
                after = self._skip(self.end(self._skip(after + 1)))
            if self.data[after : after + 1] == closing:
                return
            self._expect(after, b",")
            at = self._skip(after + 1)

    def end(self, start: int) -> int:
        """Behind the value at `start`."""
        first = self.data[start : start + 1]
        if first in (b"{", b"["):
            return self._container_end(start)
        match = (_TEXT if first == b'"' else _BARE).match(self.data, start)
        if match is None:
            raise DamagedJson(start)
        return match.end()

    def _container_end(self, start: int) -> int:
        open_brackets = bytearray()
        at = start
        while True:
            match = _TO_BRACKET.match(self.data, at)
            if match is None:
                raise DamagedJson(at)
            at = match.end()
            bracket = self.data[at - 1 : at]
            if bracket in b"{[":
                open_brackets += bracket
                continue
            if open_brackets.pop() != ord("{" if bracket == b"}" else "["):
                raise DamagedJson(at - 1)
            if not open_brackets:
                return at

    def value(self, start: int) -> object:
        """The value at `start`, built."""
        try:
            return json.loads(self.data[start : self.end(start)].decode())
        except ValueError:
            raise DamagedJson(start) from None

    def root(self) -> int:
        """The offset of the only value, behind a byte order mark if there is one."""
        start = self._skip(3 if self.data.startswith(b"\xef\xbb\xbf") else 0)
        end = self._skip(self.end(start))
        if end != len(self.data):
            raise DamagedJson(end)
        return start

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self.data, at)
        return match.end() if match else at

    def _expect(self, at: int, token: bytes) -> None:
        if self.data[at : at + 1] != token:
            raise DamagedJson(at)
