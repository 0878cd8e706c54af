"""What a rule hands to the engine: a place it saw, what must hold there, and the new code."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from perf_advise.model.facts import Answer
from perf_advise.model.rule import Applicability


class NeedKind(enum.Enum):
    """Which row of the evidence table applies to a fact."""

    IDENTITY = "type, binding, effect, alias"
    """Unknown refuses; seen while recording makes the fix at most unsafe."""
    VALUE = "integer range, NaN, zero divisor, index bounds, order of addition"
    """Unknown makes the fix unsafe, with the difference named."""
    REPAIR = "what only the new code rests on (hashable items), not the costly shape"
    """Unknown leaves the finding, to be mended by hand; seen while recording makes the fix at most unsafe."""


@dataclass(frozen=True, slots=True)
class Need:
    """A fact that the rewrite rests on: `claim` in words, `difference` what shows where it does not hold."""

    answer: Answer
    claim: str
    kind: NeedKind = NeedKind.IDENTITY
    difference: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """One place of the costly shape.

    `node` is what is marked; `captures` fill the message and are handed to `change`; `limit` lowers the
    applicability of this one match. With `fixable=False` the finding is advice only, and `note` is the repair in
    words. `size` is the length at which the shipped ratios are read, where the facts know it; `speedup` overrides
    them.
    """

    node: cst.CSTNode
    captures: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    differences: tuple[str, ...] = ()
    limit: Applicability = Applicability.SAFE
    message: str = ""
    note: str = ""
    fixable: bool = True
    size: int | None = None
    speedup: float | None = None


@dataclass(frozen=True, slots=True)
class Replacement:
    """New code for an expression, a statement, or consecutive statements of one block.

    `code` is written flush left, with four spaces per level; "" deletes the statements. The engine indents
    it, and puts comments that the old code held and the new one lacks above it.
    """

    nodes: tuple[cst.CSTNode, ...]
    code: str

    @staticmethod
    def of(node: cst.CSTNode, code: str) -> "Replacement":
        """The replacement of a single node."""
        return Replacement((node,), code)


@dataclass(frozen=True, slots=True)
class Insertion:
    """New statements before (or after) a statement, at its level."""

    anchor: cst.CSTNode
    code: str
    after: bool = False


@dataclass(frozen=True, slots=True)
class LineInsertion:
    """A line of its own above a line of the file, outside of the function: the decorator of a helper."""

    line: int
    code: str


@dataclass(frozen=True, slots=True)
class Rewrite:
    """The change for one match: replacements and insertions, lines elsewhere in the file, and what they need.

    `imports` are dotted targets (`numpy`, `collections.deque`) whose names `View.name_of` handed out;
    `definitions` are module-level definitions (kernels) placed before the function. `trial` is a script whose last
    line has a compiler take the new code.
    """

    replacements: tuple[Replacement, ...] = ()
    insertions: tuple[Insertion, ...] = ()
    lines: tuple[LineInsertion, ...] = ()
    imports: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    message: str = ""
    trial: str = ""
