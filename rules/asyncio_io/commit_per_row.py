"""A transaction that is committed for each row.

## What it does
Finds a loop over rows that runs `execute(...)` and then `commit()` in each turn.

## Why it is slow
A commit waits until the disk has the data: 1 to 10 ms on most disks, against 1 to 10 us for the statement. With a
server it is one more round trip for each row.

## When it is not the same
It is advice: with one commit after the loop, an error half-way leaves none of the rows instead of those before, and
other readers see all rows at once. For very many rows commit every few thousand.

## When it is not faster
A database in memory, or one that does not wait for the disk (`PRAGMA synchronous = OFF`), gains little.

## References
SQLite FAQ, "INSERT is really slow"; Python documentation, `sqlite3`, "Transaction control".
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Hotness, Match, Rule, Silent, View, calls_in, cst

_ROWS = (
    "def store(db, rows):\n    for row in rows:\n        db.execute('INSERT INTO item VALUES (?, ?)', row)\n"
    "        db.commit()\n"
)

RULE = Rule(
    code="PA409",
    name="commit-per-row",
    message="`{commit}()` waits for the disk after each row: n waits instead of one",
    applicability=DISPLAY,
    hotness=Hotness.CUMULATIVE,
    examples=(
        Example(before=_ROWS, after=_ROWS, applicability=DISPLAY),
        Example(
            before="async def store(db, rows):\n    for row in rows:\n        await db.execute('DELETE', row)\n"
            "        await db.commit()\n",
            after="async def store(db, rows):\n    for row in rows:\n        await db.execute('DELETE', row)\n"
            "        await db.commit()\n",
            applicability=DISPLAY,
        ),
    ),
    silent=(
        Silent(
            "def f(db, rows):\n    for row in rows:\n        db.execute('INSERT', row)\n    db.commit()\n",
            why="one commit after the loop",
        ),
        Silent(
            "def f(db, rows):\n    for i, row in enumerate(rows):\n        db.execute('INSERT', row)\n"
            "        if i % 1000 == 0:\n            db.commit()\n",
            why="a commit now and then",
        ),
        Silent(
            "def f(db, parts):\n    for part in parts:\n        db.executemany('INSERT', part)\n        db.commit()\n",
            why="a commit per group of rows",
        ),
        Silent(
            "def f(db, queue):\n    while True:\n        db.execute('INSERT', queue.get())\n        db.commit()\n",
            why="rows that come one by one have to be kept at once",
        ),
        Silent(
            "def f(repo, rows):\n    for row in rows:\n        repo.commit(row)\n",
            why="not a transaction of a database",
        ),
        Silent(
            "def f(db, parts):\n    for p in parts:\n        for row in p:\n            db.execute('INSERT', row)\n"
            "        db.commit()\n",
            why="a commit per group of rows",
        ),
    ),
)


def see(view: View) -> Iterator[Match]:
    for loop in view.walk(cst.For):
        lines = [line for line in loop.body.body if isinstance(line, cst.SimpleStatementLine)]
        calls = [call for line in lines for call in calls_in(line) if isinstance(call.func, cst.Attribute)]
        commits = [c for c in calls if cst.ensure_type(c.func, cst.Attribute).attr.value == "commit" and not c.args]
        runs = any(cst.ensure_type(c.func, cst.Attribute).attr.value == "execute" for c in calls)
        groups = any(isinstance(line, cst.For | cst.While) for line in loop.body.body)
        if runs and commits and not groups and loop.asynchronous is None:
            note = "commit once after the loop (or every few thousand rows)"
            yield Match(commits[-1], captures={"commit": commits[-1].func}, note=note)
