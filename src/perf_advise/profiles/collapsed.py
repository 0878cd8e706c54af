"""Collapsed stacks: one `frame;frame;frame weight` per line, root first.

Written by py-spy (`-f raw`, any flags), austin (microseconds, bytes, or `time,idle,memory` of its full mode),
perf (`stackcollapse`), `profiling.sampling` and most flame graph tools. A file of any size is read in bounded
memory: lines are summed by their text, and the distinct ones taken apart in batches.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Literal

from perf_advise.model.profile import Profile, Unit
from perf_advise.profiles.collapsed_dialect import Dialect, decoded, header
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.frame_texts import parse
from perf_advise.profiles.perf_frames import no_python
from perf_advise.profiles.stacks import StackTotals
from perf_advise.profiles.streams import MIB
from perf_advise.profiles.text_stacks import Frames, TextStacks
from perf_advise.profiles.untrusted import number

NAME = "collapsed stacks (py-spy raw, austin, perf, profiling.sampling, flame graph tools)"

_LONGEST_LINE = 64 * MIB
_MOST_TEXT = 40 * MIB
_MOST_HEADERS = 1000
_LOOK_AT = 2000

_SPECIAL = (b"#", b"process ")
_WEIGHT = re.compile(rb"-?\d{1,18}(?:\.\d+)?(?:,[01],-?\d{1,18})?")


def sniff(head: bytes, name: str) -> bool:
    """Lines that end in a number after semicolons, or after what a frame looks like."""
    if b"\0" in head:
        return False
    lines = [line for line in head.splitlines() if line.strip() and not line.startswith(b"#")]
    if len(lines) > 1 and not head.endswith(b"\n"):
        lines.pop()  # the head may cut it off
    stacks = [line.rstrip().rpartition(b" ") for line in lines[:50]]
    if len(stacks) == 1 and not _WEIGHT.fullmatch(stacks[0][2]):
        return head.count(b";") > 100 and head.isascii()  # one stack longer than the head
    good = [stack for stack, _, weight in stacks if _WEIGHT.fullmatch(weight) and not stack.isdigit()]
    framed = sum(b";" in stack or parse(decoded(stack)).path != "" for stack in good)
    return len(good) * 10 > len(stacks) * 8 and framed * 2 > len(good)


def read(stream: BinaryIO, size: int) -> Profile:
    """Samples per function; seconds or bytes where austin wrote them. Weight that waits is in it."""
    folding: _Folding | None = None
    for lines in _blocks(stream):
        if folding is None:
            folding = _Folding(Dialect(lines[:_LOOK_AT]))
        folding.add(lines)
    if folding is None:
        raise damaged("no lines")
    return folding.profile()


def _blocks(stream: BinaryIO) -> Iterator[list[bytes]]:
    """The lines in blocks of about 1 MiB."""
    rest = b""
    while block := stream.read(MIB):
        lines = block.split(b"\n")
        lines[0] = rest + lines[0]
        rest = lines.pop()
        while not lines and len(rest) <= _LONGEST_LINE and (block := stream.read(len(rest))):
            lines = block.split(b"\n")  # a line of many blocks: double, so that joining stays linear
            lines[0] = rest + lines[0]
            rest = lines.pop()
        if len(rest) > _LONGEST_LINE:
            raise damaged(f"a line of more than {_LONGEST_LINE // MIB} MiB")
        if lines:
            yield lines
    if rest:
        yield [rest]


class _Folding:
    """Lines summed by text; texts summed by functions; functions summed up."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._totals = StackTotals()
        self._frames = Frames(self._totals, dialect)
        self._texts: defaultdict[bytes, float] = defaultdict(int)
        self._idle: defaultdict[bytes, float] = defaultdict(int)
        self._bytes = self._good = self._bad = 0
        self._freed = 0.0
        self._command = ""

    def add(self, lines: Sequence[bytes]) -> None:
        """Add lines; what they sum up to is folded when it takes too much memory."""
        before = len(self._texts)
        texts = self._texts
        if self._dialect.mode == "memory":
            self._add_allocations(lines)
        else:
            for line in lines:
                stack, _, weight = line.rpartition(b" ")
                try:
                    count = int(weight)
                except ValueError:
                    self._add_odd(line)
                else:
                    texts[stack] += count
        self._good += len(lines)
        # new texts are about as long as these lines
        self._bytes += (len(texts) - before) * (sum(map(len, lines)) // len(lines) + 100)
        if self._bytes > _MOST_TEXT:
            self._fold()

    def _add_odd(self, line: bytes) -> None:
        """A header, an empty line, a weight that is no int, or damage."""
        line = line.strip()
        if line.startswith(b"#"):
            self._note(*header(line))
        stack, _, weight = line.rpartition(b" ")
        if not line or line.startswith(b"#"):
            self._good -= 1
        elif not stack or not _WEIGHT.fullmatch(weight):
            self._good -= 1
            self._bad += 1
        elif b"," in weight:
            time, idle, _ = weight.split(b",")
            self._texts[stack] += int(time)
            self._idle[stack.rpartition(b";")[2]] += int(time) if idle == b"1" else 0
        else:
            self._texts[stack] += float(weight)

    def _note(self, key: str, value: str) -> None:
        if len(self._dialect.headers) < _MOST_HEADERS:
            self._dialect.headers[key[:100]] = value[:1000]

    def _add_allocations(self, lines: Sequence[bytes]) -> None:
        for line in lines:
            weight = line.rpartition(b" ")[2]
            if line.startswith(b"#") or not weight.startswith(b"-"):
                self._add_odd(line)
            elif _WEIGHT.fullmatch(weight):
                self._freed -= int(weight)

    def _fold(self) -> None:
        """Take the summed stacks apart."""
        texts = {text: self._texts.pop(text) for text in list(self._texts) if text.startswith(_SPECIAL)}
        for text, weight in texts.items():
            self._unlabel(text, weight)
        TextStacks(self._totals, self._frames).add(self._texts)
        for text, weight in self._idle.items():
            if (found := self._frames[text]) >= 0:
                self._totals.wait(found, weight)
        self._idle.clear()
        self._texts.clear()
        self._bytes = 0

    def _unlabel(self, text: bytes, weight: float) -> None:
        """A header with a number, or a stack below a process, whose command line may hold semicolons."""
        if text.startswith(b"#"):
            self._note(header(text)[0], str(int(weight)))
            self._good -= 1
            return
        labels = []
        while text.startswith(b"process "):  # the outermost one, then its children
            process, quote, text = text.partition(b'";')
            label, _, command = process.partition(b":")
            labels.append(label)
            self._command = self._command or decoded(command[1:] if quote else command.strip(b'"'))
        self._texts[b";".join((*labels, text)) if text else b";".join(labels)] += weight

    def profile(self) -> Profile:
        """What all lines sum up to."""
        self._fold()
        if self._bad > self._good:
            raise damaged(f"{self._bad:,} lines that are no stacks")
        if self._frames.interprets and not self._frames.has_files:
            raise no_python()
        unit, scale, clock = self._unit()
        return self._totals.profile(
            self._dialect.tool,
            unit,
            scale,
            seconds=self._seconds(),
            clock=clock,
            command=self._command,
            python=self._dialect.headers.get("python", ""),
            warnings=tuple(self._warnings()),
        )

    def _unit(self) -> tuple[Unit, float, Literal["wall", "cpu", ""]]:
        if not self._dialect.is_austin:
            return Unit.SAMPLES, 1.0, ""
        if self._dialect.mode == "memory":
            return Unit.BYTES, 1.0, ""
        return Unit.SECONDS, 1e-6, "cpu" if self._dialect.mode == "cpu" else "wall"

    def _seconds(self) -> float | None:
        duration = self._dialect.headers.get("duration", "")
        is_known = self._dialect.is_austin and re.fullmatch(r"[1-9]\d{0,17}", duration)
        return number(int(duration)) / 1e6 if is_known else None

    def _warnings(self) -> Iterator[str]:
        if self._bad:
            yield f"{self._bad:,} lines could not be read and are left out"
        if self._freed:
            yield f"{self._freed:,.0f} bytes that were freed are left out: what counts is allocation"
        if not self._frames.has_files:
            yield "its frames name no files, so that none can be found in the source"
