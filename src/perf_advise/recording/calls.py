"""Kept calls from outside of the program: the plan, signing, reading, forgetting."""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from perf_advise.model.errors import UserError
from perf_advise.model.recording import Recording
from perf_advise.recording import trust
from perf_advise.recording.call_records import Record, records

_FOLDER = ".perf-advise/calls"
_PLAN = "plan.json"
_HASH_SEED = "PYTHONHASHSEED"
_MOST_BYTES = 512 << 20
_OVER = "over the quota"  # as the agent words it


@dataclass(frozen=True, slots=True)
class Quotas:
    """How much is kept: calls per function and process, calls per shape of arguments, bytes per call and function."""

    calls: int = 150
    per_shape: int = 12
    call_bytes: int = 16 << 20
    function_bytes: int = 64 << 20


@dataclass(frozen=True, slots=True)
class KeptCall:
    """One call: `payload` is the pickle of (args, kwargs, globals), `large` holds pickles of large globals by name.

    `outcome` is "returned", "raised", or "" when the process ended during the call; `seconds` is then None.
    `result` is the pickle of the result or exception, empty when it could not be kept.
    """

    process: Mapping[str, Any]
    module: str
    payload: bytes
    large: Mapping[str, bytes] = field(default_factory=dict)
    seconds: float | None = None
    outcome: str = ""
    type: str = ""
    result: bytes = b""
    count: int = 0
    globals: tuple[str, ...] = ()
    """Names of the globals in `payload`."""


def calls_folder(root: Path) -> Path:
    """Where the kept calls of a project are."""
    return root / _FOLDER


def write_plan(root: Path, functions: Iterable[tuple[Path, str]], quotas: Quotas | None = None) -> Path:
    """Forget earlier calls and say which functions (path, qualified name) to keep now; returns the plan's path.

    Give it to the agent `calls_agent` as the setting `calls_plan`. Raises UserError when it cannot be written.
    """
    forget(root)
    folder = calls_folder(root)
    limits = quotas or Quotas()
    plan = {
        "functions": [{"path": str(path.resolve()), "qualname": name} for path, name in functions],
        "folder": str(folder.resolve()),
        "calls": limits.calls,
        "per_shape": limits.per_shape,
        "call_bytes": limits.call_bytes,
        "function_bytes": limits.function_bytes,
    }
    try:
        folder.mkdir(parents=True)
        (folder / ".gitignore").write_text("*\n", encoding="ascii")
        (folder / _PLAN).write_text(json.dumps(plan, indent=1), encoding="utf-8")
    except OSError as error:
        raise UserError(f"{folder}: calls cannot be kept here ({error.strerror})", "make it writable") from None
    return folder / _PLAN


@contextmanager
def fixed_hash_seed() -> Iterator[None]:
    """Sets of strings then have the same order in the replay as in the run; a seed of the user's own stays."""
    if _HASH_SEED in os.environ:
        yield
        return
    os.environ[_HASH_SEED] = "0"
    try:
        yield
    finally:
        del os.environ[_HASH_SEED]


def finish(root: Path) -> tuple[Recording, ...]:
    """Sign what the run wrote and return one Recording per function of the plan, those never called included."""
    room = _MOST_BYTES
    folder = calls_folder(root)
    for path in sorted(folder.glob("*.calls"), key=lambda p: p.stat().st_size):
        room -= path.stat().st_size
        if room < 0:
            path.unlink()
        else:
            trust.sign(path)
    trust.sign(folder / _PLAN)
    return read_recordings(root)


def read_recordings(root: Path) -> tuple[Recording, ...]:
    """What is kept of each function; nothing is unpickled. Raises UserError unless this user's key signed it all."""
    plan_path = calls_folder(root) / _PLAN
    if not plan_path.exists():
        return ()
    plan = json.loads(trust.verified(plan_path))
    files = sorted(plan_path.parent.glob("*.calls"))
    found = [list(records(trust.verified(path))) for path in files]
    return tuple(_recording(number, function, files, found) for number, function in enumerate(plan["functions"]))


def _recording(
    number: int, function: Mapping[str, str], files: Sequence[Path], found: Sequence[list[Record]]
) -> Recording:
    holding = [path for path, items in zip(files, found, strict=True) if _slots(items, number)]
    dropped: dict[str, int] = {}
    for items in found:
        for why, count in _dropped(items, number):
            dropped[why] = dropped.get(why, 0) + count
    calls = sum(len(_slots(items, number)) for items in found)
    if not calls and not dropped:
        dropped["not called in the recorded run"] = 1
    return Recording(function["path"], function["qualname"], tuple(holding), calls, dropped)


def _dropped(items: list[Record], number: int) -> Iterable[tuple[str, int]]:
    """Why how many calls are not there; some are kept after all, others until one takes their slot."""
    last: Mapping[str, int] = {}
    called = 0
    for header in (item.header for item in items):
        if header["k"] == "call" and header["f"] == number:
            last, called = header["dropped"], header["count"]
        elif header["k"] == "counts":
            own = next((f for f in header["functions"] if f["f"] == number), None)
            last, called = (own["dropped"], own["count"]) if own else (last, called)
    others = {why: count for why, count in last.items() if why != _OVER}
    yield from others.items()
    if over := max(called - len(_slots(items, number)) - sum(others.values()), 0):
        yield _OVER, over


def _slots(items: list[Record], number: int) -> dict[str, Record]:
    """The last record of each slot: a reservoir overwrites its slots."""
    return {i.header["slot"]: i for i in items if i.header["k"] == "call" and i.header["f"] == number}


def kept_calls(recording: Recording, limit: int = 150) -> tuple[KeptCall, ...]:
    """The kept calls of a function, at most `limit`, spread over processes and shapes; nothing is unpickled.

    Raises UserError for a file that this user's key did not sign.
    """
    found: list[KeptCall] = []
    for path in recording.files:
        content = list(records(trust.verified(path)))
        plan = json.loads(trust.verified(path.parent / _PLAN))
        wanted = {"path": recording.path, "qualname": recording.qualname}
        found += _calls_of(content, plan["functions"].index(wanted))
    return tuple(_spread(found, limit))


def _calls_of(items: list[Record], number: int) -> list[KeptCall]:
    process: Mapping[str, Any] = next((i.header for i in items if i.header["k"] == "process"), {})
    ends = {i.header["i"]: i for i in items if i.header["k"] == "end" and i.header["f"] == number}
    large = {i.header["digest"]: i.payload for i in items if i.header["k"] == "global"}
    return [_call(item, process, ends.get(item.header["i"]), large) for item in _slots(items, number).values()]


def _call(item: Record, process: Mapping[str, Any], end: Record | None, large: Mapping[str, bytes]) -> KeptCall:
    head = item.header
    globals_ = {name: large[digest] for name, digest in head["large"].items() if digest in large}
    call = KeptCall(
        process, head["module"], item.payload, globals_, count=head["count"], globals=tuple(head["globals"])
    )
    if end is None:
        return call
    facts = end.header
    return replace(call, seconds=facts["seconds"], outcome=facts["outcome"], type=facts["type"], result=end.payload)


def _spread(calls: list[KeptCall], limit: int) -> list[KeptCall]:
    """At most `limit` of the calls, evenly over the run, the largest one always among them."""
    calls.sort(key=lambda call: call.count)
    if len(calls) <= limit:
        return calls
    step = len(calls) / limit
    chosen = [calls[int(place * step)] for place in range(limit)]
    largest = max(calls, key=lambda call: len(call.payload))
    return chosen if largest in chosen else [*chosen[1:], largest]


def forget(root: Path) -> int:
    """Remove every kept call of the project; returns how many bytes that were. Raises UserError."""
    folder = calls_folder(root)
    if not folder.exists():
        return 0
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise UserError(f"{folder}: cannot be removed ({error.strerror})", "remove it by hand") from None
    return size
