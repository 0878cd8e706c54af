"""What is asked about first under `--interactive`, and what is said of functions when not all rules were asked."""

import io
import json
import sys
from pathlib import Path

import pytest

from perf_advise.gate import main

CODE = """def cool(n: int) -> int:
    return bin(n).count("1")


def hottest(n: int) -> int:
    return bin(n + 1).count("1")


def plain(n: int) -> int:
    return n + 1
"""
SHARES = {"cool": 0.1, "hottest": 0.6, "plain": 0.2}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "app"\n', "utf-8")
    (tmp_path / "app.py").write_text(CODE, "utf-8")
    rest = {"calls": 9, "native": 0, "waiting": 0, "hash": "", "lines": {}, "callers": {}, "types": {}}
    functions = [
        {"path": "app.py", "qualname": name, "line": line, "own": share, "cumulative": share, **rest}
        for line, (name, share) in zip((1, 5, 9), SHARES.items(), strict=True)
    ]
    profile = {"version": 1, "command": "python app.py", "profiler": "cprofile", "python": "3.11.7", "packages": {}}
    (tmp_path / ".perf-advise").mkdir()
    text = json.dumps(profile | {"seconds": 9.0, "functions": functions})
    (tmp_path / ".perf-advise" / "profile.json").write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def test_the_hottest_function_is_asked_about_first(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("y\nn\n"))
    main([".", "--fix", "--interactive"])
    out = capsys.readouterr().out.split("apply this fix?")
    assert out[-1].rstrip().endswith("Apply 1: perf-advise . --fix")  # a safe fix that was declined
    assert ["bin(n + 1)" in part for part in out[:2]] == [True, False]
    assert (project / "app.py").read_text() == CODE.replace('bin(n + 1).count("1")', "(n + 1).bit_count()")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "no slow shape that is known here"),
        (["--select", "PA7"], "nothing that the selected rules speak of"),
        (["--ignore", "PA7"], "nothing that the selected rules speak of"),
    ],
)
def test_a_silence_after_a_choice_of_rules_is_not_called_the_absence_of_slow_shapes(
    project: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main([".", *options])
    reason = capsys.readouterr().out.split("plain  app.py")[1].split("\n")[1]
    assert reason.strip() == said
