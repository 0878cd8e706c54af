"""When this process ends, whichever way, and when it forks: so that nothing recorded is lost or counted twice."""

from __future__ import annotations

import atexit
import os

from . import signals

TYPE_CHECKING = False  # importing typing costs more than all of the agent
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Callback = Callable[[], None]

_on_end: list[Callback] = []
_on_fork: list[Callback] = []
_on_exec: list[tuple[Callback, Callback]] = []
_process = {"has_started": False, "is_ending": False, "has_ended": False, "is_to_terminate": False}
_exit = os._exit
_kill = os.kill


def start() -> None:
    """Watch over this process; raises ValueError outside of the main interpreter's main thread."""
    if _process["has_started"]:
        return
    signals.take(signals.SIGTERM, _terminate)
    _process["has_started"] = True
    os._exit = _exit_with_end  # type: ignore[assignment]
    for name in ("execv", "execve"):
        setattr(os, name, _before_exec(getattr(os, name)))
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=signals.hold, after_in_parent=signals.let_go, after_in_child=_forked)
    atexit.register(end)


def on_end(callback: Callback) -> None:
    """Call back once when the process ends: at exit, on SIGTERM, in `os._exit`; the last one added first."""
    _on_end.append(callback)


def on_fork(callback: Callback) -> None:
    """Call back in the child after a fork; `on_end` callbacks run there too."""
    _on_fork.append(callback)


def on_exec(before: Callback, failed: Callback) -> None:
    """Call back before another program takes the place of this one, and again when that failed."""
    _on_exec.append((before, failed))


def end() -> None:
    """Run the `on_end` callbacks, once per process; one that fails does not keep the others from running."""
    if _process["is_ending"] or _process["has_ended"]:
        return
    _process["is_ending"] = True
    _run(reversed(_on_end))
    _process.update(is_ending=False, has_ended=True)
    if _process["is_to_terminate"]:
        _terminate(signals.SIGTERM, None)


def _run(callbacks: Iterable[Callback]) -> None:
    for callback in callbacks:
        try:
            callback()
        except Exception:  # the program must end as it would have
            continue


def _forked() -> None:
    _process.update(is_ending=False, has_ended=False, is_to_terminate=False)
    _run(_on_fork)
    signals.let_go()


def _terminate(signum: int, frame: object) -> None:
    if _process["is_ending"]:  # it came in the middle of that
        _process["is_to_terminate"] = True
        return
    end()
    signals.give_back(signum)
    _kill(os.getpid(), signum)


def _exit_with_end(status: int) -> None:
    end()
    _exit(status)


def _before_exec(execute: Callable[..., Any]) -> Callable[..., Any]:
    def wrapper(*args: Any) -> Any:
        _run(before for before, _ in _on_exec)
        try:
            return execute(*args)
        finally:  # only reached when it failed
            _run(failed for _, failed in _on_exec)

    wrapper.__name__ = wrapper.__qualname__ = execute.__name__
    return wrapper
