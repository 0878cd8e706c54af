"""Where Python looks for signals, and who ran before: against what the disassembler says of real functions."""

import dis
import sys

import pytest

from perf_advise.recording.agent.apportion import Apportioning
from perf_advise.recording.agent.bytecode import Layout, entries
from perf_advise.recording.agent.tables import Row

pytestmark = pytest.mark.skipif(sys.version_info < (3, 11), reason="older interpreters look elsewhere")


def small(a, b):
    return a + b


def loop(n):
    total = 0
    for i in range(n):
        total = small(total, i)
        total += i * i
    return total


def branch(n):
    if n < 2:
        return n
    return branch(n - 1) + branch(n - 2)


def generate(n):
    for i in range(n):
        yield i + 1


def back(words):
    return sorted(words, key=small)


FUNCTIONS = [small, loop, branch, generate, back, Layout.before, Apportioning.of_place]


def offsets(function, name, argument=None):
    return [i.offset for i in dis.get_instructions(function) if i.opname == name and argument in (None, i.arg)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_instructions_are_those_of_the_disassembler(function) -> None:
    layout = Layout(function.__code__)
    expected = {i.offset for i in dis.get_instructions(function) if i.opname not in ("CACHE", "EXTENDED_ARG")}
    assert {layout.start(offset) for offset in expected} == expected
    assert layout.start(-2) == -1
    exits = {i.offset for i in dis.get_instructions(function) if i.opname.startswith(("RETURN_V", "RETURN_C", "YIELD"))}
    assert set(layout.exits()) == exits


def test_calls_begin_and_generators_go_on_where_they_resume() -> None:
    assert entries(small.__code__) == frozenset(offsets(small, "RESUME", 0))
    assert entries(generate.__code__) >= frozenset(offsets(generate, "RESUME", 0))
    assert len(entries(generate.__code__)) == 2


def test_a_straight_function_runs_from_its_beginning() -> None:
    layout = Layout(small.__code__)
    time, returned_at = layout.before(layout.exits()[0], ())
    assert returned_at is None
    assert time > 5


def test_before_the_jump_back_is_the_call_that_returned() -> None:
    layout = Layout(loop.__code__)
    (call, jump) = [offsets(loop, "CALL")[1], offsets(loop, "JUMP_BACKWARD")[0]]
    assert layout.before(jump, {call}) == (pytest.approx(layout.before(jump, ())[0]), call)
    assert layout.before(jump, ())[1] is None
    # Up to the call itself: the loop's head, not the time before the loop.
    assert layout.before(call, ())[0] < 20


@pytest.mark.parametrize(("function", "which", "name"), [(loop, 0, "range"), (loop, 1, "small"), (back, -1, "sorted")])
def test_what_a_call_calls(function, which, name) -> None:
    calls = offsets(function, "CALL") or offsets(function, "CALL_KW")
    assert Layout(function.__code__).callee_name(calls[which]) == name


def rows(*functions) -> list[Row]:
    return [Row(function.__code__, index) for index, function in enumerate(functions)]


def test_time_after_a_call_is_shared_with_what_returned() -> None:
    caller, callee = rows(loop, small)
    call, jump = offsets(loop, "CALL")[1], offsets(loop, "JUMP_BACKWARD")[0]
    caller.entered[call, callee.index] = [1.0, 4]
    caller.at[jump] = [1.0, 5]
    ((index, share),) = Apportioning([caller, callee]).of_place(caller, jump)
    assert index == callee.index
    assert 0.1 < share < 0.7


def test_a_call_that_went_through_c_code_has_been_looked_at() -> None:
    caller, callee = rows(loop, small)
    call, jump = offsets(loop, "CALL")[1], offsets(loop, "JUMP_BACKWARD")[0]
    caller.entered[call, callee.index] = [1.0, 4]
    caller.at[call] = [0.5, 4]
    assert Apportioning([caller, callee]).of_place(caller, jump) == []


def test_a_function_called_back_by_c_code_gets_its_own_time() -> None:
    caller, callee = rows(back, small)
    call = (offsets(back, "CALL") or offsets(back, "CALL_KW"))[-1]
    caller.entered[call, callee.index] = [1.0, 1]
    ((index, share),) = Apportioning([caller, callee]).of_entry(caller, call, callee)
    assert (index, share > 0.3) == (callee.index, True)


def test_recursion_ends() -> None:
    (row,) = rows(branch)
    for call in offsets(branch, "CALL"):
        row.entered[call, 0] = [1.0, 1]
    shares = Apportioning([row]).of_place(row, offsets(branch, "RETURN_VALUE")[-1])
    assert sum(share for _, share in shares) <= 1.0
