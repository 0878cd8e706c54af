"""Whatever a user can cause: one line on stderr, exit 2, nothing on stdout; seen from outside."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from perf_advise.gate import main

COMMAND = [sys.executable, "-m", "perf_advise"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\n')
    (tmp_path / "a.py").write_text("def f():\n    return 1\n")
    (tmp_path / "rules").mkdir()
    (tmp_path / "broken.prof").write_bytes(b"\x00\x01\x02 not a profile")
    return tmp_path


@pytest.fixture
def here(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project as the current folder of this process, which has imported everything already."""
    monkeypatch.chdir(project)
    monkeypatch.setenv("COLUMNS", "60")
    return project


def run(cwd: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, env=os.environ | environment, timeout=120
    )


ERRORS = (
    ("a.py", "there is no profile; record one with `perf-advise record -- python your_program.py` and commit"),
    ("check --hots 1% a.py", "there is no option --hots; did you mean --hot?"),
    ("a.py --zzz", "there is no option --zzz; see `perf-advise check --help`"),
    ("a.py --hot 5", "--hot: 5 is a share of the whole or more; write 5% or a number below 1"),
    ("a.py --output-format jsn", "--output-format: there is no 'jsn'; did you mean json?"),
    ("a.py --no-profile --select PA50X", "there is no rule 'PA50X'; did you mean"),
    ("a.py --config nowhere.toml", "--config: there is no file nowhere.toml"),
    ("a.py --config slect=['PA1']", "--config: there is no option 'slect'; did you mean select?"),
    ("a.py -p broken.prof", "broken.prof"),
    ("a.py --no-profile -o nowhere/report.txt", "report.txt cannot be written"),
    ("a.py --profile", "requires an argument"),
    ("missing.py", "missing.py: no such file or folder"),
    ("chek", "there is no command or path chek; did you mean check?"),
    ("explain PA5O1", "there is no rule 'PA5O1'; did you mean PA5"),
    ("explain", "missing argument 'CODE'; see `perf-advise explain --help`"),
    ("hotspots --sort on -p broken.prof", "'on' is not one of 'own', 'cumulative', 'calls'"),
    ("rules --select PA1", "(for the path rules write ./rules)"),
    ("rules --test nowhere", "there is no nowhere"),
    ("rules --rules nowhere", "nowhere does not exist"),
    ("facts a.py:g", "a.py has no function g"),
    ("facts a.py", "a.py names no function; write FILE:FUNCTION"),
    ("new-rule Sort", "'Sort' is not a rule name"),
    ("undo", "nothing to undo"),
    ("record", "record: no command"),
    ("record no-such-program-here", "no-such-program-here: command not found"),
)


def is_one_line(said: tuple[int, str, str], says: str) -> bool:
    code, out, err = said
    return (code, out, err.count("\n")) == (2, "", 1) and err.startswith("perf-advise: ") and says in err


@pytest.mark.parametrize(("arguments", "says"), ERRORS)
def test_one_line_and_exit_code_2(here: Path, arguments: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = main(arguments.split()), *capsys.readouterr()
    assert is_one_line(said, says), said


@pytest.mark.parametrize(("arguments", "says"), ERRORS[:2] + ERRORS[-4:])
def test_the_same_from_outside(project: Path, arguments: str, says: str) -> None:
    done = run(project, *arguments.split())
    assert is_one_line((done.returncode, done.stdout, done.stderr), says), done


def test_a_command_wins_over_a_path_of_its_name(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules"]) == 0
    assert "PA501" in capsys.readouterr().out
    assert main(["./rules", "--no-profile"]) == 0
    assert "PA501" not in capsys.readouterr().out


@pytest.mark.parametrize("arguments", ["--help", "-h", "check -h", "hotspots --help", ""])
def test_help_has_no_boxes(here: Path, arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments.split()) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("Usage: perf-advise ")
    assert out.isascii()


def test_a_closed_pipe_is_no_error(project: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*COMMAND, "rules"], cwd=project, stdout=writing, stderr=subprocess.PIPE, timeout=120)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="there a current folder cannot be removed")
@pytest.mark.parametrize("arguments", ["a.py", "hotspots"])
def test_a_folder_that_is_gone(tmp_path: Path, arguments: str) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f'rmdir "{gone}"; "{sys.executable}" -P -m perf_advise {arguments}'
    done = subprocess.run(["sh", "-c", command], cwd=gone, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("perf-advise: ")
    assert done.stderr.count("\n") == 1


def opened(pipe: Path) -> int | None:
    """A descriptor to write to the named pipe, None as long as nobody reads it."""
    try:
        return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe to wait at")
def test_ctrl_c_says_so_in_one_line(project: Path) -> None:
    """A profile that is a pipe: once it can be opened for writing, the program has opened it and reads."""
    pipe = project / "waiting.prof"
    os.mkfifo(pipe)
    process = subprocess.Popen([*COMMAND, "a.py", "-p", pipe.name], cwd=project, stderr=subprocess.PIPE, text=True)
    while (end := opened(pipe)) is None and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    stderr = process.communicate(timeout=60)[1]
    if end is not None:
        os.close(end)
    assert (stderr, process.returncode) == ("perf-advise: interrupted\n", 130)


def test_an_output_that_knows_no_unicode_gets_escapes(project: Path) -> None:
    (project / "été.py").write_text('def f(n: int) -> int:\n    return bin(n).count("1")  # é\n', "utf-8")
    for output_format in ("text", "json", "github", "junit"):
        done = run(
            project, "été.py", "--no-profile", "--output-format", output_format, PYTHONIOENCODING="ascii", LC_ALL="C"
        )
        assert done.returncode in (0, 1), done.stderr
        assert done.stderr == ""
        assert done.stdout.isascii()
