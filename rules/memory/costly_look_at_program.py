"""A costly look at the program itself in a hot function.

## What it does
Finds calls that inspect the running program or copy whole structures to look at one part of them: `inspect.stack()`,
`inspect.signature(f)`, `dataclasses.asdict(x)`, `typing.get_type_hints(x)`, `importlib.metadata.version(...)` and the
like, and names the cheaper way for each.

## Why it is slow
`inspect.stack()` reads the source line of every frame, milliseconds per call; `signature` and `get_type_hints` build
objects for every parameter; `asdict` copies deeply. None of them keeps what it found.

## When it is not the same
The answers are the same as long as the functions and classes asked about do not change while the program runs.

## When it is not faster
Where the function runs once: it would not be hot.

## References
462 performance fixes read: 37 were of costs hidden in types and calls (`inspect.stack`, `asdict`, Enum
iteration), in 24 projects.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Rule, Silent, View, cst

CALLER = """
import inspect


def caller_name() -> str:
    return inspect.stack()[1].function
"""
HINTS = """
import typing


def check(kind, values):
    hints = typing.get_type_hints(kind)
    return all(isinstance(v, hints[k]) for k, v in values.items())
"""

REPAIRS = {
    "inspect.stack": ("reads the source of every frame", "`sys._getframe(1)` gives the caller's frame alone"),
    "inspect.getouterframes": ("reads the source of every frame", "follow `frame.f_back` instead"),
    "traceback.extract_stack": ("reads the source of every frame", "follow `sys._getframe().f_back` instead"),
    "traceback.format_stack": ("reads the source of every frame", "follow `sys._getframe().f_back` instead"),
    "inspect.signature": ("builds an object per parameter", "ask once per function and keep it in a dict"),
    "inspect.getfullargspec": ("builds a signature first", "ask once per function and keep it in a dict"),
    "inspect.getmembers": ("asks for every attribute of the object", "ask for the ones that are needed"),
    "inspect.getsource": ("reads and splits the whole file", "ask once per function and keep it"),
    "inspect.getmodule": ("goes over all modules", "`sys.modules[f.__module__]` is the same for most objects"),
    "typing.get_type_hints": ("evaluates every annotation", "ask once per class and keep it (`functools.cache`)"),
    "dataclasses.asdict": ("copies deeply", "read the fields that are needed, or write the dict by hand"),
    "dataclasses.astuple": ("copies deeply", "read the fields that are needed, or write the tuple by hand"),
    "importlib.metadata.version": ("reads files of the package", "ask once, at module level"),
    "importlib.metadata.entry_points": ("reads files of every package", "ask once and keep it (`functools.cache`)"),
    "importlib.util.find_spec": ("asks the file system", "ask once, at module level"),
    "shutil.which": ("asks the file system for each folder of the path", "ask once, at module level"),
    "platform.platform": ("puts a text together from many sources", "ask once, at module level"),
    "locale.getpreferredencoding": ("asks the system", "ask once, at module level"),
}

MANY = 50
"""Calls from which on what each one makes anew is worth a line."""

RULE = Rule(
    code="PA804",
    name="costly-look-at-program",
    measured=True,
    message="`{call}` {why}, again on each call",
    applicability=DISPLAY,
    examples=(
        Example(before=CALLER, after=CALLER, applicability=DISPLAY),
        Example(before=HINTS, after=HINTS, calls=("check(int, {})",), applicability=DISPLAY),
    ),
    silent=(
        Silent("import inspect\n\nSTACK = inspect.stack()\n", why="once, when the module is imported"),
        Silent(
            "import functools\nimport inspect\n\n\n@functools.cache\ndef f(g):\n    return inspect.signature(g)\n",
            why="kept by a cache",
        ),
        Silent(
            "import inspect\n\n\ndef f(seen, g):\n    if g not in seen:\n        seen[g] = inspect.signature(g)\n"
            "    return seen[g]\n",
            why="asked once per function",
        ),
        Silent(
            "import inspect\n\n\ndef f(g):\n    raise TypeError(str(inspect.signature(g)))\n",
            why="an error is not what the time goes into",
        ),
        Silent("def f(inspect):\n    return inspect.stack()\n", why="another object of that name"),
    ),
)


def see(view: View) -> Iterator[Match]:
    function = view.slice.node
    if (
        view.hot.is_module
        or (view.hot.calls or MANY) < MANY
        or not isinstance(function, cst.FunctionDef)
        or _is_set_up(view, function)
    ):
        return
    for call in view.walk(cst.Call):
        found = REPAIRS.get(view.facts.qualified_name(call.func) or "")
        if found is not None and not _is_rare(view, call):
            yield Match(call, captures={"call": call, "why": found[0]}, note=found[1], fixable=False)


def _is_set_up(view: View, function: cst.FunctionDef) -> bool:
    """Whether it runs once per result or per object: cached, or a constructor of classes."""
    cached = any("cache" in view.code(decorator) for decorator in function.decorators)
    return cached or function.name.value in ("__init_subclass__", "__set_name__", "__init__", "main")


def _is_rare(view: View, call: cst.CSTNode) -> bool:
    """Whether the call stands in an error path, in the default of a parameter, or behind a test for a missing entry."""
    for holder in view.ancestors(call):
        if isinstance(holder, cst.Raise | cst.ExceptHandler | cst.Decorator | cst.Param):
            return True
        if isinstance(holder, cst.If) and _asks_for_missing(holder.test):
            return True
    return False


def _asks_for_missing(test: cst.BaseExpression) -> bool:
    """`x not in seen`, `x is None`."""
    if not isinstance(test, cst.Comparison):
        return False
    target = test.comparisons[0]
    is_none = isinstance(target.comparator, cst.Name) and target.comparator.value == "None"
    return isinstance(target.operator, cst.NotIn) or (isinstance(target.operator, cst.Is) and is_none)
