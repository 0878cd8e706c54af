"""Run the user's command with agents loaded into every Python process of it."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from perf_advise.model.errors import UserError

AGENT = Path(__file__).parent / "agent"
PREFIX = "_PERF_ADVISE_"
_FORWARDED = (signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))
_POLL = 1.0


@dataclass(frozen=True, slots=True)
class Finished:
    """How the command ended: its exit code (128 + the signal that killed it), wall seconds, its process id.

    `stopped` says that somebody wanted an end: Ctrl-C, SIGTERM or SIGHUP came while it ran.
    """

    exit_code: int
    seconds: float
    pid: int
    stopped: bool = False


def launch(
    command: Sequence[str],
    *,
    agents: Sequence[str],
    scratch: Path,
    root: Path,
    settings: Mapping[str, str] | None = None,
    while_running: Callable[[float], None] | None = None,
    shows_output: bool = True,
) -> Finished:
    """Run `command` with standard streams, arguments, environment and signals as without us, and wait for it.

    `agents` are names of modules in `recording/agent`; each gets `start(settings)` in every Python process that
    the command starts, where settings are `scratch`, `root`, and those given here (names in lower case).
    `while_running` is called about once a second with the elapsed seconds; without `shows_output` what it
    prints is dropped, its errors are not. Ctrl-C goes to the command
    alone, SIGTERM is passed on to it. Raises UserError when the command cannot be started.
    """
    told = {"AGENTS": ",".join(agents), "SCRATCH": str(scratch), "ROOT": str(root)}
    told |= {name.upper(): value for name, value in (settings or {}).items()}
    started = time.perf_counter()
    try:
        process = subprocess.Popen(
            list(command), env=environment(told), stdout=None if shows_output else subprocess.DEVNULL
        )
    except OSError as error:
        raise UserError(f"{command[0]}: cannot be run ({error.strerror})", "write it as you run it") from None
    with _signals_to(process) as came:
        code = _wait(process, started, while_running)
    seconds = time.perf_counter() - started
    return Finished(128 - code if code < 0 else code, seconds, process.pid, stopped=bool(came))


def wait_for(process: "subprocess.Popen[bytes]", while_running: Callable[[float], None] | None = None) -> int:
    """Wait for a process as if it ran in our place: Ctrl-C is for it alone, SIGTERM is passed on to it."""
    started = time.perf_counter()
    with _signals_to(process):
        return _wait(process, started, while_running)


def environment(told: Mapping[str, str]) -> dict[str, str]:
    """The environment that loads the agents: our start-up folder first on PYTHONPATH, settings as variables."""
    found = dict(os.environ)
    before = found.get("PYTHONPATH")
    start = str(AGENT / "startup")
    found["PYTHONPATH"] = start if not before else start + os.pathsep + before
    return found | {PREFIX + name: value for name, value in told.items()}


@contextmanager
def _signals_to(process: "subprocess.Popen[bytes]") -> Iterator[list[int]]:
    """The signals that came, as they come."""
    came: list[int] = []

    def forward(signum: int, frame: FrameType | None) -> None:
        came.append(signum)
        process.send_signal(signum)

    if threading.current_thread() is not threading.main_thread():
        yield came  # only the main thread may set handlers
        return
    before = {signum: signal.signal(signum, forward) for signum in _FORWARDED}
    # The terminal sends Ctrl-C to the command as well; what it means is for the command to say.
    before[signal.SIGINT] = signal.signal(signal.SIGINT, lambda signum, frame: came.append(signum))
    try:
        yield came
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def _wait(process: "subprocess.Popen[bytes]", started: float, while_running: Callable[[float], None] | None) -> int:
    while True:
        try:
            return process.wait(_POLL)  # not for ever: a signal that comes just before would wait as long
        except subprocess.TimeoutExpired:
            if while_running is not None:
                while_running(time.perf_counter() - started)
