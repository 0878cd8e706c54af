"""Real calls of a hot function, kept for replay."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Recording:
    """The kept calls of one function: files that hold them, how many, and what was dropped and why."""

    path: str
    qualname: str
    files: tuple[Path, ...]
    calls: int
    dropped: Mapping[str, int] = field(default_factory=dict)
