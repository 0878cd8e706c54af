"""Shared settings of the tests."""

import signal
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent / "rules"))

settings.register_profile("whatever the load", deadline=None)
settings.load_profile("whatever the load")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
    # A shell starts what runs in the background deaf to Ctrl-C, and programs that tests start would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)

NEED_AN_IDLE_MACHINE = {
    "test_known_shares_within_three_points",
    "test_looking_does_not_slow_down_attribute_access",
    "test_sigterm_is_passed_on_and_ctrl_c_is_left_to_the_program",
}
"""Their outcome says nothing while other work takes the cores; they are run by hand, with the slow ones."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the machine for itself as slow."""
    for item in items:
        if getattr(item, "originalname", item.name) in NEED_AN_IDLE_MACHINE:
            item.add_marker(pytest.mark.slow)
