"""`optimize` that is interrupted or killed at each of its writes: the files as they were, or a journal that says how."""

import os
import signal
import sys
from types import SimpleNamespace

import pytest

from perf_advise import optimize as loop
from perf_advise.model.errors import UserError
from perf_advise.model.finding import Gain
from perf_advise.model.options import Options
from perf_advise.model.profile import Profile, Unit
from perf_advise.model.report import Change
from perf_advise.source import undo, writing

START = {"a.py": b"a = 0\n", "b.py": b"b = 0\n"}
ROUNDS = [{"a.py": b"a = 1\n", "b.py": b"b = 1\n"}, {"a.py": b"a = 2\n"}, {}]
END = {"a.py": b"a = 2\n", "b.py": b"b = 1\n"}
COMMAND = [sys.executable, "-c", "print(1)"]


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name, data in START.items():
        (tmp_path / name).write_bytes(data)
    rounds = iter(ROUNDS)

    def check(options, progress, tell):
        after = {tmp_path / name: data for name, data in next(rounds).items()}
        before = {path: path.read_bytes() for path in after}
        undo.write_files(tmp_path, [undo.Change(path, before[path], after[path]) for path in after])
        changes = tuple(
            Change(path, before[path].decode(), after[path].decode(), before[path], after[path]) for path in after
        )
        applied = tuple(
            SimpleNamespace(code="PA1", function=SimpleNamespace(qualname=p.stem), gain=Gain(4.0, 0.5, "proof"))
            for p in after
        )
        return SimpleNamespace(
            applied=applied, findings=(), changes=changes, profile=Profile("t", Unit.SECONDS, 10.0, (), seconds=10.0)
        )

    monkeypatch.setattr(loop, "check", check)
    monkeypatch.setattr(loop, "record", lambda *args, **more: SimpleNamespace(stopped=False))
    monkeypatch.setattr(loop, "PAIRS", 1)
    monkeypatch.setattr(loop, "WORTH_IT", 0.0)
    return tmp_path


def files(root):
    return {name: (root / name).read_bytes() for name in START}


def run(root):
    return loop.optimize(COMMAND, Options(root=root, paths=(root,)), lambda line: None)


def at_write(number, act, monkeypatch):
    """`act` before the write with this number, from 0, of a file of the project or of the journal."""
    written = []
    replace = writing._replace

    def counted(*args):
        written.append(args)
        if len(written) == number + 1:
            act()
        replace(*args)

    monkeypatch.setattr(writing, "_replace", counted)
    return written


def interrupt():
    raise KeyboardInterrupt


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def terminate():
    os.kill(os.getpid(), signal.SIGTERM)


def writes_of_a_whole_run(root, monkeypatch):
    written = at_write(-1, interrupt, monkeypatch)
    run(root)
    return len(written)


def test_all_rounds_are_taken_back_as_one(project):
    assert run(project).rounds == 2
    assert files(project) == END
    undo.undo(project)
    assert files(project) == START


def test_what_gains_nothing_is_taken_back_with_its_journal(project, monkeypatch):
    monkeypatch.setattr(loop, "WORTH_IT", 1e9)
    outcome = run(project)
    assert outcome.same and not outcome.applied and files(project) == START
    with pytest.raises(UserError, match="nothing to undo"):
        undo.undo(project)


def test_what_was_compiled_from_a_file_stays_valid_while_both_sides_are_run_in_turn(project, monkeypatch):
    monkeypatch.setattr(loop, "PAIRS", 3)
    seen = {}
    plain_run = loop._Loop._plain_run

    def noted(self):
        for name, data in files(project).items():
            seen.setdefault((name, data), []).append(int((project / name).stat().st_mtime))
        return plain_run(self)

    monkeypatch.setattr(loop._Loop, "_plain_run", noted)
    run(project)
    assert len(set(seen["a.py", END["a.py"]])) == 1 and len(seen["a.py", END["a.py"]]) == 4
    assert not set(seen["a.py", END["a.py"]]) & set(seen["a.py", START["a.py"]][-3:])


def test_there_are_as_many_writes_as_the_tests_below_go_through(project, monkeypatch):
    assert writes_of_a_whole_run(project, monkeypatch) == 13


@pytest.mark.parametrize("ending", [interrupt, terminate])
@pytest.mark.parametrize("number", range(13))
def test_interrupted_at_any_write_the_files_are_as_they_were(number, ending, project, monkeypatch):
    at_write(number, ending, monkeypatch)
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        run(project)
    assert files(project) == START
    assert not list(project.glob(".*.tmp"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("number", range(13))
def test_killed_at_any_write_undo_takes_all_back(number, project, monkeypatch):
    child = os.fork()
    if child == 0:
        at_write(number, kill, monkeypatch)
        run(project)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    states = [START, *ROUNDS]
    assert all(data in [state.get(name) for state in states] for name, data in files(project).items()), "whole files"
    if (project / ".perf-advise" / "undo" / "journal.json").exists():
        undo.undo(project)
    assert files(project) == START


def test_an_end_that_is_wished_for_while_the_program_is_recorded(project, monkeypatch):
    answers = iter([False, True])
    monkeypatch.setattr(loop, "record", lambda *args, **more: SimpleNamespace(stopped=next(answers)))
    with pytest.raises(KeyboardInterrupt):
        run(project)
    assert files(project) == START


def test_an_edit_made_meanwhile_is_not_ours_to_take_back(project):
    with pytest.raises(KeyboardInterrupt), undo.one_journal(project):
        path = project / "a.py"
        undo.write_files(project, [undo.Change(path, START["a.py"], b"a = 1\n")])
        path.write_bytes(b"mine\n")
        raise KeyboardInterrupt
    assert files(project)["a.py"] == b"mine\n"


MINE = b"the profile that was there\n"


@pytest.fixture
def recorded(project, monkeypatch):
    """Each recording writes a profile that says which program it is of; the path of the profile."""
    path = project / ".perf-advise" / "profile.json"
    path.parent.mkdir(exist_ok=True)

    def record(*args, **more):
        path.write_bytes((project / "a.py").read_bytes())
        return SimpleNamespace(stopped=False)

    monkeypatch.setattr(loop, "record", record)
    return path


def test_at_the_end_the_profile_is_that_of_the_program_and_undo_gives_back_that_of_the_old_one(project, recorded):
    run(project)
    assert recorded.read_bytes() == END["a.py"]
    undo.undo(project)
    assert recorded.read_bytes() == START["a.py"] and files(project) == START


def test_a_profile_recorded_after_the_end_stays_at_undo(project, recorded):
    run(project)
    recorded.write_bytes(MINE)
    assert undo.undo(project).kept == ()
    assert recorded.read_bytes() == MINE and files(project) == START


def test_where_nothing_is_gained_the_profile_is_that_of_the_program_as_it_was(project, recorded, monkeypatch):
    monkeypatch.setattr(loop, "WORTH_IT", 1e9)
    outcome = run(project)
    assert not outcome.applied and "->" in outcome.reason
    assert recorded.read_bytes() == START["a.py"]


def test_after_the_last_round_that_was_allowed_the_program_is_recorded_once_more(project, recorded):
    loop.optimize(COMMAND, Options(root=project, paths=(project,)), lambda line: None, rounds=1)
    assert recorded.read_bytes() == files(project)["a.py"] == ROUNDS[0]["a.py"]


@pytest.mark.parametrize("before", [MINE, None])
def test_interrupted_the_profile_is_the_one_that_was_there(project, recorded, monkeypatch, before):
    if before is not None:
        recorded.write_bytes(before)
    monkeypatch.setattr(loop._Loop, "_pairs", lambda self, after: interrupt())
    with pytest.raises(KeyboardInterrupt):
        run(project)
    assert (recorded.read_bytes() if recorded.exists() else None) == before
    assert files(project) == START


def test_what_each_fix_gave_and_how_far_each_step_is(project):
    told, seen = [], []
    outcome = loop.optimize(
        COMMAND,
        Options(root=project, paths=(project,)),
        told.append,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert outcome.gains == (3.75, 3.75, 3.75), "4x of half of 10 s"
    assert seen == [(0, 2), (1, 2), (2, 2)]
    assert [(change.before, change.after) for change in outcome.changes] == [
        (START["a.py"].decode(), END["a.py"].decode()),
        (START["b.py"].decode(), END["b.py"].decode()),
    ]
