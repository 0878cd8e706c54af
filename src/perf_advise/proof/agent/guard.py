"""Notes and stops what a replay must not do: writing files, sockets, processes. Against accidents; no sandbox."""

from __future__ import annotations

import os
import shutil
import sys
from types import FrameType
from typing import Any

_WRITING_MODES = set("wax+")
_WRITING_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FILES = {
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.truncate", "os.chmod", "os.chown", "os.link", "os.symlink",
    "os.utime", "os.setxattr", "os.removexattr", "os.lockf", "shutil.copyfile", "shutil.move", "shutil.rmtree",
    "shutil.make_archive", "shutil.unpack_archive", "tempfile.mkstemp", "tempfile.mkdtemp", "sqlite3.connect",
}  # fmt: skip
_SOCKETS = {
    "socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname",
    "socket.gethostbyaddr", "urllib.Request", "http.client.connect", "ftplib.connect", "smtplib.connect",
    "imaplib.open", "poplib.connect", "telnetlib.Telnet.open", "nntplib.connect",
}  # fmt: skip
_PROCESSES = {
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "os.fork", "os.forkpty",
    "pty.spawn", "os.kill", "os.killpg", "signal.pthread_kill",
}  # fmt: skip
_LOOPS = {"asyncio", "trio", "multiprocessing", "concurrent"}
"""Packages whose sockets are their own bells: they reach nobody outside."""
_MOST_READ = 64 << 20
_POOL_EVENTS = {"os.fork", "os.kill", "tempfile.mkdtemp", "os.rmdir", "os.remove", "os.mkdir"}


class Refused(PermissionError):
    """What the guard raises into the code that tried."""


class Guard:
    """One audit hook for the process; `noted` says what was tried while it was on duty."""

    def __init__(self, scratch: str, log: str) -> None:
        self.noted: list[str] = []
        self.allow_pools = False
        self.own = scratch
        """The folder where writing is nobody's business: caches of compilers."""
        self.home = ""
        """The folder of the run: files that are read there by a relative name are copied to where the replay is."""
        self._on_duty = False
        self._pid = os.getpid()
        self._log = os.open(log, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._busy = False
        self._told = 0
        sys.addaudithook(self._hook)

    def watch(self) -> None:
        """Begin: nothing noted yet."""
        self.noted = []
        os.ftruncate(self._log, 0)
        self._told = os.fstat(1).st_size
        self._on_duty = True

    def rest(self) -> list[str]:
        """End; what was noted, in this process and in workers forked from it."""
        self._on_duty = False
        if os.fstat(1).st_size != self._told:  # past `sys.stdout`, which is another one now
            self.note("write to standard output by its number")
        told = os.pread(self._log, 1 << 16, 0).decode(errors="replace").splitlines()
        return list(dict.fromkeys([*self.noted, *told]))

    def _hook(self, event: str, args: Any) -> None:
        if not self._on_duty or self._busy:
            return
        what = self._what(event, args)
        if what is None:
            return
        self.note(what)
        raise Refused(1, f"a replay does not {what}")

    def _what(self, event: str, args: Any) -> str | None:
        if event == "open":
            return self._opened(*args)
        if self.allow_pools and event in _POOL_EVENTS:
            return None
        if event in _FILES:
            return None if self._are_own(args) or args[:1] == (":memory:",) else f"change files ({event})"
        if event in _SOCKETS or (event == "socket.__new__" and not self.allow_pools and not _is_of_a_loop()):
            return f"use the network ({event})"
        return f"start or signal processes ({event})" if event in _PROCESSES else None

    def _are_own(self, args: Any) -> bool:
        paths = [arg for arg in args if isinstance(arg, (str, bytes, os.PathLike))]
        return bool(paths) and all(self._is_own(path) for path in paths)

    def _is_own(self, path: Any) -> bool:
        self._busy = True
        try:
            return os.path.realpath(os.fsdecode(path)).startswith(os.path.realpath(self.own) + os.sep)
        finally:
            self._busy = False

    def _opened(self, path: Any, mode: Any, flags: Any) -> str | None:
        writes = bool(_WRITING_MODES & set(mode)) if isinstance(mode, str) else bool((flags or 0) & _WRITING_FLAGS)
        if isinstance(path, int) or os.fspath(path) == os.devnull:
            return None
        if not writes:
            self._bring(os.fsdecode(path))
            return None
        return None if self._is_own(path) else f"write files ({os.path.basename(os.fsdecode(path))})"

    def _bring(self, path: str) -> None:
        """Copy what is read from the folder of the run, so that nothing there can be changed by mistake."""
        if not self.home or os.path.isabs(path) or ".." in path.split(os.sep) or os.path.exists(path):
            return
        self._busy = True
        try:
            there = os.path.join(self.home, path)
            if os.path.isfile(there) and os.path.getsize(there) <= _MOST_READ:
                os.makedirs(os.path.dirname(path) or os.curdir, exist_ok=True)
                shutil.copyfile(there, path)
        except OSError:
            pass  # then the program sees that there is no such file
        finally:
            self._busy = False

    def note(self, what: str) -> None:
        """Remember what was tried, in this process or in one forked from it."""
        if os.getpid() == self._pid:
            self.noted.append(what)
        else:
            os.write(self._log, (what + "\n").encode())


def _is_of_a_loop() -> bool:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] in _LOOPS:
            return True
        frame = frame.f_back
    return False
