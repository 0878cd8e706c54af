"""Files that people take for profiles and that hold no time: what to do instead, per kind."""

from collections.abc import Callable
from dataclasses import dataclass

from perf_advise.profiles.errors import ProfileError


@dataclass(frozen=True, slots=True)
class Refusal:
    """How to know such a file (as a reader's `sniff`), what it is, and the command for a usable one."""

    sniff: Callable[[bytes, str], bool]
    what: str
    do: str


def check(head: bytes, name: str) -> None:
    """Raise ProfileError with the command that makes a usable file if `head` starts such a one."""
    for refusal in REFUSALS:
        if refusal.sniff(head, name):
            raise ProfileError(refusal.what, refusal.do)


REFUSALS: tuple[Refusal, ...] = ()
