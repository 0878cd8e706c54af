"""What may wait together: names that only fetch, and no connection that serves one call at a time."""

import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed

LOOP = next(loaded for loaded in load_rules() if loaded.rule.code == "PA403")


def findings(source: str) -> int:
    return len(fixed(LOOP, source)[0].findings)


@pytest.mark.parametrize("call", ["fetch(x)", "api.get_user(x.key)", "client.get(f'/{x}')", "self.load(1, key=x)"])
def test_calls_that_only_fetch_may_wait_together(call: str) -> None:
    assert findings(f"async def f(self, api, client, xs):\n    return [await {call} for x in xs]\n") == 1


@pytest.mark.parametrize(
    "call",
    [
        "conn.fetch(x)",
        "self.db.fetch(x)",
        "load(self.session, x)",
        "asyncio.sleep(x)",
        "queue.put(x)",
        "reader.header(x)",
        "send_mail(x)",
        "fetch(next(x))",
        "fetch(*x)",
        "fetch(1)",
    ],
)
def test_calls_that_act_or_share_a_connection_may_not(call: str) -> None:
    source = f"import asyncio\n\n\nasync def f(self, conn, queue, reader, xs):\n    return [await {call} for x in xs]\n"
    assert findings(source) == 0


@pytest.mark.parametrize("holder", ["async with lock:", "async with db.transaction():", "with self.limiter:"])
def test_nothing_waits_together_under_a_lock_or_in_a_transaction(holder: str) -> None:
    body = f"    {holder}\n        return [await fetch(x) for x in xs]\n"
    assert findings(f"async def f(self, lock, db, xs):\n{body}") == 0


def test_a_filter_stays_and_one_that_awaits_is_left_alone() -> None:
    source = "import asyncio\n\n\nasync def f(fetch, xs):\n    return [await fetch(x) for x in xs if x > 1]\n"
    assert "gather(*(fetch(x) for x in xs if x > 1))" in fixed(LOOP, source)[1]
    assert findings(source.replace("x > 1", "await fetch(x + 1)")) == 0


def test_a_variable_that_is_read_after_the_loop_leaves_the_loop_as_it_is() -> None:
    source = (
        "import asyncio\n\n\nasync def f(fetch, xs):\n    out = []\n    for x in xs:\n"
        "        out.append(await fetch(x))\n    return out, x\n"
    )
    analysis, after = fixed(LOOP, source)
    assert after == source
    assert len(analysis.findings) == 1
