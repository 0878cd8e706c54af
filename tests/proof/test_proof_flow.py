"""From findings to proofs: the run, the store, the choice, the proof together."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from perf_advise.engine.apply import may_apply, only_rounded
from perf_advise.engine.overlap import choose
from perf_advise.engine.ranking import effective_speedup
from perf_advise.model.errors import UserError
from perf_advise.model.finding import Edit, Finding, Fix, Gain
from perf_advise.model.hot import HotFunction
from perf_advise.model.options import parse_float_tolerance
from perf_advise.model.places import Location, Span
from perf_advise.model.proof import Counterexample, Proof, Speedup, Verdict
from perf_advise.model.rule import Applicability
from perf_advise.proof.command import (
    Bench,
    functions_to_keep,
    keep_calls,
    prove_findings,
    prove_together,
    with_stored_proofs,
)
from perf_advise.proof.job import Limits, Tolerance
from perf_advise.proof.keys import proof_key
from perf_advise.proof.store import ProofStore
from perf_advise.report.words import proof_in_words
from perf_advise.source.text import read_source

APP = """
def f(xs):
    total = 0
    for x in xs:
        total = total + x
    return total


def g(xs):
    return [x for x in xs if x]


class A:
    def m(self, n):
        def inner(k):
            return k * 2
        return inner(n)


if __name__ == "__main__":
    for n in range(9):
        f(list(range(n))), g(list(range(n))), A().m(n)
"""


def finding(path, qualname, old, new, code="PA901", calls=None):
    text = Path(path).read_text("utf-8")
    span = Span(text.index(old), text.index(old) + len(old))
    edit = Edit(path, span, old, new)
    fix = Fix(Applicability.UNSAFE, "", (edit,), own_edits=(edit,))
    hot = HotFunction(path, qualname, 1, 1, 1, 0.5, 0.5, calls=calls)
    place = Location(1, span.start + 1)
    return Finding(code, "x", "m", path, place, place, hot, span, fix, Gain(2.0, 0.5))


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "app.py").write_text(APP, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def bench_of(root, recordings=(), **more):
    return Bench(root, read_source, recordings, version="3.11.7", limits=Limits(timing=False), **more)


def kept(root, findings):
    return keep_calls(["app.py"], functions_to_keep(findings), root).recordings


def test_the_whole_flow(project):
    app = project / "app.py"
    right = finding(app, "f", "total = total + x", "total += x")
    wrong = finding(app, "g", "if x]", "if x is not None]")
    inner = finding(app, "A.m.<locals>.inner", "k * 2", "k + k")
    old_text = Edit(app, Span(0, 3), "xyz", "")
    stale = replace(right, fix=Fix(Applicability.UNSAFE, "", (old_text,), own_edits=(old_text,)))
    top = finding(app, "<module>", "range(9)", "range(8)")
    findings = [right, wrong, inner, stale, top]
    assert functions_to_keep(findings) == ((app, "f"), (app, "g"), (app, "A.m"))
    bench = bench_of(project, kept(project, findings))
    store = ProofStore(project)
    proved = prove_findings(findings, bench, store)
    verdicts = [f.proof.verdict.value for f in proved]
    assert verdicts == ["same", "different", "same", "not shown", "not shown"]
    assert "top-level code" in proved[4].proof.reason and proved[1].proof.counterexample is not None
    store.save()
    again = with_stored_proofs(findings, bench_of(project, bench.recordings), ProofStore(project))
    assert [f.proof.verdict.value if f.proof else None for f in again] == ["same", "different", "same", None, None]
    without_calls = with_stored_proofs(findings, bench_of(project), ProofStore(project))
    assert [bool(f.proof) for f in without_calls] == [True, True, True, False, False]


def test_a_stored_proof_is_not_proved_again(project, monkeypatch):
    right = finding(project / "app.py", "f", "total = total + x", "total += x")
    bench = bench_of(project, kept(project, [right]))
    store = ProofStore(project)
    first = prove_findings([right], bench, store)
    monkeypatch.setattr("perf_advise.proof.command.prove", lambda *a, **k: pytest.fail("ran again"))
    assert prove_findings([right], bench, store)[0].proof == first[0].proof
    ran_again = bench_of(project, kept(project, [right]))
    assert prove_findings([right], ran_again, store)[0].proof == first[0].proof, (
        "the same calls, however long they took"
    )


def test_other_calls_are_proved_again(project):
    right = finding(project / "app.py", "f", "total = total + x", "total += x")
    store = ProofStore(project)
    prove_findings([right], bench_of(project, kept(project, [right])), store)
    (project / "app.py").write_text(APP.replace("f(list(range(n)))", "f(list(range(n + 1)))"), "utf-8")
    assert with_stored_proofs([right], bench_of(project, kept(project, [right])), store)[0].proof is None
    assert with_stored_proofs([right], bench_of(project), store)[0].proof is not None, "no calls at hand: any will do"


def _key(root, text=APP, new="total += x", **more):
    path = root / "app.py"
    base = finding(path, "f", "total = total + x", new)
    options = {"python": "3.11.7", "packages": {"numpy": "2.0"}, **more}
    return proof_key(root, path, "f", text, base.fix, options["python"], options["packages"])


def test_a_stale_proof_never_counts(project):
    store = ProofStore(project)
    proof = Proof(Verdict.SAME, 3, assumptions=("no NaN in xs",), speedup=Speedup(2.0, 1.9, 2.1), before=0.1234567)
    store.put(_key(project), proof)
    assert store.get(_key(project)) == proof
    moved = _key(project, text="# a line above\n" + APP)
    assert store.get(moved) == proof, "the function itself did not change"
    stale = [
        _key(project, text=APP.replace("total = 0", "total = 1")),
        _key(project, new="total = x + total"),
        _key(project, python="3.12.1"),
        _key(project, packages={"numpy": "2.1"}),
        _key(project, text="syntax error ("),
        replace(_key(project), calls="other"),
    ]
    assert [store.get(key) for key in stale] == [None] * len(stale)
    assert store.get(_key(project, packages={"pandas": "3"})) == proof, "nothing is known of another package"


def test_the_file_is_stable_small_and_read_back(project):
    store = ProofStore(project)
    example = Counterexample("f([1])", "1", "2")
    for name in ("b", "a", "c"):
        store.put(replace(_key(project), qualname=name), Proof(Verdict.DIFFERENT, 2, counterexample=example))
    store.put(replace(_key(project), qualname="d"), Proof(Verdict.NOT_SHOWN, 0, reason="noise"))
    store.save()
    text = store.path.read_text("utf-8")
    assert [json.loads(text)["proofs"][i]["qualname"] for i in range(3)] == ["a", "b", "c"]
    again = ProofStore(project)
    again.save()
    assert store.path.read_text("utf-8") == text
    assert again.get(replace(_key(project), qualname="a")).counterexample == example
    assert str(project) not in text


def test_a_damaged_store_is_one_line(project):
    (project / ".perf-advise").mkdir()
    (project / ".perf-advise" / "proofs.json").write_text('{"version": 1, "proofs": [{}]}')
    with pytest.raises(UserError, match="not a list of proofs"):
        ProofStore(project)


# choosing


def proved(base, code, ratio, verdict=Verdict.SAME, **more):
    speedup = Speedup(ratio, ratio * 0.95, ratio * 1.05)
    return replace(base, code=code, proof=Proof(verdict, 10, before=1.0, after=1.0 / ratio, speedup=speedup, **more))


def test_the_measured_winner_is_offered(project):
    base = finding(project / "app.py", "f", "total = total + x", "total += x")
    other_place = finding(project / "app.py", "g", "if x]", "if x is not None]", "PA999")
    fast, faster, refuted = (
        proved(base, "PA1", 3.0),
        proved(base, "PA2", 9.0),
        proved(base, "PA3", 99.0, Verdict.DIFFERENT),
    )
    offered, others = choose([fast, refuted, other_place, faster])
    assert [f.code for f in offered] == ["PA2", "PA999"]
    assert [f.code for f in others] == ["PA1", "PA3"]


def test_compile_time_counts_against_the_calls_of_the_profile(project):
    seldom = finding(project / "app.py", "f", "total = total + x", "total += x", calls=20)
    compiled = proved(seldom, "PA201", 50.0, cold_seconds=10.0)
    vectorised = proved(seldom, "PA101", 5.0, cold_seconds=0.01)
    assert effective_speedup(compiled) < 1 < effective_speedup(vectorised)
    assert choose([compiled, vectorised])[0][0].code == "PA101"
    often = replace(seldom, function=replace(seldom.function, calls=100_000))
    pair = [replace(f, function=often.function) for f in (compiled, vectorised)]
    assert choose(pair)[0][0].code == "PA201"


def test_compile_time_counts_against_the_seconds_of_the_profile(project):
    base = finding(project / "app.py", "f", "total = total + x", "total += x")
    short = replace(base, function=replace(base.function, cumulative_seconds=1.2))
    compiled, vectorised = proved(short, "PA201", 1700.0, cold_seconds=4.5), proved(short, "PA102", 170.0)
    assert effective_speedup(compiled) < 1
    assert may_apply(vectorised, unsafe=False) and not may_apply(compiled, unsafe=False)
    assert may_apply(compiled, unsafe=True), "asked for"
    assert choose([compiled, vectorised])[0][0].code == "PA102"
    long = replace(base.function, cumulative_seconds=5000.0)
    assert choose([replace(f, function=long) for f in (compiled, vectorised)])[0][0].code == "PA201"


def test_an_unproved_fix_goes_before_one_that_is_not_faster(project):
    base = finding(project / "app.py", "f", "total = total + x", "total += x")
    assert choose([proved(base, "PA1", 0.5), replace(base, code="PA2")])[0][0].code == "PA2"


def test_a_fix_that_rounds_is_applied_within_the_tolerance_of_the_user_only(project):
    base = finding(project / "app.py", "f", "total = total + x", "total += x")
    rounds = proved(base, "PA1", 3.0, Verdict.SAME_UP_TO_ROUNDING, max_ulp=3.0, max_relative=4e-16)
    exact = proved(base, "PA2", 2.0)
    tolerances = {None: False, "2ulp": False, "4ulp": True, "1e-16": False, "1e-12": True}
    for text, applied in tolerances.items():
        tolerance = parse_float_tolerance(text) if text else None
        assert may_apply(rounds, False, tolerance) is applied, text
        assert may_apply(exact, False, tolerance)
    assert may_apply(rounds, unsafe=True), "asked for"
    assert only_rounded([rounds, exact], None) == (1, "3ulp")
    assert only_rounded([rounds, exact], parse_float_tolerance("3ulp"))[0] == 0


def test_a_counterexample_reads_as_a_sentence():
    def told(before, after):
        return proof_in_words(Proof(Verdict.DIFFERENT, 1, counterexample=Counterexample("f(3)", before, after)))[0]

    assert told("[1]", "[2]") == "refuted: f(3) gave [1], now [2]"
    assert told("raises KeyError(3)", "returns 3") == "refuted: f(3) raises KeyError(3), now returns 3"


def test_an_ill_conditioned_result_asks_for_no_tolerance(project):
    base = finding(project / "app.py", "f", "total = total + x", "total += x")
    why = "ill-conditioned: inputs moved by one ulp move the old result as far"
    rounds = proved(base, "PA1", 3.0, Verdict.SAME_UP_TO_ROUNDING, max_ulp=9e18, max_relative=1.4, reason=why)
    assert only_rounded([rounds], None)[0] == 0 and not may_apply(rounds, False) and may_apply(rounds, unsafe=True)
    assert proof_in_words(rounds.proof)[0].startswith(f"proved: same up to 1.4 relative ({why}) on ")


def test_what_was_different_is_proved_again_under_a_tolerance(project):
    app = project / "app.py"
    app.write_text(APP.replace("total = total + x", "total = total + x * 1.1"))
    far = finding(app, "f", "total = total + x * 1.1", "total = total + x * 1.1000001")
    bench = bench_of(project, kept(project, [far]))
    store = ProofStore(project)
    assert prove_findings([far], bench, store)[0].proof.verdict is Verdict.DIFFERENT
    lenient = replace(bench, tolerance=Tolerance(relative=1e-3))
    assert prove_findings([far], lenient, store)[0].proof.verdict is Verdict.SAME_UP_TO_ROUNDING


# together

PAIR = """
def f(xs):
    xs = list(xs)
    n = len(xs)
    return n + sum(xs)


if __name__ == "__main__":
    for n in range(9):
        f(iter(range(n)))
"""


def test_fixes_that_are_right_alone_and_wrong_together(project):
    app = project / "app.py"
    app.write_text(PAIR, "utf-8")
    shorter = finding(app, "f", "n = len(xs)", "n = sum(1 for _ in xs)", "PA1")
    lazy = finding(app, "f", "xs = list(xs)", "xs = xs if isinstance(xs, list) else tuple(xs)", "PA2")
    lazier = finding(app, "f", "return n + sum(xs)", "return sum(xs, n)", "PA3")
    bench = bench_of(project, kept(project, [shorter]))
    together = prove_together(prove_findings([lazy, lazier], bench), bench)
    assert [f.note for f in together] == ["", ""]
    uses_type = finding(app, "f", "n = len(xs)", "n = len(xs) if type(xs) is list else -1", "PA6")
    alone = prove_findings([uses_type, lazy], bench)
    assert [f.proof.verdict for f in alone] == [Verdict.SAME] * 2
    store = ProofStore(project)
    left, kept_ = prove_together(alone, bench, store)
    assert not kept_.note and left.code == "PA6" and "not together with PA2" in left.note
    assert may_apply(kept_, unsafe=True) and not may_apply(left, unsafe=True)
    again = with_stored_proofs([uses_type], bench, store)
    assert not may_apply(again[0], unsafe=True), "a later --fix knows it too"
