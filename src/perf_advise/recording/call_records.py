"""The records of a call file, as `agent/calls_file.py` writes them; a torn tail ends the file."""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_MAGIC = b"perf-advise calls 1\n"
_LENGTHS = struct.Struct(">II")


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its header (`k` names its kind) and a payload that stays a pickle."""

    header: dict[str, Any]
    payload: bytes


def records(content: bytes) -> Iterator[Record]:
    """The whole records of a file; what a killed process left half-written is passed over."""
    if not content.startswith(_MAGIC):
        return
    place = len(_MAGIC)
    while place + _LENGTHS.size <= len(content):
        head, payload = _LENGTHS.unpack_from(content, place)
        start = place + _LENGTHS.size
        place = start + head + payload
        if place > len(content):
            return
        yield Record(json.loads(content[start : start + head]), content[start + head : place])
