"""A connection that is opened for each request.

## What it does
Finds `requests.get(...)` and its like in a loop, and makes one `requests.Session` around the loop. Of `httpx`, in a
coroutine, and where the code is not a plain loop it only says so.

## Why it is slow
A session keeps its connection open. Without one, each request looks up the name, opens a connection and
negotiates TLS again: two or three round trips before the question is asked (measured on one machine, without TLS:
aiohttp 4.4 times, httpx 17 times as long).

## When it is not the same
A session remembers cookies and sends them with later requests: requests on behalf of different people do not share
one. A client of `aiohttp` belongs to the event loop that it was made in.

## When it is not faster
A server that closes each connection gains nothing, and one that writes headers and body separately can even make a
kept connection wait 40 ms for each answer.

## References
Requests documentation, "Session Objects"; aiohttp documentation, "Don't create a session per request"; HTTPX
documentation, "Clients".
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
)

_TEXTS = (cst.SimpleString, cst.FormattedString)
_SERVER = """import http.client, http.server, threading
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
def ask(connection):
    connection.request("GET", "/")
    return connection.getresponse().read()"""

RULE = Rule(
    code="PA404",
    name="connection-per-request",
    message="`{function}` opens a connection for each request, instead of keeping one open",
    cure="make one `requests.Session` around the loop",
    applicability=UNSAFE,
    hotness=Hotness.CUMULATIVE,
    differences=("cookies of one answer are sent with later requests",),
    imports=("requests",),
    examples=(
        Example(
            before="import requests\n\n\ndef load(urls: list[str]) -> list[bytes]:\n    pages = []\n"
            "    for url in urls:\n        # each page\n        answer = requests.get(url, timeout=5)\n"
            "        pages.append(answer.content)\n    return pages\n",
            after="import requests\n\n\ndef load(urls: list[str]) -> list[bytes]:\n    pages = []\n"
            "    with requests.Session() as session:\n        for url in urls:\n            # each page\n"
            "            answer = session.get(url, timeout=5)\n            pages.append(answer.content)\n"
            "    return pages\n",
            applicability=UNSAFE,
        ),
        Example(
            before="import requests\n\n\ndef load(urls: list[str]) -> list[bytes]:\n"
            "    return [requests.get(url).content for url in urls]\n",
            after="import requests\n\n\ndef load(urls: list[str]) -> list[bytes]:\n"
            "    with requests.Session() as session:\n"
            "        return [session.get(url).content for url in urls]\n",
            applicability=UNSAFE,
        ),
    ),
    silent=(
        Silent("import requests\n\n\ndef f(url):\n    return requests.get(url)\n", why="one request"),
        Silent(
            "import requests\n\n\ndef f(urls):\n    with requests.Session() as session:\n"
            "        return [session.get(url) for url in urls]\n",
            why="one session already",
        ),
        Silent("def f(requests, urls):\n    return [requests.get(url) for url in urls]\n", why="not the package"),
        Silent(
            "import requests\n\n\ndef f(url):\n    for _ in range(3):\n        try:\n"
            "            return requests.get(url)\n        except OSError:\n            pass\n",
            why="a retry: the first answer ends the loop",
        ),
    ),
    bench=Bench(
        setup=_SERVER,
        before="for _ in range(n):\n    connection = http.client.HTTPConnection(*server.server_address)\n"
        "    ask(connection)\n    connection.close()",
        after="connection = http.client.HTTPConnection(*server.server_address)\nfor _ in range(n):\n"
        "    ask(connection)\nconnection.close()",
        sizes=(2, 10, 50),
        losing="n = 1",
    ),
)


def see(view: View) -> Iterator[Match]:
    done: set[int] = set()
    for call in view.walk(cst.Call):
        name = view.facts.qualified_name(call.func) or ""
        loops = view.turns(call)
        if name in coroutines.HTTP_CALLS and loops and id(loops[-1]) not in done and not _ends(view, loops[0], call):
            done.add(id(loops[-1]))
            yield _per_request(view, call, name, loops[-1])


def change(match: Match, view: View) -> Rewrite:
    statement, session = match.captures["statement"], view.fresh("session")
    names = {code: f"{session}.{code.rpartition('.')[2]}" for code in match.captures["calls"]}
    opened = f"{view.name_of('requests')}.Session()"
    code = f"with {opened} as {session}:\n{view.block(statement, names)}"
    return Rewrite((Replacement.of(statement, code),), imports=("requests",))


def _per_request(view: View, call: cst.Call, name: str, loop: cst.CSTNode) -> Match:
    package = name.partition(".")[0]
    client = "requests.Session" if package == "requests" else "httpx.Client"
    statement = view.statement(loop)
    calls = {view.code(c.func) for c in view.walk(cst.Call) if view.inside(c, loop) and _is_of(view, c, package)}
    plain = package == "requests" and isinstance(call.func, cst.Attribute) and not isinstance(loop, cst.GeneratorExp)
    waits = coroutines.is_coroutine(view)
    torn = any("\n" in view.code(n) for n in view.walk(*_TEXTS) if view.inside(n, statement))
    later = any(view.inside(arg, loop) and arg.keyword and arg.keyword.value == "stream" for arg in view.walk(cst.Arg))
    fixable = (
        plain
        and not waits
        and not torn
        and not later
        and isinstance(statement, cst.SimpleStatementLine | cst.For | cst.While)
    )
    note = "" if fixable else f"make one `{client}` before the loop"
    captures = {"function": call.func, "statement": statement, "calls": calls}
    return Match(call, captures=captures, fixable=fixable, note=note)


def _is_of(view: View, call: cst.Call, package: str) -> bool:
    name = view.facts.qualified_name(call.func) or ""
    return name in coroutines.HTTP_CALLS and name.startswith(f"{package}.")


def _ends(view: View, loop: cst.CSTNode, call: cst.Call) -> bool:
    """Whether the answer ends the loop: a retry."""
    leaves = [n for n in view.walk(cst.Return, cst.Break) if view.inside(n, loop) and n is not loop]
    retries = any(isinstance(holder, cst.Try) and view.inside(holder, loop) for holder in view.ancestors(call))
    return isinstance(loop, cst.For | cst.While) and retries and bool(leaves)
