"""The formats that machines read: each against its schema, and each fix against the file it mends."""

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from perf_advise.model.finding import Finding
from perf_advise.model.options import OUTPUT_FORMATS, Options
from perf_advise.model.places import Location, Span
from perf_advise.model.proof import Counterexample, Proof, Speedup, Verdict
from perf_advise.model.report import Report
from perf_advise.report import MODULES, exit_code, render_all
from perf_advise.report.json_report import SCHEMA
from perf_advise.report.line_hashes import line_hashes
from perf_advise.source.text import read_source

SARIF_SCHEMA = json.loads(Path(__file__).with_name("sarif-schema-2.1.0.json").read_text("utf-8"))


def rendered(report: Report, output_format: str) -> str:
    return render_all([report], [Options(root=Path(report.root), output_format=output_format)])


def mended(text: str, edits: list[tuple[dict[str, int], dict[str, int], str]]) -> str:
    """The text with edits made whose places are rows and columns from 1."""
    lines = text.splitlines(keepends=True)

    def offset(at: dict[str, int]) -> int:
        return sum(map(len, lines[: at["row"] - 1])) + at["column"] - 1

    for start, end, content in sorted(edits, key=lambda edit: -offset(edit[0])):
        text = text[: offset(start)] + content + text[offset(end) :]
    return text


def expected(finding: Finding) -> str:
    text = finding.path.read_text("utf-8")
    edit = finding.fix.edits[0]
    return text[: edit.span.start] + edit.new + text[edit.span.end :]


@pytest.fixture
def eventful(report: Report) -> Report:
    """The report with one of everything: refuted, unproved, without fix, in a notebook's cell, applied."""
    vector, member = report.findings
    refuted = Proof(Verdict.DIFFERENT, 4, counterexample=Counterexample("f(0)", "1", "2"), speedup=Speedup(2, 1, 3))
    by_hand = replace(member, fix=None, gain=None, note="write it in C")
    in_cell = replace(vector, start=Location(3, 1, cell=7), end=Location(4, 2, cell=7))
    return replace(
        report, findings=(vector, replace(member, proof=refuted), by_hand, in_cell), applied=(member,),
        warnings=("damaged.py: not valid utf-8",),
    )  # fmt: skip


def test_every_format_has_its_module() -> None:
    assert set(MODULES) == set(OUTPUT_FORMATS)


def test_json_is_as_the_schema_says(eventful: Report) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    for report in (eventful, replace(eventful, profile=None, findings=())):
        jsonschema.validate(json.loads(rendered(report, "json")), schema)


def test_the_schema_is_not_empty_talk(report: Report) -> None:
    document = json.loads(rendered(report, "json"))
    document["findings"][0]["fix"]["applicability"] = "perhaps"
    with pytest.raises(jsonschema.ValidationError, match="perhaps"):
        jsonschema.validate(document, json.loads(SCHEMA.read_text("utf-8")))


def test_json_tells_what_ruff_tells_and_what_it_costs(report: Report) -> None:
    first = json.loads(rendered(report, "json"))["findings"][0]
    finding = report.findings[0]
    assert (first["code"], first["name"], first["filename"]) == ("PA104", "nested-loop-sum", str(finding.path))
    assert first["location"] == {"row": 8, "column": 9}
    assert first["end_location"] == {"row": 11, "column": 43}
    assert first["hotness"] == {"own": 0.41, "cumulative": 0.41}
    assert first["gain"]["basis"] == "proof"
    assert first["proof"]["verdict"] == "same up to rounding"
    assert first["proof"]["speedup"] == {"ratio": 31.0, "low": 29.0, "high": 33.0}
    assert first["differences"] == ["order of addition"]


def test_json_is_the_same_every_time(eventful: Report) -> None:
    assert rendered(eventful, "json") == rendered(replace(eventful, age_seconds=9.0), "json")


def test_json_edits_mend_the_file(report: Report) -> None:
    for finding, said in zip(report.findings, json.loads(rendered(report, "json"))["findings"], strict=True):
        edits = [(e["location"], e["end_location"], e["content"]) for e in said["fix"]["edits"]]
        assert mended(finding.path.read_text("utf-8"), edits) == expected(finding)


def test_edits_in_a_file_with_other_line_endings_and_letters(report: Report) -> None:
    finding = report.findings[1]
    text = ("été = '𝔘'\r\n" + finding.path.read_text("utf-8").replace("\n", "\r\n")).replace("\r\n", "\r", 1)
    finding.path.write_bytes(text.encode())
    edit = finding.fix.edits[0]
    start = text.index(edit.old)
    span = replace(edit.span, start=start, end=start + len(edit.old))
    moved = replace(finding, span=span, fix=replace(finding.fix, edits=(replace(edit, span=span),)))
    said = json.loads(rendered(replace(report, findings=(moved,)), "json"))["findings"][0]["fix"]["edits"][0]
    assert said["location"] == {"row": 17, "column": 12}


def test_sarif_is_as_the_schema_says(eventful: Report) -> None:
    validator = jsonschema.Draft4Validator(SARIF_SCHEMA)
    for report in (eventful, replace(eventful, findings=(), warnings=())):
        assert list(validator.iter_errors(json.loads(rendered(report, "sarif")))) == []


def test_sarif_fixes_mend_the_file(report: Report) -> None:
    for finding, result in zip(
        report.findings, json.loads(rendered(report, "sarif"))["runs"][0]["results"], strict=True
    ):
        change = result["fixes"][0]["artifactChanges"][0]
        assert change["artifactLocation"] == {"uri": "src/grid.py", "uriBaseId": "%SRCROOT%"}
        edits = [
            (
                {"row": r["deletedRegion"]["startLine"], "column": r["deletedRegion"]["startColumn"]},
                {"row": r["deletedRegion"]["endLine"], "column": r["deletedRegion"]["endColumn"]},
                r["insertedContent"]["text"],
            )
            for r in change["replacements"]
        ]
        assert mended(finding.path.read_text("utf-8"), edits) == expected(finding)


def test_sarif_describes_the_rules_that_found_something(report: Report) -> None:
    run = json.loads(rendered(report, "sarif"))["runs"][0]
    (rule,) = [rule for rule in run["tool"]["driver"]["rules"] if rule["id"] == "PA501"]
    assert rule["name"] == "list-membership-in-loop"
    assert "## Why it is slow" in rule["help"]["markdown"]
    (result,) = [result for result in run["results"] if result["ruleId"] == "PA501"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]] == rule


def test_sarif_names_also_what_is_no_rule(report: Report) -> None:
    slower = replace(report.findings[1], code="PA000", name="slower-than-base", fix=None)
    run = json.loads(rendered(replace(report, findings=(*report.findings, slower)), "sarif"))["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == ["PA104", "PA501", "PA000"]


def fingerprints(report: Report) -> list[str]:
    results = json.loads(rendered(report, "sarif"))["runs"][0]["results"]
    return [result["partialFingerprints"]["perfAdvise/v1"] for result in results]


def test_fingerprints_stay_when_lines_move_and_tell_places_apart(report: Report) -> None:
    before = fingerprints(report)
    moved = []
    for finding in report.findings:
        edit = finding.fix.edits[0]
        span = replace(edit.span, start=edit.span.start + 9, end=edit.span.end + 9)
        fix = replace(finding.fix, edits=(replace(edit, span=span),))
        moved.append(replace(finding, span=span, start=replace(finding.start, row=99), fix=fix))
    path = report.findings[0].path
    path.write_text("import os" + path.read_text())
    assert fingerprints(replace(report, findings=tuple(moved))) == before
    assert len(set(before)) == 2
    assert len(set(fingerprints(replace(report, findings=(moved[0], moved[0]))))) == 2


TEXT = " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End"
HASHES = {
    "": ["c129715d7a2bc9a3:1"],
    " a\nb\n  \t\tc\n d": ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
    TEXT: ["8b7cf3e952e7aeb2:1", "b1ae1287ec4718d9:1", "bff680108adb0fcc:1", "c6805c5e1288b612:1", "b86d3392aea1be30:1", "e6ceba753e1a442:1"],
    f"{TEXT}\n": ["e9496ae3ebfced30:1", "fb7c023a8b9ccb3f:1", "ce8ba1a563dcdaca:1", "e20e36e16fcb0cc8:1", "b3edc88f2938467e:1", "c8e28b0b4002a3a0:1", "c129715d7a2bc9a3:1"],
    "alpha\nbeta\nalpha\n": ["8d07ce75f7b3af45:1", "ca140c3f893ffa65:1", "26f09ff008857193:1", "c129715d7a2bc9a3:1"],
}  # fmt: skip
"""What GitHub's upload action gives for these texts, by its own tests."""


@pytest.mark.parametrize("text", HASHES)
@pytest.mark.parametrize("newline", ["\n", "\r", "\r\n"])
def test_line_hashes_are_those_of_github(text: str, newline: str) -> None:
    assert line_hashes(text.replace("\n", newline)) == HASHES[text]


def test_lines_that_are_alike_are_counted() -> None:
    assert [one.rpartition(":")[2] for one in line_hashes("x\n" * 300)][:3] == ["1", "2", "3"]


def test_sarif_has_the_hash_of_the_line_where_the_finding_starts(report: Report) -> None:
    results = json.loads(rendered(report, "sarif"))["runs"][0]["results"]
    hashes = line_hashes(report.findings[0].path.read_text("utf-8"))
    for finding, result in zip(report.findings, results, strict=True):
        assert result["partialFingerprints"]["primaryLocationLineHash"] == hashes[finding.start.row - 1]


def test_in_a_repository_paths_are_those_of_the_repository(report: Report, tmp_path: Path) -> None:
    below = replace(report, root=str(tmp_path / "src"))
    (tmp_path / ".git").mkdir()
    run = json.loads(rendered(below, "sarif"))["runs"][0]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "src/grid.py"
    assert run["originalUriBaseIds"]["%SRCROOT%"]["uri"] == tmp_path.as_uri() + "/"
    assert ",file=src/grid.py," in rendered(below, "github")
    assert json.loads(rendered(below, "gitlab"))[0]["location"]["path"] == "src/grid.py"


@pytest.mark.parametrize("indent", [None, 1])
def test_rows_of_a_notebook_are_those_of_its_file(report: Report, tmp_path: Path, indent: int | None) -> None:
    cells = [
        {
            "cell_type": kind,
            "metadata": {},
            "source": source,
            **({"outputs": [], "execution_count": 1} if kind == "code" else {}),
        }
        for kind, source in (
            ("markdown", ["# A\n", "b"]),
            ("code", ["import math\n", "x = 1"]),
            ("code", ["a = 1\n", "b = [2]\n", "c = b"]),
        )
    ]
    path = tmp_path / "a.ipynb"
    kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    path.write_text(json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=indent))
    notebook = read_source(path)
    span = Span(notebook.text.index("b = [2]"), notebook.text.index("c = b") + 5)
    finding = replace(
        report.findings[0],
        path=path,
        span=span,
        start=notebook.location(span.start),
        end=notebook.location(span.end),
        fix=None,
    )
    said = replace(report, findings=(finding,))
    lines = path.read_text().splitlines()
    first, last = (next(n for n, line in enumerate(lines, 1) if text in line) for text in ("b = [2]", "c = b"))
    region = json.loads(rendered(said, "sarif"))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": first, "endLine": last}
    assert f",line={first},endLine={last}::a.ipynb:cell 2:2:1: " in rendered(said, "github")
    assert json.loads(rendered(said, "gitlab"))[0]["location"]["lines"] == {"begin": first, "end": last}


def test_paths_with_spaces_are_encoded_in_sarif(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "my été" / "grid 1.py"
    path.parent.mkdir()
    path.write_text("x = 1\n")
    finding = replace(report.findings[0], path=path, fix=None)
    result = json.loads(rendered(replace(report, findings=(finding,)), "sarif"))["runs"][0]["results"][0]
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == "my%20%C3%A9t%C3%A9/grid%201.py"


def test_github_annotations(report: Report) -> None:
    first, second = rendered(report, "github").splitlines()
    assert first == (
        "::warning title=perf-advise (PA104),file=src/grid.py,line=8,endLine=11::src/grid.py:8:9: PA104 nested loop "
        "adds array elements one at a time: interpreter overhead on every element [41 %25 of the program]"
    )
    assert "line=16,endLine=16,col=12,endColumn=54::" in second


def test_github_escapes_what_would_end_a_command(report: Report, tmp_path: Path) -> None:
    finding = replace(report.findings[1], path=tmp_path / "a,b:c.py", message="100% of\nit")
    said = rendered(replace(report, findings=(finding,)), "github")
    assert "file=a%2Cb%3Ac.py," in said
    assert "PA501 100%25 of%0Ait" in said
    assert said.count("\n") == 1


def test_gitlab_issues(report: Report) -> None:
    first, second = json.loads(rendered(report, "gitlab"))
    assert first["check_name"] == "nested-loop-sum"
    assert first["location"] == {"path": "src/grid.py", "lines": {"begin": 8, "end": 11}}
    assert (first["severity"], second["severity"]) == ("critical", "critical")
    assert first["fingerprint"] != second["fingerprint"]
    mild = replace(report.findings[1], function=replace(report.findings[1].function, own=0.02), gain=None)
    assert json.loads(rendered(replace(report, findings=(mild,)), "gitlab"))[0]["severity"] == "info"


def test_junit(report: Report) -> None:
    suite = ElementTree.fromstring(rendered(report, "junit")).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("2", "2")
    assert [case.find("failure").get("type") for case in suite] == ["PA104", "PA501"]
    empty = ElementTree.fromstring(rendered(replace(report, findings=()), "junit")).find("testsuite")
    assert (empty.get("tests"), empty.get("failures")) == ("1", "0")


def test_several_projects_are_one_document(report: Report) -> None:
    options = Options(root=Path(report.root), output_format="json")
    document = json.loads(render_all([report, report], [options, options]))
    assert len(document["findings"]) == 4
    assert document["profile"] is None


@pytest.mark.parametrize(
    ("findings", "options", "code"),
    [(0, {}, 0), (2, {}, 1), (2, {"exit_zero": True}, 0), (2, {"diff": True}, 0)],
)
def test_exit_codes(report: Report, findings: int, options: dict[str, bool], code: int) -> None:
    shown = replace(report, findings=report.findings[:findings])
    assert exit_code([shown], Options(**options)) == code
