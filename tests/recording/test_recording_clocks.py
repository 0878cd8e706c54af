"""Waiting told from being interrupted, by what the system counts."""

import sys
import threading
import time
from pathlib import Path

import pytest

from perf_advise.recording.agent import clocks as clocks_module
from perf_advise.recording.agent.clocks import ThreadClocks
from perf_advise.recording.agent.sampler import Sampler

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counted on Linux only")


def test_a_pause_after_a_short_wait_is_none_of_its_time() -> None:
    clocks = ThreadClocks()
    time.sleep(0.001)
    assert clocks.paused(0.0002, 0.0) == 0.0
    assert clocks.paused(0.1, 0.02) == pytest.approx(0.08)


def test_what_the_agent_waited_for_is_passed_over() -> None:
    clocks = ThreadClocks()
    time.sleep(0.001)
    clocks.pass_over()
    assert clocks.paused(0.1, 0.02) == pytest.approx(0.08)
    time.sleep(0.001)
    assert clocks.paused(0.1, 0.02) == 0.0


def test_threads_that_are_ready_to_run_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system tells of the time in its queue when it is over: what is found late is taken off what follows."""
    queued = {"now": 0.0}
    monkeypatch.setattr(clocks_module, "_native_id", lambda ident: ident)
    monkeypatch.setattr(clocks_module, "_time_queued", lambda thread_id: queued["now"])
    clocks, worker = ThreadClocks(), 1
    assert clocks.waited(0.02, {worker: 0.001}) == pytest.approx(0.019)
    assert clocks.waited(0.02, {worker: 0.0}) == pytest.approx(0.02)
    queued["now"] = 0.03
    assert clocks.waited(0.02, {worker: 0.005}) == 0.0
    assert clocks.waited(0.02, {worker: 0.001}) == pytest.approx(0.004)
    assert clocks.waited(0.02, {worker: 0.001}) == pytest.approx(0.019)


def test_the_time_in_the_queue_is_what_the_system_counted() -> None:
    queued = clocks_module._time_queued(threading.get_native_id())
    counted = Path("/proc/thread-self/schedstat").read_text().split()[1]
    assert queued == pytest.approx(int(counted) / 1e9, abs=0.5)
    assert clocks_module._time_queued(2**22 + 1) is None


def test_where_a_pause_fell_is_no_place_to_count_for(tmp_path: Path) -> None:
    """The CPU time goes to the next tick, which comes when the interval is full: so pauses do not set the step."""
    sampler = Sampler(str(tmp_path), str(tmp_path))
    assert sampler._held(0.0004, False) == 0.0004
    usual = sampler.delay()
    assert sampler._held(0.001, True) == 0.0
    assert sampler.delay() == pytest.approx(usual - 0.001, abs=0.07 * usual)
    assert sampler._held(0.0015, True) == pytest.approx(0.0025)
    assert sampler.delay() == pytest.approx(usual, abs=0.07 * usual)
    assert sampler._held(0.001, True) == 0.0
    sampler.interval = 0.0005
    assert 0 < sampler.delay() < 0.0005
