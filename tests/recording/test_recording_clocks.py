"""Waiting told from being interrupted, by what the system counts."""

import sys
import time

import pytest

from perf_advise.recording.agent.clocks import ThreadClocks

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counted on Linux only")


def test_a_pause_after_a_short_wait_is_none_of_its_time() -> None:
    clocks = ThreadClocks()
    time.sleep(0.001)
    assert clocks.without_pauses(0.0002, 0.0) == 0.0002
    assert clocks.without_pauses(0.1, 0.02) == 0.02


def test_what_the_agent_waited_for_is_passed_over() -> None:
    clocks = ThreadClocks()
    time.sleep(0.001)
    clocks.pass_over()
    assert clocks.without_pauses(0.1, 0.02) == 0.02
    time.sleep(0.001)
    assert clocks.without_pauses(0.1, 0.02) == 0.1
