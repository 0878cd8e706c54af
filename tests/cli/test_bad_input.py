"""Bad input of every kind, from outside: one clear line, exit 2 or a warning for one file, nothing half-written."""

import cProfile
import os
import pickle
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "perf_advise"]
HOT = """\
def common(xs: list[int], ys: list[int]) -> int:
    found = 0
    for x in xs:
        if x in ys:
            found += 1
    return found
"""


def run(cwd: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, env=os.environ | environment, timeout=120
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """One hot file that can be fixed; no profile."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\n')
    (tmp_path / "good.py").write_text(HOT)
    return tmp_path


def is_error(done: subprocess.CompletedProcess[str], *says: str) -> bool:
    assert done.returncode == 2 and done.stdout == "", (done.returncode, done.stdout, done.stderr)
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("perf-advise: "), done.stderr
    assert all(part in done.stderr for part in says), done.stderr
    return True


def test_no_profile(project: Path) -> None:
    assert is_error(run(project, "."), "there is no profile", "perf-advise record --", ".perf-advise/profile.json")


def test_profile_of_another_program(project: Path) -> None:
    profiler = cProfile.Profile()
    profiler.runcall(textwrap.wrap, "a b c " * 100)
    profiler.dump_stats(project / "other.prof")
    done = run(project, ".", "-p", "other.prof")
    assert done.returncode == 0 and "no hot function here" in done.stdout
    assert done.stderr.count("\n") == 1 and "nothing under . is hot in the profile" in done.stderr


class RunsCode:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch ran",)


def damaged(kind: str) -> bytes:
    profiler = cProfile.Profile()
    profiler.runcall(textwrap.wrap, "a b c " * 100)
    profiler.create_stats()
    import marshal

    whole = marshal.dumps(profiler.stats)  # type: ignore[attr-defined]
    return {
        "empty": b"",
        "truncated": whole[: len(whole) // 2],
        "random": random.Random(1).randbytes(4096),
        "pickle": pickle.dumps(RunsCode()),
        "text": b"this is not a profile\n",
        "json": b'{"version": 1, "functions": [{"path": 3}]}',
    }[kind]


@pytest.mark.parametrize("kind", ["empty", "truncated", "random", "pickle", "text", "json"])
def test_damaged_profile(project: Path, kind: str) -> None:
    (project / "bad.prof").write_bytes(damaged(kind))
    assert is_error(run(project, ".", "-p", "bad.prof"), "bad.prof")
    assert not (project / "ran").exists()


def test_damaged_profile_of_the_project(project: Path) -> None:
    (project / ".perf-advise").mkdir()
    (project / ".perf-advise" / "profile.json").write_text('{"version": 1, "functions": [')
    assert is_error(run(project, "good.py"), "profile.json")


UNREADABLE = {
    "not UTF-8": b"x = '\xff\xfe'\n",
    "syntax error": b"def f(:\n",
    "unknown encoding": b"# -*- coding: nonsense -*-\nx = 1\n",
    "null byte": b"x = 1\x00\n",
    "newer syntax": b"def f(:=3): pass\n",
    "bad notebook": None,
}


@pytest.mark.parametrize("kind", sorted(UNREADABLE))
def test_a_file_that_cannot_be_read_is_a_warning_and_the_others_go_on(project: Path, kind: str) -> None:
    bad = project / ("bad.ipynb" if UNREADABLE[kind] is None else "bad.py")
    data = UNREADABLE[kind] or b'{"cells": ['
    bad.write_bytes(data)
    done = run(project, ".", "--no-profile", "--fix", "--select", "PA501")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") == 1 and "warning" in done.stderr and bad.name in done.stderr
    assert bad.read_bytes() == data and (project / "good.py").read_text() != HOT


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read all")
def test_a_file_without_permission(project: Path) -> None:
    (project / "bad.py").write_text(HOT)
    (project / "bad.py").chmod(0)
    done = run(project, ".", "--no-profile", "--fix", "--select", "PA501")
    assert done.returncode == 0 and "bad.py: cannot be read" in done.stderr


LAYOUTS = {
    "BOM": lambda data: b"\xef\xbb\xbf" + data,
    "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "CR": lambda data: data.replace(b"\n", b"\r"),
    "tabs": lambda data: data.replace(b"    ", b"\t"),
    "form feeds": lambda data: b"\x0c\n" + data + b"\x0c\n",
    "cookie": lambda data: b"# -*- coding: latin-1 -*-\n# \xe9\n" + data,
    "no line end": lambda data: data.rstrip(b"\n"),
}


@pytest.mark.parametrize("kind", sorted(LAYOUTS))
def test_every_byte_outside_of_the_fix_stays(project: Path, kind: str) -> None:
    before = LAYOUTS[kind](HOT.encode())
    (project / "good.py").write_bytes(before)
    done = run(project, "good.py", "--no-profile", "--fix", "--select", "PA501")
    after = (project / "good.py").read_bytes()
    assert done.returncode == 0 and not done.stderr and after != before
    fixed = after.replace(b"x in ys_set", b"x in ys")
    start = fixed.index(b"ys_set")
    end = next(at for at in range(start, len(fixed)) if fixed[at : at + 1] in b"\r\n") + 1
    end += fixed[end - 1 : end + 1] == b"\r\n"
    begin = max(fixed.rfind(b"\n", 0, start), fixed.rfind(b"\r", 0, start)) + 1
    assert fixed[:begin] + fixed[end:] == before
    compile(after, "good.py", "exec")


def test_path_that_does_not_exist(project: Path) -> None:
    assert is_error(run(project, "missing.py", "--no-profile"), "missing.py: no such file or folder")


def test_symlink_loop(project: Path) -> None:
    (project / "loop").symlink_to(project / "loop")
    (project / "again").symlink_to(project)
    assert is_error(run(project, "loop", "--no-profile"), "loop")
    done = run(project, ".", "--no-profile", "--select", "PA501")
    assert done.returncode == 1 and done.stdout.count("PA501") == 1 and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--select", "PA50X"), "did you mean"),
        (("--select", "list-membership"), "there is no rule"),
        (("--output-format", "jsn"), "did you mean json?"),
        (("--unsafe-fix",), "did you mean --unsafe-fixes?"),
        (("--hot", "much"), "is not a share"),
        (("--target-version", "2.7"), "is not a Python 3 version"),
    ],
)
def test_unknown_codes_and_options(project: Path, arguments: tuple[str, ...], says: str) -> None:
    assert is_error(run(project, "good.py", "--no-profile", *arguments), says)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("select = 3", "select takes a list of codes"),
        ("fix = 'yes'", "fix takes true or false"),
        ("hot = []", "hot takes a share"),
        ("selct = ['PA1']", "did you mean select?"),
        ("select = ['PA50X']", "there is no rule"),
        ("select = [", "is not TOML"),
    ],
)
def test_wrong_configuration(project: Path, line: str, says: str) -> None:
    (project / "pyproject.toml").write_text(f"[tool.perf-advise]\n{line}\n")
    assert is_error(run(project, "good.py", "--no-profile"), says)


def test_read_only_file_at_fix(project: Path) -> None:
    (project / "locked.py").write_text(HOT)
    (project / "locked.py").chmod(0o444)
    done = run(project, ".", "--no-profile", "--fix", "--select", "PA501")
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "locked.py: cannot be written (read-only)" in done.stderr
    assert (project / "locked.py").read_text() == HOT and (project / "good.py").read_text() != HOT


FULL_DISK = """\
import errno, os, sys
real = os.fsync
left = [int(os.environ["WRITES"])]
def fsync(handle):
    left[0] -= 1
    if left[0] < 0:
        raise OSError(errno.ENOSPC, "No space left on device")
    real(handle)
os.fsync = fsync
from perf_advise.gate import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("writes", range(0, 12, 2))
def test_full_disk(project: Path, writes: int) -> None:
    names = ["good.py", "second.py", "third.py"]
    for name in names:
        (project / name).write_text(HOT)
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, ".", "--no-profile", "--fix", "--select", "PA501"],
        cwd=project, capture_output=True, text=True, env=os.environ | {"WRITES": str(writes)}, timeout=120,
    )  # fmt: skip
    assert done.returncode in (1, 2) and "Traceback" not in done.stderr
    assert "cannot be written (No space left on device)" in done.stderr
    texts = {(project / name).read_text() for name in names}
    assert HOT in texts and all(text == HOT or "ys_set = set(ys)" in text for text in texts)
    left = {path.name for path in project.iterdir()} - {*names, "pyproject.toml", ".perf-advise"}
    assert not left


def test_ctrl_c_at_any_moment_leaves_files_whole(tmp_path: Path) -> None:
    """Many files, an interruption at random moments: each file is the old one or the new one."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "p"\n')
    names = [f"module_{number}.py" for number in range(60)]
    moments = random.Random(5)
    for name in names:
        (tmp_path / name).write_text(HOT)
    arguments = [*COMMAND, ".", "--no-profile", "--fix", "--select", "PA501"]
    start = time.monotonic()
    subprocess.run(arguments, cwd=tmp_path, capture_output=True, check=True, timeout=120)
    whole = time.monotonic() - start
    fixed = (tmp_path / names[0]).read_text()
    for _ in range(6):
        for name in names:
            (tmp_path / name).write_text(HOT)
        process = subprocess.Popen(arguments, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(whole * moments.uniform(0.25, 1.0))
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
        # Before our first line and after our last the signal ends the interpreter as it ends any program; it does
        # the same at the very end where the interruption came inside of `exec` (CPython remembers it).
        assert process.returncode in (0, 130, -signal.SIGINT)
        assert err in ("", "perf-advise: interrupted\n")
        assert {(tmp_path / name).read_text() for name in names} <= {HOT, fixed}
        assert not [path for path in tmp_path.iterdir() if path.name.endswith(".tmp")]
