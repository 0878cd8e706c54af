"""What pyinstrument's formats have in common: identifiers of frames, marks that are no frames, the session."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from perf_advise.model.profile import Profile, Unit
from perf_advise.profiles.stacks import LABEL, WAITING, StackTotals
from perf_advise.profiles.untrusted import number, text

# Leaves that stand for a part of the frame above them.
SYNTHETIC = {"[self]": LABEL, "[await]": WAITING, "[out-of-context]": LABEL, "[root]": LABEL}


class Identifier(NamedTuple):
    """A frame's `name\\0path\\0first line`."""

    name: str
    path: str
    first: int


def identified(identifier: str) -> Identifier:
    """The parts of an identifier; "" and 0 for those that are missing."""
    name, path, first = (*identifier.split("\0"), "", "")[:3]
    return Identifier(name, path, int(first) if first.isdecimal() and len(first) < 10 else 0)


def session_profile(totals: StackTotals, session: Mapping[str, Any]) -> Profile:
    """The sums as a profile, with what the session tells about the run."""
    described = text(session.get("target_description") or "")
    waited = totals.waited()
    return totals.profile(
        "pyinstrument",
        Unit.SECONDS,
        seconds=number(session.get("duration", 0)) or None,
        clock="wall",
        command=described.removeprefix("Program: ") if described.startswith("Program: ") else "",
        warnings=(f"{waited:.3g} s of it are waiting in await",) if waited else (),
    )
