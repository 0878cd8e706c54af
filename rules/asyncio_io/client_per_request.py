"""A client or session that is made for each request.

## What it does
Finds sessions and clients of `requests`, `httpx` and `aiohttp` that are made in a loop, or in a function that
the file calls in a loop, and used for one request each.

## Why it is slow
A client keeps its connections open; a new one has none. Each request then looks up the name, opens a connection and
negotiates TLS again, and `httpx` loads the certificates anew (measured on one machine, without TLS: aiohttp 4.4
times, httpx 17 times as long).

## When it is not the same
It is advice: a client remembers cookies and sends them with later requests, so that requests on behalf of different
people do not share one; the rule is silent where a client is made with headers, cookies or credentials of its own. A
client of `aiohttp` belongs to the event loop that it was made in.

## When it is not faster
A server that closes each connection gains nothing.

## References
Requests documentation, "Session Objects"; aiohttp documentation, "Don't create a session per request"; HTTPX
documentation, "Clients".
"""

import ast
from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Hotness, Match, Rule, Silent, View, cst, variable_uses

_CLIENTS = frozenset({"requests.Session", "requests.session", "httpx.Client", "httpx.AsyncClient",
                      "aiohttp.ClientSession"})  # fmt: skip
_IDENTITY = frozenset({"auth", "cookies", "headers", "cookie_jar", "proxy", "proxies", "cert", "base_url"})
_AROUND = frozenset({"close", "aclose", "mount"})
_MADE_IN_LOOP = (
    "import aiohttp\n\n\nasync def load(urls):\n    for url in urls:\n"
    "        async with aiohttp.ClientSession() as session:\n            await show(session, url)\n"
)

_CALLED_IN_LOOP = (
    "import httpx\n\n\ndef load(url):\n    with httpx.Client() as client:\n        return client.get(url).text\n\n\n"
    "def load_all(urls):\n    return [load(url) for url in urls]\n"
)

RULE = Rule(
    code="PA407",
    name="client-per-request",
    message="`{function}()` makes a client for each request: no connection is kept open",
    applicability=DISPLAY,
    hotness=Hotness.CUMULATIVE,
    examples=(
        Example(before=_MADE_IN_LOOP, after=_MADE_IN_LOOP, applicability=DISPLAY),
        Example(before=_CALLED_IN_LOOP, after=_CALLED_IN_LOOP, applicability=DISPLAY),
    ),
    silent=(
        Silent(
            "import requests\n\n\ndef f(users):\n    for user in users:\n        with requests.Session() as session:\n"
            "            session.post('/login', user)\n            show(session.get('/page'))\n",
            why="a session for each identity",
        ),
        Silent(
            "import requests\n\n\ndef f(n):\n    return [requests.Session() for _ in range(n)]\n",
            why="sessions that are kept",
        ),
        Silent(
            "import aiohttp\n\n\nasync def f(urls):\n    async with aiohttp.ClientSession() as session:\n"
            "        for url in urls:\n            await ask(session, url)\n",
            why="the session is made once",
        ),
        Silent(
            "import requests\n\n\ndef f(users):\n    for user in users:\n        session = requests.Session()\n"
            "        session.auth = user.key\n        show(session.get('/page'))\n",
            why="a session for each identity, which is set later",
        ),
        Silent(
            "import httpx\n\n\ndef f(url):\n    with httpx.Client() as client:\n        return client.get(url)\n",
            why="nothing calls it in a loop",
        ),
    ),
)


def see(view: View) -> Iterator[Match]:
    for call in view.walk(cst.Call):
        if view.facts.qualified_name(call.func) not in _CLIENTS or not _serves_once(view, call):
            continue
        loops = view.turns(call)
        if loops or _is_called_in_loop(view):
            where = "before the loop" if loops else "where this function is called from, and pass it in"
            yield Match(call, captures={"function": call.func}, note=f"make it once, {where}")


def _serves_once(view: View, call: cst.Call) -> bool:
    """Whether a client is made without an identity of its own, and used for one thing."""
    if any(arg.keyword is None or arg.keyword.value in _IDENTITY for arg in call.args):
        return False
    holder = view.parent(call)
    if isinstance(holder, cst.WithItem) and holder.asname is not None:
        bound: cst.CSTNode = holder.asname.name
    elif isinstance(holder, cst.Assign) and len(holder.targets) == 1:
        bound = holder.targets[0].target
    else:
        return isinstance(holder, cst.Attribute)
    if not isinstance(bound, cst.Name):
        return False
    holders = [view.parent(use) for use in variable_uses(view, bound.value) if use is not bound]
    asked = [node for node in holders if not (isinstance(node, cst.Attribute) and node.attr.value in _AROUND)]
    return len(asked) == 1 and isinstance(asked[0], cst.Attribute | cst.Arg)


def _is_called_in_loop(view: View) -> bool:
    """Whether the file calls this function in a loop or a comprehension."""
    name = view.hot.qualname.rpartition(".")[2]
    loops = (ast.For, ast.While, ast.AsyncFor, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)
    bodies = (node for node in ast.walk(view.index.tree) if isinstance(node, loops))
    calls = (ast.unparse(n.func) for body in bodies for n in ast.walk(body) if isinstance(n, ast.Call))
    return any(call in (name, f"self.{name}") for call in calls)
