"""The whole way: a command in, `.perf-advise/profile.json` out, small, relative, stable."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from perf_advise.hotspots import find_hot_functions
from perf_advise.model.errors import UserError
from perf_advise.profiles.loading import read_profile
from perf_advise.recording import choosing
from perf_advise.recording.choosing import choose
from perf_advise.recording.launch import launch
from perf_advise.recording.recorder import record

SIMKIT = Path(__file__).parents[2] / "fixtures" / "simkit"
WORK = """\
import sys
import json


class Counter:
    def count(self, n):
        total = 0
        for i in range(n):
            total += i % 7
        return total


def main():
    out = [Counter().count(60_000) for _ in range(30)]
    print(json.dumps(sum(out)))
    return 3


sys.exit(main())
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "app.py").write_text(WORK)
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize("profiler", ["auto", "cprofile"])
def test_a_recording_is_small_relative_and_says_where_it_came_from(root, capfd, profiler) -> None:
    result = record([sys.executable, "app.py"], root, profiler=profiler)
    assert (result.exit_code, capfd.readouterr().out) == (3, "5399820\n")
    data = json.loads((root / ".perf-advise/profile.json").read_text())
    assert result.path == root / ".perf-advise/profile.json"
    assert data["command"] == f"{sys.executable} app.py"
    assert data["python"] == ".".join(map(str, sys.version_info[:3]))
    assert data["profiler"] == ("cprofile" if profiler == "cprofile" else "sampler")
    rows = {row["qualname"]: row for row in data["functions"]}
    assert {row["path"] for row in rows.values()} == {"app.py"}
    assert rows["Counter.count"]["own"] > 0.6
    assert rows["Counter.count"].get("calls") == (30 if profiler == "cprofile" else None)
    assert rows["<module>"]["cumulative"] > 0.9
    assert "total" in rows["Counter.count"].get("types", {}) or profiler == "cprofile"
    assert str(root) not in json.dumps(data["functions"])


def test_check_finds_in_it_what_was_recorded(root, capfd) -> None:
    result = record([sys.executable, "app.py"], root, profiler="cprofile")
    found = find_hot_functions(read_profile(result.path), [root], root, 0.1)
    hottest = found.functions[0]
    assert (hottest.qualname, hottest.calls, hottest.stale) == ("Counter.count", 30, False)
    (root / "app.py").write_text(WORK.replace("% 7", "% 8"))
    found = find_hot_functions(read_profile(result.path), [root], root, 0.1)
    assert found.functions[0].stale


def test_git_ignores_what_is_not_to_be_committed(root, capfd) -> None:
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    record([sys.executable, "app.py"], root, profiler="cprofile")
    (root / ".perf-advise/calls").mkdir()
    (root / ".perf-advise/calls/x").write_text("")
    seen = subprocess.run(["git", "status", "--short", "-uall"], cwd=root, capture_output=True, text=True).stdout
    assert "profile.json" in seen
    assert "calls" not in seen


def test_recording_again_changes_next_to_nothing(root, capfd) -> None:
    path = root / ".perf-advise/profile.json"
    record([sys.executable, "app.py"], root, profiler="cprofile")
    before = path.read_text().splitlines()
    record([sys.executable, "app.py"], root, profiler="cprofile")
    after = path.read_text().splitlines()
    assert len(before) == len(after)
    changed = [line for old, line in zip(before, after, strict=True) if old != line]
    assert all(line.strip().startswith(('"seconds"', '"own"', '"cumulative"', '"native"')) for line in changed)
    assert len(changed) < len(before) / 4


def test_another_output_file(root, tmp_path, capfd) -> None:
    result = record([sys.executable, "app.py"], root, profiler="cprofile", output=tmp_path / "new/p.json")
    assert result.path == tmp_path / "new/p.json"
    assert read_profile(result.path).tool == "cprofile"
    assert not (root / ".perf-advise/profile.json").exists()


def test_a_run_too_short_to_sample_says_so(root, capfd) -> None:
    (root / "app.py").write_text("print(1)")
    result = record([sys.executable, "app.py"], root)
    assert any("--profiler cprofile" in warning for warning in result.warnings)
    assert result.path is not None


def test_auto_counts_what_was_short_the_last_time(root, capfd, monkeypatch) -> None:
    monkeypatch.setattr(choosing, "SHORT_SECONDS", 100.0)  # however busy the machine is
    command = [sys.executable, "app.py"]
    assert record(command, root).measured.profile.tool == "sampler"
    sampled = json.loads((root / ".perf-advise/profile.json").read_text())
    assert record(command, root).measured.profile.tool == "cprofile"
    counted = json.loads((root / ".perf-advise/profile.json").read_text())
    assert record([*command, "x"], root).measured.profile.tool == "sampler"  # another command
    (function,) = [f for f in counted["functions"] if f["qualname"] == "Counter.count"]
    (before,) = [f for f in sampled["functions"] if f["qualname"] == "Counter.count"]
    assert function["calls"] == 30
    assert function["types"] == before["types"] != {}  # counting sees no types, and forgets none


@pytest.mark.parametrize(
    ("profiler", "seconds", "rest", "chosen"),
    [
        ("sampler", 1.9, {}, "cprofile"),
        ("sampler", 2.1, {}, "sampler"),
        ("cprofile", 3.9, {}, "cprofile"),
        ("cprofile", 4.1, {}, "sampler"),
        ("sampler", 1.0, {"threads": 2}, "cprofile"),
        ("sampler", 1.0, {"threads": 2, "python": "3.12.1"}, "sampler"),
        ("sampler", 1.0, {"threads": 1, "python": "3.13.0"}, "cprofile"),
        ("sampler", 1.0, {"command": "python other.py"}, "sampler"),
        ("sampler", 1.0, {"version": 99}, "sampler"),
    ],
)
def test_what_auto_means(tmp_path, profiler, seconds, rest, chosen) -> None:
    last = {"version": 1, "command": "python app.py", "profiler": profiler, "python": "3.11.7", "seconds": seconds}
    path = tmp_path / "profile.json"
    assert choose("python app.py", path) == "sampler"
    path.write_text(json.dumps({**last, "functions": [], **rest}))
    assert choose("python app.py", path) == chosen


def test_a_command_without_python_passes_its_exit_code_and_writes_nothing(root, capfd) -> None:
    result = record(["sh", "-c", "exit 9"], root)
    assert (result.exit_code, result.profile, result.path) == (9, None, None)
    assert "nothing recorded" in result.warnings[0]
    assert not (root / ".perf-advise").exists()


def test_a_profile_that_cannot_be_written_is_one_line(root, capfd) -> None:
    (root / ".perf-advise").write_text("a file in the way")
    with pytest.raises(UserError, match="cannot be made"):
        record([sys.executable, "app.py"], root, profiler="cprofile")


def test_a_whole_program_with_threads_pools_and_asyncio(tmp_path, monkeypatch, capfd) -> None:
    root = tmp_path / "simkit"
    shutil.copytree(SIMKIT, root)
    monkeypatch.chdir(root)
    result = record([sys.executable, "run_sim.py", "--scale", "12"], root)
    assert result.exit_code == 0
    shares = {c.frame.name: c.own / result.profile.total for c in result.profile.functions}
    assert {"pairwise_energy", "thread_job"} <= {name for name, share in shares.items() if share > 0.05}
    assert result.measured.processes == 3
    assert {c.frame.path.split("/")[0] for c in result.profile.functions} == {"src", "run_sim.py"}


def test_pytest_runs(root, capfd) -> None:
    (root / "test_it.py").write_text(
        "def work():\n    t = 0\n    for i in range(3_000_000): t += i\n    return t\n"
        "def test_it():\n    assert work()\n"
    )
    result = record([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"], root)
    assert result.exit_code == 0
    assert "work" in {c.frame.name for c in result.profile.functions}


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_sigterm_is_passed_on_and_ctrl_c_is_left_to_the_program(root, capfd) -> None:
    """To this process: the terminal would send Ctrl-C to the program as well, here nobody does."""
    (root / "app.py").write_text(
        "import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *a: sys.exit(5))\n"
        "open('ready', 'w').close()\ntime.sleep(60)\n"
    )
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    def stop() -> None:
        while not (root / "ready").exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=stop)
    thread.start()
    result = record([sys.executable, "app.py"], root)
    thread.join()
    assert result.exit_code == 5
    assert result.profile is not None
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def test_a_program_that_a_signal_kills_has_the_shell_s_exit_code(root, tmp_path) -> None:
    finished = launch(
        [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], agents=["ticking"], scratch=tmp_path, root=root
    )
    assert finished.exit_code == 128 + 9


def test_a_command_that_cannot_start_is_one_line(root, tmp_path) -> None:
    with pytest.raises(UserError, match="cannot be run"):
        launch(["/no/such/program"], agents=["ticking"], scratch=tmp_path, root=root)
