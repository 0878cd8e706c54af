"""What the user asked of `check`: command line over configuration over default, already parsed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from perf_advise.model.errors import UserError

OutputFormat = Literal["text", "json", "sarif", "github", "gitlab", "junit", "html"]
OUTPUT_FORMATS: tuple[OutputFormat, ...] = get_args(OutputFormat)

DEFAULT_HOT = 0.01
STDIN = Path("-")
EXECUTORS = ("concurrent.futures", "dask", "mpi4py")
"""What fixes hand costly calls to: this machine, or a cluster."""
PROOFS = ".perf-advise/proofs.json"
"""Where the proofs of a project are, below its root."""


@dataclass(frozen=True, slots=True)
class FloatTolerance:
    """How far a float may move and still pass for the same: in ulp, or relative to its size."""

    ulp: float | None = None
    relative: float | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """Everything that `check` can be told; names are those of the options and of the configuration keys.

    `root` is the project root, absolute. `paths` are as the user gave them; `(Path("-"),)` is standard input,
    which then passes for `stdin_filename`. `profiles` are files, folders and globs; empty means
    `.perf-advise/profile.json` of the root. `hot` is a share in (0, 1). `select`, `ignore`, `extend_select`
    and the values of `per_file_ignores` hold codes, prefixes of codes, or names, not yet looked up; patterns in
    `exclude`, `extend_exclude` and `per_file_ignores` are relative to the root. `rules` are folders of the
    user's own rules, absolute. `exclude` None means the built-in list. `config` is the file that configured
    this, if any.
    """

    root: Path = field(default_factory=Path.cwd)
    paths: tuple[Path, ...] = (Path(),)
    profiles: tuple[str, ...] = ()
    hot: float = DEFAULT_HOT
    no_profile: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules: tuple[Path, ...] = ()
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    prove: bool = False
    float_tolerance: FloatTolerance | None = None
    test: str | None = None
    interactive: bool = False
    python: Path | None = None
    target_version: tuple[int, int] | None = None
    exclude: tuple[str, ...] | None = None
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    stdin_filename: Path | None = None
    why_not: bool = False
    unused_ignores: bool = False
    output_format: OutputFormat = "text"
    output_file: Path | None = None
    exit_zero: bool = False
    statistics: bool = False
    quiet: bool = False
    verbose: bool = False
    no_color: bool = False
    executor: str = EXECUTORS[0]
    config: Path | None = None

    @property
    def reads_stdin(self) -> bool:
        """Whether the only input is standard input (`-`)."""
        return self.paths == (STDIN,)


def parse_hot(text: str) -> float:
    """A share in (0, 1) from `1%` or `0.01`; raises UserError for anything else."""
    number = text.strip()
    percent = number.endswith("%")
    try:
        value = float(number.removesuffix("%"))
    except ValueError:
        raise UserError(f"hot: {text!r} is not a share", "write 1% or 0.01") from None
    if not percent and value >= 1:
        raise UserError(f"hot: {text} is a share of the whole or more", f"write {text}% or a number below 1")
    share = value / 100 if percent else value
    if not 0 < share < 1:
        raise UserError(f"hot: {text} is not above 0 and below 100 %", "write 1% or 0.01; --no-profile takes all")
    return share


def parse_float_tolerance(text: str) -> FloatTolerance:
    """A tolerance from `4ulp` or a relative one such as `1e-12`; raises UserError for anything else."""
    number = text.strip().lower()
    in_ulp = number.endswith("ulp")
    try:
        value = float(number.removesuffix("ulp"))
    except ValueError:
        value = -1.0
    if in_ulp and 0 <= value < float("inf"):
        return FloatTolerance(ulp=value)
    if not in_ulp and 0 <= value < 1:
        return FloatTolerance(relative=value)
    raise UserError(f"float-tolerance: {text!r} is not a tolerance", "write 4ulp or 1e-12")


def parse_target_version(text: str) -> tuple[int, int]:
    """`(3, 12)` from `py312` or `3.12`; raises UserError for anything else."""
    digits = text.strip().removeprefix("py")
    major, _, minor = digits.partition(".") if "." in digits else (digits[:1], "", digits[1:])
    if major != "3" or not minor.isdecimal() or len(minor) > 2:
        raise UserError(f"target-version: {text!r} is not a Python 3 version", "write 3.12 or py312")
    return 3, int(minor)
