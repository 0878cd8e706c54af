"""Why statements may raise."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.names.flow import Kind, Step
from perf_advise.facts.types.heap import MAPPINGS

if TYPE_CHECKING:
    from perf_advise.facts.exceptions.raising import Exceptions


def step_reasons(known: "Exceptions", step: Step) -> Iterator[str]:
    """Why running a step may raise, if it may."""
    node = step.node
    if step.kind in (Kind.ENTRY, Kind.EXIT, Kind.JOIN, Kind.NEXT):
        return
    if step.kind is Kind.TARGET and isinstance(node, cst.For):
        yield from known.iteration(node.iter, node.target)
    elif step.kind in (Kind.TEST, Kind.ITER):
        yield from known.reasons(step.parts[0])
        if step.kind is Kind.TEST and isinstance(step.parts[0], cst.BaseExpression):
            yield from known.truth(step.parts[0])
    elif step.kind is Kind.STATEMENT:
        yield from _statement(known, node)
    elif step.kind is Kind.DEFINE and isinstance(node, cst.FunctionDef) and not node.decorators:
        return
    else:
        yield f"`{type(node).__name__}` is not followed"


def _statement(known: "Exceptions", node: cst.CSTNode) -> Iterator[str]:
    if isinstance(node, cst.Assign):
        yield from known.reasons(node.value)
        for target in node.targets:
            yield from _store(known, target.target, node.value)
    elif isinstance(node, cst.AnnAssign):
        if node.value is not None:
            yield from known.reasons(node.value)
            yield from _store(known, node.target, node.value)
    elif isinstance(node, cst.AugAssign):
        yield from known.reasons(node.value)
        yield from known.reasons(node.target)
        yield from known.operation(type(node.operator).__name__.removesuffix("Assign"), node.target, node.value)
    elif isinstance(node, cst.Expr | cst.Return):
        if node.value is not None:
            yield from known.reasons(node.value)
    elif not isinstance(node, cst.Pass | cst.Break | cst.Continue | cst.Global | cst.Nonlocal):
        yield f"`{type(node).__name__}` raises or is not followed"


def _store(known: "Exceptions", target: cst.CSTNode, value: cst.CSTNode) -> Iterator[str]:
    if isinstance(target, cst.Name):
        return
    if isinstance(target, cst.Tuple):
        yield from _unpacked(known, target, value)
    elif isinstance(target, cst.Attribute):
        yield from known.reasons(target.value)
        for atom in known.value(target.value):
            yield from known.types.world.callees.store_events(atom, target.attr.value)
        if not known.value(target.value).known:
            yield "setting an attribute of a value of unknown type"
    elif isinstance(target, cst.Subscript):
        yield from _store_item(known, target)
    else:
        yield "an assignment that is not followed"


def _store_item(known: "Exceptions", target: cst.Subscript) -> Iterator[str]:
    if known.value(target.value).only_types(*MAPPINGS):
        yield from known.reasons(target.value)
        yield from known.key(target)
    else:
        yield from known.reasons(target)
        if not known.value(target.value).only_types("list"):
            yield "storing into a value of unknown type"


def _unpacked(known: "Exceptions", target: cst.Tuple, value: cst.CSTNode) -> Iterator[str]:
    for atom in known.value(value):
        fields = atom.cell.fields if atom.cell is not None else None
        if fields is None or len(fields) != len(target.elements):
            yield "unpacking may not fit"
    if not known.value(value).known or not all(isinstance(e.value, cst.Name) for e in target.elements):
        yield "unpacking a value of unknown type"
