"""The report as JSON, version 1: what ruff gives of a finding, and what it costs; `schema.json` describes it."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from perf_advise.model.finding import Edit, Finding, Fix, Gain, Refusal
from perf_advise.model.hot import HotFunction
from perf_advise.model.options import Options
from perf_advise.model.places import Location
from perf_advise.model.profile import Profile
from perf_advise.model.proof import Proof
from perf_advise.model.report import Report
from perf_advise.report.figures import run_seconds
from perf_advise.report.texts import Texts
from perf_advise.source.text import SourceFile

VERSION = 1
SCHEMA = Path(__file__).with_name("schema.json")


def render(report: Report, options: Options) -> str:
    """The whole report as one JSON object, ASCII only, so that no console or locale can harm it."""
    return json.dumps(document(report), indent=2) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as JSON values."""
    texts = Texts(report)
    reasons = {_key(quiet.function): quiet.reason for quiet in report.quiet}
    return {
        "version": VERSION,
        "root": report.root,
        "profile": None if report.profile is None else _profile(report.profile),
        "findings": [finding_json(f, texts.of(f)) for f in report.findings],
        "applied": [finding_json(f, texts.of(f)) for f in report.applied],
        "refusals": [_refusal(r) for r in report.refusals],
        "hot_functions": [_function(f, reasons.get(_key(f))) for f in report.hot_functions],
        "unmapped": {"entries": report.unmapped, "share": report.unmapped_share},
        "warnings": list(report.warnings),
    }


def finding_json(finding: Finding, file: SourceFile | None) -> dict[str, Any]:
    """One finding; `file` is the text that its edits are edits of, None when it is gone (then without edits)."""
    function, fix = finding.function, finding.fix
    return {
        "code": finding.code,
        "name": finding.name,
        "message": finding.message,
        "filename": str(finding.path),
        "cell": finding.start.cell,
        "location": _location(finding.start),
        "end_location": _location(finding.end),
        "fix": None if fix is None else _fix(fix, file),
        "function": function.qualname,
        "hotness": {"own": function.own, "cumulative": function.cumulative},
        "gain": None if finding.gain is None else _gain(finding.gain),
        "proof": None if finding.proof is None else proof_json(finding.proof),
        "differences": [] if fix is None else list(fix.differences),
        "note": finding.note or None,
        "missing": list(finding.missing),
    }


def proof_json(proof: Proof) -> dict[str, Any]:
    """The verdict and its figures; times in seconds, memory in bytes."""
    return {**dataclasses.asdict(proof), "verdict": proof.verdict.value, "assumptions": list(proof.assumptions)}


def _fix(fix: Fix, file: SourceFile | None) -> dict[str, Any]:
    return {
        "applicability": fix.applicability.name.lower(),
        "message": fix.message,
        "edits": [] if file is None else [_edit(edit, file) for edit in fix.edits],
        "assumptions": list(fix.assumptions),
        "packages": list(fix.packages),
    }


def _edit(edit: Edit, file: SourceFile) -> dict[str, Any]:
    start, end = file.location(edit.span.start), file.location(edit.span.end)
    return {
        "content": edit.new,
        "cell": start.cell,
        "location": _location(start),
        "end_location": _location(end),
    }


def _location(at: Location) -> dict[str, int]:
    return {"row": at.row, "column": at.column}


def _gain(gain: Gain) -> dict[str, Any]:
    return {
        "speedup": gain.speedup,
        "share": gain.share,
        "saved_share": gain.saved_share,
        "basis": gain.basis,
        "at_most": gain.at_most,
    }


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return {
        "code": refusal.code,
        "name": refusal.name,
        "filename": str(refusal.path),
        "cell": refusal.start.cell,
        "location": _location(refusal.start),
        "function": refusal.function.qualname,
        "reason": refusal.reason,
    }


def _function(function: HotFunction, reason: str | None) -> dict[str, Any]:
    return {
        **function_json(function),
        "seconds": function.seconds,
        "lines": {str(number): share for number, share in sorted(function.lines.items())},
        "stale": function.stale,
        "reason": reason,
    }


def function_json(function: HotFunction) -> dict[str, Any]:
    """What `hotspots` gives of a function."""
    return {
        "function": function.qualname,
        "filename": str(function.path),
        "line": function.line,
        "own": function.own,
        "cumulative": function.cumulative,
        "calls": function.calls,
    }


def _profile(profile: Profile) -> dict[str, Any]:
    return {
        "tool": profile.tool,
        "command": profile.command,
        "unit": profile.unit.value,
        "total": profile.total,
        "seconds": run_seconds(profile),
        "python": profile.python,
        "packages": dict(profile.packages),
    }


def _key(function: HotFunction) -> tuple[Path, str, int]:
    return function.path, function.qualname, function.line
