"""A frame that grows by `concat` or `append` in each iteration of a loop.

## What it does
Finds `df = pd.concat([df, part])` (and `df = df.append(part)` of pandas 1) in a loop that does nothing else with `df`,
collects the parts in a list, and joins them once after the loop.

## Why it is slow
Each `concat` copies all rows so far: O(n * n) for n parts. One `concat` of the list copies each row once.

## When it is not the same
The dtypes of the result can differ where empty parts or missing columns are among them: they are joined at once, not
one after the other. The parts are alive together until the loop ends. Where an error ends the loop, the frame keeps
its first value: the rule stays silent in a `try`.

## When it is not faster
For a loop of one or two iterations.

## References
pandas documentation, `concat`: "it is not recommended to build DataFrames by adding single rows in a for loop".
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
    Hotness,
    Insertion,
    Match,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    cst,
    frames,
    needs,
    variable_uses,
)
from perf_advise.rulekit.collected import Growth, growth_in_loop

HEAD = "import pandas as pd\n\n"

RULE = Rule(
    code="PA604",
    name="frame-grown-in-loop",
    message="`{frame}` is copied whole by each iteration to grow by one part: O(n * n)",
    cure="collect the parts in a list and join them once",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=("dtypes where parts are empty or lack columns",),
    examples=(
        Example(
            before=f"""{HEAD}def f(tables: list[pd.DataFrame]) -> pd.DataFrame:
    result = pd.DataFrame()
    for table in tables:
        part = table[table["a"] > 0]
        result = pd.concat([result, part], ignore_index=True)
    return result
""",
            after=f"""{HEAD}def f(tables: list[pd.DataFrame]) -> pd.DataFrame:
    result_parts = []
    for table in tables:
        part = table[table["a"] > 0]
        result_parts.append(part)
    result = pd.concat(result_parts, ignore_index=True) if result_parts else pd.DataFrame()
    return result
""",
            calls=(
                "f([pd.DataFrame({'a': [1, -1], 'b': ['x', 'y']}), pd.DataFrame({'a': [2, 3], 'b': ['z', None]})])",
                "f([pd.DataFrame({'a': [1.5, 2.0]}, index=[4, 4])])",
            ),
            applicability=UNSAFE,
        ),
        Example(
            before=f"""{HEAD}def f(tables: list[pd.DataFrame]) -> pd.DataFrame:
    whole = pd.DataFrame(columns=["b", "a"])
    for table in tables:
        if len(table):
            whole = pd.concat((whole, table, table))
    return whole
""",
            after=f"""{HEAD}def f(tables: list[pd.DataFrame]) -> pd.DataFrame:
    whole_parts = [pd.DataFrame(columns=["b", "a"])]
    for table in tables:
        if len(table):
            whole_parts += (table, table)
    whole = pd.concat(whole_parts)
    return whole
""",
            calls=("f([pd.DataFrame({'a': [1, -1], 'b': ['x', 'y']})])", "f([])"),
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            f"{HEAD}def f(tables):\n    out = pd.DataFrame()\n    for t in tables:\n"
            "        out = pd.concat([out, t])\n        print(len(out))\n    return out\n",
            why="the loop looks at the frame while it grows",
        ),
        Silent(
            f"{HEAD}def f(tables):\n    return pd.concat([t for t in tables])\n",
            why="joined once already",
        ),
        Silent(
            f"{HEAD}def f(tables):\n    out = pd.DataFrame()\n    try:\n        for t in tables:\n"
            "            out = pd.concat([out, t])\n    except ValueError:\n        pass\n    return out\n",
            why="after an error the parts until then are returned",
        ),
        Silent(
            f"{HEAD}def f(out, tables):\n    for t in tables:\n        out = pd.concat([out, t])\n    return out\n",
            why="what it starts from is not made here",
        ),
        Silent(
            f"{HEAD}def f(tables):\n    out = pd.DataFrame()\n    for t in tables:\n"
            "        out = pd.concat([t, out])\n    return out\n",
            why="the new part comes first: the list would have to be turned round",
        ),
    ),
    bench=Bench(
        setup='import pandas as pd\nparts = [pd.DataFrame({"a": [i], "b": [0.5]}) for i in range(n)]',
        before="df = pd.DataFrame()\nfor part in parts:\n    df = pd.concat([df, part])",
        after="df = pd.concat(parts)",
        sizes=(3, 30, 300),
        losing='n = 1\nimport pandas as pd\nparts = [pd.DataFrame({"a": [1], "b": [0.5]})]',
        requires=("pandas",),
    ),
)


def see(view: View) -> Iterator[Match]:
    for assign in view.walk(cst.Assign):
        target = assign.targets[0].target
        if len(assign.targets) != 1 or not isinstance(target, cst.Name) or not isinstance(assign.value, cst.Call):
            continue
        added = _added(view, target.value, assign.value)
        growth = growth_in_loop(view, target.value, assign) if added else None
        if growth is not None and isinstance(growth.value, cst.Call):
            made = view.facts.qualified_name(growth.value.func) == "pandas.DataFrame"
            data = any(arg.keyword is None or arg.keyword.value == "data" for arg in growth.value.args)
            claim = f"`{target.value}` starts as an empty frame"
            captures = {"frame": target, "growth": growth, "added": added, "call": assign.value}
            yield Match(assign, captures, needs=(needs.holds(made and not data, claim),))


def change(match: Match, view: View) -> Rewrite:
    growth: Growth = match.captures["growth"]
    added, made = match.captures["added"], view.code(growth.value)
    parts = frames.free_name(view, f"{growth.name}_parts")
    empty = not growth.value.args  # type: ignore[attr-defined]
    options = "".join(f", {view.code(arg)}" for arg in match.captures["call"].args[1:])
    options = options.rstrip(", ")
    concat = f"{view.name_of('pandas')}.concat({parts}{options})"
    step = f"{parts}.append({added[0]})" if len(added) == 1 else f"{parts} += ({', '.join(added)})"
    return Rewrite(
        (
            Replacement.of(growth.made, f"{parts} = []" if empty else f"{parts} = [{made}]"),
            Replacement.of(growth.step, step),
        ),
        (Insertion(growth.loop, f"{growth.name} = {concat}" + (f" if {parts} else {made}" if empty else ""), True),),
    )


def _added(view: View, name: str, call: cst.Call) -> list[str]:
    """The texts of what is appended to the frame; empty where the call does something else."""
    keywords = {arg.keyword.value if arg.keyword else "" for arg in call.args[1:]}
    if not call.args or call.args[0].keyword or not keywords <= {"ignore_index", "sort", "axis", "join"}:
        return []
    first = call.args[0].value
    if view.facts.qualified_name(call.func) == "pandas.concat" and isinstance(first, cst.List | cst.Tuple):
        elements = [e.value for e in first.elements if isinstance(e, cst.Element)]
        own = bool(elements) and isinstance(elements[0], cst.Name) and elements[0].value == name
        rest = elements[1:] if own and len(elements) == len(first.elements) else []
    else:
        called = frames.method_call(call, "append")
        own = called is not None and isinstance(called[0], cst.Name) and called[0].value == name
        rest = [first] if own and frames.is_frame(view, first).answer.holds else []
    mentioned = any(view.inside(use, node) for use in variable_uses(view, name) for node in rest)
    return [] if mentioned else [view.code(node) for node in rest]
