"""Record a process that runs already, from outside, with py-spy."""

import shlex
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from perf_advise.model.errors import UserError
from perf_advise.model.profile import Profile
from perf_advise.profiles.loading import read_profile
from perf_advise.recording.keeping import project_profile
from perf_advise.recording.recorder import FOLDER, write_profile

_RATE = 200


def attach(pid: int, seconds: float, root: Path, output: Path | None = None) -> tuple[Profile, Path, tuple[str, ...]]:
    """Sample process `pid` and its children for `seconds`; the profile of the project, where it is, and warnings.

    Raises UserError where py-spy is not installed, may not look at the process, or saw nothing.
    """
    program = shutil.which("py-spy")
    if program is None:
        raise UserError("recording a running process takes py-spy, which is not installed", "pip install py-spy")
    command = _command_of(pid)
    with tempfile.TemporaryDirectory(prefix="perf-advise-") as scratch:
        raw = Path(scratch, "pyspy.txt")
        _run(program, pid, seconds, raw)
        whole = replace(read_profile(raw), seconds=seconds, command=command)
    profile, warnings = project_profile(whole, root)
    path = output or root / FOLDER / "profile.json"
    write_profile(profile, root, path)
    return profile, path, warnings


def _command_of(pid: int) -> str:
    """What the process was started with, where the system tells."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text(errors="replace").rstrip("\0").split("\0")
    except OSError:
        return ""
    return shlex.join(words)


def _run(program: str, pid: int, seconds: float, raw: Path) -> None:
    command = [program, "record", "--pid", str(pid), "--duration", str(max(round(seconds), 1)), "--rate", str(_RATE)]
    options = ["--subprocesses", "--full-filenames", "--format", "raw", "--output", str(raw)]
    done = subprocess.run([*command, *options], capture_output=True, text=True, errors="replace")
    if done.returncode or not raw.exists() or not raw.stat().st_size:
        said = (done.stderr.strip() or done.stdout.strip() or "it saw nothing").splitlines()[0]
        raise UserError(f"process {pid}: py-spy cannot record it ({said})", "check the number, or run with its rights")
