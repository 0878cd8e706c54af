"""One project compared with its base: `compare`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from perf_advise.model.options import Options
from perf_advise.model.report import Report
from perf_advise.pipeline import check
from perf_advise.ratchet.history import find_base
from perf_advise.ratchet.shapes import new_shapes
from perf_advise.ratchet.slower import slower_functions


@dataclass(frozen=True, slots=True)
class Comparison:
    """`report` holds as findings what is new: shapes, and functions that got slower. `known` counts the others."""

    report: Report
    base: str
    shapes: int
    slower: int
    known: int


def compare(
    options: Options, base: str | None, base_profiles: Sequence[str], progress: Callable[[int, int], None]
) -> Comparison:
    """What a project has now that the revision `base` (None: the usual one) and its profiles have not.

    Writes nothing. Raises UserError where there is no profile, no repository, or no such revision.
    """
    commit = find_base(options.root, base)
    report = check(replace(options, fix=False, diff=False), progress)
    shapes = new_shapes(report, options, commit)
    slower = list(slower_functions(report.hot_functions, options, base_profiles)) if base_profiles else []
    found = tuple(sorted((*slower, *shapes), key=lambda finding: (finding.path, finding.start, finding.code)))
    only = replace(report, findings=found, refusals=(), quiet=())
    known = len(report.findings) - len(shapes)
    return Comparison(only, f"{commit.name} ({commit.commit[:10]})", len(shapes), len(slower), known)
