"""A pool of workers that is made and thrown away in each iteration.

## What it does
Finds process and thread pools (`concurrent.futures`, `multiprocessing`) that are made inside a loop with arguments that
are the same every time.

## Why it is slow
Starting workers costs far more than a task: 9 ms for two forked processes, 45 ms by fork server, 102 ms
where they are spawned (each of them imports the program again), and about 0.1 ms per thread.

## When it is not the same
Workers that live on keep what earlier tasks left in their globals, and `initializer` runs once per worker.

## When it is not faster
Where an iteration takes minutes, the start does not count.

## References
Python documentation, `concurrent.futures`, `multiprocessing`; start-up measured on Linux with two workers.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Hotness, Match, Rule, Silent, View, cst
from perf_advise.rulekit.pools import Pool, pools

_MAKES = """
from concurrent.futures import ProcessPoolExecutor


def run(work, batches):
    out = []
    for batch in batches:
        with ProcessPoolExecutor() as executor:
            out.extend(executor.map(work, batch))
    return out
"""

RULE = Rule(
    code="PA303",
    name="pool-made-in-loop",
    message="each iteration starts its workers anew: 10 to 100 ms before the first task runs",
    applicability=DISPLAY,
    hotness=Hotness.CUMULATIVE,
    examples=(Example(before=_MAKES, after=_MAKES, applicability=DISPLAY),),
    silent=(
        Silent(
            "from multiprocessing import Pool\n\n\ndef f(work, batches):\n    with Pool() as pool:\n"
            "        return [pool.map(work, batch) for batch in batches]\n",
            why="one pool for all",
        ),
        Silent(
            "from multiprocessing import Pool\n\n\ndef f(work, xs):\n    for count in (1, 2, 4):\n"
            "        with Pool(count) as pool:\n            pool.map(work, xs)\n",
            why="another number of workers each time",
        ),
        Silent(
            "class Pool:\n    pass\n\n\ndef f(xs):\n    for x in xs:\n        pool = Pool()\n",
            why="a class of the program's own",
        ),
        Silent(
            "from multiprocessing import Pool\n\n\ndef f(work, xs):\n    while True:\n        pool = Pool()\n"
            "        try:\n            return pool.map(work, xs)\n        except OSError:\n            pass\n",
            why="the loop tries again after a failure",
        ),
    ),
)


def see(view: View) -> Iterator[Match]:
    for pool in pools(view):
        loops = [r for r in view.turns(pool.call) if isinstance(r, cst.For)]
        if loops and not _differs(view, pool, loops[0]):
            yield Match(pool.call, note="make the pool once, before the loop, and give it the work of each iteration")


def _differs(view: View, pool: Pool, loop: cst.CSTNode) -> bool:
    """Whether an argument is bound in the loop."""
    names = {n.value for n in view.walk(cst.Name) if view.inside(n, pool.call)}
    return any(view.inside(d, loop) for name in names for d in view.facts.definitions(name))
