"""Rows that are written to a database one statement at a time.

## What it does
Finds a loop whose whole body is `cursor.execute("INSERT ...", row)`, in a file that uses `sqlite3`, and hands all
rows to `executemany`.

## Why it is slow
Each `execute` goes through the interpreter, looks the statement up and resets it: 1.5 to 3 times the cost of the row.
With other databases each is a round trip to the server.

## When it is not the same
After an error the same rows have been written. Where the rows are made by a generator its code runs between the
statements, as before. `executemany` takes only statements that change rows (INSERT, UPDATE, DELETE, REPLACE), without
RETURNING; the rule asks for such a text. `rowcount` is that of all rows instead of the last one, and `lastrowid` is
not set. Without any rows a transaction is begun all the same.

## When it is not faster
A commit after each row costs far more than the statement: see PA409.

## References
Python documentation, `sqlite3.Cursor.executemany`.
"""

from collections.abc import Iterator

from perf_advise.rulekit import (
    UNSAFE,
    Bench,
    Example,
    Hotness,
    Match,
    Replacement,
    Rewrite,
    Rule,
    Silent,
    View,
    coroutines,
    cst,
    needs,
    same_code,
)

_CHANGING = ("INSERT", "UPDATE", "DELETE", "REPLACE")
_MODULE = (
    "import sqlite3\n\n\ndef connected() -> sqlite3.Connection:\n    db = sqlite3.connect(':memory:')\n"
    "    db.execute('CREATE TABLE item (name TEXT UNIQUE, size INT)')\n    return db\n\n\n"
    "def stored(db: sqlite3.Connection, rows: list[tuple[str, int]]) -> list[tuple[str, int]]:\n"
)
_AFTER = "    return db.execute('SELECT * FROM item').fetchall()\n"
_CALLS = (
    "stored(connected(), [('a', 1), ('b', 2)])",
    "stored(connected(), [])",
    "stored(connected(), [('a', 1), ('a', 2)])",
)

RULE = Rule(
    code="PA408",
    name="rows-executed-one-by-one",
    message="`{execute}` runs one statement per row: n statements instead of one for all rows",
    cure="hand all rows to `executemany`",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=(
        "`rowcount` counts all rows, `lastrowid` is not set, and without rows a transaction begins all the same",
    ),
    examples=(
        Example(
            before=_MODULE + "    for name, size in rows:\n"
            "        db.execute('INSERT INTO item VALUES (?, ?)', (name, size + 1))\n" + _AFTER,
            after=_MODULE + "    db.executemany('INSERT INTO item VALUES (?, ?)', "
            "((name, size + 1) for name, size in rows))\n" + _AFTER,
            calls=_CALLS,
            applicability=UNSAFE,
        ),
        Example(
            before=_MODULE
            + "    for row in rows:\n        db.execute('INSERT INTO item VALUES (?, ?)', row)\n"
            + _AFTER,
            after=_MODULE + "    db.executemany('INSERT INTO item VALUES (?, ?)', rows)\n" + _AFTER,
            calls=_CALLS,
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent(
            "import sqlite3\n\n\ndef f(db, keys):\n    for key in keys:\n"
            "        db.execute('SELECT * FROM item WHERE key = ?', (key,))\n",
            why="`executemany` takes no queries",
        ),
        Silent(
            "import sqlite3\n\n\ndef f(db, rows):\n    for row in rows:\n"
            "        db.execute('INSERT INTO item VALUES (?) RETURNING key', row)\n",
            why="the statement answers with rows",
        ),
        Silent(
            "import sqlite3\n\n\ndef f(db, rows):\n    keys = []\n    for row in rows:\n"
            "        keys.append(db.execute('INSERT INTO item VALUES (?)', row).lastrowid)\n    return keys\n",
            why="the key of each row is read",
        ),
        Silent(
            "import sqlite3\n\n\ndef f(db, names):\n    for n in names:\n        db.execute(f'DELETE FROM {n}', ())\n",
            why="another statement each time",
        ),
        Silent(
            "import sqlite3\n\n\ndef f(cur):\n    for x in cur:\n        cur.execute('INSERT INTO t VALUES (?)', x)\n",
            why="the cursor gives the rows",
        ),
        Silent(
            "def f(pool, rows):\n    for row in rows:\n        pool.execute('INSERT INTO item VALUES (?)', row)\n",
            why="nothing says that it is a database cursor",
        ),
    ),
    bench=Bench(
        setup="import sqlite3\ndb = sqlite3.connect(':memory:')\ndb.execute('CREATE TABLE t (a, b)')\n"
        "rows = [(i, i) for i in range(n)]",
        before="for row in rows:\n    db.execute('INSERT INTO t VALUES (?, ?)', row)\ndb.execute('DELETE FROM t')",
        after="db.executemany('INSERT INTO t VALUES (?, ?)', rows)\ndb.execute('DELETE FROM t')",
        sizes=(10, 100, 1000),
        losing="rows = [(1, 1)]",
    ),
)


def see(view: View) -> Iterator[Match]:
    if not any(target.partition(".")[0] == "sqlite3" for target in view.index.imports.values()):
        return
    for loop in view.walk(cst.For):
        call = _only_call(loop)
        if call is None or loop.orelse is not None or loop.asynchronous is not None:
            continue
        owner = cst.ensure_type(call.func, cst.Attribute).value
        if isinstance(owner, cst.Name | cst.Attribute) and not _is_shared(view, owner, loop):
            dead = (needs.is_dead_after(view, loop, name) for name in coroutines.bound_names(loop.target))
            yield Match(loop, captures={"execute": call.func, "loop": loop, "call": call}, needs=tuple(dead))


def change(match: Match, view: View) -> Rewrite:
    loop, call = match.captures["loop"], match.captures["call"]
    statement, row = (arg.value for arg in call.args)
    items = view.code(loop.iter)
    rows = items if same_code(row, loop.target) else f"({view.code(row)} for {view.code(loop.target)} in {items})"
    owner = view.code(call.func.value)
    return Rewrite((Replacement.of(loop, f"{owner}.executemany({view.code(statement)}, {rows})"),))


def _is_shared(view: View, owner: cst.BaseExpression, loop: cst.For) -> bool:
    """Whether the cursor comes from the rows, or the rows from the cursor."""
    return coroutines.reads(view, owner, loop.target) or view.code(owner) in view.code(loop.iter).split(".")


def _only_call(loop: cst.For) -> cst.Call | None:
    """The call of a body that is nothing but `x.execute("INSERT ...", row)`."""
    line = loop.body.body[0] if len(loop.body.body) == 1 else None
    expr = line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
    call = expr.value if isinstance(expr, cst.Expr) else None
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute) or len(call.args) != 2:
        return None
    plain = call.func.attr.value == "execute" and all(arg.keyword is None and not arg.star for arg in call.args)
    text = call.args[0].value.evaluated_value if isinstance(call.args[0].value, cst.SimpleString) else None
    if not plain or not isinstance(text, str):
        return None
    words = text.upper().split()
    return call if words and words[0] in _CHANGING and "RETURNING" not in words else None
