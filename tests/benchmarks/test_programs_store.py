"""The programs benchmark goes on where it was stopped, and over programs that cannot be measured."""

import argparse
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_of_programs", Path(__file__).with_name("programs.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "benchmark_of_programs", module)
    spec.loader.exec_module(module)
    return module


def test_a_second_run_goes_on_and_a_failure_ends_nothing(
    programs: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def measure(name: str, folder: Path, options: argparse.Namespace) -> object:
        asked.append(name)
        if name == "two":
            raise OSError("no room")
        fast, slow = programs.Outcome("1.5", 1.0, 0.5), programs.Outcome("1.5", 2.0, 2.0)
        return programs.Row(name, slow, {"tool": fast}, "PA101")

    monkeypatch.setattr(programs, "measure", measure)
    options = argparse.Namespace(store=tmp_path / "rows", keep=None, advice=False)
    rows = list(programs.measured(["one", "two", "three"], options))
    assert [row.name for row in rows] == ["one", "three"]
    again = list(programs.measured(["one", "two", "three"], options))
    assert again == rows
    assert asked == ["one", "two", "three", "two"]
    assert programs.summary(again) == ["tool    cold 2.00x (0 slower), warm 4.00x (0 slower), 0 broken "]


def test_numbers_may_differ_by_rounding_only(programs: ModuleType) -> None:
    assert programs.difference("a 1.0000000001", "a 1.0") < programs.TOLERANCE
    assert programs.difference("a 3", "a 4") == float("inf")
    assert programs.difference("a 1.5", "b 1.5") == float("inf")
