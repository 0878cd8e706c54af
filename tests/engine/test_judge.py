"""The table of what evidence allows, row by row."""

import libcst as cst
import pytest

from perf_advise.engine.judge import Judgement, judge
from perf_advise.model.facts import Answer, Evidence
from perf_advise.model.rule import Applicability, Rule
from perf_advise.rulekit.matches import Match, Need, NeedKind

RULE = Rule(code="PA999", name="a-shape", message="m", differences=("rounding",))
UNSAFE = Rule(code="PA999", name="a-shape", message="m", applicability=Applicability.UNSAFE, differences=("rounding",))


def judged(rule: Rule, *needs: Need) -> Judgement | str:
    return judge(rule, Match(cst.Name("x"), needs=needs))


@pytest.mark.parametrize("kind", list(NeedKind))
def test_static_evidence_allows_safe(kind: NeedKind) -> None:
    assert judged(RULE, Need(Answer.yes("literal"), "x is 1", kind)) == Judgement(Applicability.SAFE)


@pytest.mark.parametrize("kind", list(NeedKind))
def test_seen_makes_unsafe_and_names_the_assumption(kind: NeedKind) -> None:
    result = judged(RULE, Need(Answer.yes("24 calls", Evidence.SEEN), "x is a list", kind, "a difference"))
    assert result == Judgement(Applicability.UNSAFE, (), ("x is a list (24 calls)",))


def test_unknown_identity_refuses() -> None:
    result = judged(RULE, Need(Answer.unknown("no annotation"), "x is a list"))
    assert result == "it is not known whether x is a list: no annotation"


def test_an_unknown_of_the_repair_leaves_the_finding_without_its_fix() -> None:
    result = judged(RULE, Need(Answer.unknown("any object"), "items hash", NeedKind.REPAIR))
    assert result == Judgement(Applicability.DISPLAY, (), (), "it is not known whether items hash: any object")


def test_unknown_value_is_unsafe_with_the_difference_named() -> None:
    need = Need(Answer.unknown("any float"), "no NaN", NeedKind.VALUE, "NaN order")
    assert judged(RULE, need) == Judgement(Applicability.UNSAFE, ("NaN order",))


@pytest.mark.parametrize("kind", list(NeedKind))
@pytest.mark.parametrize("evidence", [Evidence.SEEN, Evidence.STATIC])
def test_no_refuses(kind: NeedKind, evidence: Evidence) -> None:
    assert isinstance(judged(RULE, Need(Answer.no("a set", evidence), "x is a list", kind)), str)


def test_differences_of_an_unsafe_rule_are_named_and_the_match_may_limit() -> None:
    assert judged(UNSAFE) == Judgement(Applicability.UNSAFE, ("rounding",))
    limited = judge(RULE, Match(cst.Name("x"), limit=Applicability.DISPLAY))
    assert limited == Judgement(Applicability.DISPLAY)
