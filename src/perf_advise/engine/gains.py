"""What a fix may save: shipped ratios and the share of the place, by Amdahl's law."""

from perf_advise.catalog.ratios import Ratios
from perf_advise.model.finding import Gain
from perf_advise.model.rule import Rule
from perf_advise.rulekit.matches import Match
from perf_advise.rulekit.view import View

WORTH_IT = 1.05


def gain_of(rule: Rule, match: Match, view: View, ratios: Ratios) -> Gain | None:
    """The expected gain; None where the rule was never measured."""
    if match.speedup is not None:
        return Gain(match.speedup, share_of(match, view), "estimate")
    ratio = ratios.at(rule.code, view.target, match.size)
    return None if ratio is None else Gain(ratio, share_of(match, view), "bench")


def share_of(match: Match, view: View) -> float:
    """The share of the program that the place costs: its loop's lines, else its own."""
    loops = view.repeats(match.node)
    return view.share(loops[0] if loops else view.statement(match.node))


def is_a_loss(gain: Gain | None) -> bool:
    """Whether measurements say that the new code is not faster here."""
    return gain is not None and gain.speedup < WORTH_IT
