"""The asyncio and I/O fixes against a real HTTP server that takes its time."""

import asyncio
import sys
import threading
import time
import types
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from perf_advise.catalog.loading import LoadedRule, load_rules
from perf_advise.engine.examples import fixed, imported

LATENCY = 0.05

# `requests` as far as the rules know it: what the fixes rest on is that a session keeps its connection.
STANDS_FOR_REQUESTS = """
import http.client
from urllib.parse import urlsplit


class Session:
    def __init__(self):
        self.connections = {}

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for connection in self.connections.values():
            connection.close()

    def get(self, url):
        parts = urlsplit(url)
        connection = self.connections.setdefault(parts.netloc, http.client.HTTPConnection(parts.netloc))
        connection.request("GET", parts.path)
        return connection.getresponse().read()


def get(url):
    with Session() as session:
        return session.get(url)
"""

FETCH = """
import asyncio
from urllib.parse import urlsplit


async def fetch(url):
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"GET {parts.path} HTTP/1.0\\r\\n\\r\\n".encode())
    answer = await reader.read()
    writer.close()
    return answer.partition(b"\\r\\n\\r\\n")[2].decode()
"""


class Server(ThreadingHTTPServer):
    """Counts connections and how many requests it served at the same time."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.connections, self.live, self.most = 0, 0, 0
        self.lock = threading.Lock()

    def process_request(self, request: object, client_address: object) -> None:
        self.connections += 1
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def urls(self, count: int) -> list[str]:
        return [f"http://127.0.0.1:{self.server_address[1]}/{number}" for number in range(count)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        with self.server.lock:
            self.server.live += 1
            self.server.most = max(self.server.most, self.server.live)
        time.sleep(LATENCY)
        with self.server.lock:
            self.server.live -= 1
        body = self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    thread = threading.Thread(target=one.serve_forever, daemon=True)
    thread.start()
    yield one
    one.shutdown()
    one.server_close()


def rule(code: str) -> LoadedRule:
    return next(loaded for loaded in load_rules() if loaded.rule.code == code)


def run(source: str, server: Server, count: int) -> tuple[object, int, int]:
    """What `load(urls)` gives, over how many connections, and how many requests were under way at once."""
    server.connections = server.most = 0
    with imported(source) as module:
        result = module.load(server.urls(count))
        return (asyncio.run(result) if asyncio.iscoroutine(result) else result), server.connections, server.most


def test_awaits_in_a_loop_wait_together_and_keep_their_order(server: Server) -> None:
    source = FETCH + "\n\nasync def load(urls):\n    return [await fetch(url) for url in urls]\n"
    _, after = fixed(rule("PA403"), source)
    assert "asyncio.gather" in after
    before_result, _, before_most = run(source, server, 6)
    after_result, _, after_most = run(after, server, 6)
    assert before_result == after_result == [f"/{n}" for n in range(6)]
    assert before_most == 1
    assert after_most > 1


def test_awaits_in_sequence_wait_together(server: Server) -> None:
    load = "\n\nasync def load(urls):\n    a = await fetch(urls[0])\n    b = await fetch(urls[1])\n    return a, b\n"
    _, after = fixed(rule("PA402"), FETCH + load)
    assert "a, b = await asyncio.gather(fetch(urls[0]), fetch(urls[1]))" in after
    assert run(FETCH + load, server, 2)[::2] == (("/0", "/1"), 1)
    assert run(after, server, 2)[::2] == (("/0", "/1"), 2)


def test_blocking_requests_in_coroutines_run_side_by_side_in_threads(server: Server) -> None:
    source = (
        "import asyncio\nfrom urllib.request import urlopen\n\n\nasync def one(url):\n"
        "    with urlopen(url) as answer:\n        return answer.read().decode()\n\n\n"
        "async def load(urls):\n    return await asyncio.gather(*(one(url) for url in urls))\n"
    )
    _, after = fixed(rule("PA401"), source)
    assert "with (await asyncio.to_thread(urlopen, url)) as answer" in after
    before_result, _, before_most = run(source, server, 4)
    after_result, _, after_most = run(after, server, 4)
    assert before_result == after_result == ["/0", "/1", "/2", "/3"]
    assert before_most == 1
    assert after_most > 1


def test_requests_in_a_loop_share_a_connection(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = types.ModuleType("requests")
    exec(STANDS_FOR_REQUESTS, vars(requests))
    monkeypatch.setitem(sys.modules, "requests", requests)
    source = "import requests\n\n\ndef load(urls):\n    return [requests.get(url) for url in urls]\n"
    _, after = fixed(rule("PA404"), source)
    before_result, before_connections, _ = run(source, server, 5)
    after_result, after_connections, _ = run(after, server, 5)
    assert before_result == after_result == [f"/{n}".encode() for n in range(5)]
    assert (before_connections, after_connections) == (5, 1)


def test_requests_in_a_loop_run_side_by_side_in_threads(server: Server) -> None:
    source = (
        "from urllib.request import urlopen\n\n\ndef one(url):\n    with urlopen(url) as answer:\n"
        "        return answer.read().decode()\n\n\ndef load(urls):\n    return [one(url) for url in urls]\n"
    )
    _, after = fixed(rule("PA406"), source)
    assert "executor.map(one, urls)" in after
    before_result, _, before_most = run(source, server, 4)
    after_result, _, after_most = run(after, server, 4)
    assert before_result == after_result == ["/0", "/1", "/2", "/3"]
    assert before_most == 1
    assert after_most > 1


def test_text_over_several_lines_is_not_indented() -> None:
    source = (
        "import requests\n\n\ndef load(urls):\n    for url in urls:\n        requests.get(url, data='''a\n"
        "        b''')\n"
    )
    analysis, after = fixed(rule("PA404"), source)
    assert after == source
    assert [finding.fix for finding in analysis.findings] == [None]


def test_answers_that_are_read_later_do_not_outlive_their_session() -> None:
    source = "import requests\n\n\ndef load(urls):\n    return [requests.get(url, stream=True) for url in urls]\n"
    analysis, after = fixed(rule("PA404"), source)
    assert after == source
    assert [finding.fix for finding in analysis.findings] == [None]
