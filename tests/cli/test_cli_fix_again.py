"""What `--fix` leaves is said of the text as it then stands, and a second `--fix` finds only what overlapped."""

import json
from pathlib import Path

import pytest

from perf_advise.gate import main

PROGRAM = """\
def common(xs: list[int], ys: list[int]) -> int:
    found = 0
    for x in xs:
        if x in ys:
            found += 1
    return found


def smallest(xs: list[int]) -> int:
    return sorted(xs)[0]
"""
RULE = '''\
"""A whole sort for its first item.

## What it does
Finds `sorted(xs)[0]`.
"""

from perf_advise.rulekit import Applicability, Rule

RULE = Rule(
    code="MY001",
    name="sort-for-minimum",
    message="a whole sort for its first item",
    applicability=Applicability.UNSAFE,
    pattern="sorted($x)[0]",
    template="min($x)",
    differences=("IndexError becomes ValueError",),
)
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text('[tool.perf-advise]\nrules = ["own"]\nselect = ["PA501", "MY"]\n')
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "sort_for_minimum.py").write_text(RULE)
    (tmp_path / "app.py").write_text(PROGRAM)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    code = main(["app.py", "--no-profile", "--output-format", "json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def rows(report: dict[str, object], kind: str = "findings") -> list[tuple[str, int]]:
    return [(f["code"], f["location"]["row"]) for f in report[kind]]  # type: ignore[index,attr-defined]


def test_what_is_left_has_the_rows_of_the_new_text(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rows(check(capsys)[1]) == [("PA501", 4), ("MY001", 10)]
    code, report = check(capsys, "--fix")
    text = (project / "app.py").read_text()
    row = text.split("\n").index("    return sorted(xs)[0]") + 1
    assert code == 1 and row == 11 and rows(report) == [("MY001", row)]


def test_what_is_left_can_be_applied_as_it_is_reported(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, report = check(capsys, "--fix")
    finding = report["findings"][0]  # type: ignore[index]
    edit = finding["fix"]["edits"][-1]
    line = (project / "app.py").read_text().split("\n")[edit["location"]["row"] - 1]
    assert line[edit["location"]["column"] - 1 : edit["end_location"]["column"] - 1] == "sorted(xs)[0]"


def test_fixing_twice_changes_nothing_more(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(capsys, "--fix", "--unsafe-fixes")[0] == 0
    once = (project / "app.py").read_bytes()
    code, report = check(capsys, "--fix", "--unsafe-fixes")
    assert code == 0 and rows(report) == [] and (project / "app.py").read_bytes() == once


def test_an_overlapping_fix_is_left_for_the_second_time(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "app.py").write_text("def smallest(xs):\n    return sorted([sorted(xs)[0], 1])[0]\n")
    code, report = check(capsys, "--fix", "--unsafe-fixes")
    assert code == 1 and len(report["findings"]) == 1  # type: ignore[arg-type]
    assert check(capsys, "--fix", "--unsafe-fixes")[0] == 0
    assert (project / "app.py").read_text() == "def smallest(xs):\n    return min([min(xs), 1])\n"
