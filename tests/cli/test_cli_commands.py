"""The commands, run in this process as the console script runs them."""

import cProfile
import json
import runpy
from pathlib import Path

import pytest

from perf_advise.gate import main

RULE = '''\
"""A whole sort for its first item.

## What it does
Finds `sorted(xs)[0]`.
"""

from perf_advise.rulekit import Applicability, Rule

RULE = Rule(
    code="MY001",
    name="sort-for-minimum",
    message="a whole sort for its first item",
    applicability=Applicability.UNSAFE,
    pattern="sorted($x)[0]",
    template="min($x)",
    differences=("IndexError becomes ValueError",),
)
'''

PROGRAM = """\
def smallest(xs):
    return sorted(xs)[0]


def total(xs):
    return sum(xs)


def run():
    values = [n * 7919 % 4001 for n in range(400)]
    return [smallest(values) + total((1, 2)) for _ in range(800)]


if __name__ == "__main__":
    run()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a rule of its own and a profile of a run."""
    (tmp_path / "pyproject.toml").write_text('[tool.perf-advise]\nrules = ["perf_rules"]\nselect = ["MY"]\n')
    (tmp_path / "perf_rules").mkdir()
    (tmp_path / "perf_rules" / "sort_for_minimum.py").write_text(RULE)
    path = tmp_path / "app.py"
    path.write_text(PROGRAM)
    profiler = cProfile.Profile()
    profiler.runcall(runpy.run_path, str(path), run_name="__main__")
    profiler.dump_stats(tmp_path / "app.prof")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def perf_advise(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    out, err = capsys.readouterr()
    return code, out, err


def test_findings_exit_1_and_name_the_command_that_applies(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = perf_advise(capsys, ".", "-p", "app.prof")
    assert (code, err) == (1, "")
    assert "  --> app.py:2:12" in out
    assert "    -     return sorted(xs)[0]\n    +     return min(xs)\n" in out
    assert "perf-advise . -p" in out
    assert out.rstrip().endswith("--fix --unsafe-fixes")


def test_exit_zero_and_quiet(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = perf_advise(capsys, "check", ".", "-p", "app.prof", "--exit-zero", "-q")
    assert code == 0
    assert "MY001" in out
    assert "Apply" not in out


def test_fix_then_nothing_then_undo(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("app.py", "-p", "app.prof", "--fix", "--unsafe-fixes")
    code, out, _ = perf_advise(capsys, *arguments)
    assert code == 0
    assert "fixed MY001 sort-for-minimum  app.py:2:12" in out
    assert (project / "app.py").read_text() == PROGRAM.replace("sorted(xs)[0]", "min(xs)")
    assert perf_advise(capsys, *arguments)[0] == 0
    assert (project / "app.py").read_text() == PROGRAM.replace("sorted(xs)[0]", "min(xs)")
    code, out, _ = perf_advise(capsys, "undo")
    assert (code, out) == (0, "restored app.py\n")
    assert (project / "app.py").read_text() == PROGRAM


def test_unsafe_fixes_are_not_applied_unasked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert perf_advise(capsys, "app.py", "-p", "app.prof", "--fix")[0] == 1
    assert (project / "app.py").read_text() == PROGRAM


def test_diff_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = perf_advise(capsys, "app.py", "-p", "app.prof", "--diff", "--unsafe-fixes")
    assert code == 1
    assert out.startswith("--- app.py\n+++ app.py\n@@ -1,5 +1,5 @@\n")
    assert (project / "app.py").read_text() == PROGRAM
    assert perf_advise(capsys, "app.py", "-p", "app.prof", "--diff")[:2] == (0, "")


def test_a_report_goes_to_a_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = perf_advise(capsys, ".", "-p", "app.prof", "--output-format", "json", "-o", "report.json")
    assert (code, out) == (1, "")
    assert json.loads((project / "report.json").read_text())["findings"][0]["code"] == "MY001"


def test_only_the_hot_functions_are_looked_at(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "cold.py").write_text("def never(xs):\n    return sorted(xs)[0]\n")
    _, out, _ = perf_advise(capsys, ".", "-p", "app.prof", "--output-format", "json")
    assert {Path(f["filename"]).name for f in json.loads(out)["findings"]} == {"app.py"}
    _, out, _ = perf_advise(capsys, ".", "--no-profile", "--output-format", "json")
    assert {Path(f["filename"]).name for f in json.loads(out)["findings"]} == {"app.py", "cold.py"}


def test_ignore_and_per_file_ignores(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert perf_advise(capsys, ".", "-p", "app.prof", "--ignore", "MY001")[0] == 0
    assert perf_advise(capsys, ".", "-p", "app.prof", "--per-file-ignores", "app.py:MY001")[0] == 0
    assert perf_advise(capsys, ".", "-p", "app.prof", "--per-file-ignores", "other.py:MY001")[0] == 1


def test_hotspots(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = perf_advise(capsys, "hotspots", "-p", "app.prof", "--output-format", "json", "--callers")
    functions = json.loads(out)["functions"]
    assert code == 0
    assert functions[0]["function"] == "smallest"
    assert functions[0]["calls"] == 800
    assert list(functions[0]["callers"]) == ["run"]
    shares = [f["own"] for f in functions]
    assert shares == sorted(shares, reverse=True)


def test_hotspots_sorted_and_filtered(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = perf_advise(capsys, "hotspots", "-p", "app.prof", "--sort", "cumulative")
    assert out.index(" <module>  ") < out.index(" smallest  ")
    _, out, _ = perf_advise(capsys, "hotspots", "-p", "app.prof", "--filter", "small", "--callers")
    assert "smallest  app.py:1" in out
    assert "from: run" in out
    assert "<module>" not in out
    assert "no hot function here" in perf_advise(capsys, "hotspots", "-p", "app.prof", "--filter", "zzz")[1]


def test_rules_and_explain(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = perf_advise(capsys, "rules")
    assert "MY001  unsafe   sort-for-minimum" in out
    assert "PA501  safe     list-membership-in-loop" in out
    _, out, _ = perf_advise(capsys, "rules", "--output-format", "json")
    assert {"MY001", "PA501"} <= {rule["code"] for rule in json.loads(out)["rules"]}
    _, out, _ = perf_advise(capsys, "explain", "sort-for-minimum")
    assert out.startswith("MY001 sort-for-minimum  (unsafe)\nA whole sort for its first item.\n")
    _, out, _ = perf_advise(capsys, "explain", "pa501")
    assert "Why it is slow" in out
    assert "Silent when" in out


def test_facts_of_a_function(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = perf_advise(capsys, "facts", "app.py:run", "-p", "app.prof")
    assert code == 0
    assert out.startswith("run, line 9\n")
    assert "values: local, list[int]" in out
    assert perf_advise(capsys, "facts", "app.py:<module>")[0] == 0


def test_a_new_rule_fails_until_it_is_filled_in(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = perf_advise(capsys, "new-rule", "nested-scan", "--folder", "perf_rules", "--code", "MY002")
    assert code == 0
    assert (project / "perf_rules" / "test_nested_scan.py").exists()
    code, out, _ = perf_advise(capsys, "rules", "--test", "perf_rules/nested_scan.py")
    assert code == 1
    assert "MY002" in out
    code, out, _ = perf_advise(capsys, "rules", "--test", "perf_rules")
    assert code == 1
    assert "MY001: there is no firing example" in out


def test_record_keeps_the_profile_and_the_exit_code(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (project / "app.py").write_text(PROGRAM + "    print('done')\n    raise SystemExit(3)\n")
    assert main(["record", "--profiler", "cprofile", "--", "python", "app.py"]) == 3
    out, err = capfd.readouterr()
    assert out == "done\n"
    assert "recorded" in err
    assert json.loads((project / ".perf-advise" / "profile.json").read_text())["command"] == "python app.py"
    assert main(["app.py"]) == 1


def test_paths_of_several_projects(tmp_path: Path, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_text("")
        (tmp_path / name / "a.py").write_text("def f(xs):\n    return sorted(xs)[0]\n")
    arguments = ("one/a.py", "two", "--no-profile", "--rules", "perf_rules", "--select", "MY")
    assert perf_advise(capsys, *arguments)[1].count("--> ") == 2
    _, out, _ = perf_advise(capsys, *arguments, "--output-format", "json")
    assert len(json.loads(out)["findings"]) == 2
