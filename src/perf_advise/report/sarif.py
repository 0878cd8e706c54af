"""SARIF 2.1.0, as code-scanning services read it."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from perf_advise import __version__
from perf_advise.catalog.loading import LoadedRule, load_rules
from perf_advise.model.finding import Edit, Finding, Fix
from perf_advise.model.options import Options
from perf_advise.model.places import Location
from perf_advise.model.report import Report
from perf_advise.report.figures import percent
from perf_advise.report.identity import file_rows, fingerprints, home, relative
from perf_advise.report.line_hashes import line_hashes
from perf_advise.report.texts import Texts
from perf_advise.source.text import SourceFile

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE = "%SRCROOT%"
_PRINT, _LINE_PRINT = "perfAdvise/v1", "primaryLocationLineHash"

Json = dict[str, Any]


def render(report: Report, options: Options) -> str:
    """One run; rules are those that found something, with their help."""
    return json.dumps(document(report, load_rules(options.rules)), indent=2) + "\n"


def document(report: Report, rules: Iterable[LoadedRule]) -> Json:
    """The report as a SARIF log."""
    texts = Texts(report)
    used = {finding.code for finding in report.findings}
    described = [loaded for loaded in rules if loaded.rule.code in used]
    descriptors = [_rule(loaded) for loaded in described]
    known = {descriptor["id"] for descriptor in descriptors}
    names = {finding.code: finding.name for finding in report.findings if finding.code not in known}
    descriptors += [{"id": code, "name": name, "shortDescription": {"text": name}} for code, name in names.items()]
    indices = {descriptor["id"]: index for index, descriptor in enumerate(descriptors)}
    run = {
        "tool": {"driver": {"name": "perf-advise", "semanticVersion": __version__, "rules": descriptors}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: {"uri": Path(home(report.root)).as_uri() + "/"}},
        "invocations": [_invocation(report.warnings)],
        "results": [
            _result(finding, report.root, texts.of(finding), both, indices)
            for finding, both in zip(report.findings, _both_prints(report, texts), strict=True)
        ],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _both_prints(report: Report, texts: Texts) -> Iterator[tuple[str, str]]:
    """Our own print of each finding, and GitHub's of its line; in a notebook, whose lines are JSON, ours for both."""
    hashes: dict[Path, list[str]] = {}
    for finding, own in zip(report.findings, fingerprints(report.findings, report.root, texts), strict=True):
        file = texts.of(finding)
        if file is None or finding.start.cell is not None:
            yield own, own
            continue
        if finding.path not in hashes:
            hashes[finding.path] = line_hashes(file.text)
        known = hashes[finding.path]
        yield own, known[min(finding.start.row, len(known)) - 1]


def _rule(loaded: LoadedRule) -> Json:
    summary = loaded.explanation.summary or loaded.rule.name
    help_text = loaded.explanation.markdown() or summary
    return {
        "id": loaded.rule.code,
        "name": loaded.rule.name,
        "shortDescription": {"text": summary},
        "fullDescription": {"text": loaded.explanation.sections.get("What it does") or summary},
        "help": {"text": help_text, "markdown": help_text},
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["performance"], "problem.severity": "warning", "precision": "high"},
    }


def _invocation(warnings: Iterable[str]) -> Json:
    notes = [{"level": "warning", "message": {"text": warning}} for warning in warnings]
    return {"executionSuccessful": True, "toolExecutionNotifications": notes}


def _result(
    finding: Finding, root: str, file: SourceFile | None, prints: tuple[str, str], indices: dict[str, int]
) -> Json:
    function = finding.function
    share = f" ({percent(function.own)} of the program is in {function.qualname})" if function.own >= 0.005 else ""
    where: Json = {"artifactLocation": _artifact(finding.path, root), "region": _place(finding, file)}
    result: Json = {
        "ruleId": finding.code,
        "ruleIndex": indices[finding.code],
        "level": "warning",
        "rank": round(100 * max(function.own, function.cumulative), 1),
        "message": {"text": f"{finding.message}{share}"},
        "locations": [
            {
                "physicalLocation": where,
                "logicalLocations": [{"fullyQualifiedName": function.qualname, "kind": "function"}],
            }
        ],
        "partialFingerprints": {_PRINT: prints[0], _LINE_PRINT: prints[1]},
    }
    if file is not None and finding.fix is not None and finding.fix.edits and finding.start.cell is None:
        result["fixes"] = [_fix(finding.fix, root, file)]
    return result


def _fix(fix: Fix, root: str, file: SourceFile) -> Json:
    care = ": ".join((fix.applicability.name.lower(), ", ".join(fix.differences))).removesuffix(": ")
    return {
        "description": {"text": f"{fix.message or 'fix'} ({care})"},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(file.path, root),
                "replacements": [_replacement(edit, file) for edit in fix.edits],
            }
        ],
    }


def _replacement(edit: Edit, file: SourceFile) -> Json:
    region = _region(file.location(edit.span.start), file.location(edit.span.end))
    return {"deletedRegion": region, "insertedContent": {"text": edit.new}}


def _artifact(path: Path, root: str) -> Json:
    uri = relative(path, root)
    if Path(uri).is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(uri), "uriBaseId": _BASE}


def _place(finding: Finding, file: SourceFile | None) -> Json:
    """Where the finding is in the file; of a notebook whole rows of its JSON."""
    if finding.start.cell is None:
        return _region(finding.start, finding.end)
    first, last = file_rows(finding, file)
    return {"startLine": first, "endLine": last}


def _region(start: Location, end: Location) -> Json:
    return {
        "startLine": start.row,
        "startColumn": start.column,
        "endLine": end.row,
        "endColumn": end.column,
    }
