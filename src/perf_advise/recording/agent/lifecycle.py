"""When this process ends, whichever way, and when it forks: so that nothing recorded is lost or counted twice."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import atexit
import os

TYPE_CHECKING = False  # importing typing costs more than all of the agent
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Callback = Callable[[], None]

_on_end: list[Callback] = []
_on_fork: list[Callback] = []
_on_exec: list[Callback] = []
_process = {"pid": 0, "has_ended": False}

_getsignal = _signal.getsignal
_set_signal = _signal.signal
_exit = os._exit


def start() -> None:
    """Watch over this process; raises ValueError outside of the main interpreter's main thread."""
    if _process["pid"]:
        return
    if _getsignal(_signal.SIGTERM) == _signal.SIG_DFL:
        _set_signal(_signal.SIGTERM, _terminate)
    _process["pid"] = os.getpid()
    _signal.signal = _signal_as_if_alone
    _signal.getsignal = _getsignal_as_if_alone
    os._exit = _exit_with_end  # type: ignore[assignment]
    _wrap_exec()
    atexit.register(end)
    os.register_at_fork(after_in_child=_forked)


def on_end(callback: Callback) -> None:
    """Call back once when the process ends: at exit, on SIGTERM, in `os._exit`; the last one added first."""
    _on_end.append(callback)


def on_fork(callback: Callback) -> None:
    """Call back in the child after a fork; `on_end` callbacks run there too."""
    _on_fork.append(callback)


def on_exec(callback: Callback) -> None:
    """Call back before another program takes the place of this one."""
    _on_exec.append(callback)


def end() -> None:
    """Run the `on_end` callbacks, once per process; one that fails does not keep the others from running."""
    if not _process["has_ended"]:
        _process["has_ended"] = True
        _run(reversed(_on_end))


def _run(callbacks: Iterable[Callback]) -> None:
    for callback in callbacks:
        try:
            callback()
        except Exception:  # the program must end as it would have
            continue


def _forked() -> None:
    _process.update(pid=os.getpid(), has_ended=False)
    _run(_on_fork)


def _terminate(signum: int, frame: object) -> None:
    end()
    _set_signal(signum, _signal.SIG_DFL)
    os.kill(os.getpid(), signum)


def _exit_with_end(status: int) -> None:
    end()
    _exit(status)


def _wrap_exec() -> None:
    for name in ("execv", "execve"):
        setattr(os, name, _before_exec(getattr(os, name)))


def _before_exec(execute: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: Any) -> Any:
        _run(_on_exec)
        return execute(*args)

    wrapper.__name__ = wrapper.__qualname__ = execute.__name__
    return wrapper


def _signal_as_if_alone(signum: int, handler: Any) -> Any:
    """`signal.signal` that takes our handler of SIGTERM for the default one."""
    if signum == _signal.SIGTERM and handler == _signal.SIG_DFL and os.getpid() == _process["pid"]:
        handler = _terminate
    return _hidden(_set_signal(signum, handler))


def _getsignal_as_if_alone(signum: int) -> Any:
    return _hidden(_getsignal(signum))


def _hidden(handler: Any) -> Any:
    return _signal.SIG_DFL if handler is _terminate else handler
