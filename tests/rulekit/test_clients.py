"""Which requests go through a client that blocks: by its annotation or by all that is assigned to it."""

import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed

BLOCKING = next(loaded for loaded in load_rules() if loaded.rule.code == "PA401")
HEAD = "import httpx\nimport requests\n\nshared = requests.Session()\n\n\n"


def findings(source: str) -> int:
    return len(fixed(BLOCKING, HEAD + source)[0].findings)


@pytest.mark.parametrize(
    "body",
    [
        "async def f(url):\n    s = requests.session()\n    return s.get(url)\n",
        "async def f(url):\n    with httpx.Client() as client:\n        return client.post(url)\n",
        "async def f(url, client: httpx.Client | None):\n    return client.get(url)\n",
        "async def f(url):\n    return shared.get(url)\n",
        "class C:\n    def __init__(self):\n        self.s = requests.Session()\n\n"
        "    async def f(self, url):\n        return self.s.get(url)\n",
        "async def f():\n    return input()\n",
    ],
)
def test_requests_through_clients_that_block(body: str) -> None:
    assert findings(body) == 1


@pytest.mark.parametrize(
    "body",
    [
        "async def f(url):\n    async with httpx.AsyncClient() as client:\n        return await client.get(url)\n",
        "async def f(url, session):\n    return session.get(url)\n",
        "async def f(url, cache):\n    s = requests.Session()\n    s = cache\n    return s.get(url)\n",
        "async def f(url):\n    s = requests.Session()\n    return s.headers.get(url)\n",
        "class C:\n    def __init__(self, s=None):\n        self.s = requests.Session()\n        self.s = s or self.s\n\n"
        "    async def f(self, url):\n        return self.s.get(url)\n",
        "def f(url):\n    return shared.get(url)\n",
    ],
)
def test_what_may_be_something_else_is_left_alone(body: str) -> None:
    assert findings(body) == 0
