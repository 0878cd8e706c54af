"""Collapsed stacks against sums made by plain code that knows one grammar each."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles import collapsed, text_stacks
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.loading import read_profile

IN_BRACKETS = re.compile(r"(\S.*?) \((.*?)(?::(\d+))?\)")
LABEL = re.compile(r'process \d+:".*"|thread \(\d+\)(: .*)?|P\d+|T\d+:\d+|tid:\d+')


def stacks(path: Path) -> Iterator[tuple[list, list[int]]]:
    """The frames of each line that is no header, without labels, and the numbers at its end."""
    for line in path.read_text().splitlines():
        if line and not line.startswith("#"):
            stack, numbers = line.rsplit(" ", 1)
            frames = [part for part in stack.split(";") if part and not LABEL.fullmatch(part)]
            yield frames, [int(n) for n in numbers.split(",")]


def pyspy(part: str) -> tuple[tuple[str, str], int]:
    found = IN_BRACKETS.fullmatch(part)
    assert found, part
    return (found[2], found[1]), int(found[3] or 0)


def in_colons(part: str) -> tuple[tuple[str, str], int]:
    path, name, line = part.rsplit(":", 2)
    return (path, name), int(line)


def costs(profile: Profile) -> dict[Frame, float]:
    return {cost.frame: cost.own for cost in profile.functions}


@pytest.mark.parametrize(
    "name",
    [
        "pyspy-raw.txt",
        "pyspy-raw-312.txt",
        "pyspy-raw-fullpath.txt",
        "pyspy-raw-gil.txt",
        "pyspy-raw-nolineno.txt",
        "pyspy-raw-subproc.txt",
        "pyspy-raw-threads.txt",
        "pyspy041-raw.txt",
    ],
)
@pytest.mark.parametrize("many", [0, 5, 10_000])
def test_pyspy_raw(profiles: Path, naive, monkeypatch, name: str, many: int) -> None:
    """Also where there are so many frames that those which call others are looked up without their lines."""
    monkeypatch.setattr(text_stacks, "_MANY", many)
    profile = read_profile(profiles / name)
    naive(([pyspy(p) for p in frames], n[0]) for frames, n in stacks(profiles / name)).check(profile)
    assert (profile.tool, profile.unit, profile.clock) == ("py-spy", Unit.SAMPLES, "")


@pytest.mark.parametrize("name", ["pyspy-raw-function.txt", "pyspy0314-raw-function.txt"])
def test_first_lines_belong_to_the_function(profiles: Path, naive, name: str) -> None:
    """With -F the line tells functions of one name apart, and no current line is known."""
    profile = read_profile(profiles / name)

    def keyed(part: str) -> tuple[tuple[str, str], int]:
        (path, function), line = pyspy(part)
        return (f"{path}:{line}", function), 0

    found = naive(([keyed(p) for p in frames], n[0]) for frames, n in stacks(profiles / name))
    assert {(f"{f.path}:{f.line}", f.name): own for f, own in costs(profile).items()} == {
        key: found.own[key] for key in found.cumulative
    }
    assert all(cost.frame.line for cost in profile.functions)
    assert not any(cost.lines for cost in profile.functions)
    steps = {f.line for f in costs(profile) if f.name.endswith("step") and f.path == "simkit/geometry.py"}
    assert steps >= {58, 103}  # Grid.step and Recorder.step, which older py-spy both calls step


@pytest.mark.parametrize(
    ("name", "clock"), [("austin.austin", "wall"), ("austin-children.austin", "wall"), ("austin-cpu.austin", "cpu")]
)
def test_austin_microseconds(profiles: Path, naive, name: str, clock: str) -> None:
    profile = read_profile(profiles / name)
    found = naive(([in_colons(p) for p in frames], n[0]) for frames, n in stacks(profiles / name))
    found.check(profile, 1e-6)
    assert (profile.tool, profile.unit, profile.clock) == ("austin", Unit.SECONDS, clock)
    duration = re.search(r"# duration: (\d+)", (profiles / name).read_text())
    assert duration and profile.seconds == pytest.approx(int(duration[1]) / 1e6)


def test_austin_of_version_4_says_the_python_version(profiles: Path) -> None:
    assert read_profile(profiles / "austin-from-mojo.austin").python == "3.11.7"


def test_austin_full_keeps_wall_and_cpu_apart(profiles: Path, naive) -> None:
    path = profiles / "austin-full.austin"
    profile = read_profile(path)
    rows = [([in_colons(p) for p in frames], numbers) for frames, numbers in stacks(path)]
    naive((stack, time) for stack, (time, _, _) in rows).check(profile, 1e-6)
    busy = naive((stack, 0 if idle else time) for stack, (time, idle, _) in rows)
    assert 0 < busy.total < profile.total * 1e6
    for cost in profile.functions:
        if cost.own:
            assert cost.cpu == pytest.approx(busy.own[cost.frame.path, cost.frame.name] * 1e-6, abs=1e-12)


def test_austin_full_in_batches(profiles: Path, monkeypatch) -> None:
    whole = read_profile(profiles / "austin-full.austin")
    monkeypatch.setattr(collapsed, "_MOST_TEXT", 1000)
    monkeypatch.setattr(collapsed, "MIB", 3000)
    parts = read_profile(profiles / "austin-full.austin")
    assert {c.frame: pytest.approx(c.cpu) for c in parts.functions} == {c.frame: c.cpu for c in whole.functions}


def test_austin_memory_is_what_was_allocated(profiles: Path, naive) -> None:
    path = profiles / "austin-mem.austin"
    profile = read_profile(path)
    rows = [([in_colons(p) for p in frames], n[0]) for frames, n in stacks(path)]
    naive((stack, size) for stack, size in rows if size > 0).check(profile)
    assert profile.unit is Unit.BYTES
    freed = -sum(size for _, size in rows if size < 0)
    assert any(f"{freed:,}" in warning for warning in profile.warnings)


def test_tachyon(profiles: Path, naive) -> None:
    path = profiles / "tachyon-collapsed.txt"
    profile = read_profile(path)
    naive(([in_colons(p) for p in frames], n[0]) for frames, n in stacks(path)).check(profile)
    assert profile.tool == "profiling.sampling"


def test_perf_counts_c_code_to_the_function_that_called_it(profiles: Path, naive) -> None:
    path = profiles / "perf-collapsed.txt"
    profile = read_profile(path)
    python = []
    for frames, numbers in stacks(path):
        names = [part[4:].partition(":") for part in frames if part.startswith("py::")]
        python.append(([((file, name), 0) for name, _, file in names], numbers[0]))
    naive(python).check(profile)
    assert (profile.tool, profile.unit) == ("perf", Unit.SAMPLES)
    loads = ";".join(["py::_compile_bytecode:<frozen importlib._bootstrap_external>", "_PyEval_EvalFrameDefault"])
    unmarshalled = sum(n[0] for f, n in stacks(path) if f"{loads};marshal_loads" in ";".join(f))
    native = {cost.frame.name: cost.native for cost in profile.functions}
    assert native["_compile_bytecode"] == unmarshalled > 0
    assert native["crunch"] == 0  # adding floats is the interpreter's work


@pytest.mark.parametrize(
    ("below", "native"),
    [
        ("", 0),
        (";_PyEval_EvalFrameDefault", 0),
        (";_PyEval_EvalFrameDefault;_PyLong_Add;_PyObject_Malloc", 0),
        (";_PyEval_EvalFrameDefault;long_dealloc", 0),
        (";_PyEval_EvalFrameDefault;marshal_loads;read_object;_PyLong_Add", 3),
        (";_PyEval_EvalFrameDefault;PyObject_Vectorcall;cfunction_vectorcall_O;_PyDict_Next", 3),
    ],
)
def test_called_c_code_and_the_interpreters_own_work(read_bytes, below: str, native: float) -> None:
    profile = read_bytes(f"python;_start;py::f:/a.py{below} 3\n".encode())
    assert [(c.frame, c.own, c.native) for c in profile.functions] == [(Frame("/a.py", "f"), 3, native)]


def test_marks_of_stackcollapse_perf(read_bytes) -> None:
    profile = read_bytes(b"python;_start;py::A.f:/a.py_[j];_PyEval_EvalFrameDefault;do_syscall_64_[k] 3\n")
    assert costs(profile) == {Frame("/a.py", "A.f"): 3}


def test_perf_without_python_frames_is_refused(read_bytes) -> None:
    with pytest.raises(ProfileError, match="no Python functions") as caught:
        read_bytes(b"python;Py_RunMain;_PyEval_EvalFrameDefault;PyDict_Next 12\npython;Py_RunMain 2\n")
    assert "perf_jit" in caught.value.do


def test_processes_and_threads_are_no_functions(profiles: Path) -> None:
    profile = read_profile(profiles / "pyspy-raw-subproc.txt")
    assert profile.command == ".venv/bin/python run_sim.py --scale 30"
    assert sum(profile.threads.values()) == profile.total
    assert any("process 32386" in name for name in profile.threads)
    assert not any("process" in c.frame.name or "thread (" in c.frame.name for c in profile.functions)
    threads = read_profile(profiles / "pyspy-raw-threads.txt").threads
    assert threads["thread (32306): MainThread"] == 36


def test_command_line_with_semicolons(read_bytes) -> None:
    profile = read_bytes(b'process 7:"python -c "import a; a.run()"";thread (7);f (a.py:3);g (a.py:9) 5\n')
    assert costs(profile) == {Frame("a.py", "g"): 5, Frame("a.py", "f"): 0}
    assert profile.command == 'python -c "import a; a.run()"'


@pytest.mark.parametrize(
    ("text", "frame", "line"),
    [
        ("f (a.py:3)", Frame("a.py", "f"), 3),
        ("A.f (C:\\work dir (1)\\a.py:3)", Frame("C:\\work dir (1)\\a.py", "A.f"), 3),
        ("C:\\a.py:A.f:3", Frame("C:\\a.py", "A.f"), 3),
        ("/a.py:12:f", Frame("/a.py", "f"), 12),
        ("f (<string>:4)", Frame("<string>", "f"), 4),
        ("f (<mod f_5>:4)", Frame("<mod f_5>", "f"), 4),
        ("<GC>", Frame("", "<GC>"), 0),
        (":GC:", Frame("", "GC"), 0),
    ],
)
def test_one_frame(read_bytes, text: str, frame: Frame, line: int) -> None:
    profile = read_bytes(f"main (m.py:1);{text} 2\nmain (m.py:9) 1\n".encode())
    cost = next(cost for cost in profile.functions if cost.frame.name == frame.name)
    assert (cost.frame, dict(cost.lines)) == (frame, {line: 2} if line else {})


def test_libraries_of_a_native_pyspy_run_fold_into_python(read_bytes) -> None:
    profile = read_bytes(
        b"f (a.py:3);dot (numpy/core/_multiarray.cpython-311-x86_64-linux-gnu.so);cblas_dgemm (libblas.so.3) 4\n"
        b"f (a.py:3);operator() (int, char) const (libx.so);g (b.py:2) 1\n"
    )
    assert {(c.frame.name, c.own, c.cumulative, c.native) for c in profile.functions} == {
        ("f", 4, 5, 4),
        ("g", 1, 1, 0),
    }
    assert [(e.caller.name, e.callee.name) for e in profile.edges] == [("f", "g")]


def test_recursion_counts_once_per_stack(read_bytes) -> None:
    profile = read_bytes(b"r (a.py:1);r (a.py:2);s (a.py:7);r (a.py:2) 5\nr (a.py:1);s (a.py:7) 2\n")
    assert {(c.frame.name, c.own, c.cumulative) for c in profile.functions} == {("r", 5, 7), ("s", 2, 7)}
    edges = {(e.caller.name, e.callee.name): (e.cumulative, e.own) for e in profile.edges}
    assert edges == {("r", "r"): (5, 0), ("r", "s"): (7, 2), ("s", "r"): (5, 5)}


def test_labels_are_austins_only_where_austin_wrote(read_bytes) -> None:
    profile = read_bytes(b"Tea (a.py:1);P1 (a.py:2) 1\nTea;P1;f (a.py:3) 1\n")
    assert {"Tea", "P1", "f"} == {cost.frame.name for cost in profile.functions}
    assert profile.threads == {}


def test_line_endings_blank_lines_and_fractions(read_bytes) -> None:
    profile = read_bytes(b"f (a.py:1);g (a.py:2) 2\r\n\r\nf (a.py:1) 0.5\n 4\n")
    assert profile.total == 6.5  # with a sample of no frames
    assert costs(profile) == {Frame("a.py", "g"): 2, Frame("a.py", "f"): 0.5}


def test_cut_off_line_is_left_out_and_said(read_bytes) -> None:
    profile = read_bytes(b"f (a.py:1);g (a.py:2) 2\nf (a.py:1);g (a.p")
    assert profile.total == 2
    assert any("1 lines" in warning for warning in profile.warnings)


@pytest.mark.parametrize("weight", [b"-3", b"-0.5", b"1e999", b"9" * 30, b"9" * 5000])
def test_impossible_weights(read_bytes, weight: bytes) -> None:
    with pytest.raises(ProfileError):
        read_bytes(b"f (a.py:1);g (a.py:2) " + weight + b"\n")


def test_a_million_frames_deep(read_bytes) -> None:
    profile = read_bytes(b"f (a.py:1);" * 1_000_000 + b"g (a.py:2) 3\n")
    assert {(c.frame.name, c.own, c.cumulative) for c in profile.functions} == {("f", 0, 3), ("g", 3, 3)}


def test_endless_line(tmp_path: Path) -> None:
    path = tmp_path / "endless"
    with path.open("wb") as stream:
        for _ in range(70):
            stream.write(b"f (a.py:1);" * 100_000)
    with pytest.raises(ProfileError, match="line of more than 64 MiB"):
        read_profile(path)


def test_names_without_files_are_said(read_bytes) -> None:
    profile = read_bytes(b"main;work 3\nmain;rest 1\n")
    assert any("no files" in warning for warning in profile.warnings)


@pytest.mark.parametrize(
    "text",
    [
        b"some words 3\nand more of them\n",
        b"a\tb\tc\n1\t2\t3\n",
        b"# Title\n\n- point; another 1\n- two words\n- more\n",
        b"positions: line\nevents: ticks\n10 20\n11 20\n",
        b"files read: 12\nfiles written: 3\ntotal: 15\n",
    ],
)
def test_other_texts_are_not_taken_for_stacks(text: bytes) -> None:
    assert not collapsed.sniff(text, "stacks.txt")


AFTER = b"a.b (x.py:3);f (a (1).py:12) 1\na.b (x.py:3);[C] f (libm.so.6);g (y.py:3) 2\n<module> (x.py);g (y.py:4) 4\n"


def test_frames_between_lines_that_are_several_or_none(read_bytes) -> None:
    """A frame without a line, of C code, or with a bracket in its path, after enough frames to look up by heads."""
    many = b"".join(b"f%d (many.py:%d) 1\n" % (i % 7, i) for i in range(1, text_stacks._MANY + 2))
    profile = read_bytes(many + AFTER)
    found = {(c.frame.path, c.frame.name): c for c in profile.functions}
    assert found["a (1).py", "f"].lines == {12: 1}
    assert (found["x.py", "a.b"].own, found["x.py", "a.b"].cumulative) == (0, 3)
    assert (found["y.py", "g"].own, found["y.py", "g"].lines) == (6, {3: 2, 4: 4})
    assert found["x.py", "<module>"].cumulative == 4
    assert len(found) == 7 + 4
    assert profile.total == text_stacks._MANY + 1 + 7


FUNCTIONS = st.sampled_from([f"f{i}" for i in range(5)])
STACKS = st.lists(
    st.tuples(st.lists(st.tuples(FUNCTIONS, st.integers(1, 3)), max_size=7), st.integers(0, 50)),
    min_size=1,
    max_size=40,
)


@given(STACKS, st.integers(1, 400), st.integers(0, 12))
@settings(max_examples=150, deadline=None)
def test_any_stacks_in_batches_of_any_size(tmp_path_factory, naive, rows, memory: int, many: int) -> None:
    """However often sums are folded, the result is that of adding stack by stack."""
    rows = [*rows, ([("f0", 1), ("g", 2), ("g", 3)], 7)]
    text = "".join(";".join(f"{f} (a.py:{line})" for f, line in s) + f" {w}\n" for s, w in rows)
    path = tmp_path_factory.getbasetemp() / "stacks.txt"
    path.write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collapsed, "_MOST_TEXT", memory)
        patch.setattr(text_stacks, "_MANY", many)
        patch.setattr(text_stacks, "_AT_ONCE", 3)
        patch.setattr(collapsed, "MIB", 50)
        with path.open("rb") as stream:
            profile = collapsed.read(stream, len(text))
    naive([([(("a.py", f), line) for f, line in s], w) for s, w in rows]).check(profile)
