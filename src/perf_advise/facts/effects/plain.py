"""Calls that are pure as long as their arguments are plain data: numbers, strings, sequences, arrays.

`math.sqrt(x)` runs code of the user's where `x` is an object with a `__float__` of its own. The loop model
reads such calls as pure and states the assumption (`assumptions`); all else that is not shown to be pure is
opaque.
"""

from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.tables.effects import effects_of
from perf_advise.model.facts import Answer, Truth

if TYPE_CHECKING:
    from perf_advise.facts.facts import Facts

_HARMLESS = frozenset("cokav")


def call_purity(call: cst.Call, facts: "Facts") -> Answer:
    """Whether a call is pure, at least on plain data; `is_assumed` tells the two apart."""
    shown = facts.is_pure(call)
    if shown.truth is Truth.UNKNOWN and _is_plain(call, facts):
        return Answer.yes("pure on plain data")
    return shown


def is_assumed(call: cst.Call, facts: "Facts") -> bool:
    """Whether the call is pure only if its arguments are plain data."""
    return facts.is_pure(call).truth is Truth.UNKNOWN and _is_plain(call, facts)


def _is_plain(call: cst.Call, facts: "Facts") -> bool:
    name = facts.qualified_name(call.func)
    flags = set(effects_of(name) or "") if name is not None and effects_of(name) is not None else {"?"}
    has_function = any(arg.keyword is not None for arg in call.args)
    return flags - ({"f"} if not has_function else set()) <= _HARMLESS
