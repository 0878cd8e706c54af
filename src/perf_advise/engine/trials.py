"""New code that another compiler has to take is given to it, in a child process, before it is applied."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from perf_advise.model.finding import Finding

_SECONDS = 120
_CHILD = """
import json, sys, warnings
warnings.simplefilter("ignore")
found = []
for script in json.load(sys.stdin):
    definitions, _, last = script.rstrip().rpartition("\\n")
    try:
        space = {"__name__": "trial"}
        exec(definitions, space)
    except Exception:
        found.append("")  # the script lacks something of the file: that says nothing of the code
        continue
    try:
        exec(last, space)
        found.append("")
    except Exception as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        found.append(f"{type(error).__name__}: {lines[0] if lines else ''}")
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """The findings whose new code stood its trial or has none, and a warning for each of the others."""

    findings: tuple[Finding, ...]
    warnings: tuple[str, ...] = ()


def tried(findings: Sequence[Finding], python: Path) -> Tried:
    """Leave out what the compiler refuses; all of them stay where it cannot be asked."""
    scripts = [finding.fix.trial for finding in findings if finding.fix and finding.fix.trial]
    if not scripts:
        return Tried(tuple(findings))
    answers = iter(_ask(scripts, python))
    kept: list[Finding] = []
    warnings: list[str] = []
    for finding in findings:
        refused = next(answers, "") if finding.fix and finding.fix.trial else ""
        if refused:
            warnings.append(f"{finding.path}:{finding.start.row}: {finding.code} was left out: {refused}")
        else:
            kept.append(finding)
    return Tried(tuple(kept), tuple(warnings))


def _ask(scripts: list[str], python: Path) -> list[str]:
    try:
        done = subprocess.run(
            [str(python), "-c", _CHILD], input=json.dumps(scripts), capture_output=True, text=True,
            timeout=_SECONDS, check=True,
        )  # fmt: skip
        return [str(answer) for answer in json.loads(done.stdout)]
    except (OSError, subprocess.SubprocessError, ValueError):
        return []
