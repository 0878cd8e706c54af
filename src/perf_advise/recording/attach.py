"""Record a process that runs already, from outside: Python 3.15 with its own sampler, any other with py-spy."""

import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from perf_advise.model.errors import UserError
from perf_advise.profiles.loading import read_profile
from perf_advise.recording.command import is_interpreter
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
    Raises UserError where py-spy is needed and not installed, and where it may not look at the process or saw nothing.
    """
    own = _own_sampler(pid)
    program = own or [_py_spy()]
    command = _command_of(pid)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="perf-advise-") as scratch:
        raw = Path(scratch, "stacks.txt")
        options = _own_options if own else _py_spy_options
        _run([*program, *options(pid, max(round(seconds), 1), raw)], pid, raw, while_running)
        seconds = min(seconds, time.perf_counter() - started)
        whole = read_profile(raw)
    # Threads that wait are not counted: what the shares are shares of is the time of those that work.
    whole = replace(whole, seconds=None if own else whole.total / _RATE, command=command)
    profile, warnings = project_profile(whole, root)
    path = output or root / FOLDER / "profile.json"
    write_profile(profile, root, path)
    samples = round(whole.total)
    if samples < FEW_SAMPLES:
        warnings = (*warnings, f"only {samples} samples: it mostly waited; record for longer, or while it works")
    return RecordResult(0, seconds, profile, path, Measured(whole, 1, 1, samples, seconds, "", ()), warnings)


def _own_sampler(pid: int) -> list[str]:
    """What runs the sampler that the process's own interpreter has; nothing before Python 3.15, or where unknown."""
    try:
        python = str(Path(f"/proc/{pid}/exe").readlink())
        if not is_interpreter(python):
            return []
        asked = subprocess.run([python, "-c", "import profiling.sampling"], capture_output=True)
    except OSError:
        return []
    return [python, "-m", "profiling.sampling", "attach"] if asked.returncode == 0 else []


def _own_options(pid: int, seconds: int, raw: Path) -> list[str]:
    return ["--collapsed", "--all-threads", "--mode", "cpu", "--duration", str(seconds), "--output", str(raw), str(pid)]


def _py_spy() -> str:
    """Where it is: on PATH, or in the environment that this runs in, which need not be activated."""
    program = shutil.which("py-spy") or shutil.which("py-spy", path=str(Path(sys.executable).parent))
    if program is None:
        raise UserError("recording a running process takes py-spy, which is not installed", "pip install py-spy")
    return program


def _py_spy_options(pid: int, seconds: int, raw: Path) -> list[str]:
    options = ["record", "--pid", str(pid), "--duration", str(seconds), "--rate", str(_RATE), "--subprocesses"]
    return [*options, "--full-filenames", "--format", "raw", "--output", str(raw)]


def _command_of(pid: int) -> str:
    """What the process was started with, where the system tells."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").rstrip("\0").split("\0")
    except OSError:
        return ""
    return shlex.join(words)


def _run(command: Sequence[str], pid: int, raw: Path, while_running: Callable[[float], None] | None) -> None:
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(list(command), stdin=subprocess.DEVNULL, stdout=told, stderr=told)
        code = wait_for(process, while_running)
        told.seek(0)
        said = told.read().decode(errors="replace")
    if code or not raw.exists() or not raw.stat().st_size:
        raise UserError(f"process {pid}: it cannot be recorded ({_reason(said)})", _remedy(said))


def _reason(said: str) -> str:
    """The line that says what is wrong."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("Error", "Reason", "Permission"))]
    return (errors or lines or ["it saw nothing"])[0].removeprefix("Error: ")


def _remedy(said: str) -> str:
    if "ermission" in said or "not permitted" in said:
        return "run with its rights: sudo -E env PATH=$PATH perf-advise record --pid ..."
    return "check the number: it takes a running Python process"
