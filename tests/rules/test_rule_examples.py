"""Every built-in rule: well formed, its examples do what they say, and before and after answer alike."""

import copy
import inspect
import types
import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from inputs import arguments

from perf_advise.catalog.loading import LoadedRule, load_rules
from perf_advise.catalog.validation import problems
from perf_advise.engine.examples import example_problems, imported
from perf_advise.model.rule import Example
from perf_advise.proof.agent.comparing import is_same as same

RULES = load_rules()
GENERATED = [
    pytest.param(loaded, example, id=f"{loaded.rule.code}-{number}")
    for loaded in RULES
    for number, example in enumerate(loaded.rule.examples, 1)
    if example.generated
]


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERF_ADVISE_STRICT", "1")


@pytest.mark.parametrize("loaded", RULES, ids=lambda r: r.rule.code)
def test_rule_is_well_formed(loaded: LoadedRule) -> None:
    assert list(problems(loaded)) == []


@pytest.mark.parametrize("loaded", RULES, ids=lambda r: r.rule.code)
def test_examples_do_what_they_say(loaded: LoadedRule) -> None:
    assert list(example_problems(loaded, same)) == []


@pytest.mark.parametrize(("loaded", "example"), GENERATED)
def test_before_and_after_answer_alike(loaded: LoadedRule, example: Example) -> None:
    with imported(example.before) as old_module, imported(example.after) as new_module:
        before, after = _function(old_module, example), _function(new_module, example)
        _check(before, after, example)


def _check(before: Any, after: Any, example: Example) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(arguments(example.generated))
    def check(values: dict[str, Any]) -> None:
        old, new = copy.deepcopy(values), copy.deepcopy(values)
        assert same(_outcome(before, old), _outcome(after, new))
        assert same(old, new), "the arguments differ after the call"

    check()


def _function(module: types.ModuleType, example: Example) -> Any:
    """The example's function whose parameters are the generated ones."""
    return next(
        function
        for function in vars(module).values()
        if inspect.isroutine(function) and set(inspect.signature(function).parameters) == set(example.generated)
    )


def _outcome(function: Any, values: dict[str, Any]) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ("value", function(**values))
        except Exception as error:
            return ("raises", type(error), error.args)
