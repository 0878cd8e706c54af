"""Rules for people: the list, and one whole."""

import json
from collections.abc import Iterator, Mapping, Sequence

from perf_advise.catalog.explanations import HEADINGS
from perf_advise.catalog.loading import LoadedRule
from perf_advise.catalog.ratios import Ratios
from perf_advise.model.rule import Applicability, Example
from perf_advise.report.figures import counted, ratio
from perf_advise.report.lines import Line, Piece, Style, line, wrapped

_MARKS: dict[Applicability, tuple[str, Style]] = {
    Applicability.SAFE: ("safe", "safe"),
    Applicability.UNSAFE: ("unsafe", "unsafe"),
    Applicability.DISPLAY: ("by hand", "muted"),
}
_INDENT = "  "


def list_json(rules: Sequence[LoadedRule]) -> str:
    """One JSON object, version 1."""
    rows = [
        {
            "code": loaded.rule.code,
            "name": loaded.rule.name,
            "family": loaded.family,
            "summary": loaded.explanation.summary,
            "applicability": loaded.rule.applicability.name.lower(),
            "hotness": loaded.rule.hotness.value,
            "differences": list(loaded.rule.differences),
            "packages": list(loaded.rule.packages),
            "since": ".".join(map(str, loaded.rule.since)),
            "explanation": dict(loaded.explanation.sections),
        }
        for loaded in rules
    ]
    return json.dumps({"version": 1, "rules": rows}, indent=2) + "\n"


def list_lines(rules: Sequence[LoadedRule], width: int) -> Iterator[Line]:
    """A rule a line: code, how careful its fix is, name; the summary below."""
    for loaded in rules:
        mark, style = _MARKS[loaded.rule.applicability]
        yield line(Piece(loaded.rule.code, "code"), "  ", Piece(f"{mark:<7}", style), f"  {loaded.rule.name}")
        yield from wrapped(loaded.explanation.summary, width, " " * 16, style="muted")
    yield line(Piece(f"{counted(len(rules), 'rule')}; `perf-advise explain CODE` shows one whole", "muted"))


def page(loaded: LoadedRule, ratios: Ratios, width: int) -> Iterator[Line]:
    """One rule whole: what its docstring says, its examples, when it is silent, its measured gain."""
    rule = loaded.rule
    mark, style = _MARKS[rule.applicability]
    yield line(Piece(rule.code, "code"), " ", Piece(rule.name, "strong"), "  (", Piece(mark, style), ")")
    yield from wrapped(loaded.explanation.summary, width)
    for heading in HEADINGS:
        if text := loaded.explanation.sections.get(heading):
            yield ()
            yield line(Piece(heading, "strong"))
            yield from (line(row) for row in text.split("\n"))
    for example in rule.examples[:1]:
        yield from _example(example)
    yield from _silence(loaded, width)
    yield from _gain(ratios.table.get(rule.code, {}))


def _example(example: Example) -> Iterator[Line]:
    for title, text in (("Before", example.before), ("After", example.after)):
        yield ()
        yield line(Piece(title, "strong"))
        yield from (line(_INDENT, Piece(row, "python")) for row in text.strip("\n").split("\n"))


def _silence(loaded: LoadedRule, width: int) -> Iterator[Line]:
    if loaded.rule.silent:
        yield ()
        yield line(Piece("Silent when", "strong"))
    for silent in loaded.rule.silent:
        yield from wrapped(f"- {silent.why}", width, _INDENT, _INDENT * 2)


def _gain(versions: Mapping[str, Mapping[str, float]]) -> Iterator[Line]:
    if versions:
        yield ()
        yield line(Piece("Measured, old time / new time by size", "strong"))
    for version, sizes in versions.items():
        text = ", ".join(f"{name}: {ratio(value)}" for name, value in sizes.items())
        yield line(f"{_INDENT}Python {version}  {text}")
