"""Replay kept calls against old and new code in a child process, and read the verdict."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from perf_advise.model.finding import Fix
from perf_advise.model.proof import Counterexample, Proof, Speedup, Verdict
from perf_advise.model.recording import Recording
from perf_advise.proof.job import AGENT, CannotReplay, Limits, Tolerance, replayed_qualname, write_job
from perf_advise.recording.calls import KeptCall, kept_calls

_CRASHES = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}
_LEAST_OWN_SECONDS = 1e-6
_POLL = 0.02


def prove(
    path: Path,
    qualname: str,
    fix: Fix,
    original: str,
    rewritten: str,
    recordings: Sequence[Recording],
    python: str = "",
    limits: Limits | None = None,
    tolerance: Tolerance | None = None,
) -> Proof:
    """Replay the kept calls of a function on its original and its rewritten module text.

    `python` is the program's interpreter; by default the one that made the calls. Runs user code in a child process
    under time and memory limits. Raises UserError for calls that this user's key did not sign; all else that goes
    wrong is *not shown*, with the reason.
    """
    if os.name != "posix":
        return Proof(Verdict.NOT_SHOWN, 0, reason="replays need the process limits and signals of a POSIX system")
    bounds = limits or Limits()
    target = replayed_qualname(qualname)
    calls = _chosen(path, target, recordings, bounds)
    if not calls:
        return Proof(Verdict.NOT_SHOWN, 0, reason=_no_calls(path, target, recordings))
    scratch = Path(tempfile.mkdtemp(prefix="perf-advise-"))
    try:
        texts = (original, rewritten)
        job = write_job(scratch, path, target, fix, texts, calls, bounds, tolerance or Tolerance())
        code = _run(python or str(calls[0].process["executable"]), job, calls[0].process, bounds)
        return _read(scratch / "events.jsonl", code, bounds)
    except (CannotReplay, SyntaxError) as why:
        return Proof(Verdict.NOT_SHOWN, 0, reason=str(why))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _recording_of(path: Path, qualname: str, recordings: Sequence[Recording]) -> Recording | None:
    wanted = os.path.realpath(path)
    return next((r for r in recordings if os.path.realpath(r.path) == wanted and r.qualname == qualname), None)


def _no_calls(path: Path, qualname: str, recordings: Sequence[Recording]) -> str:
    recording = _recording_of(path, qualname, recordings)
    if recording is None or not recording.dropped:
        return "no calls were kept"
    why, count = max(recording.dropped.items(), key=lambda item: item[1])
    return f"no calls were kept: {why}" + (f" ({count} calls)" if count > 1 else "")


def _chosen(path: Path, qualname: str, recordings: Sequence[Recording], limits: Limits) -> list[KeptCall]:
    """Calls of one module, cheapest first, as many as the limits allow; the cheapest in any case."""
    recording = _recording_of(path, qualname, recordings)
    if recording is None:
        return []
    calls = sorted(kept_calls(recording, limits.calls), key=lambda call: call.seconds or 0.0)
    chosen: list[KeptCall] = []
    total = 0.0
    for call in calls:
        total += max(call.seconds or 0.0, _LEAST_OWN_SECONDS)
        if chosen and (total > limits.own_seconds or _other_module(call, chosen[0])):
            continue
        chosen.append(call)
    return chosen


def _other_module(call: KeptCall, first: KeptCall) -> bool:
    mains = ("__main__", "__mp_main__")
    return call.module != first.module and not (call.module in mains and first.module in mains)


def _run(python: str, job: Path, process: Mapping[str, Any], limits: Limits) -> int | None:
    """The exit code of the replay process; None when it had to be killed for its time."""
    scratch = job.parent
    own = scratch / "own"
    environment = {
        **os.environ,
        "PYTHONHASHSEED": process["hash_seed"] or "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NUMBA_CACHE_DIR": str(own / "numba"),
        "TMPDIR": str(scratch / "temporary"),
    }
    environment.pop("PYTHONPATH", None)
    environment.pop("PYTHONSAFEPATH", None)
    with (scratch / "output.txt").open("wb") as output:
        try:
            child = subprocess.Popen(
                [python, str(AGENT / "start.py"), str(job)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=scratch,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise CannotReplay(f"{python}: cannot be run ({error.strerror})") from None
        try:
            return _wait(child, scratch / "events.jsonl", limits.seconds)
        finally:
            _kill_group(child)


def _wait(child: "subprocess.Popen[bytes]", events: Path, seconds: float) -> int | None:
    """The exit code; None when the whole, or one step beyond the patience that it asked for, took too long."""
    end = time.monotonic() + seconds
    step_end, seen = end, 0
    while time.monotonic() < min(end, step_end):
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(_POLL)
        size = events.stat().st_size if events.exists() else 0
        if size > seen:
            patience = _events(events)[-1:]
            step_end = time.monotonic() + patience[0].get("patience", seconds) if patience else end
            seen = size
    return None


def _kill_group(child: "subprocess.Popen[bytes]") -> None:
    """The process and whatever it started; all gone on return."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _read(path: Path, code: int | None, limits: Limits) -> Proof:
    events = _events(path)
    results = [event for event in events if event["kind"] == "result"]
    if results:
        return _proof(results[-1])
    last = events[-1] if events else {"kind": ""}
    if code is None:
        return _hanging(last, limits)
    if last["kind"] == "new" and code < 0 and -code in _CRASHES:
        return _refuted(last, f"kills the interpreter ({signal.Signals(-code).name})")
    if last["kind"] == "new" and code >= 0 and "Traceback" not in _output(path):
        return _refuted(last, f"ends the whole program (exit code {code})")
    return Proof(Verdict.NOT_SHOWN, 0, reason=f"the replay process ended early ({_ending(path, code)})")


def _hanging(last: Mapping[str, Any], limits: Limits) -> Proof:
    if last["kind"] == "new":
        return _refuted(last, f"did not end within {last['limit']:.3g} s")
    return Proof(Verdict.NOT_SHOWN, 0, reason=f"the replay did not end within {limits.seconds:g} s")


def _refuted(last: Mapping[str, Any], what: str) -> Proof:
    example = Counterexample(last["arguments"], f"ends after {last['took']:.3g} s", what)
    return Proof(Verdict.DIFFERENT, 0, reason=f"the new code {what}", counterexample=example)


def _events(path: Path) -> list[dict[str, Any]]:
    """Whole lines only: the process may have been killed while it wrote."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines]


def _ending(path: Path, code: int) -> str:
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    output = _output(path).strip().splitlines()
    return f"exit code {code}" + (f": {output[-1][:160]}" if output else "")


def _output(events: Path) -> str:
    return events.with_name("output.txt").read_text(encoding="utf-8", errors="replace")


def _proof(result: Mapping[str, Any]) -> Proof:
    rounding = result.get("max_ulp") or 0.0
    verdict = Verdict(result["verdict"])
    if verdict is Verdict.SAME and rounding:
        verdict = Verdict.SAME_UP_TO_ROUNDING
    times = result.get("timing") or {}
    memory = result.get("memory") or [None, None]
    example = None
    if verdict is Verdict.DIFFERENT:
        example = Counterexample(result.get("arguments", ""), result.get("before", ""), result.get("after", ""))
    return Proof(
        verdict=verdict,
        calls=result.get("calls", 0),
        reason=result.get("reason", ""),
        assumptions=tuple(result.get("assumptions", ())),
        max_ulp=rounding or None,
        max_relative=result.get("max_relative") or None,
        before=times.get("before"),
        after=times.get("after"),
        speedup=Speedup(times["ratio"], times["low"], times["high"]) if times else None,
        cold_seconds=result.get("cold"),
        break_even_calls=result.get("break_even") or None,
        memory_before=memory[0],
        memory_after=memory[1],
        unstable_calls=result.get("unstable", 0),
        counterexample=example,
    )
