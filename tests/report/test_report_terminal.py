"""The report as people see it: whole, narrow, wide, coloured, quiet."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from perf_advise.model.options import FloatTolerance, Options
from perf_advise.model.proof import Counterexample, Proof, Speedup, Verdict
from perf_advise.model.report import Change, Report
from perf_advise.report.lines import Piece, line, plain, spread
from perf_advise.report.screen import Screen, has_links, wants_colour
from perf_advise.report.terminal import render

NARROW, USUAL, WIDE = Screen(60), Screen(100), Screen(160)


def text(report: Report, screen: Screen = USUAL, **options: object) -> str:
    return render(
        report,
        Options(**{"root": Path(report.root), "paths": (Path(),), "float_tolerance": FloatTolerance(ulp=2), **options}),
        screen,
    )


def test_the_whole_report(report: Report) -> None:
    assert (
        text(report, NARROW)
        == """\
python sim.py --steps 200: 12.4 s, recorded 3 minutes ago, 3
  hot functions

41 %  Grid.energy  src/grid.py:7        5.1 s in 1,200 calls
  PA104 nested loop adds array elements one at a time:
        interpreter overhead on every element
  --> src/grid.py:8:9                     saves 4.8 s (39 %)
          8 | total = 0.0
          9 | for i in range(self.n):
  3 %    10 |     for j in range(self.n):
 38 %    11 |         total += a[i, j] * b[i, j]
  fix (unsafe: order of addition): one call of np.vdot
  assumes: a and b hold no NaN
  needs: numpy in your dependencies
    -         total = 0.0
    -         for i in range(self.n):
    -             for j in range(self.n):
    -                 total += a[i, j] * b[i, j]
    +         total = float(np.vdot(a, b))
  proved: same up to 2 ulp on 24 calls, 31x faster (29-33)

25 %  pick  src/grid.py:15
      3.1 s in 1 call, 26 % with what it calls
  PA501 membership in a list walks it for every item
  --> src/grid.py:16:12             saves about 2.7 s (22 %)
 25 %    16 | return [name for name in names if name in w...
                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  fix (safe): replace
    -     return [name for name in names if name in wanted]
    +     return [name for name in names if name in wanted_set]

hot, and no finding:
 2 %  load  src/grid.py:19
      200 ms in 40 calls, 20 % with what it calls
      most of its time is waiting (I/O, locks, sleep), not
      work

2 findings: 1 with a safe fix, 1 with an unsafe fix, 1
  proved; 1 refused (--why-not)
4 % of the profile (3 entries) fits no function here and was
  left out
12.4 s -> about 4.9 s.  Apply 2: perf-advise . --fix
"""
    )


def test_nothing_but_code_and_paths_goes_beyond_a_narrow_screen(report: Report) -> None:
    rows = text(report, NARROW, why_not=True, verbose=True).splitlines()
    assert [row for row in rows if len(row) > 60 and not row.lstrip().startswith(("+ ", "- "))] == []


def test_side_by_side_where_there_is_room(report: Report) -> None:
    assert "| +         total = float(np.vdot(a, b))" in text(report, WIDE)
    assert " | + " not in text(report, USUAL)
    assert max(map(len, text(report, WIDE).splitlines())) <= 160


def test_long_lines_are_folded_beside_each_other(report: Report) -> None:
    finding = report.findings[1]
    edit = replace(finding.fix.edits[0], new="[" + "name," * 40 + "]")
    long = replace(report, findings=(replace(finding, fix=replace(finding.fix, edits=(edit,))),))
    rows = text(long, WIDE).splitlines()
    first, *more = [row.split(" | + ")[1] for row in rows if " | + " in row]
    assert max(map(len, rows)) <= 160
    assert first + "".join(row.removeprefix("    ") for row in more) == f"    return {edit.new}"


def test_colour_changes_no_character(report: Report) -> None:
    coloured = text(report, Screen(100, colour=True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == text(report)


def test_links_lead_to_file_and_line(report: Report) -> None:
    linked = text(report, Screen(100, colour=True, links=True))
    assert re.search(r"\x1b\]8;[^;]*;file:///.*/src/grid\.py#8\x1b", linked)
    assert "\x1b]8;" not in text(report, Screen(100, colour=True))


def test_quiet_gives_findings_only(report: Report) -> None:
    quiet = text(report, quiet=True)
    assert "PA104" in quiet
    assert not re.search("recorded|hot, and no finding|refused|Apply", quiet)


def test_verbose_adds_callers(report: Report) -> None:
    assert "called by: run 41 %" in text(report, verbose=True)
    assert "called by" not in text(report)


def test_why_not_shows_refusals_with_reason(report: Report) -> None:
    assert "PA901 append-loop at src/grid.py:16:12 refused: names may be changed" in text(report, why_not=True)
    assert "names may be changed" not in text(report)


def test_statistics_count_by_rule(report: Report) -> None:
    rows = text(report, statistics=True).splitlines()
    assert "   1  PA104  [-] nested-loop-sum  saves 4.8 s" in rows
    assert "   1  PA501  [*] list-membership-in-loop  saves 2.7 s" in rows
    assert "  --> src/grid.py:8:9" not in "\n".join(rows)


def test_unsafe_fixes_without_proof_are_offered_apart(report: Report) -> None:
    unproved = replace(report, findings=(replace(report.findings[0], proof=None), report.findings[1]))
    said = text(unproved)
    assert "12.4 s -> about 9.7 s.  Apply 1: perf-advise . --fix\n" in said
    assert "12.4 s -> about 4.9 s.  Apply 2: perf-advise . --fix --unsafe-fixes\n" in said
    assert "--unsafe-fixes" not in text(report)


def test_of_fixes_of_one_place_the_better_one_is_counted(report: Report) -> None:
    first, second = report.findings[:2]
    worse = replace(first, code="PA904", proof=None, gain=None)
    said = text(replace(report, findings=(first, worse, second)))
    assert f"beside a better fix of the same place: PA904 in {first.function.qualname}\n" in said
    assert "Apply 2: perf-advise . --fix\n" in said and "Apply 3" not in said
    assert "beside a better" not in text(report)


def test_what_only_rounding_keeps_out_is_said_with_the_tolerance_that_takes_it_in(report: Report) -> None:
    said = text(report, float_tolerance=None)
    assert "1 more holds up to rounding: add --float-tolerance 2ulp\n" in said
    assert "12.4 s -> about 9.7 s.  Apply 1: perf-advise . --fix\n" in said
    assert "up to rounding:" not in text(report)


def test_the_command_to_apply_is_the_one_that_was_typed(report: Report) -> None:
    options = Options(
        paths=(Path("my code"),), profiles=("run 1.prof",), hot=0.05, float_tolerance=FloatTolerance(ulp=2)
    )
    assert "perf-advise 'my code' -p 'run 1.prof' --hot 5% --fix\n" in render(report, options, USUAL)


def test_applied_fixes_are_named_with_the_way_back(report: Report) -> None:
    path = report.findings[1].path
    before = path.read_text()
    after = before.replace("in wanted]", "in wanted_set]")
    path.write_text(after)
    fixed = replace(
        report, findings=report.findings[:1], applied=report.findings[1:], changes=(Change(path, before, after),)
    )
    said = text(fixed, fix=True)
    assert "fixed PA501 list-membership-in-loop  src/grid.py:16:12\n1 fix applied; `perf-advise undo`" in said


def test_diff_is_a_patch_and_nothing_else(report: Report, tmp_path: Path) -> None:
    path = report.findings[1].path
    change = Change(path, "a\r\nb\r\nc", "a\r\nB\r\nc")
    said = text(replace(report, changes=(change,)), diff=True)
    assert said == ("--- src/grid.py\n+++ src/grid.py\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n\\ No newline at end of file\n")


def test_without_a_profile_no_share_is_claimed(report: Report) -> None:
    blank = {"own": 0.0, "cumulative": 0.0, "seconds": None, "calls": None, "lines": {}}
    plainly = tuple(replace(f, **blank) for f in report.hot_functions)
    found = tuple(
        replace(f, function=plainly[i], gain=replace(f.gain, share=0.0)) for i, f in enumerate(report.findings)
    )
    said = text(replace(report, profile=None, hot_functions=plainly, findings=found, quiet=()))
    assert "no profile: all 3 functions taken for hot" in said
    assert "about 8.0x in the rule's benchmark" in said
    assert " %" not in said.replace("4 % of the profile", "")


def test_nothing_found_says_how_much_was_looked_at(report: Report) -> None:
    assert "no finding in 3 hot functions; 1 refused (--why-not)" in text(replace(report, findings=()))
    assert "\nno hot function here; 1 refused" in text(replace(report, findings=(), hot_functions=(), quiet=()))


@pytest.mark.parametrize(
    ("proof", "says"),
    [
        (Proof(Verdict.SAME, 3, speedup=Speedup(2.0, 1.9, 2.1)), "proved: same on 3 calls, 2.0x faster (1.9-2.1)"),
        (
            Proof(Verdict.SAME, 3, memory_before=12_300_000, memory_after=4_000_000),
            "proved: same on 3 calls, memory at most 12.3 MB -> 4.0 MB",
        ),
        (Proof(Verdict.SAME, 3, memory_before=12_300_000, memory_after=12_000_000), "proved: same on 3 calls"),
        (Proof(Verdict.SAME, 3, memory_before=900, memory_after=4_000), "proved: same on 3 calls"),
        (Proof(Verdict.SAME, 1, speedup=Speedup(0.5, 0.4, 0.6)), "proved: same on 1 call, 0.50x slower (0.40-0.60)"),
        (Proof(Verdict.NOT_SHOWN, 0, reason="no calls kept"), "not shown: no calls kept"),
        (
            Proof(Verdict.DIFFERENT, 4, counterexample=Counterexample("f(0)", "1", "2")),
            "refuted: f(0) gave 1, now 2",
        ),
        (
            Proof(Verdict.SAME, 9, speedup=Speedup(9, 8, 12), cold_seconds=0.8, break_even_calls=40),
            "9.0x faster (8.0-12), first call 800 ms: pays from 40 calls on",
        ),
    ],
)
def test_verdicts_in_words(report: Report, proof: Proof, says: str) -> None:
    assert says in text(replace(report, findings=(replace(report.findings[1], proof=proof),)))


def test_a_missing_package_says_what_to_install_and_is_not_offered(report: Report) -> None:
    note = 'needs numpy: pip install numpy, and add "numpy" to your dependencies'
    missing = replace(report.findings[0], note=note, missing=("numpy",))
    said = text(replace(report, findings=(missing,)))
    assert f"  {note}\n" in said
    assert "1 in need of a package" in said
    assert "Apply" not in said


def test_a_file_that_is_gone_leaves_the_words(report: Report) -> None:
    report.findings[0].path.unlink()
    said = text(report)
    assert "--> src/grid.py:8:9" in said
    assert "np.vdot(a, b)" not in said


def test_a_function_changed_since_says_so(report: Report) -> None:
    stale = tuple(replace(f, stale=True) for f in report.hot_functions)
    assert text(replace(report, hot_functions=stale)).count("changed since the profile was made") == 2
    assert "changed since" not in text(report)


def test_spread_goes_below_when_there_is_no_room() -> None:
    left, right = line("left"), line(Piece("right", "good"))
    assert plain(spread(left, right, 12, "  ")) == "left   right\n"
    assert plain(spread(left, right, 10, "  ")) == "left\n  right\n"


@pytest.mark.parametrize(
    ("environment", "is_terminal", "no_color", "colour"),
    [
        ({}, True, False, True),
        ({}, False, False, False),
        ({}, True, True, False),
        ({"NO_COLOR": "1"}, True, False, False),
        ({"NO_COLOR": ""}, True, False, True),
        ({"FORCE_COLOR": "1"}, False, False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False, False),
        ({"TERM": "dumb"}, True, False, False),
    ],
)
def test_when_there_is_colour(environment: dict[str, str], is_terminal: bool, no_color: bool, colour: bool) -> None:
    assert wants_colour(environment, is_terminal, no_color) is colour


def test_links_only_where_they_are_known_to_work() -> None:
    assert has_links({"TERM_PROGRAM": "WezTerm"})
    assert has_links({"VTE_VERSION": "7200"})
    assert has_links({"TERM": "xterm-kitty"})
    assert not has_links({"TERM": "xterm-256color", "VTE_VERSION": "4600"})
    assert not has_links({})
