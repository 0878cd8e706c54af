"""scalene's percentages, line by line."""

import gzip
import json
from pathlib import Path

import pytest

from perf_advise.model.profile import Profile, Unit
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.loading import read_profile


def data(profiles: Path, name: str) -> dict:
    if name.endswith(".json"):
        return json.loads((profiles / name).read_text())
    page = gzip.decompress((profiles / name).read_bytes()).decode()
    return json.JSONDecoder().raw_decode(page, page.index("const profile = ") + len("const profile = "))[0]


@pytest.mark.parametrize("name", ["scalene.json", "scalene-view.html.gz"])
def test_lines_are_percent_of_the_elapsed_time(profiles: Path, name: str) -> None:
    report = data(profiles, name)
    profile = read_profile(profiles / name)
    elapsed = report["elapsed_time_sec"]
    assert (profile.tool, profile.unit) == ("scalene", Unit.SECONDS)
    assert profile.total == profile.seconds == pytest.approx(elapsed)
    for path, file in report["files"].items():
        costs = [c for c in profile.functions if c.frame.path == path]
        assert sum(c.own for c in costs) == pytest.approx(file["percent_cpu_time"] * elapsed / 100)
        spent = {line: w for c in costs for line, w in c.lines.items()}
        for line in file["lines"]:
            percent = line["n_cpu_percent_python"] + line["n_cpu_percent_c"] + line["n_sys_percent"]
            assert spent.get(line["lineno"], 0) == pytest.approx(percent * elapsed / 100)
        in_c = sum(line["n_cpu_percent_c"] for line in file["lines"])
        assert sum(c.native for c in costs) == pytest.approx(in_c * elapsed / 100)


def test_functions_are_named_by_stacks_and_source(profiles: Path) -> None:
    profile = read_profile(profiles / "scalene.json")
    costs = {(c.frame.path.rpartition("/")[2], c.frame.name): c for c in profile.functions}
    assert set(costs["geometry.py", "pairwise_energy"].lines) == {14, 17, 18}  # 14 ran in C: no stack has it
    assert costs["geometry.py", "pairwise_energy"].native > 0
    assert "Particles.step.<locals>.move.<locals>.bounce" in {name for _, name in costs}
    callers = {(e.caller.name, e.callee.name) for e in profile.edges}
    assert ("pool_job", "pairwise_energy") in callers


def test_source_is_embedded(profiles: Path) -> None:
    sources = read_profile(profiles / "scalene.json").sources
    geometry = sources["/srv/app/src/simkit/geometry.py"]
    assert "return c if 0.0 <= c <= 1.0 else -c" in geometry
    compile(geometry, "geometry.py", "exec")


def report(lines: list[dict], **more) -> bytes:
    made = {"alloc_samples": 0, "elapsed_time_sec": 10.0, "files": {"/a.py": {"lines": lines, "functions": []}}, **more}
    return json.dumps(made).encode()


def line(number: int, source: str, python: float = 0, c: float = 0, system: float = 0) -> dict:
    return {
        "lineno": number,
        "line": source,
        "n_cpu_percent_python": python,
        "n_cpu_percent_c": c,
        "n_sys_percent": system,
    }


SOURCE = [
    "import m\n",
    "class A:\n",
    "    @m.deco\n",
    "    def f(self):\n",
    "        return [x for x in self.xs]\n",
    "m.x()\n",
]


def own(profile: Profile) -> dict[str, float]:
    return {c.frame.name: c.own for c in profile.functions}


def test_without_stacks_the_source_names_the_function(read_bytes) -> None:
    lines = [line(i, text, python=10 if i in (5, 6) else 0) for i, text in enumerate(SOURCE, 1)]
    assert own(read_bytes(report(lines))) == pytest.approx({"A.f": 1, "<module>": 1})


def test_source_that_does_not_parse_and_a_reduced_report(read_bytes) -> None:
    broken = [line(1, "def f(:\n"), line(2, "  x\n", 5, 3, 2)]
    assert own(read_bytes(report(broken))) == pytest.approx({"<module>": 1})
    profile = read_bytes(report([line(5, SOURCE[4], 10)]))
    assert own(profile) == pytest.approx({"<module>": 1})
    assert profile.sources == {}


def test_a_line_is_shared_out_to_the_stacks_that_ended_there(read_bytes) -> None:
    lines = [line(i, text, python=20 if i == 5 else 0) for i, text in enumerate(SOURCE, 1)]
    stacks = [
        [["/a.py <module>:6;", "/b.py g:2;", "/a.py A.f:5;"], {"cpu_samples": 3}],
        [["/a.py <module>:6;", "/b.py h:8;", "/a.py A.f:5;"], {"cpu_samples": 1}],
    ]
    profile = read_bytes(report(lines, stacks=stacks))
    assert {c.frame.name: (c.own, c.cumulative) for c in profile.functions} == {
        "A.f": (pytest.approx(2), pytest.approx(2)),
        "<module>": (0, pytest.approx(2)),
        "g": (0, pytest.approx(1.5)),
        "h": (0, pytest.approx(0.5)),
    }


@pytest.mark.parametrize(
    "damage",
    [
        {"elapsed_time_sec": -1},
        {"elapsed_time_sec": float("nan")},
        {"elapsed_time_sec": None},
        {"files": []},
        {"files": {"/a.py": {}}},
        {"files": {"/a.py": {"lines": [line(1, "x", python=-5)]}}},
        {"files": {"/a.py": {"lines": [line(1, "x", python=float("inf"))]}}},
        {"stacks": [7]},
        {"stacks": [[["/a.py f:1;"], {"cpu_samples": -1}]]},
    ],
)
def test_damage(read_bytes, damage: dict) -> None:
    with pytest.raises(ProfileError):
        read_bytes(report([line(1, "x", 1)], **damage))
