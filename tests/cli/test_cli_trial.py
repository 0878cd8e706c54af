"""`--test`: what breaks the user's tests is taken back, alone; `--interactive`: asked before anything is written."""

import io
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from perf_advise.gate import main

FUNCTION = """\
def first_{0}(xs: list[int]) -> int:
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
OLD = "".join(FUNCTION.format(name) for name in "abcde")
FIX = ("app.py", "--no-profile", "--fix", "--unsafe-fixes")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text('[tool.perf-advise]\nrules = ["own"]\nselect = ["MY"]\n')
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "sort_for_minimum.py").write_text(RULE)
    (tmp_path / "app.py").write_text(OLD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def wanting(project: Path, condition: str) -> str:
    """The command of a test that passes under a condition on the text of the program."""
    (project / "test.py").write_text(f"text = open('app.py').read()\nraise SystemExit(not ({condition}))\n")
    return shlex.join([sys.executable, "test.py"])


def fixed(text: str, *names: str) -> str:
    for name in names:
        text = text.replace(FUNCTION.format(name), FUNCTION.format(name).replace("sorted(xs)[0]", "min(xs)"))
    return text


def test_the_guilty_fixes_are_taken_back_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = "all(f'first_{n}(xs: list[int]) -> int:\\n    return sorted' in text for n in 'bd')"
    code = main([*FIX, "--test", wanting(project, wanted)])
    err = capsys.readouterr().err
    assert code == 1 and (project / "app.py").read_text() == fixed(OLD, *"ace")
    assert "app.py:6: the tests fail with the fix of MY001" in err and "app.py:14: the tests fail" in err
    assert main(["undo"]) == 0 and (project / "app.py").read_text() == OLD


def test_what_is_left_says_that_the_tests_fail_with_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = "'first_b(xs: list[int]) -> int:\\n    return sorted' in text"
    assert main([*FIX, "--test", wanting(project, wanted)]) == 1
    shown = capsys.readouterr()
    assert "the fix of MY001 in first_b, which" in shown.err and shown.out.count("the tests fail with this fix") == 1


def test_kill_while_the_tests_run_leaves_the_files_as_they_were(project: Path) -> None:
    ends = "import os, signal, time\nif 'min' in open('app.py').read():\n"
    ends += "    os.kill(os.getppid(), signal.SIGTERM)\n    time.sleep(9)\n"
    (project / "test.py").write_text(ends)
    command = [sys.executable, "-m", "perf_advise", *FIX, "--test", shlex.join([sys.executable, "test.py"])]
    ended = subprocess.run(command, cwd=project, capture_output=True, check=False)
    assert ended.returncode == 143 and (project / "app.py").read_text() == OLD


def test_all_stay_where_the_tests_pass(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*FIX, "--test", wanting(project, "True")]) == 0
    assert (project / "app.py").read_text() == fixed(OLD, *"abcde")


def test_tests_that_fail_anyway_are_an_error(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*FIX, "--test", wanting(project, "False")]) == 2
    assert "fails before any fix" in capsys.readouterr().err and (project / "app.py").read_text() == OLD


def test_a_command_that_is_not_there(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*FIX, "--test", "no-such-command-anywhere"]) == 2
    assert "command not found" in capsys.readouterr().err and (project / "app.py").read_text() == OLD


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("answers", "names"),
    [("y\nn\ny\nn\nn\n", "ac"), ("n\na\n", "bcde"), ("y\ns\n", "a"), ("y\n", "a"), ("?\nw\ny\ns\n", "a")],
)
def test_each_fix_is_asked_about(
    project: Path, answers: str, names: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answers))
    main(["app.py", "--no-profile", "--interactive"])
    out = capsys.readouterr().out
    assert (project / "app.py").read_text() == fixed(OLD, *names)
    assert "apply this fix?" in out and ("What it does" in out) == ("w" in answers)


def test_no_one_to_ask(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert main(["app.py", "--no-profile", "--interactive"]) == 2
    assert "no terminal" in capsys.readouterr().err and (project / "app.py").read_text() == OLD
