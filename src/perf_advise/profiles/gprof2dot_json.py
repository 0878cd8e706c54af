"""gprof2dot's JSON of call chains, as `memray transform gprof2dot` writes it."""

import re
from typing import Any, BinaryIO

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.json_stream import members
from perf_advise.profiles.stacks import Stacks, StackTotals
from perf_advise.profiles.untrusted import mapping, number, sequence, text

NAME = "gprof2dot JSON (memray)"

_UNITS = {"bytes": Unit.BYTES, "s": Unit.SECONDS, "seconds": Unit.SECONDS}
_COSTS = re.compile(rb'"costs":\s*\[')


def sniff(head: bytes, name: str) -> bool:
    """Kinds of cost, and call chains."""
    return head.lstrip()[:1] == b"{" and _COSTS.search(head) is not None and b'"callchain"' in head


def read(stream: BinaryIO, size: int) -> Profile:
    """The first cost of each chain; lines are not known."""
    units: list[str] = []
    frames: list[Frame] = []
    chains: dict[tuple[int, ...], float] = {}
    for key, value in members(stream, ("costs", "events", "functions")):
        if key == "costs":
            units.append(text(mapping(value).get("unit")))
        elif key == "events":
            chain, cost = _event(mapping(value))
            chains[chain] = chains.get(chain, 0.0) + cost
        elif key == "functions":
            function = mapping(value)
            frames.append(Frame(text(function.get("module") or ""), text(function.get("name"))))
    unit = _UNITS.get(units[0].lower() if units else "", Unit.SAMPLES)
    totals = StackTotals()
    stacks = Stacks(totals, [(totals.number(frame), 0) for frame in frames])
    for chain, cost in chains.items():  # functions come last in the file
        if chain and not 0 <= min(chain) <= max(chain) < len(frames):
            raise damaged("a call chain of unknown functions")
        stacks.add(chain[::-1], cost)
    stacks.flush()
    return totals.profile("memray" if unit is Unit.BYTES else "gprof2dot", unit)


def _event(event: dict[str, Any]) -> tuple[tuple[int, ...], float]:
    chain = sequence(event.get("callchain"))
    cost = sequence(event.get("cost"))
    if not cost or not all(type(index) is int for index in chain):
        raise damaged("no call chain")
    return tuple(chain), number(cost[0])
