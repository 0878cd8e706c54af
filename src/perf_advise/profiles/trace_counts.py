"""Counts that `python -m trace --count -f FILE` keeps: a pickle of how often each line ran, no times.

The pickle is `({(path, line): executions}, called functions, callers)`.
"""

from typing import BinaryIO

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles import pickles
from perf_advise.profiles.costs import Costs
from perf_advise.profiles.errors import damaged
from perf_advise.profiles.streams import MIB, read_all
from perf_advise.profiles.untrusted import line_number, mapping, number, text

NAME = "trace counts"

_LIMIT = 32 * MIB
_START = b"(}q\x00("  # in the first protocol, which `trace` asks for


def sniff(head: bytes, name: str) -> bool:
    """A pickled tuple that begins with a dict keyed by tuples."""
    return head.startswith(_START)


def read(stream: BinaryIO, size: int) -> Profile:
    """Executions per file and line; functions are not told apart (empty names)."""
    data = pickles.load(read_all(stream, _LIMIT), ())
    if type(data) is not tuple or len(data) != 3:
        raise damaged("no counts")
    costs = Costs()
    for key, executions in mapping(data[0]).items():
        if type(key) is not tuple or len(key) != 2:
            raise damaged("no line in the counts")
        frame = Frame(text(key[0]), "")
        costs.add(frame, number(executions), number(executions))
        costs.add_line(frame, line_number(key[1]), executions)
    return Profile("trace", Unit.EXECUTIONS, costs.total(), costs.functions())
