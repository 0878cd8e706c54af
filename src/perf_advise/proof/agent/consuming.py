"""Calls that give a generator or a coroutine are driven to their end, on both sides alike."""

from __future__ import annotations

import asyncio
import collections
import copy
import dis
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
        self.as_given: list[Any] = []
        """Each container as it was when it was given: the generator may go on to fill the same one again."""
        self.takes_values = False
        """Whether the generator uses what is sent to it; that was not kept."""


_CONTAINERS = {list, dict, set, bytearray, collections.deque, collections.defaultdict, collections.Counter}
_BETWEEN = {"RESUME", "NOP", "CACHE", "EXTENDED_ARG"}
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
    drained.takes_values = takes_values(generator.gi_code)
    try:
        while len(drained.items) < MOST_ITEMS:
            _take(next(generator), drained)
            drained.printed.append(_printed())
        drained.is_endless = True
    except StopIteration as stop:
        drained.returned = stop.value
    except Exception as error:
        drained.error = error
    return drained


def _take(item: Any, drained: Drained) -> None:
    drained.items.append(item)
    if type(item) in _CONTAINERS or (type(item).__module__ == "numpy" and hasattr(item, "flags")):
        drained.as_given.append(copy.copy(item))


def takes_values(code: Any) -> bool:
    """Whether a `yield` of this code has a value that is used: `x = yield y`."""
    before = ""
    for step in dis.get_instructions(code):
        if step.opname in _BETWEEN:
            continue
        if before == "YIELD_VALUE" and step.opname != "POP_TOP" and not step.opname.startswith("JUMP"):
            return True
        before = step.opname
    return False


def _printed() -> int:
    """Bytes on standard output so far, while it is gathered."""
    return sys.stdout.buffer.tell() if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.seekable() else 0


async def _drain_async(generator: Any) -> Drained:
    drained = Drained()
    drained.takes_values = takes_values(generator.ag_code)
    try:
        async for item in generator:
            _take(item, drained)
    except Exception as error:
        drained.error = error
    return drained
