"""From a profile to hot functions: shares, files of other machines, what is said about the rest."""

from pathlib import Path

import pytest

from perf_advise.hotspots import all_functions, find_hot_functions
from perf_advise.hotspots.fingerprint import lines_hash, module_hash, text_hash
from perf_advise.model.profile import CallEdge, Frame, SeenTypes, Unit
from perf_advise.model.pytypes import PyType
from perf_advise.profiles.loading import read_profile
from perf_advise.source.text import read_source

ROOT = Path(__file__).parents[2]
WORK = "def run():\n    return work()\n\n\ndef work():\n    return len(sorted([1]))\n"
NATIVE = Frame("~", "<built-in method builtins.sorted>")


def test_shares_sort_and_threshold(project, cost) -> None:
    project.write("app.py", WORK)
    found = project.find(
        cost("app.py", "work", 5, own=6.0),
        cost("app.py", "run", 1, own=1.0, cumulative=7.0),
        cost("/usr/lib/python3.11/json/decoder.py", "decode", 3, own=3.0),
        threshold=0.3,
    )
    assert [(f.qualname, f.own, f.cumulative, f.seconds) for f in found.functions] == [
        ("work", 0.6, 0.6, 6.0),
        ("run", 0.1, 0.7, 1.0),
    ]
    assert (found.unmapped, found.warnings) == ((), ())


def test_c_code_called_directly_counts_as_own(project, cost, named) -> None:
    project.write("app.py", WORK)
    work, key = Frame("app.py", "work", 5), Frame("app.py", "run", 1)
    found = project.find(
        cost("app.py", "work", 5, own=1.0, cumulative=10.0),
        cost("app.py", "run", 1, own=4.0),
        cost("~", NATIVE.name, own=5.0, cumulative=9.0),
        edges=(CallEdge(work, NATIVE, 9.0, own=5.0), CallEdge(NATIVE, key, 4.0)),
    )
    function = named(found, "work")
    assert (function.own, function.native, function.cumulative) == (0.6, 0.5, 1.0)
    assert named(found, "run").own == 0.4  # called back from C: counted once, for itself
    assert function.callees == {NATIVE.name: 0.9}


def test_what_counting_calls_costs_is_no_time_of_the_program(project, cost, named) -> None:
    """For each call of the function and each that it makes; what is left is a share of what was measured at least."""
    project.write("app.py", WORK)
    run, work = Frame("app.py", "run", 1), Frame("app.py", "work", 5)
    found = project.find(
        cost("app.py", "run", 1, own=1.0, cumulative=3.0, calls=1),
        cost("app.py", "work", 5, own=2.0, calls=1_000_000),
        cost("~", NATIVE.name, own=0.0, calls=20_000_000),
        edges=(CallEdge(run, work, 2.0, 1_000_000), CallEdge(work, NATIVE, 0.0, 20_000_000)),
    )
    assert (named(found, "run").counted, named(found, "work").counted) == (1_000_001, 21_000_000)
    assert named(found, "run").bare_seconds == pytest.approx(0.78, abs=0.01)
    assert named(found, "work").bare_seconds == pytest.approx(0.4)


TRACED = ("cProfile", "3.11.7"), ("yappi; cProfile", "3.11.7")
NOT_TRACED = ("cProfile", "3.13.0"), ("cProfile", "3.12.1"), ("sampler", "3.11.7"), ("py-spy", "")


@pytest.mark.parametrize(("tool", "python", "left"), [(*one, 1.0 + 1.0 / 1.8) for one in TRACED])
def test_bytecode_is_slower_under_a_profiler_that_traces_it(project, cost, named, tool, python, left) -> None:
    """C code takes as long as ever."""
    assert bare_work(project, cost, named, tool=tool, python=python) == pytest.approx(left)


@pytest.mark.parametrize(("tool", "python"), NOT_TRACED)
def test_bytecode_is_as_fast_as_ever_where_nothing_traces_it(project, cost, named, tool, python) -> None:
    assert bare_work(project, cost, named, tool=tool, python=python) == pytest.approx(2.0)


@pytest.mark.parametrize(("version", "left"), [("3.11", 1.0 + 1.0 / 1.8), ("3.12", 2.0)])
def test_a_dump_that_names_no_python_tells_it_by_the_paths_of_the_library(project, cost, named, version, left) -> None:
    library = cost(f"/usr/lib/python{version}/json/decoder.py", "decode", 1, own=0.1)
    assert bare_work(project, cost, named, library, tool="cProfile") == pytest.approx(left)


def test_what_timing_each_line_costs_is_no_time_of_the_program(project, cost, named) -> None:
    project.write("app.py", WORK)
    found = project.find(cost("app.py", "work", 5, own=2.0), tool="line_profiler", python="3.13.0")
    assert named(found, "work").bare_seconds == pytest.approx(0.4)


def bare_work(project, cost, named, *more, **fields) -> float:
    """What is left of two seconds, one of them in C code."""
    project.write("app.py", WORK)
    work = cost("app.py", "work", 5, own=1.0)
    native = cost("~", NATIVE.name, own=1.0)
    found = project.find(work, native, *more, edges=(CallEdge(work.frame, NATIVE, 1.0),), **fields)
    return named(found, "work").bare_seconds


def test_c_code_of_several_callers_is_split_by_what_flowed_in(project, cost, named) -> None:
    project.write("app.py", WORK)
    edges = (CallEdge(Frame("app.py", "work", 5), NATIVE, 3.0), CallEdge(Frame("app.py", "run", 1), NATIVE, 1.0))
    found = project.find(
        cost("app.py", "work", 5, own=0.0, cumulative=3.0),
        cost("app.py", "run", 1, own=0.0, cumulative=1.0),
        cost("~", NATIVE.name, own=2.0, cumulative=4.0),
        edges=edges,
    )
    assert (named(found, "work").native, named(found, "run").native) == (0.75, 0.25)


def test_callers_and_callees_by_qualified_name(project, cost, named) -> None:
    project.write("app.py", WORK)
    run, work, other = Frame("app.py", "run", 1), Frame("app.py", "work", 5), Frame("/x/lib.py", "call", 2)
    found = project.find(
        cost("app.py", "run", 1, own=1.0, cumulative=3.0),
        cost("app.py", "work", 5, own=3.0),
        edges=(CallEdge(run, work, 2.0), CallEdge(other, work, 1.0)),
    )
    assert named(found, "work").callers == {"run": 0.5, "call": 0.25}
    assert named(found, "run").callees == {"work": 0.5}


def test_two_machines_add_up_and_recursion_does_not(project, cost, named) -> None:
    project.write("src/app.py", WORK)
    found = project.find(
        cost("/one/src/app.py", "work", 5, own=1.0, cumulative=2.0),
        cost("/two/src/app.py", "work", 5, own=1.0, cumulative=3.0),
        total=10.0,
    )
    assert (named(found, "work").own, named(found, "work").cumulative) == (0.2, 0.5)


def test_hot_lines_move_with_their_function(project, cost, named) -> None:
    project.write("app.py", "# edited\n" + WORK)
    found = project.find(cost("app.py", "work", 5, own=2.0, lines={6: 2.0}), cost("app.py", "run", 1, own=2.0))
    assert named(found, "work").lines == {7: 0.5}


@pytest.mark.parametrize(
    ("path", "name", "is_found"),
    [
        ("/elsewhere/tools/helpers.py", "work", True),  # the names are those of the file
        ("/elsewhere/tools/helpers.py", "unknown", False),
        ("helpers.py", "work", True),
        ("helpers.py", "unknown", False),
    ],
)
def test_a_file_that_shares_only_its_name_must_share_its_functions(project, cost, path, name, is_found) -> None:
    project.write("src/app/helpers.py", WORK)
    found = project.find(cost(path, name, 5), cost(path, "run" if is_found else "other", 1))
    assert bool(found.functions) is is_found


def test_one_name_at_another_line_is_too_little(project, cost) -> None:
    project.write("src/app/helpers.py", WORK)
    assert not project.find(cost("/elsewhere/tools/helpers.py", "run", 90)).functions
    assert project.find(cost("/elsewhere/tools/helpers.py", "run", 1)).functions


def test_the_same_suffix_twice_is_decided_by_the_functions_or_not_at_all(project, cost) -> None:
    project.write("one/pkg/mod.py", WORK)
    project.write("two/pkg/mod.py", "def other():\n    return 1\n\n\ndef run():\n    return 1\n")
    path = "/srv/pkg/mod.py"
    found = project.find(cost(path, "work", 5), cost(path, "other", 1), cost(path, "run", 1), cost(path, "<module>", 1))
    places = {f"{f.path.parent.parent.name}:{f.qualname}" for f in found.functions}
    assert places == {"one:work", "two:other", "one:run"}
    assert [c.frame.name for c in found.unmapped] == ["<module>"]


def test_a_file_of_the_project_that_is_gone_is_unmapped(project, cost) -> None:
    project.write("src/app.py", WORK)
    found = project.find(cost("/srv/src/app.py", "run", 1), cost("/srv/src/gone.py", "run", 1))
    assert found.unmapped_share == 0.5


def test_code_without_a_file_is_unmapped(project, cost) -> None:
    project.write("app.py", WORK)
    found = project.find(cost("app.py", "run", 1), cost("<string>", "poly", 2), cost("/tmp/ipykernel_1/2.py", "f", 1))
    assert [c.frame.name for c in found.unmapped] == ["poly", "f"]


def test_only_files_under_the_paths_are_opened(project, cost) -> None:
    project.write("src/app.py", WORK)
    project.write("tests/broken.py", "def (")
    costs = cost("src/app.py", "run", 1), cost("tests/broken.py", "run", 1)
    found = project.find(*costs, paths=[project.root / "src"])
    assert ([f.qualname for f in found.functions], found.unmapped, found.warnings) == (["run"], (), ())


def test_a_file_that_cannot_be_read_is_a_warning(project, cost) -> None:
    project.write("app.py", WORK)
    project.write("broken.py", "def (")
    found = project.find(cost("app.py", "run", 1), cost("broken.py", "run", 1))
    assert [f.qualname for f in found.functions] == ["run"]
    assert len(found.warnings) == 1
    assert "broken.py" in found.warnings[0]
    assert found.unmapped_share == 0.5


def test_cold_files_are_not_opened(project, cost) -> None:
    project.write("app.py", WORK)
    project.write("broken.py", "def (")
    found = project.find(cost("app.py", "run", 1, own=99.0), cost("broken.py", "run", 1, own=1.0), threshold=0.02)
    assert found.warnings == ()


@pytest.mark.parametrize(("unit", "seconds", "expected"), [(Unit.SAMPLES, 8.0, 2.0), (Unit.SAMPLES, None, None)])
def test_seconds_are_known_only_with_a_rate(project, cost, named, unit, seconds, expected) -> None:
    project.write("app.py", WORK)
    found = project.find(
        cost("app.py", "run", 1, own=1.0), cost("app.py", "work", 5, own=3.0), unit=unit, seconds=seconds
    )
    assert named(found, "run").seconds == expected


def test_waiting_is_own_time_off_the_processor(project, cost, named) -> None:
    project.write("app.py", WORK)
    found = project.find(cost("app.py", "run", 1, own=4.0, cpu=1.0))
    assert named(found, "run").waiting == 0.75


def test_stale_by_hash_and_by_embedded_source(project, cost, named) -> None:
    project.write("app.py", WORK)
    good = {("app.py", "work"): lines_hash(WORK, 5, 6), ("app.py", "run"): text_hash("def run(): pass")}
    found = project.find(cost("app.py", "run", 1), cost("app.py", "work", 5), hashes=good)
    assert (named(found, "run").stale, named(found, "work").stale) == (True, False)
    found = project.find(
        cost("app.py", "run", 1), cost("app.py", "work", 5), sources={"app.py": WORK.replace("[1]", "[2]")}
    )
    assert (named(found, "run").stale, named(found, "work").stale) == (False, True)


def test_the_hash_ignores_indentation_and_line_endings_only() -> None:
    plain = "def f():\n    return 1\n"
    assert (
        text_hash(plain) == text_hash(plain.replace("\n", "\r\n")) == text_hash("    " + plain.replace("\n", "\n    "))
    )
    assert text_hash(plain) != text_hash(plain.replace("1", "2"))


def test_the_hash_of_top_level_code_leaves_functions_out(project) -> None:
    one, two = (read_source(project.write(f"{n}.py", f"x = 1\n\n\ndef f():\n    return {n}\n")) for n in "ab")
    other = read_source(project.write("c.py", "x = 2\n"))
    hashes = [module_hash(file.text, file.tree) for file in (one, two, other)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_types_are_those_of_the_function(project, cost, named) -> None:
    project.write("app.py", WORK)
    seen = (SeenTypes("app.py", "run", {"x": PyType("int")}), SeenTypes("app.py", "other", {"y": PyType("str")}))
    assert named(project.find(cost("app.py", "run", 1), types=seen), "run").types == {"x": PyType("int")}


def test_all_functions_has_every_function_and_the_top_level(project) -> None:
    file = read_source(project.write("app.py", WORK))
    assert [(f.qualname, f.own) for f in all_functions([file])] == [("<module>", 0.0), ("run", 0.0), ("work", 0.0)]


def test_an_empty_profile_finds_nothing(project) -> None:
    assert project.find().functions == ()


PROFILES = ROOT / "fixtures" / "profiles"
EXPECTED = {
    "cprofile.prof": ["Grid.neighbours", "count_words", "fib"],
    "cprofile-stripdirs.prof": ["Grid.neighbours", "count_words", "fib"],
    "cprofile-313.prof": ["Grid.neighbours", "thread_job", "pairwise_energy"],
    "pyspy-raw.txt": ["thread_job", "crunch", "Grid.neighbours"],
    "austin.austin": ["thread_job", "Grid.neighbours"],
    "kernprof.lprof": ["run", "Grid.step", "Grid.neighbours"],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_real_profiles_of_another_machine(name: str) -> None:
    """The top functions that an independent, rough reader found."""
    workload = ROOT / "fixtures" / "simkit"
    found = find_hot_functions(read_profile(PROFILES / name), [workload], workload, 0.01)
    top = [f.qualname for f in found.functions[:4]]
    assert set(EXPECTED[name][:2]) <= set(top)
    assert not any("site-packages" in str(f.path) for f in found.functions)


def test_a_tie_with_a_file_outside_of_the_paths_is_decided_but_not_reported(project, cost) -> None:
    project.write("one/pkg/mod.py", WORK)
    project.write("two/pkg/mod.py", "def other():\n    return 1\n")
    costs = cost("/srv/pkg/mod.py", "work", 5), cost("/srv/pkg/mod.py", "other", 1)
    found = project.find(*costs, paths=[project.root / "one"])
    assert ([f.qualname for f in found.functions], found.unmapped) == (["work"], ())


def test_lines_that_are_not_of_the_function_are_left_out(project, cost, named) -> None:
    project.write("app.py", WORK)
    found = project.find(cost("app.py", "work", 5, own=2.0, lines={6: 1.0, 60: 1.0}))
    assert named(found, "work").lines == {6: 0.5}


def test_an_installed_package_is_the_project_s_if_its_functions_are(project, cost) -> None:
    project.write("src/pkg/__init__.py", "")
    project.write("src/pkg/mod.py", WORK)
    installed = "/usr/lib/python3.11/site-packages/pkg/mod.py"
    (line,) = [n for n, text in enumerate(WORK.splitlines(), 1) if text.startswith("def work")]
    assert project.places(cost(installed, "work", line, 5)) == {"src/pkg/mod.py:work": 1.0}
    others = cost(installed, "encode", 3, 5), cost(installed, "decode", 9, 3), cost(installed, "work", 40, 1)
    assert project.places(*others) == {}


def test_lines_without_names_are_found_where_the_package_is_imported_from(project, cost) -> None:
    project.write("src/pkg/__init__.py", "")
    project.write("src/pkg/mod.py", WORK)
    lines = cost("/srv/app/pkg/mod.py", "", None, 5, lines={2: 5.0})
    assert project.places(lines, unit=Unit.EXECUTIONS, total=5.0) != {}
