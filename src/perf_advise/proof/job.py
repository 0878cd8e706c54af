"""The job of a replay process: texts, calls and settings, written to its scratch folder."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perf_advise.model.finding import Fix
from perf_advise.proof.changes import Changes, changes_between, common_decorators, find_function
from perf_advise.recording.calls import KeptCall

AGENT = Path(__file__).parent / "agent"
_RECORDING_AGENT = Path(__file__).parent.parent / "recording" / "agent"
_COMPILERS = ("numba", "njit", "jit", "cython", "jax", "torch", "pythran")
_CACHES = ("cache", "memo")
_POOLS = ("concurrent.futures", "ProcessPoolExecutor", "multiprocessing")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one replay: `seconds` wall time in all, `memory` bytes of address space (None: physical memory),

    `calls` replayed at most, `own_seconds` of the program's own time that replayed calls may stand for.
    """

    seconds: float = 60.0
    memory: int | None = None
    calls: int = 120
    own_seconds: float = 5.0
    edges: bool = True
    timing: bool = True


@dataclass(frozen=True, slots=True)
class Tolerance:
    """The user's `float-tolerance`: floats this near count as rounded (ulps, or relative)."""

    ulps: float = 0.0
    relative: float = 0.0


class CannotReplay(Exception):
    """The function cannot be replayed at all; the reason is the text."""


def replayed_qualname(qualname: str) -> str:
    """The function whose calls are replayed for this one: a closure goes through the function around it."""
    return qualname.partition(".<locals>")[0]


def write_job(
    scratch: Path,
    path: Path,
    qualname: str,
    fix: Fix,
    texts: tuple[str, str],
    calls: Sequence[KeptCall],
    limits: Limits,
    tolerance: Tolerance,
) -> Path:
    """Write everything that the replay process reads below `scratch`; returns the job. Raises CannotReplay."""
    changes = changes_between(*texts)
    _write_texts(scratch, texts)
    job = {
        "role": "replaying",
        "scratch": str(scratch),
        "path": str(path),
        "qualname": qualname,
        "old": str(scratch / "old.py"),
        "new": str(scratch / "new.py"),
        "events": str(scratch / "events.jsonl"),
        "guard_log": "guard.log",
        "recording_agent": str(_RECORDING_AGENT),
        "allow_pools": _adds(fix, _POOLS),
        "compiles": _adds(fix, _COMPILERS),
        "caches": _adds(fix, _CACHES),
        "needed": sorted({qualname.partition(".")[0], *changes.mentioned}),
        "ulps": tolerance.ulps,
        "relative": tolerance.relative,
        **_notes(qualname, texts, changes),
        **_changes(changes),
        **_limits(limits),
        **_process(calls[0]),
        **_write_calls(scratch, calls, changes.rebound),
    }
    (scratch / "job.json").write_text(json.dumps(job), encoding="utf-8")
    return scratch / "job.json"


def _write_texts(scratch: Path, texts: tuple[str, str]) -> None:
    for folder in ("work", "own", "temporary"):
        (scratch / folder).mkdir()
    for name, text in zip(("old.py", "new.py"), texts, strict=True):
        (scratch / name).write_text(text, encoding="utf-8", newline="", errors="surrogatepass")


def _notes(qualname: str, texts: tuple[str, str], changes: Changes) -> dict[str, Any]:
    """Where the replayed function stands in either text; below decorators in common, or at the function itself."""
    old, new = (find_function(text, qualname) for text in texts)
    if old is None or new is None:
        raise CannotReplay(f"{qualname} is not defined exactly once in the file")
    place = common_decorators(old, new) if changes.whole else None
    return {
        "target_note_old": _note(old.lineno, old.name, place),
        "target_note_new": _note(new.lineno, new.name, place),
    }


def _note(line: int, name: str, place: int | None) -> dict[str, Any]:
    return {"key": "target", "line": line, "name": name, "place": place}


def _adds(fix: Fix, words: Sequence[str]) -> bool:
    added = " ".join([*fix.imports, *fix.packages, *(edit.new for edit in fix.edits)])
    return any(word in added for word in words)


def _changes(changes: Changes) -> dict[str, Any]:
    swapped = [{"qualname": f.qualname, "name": f.name, "old_line": f.old_line} for f in changes.functions]
    return {"swapped": swapped, "added": list(changes.added), "whole": changes.whole, "rebound": changes.rebound}


def _limits(limits: Limits) -> dict[str, Any]:
    memory = limits.memory or os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "seconds": limits.seconds,
        "memory": memory,
        "edges": limits.edges,
        "timing": limits.timing,
    }


def _process(call: KeptCall) -> dict[str, Any]:
    process: Mapping[str, Any] = call.process
    is_main = call.module in ("__main__", "__mp_main__")
    package = process["main_name"].rpartition(".")[0] if is_main else ""
    return {
        "is_main": is_main,
        "module": call.module,
        "package": package,
        "sys_path": process["path"],
        "cwd": process["cwd"],
        "recursion_limit": process["recursion_limit"],
    }


def _write_calls(scratch: Path, calls: Sequence[KeptCall], rebound: Sequence[str]) -> dict[str, Any]:
    """All payloads in one file; the job knows their places."""
    content = bytearray()

    def put(blob: bytes) -> list[int]:
        place = [len(content), len(blob)]
        content.extend(blob)
        return place

    entries = [
        {
            "payload": put(call.payload),
            "large": {name: put(blob) for name, blob in call.large.items()},
            "result": put(call.result),
            "seconds": call.seconds or 0.0,
            "outcome": call.outcome,
            "type": call.type,
        }
        for call in calls
    ]
    (scratch / "calls.bin").write_bytes(content)
    kept = sorted({*calls[0].globals, *calls[0].large} - set(rebound))
    return {"calls": str(scratch / "calls.bin"), "cases": entries, "kept_globals": kept}
