"""Plans in one line."""

from perf_advise.facts import Facts
from perf_advise.facts.loops.classify import classify
from perf_advise.facts.loops.nests import find_loops
from perf_advise.facts.loops.patterns import Kept, Part, Plain, Plan


def plans(facts: Facts) -> list[Plan]:
    """The plans of all outermost loops."""
    return [classify(loop, facts) for loop in find_loops(facts)]


def outline(parts: tuple[Part, ...]) -> str:
    """`keep t(stencil i j, map j)`: the parts in order, with the loops that vanish."""
    return ", ".join(map(_outline, parts))


def _outline(part: Part) -> str:
    if isinstance(part, Kept):
        return f"keep {part.domain.index}({outline(part.parts)})"
    if isinstance(part, Plain):
        return "plain"
    return " ".join([part.name, *(domain.index for domain in part.loops)])


def at_depth(body: str, depth: int) -> str:
    """Lines moved so that the first one is indented by `depth`."""
    lines = body.strip("\n").splitlines()
    margin = len(lines[0]) - len(lines[0].lstrip())
    return "".join(" " * depth + line[margin:] + "\n" for line in lines)
