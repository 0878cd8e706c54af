"""pyinstrument sessions (`-r pyisession`): stacks with the seconds of wall time spent in each.

A frame is `name\\0path\\0first line`, then after \\1 what was seen at this call: `l12` the current line, `cGrid`
the class of `self`. Names are bare.
"""

import re
from typing import Any, BinaryIO

from perf_advise.model.profile import Profile
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.frame_texts import FrameText
from perf_advise.profiles.json_stream import members
from perf_advise.profiles.places import Places
from perf_advise.profiles.pyinstrument_frames import SYNTHETIC, identified, session_profile
from perf_advise.profiles.stacks import LABEL, Stacks, StackTotals, positive
from perf_advise.profiles.untrusted import sequence, text

NAME = "pyinstrument session (pyisession)"

_MOST_TEXT = 100_000_000
_LINE = re.compile("\1l(\\d{1,9})(?:\1|\\Z)")


def sniff(head: bytes, name: str) -> bool:
    """The session's own keys."""
    return head.lstrip().startswith(b"{") and b'"start_call_stack"' in head and b'"min_interval"' in head


def read(stream: BinaryIO, size: int) -> Profile:
    """Own and cumulative time, with lines; time that a coroutine waits is own time off the CPU."""
    session: dict[str, Any] = {}
    records = _Records()
    for key, value in members(stream, ("frame_records",)):
        if key == "frame_records":
            records.add(sequence(value))
        else:
            session[key] = value
    return records.profile(session)


class _Records:
    def __init__(self) -> None:
        self._totals = StackTotals()
        self._places = Places(self._totals)
        self._known: dict[str, int] = {}
        self._text = 0
        self._placed: list[tuple[int, int]] = []
        self._stacks = Stacks(self._totals, self._placed)

    def add(self, record: list[Any]) -> None:
        """One stack, root first, with its time."""
        if len(record) != 2:
            raise damaged("a record that is no pair of stack and time")
        time = positive(record[1])
        stack = tuple(self._index(text(frame)) for frame in sequence(record[0]))
        self._stacks.add(stack, time)
        if stack and self._placed[stack[0]][0] == LABEL:
            name, _, thread = text(record[0][0]).partition("\0<thread>\0")
            self._totals.count_thread(f"{name} {thread}".strip(), time)

    def _index(self, frame: str) -> int:
        index = self._known.get(frame)
        if index is None:
            self._text += len(frame) + 100
            if self._text > _MOST_TEXT:
                raise damaged("too many different frames")
            index = self._known[frame] = len(self._placed)
            self._placed.append(self._place(frame))
        return index

    def _place(self, frame: str) -> tuple[int, int]:
        name, path, first = identified(frame.partition("\1")[0])
        if path == "<thread>" or (name in SYNTHETIC and not path):
            return SYNTHETIC.get(name, LABEL), 0
        line = _LINE.search(frame)
        return self._places.place(FrameText(name, path, int(line[1]) if line else 0), first)

    def profile(self, session: dict[str, Any]) -> Profile:
        """The sums of all records."""
        self._stacks.flush()
        return session_profile(self._totals, session)
