"""Where reductions start: the assignment before each of them, in the nest or before it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from perf_advise.facts.loops.entry import Entry
from perf_advise.facts.loops.iteration import Access, Scalar
from perf_advise.facts.loops.nouns import Growth, Step
from perf_advise.facts.loops.patterns import ArgReduction, Collect, Kept, Map, Part, Plain, Reduction, Scan

EntryOf = Callable[[str], Entry | None]


def with_starts(parts: Sequence[Part], entry_of: EntryOf) -> Iterator[Part]:
    """The parts, each reduction joined with the assignment that starts it."""
    pending = list(parts)
    for at, part in enumerate(pending):
        if isinstance(part, Reduction | Collect) and (source := _start(pending[:at], part)) is not None:
            first = pending.index(source)
            pending[first] = Plain(())
            pending[at] = replace(part, start=source.steps[-1].value, steps=(*source.steps, *part.steps))
    for part in pending:
        if isinstance(part, Kept):
            yield replace(part, parts=tuple(with_starts(part.parts, lambda _: None)))
        elif part.steps:
            yield _entered(part, entry_of)


def _start(before: Sequence[Part], part: Reduction | Collect) -> Map | Plain | None:
    """The part that assigns the target just before, for the same iterations and unconditionally."""
    for candidate in reversed(before):
        if isinstance(candidate, Map | Plain) and _starts(candidate, part):
            return candidate
        if isinstance(candidate, Kept) or any(_touches(step, part) for step in candidate.steps):
            return None
    return None


def _starts(candidate: Map | Plain, part: Reduction | Collect) -> bool:
    if len(candidate.steps) != 1 or candidate.steps[0].operator or candidate.steps[0].guards != part.outer_guards:
        return False
    step, loops = candidate.steps[0], candidate.loops if isinstance(candidate, Map) else ()
    if loops != part.free or part.start is not None:
        return False
    if isinstance(part.target, Growth):
        return isinstance(step.target, Scalar) and step.target.name == part.target.name
    return step.target == part.target


def _touches(step: Step, part: Reduction | Collect) -> bool:
    """Whether a step reads or writes what the part combines into."""
    target = part.target
    name = target.array if isinstance(target, Access) else target.name if target is not None else ""
    own = step.target.array if isinstance(step.target, Access) else step.target.name if step.target is not None else ""
    reads = {e.access.array for e in step.reads if not isinstance(e, Scalar) and hasattr(e, "access")}
    return name == own or name in step.scalars_read | step.scalars_written | reads


def _entered(part: Part, entry_of: EntryOf) -> Part:
    """The part with the assignment before the nest, where it combines into one name for the whole nest."""
    if isinstance(part, Reduction | ArgReduction | Collect) and not part.free and part.start is None:
        return replace(part, entry=_entry(part, entry_of))
    if isinstance(part, Scan) and isinstance(part.target, Scalar | Growth):
        return replace(part, entry=entry_of(part.target.name))
    return part


def _entry(part: Reduction | ArgReduction | Collect, entry_of: EntryOf) -> Entry | None:
    target = part.best if isinstance(part, ArgReduction) else part.target
    if isinstance(part, ArgReduction) and target is None:
        return entry_of(part.payload[0][0])
    return entry_of(target.name) if isinstance(target, Scalar | Growth) and target.name else None
