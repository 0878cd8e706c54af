"""Every built-in rule: well formed, its examples do what they say, and before and after answer alike."""

import ast
import copy
import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from inputs import arguments

from perf_advise.catalog.loading import LoadedRule, load_rules
from perf_advise.catalog.validation import problems
from perf_advise.engine.examples import example_problems
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
    before, after = _function(example.before, example), _function(example.after, example)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(arguments(example.generated))
    def check(values: dict[str, Any]) -> None:
        old, new = copy.deepcopy(values), copy.deepcopy(values)
        assert same(_outcome(before, old), _outcome(after, new))
        assert same(old, new), "the arguments differ after the call"

    check()


def _function(source: str, example: Example) -> Any:
    name = next(
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and {a.arg for a in (*node.args.args, *node.args.kwonlyargs)} == set(example.generated)
    )
    space: dict[str, Any] = {"__name__": "example"}
    exec(compile(source, "example.py", "exec"), space)
    return space[name]


def _outcome(function: Any, values: dict[str, Any]) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ("value", function(**values))
        except Exception as error:
            return ("raises", type(error), error.args)
