"""An array rebuilt by each iteration to grow by a few elements.

## What it does
Finds `a = np.append(a, x)`, `a = np.concatenate((a, part))`, `np.vstack`, `np.hstack` and the like in a loop, and names
the list that collects the parts.

## Why it is slow
NumPy arrays cannot grow: each iteration allocates a new array and copies all that was there, O(n) per iteration,
O(n * n) for the loop.

## When it is not the same
The parts are joined once after the loop: `np.array(items)` for single elements, `np.concatenate(parts)` for arrays.
What reads the array inside of the loop has to read the list. The dtype follows from all parts at once: an empty array
to start with made everything float64.

## When it is not faster
Up to about ten turns.

## References
NumPy documentation, `numpy.append`; measured: 104x.
"""

from collections.abc import Iterator, Sequence

from perf_advise.rulekit import DISPLAY, Example, Match, Rule, Silent, View, cst, same_code

APPEND = """
import numpy as np


def squares(n: int):
    out = np.array([])
    for i in range(n):
        out = np.append(out, i * i)
    return out
"""
STACK = """
import numpy as np


def rows(items):
    table = np.zeros((0, 3))
    for item in items:
        table = np.vstack((table, item))
    return table
"""

RULE = Rule(
    code="PA523",
    name="array-rebuilt-to-grow",
    message="`{call}` copies the whole array in each iteration to add to it: O(n * n) for the loop",
    applicability=DISPLAY,
    examples=(
        Example(before=APPEND, after=APPEND, applicability=DISPLAY),
        Example(before=STACK, after=STACK, applicability=DISPLAY),
    ),
    silent=(
        Silent(
            "import numpy as np\n\n\ndef f(a, b):\n    a = np.append(a, b)\n    return a\n",
            why="once",
        ),
        Silent(
            "import numpy as np\n\n\ndef f(pairs):\n    out = []\n    for a, b in pairs:\n"
            "        out.append(np.concatenate((a, b)))\n    return out\n",
            why="nothing grows",
        ),
        Silent(
            "import numpy as np\n\n\ndef f(rows):\n    out = []\n    for row in rows:\n"
            "        row = np.append(row, 0)\n        out.append(row)\n    return out\n",
            why="another array in each turn",
        ),
        Silent(
            "import numpy as np\n\n\ndef f(n: int):\n    out = []\n    for i in range(n):\n        a = np.zeros(i)\n"
            "        a = np.append(a, 1)\n        out.append(a)\n    return out\n",
            why="made anew in each turn",
        ),
    ),
)

GROWING = frozenset(
    f"numpy.{name}"
    for name in ("append", "concatenate", "vstack", "hstack", "dstack", "column_stack", "stack", "row_stack")
)


def see(view: View) -> Iterator[Match]:
    for assign in view.walk(cst.Assign):
        call, target = assign.value, assign.targets[0].target
        loop = next(iter(view.turns(assign)), None)
        if not isinstance(call, cst.Call) or loop is None or not call.args:
            continue
        parts = list(_parts(call.args))
        grows = any(same_code(part, target) for part in parts)
        if view.facts.qualified_name(call.func) in GROWING and grows and not _is_made_in(view, target, assign, loop):
            yield Match(
                assign,
                captures={"call": call},
                note="collect the parts in a list, and join them once after the loop",
                fixable=False,
            )


def _parts(args: Sequence[cst.Arg]) -> Iterator[cst.BaseExpression]:
    """What is joined: the arguments, or the items of the tuple or list that is the first."""
    for arg in args:
        if isinstance(arg.value, cst.Tuple | cst.List):
            yield from (element.value for element in arg.value.elements)
        elif arg.keyword is None:
            yield arg.value


def _is_made_in(view: View, target: cst.BaseExpression, assign: cst.Assign, loop: cst.CSTNode) -> bool:
    """Whether each turn starts with another array: the loop binds the name elsewhere too."""
    if not isinstance(target, cst.Name):
        return False
    return any(view.inside(d, loop) and not view.inside(d, assign) for d in view.facts.definitions(target.value))
