"""Reading profiles in bounded memory: from files, pipes and gzip."""

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from perf_advise.profiles.errors import ProfileError, damaged

HEAD = 64 * 1024
MIB = 1024 * 1024
_GZIP = b"\x1f\x8b"


class _Resumed(io.RawIOBase):
    """A stream whose first bytes were read already (pipes cannot seek back), gzip damage told as such."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self.name = str(getattr(rest, "name", ""))
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        if not self._head:
            self._head = memoryview(_read(self._rest, len(buffer)))
        count = min(len(buffer), len(self._head))
        buffer[:count] = self._head[:count]
        self._head = self._head[count:]
        return count

    def close(self) -> None:
        self._rest.close()
        super().close()


def open_profile(path: Path) -> tuple[bytes, BinaryIO]:
    """The first 64 KiB and the whole stream from its start, decompressed when the file is gzip.

    Raises OSError, and ProfileError for damaged gzip (so does reading from the stream).
    """
    head, stream = with_head(path.open("rb"))
    if not head.startswith(_GZIP):
        return head, stream
    return with_head(cast(BinaryIO, gzip.GzipFile(fileobj=stream)))


def with_head(stream: BinaryIO) -> tuple[bytes, BinaryIO]:
    """The first 64 KiB, and a stream that starts with them again."""
    head = b""
    while len(head) < HEAD and (block := _read(stream, HEAD - len(head))):
        head += block
    return head, cast(BinaryIO, io.BufferedReader(_Resumed(head, stream), HEAD))


def _read(stream: BinaryIO, count: int) -> bytes:
    try:
        return stream.read(count)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise damaged(f"gzip: {error}") from None


def read_all(stream: BinaryIO, limit: int) -> bytes:
    """All bytes of a format that cannot be read in pieces; ProfileError above `limit` bytes."""
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise _too_large(limit)
    return data


def lines(stream: BinaryIO, longest: int = MIB, limit: int | None = None) -> Iterator[str]:
    """The lines of a text profile without their ends, one at a time.

    Raises ProfileError for a line above `longest` bytes, and above `limit` bytes in all if that is given.
    """
    size = 0
    while line := stream.readline(longest + 1):
        if len(line) > longest:
            raise damaged(f"a line of more than {longest} bytes")
        size += len(line)
        if limit is not None and size > limit:
            raise _too_large(limit)
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def _too_large(limit: int) -> ProfileError:
    return ProfileError(
        f"larger than {limit // MIB} MiB, the most that is read of this format",
        "profile a shorter run, or record one with: perf-advise record -- CMD",
    )
