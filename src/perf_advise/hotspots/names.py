"""What profilers call a function, against what the source calls it."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

ANONYMOUS = frozenset({"<lambda>", "<listcomp>", "<genexpr>", "<dictcomp>", "<setcomp>"})
INLINE = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>"})


class Lines(Protocol):
    """What a line can be compared with: where a function begins, with and without decorators, and ends."""

    @property
    def line(self) -> int: ...
    @property
    def first_line(self) -> int: ...
    @property
    def end_line(self) -> int: ...
    @property
    def qualname(self) -> str: ...


Site = TypeVar("Site", bound=Lines)


def is_anonymous(name: str) -> bool:
    """Whether the frame is a lambda, a comprehension or a generator expression."""
    return name.rpartition(".")[2] in ANONYMOUS


def owner_name(name: str) -> str:
    """The name of the function that an anonymous frame stands in, as far as its own name tells; else ""."""
    parts = name.split(".")
    while parts and parts[-1] in ANONYMOUS:
        parts.pop()
        if parts and parts[-1] == "<locals>":
            parts.pop()
    return ".".join(parts)


def fits(name: str, qualname: str) -> bool:
    """Whether a name, bare or qualified, can mean the function with this qualified name."""
    short, full = _plain(name), _plain(qualname)
    return full == short or full.endswith("." + short)


def named(sites: Iterable[Site], name: str, is_qualified: bool) -> list[Site]:
    """The sites that a name can mean: those whose whole qualified name it is, else those that end with it.

    `is_qualified` says that the tool writes qualified names, so that a bare one is that of a function.
    """
    fitting = [site for site in sites if fits(name, site.qualname)]
    whole = [site for site in fitting if _plain(site.qualname) == _plain(name)]
    return whole if whole and (is_qualified or "." in name) else fitting


def innermost(sites: Iterable[Site], line: int) -> Site | None:
    """The innermost function whose code stands at the line; its decorators belong to what is around it."""
    around = (site for site in sites if site.line <= line <= site.end_line)
    return max(around, key=lambda site: site.line, default=None)


def _plain(name: str) -> str:
    return name.replace("<locals>.", "")
