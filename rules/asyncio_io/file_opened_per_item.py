"""A file that is opened again for each line that is added to it.

## What it does
Finds `open(path, "a")` in a loop, with a path that is the same in every turn.

## Why it is slow
Opening, flushing and closing a file costs 10 to 50 us and several system calls, far more on a network drive; a line
written to an open file costs 0.1 us.

## When it is not the same
It is advice: with the file opened once before the loop, other programs see the lines when the buffer is full or the
file is closed, not after each turn; lines in the buffer are lost when the process is killed.

## When it is not faster
A loop that waits long between two lines gains nothing.

## References
Python documentation, `open`, `io.BufferedWriter`.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Hotness, Match, Rule, Silent, View, cst, steady_in

_LINES = (
    "def log(path, lines):\n    for line in lines:\n        with open(path, 'a', encoding='utf-8') as file:\n"
    "            file.write(line)\n"
)

RULE = Rule(
    code="PA410",
    name="file-opened-per-item",
    message="`{path}` is opened and closed again in each turn, to add to its end",
    applicability=DISPLAY,
    hotness=Hotness.CUMULATIVE,
    examples=(Example(before=_LINES, after=_LINES, applicability=DISPLAY),),
    silent=(
        Silent(
            "def f(path, lines):\n    with open(path, 'a') as file:\n        for line in lines:\n"
            "            file.write(line)\n",
            why="opened once",
        ),
        Silent(
            "def f(rows):\n    for path, text in rows:\n        with open(path, 'a') as file:\n"
            "            file.write(text)\n",
            why="another file in each turn",
        ),
        Silent(
            "def f(path, n):\n    for i in range(n):\n        path += 'x'\n        with open(path, 'a') as file:\n"
            "            file.write('x')\n",
            why="the path changes",
        ),
        Silent(
            "def f(path, texts):\n    for text in texts:\n        with open(path, 'w') as file:\n"
            "            file.write(text)\n",
            why="each turn writes the file anew",
        ),
        Silent(
            "import time\n\n\ndef f(path, ask):\n    while True:\n        with open(path, 'a') as file:\n"
            "            file.write(ask())\n        time.sleep(60)\n",
            why="a loop that waits",
        ),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        loops = view.turns(call)
        if not loops or view.facts.qualified_name(call.func) != "builtins.open" or not _adds(call):
            continue
        path = call.args[0].value
        if isinstance(loops[0], cst.For) and isinstance(path, cst.Name | cst.Attribute | cst.SimpleString):
            need = steady_in(view, path, loops[0])
            yield Match(call, captures={"path": path}, needs=(need,), note="open it once before the loop")


def _adds(call: cst.Call) -> bool:
    """Whether the mode is `a`, written as a text."""
    named = [arg.value for arg in call.args if arg.keyword is not None and arg.keyword.value == "mode"]
    placed = [arg.value for arg in call.args[:2] if arg.keyword is None and not arg.star]
    modes = named or placed[1:]
    if not placed or not modes or not isinstance(modes[0], cst.SimpleString):
        return False
    return "a" in str(modes[0].evaluated_value)
