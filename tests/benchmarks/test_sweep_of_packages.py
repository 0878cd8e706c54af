"""The sweep names the fix that makes a test fail, and no test that fails anyway."""

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

PACKAGE = """import re


def number(text: str) -> object:
    return re.compile("[0-9]+").match(text)


def word(text: str) -> object:
    return re.compile("[a-z]+").match(text)
"""
TESTS = """import inspect

import swept


def test_result():
    assert swept.number("1") and swept.word("a")


def test_source():
    assert "re.compile" in inspect.getsource(swept.number)


def test_wrong_before():
    assert swept.number("a")
"""


@pytest.fixture
def sweep(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("sweep_of_packages", Path(__file__).with_name("sweep.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "sweep_of_packages", module)
    spec.loader.exec_module(module)
    return module


def test_the_guilty_fix_is_named(sweep: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "site"
    (root / "swept").mkdir(parents=True)
    (root / "swept" / "__init__.py").write_text(PACKAGE)
    (root / "pyproject.toml").write_text("")
    shutil.copytree(root, tmp_path / "pristine")
    (root / "test_swept.py").write_text(TESTS)
    findings = sweep.look(root, ["swept"], "PA508", "").findings
    assert len(findings) == 2
    trial = sweep.Trial(tmp_path / "pristine", root, "swept", findings)
    suite = sweep.Suite(root, ("test_swept.py",), ("-p", "no:xdist"), 120)
    sweep.attempt(trial, suite, *next(zip(trial.batches(), (1,), strict=False)))
    told = capsys.readouterr().out
    assert "batch 1: 2 safe and 0 unsafe fixes" in told
    assert "failing without the fixes too: ['test_swept.py::test_wrong_before']" in told
    assert "new test failures: ['test_swept.py::test_source']" in told
    assert told.count("guilty:") == 1
    assert "guilty: PA508 safe swept/__init__.py:5 number" in told
    assert (root / "swept" / "__init__.py").read_text() == PACKAGE
