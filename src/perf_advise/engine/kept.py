"""What the rules said of a file's functions, kept for the next look at it: an editor saves often and changes little.

It is said again as long as all that may have a part in it reads the same: the function, the statements of its file
that bear on it, what was looked up in the whole file, the costs that the profile gives, and the other files that were
read or looked for. Places move with the text.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from perf_advise.engine.views import Views
from perf_advise.facts.likely.likely import is_long
from perf_advise.model.finding import Edit, Finding, Refusal
from perf_advise.model.hot import HotFunction
from perf_advise.model.places import Location, Span
from perf_advise.rulekit.view import View
from perf_advise.source.pieces import Pieces
from perf_advise.source.project import Trace, trace_again
from perf_advise.source.text import PythonFile, SourceFile

Said = tuple[Finding | Refusal, ...]
_LINE = re.compile(r"\bline \d")
_NAMED_LINE = re.compile(r"((?:^|: )line )(\d+):")
"""How the reasons of rules name a line of the file."""


class CannotMove(Exception):
    """What was said does not fit the text any more."""


@dataclass(frozen=True)
class _Known:
    """What was said of a function, and all that it rests on."""

    said: Said
    function: HotFunction
    costs: Mapping[str, HotFunction]
    pieces: Pieces
    style: tuple[object, ...]
    bearing: frozenset[int]
    uses: tuple[tuple[int, str], ...]
    looked_up: Mapping[str, object]
    trace: Trace
    setting: object


class Kept:
    """The last word on each function; `setting` is what else the rules depend on (options, target)."""

    def __init__(self) -> None:
        self.setting: object = None
        self._known: dict[tuple[Path, str, int], _Known] = {}
        self._pieces: dict[Path, Pieces] = {}

    def said(self, function: HotFunction, number: int, views: Views) -> Said | None:
        """What was said of the function, at the places of today; None where it has to be looked at again.

        `number` tells functions of one name apart.
        """
        known = self._known.get((function.path, function.qualname, number))
        if known is None or known.setting != self.setting or not _same_costs(known, function, views.costs):
            return None
        file, _ = views.file(function.path)
        pieces = self._cut(file)
        if pieces is None or not _reads_the_same(known, function, pieces, file):
            return None
        if known.trace != trace_again(known.trace):
            return None
        try:
            return _moved(known, function, _Places(known, pieces, file))
        except CannotMove:
            return None

    def keep(self, number: int, view: View, views: Views, said: Iterable[Finding | Refusal]) -> None:
        """Remember what was said of the function of a view, but of notebooks."""
        function, file = view.hot, view.slice.file
        pieces = self._cut(file)
        if pieces is None:
            return
        bearing = _bearing(pieces, function, file)
        self._known[function.path, function.qualname, number] = _Known(
            said=tuple(said),
            function=function,
            costs=dict(views.costs),
            pieces=pieces,
            style=_style(file, pieces),
            bearing=bearing,
            uses=pieces.uses(bearing),
            looked_up=dict(view.looked_up),
            trace=views.project.trace(function.path),
            setting=self.setting,
        )

    def _cut(self, file: SourceFile) -> Pieces | None:
        if not isinstance(file, PythonFile):
            return None
        found = self._pieces.get(file.path)
        if found is None or found.text != file.text:
            found = self._pieces[file.path] = Pieces(file.text, file.tree, file.lines)
        return found


class Recalled(Kept):
    """What is kept, and silence on all else: the part of an answer that costs next to nothing.

    `missed` counts the functions that would have to be looked at.
    """

    def __init__(self, kept: Kept) -> None:
        super().__init__()
        self._kept = kept
        self.missed = 0

    def said(self, function: HotFunction, number: int, views: Views) -> Said:
        """What was said of the function, nothing where it would have to be looked at again."""
        self._kept.setting = self.setting
        found = self._kept.said(function, number, views)
        self.missed += found is None
        return found or ()


def _style(file: SourceFile, pieces: Pieces) -> tuple[object, ...]:
    """What the whole file decides: how new code is written, which names are bound, what follows an import block, and
    whether it is too long for its likely types."""
    return file.indent, file.newline, pieces.visible, pieces.heads, is_long(file.tree)


def _bearing(pieces: Pieces, function: HotFunction, file: SourceFile) -> frozenset[int]:
    if function.is_module:
        return frozenset(range(len(pieces.all)))
    return pieces.bearing(pieces.at(file.offset_of_line(function.line)))


def _same_costs(known: _Known, function: HotFunction, costs: Mapping[str, HotFunction]) -> bool:
    """Whether the profile says the same of all functions, wherever they stand now; of others only what they cost."""
    before, now = ({name: _unplaced(one, {}) for name, one in some.items()} for some in (known.costs, costs))
    return before == now and _with_lines(known.function) == _with_lines(function)


def _with_lines(function: HotFunction) -> HotFunction:
    return _unplaced(function, {line - function.first_line: share for line, share in function.lines.items()})


def _unplaced(function: HotFunction, lines: Mapping[int, float]) -> HotFunction:
    return replace(function, line=0, first_line=0, end_line=0, lines=lines)


def _reads_the_same(known: _Known, function: HotFunction, pieces: Pieces, file: SourceFile) -> bool:
    if known.style != _style(file, pieces) or known.bearing != _bearing(pieces, function, file):
        return False
    if any(known.pieces.code(at) != pieces.code(at) for at in known.bearing):
        return False
    if known.uses != pieces.uses(known.bearing):
        return False
    return all(View.look_up(what, file.text, pieces.words) == found for what, found in known.looked_up.items())


class _Places:
    """From places in the text that something was said of to those of today; CannotMove for what is not there."""

    def __init__(self, known: _Known, pieces: Pieces, file: SourceFile) -> None:
        self._then, self._now = known.pieces.all, pieces.all
        self._bearing = sorted(known.bearing)
        self._lines = known.pieces.lines
        self._file = file

    def offset(self, offset: int) -> int:
        """An offset in the text."""
        for at in self._bearing:
            if self._then[at].start <= offset <= self._then[at].end:
                return offset - self._then[at].start + self._now[at].start
        raise CannotMove

    def span(self, span: Span) -> Span:
        """Both ends of a span."""
        return Span(self.offset(span.start), self.offset(span.end))

    def location(self, at: Location) -> Location:
        """A row and a column."""
        return self._file.location(self.offset(self._lines.start_of(at.row) + at.column - 1))

    def text(self, text: str) -> str:
        """What is said, with the lines that it names; CannotMove where that cannot be told from other words."""
        if len(_LINE.findall(text)) != len(_NAMED_LINE.findall(text)):
            raise CannotMove
        return _NAMED_LINE.sub(self._line, text)

    def _line(self, found: re.Match[str]) -> str:
        return f"{found[1]}{self.location(Location(int(found[2]), 1)).row}:"

    def edits(self, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
        """The same edits at other spans."""
        return tuple(replace(edit, span=self.span(edit.span)) for edit in edits)


def _moved(known: _Known, function: HotFunction, places: _Places) -> Said:
    """The findings and refusals where they stand now."""
    return tuple(
        _finding(one, function, places)
        if isinstance(one, Finding)
        else replace(one, start=places.location(one.start), function=function, reason=places.text(one.reason))
        for one in known.said
    )


def _finding(one: Finding, function: HotFunction, places: _Places) -> Finding:
    fix = one.fix
    return replace(
        one,
        function=function,
        message=places.text(one.message),
        note=places.text(one.note),
        start=places.location(one.start),
        end=places.location(one.end),
        span=places.span(one.span),
        fix=fix and replace(fix, edits=places.edits(fix.edits), own_edits=places.edits(fix.own_edits)),
        facts={claim: places.text(why) for claim, why in one.facts.items()},
    )
