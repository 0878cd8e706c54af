"""pyinstrument's formats against its own loader, and trees against plain recursion."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from perf_advise.model.profile import Frame, Profile, Unit
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.loading import read_profile

EXPECTED = json.loads((Path(__file__).parents[2] / "fixtures/expected/sampling.json").read_text())


def test_session_as_pyinstruments_loader_sums_it_up(profiles: Path) -> None:
    profile = read_profile(profiles / "pyinstrument.pyisession")
    expected = EXPECTED["pyinstrument.pyisession"]
    functions = {(c.frame.name, c.frame.path, c.frame.line or 0): c for c in profile.functions}
    for name, path, line, own in expected["own"]:
        if path != "<thread>":
            assert functions[name, path, line].own == pytest.approx(own), name
    for name, path, line, cumulative in expected["cumulative"]:
        if path != "<thread>":
            assert functions[name, path, line].cumulative == pytest.approx(cumulative), name
    assert profile.total == pytest.approx(expected["total"])
    assert (profile.tool, profile.unit, profile.clock) == ("pyinstrument", Unit.SECONDS, "wall")
    assert profile.command == "run_sim.py --scale 8"
    assert profile.seconds == pytest.approx(0.680121660232544)
    assert list(profile.threads) == ["MainThread 140154129734528"]


def test_session_has_lines(profiles: Path) -> None:
    data = json.loads((profiles / "pyinstrument.pyisession").read_text())
    lines: Counter = Counter()
    for stack, time in data["frame_records"]:
        found = re.search("\1l(\\d+)", stack[-1])
        if found:
            name, path, _ = stack[-1].split("\1")[0].split("\0")
            lines[path, name, int(found[1])] += time
    profile = read_profile(profiles / "pyinstrument.pyisession")
    spent = {(c.frame.path, c.frame.name, line): w for c in profile.functions for line, w in c.lines.items()}
    assert spent == pytest.approx(dict(lines))


def tree_sums(root: dict, key) -> tuple[Counter, Counter]:
    """Own and cumulative time by plain recursion; what has no key is a part of the node above."""
    own, cumulative = Counter(), Counter()

    def walk(node: dict, above: tuple) -> None:
        real = [child for child in node["children"] if key(child)]
        own[key(node)] += max(node["time"] - sum(child["time"] for child in real), 0)
        if key(node) not in above:
            cumulative[key(node)] += node["time"]
        for child in real:
            walk(child, (*above, key(node)))

    walk(root, ())
    return own, cumulative


def check(profile: Profile, own: Counter, cumulative: Counter) -> None:
    functions = {(c.frame.name, c.frame.path, c.frame.line or 0): c for c in profile.functions}
    assert functions.keys() == cumulative.keys()
    for key, cost in functions.items():
        assert cost.own == pytest.approx(own[key], abs=3e-5), key  # times in the file are rounded to a microsecond
        assert cost.cumulative == pytest.approx(cumulative[key], abs=3e-5), key


@pytest.mark.parametrize("name", ["pyinstrument.json", "pyinstrument-async.json"])
def test_json(profiles: Path, name: str) -> None:
    data = json.loads((profiles / name).read_text())
    profile = read_profile(profiles / name)

    def key(node: dict):
        return (node["function"], node["file_path"], node["line_no"]) if node["file_path"] else None

    check(profile, *tree_sums(data["root_frame"], key))
    assert profile.total == pytest.approx(data["root_frame"]["time"], abs=3e-5)
    assert profile.seconds == data["duration"]


def test_waiting_of_coroutines_is_own_time_off_the_cpu_and_said(profiles: Path) -> None:
    profile = read_profile(profiles / "pyinstrument-async.json")
    costs = {cost.frame.name: cost for cost in profile.functions}
    assert (costs["sleep"].own, costs["sleep"].cpu) == (pytest.approx(0.001511), pytest.approx(0))
    assert costs["crunch"].cpu is None
    assert any("0.00151 s of it are waiting in await" in warning for warning in profile.warnings)
    assert profile.command == ""  # the profiler was started from code


def page_data(page: str) -> dict:
    return json.JSONDecoder().raw_decode(page, page.index("const sessionData = ") + len("const sessionData = "))[0]


def test_html(profiles: Path) -> None:
    data = page_data((profiles / "pyinstrument.html").read_text())
    profile = read_profile(profiles / "pyinstrument.html")

    def key(node: dict):
        name, path, line = (*node["identifier"].split("\0"), "", "0")[:3]
        return (name, path, int(line)) if path else None

    check(profile, *tree_sums(data["frame_tree"], key))
    assert profile.seconds == pytest.approx(data["session"]["duration"])
    neighbours = next(c for c in profile.functions if c.frame.name == "neighbours")
    assert 0 < sum(neighbours.lines.values()) <= neighbours.own
    assert set(neighbours.lines) <= set(range(50, 58))


def test_html_of_pyinstrument_4(profiles: Path, read_bytes) -> None:
    """It embeds what the JSON report is now."""
    report = (profiles / "pyinstrument.json").read_text()
    page = (
        f"<!DOCTYPE html><script>var pyinstrumentHTMLRenderer=1</script><script>const sessionData = {report};</script>"
    )
    old, new = read_bytes(page.encode()), read_profile(profiles / "pyinstrument.json")
    assert old.functions == new.functions


def test_recursion_in_a_tree(read_bytes) -> None:
    node = {"function": "f", "file_path": "a.py", "line_no": 3, "time": 1.0, "children": []}
    for _ in range(200):
        node = {"function": "f", "file_path": "a.py", "line_no": 3, "time": node["time"] + 1, "children": [node]}
    data = {"target_description": "Program: a.py", "duration": 201, "root_frame": node}
    (cost,) = read_bytes(json.dumps(data).encode()).functions
    assert (cost.frame, cost.own, cost.cumulative) == (Frame("a.py", "f", 3), 201, 201)


def test_too_deep_json_is_refused(read_bytes) -> None:
    deep = '{"target_description": "", "root_frame": ' + '{"time": 1, "children": [' * 100_000
    with pytest.raises(ProfileError, match="nested too deeply"):
        read_bytes(deep.encode())


@pytest.mark.parametrize(
    "record", [[["f\0a.py\0003"]], [["f\0a.py\0003"], float("nan")], [["f\0a.py\0003"], -1], [[7], 1], 7]
)
def test_damaged_session(read_bytes, record: object) -> None:
    session = {"start_call_stack": [], "min_interval": 0.001, "frame_records": [record]}
    with pytest.raises(ProfileError):
        read_bytes(json.dumps(session).encode())


def test_printed_report_is_refused_with_the_command(read_bytes) -> None:
    printed = "\n  _     ._   __/__   _ _  _  _ _/_   Recorded: 11:57:31  Samples:  173\n"
    with pytest.raises(ProfileError, match="printed by pyinstrument") as caught:
        read_bytes(printed.encode())
    assert "pyisession" in caught.value.do
