"""The new side in a process of its own: where decorators, class bodies or constants change with the function.

Requests and answers are length-prefixed pickles over two pipes; outcomes are pickled on both sides alike.
"""

from __future__ import annotations

import json
import os
import pickle
import select
import struct
import subprocess
import sys
from dataclasses import replace
from typing import Any

from .cases import Case, dump_pickle, load_pickle
from .comparing import CannotCompare
from .outcomes import Outcome
from .running import LOADED
from .sides import Side

_LENGTH = struct.Struct(">Q")
_PATIENCE = 20.0


class PickledSide:
    """A side of this process whose outcomes take the same way as those of the other process."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self.time, self.is_alone, self.peak = side.time, side.is_alone, side.peak
        self.renew, self.close = side.renew, side.close

    def run(self, case: Case, limit: float) -> Outcome:
        """Run one case; raises CannotCompare when its outcome cannot be pickled."""
        return unpack(pack(self._side.run(case, limit)))

    def run_in_turn(self, cases: list[Case], limit: float) -> list[Outcome]:
        """Run cases one after the other; raises CannotCompare."""
        return list(unpack(pack(Outcome("returned", self._side.run_in_turn(cases, limit)))).value)


def pack(outcome: Outcome) -> bytes:
    """An outcome as bytes; one that cannot be pickled says so."""
    try:
        return dump_pickle(outcome)
    except Exception as error:
        plain = Outcome("unpicklable", f"its outcome cannot be sent to another process ({error})"[:200])
        return dump_pickle(replace(plain, noted=outcome.noted, missing=outcome.missing))


def unpack(blob: bytes) -> Outcome:
    """The outcome again; raises CannotCompare for one that could not be pickled."""
    try:
        outcome: Outcome = load_pickle(blob)
    except Exception as error:
        raise CannotCompare(f"its outcome cannot be read back ({error})") from None
    if outcome.ending == "unpicklable" and not outcome.noted:
        raise CannotCompare(outcome.value)
    return outcome


class RemoteSide:
    """The new side, served by `serving.py`."""

    def __init__(self, job: dict[str, Any]) -> None:
        path = os.path.join(job["scratch"], "serving.json")
        with open(path, "w", encoding="utf-8") as stream:
            json.dump({**job, "role": "serving", "guard_log": "guard-new.log"}, stream)
        start = os.path.join(os.path.dirname(os.path.abspath(__file__)), "start.py")
        self._process: Any = subprocess.Popen(
            [sys.executable, start, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        ready = self._ask(None, _PATIENCE)
        self.problem = str(ready.get("problem", ""))
        self.prepare_seconds = float(ready.get("seconds", 0.0))

    def run(self, case: Case, limit: float) -> Outcome:
        """Run one case there."""
        answer = self._ask(("run", case, limit), LOADED * limit + _PATIENCE)
        if "died" in answer:
            return Outcome("did not end", str(answer["died"]))
        return unpack(answer["outcome"])

    def run_in_turn(self, cases: list[Case], limit: float) -> list[Outcome]:
        """Run cases one after the other there; raises CannotCompare."""
        answer = self._ask(("run in turn", cases, limit), LOADED * limit * len(cases) + _PATIENCE)
        if "died" in answer:
            raise CannotCompare(str(answer["died"]))
        return list(unpack(answer["outcome"]).value)

    def renew(self) -> None:
        """The code stays where it is."""

    def time(self, cases: list[Case], repeat: int, fresh: bool, on_cpu: bool) -> float:
        """Seconds per pass."""
        return float(self._ask(("time", cases, repeat, fresh, on_cpu), _PATIENCE * 5).get("seconds", float("inf")))

    def is_alone(self, cases: list[Case], fresh: bool) -> bool:
        """Whether the calls neither wait nor use other threads or processes there."""
        return bool(self._ask(("is alone", cases, fresh), _PATIENCE * 5).get("alone", False))

    def peak(self, cases: list[Case]) -> int:
        """Peak of traced memory, bytes."""
        return int(self._ask(("peak", cases), _PATIENCE * 5).get("bytes", 0))

    def close(self) -> None:
        """End the other process."""
        self._process.kill()
        self._process.wait()

    def _ask(self, request: Any, patience: float) -> dict[str, Any]:
        try:
            if request is not None:
                send(self._process.stdin, request)
            if not select.select([self._process.stdout], [], [], patience)[0]:
                self.close()
                return {"died": f"did not end within {patience:.3g} s"}
            answer: dict[str, Any] = receive(self._process.stdout)
        except (OSError, EOFError):
            code = self._process.wait()
            return {"died": f"the interpreter died (exit code {code})", "problem": "its process died"}
        return answer


def send(stream: Any, message: Any) -> None:
    """Write one message; raises OSError."""
    blob = pickle.dumps(message, 4)
    stream.write(_LENGTH.pack(len(blob)) + blob)
    stream.flush()


def receive(stream: Any) -> Any:
    """Read one message; raises EOFError when the other side is gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    return pickle.loads(stream.read(_LENGTH.unpack(head)[0]))
