"""Fixes that cannot be made keep no other fix of the file from being made."""

from pathlib import Path

from perf_advise.engine.apply import apply_fixes
from perf_advise.engine.views import Views
from perf_advise.model.finding import Edit, Finding, Fix
from perf_advise.model.hot import HotFunction
from perf_advise.model.places import Location, Span
from perf_advise.model.rule import Applicability


def finding(path: Path, code: str, start: int, old: str, new: str) -> Finding:
    edit = Edit(path, Span(start, start + len(old)), old, new)
    hot, place = HotFunction(path, "f", 1, 1, 3, 1.0, 1.0), Location(1, 1)
    fix = Fix(Applicability.SAFE, "m", (edit,), own_edits=(edit,))
    return Finding(code, "n", "m", path, place, place, hot, edit.span, fix)


def test_a_fix_that_breaks_the_file_is_left_out_and_named(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("a = 1\nb = 2\nc = 3\n")
    fixes = [
        finding(path, "PA1", 4, "1", "10"),
        finding(path, "PA2", 10, "2", "2 +"),
        finding(path, "PA3", 16, "3", "30"),
    ]
    applied = apply_fixes(fixes, Views(tmp_path, (3, 11)), unsafe=False, write=True)
    assert path.read_text() == "a = 10\nb = 2\nc = 30\n"
    assert [f.code for f in applied.findings] == ["PA1", "PA3"]
    assert len(applied.warnings) == 1 and applied.warnings[0].startswith("PA2 was left out: ")


def test_a_file_without_a_fix_that_can_be_made_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("a = 1\n")
    applied = apply_fixes([finding(path, "PA1", 4, "1", "(")], Views(tmp_path, (3, 11)), unsafe=False, write=True)
    assert (path.read_text(), applied.findings) == ("a = 1\n", ())
    assert len(applied.warnings) == 1
