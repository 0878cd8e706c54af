"""The keeper inside of real programs: what is kept, what is dropped and why; the program behaves as without it."""

import io
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from perf_advise.model.errors import UserError
from perf_advise.proof.command import keep_calls
from perf_advise.recording import calls, trust
from perf_advise.recording.calls import Quotas, kept_calls
from perf_advise.recording.launch import environment


@pytest.fixture(autouse=True)
def own_key(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def keep(
    root: Path, source: str, *names: str, arguments=("app.py",), quotas=None, owner="app.py", python=sys.executable
):
    """Run the program with the keeper; recordings by function name."""
    root.mkdir(exist_ok=True)
    if owner == "app.py":
        (root / "app.py").write_text(source, "utf-8")
    before = os.getcwd()
    os.chdir(root)
    try:
        kept = keep_calls([python, *arguments], [(root / owner, name) for name in names], root, quotas=quotas)
    finally:
        os.chdir(before)
    return {r.qualname: r for r in kept.recordings}, kept.finished.exit_code


class Unpickler(pickle.Unpickler):
    """Finds the keeper's own helpers under the name that they have here."""

    def find_class(self, module, name):
        return super().find_class(module.replace("_perf_advise.", "perf_advise.recording.agent."), name)


def arguments_of(recording):
    """Unpickled (args, kwargs) of the kept calls: our own program's, so it is safe to load them."""
    found = []
    for call in kept_calls(recording):
        args, kwargs, _ = Unpickler(io.BytesIO(call.payload)).load()
        found.append((args, kwargs))
    return found


PROGRAM = """
import atexit, sys, threading, traceback
_NONE = object()
def plain(a, b=2, *rest, c=3, **more): return (a, b, rest, c, more)
def sentinel(x, y=_NONE, z=5): return y is _NONE
def mutating(xs): xs.append(1); return xs
def recursive(n): return 0 if n == 0 else 1 + recursive(n - 1)
def deep(n): return 0 if n == 0 else 1 + deep(n - 1)
def failing(n):
    if n % 50 == 49: raise KeyError(n)
    return n
def generator(n):
    yield from range(n)
def rare(n):
    if n == 777: return "rare"
    return "common"
def unpicklable(f, n): return f(n)
def uses_locals(a): b = 1; return sorted(locals())
def around(n):
    def inner(y): return y + n
    return inner(1)
def huge(data): return len(data)
class Thing:
    def __init__(self, n): self.n = n; self.lock = threading.Lock()
    def method(self, k): return self.n * k
    @classmethod
    def build(cls, n): return cls(n)
    @staticmethod
    def static(n): return n
    @property
    def prop(self): return self.n
if __name__ == "__main__":
    plain(1); plain(1, 2, 3, c=4, d=5); plain(1, 7)
    sentinel(1); sentinel(1, 2); sentinel(1, z=6)
    xs = [0]; mutating(xs); mutating(xs)
    recursive(5)
    sys.setrecursionlimit(400); print(deep(300))
    for n in range(200):
        try: failing(n)
        except KeyError: pass
    print(list(generator(3)))
    for n in range(3000): rare(n % 1000)
    unpicklable(lambda n: n, 3)
    print(uses_locals(1)); around(2); huge(b"x" * 100000)
    t = Thing(3); t.method(2); Thing.build(4); Thing.static(5); t.prop
    try: failing(49)
    except KeyError: print(traceback.format_exc().replace(__file__, "app.py"))
    atexit.register(print, "bye")
    sys.exit(7)
"""
NAMES = """plain sentinel mutating recursive deep failing generator rare unpicklable uses_locals around
around.<locals>.inner huge Thing.method Thing.build Thing.static Thing.prop missing""".split()


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
    root = tmp_path_factory.mktemp("app")
    yield *keep(root, PROGRAM, *NAMES, quotas=Quotas(calls=12, per_shape=2, call_bytes=50_000)), root
    patch.undo()


@pytest.fixture
def recordings(kept, monkeypatch):
    return kept[0]


def calls_of(kept, name):
    return arguments_of(kept[0][name])


@pytest.fixture(autouse=True)
def same_key(request, monkeypatch):
    """Tests of the one kept run read it with the key that signed it."""
    if "kept" in request.fixturenames:
        monkeypatch.undo()


def test_exit_code_and_output_are_the_programs_own(tmp_path, capfd):
    script = tmp_path / "app.py"
    script.write_text(PROGRAM, "utf-8")
    alone = subprocess.run([sys.executable, "app.py"], cwd=tmp_path, capture_output=True, text=True)
    _, code = keep(tmp_path, PROGRAM, *NAMES)
    shown = capfd.readouterr()
    assert (code, shown.out) == (alone.returncode, alone.stdout)


def test_arguments_as_called(kept):
    assert calls_of(kept, "plain") == [((1,), {}), ((1, 2, 3), {"c": 4, "d": 5}), ((1, 7), {})]


def test_defaults_are_left_to_the_function(kept):
    assert calls_of(kept, "sentinel") == [((1,), {}), ((1, 2), {}), ((1,), {"z": 6})]


def test_arguments_are_those_before_the_call(kept):
    assert calls_of(kept, "mutating") == [(([0],), {}), (([0, 1],), {})]


def test_results_and_times(kept):
    call = kept_calls(kept[0]["mutating"])[0]
    assert pickle.loads(call.result) == [0, 1] and call.outcome == "returned" and call.type == "list"
    assert 0 < call.seconds < 1


def test_only_the_outermost_call_of_a_recursion(kept):
    assert calls_of(kept, "recursive") == [((5,), {})]
    assert kept[0]["recursive"].dropped == {"inner call of a recursion": 5}


def test_recursion_depth_is_not_changed(kept):
    assert calls_of(kept, "deep") == [((300,), {})]


def test_exceptions_are_kept_though_rare(kept):
    raised = [call for call in kept_calls(kept[0]["failing"]) if call.outcome == "raised"]
    assert {pickle.loads(call.payload)[0][0] for call in raised} >= {49, 99}
    assert {call.type for call in raised} == {"KeyError"}


def test_a_branch_that_few_calls_take_is_hunted_for(kept):
    results = {pickle.loads(call.result) for call in kept_calls(kept[0]["rare"])}
    assert results == {"rare", "common"}


def test_quotas_hold_and_are_told(kept):
    assert kept[0]["rare"].calls < 40
    assert kept[0]["rare"].dropped["over the quota"] > 1000


def test_every_call_is_kept_or_has_a_reason(kept) -> None:
    """Also a call that was kept until another one took its place."""
    rare, failing = kept[0]["rare"], kept[0]["failing"]
    assert failing.calls + sum(failing.dropped.values()) == 201
    assert rare.calls + sum(rare.dropped.values()) == pytest.approx(3000, abs=5)


def test_reasons_for_what_is_not_kept(kept):
    found = kept[0]
    assert found["uses_locals"].dropped == {"uses locals, which could see what is added": 1}
    assert found["around.<locals>.inner"].dropped == {"a closure: kept through the function around it": 1}
    assert found["huge"].dropped == {"arguments too large": 1}
    assert found["missing"].dropped == {"not found in the file": 1}


def test_methods_and_their_kinds(kept):
    for name in ("Thing.method", "Thing.build", "Thing.static", "Thing.prop", "generator", "unpicklable"):
        assert kept[0][name].calls == 1, name


def test_never_called_is_said(tmp_path):
    found, _ = keep(tmp_path / "p", "def f(): pass\n", "f")
    assert found["f"].calls == 0 and found["f"].dropped == {"not called in the recorded run": 1}


def test_pools_of_both_kinds(tmp_path):
    source = """
import multiprocessing, sys
def work(n): return n * n
if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool: pool.map(work, range(10), 1)
"""
    for method in ("fork", "spawn"):
        found, code = keep(tmp_path / method, source, "work", arguments=("app.py", method))
        assert code == 0
        assert sorted({args[0] for args, _ in arguments_of(found["work"])}) == list(range(10))


def test_imported_modules_and_dash_m(tmp_path):
    package = tmp_path / "p" / "pkg"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "lib.py").write_text("def f(x):\n    return x + 1\n")
    (package / "__main__.py").write_text("from .lib import f\nprint(f(1), f(2.5))\n")
    found, _ = keep(tmp_path / "p", "", "f", arguments=("-m", "pkg"), owner="pkg/lib.py")
    assert arguments_of(found["f"]) == [((1,), {}), ((2.5,), {})]


def test_coroutines_keep_their_nature(tmp_path):
    source = """
import asyncio, inspect
async def co(n):
    await asyncio.sleep(0)
    return n
assert inspect.iscoroutinefunction(co)
async def main(): return await asyncio.gather(*(co(n) for n in range(3)))
print(asyncio.run(main()))
"""
    found, code = keep(tmp_path / "p", source, "co")
    assert code == 0 and [args for args, _ in arguments_of(found["co"])] == [(0,), (1,), (2,)]


def test_user_state_is_kept_exactly_and_no_user_code_runs(tmp_path):
    source = """
class Own:
    def __init__(self): self.rows = [1, 2]; self.cache = {3: 4}
    def __reduce__(self): print("reduced"); return (Own, ())
    def __getstate__(self): print("state"); return {}
    def get(self): return self.cache
o = Own(); o.rows.append(9); o.get()
"""
    found, _ = keep(tmp_path / "p", source, "Own.get")
    content = kept_calls(found["Own.get"])[0].payload
    assert b"rows" in content and b"cache" in content


ENDLESS = """
import itertools, time
def f(n, xs):
    return n
for n in itertools.count():
    f(n, list(range(n)))
    time.sleep(0.001)
"""


@pytest.mark.parametrize("delay", [0.05, 0.2, 0.35])
def test_a_killed_program_loses_nothing_that_was_written(tmp_path, delay):
    (tmp_path / "app.py").write_text(ENDLESS, "utf-8")
    plan = calls.write_plan(tmp_path, [(tmp_path / "app.py", "f")])
    told = {"AGENTS": "calls_agent", "SCRATCH": str(tmp_path), "ROOT": str(tmp_path), "CALLS_PLAN": str(plan)}
    program = subprocess.Popen([sys.executable, "app.py"], cwd=tmp_path, env=environment(told))
    while not list(plan.parent.glob("*.calls")):
        time.sleep(0.01)
    time.sleep(delay)
    program.send_signal(signal.SIGKILL)
    program.wait()
    recording = calls.finish(tmp_path)[0]
    kept = arguments_of(recording)
    assert recording.calls == len(kept) > 0
    assert all(len(args[1]) == args[0] for args, _ in kept)


def test_a_torn_tail_ends_the_file(tmp_path):
    found, _ = keep(tmp_path / "p", "def f(n):\n    return n\n[f(n) for n in range(5)]\n", "f")
    path = found["f"].files[0]
    content = path.read_bytes()
    for cut in range(0, len(content), 97):
        path.write_bytes(content[:cut])
        trust.sign(path)
        assert all(args[0] in range(5) for args, _ in arguments_of(found["f"]))


def test_other_interpreters(tmp_path):
    for version in ("3.9.18", "3.12.1", "3.13.0"):
        python = Path(os.path.expanduser(f"~/.pyenv/versions/{version}/bin/python"))
        if python.exists():
            found, code = keep(tmp_path / version, "def f(n):\n    return n\nf(3)\n", "f", python=str(python))
            assert code == 0 and arguments_of(found["f"]) == [((3,), {})]


# trust


def test_files_are_signed_and_ignored_by_git(tmp_path):
    found, _ = keep(tmp_path / "p", "def f(n):\n    return n\nf(1)\n", "f")
    folder = tmp_path / "p" / ".perf-advise" / "calls"
    assert (folder / ".gitignore").read_text() == "*\n"
    assert trust.key_path().stat().st_mode & 0o077 == 0
    assert trust.signature_path(found["f"].files[0]).exists()


@pytest.mark.parametrize("spoil", ["unsigned", "foreign key", "changed", "changed plan", "other file's signature"])
def test_calls_that_this_user_did_not_sign_are_refused(tmp_path, monkeypatch, spoil):
    found, _ = keep(tmp_path / "p", "def f(n):\n    return n\nf(1)\n", "f")
    path = found["f"].files[0]
    if spoil == "unsigned":
        trust.signature_path(path).unlink()
    elif spoil == "foreign key":
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "somebody else"))
    elif spoil == "changed":
        path.write_bytes(path.read_bytes() + b"x")
    elif spoil == "changed plan":
        plan = path.parent / "plan.json"
        plan.write_text(json.dumps({**json.loads(plan.read_text()), "x": 1}))
    else:
        trust.signature_path(path).write_bytes(trust.signature_path(path.parent / "plan.json").read_bytes())
    with pytest.raises(UserError, match="sign"):
        calls.read_recordings(tmp_path / "p")


def test_forget_removes_everything(tmp_path):
    found, _ = keep(tmp_path / "p", "def f(n):\n    return n\nf(1)\n", "f")
    assert calls.forget(tmp_path / "p") > 0
    assert not found["f"].files[0].exists() and calls.read_recordings(tmp_path / "p") == ()
    assert calls.forget(tmp_path / "p") == 0
