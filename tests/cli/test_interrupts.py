"""Ctrl-C: held back in imports, and recognised behind the errors that it turns into."""

import os
import signal
from collections.abc import Callable

import pytest

from perf_advise.cli.interrupts import held_back, is_behind
from perf_advise.cli.output import guarded
from perf_advise.model.errors import UserError


def test_an_interruption_comes_at_the_end_of_the_block() -> None:
    done = False
    with pytest.raises(KeyboardInterrupt), held_back():
        os.kill(os.getpid(), signal.SIGINT)
        done = True
    assert done and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_somebody_else_stays() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with held_back():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def _handling() -> int:
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        raise KeyError(1)


def _caused() -> int:
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt as interruption:
        raise RuntimeError("Error calling __set_name__") from interruption


@pytest.mark.parametrize("call", [_handling, _caused])
def test_an_error_made_of_an_interruption_is_one(call: Callable[[], int]) -> None:
    with pytest.raises(KeyboardInterrupt):
        guarded(call)


def test_other_errors_are_none() -> None:
    assert not is_behind(UserError("no such file"))
    try:
        raise ValueError from OSError()
    except ValueError as error:
        assert not is_behind(error)
