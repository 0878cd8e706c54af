"""Statements taken out of a function that Numba cannot take whole: what goes in, what comes out, what is converted."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import libcst as cst

from perf_advise.facts.interface import Interface, interface_of
from perf_advise.facts.likely import likely_types
from perf_advise.facts.tree import dotted
from perf_advise.model.facts import Answer, Evidence, Truth
from perf_advise.model.hot import MODULE
from perf_advise.rulekit import needs
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.numba_containers import Container, uses
from perf_advise.rulekit.numba_support import Support, support_of
from perf_advise.rulekit.view import View

_WORK = (cst.BinaryOperation, cst.Comparison, cst.Subscript, cst.AugAssign, cst.Call)
_ENOUGH_WORK = 8
"""Operations per pass over an item that pay for its conversion."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Consecutive statements as a kernel: `inputs` are names passed as they are; `written` texts of changed lists.

    `returns` says that the statements end the function and give its result.
    """

    nodes: tuple[cst.CSTNode, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    written: frozenset[str]
    returns: bool
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
            if all(need.answer.truth is not Truth.NO for need in whole.needs):
                yield whole
                return
    yield from _runs(view, body)


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
    loops = [at for at, statement in enumerate(body) if any(True for _ in _loops_in(view, statement))]
    if not loops:
        return
    run: list[cst.CSTNode] = []
    refused: list[cst.CSTNode] = []
    for statement in [*body[loops[0] : loops[-1] + 1], None]:
        takes = statement is not None and not _leaves(view, statement) and support_of(view, [statement], True).possible
        if takes and statement is not None:
            run.append(statement)
            continue
        yield from _trimmed(view, run)
        run = []
        if statement is not None:
            refused.append(statement)
    for statement in refused:
        found = [o for block in _blocks(statement) for o in _runs(view, block)]
        yield from found
        if not found and isinstance(statement, cst.For | cst.While) and _loops_deep(view, statement) > 1:
            yield _outline(view, (statement,), support_of(view, [statement], lifted=True))


def _trimmed(view: View, run: list[cst.CSTNode]) -> Iterator[Outline]:
    loops = [i for i, statement in enumerate(run) if any(True for _ in _loops_in(view, statement))]
    if not loops:
        return
    nodes = tuple(run[loops[0] : loops[-1] + 1])
    support = support_of(view, nodes, lifted=True)
    whole = _outline(view, nodes, support)
    singles = [_outline(view, (n,), support_of(view, [n], lifted=True)) for n in nodes] if len(loops) > 1 else []
    if support.possible and all(need.answer.truth is not Truth.NO for need in whole.needs):
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
        return Outline(nodes, (), (), frozenset(), False, support, ())
    interface = interface_of(nodes, view.facts)
    converted = {c.text for c in support.converted}
    inputs = tuple(dict.fromkeys(_inputs(view, interface, converted)))
    returns = _leaves_any(view, nodes)
    outputs = () if returns else _outputs(view, nodes, interface)
    written = frozenset(c.text for c in support.converted if _is_written(view, nodes, c.text))
    stated = [
        *_worth_it(view, nodes, support.converted, written),
        *_apart(view, support.converted, written),
        needs.holds(_are_set(view, nodes, outputs), "what is read after the loops is always set", ", ".join(outputs)),
        needs.holds(not returns or _ends(view, nodes), "the loops do not return half-way"),
    ]
    return Outline(nodes, inputs, outputs, written, returns, support, tuple(stated))


def _inputs(view: View, interface: Interface, converted: set[str]) -> Iterator[str]:
    """Names that the kernel is given as they are."""
    for taken in interface.live_in:
        root = taken.text.partition(".")[0]
        if not taken.is_called and taken.text not in converted and root not in converted and root != view.receiver:
            yield root


def _outputs(view: View, nodes: tuple[cst.CSTNode, ...], interface: Interface) -> tuple[str, ...]:
    """What is read after the statements; of names at the top level, what anything else in the file reads."""
    if view.hot.qualname != MODULE:
        return interface.live_out
    lines = range(view.line(nodes[0]), view.line(nodes[-1]) + view.code(nodes[-1]).count("\n") + 1)
    others = {n.id for n in view.index.nodes(ast.Name) if n.lineno not in lines}
    return tuple(name for name in interface.live_out if name in others)


def _are_set(view: View, nodes: tuple[cst.CSTNode, ...], names: Sequence[str]) -> bool:
    """Whether the names have a value after the statements even if no loop runs."""
    line = view.line(nodes[0])
    for name in names:
        places = view.facts.definitions(name)
        before = any(view.line(d) <= line and not any(view.inside(d, n) for n in nodes) for d in places)
        always = any(view.inside(d, n) for d in places for n in nodes if isinstance(n, cst.SimpleStatementLine))
        if not before and not always:
            return False
    return True


def _leaves(view: View, statement: cst.CSTNode) -> bool:
    return any(view.inside(node, statement) for node in view.walk(cst.Return, cst.Raise, cst.Yield, cst.Await))


def _leaves_any(view: View, nodes: Sequence[cst.CSTNode]) -> bool:
    return any(_leaves(view, node) for node in nodes)


def _ends(view: View, nodes: tuple[cst.CSTNode, ...]) -> bool:
    """Whether the statements are the last of the function."""
    body = _body(view)
    return bool(body) and body[-1] is nodes[-1]


# -- conversion ---------------------------------------------------------------------------------------------


def _worth_it(
    view: View, nodes: Sequence[cst.CSTNode], converted: Sequence[Container], written: frozenset[str]
) -> Iterator[Need]:
    """Each list is used often enough for its conversion to pay."""
    for one in converted:
        depth = max((_loops_around(view, use, nodes) for use in uses(view, nodes, one.text)), default=0)
        heavy = _operations(view, nodes) >= _ENOUGH_WORK * (2 if one.text in written else 1)
        worth = depth > one.depth or (depth == one.depth and heavy and one.depth > 1)
        yield needs.holds(worth, f"the work on `{one.text}` is worth its conversion", f"{depth} loops deep")
        if one.mixed:
            yield needs.value(
                Answer.unknown("it holds ints and floats"),
                f"`{one.text}` holds floats",
                f"ints in `{one.text}` are floats",
            )
        numbers = {"int64": "ints", "float64": "floats"}.get(one.dtype, "numbers")
        kinds = "text" if one.kind == "text" else f"a rectangular {'list of ' * one.depth}{numbers}"
        why = "as this file suggests" if one.dtype else "as the loops use it"
        yield Need(Answer.yes(why, Evidence.SEEN), f"`{one.text}` is {kinds}")
        if not one.dtype and one.text in written:
            yield needs.value(
                Answer.unknown("its items are not known"),
                f"`{one.text}` holds floats",
                f"ints in `{one.text}` may become floats",
            )


def _loops_in(view: View, statement: cst.CSTNode) -> Iterator[cst.CSTNode]:
    return (n for n in view.walk(cst.For, cst.While) if view.inside(n, statement))


def _loops_around(view: View, node: cst.CSTNode, nodes: Sequence[cst.CSTNode]) -> int:
    """How deep the nest is that a use stands in, its header included."""
    loops = [n for n in view.ancestors(node) if isinstance(n, cst.For | cst.While)]
    around = [loop for loop in loops if any(view.inside(loop, root) for root in nodes)]
    return _loops_deep(view, around[-1]) if around else 0


def _loops_deep(view: View, loop: cst.CSTNode) -> int:
    inner = [n for n in view.walk(cst.For, cst.While) if view.inside(n, loop)]
    outside = len(view.repeats(loop))
    return max((len(view.repeats(n)) - outside + 1 for n in inner), default=0)


def _operations(view: View, nodes: Sequence[cst.CSTNode]) -> int:
    """Operations in the innermost loop that has most of them."""
    counts: dict[int, int] = {}
    for node in view.walk(*_WORK):
        loops = view.repeats(node)
        if loops and any(view.inside(node, root) for root in nodes):
            counts[id(loops[0])] = counts.get(id(loops[0]), 0) + 1
    return max(counts.values(), default=0)


def _apart(view: View, converted: Sequence[Container], written: frozenset[str]) -> Iterator[Need]:
    """A list that is stored to is no other one: as arrays they would be copies of each other."""
    for one, other in combinations([c for c in converted if c.kind == "converted"], 2):
        if one.text in written or other.text in written:
            answer = needs.negated(_may_alias(view, one, other))
            claim = f"`{one.text}` and `{other.text}` are different lists"
            if likely_types(view.index).is_called(view.hot.qualname) or view.hot.is_module:
                yield Need(answer, claim)
            else:  # nothing is known of its callers
                yield needs.value(answer, claim, f"results differ where `{one.text}` and `{other.text}` are one list")
    for argument in converted:
        if argument.text in written and argument.depth > 1:
            claim = f"no two rows of `{argument.text}` are one list"
            yield needs.value(Answer.unknown("rows are not compared"), claim, "rows that are one list come apart")


def _may_alias(view: View, one: Container, other: Container) -> Answer:
    if isinstance(one.node, cst.Name) and isinstance(other.node, cst.Name):
        answer = view.facts.may_alias(one.node, other.node)
        if answer.truth is not Truth.UNKNOWN and not answer.holds:
            return answer
    if _is_fresh(view, one) or _is_fresh(view, other):
        return Answer.no("one of them is made by the function")
    scope = "" if view.hot.qualname == MODULE else view.hot.qualname
    if likely_types(view.index).are_apart(scope, one.text, other.text):
        return Answer.no("no call in this file passes one list for both", Evidence.SEEN)
    return Answer.unknown(f"`{one.text}` may be `{other.text}`")


def _is_fresh(view: View, container: Container) -> bool:
    """Whether the name only ever holds a list that the function itself makes."""
    places = view.facts.definitions(container.text) if view.hot.qualname != MODULE else ()
    holders = [view.parent(view.parent(place) or place) for place in places]
    made = (cst.List, cst.ListComp, cst.BinaryOperation)
    return bool(holders) and all(isinstance(h, cst.Assign) and isinstance(h.value, made) for h in holders)


def _is_written(view: View, nodes: Sequence[cst.CSTNode], text: str) -> bool:
    stored: list[cst.CSTNode] = [t.target for t in view.walk(cst.AssignTarget)]
    stored += [t.target for t in view.walk(cst.AugAssign)]
    flat = [e.value for t in stored if isinstance(t, cst.Tuple) for e in t.elements] + stored
    roots = {dotted(_root(t)) for t in flat if isinstance(t, cst.Subscript) and any(view.inside(t, n) for n in nodes)}
    return text in roots or bool(roots & _rows(view, nodes, text))


def _rows(view: View, nodes: Sequence[cst.CSTNode], text: str) -> set[str | None]:
    """Names of rows of the container."""
    found: set[str | None] = set()
    for node in view.walk(cst.For, cst.Assign):
        if isinstance(node, cst.For):
            source, target = node.iter, node.target
        else:
            source, target = (
                cst.ensure_type(node, cst.Assign).value,
                cst.ensure_type(node, cst.Assign).targets[0].target,
            )
        texts = {dotted(_root(part)) for part in (source, *_arguments(source))}
        if text in texts and any(view.inside(node, n) for n in nodes):
            names = [e.value for e in target.elements] if isinstance(target, cst.Tuple) else [target]
            found |= {dotted(name) for name in names}
    return found


def _arguments(node: cst.CSTNode) -> list[cst.BaseExpression]:
    return [a.value for a in node.args] if isinstance(node, cst.Call) else []


def _root(target: cst.CSTNode) -> cst.CSTNode:
    while isinstance(target, cst.Subscript):
        target = target.value
    return target
