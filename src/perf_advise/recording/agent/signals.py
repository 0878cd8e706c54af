"""The signals that recording uses, without the program noticing, and without getting in its way.

Python's `signal` module is a wrapper around `_signal`: replacing functions there, before the program imports
`signal`, is enough.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import _thread
import sys

TYPE_CHECKING = False  # importing typing costs more than all of the agent
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

SIGTERM = _signal.SIGTERM
SIGALRM: int = getattr(_signal, "SIGALRM", 0)
"""0 where there is none."""
DEFAULT = _signal.SIG_DFL

_AGAIN = 0.1

_real: dict[str, Any] = {}
_ours: dict[int, Any] = {}
_on_alarm_used: list[Callable[[], None]] = []
_uses: set[str] = set()
_held: dict[int, set[int]] = {}
# What else depends on no alarm coming in between, or would be woken by each.
_DISTURBED = (
    "setitimer",
    "alarm",
    "pause",
    "set_wakeup_fd",
    "pthread_sigmask",
    "sigwait",
    "sigwaitinfo",
    "sigtimedwait",
)


def take(signum: int, handler: Any) -> bool:
    """Handle a signal that has its default meaning so far; False when the program has it already.

    It interrupts system calls, as signals do in Python: were they restarted, a signal of the program that comes
    together with ours would go unnoticed until the call is over.

    Raises ValueError outside of the main interpreter's main thread.
    """
    _wrap()
    if _real["getsignal"](signum) != DEFAULT:
        return False
    _real["signal"](signum, handler)
    _ours[signum] = handler
    return True


def give_back(signum: int) -> None:
    """Give a signal its default meaning back."""
    if signum in _ours and _real["getsignal"](signum) is _ours[signum]:
        _real["signal"](signum, DEFAULT)
    _ours.pop(signum, None)


def on_alarm_used(callback: Callable[[], None]) -> None:
    """Call back before the program itself uses SIGALRM, or anything that an alarm would disturb."""
    _on_alarm_used.append(callback)


def alarm_after(seconds: float) -> None:
    """Send SIGALRM after `seconds`, and again now and then should nobody ask for the next; 0 for never."""
    _real["setitimer"](_signal.ITIMER_REAL, seconds, _AGAIN if seconds else 0.0)


def keep_awake() -> None:
    """Wake the main thread now and then, unless the program uses the alarm, and until it does.

    A SIGTERM right before a wait in C code would go unnoticed until the end of that, which may never come.
    """
    if SIGALRM and take(SIGALRM, _wake):
        on_alarm_used(let_sleep)
    stay_awake()


def stay_awake() -> None:
    """Go on with that, where it was begun: after a fork, which takes the timer away."""
    if _ours.get(SIGALRM) is _wake:
        alarm_after(_AGAIN)


def let_sleep() -> None:
    """Leave it for good."""
    if _ours.get(SIGALRM) is not _wake:
        return
    alarm_after(0)
    try:  # without contextlib, whose import costs more than all of the agent
        give_back(SIGALRM)
    except ValueError:  # only the main thread may
        return


def _wake(signum: int, frame: object) -> None:
    pass


def hold() -> None:
    """Keep SIGTERM back from this thread: right after a fork Python forgets what its handlers have yet to see."""
    if SIGTERM in _ours:
        _held[_thread.get_ident()] = _real["pthread_sigmask"](_signal.SIG_BLOCK, (SIGTERM,))


def let_go() -> None:
    """Let through what came meanwhile."""
    before = _held.pop(_thread.get_ident(), None)
    if before is not None and SIGTERM not in before:
        _real["pthread_sigmask"](_signal.SIG_UNBLOCK, (SIGTERM,))


def _wrap() -> None:
    if _real:
        return
    for name in ("signal", "getsignal", "getitimer", *_DISTURBED):
        if hasattr(_signal, name):
            _real[name] = getattr(_signal, name)
    _replace("signal", _signal_as_if_alone)
    _replace("getsignal", _getsignal_as_if_alone)
    _replace("getitimer", _getitimer_as_if_alone)
    for name in _DISTURBED:
        _replace(name, _announced(name))


def _replace(name: str, function: Callable[..., Any]) -> None:
    real = _real.get(name)
    if real is None:
        return
    function.__name__ = function.__qualname__ = name
    setattr(_signal, name, function)
    imported = sys.modules.get("signal")
    if imported is not None and getattr(imported, name, None) is real:
        setattr(imported, name, function)


def _announced(name: str) -> Callable[..., Any]:
    def wrapper(*args: Any) -> Any:
        if _disturbs(name, args):
            _uses.add(name)
            _alarm_is_used()
        done = _real[name](*args)
        if name == "set_wakeup_fd" and args[:1] == (-1,):
            _wakeup_is_over()
        return done

    return wrapper


def _disturbs(name: str, args: tuple[Any, ...]) -> bool:
    if name == "set_wakeup_fd":
        return args[:1] != (-1,)
    return name != "pthread_sigmask" or (args[0] != _signal.SIG_UNBLOCK and SIGALRM in args[1])


def _wakeup_is_over() -> None:
    """Event loops end, and the children of a fork server put off what they inherited: nothing wakes them any more."""
    _uses.discard("set_wakeup_fd")
    if not _uses and _ours:
        keep_awake()


def _alarm_is_used() -> None:
    callbacks = _on_alarm_used[:]
    _on_alarm_used.clear()
    for callback in callbacks:
        callback()


def _signal_as_if_alone(signum: int, handler: Any) -> Any:
    """`signal.signal` that takes our handlers for the default one, and keeps ours while that is wanted."""
    if SIGALRM and signum == SIGALRM:
        _uses.add("signal")
        _alarm_is_used()
    ours = _ours.get(signum)
    if ours is not None and handler == DEFAULT:
        handler = ours
    before = _real["signal"](signum, handler)
    return DEFAULT if before is not None and before is ours else before


def _getsignal_as_if_alone(signum: int) -> Any:
    handler = _real["getsignal"](signum)
    return DEFAULT if handler is not None and handler is _ours.get(signum) else handler


def _getitimer_as_if_alone(which: int) -> Any:
    if which == _signal.ITIMER_REAL and SIGALRM in _ours:
        return (0.0, 0.0)
    return _real["getitimer"](which)
