"""`pytest --perf-advise` in a real run of pytest."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

MODULE = """
def common(xs: list[int], ys: list[int]) -> int:
    found = 0
    for x in xs:
        if x in ys:
            found += 1
    return found
"""
TESTS = """
from lib import common

def test_common():
    assert common(list(range(4000)), list(range(0, 9000, 3))) == 1334

def test_fails():
    assert False
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "lib.py").write_text(MODULE)
    (tmp_path / "test_lib.py").write_text(TESTS)
    return tmp_path


def run(suite: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    plugin = "perf_advise.integrations.pytest_plugin"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:perf_advise", "-p", plugin, *flags]
    return subprocess.run(command, cwd=suite, env=os.environ, capture_output=True, text=True, timeout=240, check=False)


def test_the_advice_stands_at_the_end_and_the_outcome_is_the_tests(suite: Path) -> None:
    done = run(suite, "--perf-advise")
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout
    assert "lib.py:5  PA501 `x in ys` scans a list" in done.stdout
    assert (suite / ".perf-advise" / "pytest.pstats").is_file()


def test_without_the_option_nothing_is_profiled(suite: Path) -> None:
    done = run(suite)
    assert "perf-advise" not in done.stdout
    assert not (suite / ".perf-advise").exists()


def test_a_suite_without_hot_shapes_says_so(suite: Path) -> None:
    (suite / "test_lib.py").write_text("def test_nothing():\n    pass\n")
    done = run(suite, "--perf-advise", "--perf-advise-profile", "kept.pstats")
    assert done.returncode == 0
    assert "no known slow shape" in done.stdout
    assert (suite / "kept.pstats").is_file()


def test_several_processes_are_refused_with_what_to_do(suite: Path) -> None:
    done = run(suite, "--perf-advise", "-n", "2")
    assert done.returncode == 4
    assert "pass -n 0" in done.stderr
