"""Gives the wanted functions their instrumented code: in imported modules, in `__main__`, in spawned workers."""

from __future__ import annotations

import ast
import importlib.machinery
import os
import sys
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any

Skipped = Callable[[int, str], None]


class Instrumenter:
    """A meta path finder for the files with wanted functions, and a runner for a script among them."""

    def __init__(self, functions: list[dict[str, str]], skipped: Skipped) -> None:
        self._wanted: dict[str, dict[str, int]] = {}
        for number, function in enumerate(functions):
            path = os.path.realpath(function["path"])
            self._wanted.setdefault(path, {})[function["qualname"]] = number
        self._skipped = skipped

    def install(self) -> None:
        """Watch imports, the script that is about to run, and scripts that workers import."""
        sys.meta_path.insert(0, self)
        if self._is_wanted(sys.argv[0] if sys.argv else ""):
            hook = _ScriptHook(self)
            sys.addaudithook(hook)
        if sys.argv[:1] == ["-c"]:
            self._watch_runpy()

    def _is_wanted(self, path: str) -> bool:
        return bool(path) and os.path.realpath(path) in self._wanted

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The spec that the other finders give, with a loader of ours when the file holds a wanted function."""
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if finder is not self and find else None
            if spec is not None:
                return self._with_loader(spec)
        return None

    def _with_loader(self, spec: Any) -> Any:
        if not spec.origin or not self._is_wanted(spec.origin):
            return spec
        if type(spec.loader) is importlib.machinery.SourceFileLoader:
            spec.loader = _Loader(spec.loader.name, spec.loader.path, self)
        else:
            for number in self._wanted[os.path.realpath(spec.origin)].values():
                self._skipped(number, f"its module is loaded by {type(spec.loader).__name__}")
        return spec

    def code_of(self, path: str) -> CodeType | None:
        """The instrumented code of a file with wanted functions; None where that fails, or for other files."""
        if not self._is_wanted(path):
            return None
        wanted = self._wanted[os.path.realpath(path)]
        try:
            with open(path, "rb") as stream:
                return self._compile(stream.read(), path, wanted)
        except Exception as error:
            for number in wanted.values():
                self._skipped(number, f"its module could not be instrumented ({error})")
            return None

    def _compile(self, source: bytes, path: str, wanted: dict[str, int]) -> CodeType:
        from .calls_rewriting import instrument  # ast work only where a wanted file is met

        tree = ast.parse(source, path)
        for qualname, why in instrument(tree, wanted).items():
            self._skipped(wanted[qualname], why)
        return compile(tree, path, "exec", dont_inherit=True)

    def _watch_runpy(self) -> None:
        """Workers that are spawned import the main script through `runpy`."""
        import runpy

        inner: Any = runpy._get_code_from_file  # type: ignore[attr-defined]

        def get_code(*args: Any) -> Any:
            code = self.code_of(os.fspath(args[-1]))
            if code is None:
                return inner(*args)
            return (code, args[-1]) if sys.version_info < (3, 12) else code

        runpy._get_code_from_file = get_code  # type: ignore[attr-defined]


class _Loader(importlib.machinery.SourceFileLoader):
    """Compiles the instrumented tree instead of reading a cached file."""

    def __init__(self, name: str, path: str, instrumenter: Instrumenter) -> None:
        super().__init__(name, path)
        self._instrumenter = instrumenter

    def get_code(self, fullname: str) -> Any:
        code = self._instrumenter.code_of(self.path)
        return code if code is not None else super().get_code(fullname)


class _ScriptHook:
    """Runs the instrumented script in `__main__` at the moment when Python would run the file itself."""

    __cantrace__ = True  # debuggers and coverage must see the script

    def __init__(self, instrumenter: Instrumenter) -> None:
        self._instrumenter: Instrumenter | None = instrumenter

    def __call__(self, event: str, args: Any) -> None:
        if self._instrumenter is None or event != "cpython.run_file":
            return
        instrumenter, self._instrumenter = self._instrumenter, None
        code = instrumenter.code_of(args[0])
        if code is not None:
            run_as_main(code, args[0])
            raise SystemExit(0)


def run_as_main(code: CodeType, path: str) -> None:
    """Execute a script's code in `__main__`, set up as Python does for a file."""
    main: ModuleType = sys.modules["__main__"]
    main.__file__ = path
    main.__loader__ = importlib.machinery.SourceFileLoader("__main__", path)
    main.__dict__["__cached__"] = None
    exec(code, main.__dict__)
