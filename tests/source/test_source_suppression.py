"""Suppression comments: on the line, on the header; never in strings."""

from pathlib import Path

import pytest

from perf_advise.source.index import ModuleIndex
from perf_advise.source.suppression import Suppression, suppressions
from perf_advise.source.text import source_from_bytes

SOURCE = """\
x = 1  # perf-advise: ignore[PA101]
text = '''
# perf-advise: ignore
'''  # perf-advise: ignore [ PA102 , list-Membership ]  because
# Perf-Advise:ignore
y = "# perf-advise: ignore"
@decorated
def f(
    a,
):  # noqa  # perf-advise: ignore[PA103]
    return 1
def g(): return 2  # perf-advise: ignore[PA104]
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_comments_are_found_and_strings_are_not(newline: str) -> None:
    file = source_from_bytes(Path("some.py"), SOURCE.replace("\n", newline).encode())
    assert suppressions(file).all == (
        Suppression(1, ("pa101",)),
        Suppression(4, ("pa102", "list-membership")),
        Suppression(5, ()),
        Suppression(10, ("pa103",)),
        Suppression(12, ("pa104",)),
    )


def test_a_comment_silences_its_line_and_its_function() -> None:
    file = source_from_bytes(Path("some.py"), SOURCE.encode())
    marks = suppressions(file)
    f, g = ModuleIndex(file).functions
    assert marks.find("PA101", "n", 1, None) == marks.all[0]
    assert marks.find("PA102", "n", 4, None) == marks.find("PA9", "list-membership", 4, None) == marks.all[1]
    assert marks.find("PA103", "n", 11, f) == marks.all[3]
    assert marks.find("PA104", "n", 12, g) == marks.all[4]
    for code, line, site in (
        ("PA102", 1, None),
        ("PA101", 2, None),
        ("PA104", 11, f),
        ("PA103", 12, g),
        ("PA103", 11, None),
    ):
        assert marks.find(code, "other", line, site) is None


def test_unused_ones_are_known() -> None:
    marks = suppressions(source_from_bytes(Path("some.py"), SOURCE.encode()))
    assert marks.unused([marks.all[0], marks.all[2]]) == (marks.all[1], *marks.all[3:])


def test_files_without_any_and_files_that_do_not_parse_have_none() -> None:
    for text in ("x = 1  # ignore\n", "x = '''  # perf-advise: ignore\n"):
        assert suppressions(source_from_bytes(Path("some.py"), text.encode())).all == ()
