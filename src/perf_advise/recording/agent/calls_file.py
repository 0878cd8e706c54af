"""One append-only file of calls per process: whatever was written is there, even when the process is killed.

Layout: the line `MAGIC`, then records: two big-endian 32-bit lengths, a JSON header, a payload. A torn tail is ignored.
"""

from __future__ import annotations

import json
import os
import struct
import threading
from typing import Any

MAGIC = b"perf-advise calls 1\n"
LENGTHS = struct.Struct(">II")


class CallFile:
    """Writes records to a new file of this process, after a fork to another one."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._pid = -1
        self._file = -1
        self.size = 0

    def write(self, header: dict[str, Any], payload: bytes = b"") -> None:
        """Append one record with a single system call; raises OSError."""
        head = json.dumps(header).encode()
        with self._lock:
            if self._pid != os.getpid():
                self._open()
            self._append(LENGTHS.pack(len(head), len(payload)) + head + payload)

    def forked(self) -> None:
        """In a child: another thread of the parent may have held the lock."""
        self._lock = threading.RLock()

    def _open(self) -> None:
        name = f"{os.getpid()}-{os.urandom(4).hex()}.calls"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._file = os.open(os.path.join(self._folder, name), flags, 0o600)
        self._pid, self.size = os.getpid(), 0
        self._append(MAGIC)

    def _append(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._file, view) :]
        self.size += len(data)
