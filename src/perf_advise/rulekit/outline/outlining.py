"""Statements taken out of a function that Numba cannot take whole: what goes in, what comes out, what is converted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from perf_advise.facts.interface import interface_of
from perf_advise.model.facts import Truth
from perf_advise.rulekit import needs
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.numba.support import Support, support_of
from perf_advise.rulekit.outline.lists import apart, is_fresh, is_written, loops_deep, loops_in, worth_it
from perf_advise.rulekit.outline.names import are_set, inputs_of, is_named_again, kept, outputs_of
from perf_advise.rulekit.view import View


@dataclass(frozen=True, slots=True)
class Outline:
    """Consecutive statements as a kernel: `inputs` are names passed as they are; `written` texts of changed lists.

    `dropped` are those of the changed lists that nothing looks at afterwards. `returns` says that the statements give
    the function's result; `half_way`, that they need not: None is no result.
    """

    nodes: tuple[cst.CSTNode, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    written: frozenset[str]
    dropped: frozenset[str]
    returns: bool
    half_way: bool
    support: Support
    needs: tuple[Need, ...]


def outlines(view: View) -> Iterator[Outline]:
    """The whole body of a function where that can be a kernel, else the runs of statements with loops that can."""
    body = _body(view)
    if not any(view.walk(cst.For, cst.While)):
        return
    if isinstance(view.slice.node, cst.FunctionDef):
        support = support_of(view, body, lifted=True)
        if support.possible:
            whole = _outline(view, tuple(body), support)
            if is_possible(whole):
                yield whole
                return
    tail = _tail(view, body)
    if tail is not None:
        yield tail
    yield from _runs(view, body[: -len(tail.nodes)] if tail is not None else body)


def is_possible(outline: Outline) -> bool:
    """Whether nothing is known that speaks against it."""
    return outline.support.possible and all(need.answer.truth is not Truth.NO for need in outline.needs)


def _tail(view: View, body: Sequence[cst.CSTNode]) -> Outline | None:
    """The end of a function from a loop on that returns half-way, where all of it can be a kernel."""
    for at, statement in enumerate(body):
        if view.hot.is_module or not (isinstance(statement, cst.For | cst.While) and _returns(view, statement)):
            continue
        nodes = tuple(body[at:])
        if any(_jumps(view, node) for node in nodes):
            continue
        found = _outline(view, nodes, support_of(view, nodes, lifted=True))
        if is_possible(found):
            return found
    return None


def _body(view: View) -> list[cst.CSTNode]:
    node = view.slice.node
    body = list(node.body.body) if isinstance(node, cst.FunctionDef) else list(node.children)
    first = body[0] if body else None
    is_text = isinstance(first, cst.SimpleStatementLine) and _is_documentation(first)
    return body[1:] if is_text else body


def _is_documentation(line: cst.SimpleStatementLine) -> bool:
    return isinstance(line.body[0], cst.Expr) and isinstance(line.body[0].value, cst.SimpleString)


def _runs(view: View, body: Sequence[cst.CSTNode]) -> Iterator[Outline]:
    """Runs of statements that Numba takes, from the first loop to the last; inside those that it does not take too."""
    loops = [at for at, statement in enumerate(body) if any(True for _ in loops_in(view, statement))]
    if not loops:
        return
    run: list[cst.CSTNode] = []
    refused: list[cst.CSTNode] = []
    for statement in [*body[loops[0] : loops[-1] + 1], None]:
        takes = statement is not None and not _jumps(view, statement) and support_of(view, [statement], True).possible
        if takes and statement is not None and not _returns(view, statement):
            run.append(statement)
            continue
        yield from _trimmed(view, run)
        run = []
        if takes and isinstance(statement, cst.For | cst.While):
            yield _outline(view, (statement,), support_of(view, [statement], lifted=True))
        elif statement is not None:
            refused.append(statement)
    for statement in refused:
        found = [o for block in _blocks(statement) for o in _runs(view, block)]
        yield from found
        if not found and isinstance(statement, cst.For | cst.While) and loops_deep(view, statement) > 1:
            yield _outline(view, (statement,), support_of(view, [statement], lifted=True))


def _trimmed(view: View, run: list[cst.CSTNode]) -> Iterator[Outline]:
    loops = [i for i, statement in enumerate(run) if any(True for _ in loops_in(view, statement))]
    if not loops:
        return
    nodes = tuple(run[loops[0] : loops[-1] + 1])
    support = support_of(view, nodes, lifted=True)
    whole = _outline(view, nodes, support)
    singles = [_outline(view, (n,), support_of(view, [n], lifted=True)) for n in nodes] if len(loops) > 1 else []
    if is_possible(whole):
        yield whole
    else:
        yield from singles or [whole]


def _blocks(statement: cst.CSTNode) -> Iterator[Sequence[cst.CSTNode]]:
    for child in statement.children:
        if isinstance(child, cst.IndentedBlock):
            yield child.body
        elif isinstance(child, cst.If | cst.Else | cst.ExceptHandler | cst.Finally):
            yield from _blocks(child)


def _outline(view: View, nodes: tuple[cst.CSTNode, ...], support: Support) -> Outline:
    if not support.possible:
        return Outline(nodes, (), (), frozenset(), frozenset(), False, False, support, ())
    interface = interface_of(nodes, view.facts)
    converted = {c.text for c in support.converted}
    returns = any(_returns(view, node) for node in nodes)
    half_way = returns and not _ends(view, nodes)
    outputs = () if returns and not half_way else outputs_of(view, nodes, interface)
    given = kept(view, nodes, outputs)
    inputs = tuple(dict.fromkeys((*inputs_of(view, interface, converted), *given)))
    written = frozenset(c.text for c in support.converted if is_written(view, nodes, c.text))
    fresh = (c.text for c in support.converted if c.text in written and is_fresh(view, c))
    dropped = frozenset(text for text in fresh if not is_named_again(view, nodes, text))
    stated = [
        *worth_it(view, nodes, support.converted, written),
        *apart(view, support.converted, written),
        *are_set(view, nodes, outputs, given, support),
        *(_half_way(view, nodes, outputs) if half_way else ()),
    ]
    return Outline(nodes, inputs, outputs, written, dropped, returns, half_way, support, tuple(stated))


def _half_way(view: View, nodes: tuple[cst.CSTNode, ...], outputs: tuple[str, ...]) -> Iterator[Need]:
    """The caller can tell by the result whether the statements returned: it is None where they did not."""
    results = [n.value for n in view.walk(cst.Return) if any(view.inside(n, root) for root in nodes)]
    some = all(value is not None and not _is_none(value) for value in results)
    yield needs.holds(some, "what the loops return half-way is never None", "they return None")
    yield needs.holds(not outputs, "the loops that return half-way leave nothing else behind", ", ".join(outputs))


def _is_none(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def _returns(view: View, statement: cst.CSTNode) -> bool:
    return any(view.inside(node, statement) for node in view.walk(cst.Return))


def _jumps(view: View, statement: cst.CSTNode) -> bool:
    """Whether it suspends the function, or goes on with or leaves a loop around it."""
    if any(view.inside(node, statement) for node in view.walk(cst.Yield, cst.Await)):
        return True
    jumps = (n for n in view.walk(cst.Break, cst.Continue) if view.inside(n, statement))
    return any(not any(view.inside(loop, statement) for loop in view.repeats(n)[:1]) for n in jumps)


def _ends(view: View, nodes: tuple[cst.CSTNode, ...]) -> bool:
    """Whether the statements are the last of the function."""
    body = _body(view)
    return bool(body) and body[-1] is nodes[-1]
