"""Fixes that compete for one place: the better one now, the others on the next run."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from perf_advise.engine.ranking import worth
from perf_advise.model.finding import Edit, Finding, Fix
from perf_advise.model.places import Span
from perf_advise.source.imports import import_edits
from perf_advise.source.text import SourceFile


def choose(findings: Sequence[Finding]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings whose fixes can be applied together, best first wins, and those left for the next run."""
    chosen: list[Finding] = []
    left: list[Finding] = []
    for finding in sorted(findings, key=worth):
        (left if any(_clash(finding, other) for other in chosen) else chosen).append(finding)
    return tuple(sorted(chosen, key=_place)), tuple(sorted(left, key=_place))


def edits_of(file: SourceFile, findings: Sequence[Finding]) -> tuple[Edit, ...]:
    """The edits of several fixes of one file, with the imports that they share merged."""
    own = [edit for f in findings if f.fix for edit in f.fix.own_edits]
    statements = dict.fromkeys(s for f in findings if f.fix for s in f.fix.imports)
    return joined([*import_edits(file, tuple(statements)), *own])


def joined(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits with insertions at the same place made one, in the order given (imports come first)."""
    places: dict[tuple[Path, Span], Edit] = {}
    for edit in dict.fromkeys(edits):
        key = (edit.path, edit.span)
        if edit.span.start == edit.span.end and key in places:
            edit = replace(edit, new=places[key].new + edit.new)
        places[key] = edit
    return tuple(sorted(places.values()))


def _place(finding: Finding) -> tuple[object, ...]:
    return (finding.path, finding.span, finding.code)


def _share_a_name(one: Fix, other: Fix) -> bool:
    """Whether both bind a name, and not by the same insertion."""
    common = [edit.new for edit in one.own_edits if edit in other.own_edits]
    shared = (name.rpartition(":")[2] for name in one.names if name in other.names)
    return any(not any(re.search(rf"\b{name}\b", new) for new in common) for name in shared)


def _clash(one: Finding, other: Finding) -> bool:
    if one.path != other.path or one.fix is None or other.fix is None:
        return False
    if one.span.overlaps(other.span) or _share_a_name(one.fix, other.fix):
        return True
    pairs = ((a, b) for a in one.fix.own_edits for b in other.fix.own_edits)
    return any(a.span.overlaps(b.span) and a != b and not _are_definitions(a, b) for a, b in pairs)


def _are_definitions(one: Edit, other: Edit) -> bool:
    """Whether both insert module-level definitions, which can follow each other."""
    return (
        one.span == other.span
        and not one.old
        and all(e.new.endswith(("\n\n\n", "\r" * 3, "\r\n" * 3)) for e in (one, other))
    )
