"""Where in a function Python looks for signals, and about how long the code between two such places takes.

From 3.11 on it looks on entry to a function, after calls of C code and when a loop jumps back; not when a call
of Python code returns. A tick is seen at the first such place after it came.
"""

from __future__ import annotations

from itertools import islice
from opcode import opmap, opname

TYPE_CHECKING = False  # importing typing costs more than all of the agent
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from types import CodeType

_RESUME = opmap.get("RESUME", -1)
_CALLS = ("CALL", "CALL_KW", "CALL_FUNCTION_EX")
_EXITS = ("RETURN_VALUE", "RETURN_CONST", "YIELD_VALUE")
_NO_WAY_ON = (*_EXITS, "JUMP_FORWARD", "RAISE_VARARGS", "RERAISE")
# Relative times, by the beginning of the name; most of them are noise beside calls and arithmetic.
_TIMES = {
    "CACHE": 0.0, "EXTENDED_ARG": 0.0, "NOP": 0.0, "RESUME": 1.0, "PRECALL": 0.0, "PUSH_NULL": 0.5, "POP_TOP": 0.5,
    "LOAD_FAST": 1.0, "STORE_FAST": 1.0, "LOAD_CONST": 1.0, "LOAD_GLOBAL": 1.5, "LOAD_ATTR": 3.0, "LOAD_METHOD": 3.0,
    "STORE_ATTR": 3.0, "BINARY_OP": 5.0, "COMPARE_OP": 4.0, "BINARY_SUBSCR": 4.0, "STORE_SUBSCR": 4.0,
    "CALL": 8.0, "RETURN": 4.0, "FOR_ITER": 3.0, "JUMP": 1.0, "POP_JUMP": 1.0, "BUILD": 6.0, "FORMAT": 15.0,
}  # fmt: skip
_OTHER_TIME = 3.0
# Generators, coroutines, asynchronous generators: the flags of code that goes on where it paused.
_PAUSES = 0x20 | 0x80 | 0x200


class Layout:
    """The instructions of a code object, by offset as `f_lasti` counts."""

    def __init__(self, code: CodeType) -> None:
        self._code = code
        self._offsets: list[int] = []
        self._names: list[str] = []
        self._arguments: list[int] = []
        self._index: dict[int, int] = {}
        for offset, name, argument in _instructions(code):
            if name != "CACHE":
                self._offsets.append(offset)
                self._names.append(name)
                self._arguments.append(argument)
            self._index[offset] = len(self._offsets) - 1
        self._loop_heads: set[int] = set()
        self._jumped_from: dict[int, int] = {}
        self._find_jumps()

    def start(self, offset: int) -> int:
        """Where the instruction that the offset belongs to begins; -1 for none, and before 3.11."""
        return self._offsets[self._index[offset]] if offset in self._index else -1

    def exits(self) -> list[int]:
        """The offsets at which the function hands a value to its caller."""
        return [offset for offset, name in zip(self._offsets, self._names) if name in _EXITS]

    def before(self, offset: int, entered: Container[int]) -> tuple[float, int | None]:
        """The time from the last look for signals up to and with `offset`; and where a Python call returned just then.

        `entered` are the offsets that are known to call Python code; None where the last look was another.
        """
        index = self._index.get(offset, 0)
        time = time_of(self._names[index])
        for _ in self._offsets:  # no path is longer than the function
            if index in self._loop_heads or index == 0:
                break
            index = self._previous(index)
            name = self._names[index]
            if self._offsets[index] in entered:
                return time, self._offsets[index]
            if name in _CALLS or "JUMP_BACKWARD" in name or name == "RESUME":
                break
            time += time_of(name)
        return time, None

    def line(self, offset: int) -> int:
        """The line that ran before an instruction that has none of its own, such as the jump back that ends a loop.

        Where two ways lead there and the upper one makes a call, ticks of that one are seen right after the call.
        """
        index = self._index.get(offset, 0)
        source = self._jumped_from.get(index)
        if source is not None and any(name in _CALLS for name in self._names[source:index]):
            offset = self._offsets[source]
        lines: Iterable[tuple[int, int, int | None]] = getattr(self._code, "co_lines", tuple)()
        above = [line for start, _, line in lines if start <= offset and line]
        return above[-1] if above else self._code.co_firstlineno or 1

    def callee_name(self, offset: int) -> str:
        """The name under which the function that is called at `offset` was loaded; "" where that is not plain."""
        depth = 0
        for index in range(self._index.get(offset, 0) - 1, -1, -1):
            name, argument = self._names[index], self._arguments[index]
            if name in _CALLS:
                depth += 1
            elif name in ("LOAD_METHOD", "PUSH_NULL") or (name in ("LOAD_GLOBAL", "LOAD_ATTR") and argument & 1):
                if not depth:
                    return self._loaded(name, argument)
                depth -= 1
        return ""

    def _loaded(self, name: str, argument: int) -> str:
        number = argument if name == "LOAD_METHOD" else argument >> 1
        return "" if name == "PUSH_NULL" else self._code.co_names[number]

    def _previous(self, index: int) -> int:
        """The instruction that ran before: the one above, or where a jump came from when that one goes elsewhere."""
        if self._names[index - 1] in _NO_WAY_ON and index in self._jumped_from:
            return self._jumped_from[index]
        return index - 1

    def _find_jumps(self) -> None:
        for index, (name, argument) in enumerate(zip(self._names, self._arguments)):
            if "JUMP" not in name and name != "FOR_ITER":
                continue
            after = self._offsets[index + 1] if index + 1 < len(self._offsets) else 0
            distance = 2 * argument if "BACKWARD" not in name else -2 * argument
            target = self._index.get(after + distance, 0)
            if distance < 0:
                self._loop_heads.add(target)
            else:
                self._jumped_from.setdefault(target, index)


def entries(code: CodeType) -> frozenset[int]:
    """The offsets at which a call of the code object begins, and those at which a generator goes on."""
    found = (o for o, name, argument in _instructions(code) if name == "RESUME" and argument & 3 < 2)
    return frozenset(found) if code.co_flags & _PAUSES else frozenset(islice(found, 1))


def time_of(name: str) -> float:
    """The relative time of an instruction."""
    for beginning, time in _TIMES.items():
        if name.startswith(beginning):
            return time
    return _OTHER_TIME


def _instructions(code: CodeType) -> Iterator[tuple[int, str, int]]:
    """Offset, name and argument, caches included."""
    if _RESUME < 0:
        return
    text = code.co_code
    argument = 0
    for offset in range(0, len(text), 2):
        name = opname[text[offset]]
        argument = argument << 8 | text[offset + 1]
        if name == "EXTENDED_ARG":
            continue
        yield offset, name, argument
        argument = 0
