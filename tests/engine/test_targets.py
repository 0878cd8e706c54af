"""Which Python the advice is for."""

from pathlib import Path

import pytest

from perf_advise.engine.targets import target_version
from perf_advise.model.options import Options
from perf_advise.model.profile import Profile, Unit


@pytest.mark.parametrize(
    ("requires", "expected"), [(">=3.8", (3, 11)), (">=3.12", (3, 12)), (">= 3.13, <4", (3, 13)), ("~=3.9", (3, 11))]
)
def test_a_project_that_also_runs_on_older_pythons_gets_advice(
    tmp_path: Path, requires: str, expected: tuple[int, int]
) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[project]\nname = 'x'\nrequires-python = '{requires}'\n")
    assert target_version(Options(root=tmp_path), None) == expected


def test_the_recorded_run_and_the_option_come_first(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\nrequires-python = '>=3.8'\n")
    profile = Profile("cProfile", Unit.SECONDS, 1.0, (), python="3.13.0")
    assert target_version(Options(root=tmp_path), profile) == (3, 13)
    assert target_version(Options(root=tmp_path, target_version=(3, 12)), profile) == (3, 12)
