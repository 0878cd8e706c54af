"""What was found, what was refused, and the edits that mend it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from perf_advise.model.hot import HotFunction
from perf_advise.model.places import Location, Span
from perf_advise.model.proof import Proof
from perf_advise.model.rule import Applicability


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace `old`, which stands at `span` of the text of `path`, by `new`; a stale one is refused."""

    path: Path
    span: Span
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that belong together, what they need, and the differences they may show."""

    applicability: Applicability
    message: str
    edits: tuple[Edit, ...]
    differences: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    """Import statements that the fix adds, so that fixes which share one can be merged."""
    own_edits: tuple[Edit, ...] = ()
    """The edits without those that add imports, in the order in which insertions at one place follow each other."""
    trial: str = ""
    """A script whose last line has a compiler take the new code, for those who apply it."""
    names: tuple[str, ...] = ()
    """Names that the new code binds, those of the function after `function:`: no two fixes may bind one."""


@dataclass(frozen=True, slots=True)
class Gain:
    """What a fix saves: `speedup` of the place (old time / new time) and the share of the program it covers.

    `basis` says where the figure comes from: "bench" (the rule's shipped ratios), "proof" (measured on the
    user's calls), "estimate". Amdahl's law gives the rest. `at_most`: the profile knows no lines, so that the share is
    that of the whole function and the place may cost less.
    """

    speedup: float
    share: float
    basis: str = "bench"
    at_most: bool = False

    @property
    def saved_share(self) -> float:
        """Share of the program's time that goes away: share x (1 - 1/speedup)."""
        return self.share * (1.0 - 1.0 / self.speedup) if self.speedup > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One matched place in a hot function."""

    code: str
    name: str
    message: str
    path: Path
    start: Location
    end: Location
    function: HotFunction
    span: Span
    fix: Fix | None = None
    gain: Gain | None = None
    proof: Proof | None = None
    note: str = ""
    """For advice without a fix: the repair in words."""
    missing: tuple[str, ...] = ()
    """Packages that the fix needs and the program's environment lacks: it is not applied."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What the fix rests on, claim by claim, and how each is known."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a rule that matched stayed silent, and where."""

    code: str
    name: str
    path: Path
    start: Location
    function: HotFunction
    reason: str
