"""Calls that give a generator or a coroutine are driven to their end, on both sides alike."""

from __future__ import annotations

import asyncio
import inspect
import io
import sys
import types
from typing import Any

from .equality_objects import MOST_ITEMS


class Drained:
    """The items of a generator, its return value, and the exception that ended it."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.returned: Any = None
        self.error: BaseException | None = None
        self.is_endless = False
        self.printed: list[int] = []
        """How much was printed before each item: who takes them one by one sees it in between."""


_LOOP: list[Any] = []


def _run(coroutine: Any) -> Any:
    """Run in one loop for all calls: making a loop costs more than most coroutines."""
    if not _LOOP or _LOOP[0].is_closed():
        _LOOP[:] = [asyncio.new_event_loop()]
    return _LOOP[0].run_until_complete(coroutine)


def consumed(value: Any) -> Any:
    """The result of a call: generators drained, coroutines awaited, all else as it is."""
    if isinstance(value, types.GeneratorType):
        return _drain(value)
    if inspect.iscoroutine(value):
        return _run(_await(value))
    if inspect.isasyncgen(value):
        return _run(_drain_async(value))
    return value


async def _await(value: Any) -> Any:
    return consumed_inside(await value)


def consumed_inside(value: Any) -> Any:
    """A generator that a coroutine returned."""
    return _drain(value) if isinstance(value, types.GeneratorType) else value


def _drain(generator: Any) -> Drained:
    drained = Drained()
    try:
        while len(drained.items) < MOST_ITEMS:
            drained.items.append(next(generator))
            drained.printed.append(_printed())
        drained.is_endless = True
    except StopIteration as stop:
        drained.returned = stop.value
    except Exception as error:
        drained.error = error
    return drained


def _printed() -> int:
    """Bytes on standard output so far, while it is gathered."""
    return sys.stdout.buffer.tell() if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.seekable() else 0


async def _drain_async(generator: Any) -> Drained:
    drained = Drained()
    try:
        async for item in generator:
            drained.items.append(item)
    except Exception as error:
        drained.error = error
    return drained
