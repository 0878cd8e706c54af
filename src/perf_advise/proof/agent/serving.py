"""The process of the new side: loads the rewritten module and does what `remote.py` asks."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from .loading import CannotLoad
from .outcomes import Outcome
from .remote import pack, receive, send
from .setting import Setting
from .sides import TARGET, Side


def main(job: dict[str, Any]) -> None:
    """Serve until the pipe closes."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    started = time.perf_counter()
    try:
        setting = Setting(job, job["new"], [job["target_note_new"]])
    except CannotLoad as problem:
        send(answers, {"problem": str(problem)})
        return
    side = setting.side(setting.loaded.noted[TARGET], [])
    send(answers, {"seconds": time.perf_counter() - started})
    while True:
        try:
            request = receive(requests)
        except EOFError:
            return
        send(answers, _answer(side, request))
        sys.stdout.flush()


def _answer(side: Side, request: Any) -> dict[str, Any]:
    verb, *rest = request
    if verb == "run":
        return {"outcome": pack(side.run(*rest))}
    if verb == "run in turn":
        return {"outcome": pack(Outcome("returned", side.run_in_turn(*rest)))}
    if verb == "time":
        return {"seconds": side.time(*rest)}
    if verb == "is alone":
        return {"alone": side.is_alone(*rest)}
    return {"bytes": side.peak(*rest)}
