"""Files of a folder asked one by one what they are.

## What it does
Finds `os.listdir(folder)` whose names are joined to the folder again and asked for their kind, size or time
(`os.path.isfile`, `isdir`, `islink`, `getsize`, `getmtime`, `os.stat`), and `path.iterdir()` with `is_file()` or
`is_dir()`, and names `os.scandir`.

## Why it is slow
Each question is a call to the system and each join a new text; `os.scandir` gets the kind of each entry together with
its name, and keeps what `stat` answered.

## When it is not the same
`entry.is_dir()` and `entry.is_file()` follow links as `os.path` does. The answers are those of the moment of the
listing; a folder that changes meanwhile is seen as it was.

## When it is not faster
For folders of a few files.

## References
PEP 471; measured: 5x to 6x in a folder of some hundred entries, on a local disk.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Rule, Silent, View, cst, match_pattern, same_code

SIZES = """
import os


def total(folder):
    size = 0
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            size += os.path.getsize(path)
    return size
"""
FOLDERS = """
from pathlib import Path


def folders(top: Path) -> list[str]:
    return sorted(path.name for path in top.iterdir() if path.is_dir())
"""
_ASKED = ("isfile", "isdir", "islink", "getsize", "getmtime", "getctime")
_QUESTIONS = (*(f"os.path.{name}($path)" for name in _ASKED), "os.stat($path)", "os.lstat($path)")
_METHODS = ("$path.is_file()", "$path.is_dir()", "$path.is_symlink()")

RULE = Rule(
    code="PA411",
    name="entry-asked-by-name",
    message="each entry of `{folder}` is asked by its name: a call to the system for each",
    applicability=DISPLAY,
    examples=(
        Example(before=SIZES, after=SIZES, calls=("total(os.curdir) >= 0",), applicability=DISPLAY),
        Example(before=FOLDERS, after=FOLDERS, calls=("len(folders(Path('/'))) > 0",), applicability=DISPLAY),
    ),
    silent=(
        Silent(
            SIZES.replace("os.path.isfile(path)", "name.endswith('.py')").replace("getsize", "basename"),
            why="no question",
        ),
        Silent(SIZES.replace("os.path.join(folder, name)", "os.path.join(folder, 'x')"), why="another file"),
        Silent(SIZES.replace("os.listdir(folder)", "folder.names()"), why="no listing of a folder"),
        Silent(FOLDERS.replace("iterdir", "parts_of"), why="no listing of a folder"),
        Silent(FOLDERS.replace("if path.is_dir()", "if top.is_dir()"), why="the folder itself is asked"),
    ),
)


def see(view: View) -> Iterator[Match]:
    loops: list[cst.For | cst.CompFor] = [*view.walk(cst.For), *view.walk(cst.CompFor)]
    for loop in loops:
        if not isinstance(loop.target, cst.Name):
            continue
        whole = loop if isinstance(loop, cst.For) else view.parent(loop)
        listed = _listed(view, loop.iter, "os.listdir($folder)", "os.listdir()")
        below = _listed(view, loop.iter, "$folder.iterdir()")
        if whole is not None and (
            (listed is not None and _asks(view, whole, _paths(view, whole, loop.target), _QUESTIONS))
            or (below is not None and _asks(view, whole, [loop.target], _METHODS))
        ):
            folder = listed if listed is not None else below
            note = "go over `os.scandir`, and ask each entry: `entry.is_file()`, `entry.stat()`, `entry.path`"
            yield Match(loop.iter, {"folder": folder}, note=note, fixable=False)


def _listed(view: View, items: cst.BaseExpression, *patterns: str) -> cst.BaseExpression | None:
    """The folder that is listed, be it sorted or not; the listing itself where the folder has no name."""
    ordered = match_pattern("sorted($listing)", items, view.facts)
    listing = ordered["listing"] if ordered else items
    for pattern in patterns:
        if (bound := match_pattern(pattern, listing, view.facts)) is not None:
            return bound.get("folder", listing)
    return None


def _paths(view: View, whole: cst.CSTNode, name: cst.Name) -> list[cst.BaseExpression]:
    """What stands for the path of an entry: its name joined to a folder, and a variable that is assigned that."""
    joins: list[cst.BaseExpression] = []
    for call in view.walk(cst.Call):
        bound = match_pattern("os.path.join($folder, $name)", call, view.facts)
        if bound is not None and view.inside(call, whole) and same_code(bound["name"], name):
            holder = view.parent(call)
            targets = [t.target for t in holder.targets] if isinstance(holder, cst.Assign) else []
            joins += [call, *(target for target in targets if isinstance(target, cst.Name))]
    return joins


def _asks(view: View, whole: cst.CSTNode, paths: list[cst.BaseExpression], questions: tuple[str, ...]) -> bool:
    """Whether the loop asks one of these questions of an entry."""
    for call in view.walk(cst.Call):
        for question in questions if view.inside(call, whole) else ():
            bound = match_pattern(question, call, view.facts)
            if bound is not None and any(same_code(bound["path"], path) for path in paths):
                return True
    return False
