"""A recorded program behaves as without us."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap

import pytest

from perf_advise.recording.launch import AGENT

AGENTS = ["ticking", "deterministic"]
PROBE = """
import os, sys
print(sys.argv, __name__, __file__, sys.path[0], sys.flags, sys.stdin.read())
print({k: v for k, v in sorted(os.environ.items()) if k not in ("LINES", "COLUMNS")})
print([p for p in sys.path], "sitecustomize" in sys.modules, len(sys.meta_path) < 9)
import signal
print([signal.getsignal(s) for s in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGUSR1)])
print(signal.getitimer(signal.ITIMER_REAL), signal.signal(signal.SIGTERM, signal.SIG_DFL))
print(os.getcwd(), sys.stdout.isatty())
"""


@pytest.fixture(params=AGENTS)
def agent(request) -> str:
    return request.param


@pytest.mark.parametrize(
    "how", [("app.py", "-x", "1"), ("-m", "app", "2"), ("-m", "pkg"), ("-u", "-X", "dev", "app.py")]
)
def test_arguments_paths_flags_environment_and_signals(programs, python, agent, how) -> None:
    programs.write("app.py", PROBE)
    programs.write("pkg/__main__.py", PROBE)
    recorded = programs.record(python, *how, text="hello", agent=agent)
    plain = programs.plain(python, *how, text="hello")
    assert recorded.out == plain.stdout
    assert recorded.err == plain.stderr
    assert recorded.profile


def test_a_program_on_standard_input_and_one_on_the_command_line(programs, python, agent) -> None:
    for how, text in ((("-",), PROBE.replace("__file__", "1")), (("-c", PROBE.replace("__file__", "1"), "a"), "x")):
        assert (
            programs.record(python, *how, text=text, agent=agent).out == programs.plain(python, *how, text=text).stdout
        )


def test_a_path_that_the_user_set_stays(programs, python, agent) -> None:
    programs.write("app.py", PROBE)
    found = {**os.environ, "PYTHONPATH": os.pathsep.join(["/one", "/two"])}
    plain = programs.plain(python, "app.py", env=found)
    startup = str(AGENT / "startup")
    told = {"_PERF_ADVISE_AGENTS": agent, "_PERF_ADVISE_SCRATCH": str(programs.scratch), "_PERF_ADVISE_ROOT": "/"}
    path = os.pathsep.join([startup, found["PYTHONPATH"]])
    assert programs.record(python, "app.py", env={**found, **told, "PYTHONPATH": path}).out == plain.stdout


@pytest.mark.parametrize(
    "end",
    [
        "sys.exit(3)",
        "sys.exit('a message')",
        "raise ValueError('wrong')",
        "os._exit(4)",
        "os.kill(os.getpid(), signal.SIGTERM); time.sleep(9)",
        "os.kill(os.getpid(), signal.SIGKILL)",
        "os.abort()",
        "signal.raise_signal(signal.SIGINT)",
        "os.execv(sys.executable, [sys.executable, '-c', 'print(5); raise SystemExit(5)'])",
        "os.execvp('no-such-program', ['x'])",
    ],
)
def test_it_ends_the_same_way(programs, python, agent, end) -> None:
    programs.write("app.py", f"import os, sys, signal, time\nprint('begin', flush=True)\n{end}\n")
    recorded, plain = programs.record(python, "app.py", agent=agent), programs.plain(python, "app.py")
    assert (recorded.code, recorded.out) == (plain.returncode, plain.stdout)
    assert recorded.err.splitlines()[-1:] == plain.stderr.splitlines()[-1:]


def test_a_console_script_runs_under_its_own_interpreter(programs, python, agent) -> None:
    tool = programs.write("bin/tool", f"#!{python}\nimport sys\nprint(sys.argv, __name__)\nsys.exit(7)\n")
    tool.chmod(0o755)
    recorded, plain = programs.record(str(tool), "a", agent=agent), programs.plain(str(tool), "a")
    assert (recorded.code, recorded.out) == (plain.returncode, plain.stdout) == (7, f"{[str(tool), 'a']} __main__\n")
    assert recorded.profile


@pytest.mark.parametrize("text", ["print('customised')", "import nothing_of_this_name", "1 / 0"])
def test_the_user_s_own_sitecustomize_runs(programs, python, agent, text) -> None:
    programs.write("site/sitecustomize.py", text)
    programs.write("app.py", "import sys; print(sys.modules.get('sitecustomize'))")
    found = {**os.environ, "PYTHONPATH": str(programs.folder / "site")}
    plain = programs.plain(python, "app.py", env=found)
    told = {"_PERF_ADVISE_AGENTS": agent, "_PERF_ADVISE_SCRATCH": str(programs.scratch), "_PERF_ADVISE_ROOT": "/"}
    path = os.pathsep.join([str(AGENT / "startup"), found["PYTHONPATH"]])
    recorded = programs.record(python, "app.py", env={**found, **told, "PYTHONPATH": path})
    assert recorded.out == plain.stdout
    assert [line for line in recorded.err.splitlines() if "File" not in line] == plain.stderr.splitlines()


HANDLER = """
import signal, time, sys
def handle(signum, frame):
    print("handled", signum, flush=True)
    raise {what}
print(signal.signal(signal.{name}, handle), signal.getsignal(signal.{name}) is handle)
try:
    signal.raise_signal(signal.{name})
    time.sleep(30)
except {what}:
    print("caught")
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGUSR1", "SIGALRM"])
@pytest.mark.parametrize("what", ["TimeoutError", "KeyboardInterrupt"])
def test_handlers_of_the_program_run_and_raise(programs, python, agent, name, what) -> None:
    programs.write("app.py", HANDLER.format(name=name, what=what))
    assert programs.record(python, "app.py", agent=agent).out == programs.plain(python, "app.py").stdout


def test_exceptions_of_handlers_come_through_while_it_is_sampled(recorded) -> None:
    """Most of these signals arrive while ours is being handled, or the other way round."""
    run = recorded(
        """
        import os, signal, threading, time
        class Told(Exception): pass
        def handle(signum, frame): raise Told
        signal.signal(signal.SIGUSR1, handle)
        caught = 0
        for _ in range(300):
            try:
                os.kill(os.getpid(), signal.SIGUSR1)
                for i in range(10**9): pass
            except Told:
                caught += 1
        print(caught)
        """.replace("\n        ", "\n")
    )
    assert run.out == "300\n"


ALARMS = {
    "mask": "print(signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32)))",
    "alarm": "signal.signal(signal.SIGALRM, h); signal.alarm(1); signal.pause(); print(got)",
    "setitimer": "signal.signal(signal.SIGALRM, h); print(signal.setitimer(signal.ITIMER_REAL, .2))\n"
    "signal.pause(); print(got)",
    "pause": "threading.Timer(.3, os.kill, (os.getpid(), signal.SIGUSR1)).start(); signal.pause(); print(got)",
    "wakeup": "r, w = os.pipe(); os.set_blocking(w, False); signal.set_wakeup_fd(w)\n"
    "for i in range(3000000): pass\nos.set_blocking(r, False)\n"
    "try: print(os.read(r, 9))\nexcept BlockingIOError: print('nothing')",
}


@pytest.mark.parametrize("name", ALARMS)
def test_programs_that_use_the_alarm_themselves(recorded, name) -> None:
    """They get their own signals, and only those; sampling goes on by thread."""
    lines = ALARMS[name]
    run = recorded(
        "import os, signal, threading\ngot = []\ndef h(s, f): got.append(s)\nsignal.signal(signal.SIGUSR1, h)\n"
        f"{lines}\ndef work():\n    t = 0\n    for i in range(3000000): t += i\n    return t\nwork()\n"
    )
    expected = {
        "alarm": "[14]\n",
        "setitimer": "(0.0, 0.0)\n[14]\n",
        "pause": "[10]\n",
        "mask": "set()\n",
        "wakeup": "nothing\n",
    }
    assert run.out.replace("<Signals.SIGALRM: 14>", "14") == expected[name]
    assert run.cost("work").own > 0


def test_locals_that_the_program_keeps_are_left_alone(recorded) -> None:
    run = recorded(
        textwrap.dedent(
            """
            def f():
                a = 1
                kept = locals()
                b = 0
                for i in range(3_000_000): b += i
                return sorted(kept)
            print(f())
            """
        )
    )
    assert run.out == "['a']\n"


def test_values_are_not_kept_alive(recorded) -> None:
    run = recorded(
        textwrap.dedent(
            """
            import weakref
            class Big: pass
            def f():
                big = Big()
                seen = weakref.ref(big)
                for i in range(2_000_000): pass
                del big
                return seen()
            print(f())
            """
        )
    )
    assert run.out == "None\n"


def test_no_code_of_the_user_s_objects_runs(recorded) -> None:
    run = recorded(
        textwrap.dedent(
            """
            def loud(*args): print("called", args)
            class Meta(type):
                __getattribute__ = lambda cls, name: loud(name) or type.__getattribute__(cls, name)
            class Touchy(metaclass=Meta):
                size = property(loud)
                def __getattribute__(self, name): loud(name)
                __len__ = __iter__ = __hash__ = __eq__ = __bool__ = __repr__ = loud
            def f(self, touchy, listed):
                t = 0
                for i in range(3_000_000): t += i
                if t < 0: self.size, self.other
                return t
            touchy = object.__new__(Touchy)
            f(touchy, touchy, [touchy, (touchy,), {"a": touchy}])
            """
        )
    )
    assert run.out == ""
    names = {name for seen in run.profile.types for name in seen.names}
    assert {"touchy", "listed", "t"} <= names


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_stopped_keeps_everything(programs, python, signum) -> None:
    programs.write(
        "app.py",
        "import time\ndef work():\n    t = 0\n    for i in range(4000000): t += i\n"
        "work()\nprint('ready', flush=True)\ntime.sleep(60)\n",
    )
    process = programs.start(python, "app.py")
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signum)
    run = programs.result(process)
    assert run.code == -signum
    assert run.cost("work").own > 0.02


def test_a_process_that_is_killed_keeps_what_was_written(programs, python) -> None:
    programs.write(
        "app.py",
        "import time\nend = time.process_time() + 1.5\nwhile time.process_time() < end: pass\n"
        "print(1, flush=True)\ntime.sleep(60)\n",
    )
    process = programs.start(python, "app.py")
    process.stdout.readline()
    process.kill()
    assert programs.result(process).profile.total > 0.2


def test_nothing_is_left_running(programs, python) -> None:
    programs.write("app.py", "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'pass'])\n")
    assert programs.record(python, "app.py").code == 0
    assert not [p for p in programs.scratch.iterdir() if p.suffix not in (".raw",)]


@pytest.mark.parametrize("name", ["python2", "python2.7", "python3.6", "python3.8"])
def test_older_pythons_are_left_alone(programs, name) -> None:
    if shutil.which(name) is None or subprocess.run([name, "-c", ""], capture_output=True).returncode:
        pytest.skip("no such interpreter here")
    run = programs.record(name, "-c", "import os; print(1)")
    assert (run.out, run.err, run.measured.processes) == ("1\n", "", 0)
