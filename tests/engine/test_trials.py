"""Code that Numba refuses is not applied; what it takes, and what cannot be asked, is."""

import sys
from pathlib import Path

import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed
from perf_advise.engine.trials import tried

SOURCE = "def f(n: int) -> int:\n    s = 0\n    for i in range(n):\n        s += i // 3\n    return s\n"


@pytest.mark.parametrize(
    ("trial", "refused"),
    [
        (None, False),
        ("import numba\n@numba.njit\ndef f(x):\n    return x + 'a'\nf.compile((numba.int64,))\n", True),
        ("import nothing_of_this_name\nf.compile(())\n", False),
    ],
    ids=["as the rule writes it", "an error of type inference", "a trial that cannot be made"],
)
def test_what_numba_refuses_is_left_out(trial: str | None, refused: bool) -> None:
    pytest.importorskip("numba")
    rule = next(loaded for loaded in load_rules() if loaded.rule.code == "PA201")
    finding = fixed(rule, SOURCE)[0].findings[0]
    assert finding.fix is not None and finding.fix.trial.endswith("f.compile((numba.int64, ))\n")
    if trial is not None:
        object.__setattr__(finding.fix, "trial", trial)
    result = tried([finding], Path(sys.executable))
    assert (len(result.findings), len(result.warnings)) == ((0, 1) if refused else (1, 0))
    assert not refused or "PA201 was left out: TypingError" in result.warnings[0]


def test_without_an_interpreter_everything_stays() -> None:
    rule = next(loaded for loaded in load_rules() if loaded.rule.code == "PA201")
    finding = fixed(rule, SOURCE)[0].findings[0]
    assert tried([finding], Path("/nowhere/python")).findings == (finding,)


OUTLINED = (
    "import numpy as np\n\n\ndef smooth(t, w):\n    print(t.shape)\n    for i in range(1, t.shape[0]):\n"
    "        for j in range(t.shape[1]):\n            t[i, j] += w * t[i - 1, j]\n\n\nsmooth(np.zeros((3, 4)), 0.5)\n"
)


def test_an_array_that_is_a_parameter_is_tried_as_an_array() -> None:
    """A parameter's own node says nothing about its type: the first use does."""
    pytest.importorskip("numba")
    rule = next(loaded for loaded in load_rules() if loaded.rule.code == "PA202")
    finding = fixed(rule, OUTLINED)[0].findings[0]
    assert finding.fix is not None
    assert "(numba.types.Array(numba.float64, 2, 'C'), numba.float64, )" in finding.fix.trial
    assert tried([finding], Path(sys.executable)).findings == (finding,)
