"""The usual needs, so that rules state them in the same words."""

import libcst as cst

from perf_advise.model.facts import Answer
from perf_advise.rulekit.hashing import hashes_as_it_compares
from perf_advise.rulekit.matches import Need, NeedKind
from perf_advise.rulekit.view import View


def is_type(view: View, expr: cst.BaseExpression, *names: str) -> Need:
    """The expression is of one of these exact types."""
    return Need(view.facts.is_type(expr, *names), f"`{view.code(expr)}` is a {' or '.join(map(_short, names))}")


def has_elements(view: View, expr: cst.BaseExpression, *names: str) -> Need:
    """The elements of the container are of one of these types."""
    claim = f"the items of `{view.code(expr)}` are {' or '.join(map(_short, names))}"
    typed = view.facts.element_type(expr)
    if typed.type is None:
        return Need(Answer.unknown(typed.why), claim)
    answer = Answer.yes if typed.type.name in names else Answer.no
    return Need(answer(typed.why, typed.evidence), claim)


def hashes_alike(view: View, expr: cst.BaseExpression) -> Need:
    """The value hashes, and as it compares; where that is not known, the finding stands without its fix."""
    claim = f"`{view.code(expr)}` hashes as it compares"
    return Need(hashes_as_it_compares(view.facts.type_of(expr)), claim, NeedKind.REPAIR)


def items_hash_alike(view: View, expr: cst.BaseExpression) -> Need:
    """The items of the container hash, and as they compare; else as `hashes_alike`."""
    claim = f"the items of `{view.code(expr)}` hash as they compare"
    return Need(hashes_as_it_compares(view.facts.element_type(expr)), claim, NeedKind.REPAIR)


def is_pure(view: View, expr: cst.BaseExpression) -> Need:
    """Evaluating the expression has no effect and always gives the same."""
    return Need(view.facts.is_pure(expr), f"`{view.code(expr)}` has no side effect")


def cannot_raise(view: View, expr: cst.BaseExpression) -> Need:
    """Evaluating the expression raises nothing."""
    return Need(view.facts.cannot_raise(expr), f"`{view.code(expr)}` raises nothing")


def is_invariant(view: View, expr: cst.BaseExpression, loop: cst.CSTNode) -> Need:
    """The expression gives the same in every iteration of the loop."""
    return Need(view.facts.invariant_in(expr, loop), f"`{view.code(expr)}` is the same in every iteration")


def is_unchanged(view: View, nodes: cst.CSTNode, name: str) -> Need:
    """Nothing in `nodes` changes the object bound to `name`."""
    changed = view.facts.may_mutate(nodes, name)
    return Need(negated(changed), f"`{name}` is not changed meanwhile")


def is_dead_after(view: View, node: cst.CSTNode, name: str) -> Need:
    """`name` is not read after `node`."""
    live = name in view.facts.live_after(node)
    claim = f"`{name}` is not read afterwards"
    return Need(Answer.no(f"`{name}` is read later") if live else Answer.yes("no later read"), claim)


def holds(condition: bool, claim: str, why: str = "") -> Need:
    """A condition that the rule checked itself, as a need; `why` says what speaks against it."""
    return Need(Answer.yes(claim) if condition else Answer.no(why), claim)


def to_repair(condition: bool, claim: str) -> Need:
    """What the rule checked itself, and only the new code rests on: otherwise the finding stands without its fix."""
    return Need(Answer.yes(claim) if condition else Answer.unknown("the code shows no more"), claim, NeedKind.REPAIR)


def value(answer: Answer, claim: str, difference: str) -> Need:
    """A fact about values: where it is not known, the fix is unsafe and names the difference."""
    return Need(answer, claim, NeedKind.VALUE, difference)


def costs_at_least(view: View, call: cst.Call, each: float, total: float) -> Need:
    """The profile says that a call costs at least `each` seconds, and all of them `total`."""
    claim = f"a call of `{view.code(call.func)}` costs at least {each * 1000:g} ms"
    difference = f"it is slower where a call takes less than about {each * 2000:g} ms"
    cost = view.cost_of(call)
    if cost is None or not cost.calls or not cost.cumulative_seconds:
        return value(Answer.unknown("the profile does not count its calls"), claim, difference)
    mean = cost.cumulative_seconds / cost.calls
    told = f"{cost.calls} calls of {mean * 1000:.3g} ms in the profile"
    enough = mean >= each and cost.cumulative_seconds >= total
    return value(Answer.yes(told) if enough else Answer.no(told), claim, difference)


def takes(seconds: float | None, least: float) -> Need:
    """The code takes more than `least` seconds without the profiler: what pays for a compilation."""
    claim = f"it runs for over {least:.1f} s"
    difference = f"it is slower where the code runs for less than {least:.1f} s in all"
    if seconds is None:
        return value(Answer.unknown("the profile has no seconds"), claim, difference)
    told = f"about {seconds:.2g} s without the profiler"
    return value(Answer.yes(told) if seconds > least else Answer.no(told), claim, difference)


def negated(answer: Answer) -> Answer:
    """The answer to the opposite question, on the same evidence."""
    flip = {"yes": Answer.no, "no": Answer.yes}.get(answer.truth.value)
    return flip(answer.why, answer.evidence) if flip else answer


def _short(name: str) -> str:
    return name.removeprefix("builtins.").removeprefix("numpy.")
