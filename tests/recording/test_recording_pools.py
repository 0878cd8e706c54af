"""Pools of processes end as without us, however early their workers are told to terminate."""

import sys
from textwrap import dedent

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no fork")

POOLS = dedent("""
    import multiprocessing, sys
    from concurrent.futures import ProcessPoolExecutor
    def work(n): return sum(i % 7 for i in range(n))
    if __name__ == "__main__":
        context = multiprocessing.get_context(sys.argv[1])
        for _ in range(int(sys.argv[2])):
            pool = context.Pool(4)
            pool.map(work, [100] * 4)
            pool.terminate()
            pool.join()
            print({process.exitcode for process in pool._pool} <= {0, -15})
        with ProcessPoolExecutor(2, context) as executor:
            print(sum(executor.map(work, [100_000] * 4)))
""")
HELD = dedent("""
    import os, signal, sys, time
    inherited = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    child = os.fork()
    if not child:
        time.sleep(60)
        os._exit(0)
    os.kill(child, signal.SIGTERM)
    print(os.waitpid(child, 0)[1], signal.pthread_sigmask(signal.SIG_BLOCK, []) == inherited)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    if not os.fork():
        os._exit(7 if signal.SIGTERM in signal.pthread_sigmask(signal.SIG_BLOCK, []) else 1)
    print(os.waitstatus_to_exitcode(os.wait()[1]))
""")
WAITING = dedent("""
    import multiprocessing, os, signal
    lock = multiprocessing.Lock()
    lock.acquire()
    for _ in range(30):
        child = os.fork()
        if not child:
            lock.acquire()
            os._exit(1)
        os.kill(child, signal.SIGTERM)
        print(os.waitpid(child, 0)[1])
""")
# One call of C code that first works and then waits: nothing looks for signals in between.
LATE = dedent("""
    import functools, multiprocessing, operator, os, signal, sys, time
    lock = multiprocessing.Lock()
    lock.acquire()
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    if sys.argv[1] == "wakeup":
        signal.set_wakeup_fd(writing)
    child = os.fork()
    if not child:
        signal.set_wakeup_fd(-1)
        started = functools.partial(os.write, writing, b"x")
        calls = [started, functools.partial(sum, range(20_000_000)), lock.acquire]
        list(map(operator.call, calls))
        os._exit(1)
    os.read(reading, 1)
    time.sleep(0.05)
    os.kill(child, signal.SIGTERM)
    print(os.waitpid(child, 0)[1])
""")


@pytest.fixture(params=["ticking", "deterministic"])
def agent(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(("method", "pools"), [("fork", 25), ("spawn", 2), ("forkserver", 2)])
def test_terminated_pools_end_and_what_they_did_is_kept(recorded, agent, method, pools) -> None:
    run = recorded(POOLS, method, str(pools), agent=agent)
    assert run.code == 0, run.err
    assert run.out.splitlines() == ["True"] * pools + [run.out.splitlines()[-1]]
    assert run.measured.processes >= 4 * pools
    assert run.cost("work").cumulative > 0


def test_a_child_is_told_to_terminate_right_after_the_fork(recorded, agent) -> None:
    """Python forgets, in a forked child, the signals that came before its start there."""
    for _ in range(3):
        assert recorded(HELD, agent=agent).out == "15 True\n7\n"


def test_a_child_that_waits_for_a_lock_is_told_to_terminate(recorded, agent) -> None:
    run = recorded(WAITING, agent=agent)
    assert run.out == "15\n" * 30, run.err


@pytest.mark.skipif(sys.version_info < (3, 11), reason="operator.call")
@pytest.mark.parametrize("before", ["nothing", "wakeup"])
def test_a_child_is_told_to_terminate_right_before_it_waits(recorded, agent, before) -> None:
    """Below a fork server too, which uses a wakeup descriptor: its children put that off."""
    assert recorded(LATE, before, agent=agent).out == "15\n"
