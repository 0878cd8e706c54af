"""The parts that a report is drawn from: figures, code frames, diffs."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf_advise.model.finding import Edit, Finding, Gain
from perf_advise.model.hot import HotFunction
from perf_advise.model.places import Location, Span
from perf_advise.model.report import Change, Report
from perf_advise.report import diffs, figures, frames, hunks
from perf_advise.report.json_report import document
from perf_advise.report.lines import plain
from perf_advise.report.texts import lines_of
from perf_advise.report.words import saved_in_words
from perf_advise.source.text import PythonFile, spliced

PATH = Path("a.py")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 ms"), (1.2e-5, "12 us"), (0.0012, "1 ms"), (0.35, "350 ms"), (0.9999, "1.0 s"), (12.44, "12.4 s"),
     (99.96, "100 s"), (3400, "3,400 s")],
)  # fmt: skip
def test_seconds(value: float, text: str) -> None:
    assert figures.seconds(value) == text


@pytest.mark.parametrize(("value", "text"), [(31.4, "31x"), (9.96, "10x"), (1.84, "1.8x"), (1.04, "1.04x")])
def test_ratio(value: float, text: str) -> None:
    assert figures.ratio(value) == text


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (0.001, "<1 %"), (0.005, "0 %"), (0.384, "38 %"), (1, "100 %")]
)
def test_percent(share: float, text: str) -> None:
    assert figures.percent(share) == text


@pytest.mark.parametrize(
    ("age", "text"), [(3, "just now"), (61, "1 minute ago"), (7300, "2 hours ago"), (200_000, "2 days ago")]
)
def test_ago(age: float, text: str) -> None:
    assert figures.ago(age) == text


def finding(text: str, span: Span, own: float = 0.5, gain: Gain | None = None, name: str = "f") -> Finding:
    lines = {number: 0.01 * number for number in range(1, text.count("\n") + 1)}
    function = HotFunction(PATH, name, 1, 1, 99, own, own, lines=lines)
    place = Location(1, 1)
    return Finding("PA1", "shape", "message", PATH, place, place, function, span, gain=gain)


def gained(share: float, speedup: float, own: float = 0.5, name: str = "f") -> Finding:
    return finding("", Span(0, 0), own, Gain(speedup, share), name)


def test_what_remains_by_amdahl() -> None:
    assert figures.remaining_share([]) == 1
    assert figures.remaining_share([gained(0.5, 2)]) == pytest.approx(0.75)
    assert figures.remaining_share([gained(0.5, 2), gained(0.4, 4, own=0.4, name="g")]) == pytest.approx(0.45)


def test_one_function_saves_no_more_than_its_own_time() -> None:
    assert figures.remaining_share([gained(0.5, 10), gained(0.5, 10)]) == pytest.approx(0.5)


def test_a_fix_around_others_shrinks_what_they_leave() -> None:
    around = gained(0.8, 4, own=0.0, name="caller")
    assert figures.remaining_share([gained(0.5, 2), around]) == pytest.approx(0.75 * 0.4)


def test_what_loses_or_is_not_known_saves_nothing() -> None:
    assert figures.remaining_share([gained(0.5, 0.5), finding("", Span(0, 0))]) == 1


@pytest.mark.parametrize(
    ("gain", "said", "left"),
    [
        (Gain(4.0, 0.5), "saves about 3.0 s (38 %)", "about 5 s"),
        (Gain(4.0, 0.5, at_most=True), "saves up to 3.0 s (38 %)", "at best 5 s"),
        (Gain(4.0, 0.5, "proof"), "saves 3.0 s (38 %)", "about 5 s"),
        (Gain(4.0, 0.001, at_most=True), "about 4.0x in the rule's benchmark", "at best 5 s"),
    ],
)
def test_a_bound_is_told_as_one(gain: Gain, said: str, left: str) -> None:
    assert saved_in_words(gain, 8.0) == said
    assert figures.left_in_words([finding("", Span(0, 0), gain=gain)], "5 s") == left


def test_a_long_place_shows_head_tail_and_hottest() -> None:
    text = "".join(f"line{number}\n" for number in range(1, 31))
    drawn = plain(frames.draw(PythonFile(PATH, text), finding(text, Span(0, len(text))), 80))
    shown = [int(row.split("line")[1]) for row in drawn.splitlines() if "line" in row]
    assert shown == [1, 2, 3, 4, *range(23, 31)]
    assert drawn.count("...") == 1


def test_tabs_and_marks_line_up() -> None:
    text = "def f():\n\tx = 1\tif y else z\n"
    start = text.index("y else")
    code, marks = plain(frames.draw(PythonFile(PATH, text), finding(text, Span(start, start + 6)), 80)).splitlines()
    assert code[marks.index("^") : len(marks)] == "y else"


def test_a_form_feed_ends_no_line() -> None:
    assert lines_of("a\x0cb\r\nc\rd\n\u2028e") == ["a\x0cb\r\n", "c\r", "d\n", "\u2028e"]


def test_new_whole_lines_are_one_hunk_of_their_own() -> None:
    file = PythonFile(PATH, "import os\n\nx = 1\ny = 2\n")
    edits = (Edit(PATH, Span(10, 10), "", "import math\n"), Edit(PATH, Span(17, 22), "y = 2", "y = 3"))
    assert hunks.hunks(file, edits) == [
        hunks.Hunk(2, (), ("import math",)),
        hunks.Hunk(4, ("y = 2",), ("y = 3",)),
    ]


def test_what_stays_within_a_hunk_is_shown_at_its_ends_only() -> None:
    old = "a\n" + "same\n" * 9 + "z\n"
    new = old.replace("a\n", "A\n").replace("z\n", "Z\n")
    drawn = plain(diffs.draw(PythonFile(PATH, old), (Edit(PATH, Span(0, len(old)), old, new),), 80, ""))
    assert drawn == "- a\n+ A\n  same\n  same\n  ...\n  same\n  same\n- z\n+ Z\n"


@st.composite
def texts_with_edits(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    text = draw(st.text("ab \t\n\x0c", max_size=60))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6, unique=True)))
    edits = []
    for start, end in zip(cuts[::2], cuts[1::2], strict=False):
        new = draw(st.sampled_from(["", "x", "x\n", "\ny", "x\ny\n"]))
        edits.append(Edit(PATH, Span(start, end), text[start:end], new))
    return text, edits


@given(texts_with_edits())
def test_hunks_hold_all_that_changes(case: tuple[str, list[Edit]]) -> None:
    """The file with each hunk's lines put in the place of the old ones is the edited file, line for line."""
    text, edits = case
    file = PythonFile(PATH, text)
    rows = [*hunks._rows(text)]
    for hunk in reversed(hunks.hunks(file, edits)):
        start = hunk.start - 1
        assert tuple(rows[start : start + len(hunk.before)]) == hunk.before
        rows[start : start + len(hunk.before)] = hunk.after
    assert rows == [*hunks._rows(spliced(text, edits))]


@given(texts_with_edits())
def test_rows_of_a_hunk_tell_both_sides(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    for hunk in hunks.hunks(PythonFile(PATH, text), edits):
        rows = list(hunks.rows_of(hunk))
        if ("  ", "...") not in rows:
            assert tuple(text for sign, text in rows if sign != "+ ") in (hunk.before, ())
            assert tuple(text for sign, text in rows if sign != "- ") in (hunk.after, ())


def test_places_of_what_was_applied_are_those_of_the_text_before(report: Report) -> None:
    done, path = report.findings[1], report.findings[1].path
    before = path.read_text()
    path.write_text("# another first line\n" + before.replace("in wanted]", "in wanted_set]"))
    fixed = replace(report, findings=(), applied=(done,), changes=(Change(path, before, path.read_text()),))
    (edit,) = document(fixed)["applied"][0]["fix"]["edits"]
    assert edit["location"] == {"row": 16, "column": 12}
