"""One costly shape and its cheaper equal, as data."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from perf_advise.model.hot import Hotness


class Applicability(enum.IntEnum):
    """How far a fix may go without being asked; ordered, so that the most careful of several is their `min`."""

    DISPLAY = 0
    UNSAFE = 1
    SAFE = 2


@dataclass(frozen=True, slots=True)
class Example:
    """Source before and after the fix, and calls that both must answer alike.

    `before` and `after` are whole modules. `calls` are expressions in the module's namespace
    (`f([1, 2], {3})`), executed against both and compared. `generated` maps parameter names of the function
    `call` to a type text (`list[int]`, `ndarray[float64, 1d]`), from which tests grow inputs. `applicability` is
    what the engine must decide for it; `types` are types seen while recording, by name.
    """

    before: str
    after: str
    calls: tuple[str, ...] = ()
    generated: Mapping[str, str] = field(default_factory=dict)
    applicability: Applicability = Applicability.SAFE
    types: Mapping[str, str] = field(default_factory=dict)
    hot: str = ""
    """Qualified name of the hot function; default: every function, and top-level code."""


@dataclass(frozen=True, slots=True)
class Silent:
    """Source on which the rule must say nothing, with the reason."""

    code: str
    why: str
    types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bench:
    """Old against new over sizes: `setup` sees `n`; `before` and `after` are statements that it prepares.

    `sizes` go from small to large and include the shape where the rule could lose; `losing` names that shape
    with a setup of its own. `requires` are packages without which the bench does not run.
    """

    before: str
    after: str
    setup: str = ""
    sizes: tuple[int, ...] = (10, 1000, 100_000)
    losing: str = ""
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's data; its module's docstring explains it, its `see` and `change` find and rewrite.

    `code` is never reused; `name` is the costly shape, never the cure. `message` is one line, lower case, that
    names the shape and the reason, with `{captures}` filled in;
    `cure` says in the imperative what the fix does. `pattern` and `template` make `see` and
    `change` for simple rules (see `rulekit.patterns`). `differences` are what `unsafe` may change.
    `since` is the first Python minor version that has what the fix writes (`(3, 12)`).
    `packages` are what the new code imports from outside of the standard library. With `measured`, a finding that
    nothing is rewritten for stands only where a profile counted the function: by its look alone it may be cheap.
    """

    code: str
    name: str
    message: str
    cure: str = ""
    applicability: Applicability = Applicability.SAFE
    hotness: Hotness = Hotness.OWN
    pattern: str = ""
    template: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    differences: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    since: tuple[int, int] = (3, 11)
    measured: bool = False
    examples: tuple[Example, ...] = ()
    silent: tuple[Silent, ...] = ()
    bench: Bench | None = None
