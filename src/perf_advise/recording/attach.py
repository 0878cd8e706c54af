"""Record a process that runs already, from outside, with py-spy."""

import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from perf_advise.model.errors import UserError
from perf_advise.profiles.loading import read_profile
from perf_advise.recording.keeping import project_profile
from perf_advise.recording.launch import wait_for
from perf_advise.recording.measured import Measured
from perf_advise.recording.recorder import FEW_SAMPLES, FOLDER, RecordResult, write_profile

_RATE = 200


def attach(
    pid: int,
    seconds: float,
    root: Path,
    output: Path | None = None,
    while_running: Callable[[float], None] | None = None,
) -> RecordResult:
    """Sample process `pid` and its children for `seconds`, and write the profile as `record` does.

    `while_running` is called about once a second with the elapsed seconds; Ctrl-C ends it with what there is.
    Raises UserError where py-spy is not installed, may not look at the process, or saw nothing.
    """
    program = _py_spy()
    command = _command_of(pid)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="perf-advise-") as scratch:
        raw = Path(scratch, "pyspy.txt")
        _run(program, pid, seconds, raw, while_running)
        seconds = min(seconds, time.perf_counter() - started)
        whole = read_profile(raw)
    # Threads that wait are not counted: what the shares are shares of is the time of those that work.
    whole = replace(whole, seconds=whole.total / _RATE, command=command)
    profile, warnings = project_profile(whole, root)
    path = output or root / FOLDER / "profile.json"
    write_profile(profile, root, path)
    samples = round(whole.total)
    if samples < FEW_SAMPLES:
        warnings = (*warnings, f"only {samples} samples: it mostly waited; record for longer, or while it works")
    return RecordResult(0, seconds, profile, path, Measured(whole, 1, 1, samples, seconds, "", ()), warnings)


def _py_spy() -> str:
    """Where it is: on PATH, or in the environment that this runs in, which need not be activated."""
    program = shutil.which("py-spy") or shutil.which("py-spy", path=str(Path(sys.executable).parent))
    if program is None:
        raise UserError("recording a running process takes py-spy, which is not installed", "pip install py-spy")
    return program


def _command_of(pid: int) -> str:
    """What the process was started with, where the system tells."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").rstrip("\0").split("\0")
    except OSError:
        return ""
    return shlex.join(words)


def _run(program: str, pid: int, seconds: float, raw: Path, while_running: Callable[[float], None] | None) -> None:
    command = [program, "record", "--pid", str(pid), "--duration", str(max(round(seconds), 1)), "--rate", str(_RATE)]
    options = ["--subprocesses", "--full-filenames", "--format", "raw", "--output", str(raw)]
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen([*command, *options], stdin=subprocess.DEVNULL, stdout=told, stderr=told)
        code = wait_for(process, while_running)
        told.seek(0)
        said = told.read().decode(errors="replace")
    if code or not raw.exists() or not raw.stat().st_size:
        raise UserError(f"process {pid}: py-spy cannot record it ({_reason(said)})", _remedy(said))


def _reason(said: str) -> str:
    """The line of py-spy's that says what is wrong."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("Error", "Reason", "Permission"))]
    return (errors or lines or ["it saw nothing"])[0].removeprefix("Error: ")


def _remedy(said: str) -> str:
    if "ermission" in said or "not permitted" in said:
        return "run with its rights: sudo -E env PATH=$PATH perf-advise record --pid ..."
    return "check the number: it takes a running Python process"
