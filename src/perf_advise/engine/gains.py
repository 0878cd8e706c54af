"""What a fix may save: shipped ratios and the share of the place, by Amdahl's law."""

import libcst as cst

from perf_advise.catalog.ratios import Ratios
from perf_advise.model.finding import Gain
from perf_advise.model.rule import Rule
from perf_advise.rulekit.matches import Match
from perf_advise.rulekit.view import View

WORTH_IT = 1.05
_MOST = 0.6
"""Part of the function's text from which on its own time is told as that of the place."""


def gain_of(rule: Rule, match: Match, view: View, ratios: Ratios) -> Gain | None:
    """The expected gain; None where the rule was never measured."""
    basis = "bench" if match.speedup is None else "estimate"
    ratio = ratios.at(rule.code, view.target, match.size) if match.speedup is None else match.speedup
    if ratio is None:
        return None
    place = _place(match, view)
    return Gain(ratio, view.share(place), basis, at_most=not view.hot.lines and not _is_most(place, view))


def _place(match: Match, view: View) -> cst.CSTNode:
    """What costs the time: the loop around the match, else its statement."""
    loops = view.repeats(match.node)
    return loops[0] if loops else view.statement(match.node)


def _is_most(place: cst.CSTNode, view: View) -> bool:
    """Whether little else is in the function, so that its time is that of the place."""
    node = view.slice.node
    body = node.body if isinstance(node, cst.FunctionDef) else node
    return len(view.code(place)) >= _MOST * len(view.code(body))


def is_a_loss(gain: Gain | None) -> bool:
    """Whether measurements say that the new code is not faster here."""
    return gain is not None and gain.speedup < WORTH_IT
