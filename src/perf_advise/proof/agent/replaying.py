"""The replay process: both sides, the recorded calls, times, edge cases. Events go out at once: it may be killed."""

from __future__ import annotations

import json
import math
import os
import time
from typing import Any

from .cases import Case, read_cases
from .comparing import CannotCompare, Tolerance
from .edges import Assumptions, Edge, grow
from .loading import CannotLoad, code_at
from .outcomes import Outcome
from .remote import PickledSide, RemoteSide
from .running import LOADED
from .setting import Setting, read
from .sides import RAW, TARGET, CannotSwap, swapped_sides
from .timing import compare_times
from .verdicts import DIFFERENT, LEFT_OUT, NOT_SHOWN, SAME, Judge, Judged

_EDGE_SECONDS, _DANGER_SECONDS, _TIMING_SECONDS = 0.8, 0.4, 1.0
_EDGE_LIMIT = 0.2
_NEW_LIMIT, _COMPILE_LIMIT = 2.0, 40.0
_ENOUGH_NOT_SHOWN = 3
_MEASURE_MEMORY_BELOW = 0.05
_SHORT, _MOST_IN_TURN = 0.05, 30
_GRACE = 3.0
"""Seconds beyond its limit after which a step counts as hanging, C code that ignores signals included."""


def main(job: dict[str, Any]) -> None:
    """Replay one job; the last event is the result."""
    events = Events(job["events"])
    try:
        replay = Replay(job, events)
    except CannotLoad as problem:
        events.write(kind="result", verdict=NOT_SHOWN, reason=str(problem))
        return
    try:
        replay.run()
    finally:
        replay.close()


class Events:
    """JSON lines, one system call each."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, **event: Any) -> None:
        """Append one event."""
        os.write(self._file, (json.dumps(event) + "\n").encode())


class Replay:
    """One job from loading to the result."""

    def __init__(self, job: dict[str, Any], events: Events) -> None:
        self._job, self._events = job, events
        self._started = time.perf_counter()
        self._new_limit = _COMPILE_LIMIT if job["compiles"] else _NEW_LIMIT
        self._old_text, self._new_text = read(job["old"]), read(job["new"])
        self._swaps = not job["whole"]
        self._setting = Setting(job, job["old"], self._notes())
        self._old, self._new = self._sides()
        code = code_at(self._old_text, job["path"], job["qualname"])
        names = list(code.co_varnames[: code.co_argcount]) if code else []
        tolerance = Tolerance(job["ulps"], job["relative"])
        self._judge = Judge(self._old, self._new, names, job["qualname"], tolerance)
        self._judge.before_new = self._tell_new
        self._names = names
        self._cases = read_cases(job)
        self._result: dict[str, Any] = {"kind": "result"}
        self._good: list[tuple[Case, Judged]] = []

    def _notes(self) -> list[dict[str, Any]]:
        raw = [
            {"key": RAW + change["qualname"], "line": change["old_line"], "name": change["name"], "place": None}
            for change in self._job["swapped"]
        ]
        return [self._job["target_note_old"], *(raw if self._swaps else [])]

    def _sides(self) -> tuple[Any, Any]:
        setting = self._setting
        if self._swaps:
            try:
                loaded, guard = setting.loaded, setting.guard
                texts = (self._old_text, self._new_text)
                return swapped_sides(self._job, loaded, *texts, setting.runner, setting.stopwatch, guard)
            except CannotSwap:
                pass
        remote = RemoteSide(self._job)
        if remote.problem:
            remote.close()
            raise CannotLoad(f"the rewritten module: {remote.problem}")
        return PickledSide(setting.side(setting.loaded.noted[TARGET], [])), remote

    def close(self) -> None:
        """End the other process, if there is one."""
        self._new.close()

    def run(self) -> None:
        """Calls, edges, times, dangerous edges; the result is written in every case."""
        counts = self._replay_calls()
        verdict = self._verdict(counts)
        self._result.update(verdict=verdict, calls=len(self._good), unstable=counts[LEFT_OUT])
        if verdict == SAME and self._holds_in_turn():
            self._prove_edges_and_time()
        self._events.write(**self._result)

    def _replay_calls(self) -> dict[str, int]:
        counts = {SAME: 0, LEFT_OUT: 0, NOT_SHOWN: 0, DIFFERENT: 0}
        reasons: dict[str, str] = {}
        for place, case in enumerate(self._cases):
            if time.perf_counter() > self._deadline() and self._good:
                break
            limit = 2 * case.seconds + 2.0
            self._events.write(kind="old", place=place, patience=2 * LOADED * limit + _GRACE)
            judged = self._safely(case, limit, self._new_limit)
            counts[judged.verdict] += 1
            reasons.setdefault(judged.verdict, judged.reason)
            if judged.verdict == SAME:
                self._good.append((case, judged))
            if judged.verdict == DIFFERENT:
                self._refute(judged)
                break
            if counts[NOT_SHOWN] >= _ENOUGH_NOT_SHOWN:
                break
        self._reasons = reasons
        return counts

    def _tell_new(self, case: Case, first: Outcome, limit: float) -> None:
        if not case.label:
            arguments = self._judge.shown(case)
            took = first.seconds
            self._events.write(
                kind="new", patience=LOADED * limit + _GRACE, limit=limit, arguments=arguments, took=took
            )

    def _deadline(self) -> float:
        return self._started + float(self._job["seconds"]) * 0.6

    def _safely(self, case: Case, limit: float, new_limit: float) -> Judged:
        try:
            return self._judge.judge(case, limit, new_limit)
        except CannotCompare as cannot:
            return Judged(NOT_SHOWN, str(cannot))

    def _refute(self, judged: Judged) -> None:
        self._result.update(arguments=judged.arguments, before=judged.before, after=judged.after)
        self._result.update(max_ulp=judged.max_ulp, max_relative=judged.max_relative)

    def _verdict(self, counts: dict[str, int]) -> str:
        self._result["reason"] = ""
        for verdict in (DIFFERENT, NOT_SHOWN):
            if counts[verdict]:
                self._result["reason"] = self._reasons[verdict]
                return verdict
        if not self._good:
            self._result["reason"] = self._reasons.get(LEFT_OUT, "no call was kept")
            return NOT_SHOWN
        self._measure_rounding([judged for _, judged in self._good])
        return SAME

    def _measure_rounding(self, judged: list[Judged]) -> None:
        self._result["max_ulp"] = max(j.max_ulp for j in judged)
        self._result["max_relative"] = max(j.max_relative for j in judged)
        if any(j.ill_conditioned for j in judged):
            self._result["reason"] = "ill-conditioned: inputs moved by one ulp move the old result as far"

    def _prove_edges_and_time(self) -> None:
        cases = [case for case, _ in self._good]
        if self._job["timing"]:
            # what follows may hang: so far the result stands
            self._events.write(**self._result, patience=8 * _TIMING_SECONDS + 8 * self._own_seconds() + _GRACE)
            self._time()
        edges = list(grow(cases, self._names)) if self._job["edges"] else []
        assumptions = Assumptions()
        for dangerous, seconds in ((False, _EDGE_SECONDS), (True, _DANGER_SECONDS)):
            self._events.write(**self._result, patience=LOADED * (seconds + _NEW_LIMIT) + 0.5)
            if not self._try_edges([e for e in edges if e.is_dangerous is dangerous], seconds, assumptions):
                return
            self._result["assumptions"] = assumptions.texts()

    def _holds_in_turn(self) -> bool:
        """Whether a fix that adds a cache answers well when one call follows another; False when that refutes it."""
        if not self._job["caches"]:
            return True
        cases = [case for case, judged in self._good if judged.seconds < _SHORT][:_MOST_IN_TURN]
        # twice, so that every answer is once a new one and once one from the cache
        try:
            judged = self._judge.judge_in_turn([*cases, *cases], _NEW_LIMIT) if cases else Judged(SAME)
        except CannotCompare as cannot:
            judged = Judged(NOT_SHOWN, f"one call after another: {cannot}")
        if judged.verdict != SAME:
            self._refute(judged)
            self._result.update(verdict=judged.verdict, reason=f"one call after another: {judged.reason}")
        return judged.verdict == SAME

    def _own_seconds(self) -> float:
        return sum(judged.seconds + judged.new_seconds for _, judged in self._good)

    def _try_edges(self, edges: list[Edge], seconds: float, assumptions: Assumptions) -> bool:
        """False when an edge inside the recorded domain refutes."""
        started, wall = time.process_time(), time.perf_counter()
        raised = {type_ for case in self._cases for type_ in [case.type] if case.outcome == "raised"}
        for edge in edges:
            if time.process_time() - started > seconds or time.perf_counter() - wall > LOADED * seconds:
                break
            judged = self._safely(edge.case, _EDGE_LIMIT, _NEW_LIMIT)
            if judged.verdict != DIFFERENT:
                continue
            raises = self._raises_anew(edge.case, raised)
            if edge.is_inside and not raises:
                self._refute(judged)
                self._result.update(verdict=DIFFERENT, reason=f"on a grown case: {edge.case.label}")
                return False
            if not edge.is_inside and not (raises and edge.is_about_length):
                assumptions.add(edge)
        return True

    def _raises_anew(self, case: Case, raised: set[str]) -> bool:
        """Whether the old code raises on this case what it never raised in the run: it is not meant for it."""
        try:
            outcome: Outcome = self._old.run(case, _EDGE_LIMIT)
        except CannotCompare:
            return False
        return outcome.ending == "raised" and type(outcome.value).__qualname__ not in raised

    def _time(self) -> None:
        chosen = self._timed_cases()
        self._setting.stopwatch.drive = self._is_driven(chosen[0][0])
        fresh = any(judged.mutates for _, judged in chosen)
        found = compare_times(self._old, self._new, [case for case, _ in chosen], fresh, _TIMING_SECONDS)
        first = self._good[0][1]
        cold = self._new.prepare_seconds + first.new_seconds
        found["before"] *= _whole_over_part([j.seconds for _, j in self._good], [j.seconds for _, j in chosen])
        found["after"] = found["before"] / found["ratio"]
        self._result.update(timing=found)
        if self._job["compiles"] or self._job["allow_pools"]:
            self._result.update(cold=cold, break_even=self._break_even(found, cold))
        if found["before"] < _MEASURE_MEMORY_BELOW:
            cases = [case for case, _ in chosen]
            self._result["memory"] = [self._old.peak(cases), self._new.peak(cases)]

    def _timed_cases(self) -> list[tuple[Case, Judged]]:
        """Calls that fit a few times into the budget, the longest first; the shortest one in any case."""
        ordered = sorted(self._good, key=lambda pair: pair[1].seconds)
        chosen, room = [], _TIMING_SECONDS / 2
        for pair in reversed(ordered):
            takes = pair[1].seconds + min(pair[1].new_seconds, pair[1].seconds)  # the first new call may compile
            if takes <= room:
                room -= takes
                chosen.append(pair)
        return chosen or ordered[:1]

    def _is_driven(self, case: Case) -> bool:
        code = code_at(self._old_text, self._job["path"], self._job["qualname"])
        return bool(code and code.co_flags & 0x2A0)

    def _break_even(self, found: dict[str, float], cold: float) -> int:
        """After how many calls the start-up cost is won back; 0 when never."""
        calls = len(self._good)
        saved = (found["before"] - found["after"]) / calls
        extra = cold - found["after"] / calls
        return max(1, math.ceil(extra / saved)) if saved > 0 else 0


def _whole_over_part(whole: list[float], part: list[float]) -> float:
    return sum(whole) / sum(part) if sum(part) > 0 else 1.0
