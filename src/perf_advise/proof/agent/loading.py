"""Imports the module of the function from a given text, and finds the function objects that its lines define."""

from __future__ import annotations

import ast
import builtins
import importlib
import importlib.machinery
import os
import sys
from types import CodeType, ModuleType
from typing import Any

from .main_script import needed_statements

NOTE = "__perf_advise_note__"
MAIN = "_perf_advise_main"


class CannotLoad(Exception):
    """The module cannot be imported for a replay; the reason is the text."""


class Loaded:
    """The imported module, and the objects that were noted while it ran, by key."""

    def __init__(self) -> None:
        self.module: Any = None
        self.noted: dict[str, Any] = {}
        self.problems: list[str] = []


def load(job: dict[str, Any], text: str, notes: list[dict[str, Any]]) -> Loaded:
    """Import the job's module from `text`. A note is {key, line, name, place}: the object that the `def` of `name`
    at `line` makes, before the decorators above `place` are applied. Raises CannotLoad."""
    loaded = Loaded()
    setattr(builtins, NOTE, lambda key: lambda thing: loaded.noted.setdefault(key, thing))
    tree = noted_tree(text, job["path"], notes)
    try:
        if job["is_main"]:
            _run_script(loaded, job, tree)
        else:
            _import(loaded, job, tree)
    except CannotLoad:
        raise
    except (Exception, SystemExit) as error:
        raise CannotLoad(f"its module cannot be imported outside of the run ({error_line(error)})") from None
    missing = [note["name"] for note in notes if note["key"] not in loaded.noted]
    if missing:
        why = f" ({loaded.problems[-1]})" if loaded.problems else ""
        raise CannotLoad(f"{missing[0]} is not defined when its module is imported{why}")
    return loaded


def error_line(error: BaseException) -> str:
    """`ValueError: text`, shortened."""
    return f"{type(error).__name__}: {error}"[:160]


def noted_tree(text: str, path: str, notes: list[dict[str, Any]]) -> ast.Module:
    """The module's tree with the decorators that note functions."""
    tree = ast.parse(text, path)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for note in notes:
                if (node.lineno, node.name) == (note["line"], note["name"]):
                    place = len(node.decorator_list) if note["place"] is None else note["place"]
                    node.decorator_list.insert(place, _noting(node, note["key"]))
    return ast.fix_missing_locations(tree)


def _noting(node: ast.AST, key: str) -> ast.expr:
    call = ast.Call(ast.Name(NOTE, ast.Load()), [ast.Constant(key)], [])
    return ast.copy_location(call, node)


def _import(loaded: Loaded, job: dict[str, Any], tree: ast.Module) -> None:
    finder = _Finder(job["path"], tree)
    sys.meta_path.insert(0, finder)
    try:
        loaded.module = importlib.import_module(job["module"])
    finally:
        sys.meta_path.remove(finder)
    if not finder.was_used:
        raise CannotLoad(f"module {job['module']} is another file here")


class _Finder:
    """Gives the module its tree, whatever the file holds now."""

    def __init__(self, path: str, tree: ast.Module) -> None:
        self._path, self._tree = os.path.realpath(path), tree
        self.was_used = False

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if finder is not self and find else None
            if spec is not None:
                break
        else:
            return None
        if spec.origin and os.path.realpath(spec.origin) == self._path:
            spec.loader = _Loader(spec.loader.name, spec.loader.path, self._tree)
            self.was_used = True
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self._tree = tree

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._tree, self.path, "exec", dont_inherit=True)


def _run_script(loaded: Loaded, job: dict[str, Any], tree: ast.Module) -> None:
    """A script's definitions under a private name, statement by statement; what fails is left undefined."""
    module = ModuleType(MAIN)
    module.__file__ = job["path"]
    module.__package__ = job["package"]
    sys.modules[MAIN] = module
    sys.path.insert(0, os.path.dirname(os.path.abspath(job["path"])))
    loaded.module = module
    for statement in needed_statements(tree, set(job["needed"]), set(job["kept_globals"])):
        piece = ast.Module([statement], [])
        try:
            exec(compile(piece, job["path"], "exec", _future_flags(tree), dont_inherit=True), module.__dict__)
        except (Exception, SystemExit) as error:
            loaded.problems.append(error_line(error))


def _future_flags(tree: ast.Module) -> int:
    import __future__

    flags = 0
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    return flags


def code_at(text: str, path: str, qualname: str) -> CodeType | None:
    """The code object of a function or method, compiled from `text`."""
    code: CodeType | None = compile(ast.parse(text, path), path, "exec", dont_inherit=True)
    for name in qualname.split("."):
        inner = [c for c in (code.co_consts if code else ()) if isinstance(c, CodeType) and c.co_name == name]
        code = inner[-1] if inner else None
    return code
