"""What the program sees of its environment: as if it ran alone, while its child processes are recorded all the same.

Our variables stay in the process's own environment, which children inherit, and leave `os.environ`; an environment
that the program puts together itself for a child gets them back.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # importing typing costs more than all of the agent
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

PREFIX = "_PERF_ADVISE_"
_PATH = "PYTHONPATH"


def hide(startup: str) -> None:
    """Take our variables out of `os.environ`, and `startup` off its PYTHONPATH; watch for children's environments."""
    ours = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    for name in ours:
        _set_unseen(name, None)
    _set_unseen(_PATH, _without(os.environ.get(_PATH, ""), startup))
    add = _Adder(ours, startup)
    for name in ("execve", "posix_spawn", "posix_spawnp"):
        if hasattr(os, name):
            setattr(os, name, add.to_last_argument(getattr(os, name)))
    _once_imported("subprocess", add.to_popen)


def _without(path: str, startup: str) -> str | None:
    return os.pathsep.join(part for part in path.split(os.pathsep) if part != startup) or None


def _set_unseen(name: str, value: str | None) -> None:
    """Change a variable in `os.environ` alone: assigning to it would change what children inherit."""
    environ: Any = os.environ
    key = environ.encodekey(name)
    if value is None:
        environ._data.pop(key, None)
    else:
        environ._data[key] = environ.encodevalue(value)


class _Adder:
    def __init__(self, ours: dict[str, str], startup: str) -> None:
        self._ours = ours
        self._startup = startup

    def to(self, environment: Mapping[Any, Any] | None) -> Mapping[Any, Any] | None:
        """The environment for a child, with ours; None, which is what it inherits, stays."""
        if environment is None or any(isinstance(name, bytes) for name in environment):
            return environment
        rest = _without(environment.get(_PATH) or "", self._startup)
        path = self._startup if rest is None else self._startup + os.pathsep + rest
        return {**environment, **self._ours, _PATH: path}

    def to_last_argument(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function of `os` whose third argument is an environment."""

        def wrapper(path: Any, arguments: Any, environment: Any, **options: Any) -> Any:
            return function(path, arguments, self.to(environment), **options)

        wrapper.__name__ = wrapper.__qualname__ = function.__name__
        return wrapper

    def to_popen(self, subprocess: Any) -> None:
        """Every `subprocess.Popen`."""
        execute = subprocess.Popen._execute_child
        at = execute.__code__.co_varnames.index("env") - 1

        def _execute_child(popen: Any, *arguments: Any) -> Any:
            environment = self.to(arguments[at])
            return execute(popen, *arguments[:at], environment, *arguments[at + 1 :])

        subprocess.Popen._execute_child = _execute_child


def _once_imported(name: str, callback: Callable[[Any], None]) -> None:
    """Call back with a module right after its import, or now."""
    if name in sys.modules:
        callback(sys.modules[name])
    else:
        sys.meta_path.insert(0, _Finder(name, callback))


class _Finder:
    """Finds nothing itself; for one module it lets the others find, and adds a step to the loading."""

    def __init__(self, name: str, callback: Callable[[Any], None]) -> None:
        self._name = name
        self._callback = callback

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The spec that the other finders have for the module, once."""
        if name != self._name or self not in sys.meta_path:
            return None
        sys.meta_path.remove(self)
        spec = next(filter(None, (finder.find_spec(name, path, target) for finder in sys.meta_path)), None)
        loader: Any = spec and spec.loader
        if loader is not None:
            execute = loader.exec_module

            def exec_module(module: Any) -> None:
                execute(module)
                self._callback(module)

            loader.exec_module = exec_module
        return spec
