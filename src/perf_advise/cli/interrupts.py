"""Ctrl-C: held back while modules are imported, and known for what it is behind other errors."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def held_back() -> Iterator[None]:
    """Ctrl-C inside the block comes at its end: inside an import CPython loses it or makes another error of it."""
    came: list[int] = []

    def wait(signum: int, frame: FrameType | None) -> None:
        came.append(signum)

    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, wait)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            raise KeyboardInterrupt


def is_behind(error: BaseException) -> bool:
    """Whether the error came of an interruption: it is the cause, or what was being handled."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, KeyboardInterrupt):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
