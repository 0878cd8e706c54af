"""Loops that look for the first iteration with a property: any, all, index of."""

from perf_advise.facts.loops.iteration import Scalar, Unclear
from perf_advise.facts.loops.nouns import Exit, Loop, Step
from perf_advise.facts.loops.patterns import Search
from perf_advise.facts.loops.scalars import exposed


def search_of(loop: Loop) -> Search | None:
    """The search that a loop is: one conditional `break` or `return`, and nothing else that lasts."""
    leaving = [item for item in loop.body if isinstance(item, Exit) and item.kind != "else"]
    otherwise = next((item.node for item in loop.body if isinstance(item, Exit) and item.kind == "else"), None)
    steps = tuple(item for item in loop.body if isinstance(item, Step))
    if len(leaving) != 1 or leaving[0].kind not in ("break", "return") or not leaving[0].guards:
        return None
    if loop.children or not loop.domain.is_counted or any(s.unclear for s in steps):
        return None
    (exit_,) = leaving
    if any(isinstance(e, Unclear) for e in exit_.reads):
        return None
    before = tuple(s for s in steps if s.guards[: len(exit_.guards)] != exit_.guards)
    on_hit = tuple(s for s in steps if s not in before)
    if not all(isinstance(s.target, Scalar) and not s.operator and not s.guards for s in before):
        return None
    names = {name for s in before for name in s.scalars_written}
    if names & exposed(loop) or any(s.scalars_read - names for s in before) or not _is_last(loop, exit_):
        return None
    scalars = dict.fromkeys(names, (loop.domain,))
    return Search((loop.domain,), before, scalars, exit_, on_hit, otherwise)


def _is_last(loop: Loop, exit_: Exit) -> bool:
    """Whether nothing runs after the exit in an iteration that is not left, but an `else` clause."""
    after = loop.body[loop.body.index(exit_) + 1 :]
    return all(isinstance(item, Exit) and item.kind == "else" for item in after)
