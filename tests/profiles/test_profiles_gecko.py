"""Firefox Profiler files, the files of Python 3.15's sampler, and perf's text: one program's stacks in each."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.loading import read_profile


def collapsed_rows(path: Path) -> list:
    rows = []
    for line in path.read_text().splitlines():
        stack, weight = line.rsplit(" ", 1)
        parts = [part.rsplit(":", 2) for part in stack.split(";")[1:]]
        rows.append(([((file, name), int(current)) for file, name, current in parts], int(weight)))
    return rows


def file_of(path: str) -> str:
    """What this file has of a path: nothing for frozen modules."""
    return path if path[0] != "<" or path == "<string>" else ""


def test_gecko_has_the_sums_of_the_collapsed_stacks(profiles: Path, naive) -> None:
    profile = read_profile(profiles / "tachyon-gecko.json")
    rows = collapsed_rows(profiles / "tachyon-collapsed.txt")
    rows = [
        ([((file if file[0] != "<" or file == "<string>" else "", name), n) for (file, name), n in s], w)
        for s, w in rows
    ]
    naive(rows).check(profile)  # it names no file for frozen modules
    assert (profile.tool, profile.unit) == ("profiling.sampling", Unit.SAMPLES)
    assert profile.threads == {"Thread-4711 4711": profile.total}


def thread(**more) -> dict:
    """main (a.py:9) -> f (a.py:3), in the processed form."""
    return {
        "name": "t",
        "samples": {"stack": [1, 1, 0, None], "weight": None, "weightType": "samples", "length": 4},
        "stackTable": {"frame": [0, 1], "prefix": [None, 0]},
        "frameTable": {"func": [0, 1], "line": [9, 3]},
        "funcTable": {"name": [0, 1], "fileName": [2, 2]},
        "stringArray": ["main", "f", "a.py"],
        **more,
    }


def gecko(*threads: dict, **more) -> bytes:
    meta = {"interval": 1, "preprocessedProfileVersion": 50}
    return json.dumps({"meta": meta, "threads": list(threads), **more}).encode()


def sums(profile: Profile) -> dict[str, tuple[float, float]]:
    return {c.frame.name: (c.own, c.cumulative) for c in profile.functions}


def test_processed_form_with_tables_per_thread(read_bytes) -> None:
    profile = read_bytes(gecko(thread(), thread()))
    assert sums(profile) == {"f": (4, 4), "main": (2, 6)}
    assert profile.total == 8  # with the samples of no stack
    assert dict(profile.functions[0].lines) == {3: 4}


def test_tables_that_threads_share(read_bytes) -> None:
    own = thread()
    shared = {name: own.pop(name) for name in ("stackTable", "frameTable", "stringArray")}
    own["funcTable"] = {"name": [0, 1], "source": [0, 0]}
    shared["sources"] = {"filename": [2]}
    assert sums(read_bytes(gecko(own, shared=shared))) == {"f": (2, 2), "main": (1, 3)}


def test_raw_form(read_bytes) -> None:
    raw = {
        "name": "t",
        "samples": {"schema": {"stack": 0, "time": 1}, "data": [[1, 0.5], [1, 1], [0, 2], [None, 3]]},
        "stackTable": {"schema": {"prefix": 0, "frame": 1}, "data": [[None, 0], [0, 1]]},
        "frameTable": {"schema": {"location": 0, "line": 3}, "data": [[0], [1, 0, 0, 3]]},
        "stringTable": ["main (a.py:9)", "f (a.py)"],
    }
    profile = read_bytes(gecko(raw))
    assert sums(profile) == {"f": (2, 2), "main": (1, 3)}
    assert dict(profile.functions[0].lines) == {3: 2}


def test_weights_in_milliseconds(read_bytes) -> None:
    timed = thread(samples={"stack": [1, 0], "weight": [500, 250], "weightType": "tracing-ms"})
    profile = read_bytes(gecko(timed))
    assert (profile.unit, profile.total) == (Unit.SECONDS, 0.75)


def test_perf_symbols_of_python_functions(read_bytes) -> None:
    """As samply writes them: Python functions by the names that perf knows, C frames between them."""
    names = ["py::main:/a.py", "_PyEval_EvalFrameDefault", "py::f:/a.py", "marshal_loads"]
    made = thread(
        samples={"stack": [3]},
        stackTable={"frame": [0, 1, 2, 3], "prefix": [None, 0, 1, 2]},
        frameTable={"func": [0, 1, 2, 3], "line": [None] * 4},
        funcTable={"name": [0, 1, 2, 3], "fileName": [None] * 4},
        stringArray=names,
    )
    profile = read_bytes(gecko(made))
    assert {(c.frame, c.own, c.native) for c in profile.functions} == {
        (Frame("/a.py", "f"), 1, 1),
        (Frame("/a.py", "main"), 0, 0),
    }


def test_perfs_own_script_for_gecko(read_bytes) -> None:
    raw = {
        "name": "python",
        "samples": {"schema": {"stack": 0, "time": 1}, "data": [[2, 1], [1, 2]]},
        "stackTable": {"schema": {"prefix": 0, "frame": 1}, "data": [[None, 0], [0, 1], [1, 2]]},
        "frameTable": {"schema": {"location": 0}, "data": [[0], [1], [2]]},
        "stringTable": [
            "Py_RunMain (in python3.13)",
            "py::f:/a.py (in perf-7.map)",
            "os_stat (in libpython3.13.so)",
        ],
    }
    (cost,) = read_bytes(gecko(raw)).functions
    assert (cost.frame, cost.own, cost.native) == (Frame("/a.py", "f"), 2, 1)


def test_deep_recursion(read_bytes) -> None:
    depth = 100_000
    deep = thread(
        samples={"stack": list(range(depth))},
        stackTable={"frame": [1] * depth, "prefix": [None, *range(depth - 1)]},
    )
    assert sums(read_bytes(gecko(deep))) == {"f": (depth, depth)}


@pytest.mark.parametrize(
    "damage",
    [
        {"samples": {"stack": [9]}},
        {"samples": {"stack": ["0"]}},
        {"samples": {"stack": [1], "weight": [-1]}},
        {"samples": {"stack": [1], "weight": [float("nan")]}},
        {"samples": {"stack": [1], "weight": [1, 2]}},
        {"stackTable": {"frame": [0, 1], "prefix": [1, 0]}},
        {"stackTable": {"frame": [0, 7], "prefix": [None, 0]}},
        {"frameTable": {"func": [0, 7], "line": [9, 3]}},
        {"samples": None},
    ],
)
def test_damaged_gecko(read_bytes, damage: dict) -> None:
    with pytest.raises(ProfileError):
        read_bytes(gecko(thread(**damage)))


def test_json_lines_have_the_sums_of_the_sampler(profiles: Path) -> None:
    strings, frames, own, lines = {}, {}, Counter(), Counter()
    for line in (profiles / "tachyon.jsonl").read_text().splitlines():
        record = json.loads(line)
        strings |= {d["str_id"]: d["value"] for d in record.get("defs", []) if "str_id" in d}
        frames |= {d["frame_id"]: d for d in record.get("defs", []) if "frame_id" in d}
        for entry in record.get("entries", []):
            frame = frames[entry["frame_id"]]
            key = strings[frame["path_str_id"]], strings[frame["func_str_id"]]
            own[key] += entry["self"]
            lines[*key, frame["line"]] += entry["self"]
    profile = read_profile(profiles / "tachyon.jsonl")
    assert {(c.frame.path, c.frame.name): c.own for c in profile.functions} == own
    spent = {(c.frame.path, c.frame.name, line): w for c in profile.functions for line, w in c.lines.items()}
    assert spent == +lines
    assert (profile.total, profile.clock) == (489, "wall")


def test_json_lines_have_the_cumulative_samples_of_the_stacks(profiles: Path, naive) -> None:
    """Exact but for functions that call themselves, which are in the file once per line."""
    path = profiles / "tachyon-collapsed.txt"
    truth = naive(collapsed_rows(path)).cumulative
    profile = read_profile(profiles / "tachyon.jsonl")
    by_name = Counter()
    for cost in profile.functions:
        by_name[cost.frame.path.rpartition("/")[2], cost.frame.name] += 1
    checked = 0
    for cost in profile.functions:
        key = cost.frame.path.rpartition("/")[2], cost.frame.name
        recurs = any(len([f for f, _ in s if f == key]) > 1 for s, _ in collapsed_rows(path))
        if by_name[key] == 1 and not recurs:
            assert cost.cumulative == truth[key], key
            checked += 1
    assert checked > 100


def test_json_lines_in_several_runs_and_kinds_to_come(read_bytes) -> None:
    records = []
    for run in ("x", "y"):
        head = {"v": 1, "run_id": run}
        records += [
            {"type": "meta", **head, "mode": "cpu"},
            {"type": "later", **head},
            {"type": "str_def", **head, "defs": [{"str_id": 1, "value": f"{run}.py"}, {"str_id": 2, "value": "f"}]},
            {"type": "frame_def", **head, "defs": [{"frame_id": 1, "path_str_id": 1, "func_str_id": 2, "line": 4}]},
            {"type": "agg", **head, "kind": "frame", "entries": [{"frame_id": 1, "self": 3, "cumulative": 5}]},
        ]
    profile = read_bytes("\n".join(map(json.dumps, records)).encode())
    assert {(c.frame.path, c.own) for c in profile.functions} == {("x.py", 3), ("y.py", 3)}
    assert profile.clock == "cpu"


def flame_page(rows: list, extra: str = "") -> bytes:
    """The page as the 3.15 sampler makes it: a tree by frame and line, strings in a table, one root or several."""
    strings: list[str] = []

    def string(text: str) -> int:
        if text not in strings:
            strings.append(text)
        return strings.index(text)

    def children(below: list) -> list:
        heads = list(dict.fromkeys(stack[0] for stack, _ in below if stack))
        made = []
        for head in heads:
            inside = [(stack[1:], w) for stack, w in below if stack and stack[0] == head]
            (file, name), current = head
            node = {"name": string(f"{name} ({file}:{current})"), "value": sum(w for _, w in inside), "lineno": current}
            node |= {"filename": string(file), "funcname": string(name), "children": children(inside)}
            made.append(node)
        return made

    root = {"name": 0, "value": sum(w for _, w in rows), "children": children(rows), "stats": {"duration_sec": 1.5}}
    if len(root["children"]) == 1:
        root = {**root["children"][0], "stats": root["stats"]}
    root["name"] = string("Program Root: x")
    root["strings"] = strings
    title = "<title>Tachyon Profiler - Flamegraph Report</title>"
    return f"<!doctype html>\n<html>{title}<script>{extra}const EMBEDDED_DATA = {json.dumps(root)};</script>".encode()


def test_flame_graph_page(profiles: Path, naive, read_bytes) -> None:
    rows = collapsed_rows(profiles / "tachyon-collapsed.txt")
    profile = read_bytes(flame_page(rows, extra="var d3 = {};"), "flame.html")
    naive(rows).check(profile)
    assert (profile.tool, profile.seconds) == ("profiling.sampling", 1.5)


def test_flame_graph_page_with_one_root(naive, read_bytes) -> None:
    rows = [([(("a.py", "main"), 9), (("a.py", "f"), 3)], 4), ([(("a.py", "main"), 9)], 1)]
    naive(rows).check(read_bytes(flame_page(rows)))


def test_flame_graph_page_without_data(read_bytes) -> None:
    with pytest.raises(ProfileError, match="no data"):
        read_bytes(flame_page([]).replace(b"EMBEDDED_DATA", b"OTHER"))


@pytest.mark.parametrize("magic", [b"HCAT", b"TACH"])
def test_binary_form_is_refused_with_the_replay_command(read_bytes, magic: bytes) -> None:
    with pytest.raises(ProfileError) as caught:
        read_bytes(magic + bytes(60))
    assert "profiling.sampling replay --collapsed" in caught.value.do


def perf_rows(path: Path) -> list:
    rows = []
    for block in path.read_text().split("\n\n"):
        found = re.findall(r"^\s+[\da-f]+ py::([^:]+):(.+?)\+0x[\da-f]+ \(.*\)$", block, re.MULTILINE)
        if block.strip():
            rows.append(([((file, name), 0) for name, file in reversed(found)], 1))
    return rows


def test_perf_script(profiles: Path, naive) -> None:
    profile = read_profile(profiles / "perf-script-jit.txt")
    naive(perf_rows(profiles / "perf-script-jit.txt")).check(profile)
    assert (profile.tool, profile.unit) == ("perf", Unit.SAMPLES)


def test_perf_script_and_its_collapsed_form_are_one_profile(profiles: Path) -> None:
    script = read_profile(profiles / "perf-script-jit.txt")
    collapsed = read_profile(profiles / "perf-collapsed.txt")
    assert script.functions == collapsed.functions
    assert set(script.edges) == set(collapsed.edges)


def test_perf_script_without_python_frames_is_refused(profiles: Path) -> None:
    with pytest.raises(ProfileError, match="frame pointers") as caught:
        read_profile(profiles / "perf-script-312.txt")
    assert "-X perf_jit" in caught.value.do
