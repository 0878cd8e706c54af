"""What was said of functions is said again only where a fresh look would say the same."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perf_advise.engine.kept import Kept, Recalled
from perf_advise.engine.views import Views
from perf_advise.model.options import STDIN, Options
from perf_advise.model.report import Report
from perf_advise.pipeline import check

MODULE = """import math
from limits import largest

LIMIT = 4
WORDS = ["a", "b"]


def common(xs: list[int], ys: list[int]) -> int:
    found = 0
    for x in xs:
        if x in ys:
            found += 1
    return found


def scaled(values: list[float]) -> list[float]:
    out = []
    for value in values:
        out.append(value * 2.0)
    return out


class Store:
    def __init__(self) -> None:
        self.seen: list[str] = []

    def missing(self, names: list[str]) -> int:
        return sum(1 for name in names if name not in self.seen)


def weights(count: int) -> list[int]:
    return [count, count + 1]


def chosen(count: int, wanted: list[int]) -> int:
    held = weights(count)
    hits = 0
    for one in wanted:
        if one in held:
            hits += 1
    return hits


def below(wanted: list[int]) -> int:
    top = largest()
    hits = 0
    for one in wanted:
        if one in top:
            hits += 1
    return hits


def roots(values: list[float]) -> float:
    total = 0.0
    for value in values:
        total += math.sqrt(LIMIT) * value
    return total
"""
FUNCTIONS = ("common", "scaled", "Store.missing", "weights", "chosen", "below", "roots")


class Project:
    """A file in an editor, and what is kept of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.kept = Kept()
        self.text = MODULE
        (root / "pyproject.toml").write_text("")
        (root / "limits.py").write_text("def largest() -> list[int]:\n    return [7, 8, 9]\n")
        (root / "app.py").write_text(MODULE)
        self.profiled(0.1)

    def profiled(self, share: float) -> None:
        """Write a profile in which all functions take so much."""
        lines = {name: MODULE.count("\n", 0, MODULE.index(f"def {name.split('.')[-1]}")) + 1 for name in FUNCTIONS}
        rest = {"own": share, "cumulative": share, "calls": 900, "native": 0.0, "waiting": 0.0, "hash": "",
                "lines": {}, "callers": {}, "types": {}}  # fmt: skip
        functions = [{"path": "app.py", "qualname": name, "line": lines[name], **rest} for name in FUNCTIONS]
        profile = {"version": 1, "command": "python app.py", "profiler": "cprofile", "python": "3.11.7",
                   "packages": {}, "seconds": 10.0, "functions": functions}  # fmt: skip
        (self.root / ".perf-advise").mkdir(exist_ok=True)
        (self.root / ".perf-advise" / "profile.json").write_text(json.dumps(profile))

    def look(self) -> Report:
        """What is said of the text now, as a fresh look says it too."""
        options = Options(root=self.root, paths=(STDIN,), stdin_filename=self.root / "app.py")
        text = self.text.encode()
        recalled = Recalled(self.kept)
        at_once = check(options, stdin=text, kept=recalled)
        again, fresh = check(options, stdin=text, kept=self.kept), check(options, stdin=text)
        assert all(finding in fresh.findings for finding in at_once.findings)
        assert recalled.missed or at_once.findings == fresh.findings
        again_at_once = check(options, stdin=text, kept=Recalled(self.kept))
        assert again_at_once.findings == fresh.findings
        assert again.findings == fresh.findings
        assert again.refusals == fresh.refusals
        assert again.hot_functions == fresh.hot_functions
        return again

    def change(self, old: str, new: str) -> Report:
        """The same after an edit."""
        assert old in self.text
        self.text = self.text.replace(old, new, 1)
        return self.look()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def said_of(report: Report, name: str) -> list[tuple[str, int]]:
    return [(f.code, f.start.row) for f in report.findings if f.function.qualname == name]


def test_only_the_changed_function_is_looked_at_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.look()
    looked: list[str] = []
    of = Views.of

    def spied(views: Views, function: Any) -> Any:
        looked.append(function.qualname)
        return of(views, function)

    monkeypatch.setattr(Views, "of", spied)
    options = Options(root=project.root, paths=(STDIN,), stdin_filename=project.root / "app.py")
    check(options, stdin=MODULE.encode(), kept=project.kept)
    assert looked == []
    changed = MODULE.replace(
        "        out.append(value * 2.0)\n", "        value = value + 1.0\n        out.append(value)\n"
    )
    report = check(options, stdin=changed.encode(), kept=project.kept)
    assert looked == ["scaled"]
    assert said_of(report, "chosen") == [("PA501", MODULE[: MODULE.index("one in held")].count("\n") + 2)]


def test_places_move_with_the_text(project: Project) -> None:
    before = said_of(project.look(), "chosen")
    after = said_of(project.change("    found = 0\n", "    found = 0\n    found = found\n"), "chosen")
    assert [(code, row + 1) for code, row in before] == after != []


@pytest.mark.parametrize(
    ("old", "new", "function"),
    [
        ("return [count, count + 1]", "return {count, count + 1}", "chosen"),
        ("def common(xs: list[int], ys: list[int])", "def common(xs: list[int], ys: set[int])", "common"),
        ("self.seen: list[str] = []", "self.seen: set[str] = set()", "Store.missing"),
        ("from limits import largest", "from other import largest", "below"),
        ("LIMIT = 4\n", "LIMIT = 4\nheld = weights = None\n", "chosen"),
    ],
    ids=["helper", "annotation", "class", "import", "global"],
)
def test_what_a_function_rests_on_counts(project: Project, old: str, new: str, function: str) -> None:
    assert said_of(project.look(), function)
    assert not said_of(project.change(old, new), function)


def test_another_file_counts(project: Project) -> None:
    assert said_of(project.look(), "below")
    (project.root / "limits.py").write_text("def largest() -> set[int]:\n    return {7, 8, 9}\n")
    assert not said_of(project.look(), "below")
    (project.root / "limits.py").unlink()
    assert not said_of(project.look(), "below")
    (project.root / "limits.py").write_text("def largest() -> list[int]:\n    return [7, 8, 9]\n")
    assert said_of(project.look(), "below")


def test_the_profile_counts(project: Project) -> None:
    assert {f.function.own for f in project.look().findings} == {0.1}
    project.profiled(0.05)
    assert {f.function.own for f in project.look().findings} == {0.05}


def test_a_new_word_counts_where_a_fix_would_have_used_it(project: Project) -> None:
    first = [f.fix for f in project.look().findings if f.function.qualname == "common"]
    assert "ys_set" in str(first)
    taken = project.change("out = []", "ys_set = 1\n    out = []")
    assert "ys_set_2" in str([f.fix for f in taken.findings if f.function.qualname == "common"])


EDITS = [
    ("2.0", "3.0"), ("out = []", "out: list = []"), ("[count, count + 1]", "(count, count)"), ("LIMIT = 4", "LIMIT = 5"),
    ("import math", "import math\nimport os"), ("self.seen: list[str] = []", "self.seen = []"), ("hits = 0", "hits = 1"),
    ("def weights", "\n# more\ndef weights"), ("WORDS", "LETTERS"), ("def roots", "def hits():\n    pass\n\n\ndef roots"),
    ("found += 1", "found += 1\n            common(ys, xs)"), ("    top = largest()", "    top = largest()  # top"),
    ("class Store:", "@object\nclass Store:"), ("\n\n\ndef", "\n\n\n\ndef"), ("value * 2.0", "exec('value')"),
]  # fmt: skip


@given(edits=st.lists(st.sampled_from(EDITS), min_size=1, max_size=4, unique=True))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_after_any_edits_a_fresh_look_says_the_same(
    edits: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    project = Project(tmp_path_factory.mktemp("edited"))
    project.look()
    for old, new in edits:
        if old in project.text:
            project.change(old, new)
