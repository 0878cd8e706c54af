"""Which branches a call took: each branch of an instrumented function sets a local flag of its own."""

from __future__ import annotations

import ast
from typing import Any

_MOST = 48
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def flag_branches(function: Any, prefix: str) -> list[str]:
    """Put `flag = True` at the start of each branch of the function itself; returns the names of the flags."""
    names: list[str] = []
    for block in _blocks(function):
        if len(names) == _MOST:
            break
        names.append(f"{prefix}{len(names)}__")
        flag = ast.Assign([ast.Name(names[-1], ast.Store())], ast.Constant(True))
        place = block[0] if block else function
        block.insert(0, ast.copy_location(flag, place))
    return names


def _blocks(function: Any) -> list[list[ast.stmt]]:
    """Bodies of `if`, loops and handlers, and the other way out of each `if`."""
    found: list[list[ast.stmt]] = []
    todo: list[Any] = list(function.body)
    while todo:
        node = todo.pop()
        if isinstance(node, _NESTED):
            continue
        if isinstance(node, (ast.If, ast.For, ast.While, ast.ExceptHandler)):
            found.append(node.body)
        if isinstance(node, ast.If) and not (len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If)):
            found.append(node.orelse)
        todo += [child for child in ast.iter_child_nodes(node) if isinstance(child, (ast.stmt, ast.ExceptHandler))]
    return found


class Coverage:
    """Which branches the kept calls of one function take, and the hunt for calls that take others."""

    def __init__(self, hunts: int) -> None:
        self._covered: set[int] = set()
        self._known: set[int] = set()
        self._left = hunts

    def keep(self, paths: tuple[bool, ...]) -> None:
        """A kept call took these branches."""
        self._covered.update(place for place, taken in enumerate(paths) if taken)

    def is_news(self, paths: tuple[bool, ...]) -> bool:
        """Whether a call took a branch that no kept one takes; others like it are hunted for from now on."""
        new = {place for place, taken in enumerate(paths) if taken} - self._covered
        self._known |= new
        return bool(new)

    def hunt(self) -> bool:
        """Whether to look closely at this call although the quota lets it go: some branch is still missing."""
        if self._left <= 0 or self._known <= self._covered:
            return False
        self._left -= 1
        return True
