"""The numbers and strings of austin's MOJO files."""

from typing import BinaryIO

from perf_advise.profiles.errors import damaged
from perf_advise.profiles.streams import MIB


class MojoBytes:
    """Numbers and strings of a stream; EOFError where it ends within one."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._block = b""
        self._at = 0

    def event(self) -> int | None:
        """The next byte, None at the end."""
        if self._at >= len(self._block) and not self._refill():
            return None
        self._at += 1
        return self._block[self._at - 1]

    def skip(self, count: int) -> None:
        """Pass over bytes."""
        for _ in range(count):
            self._byte()

    def skip_numbers(self, count: int) -> None:
        """Pass over numbers."""
        for _ in range(count):
            self.number()

    def number(self) -> int:
        """A number of variable length."""
        byte = first = self._byte()
        value, shift = byte & 0x3F, 6
        while byte & 0x80:
            if shift > 62:
                raise damaged("an endless number")
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            shift += 7
        return -value if first & 0x40 else value

    def string(self) -> str:
        """A string up to its zero byte."""
        while (end := self._block.find(b"\0", self._at)) < 0:
            if len(self._block) - self._at > MIB:
                raise damaged("an endless string")
            if not self._refill():
                raise EOFError
        found = self._block[self._at : end]
        self._at = end + 1
        return found.decode("utf-8", "replace")

    def _byte(self) -> int:
        byte = self.event()
        if byte is None:
            raise EOFError
        return byte

    def _refill(self) -> bool:
        block = self._stream.read(MIB)
        self._block, self._at = self._block[self._at :] + block, 0
        return bool(block)
