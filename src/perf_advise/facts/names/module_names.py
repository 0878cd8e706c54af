"""Which module-level containers nothing in their module changes or gives away."""

import ast
from weakref import WeakKeyDictionary

from perf_advise.facts.tables.effects import effects_of
from perf_advise.facts.tables.words import words
from perf_advise.source.index import ModuleIndex

_READERS = words(
    """len sum min max sorted enumerate zip range list tuple set frozenset any all isinstance print str repr bool dict
    reversed map filter"""
)
_OWNERS = ("list", "dict", "set", "tuple", "str")
_UNSTEADY: "WeakKeyDictionary[ast.Module, frozenset[str]]" = WeakKeyDictionary()


def holds_still(index: ModuleIndex, name: str) -> bool:
    """Whether no code of the module changes the object that `name` is bound to at top level, or hands it out.

    Other modules are trusted not to change it either.
    """
    tree = index.tree
    found = _UNSTEADY.get(tree)
    if found is None:
        found = _UNSTEADY[tree] = frozenset(_handed_out(tree))
    return name not in found


def _handed_out(tree: ast.Module) -> set[str]:
    """Names read in any other way than those that only look at the object."""
    safe: set[int] = set()
    loads: list[ast.Name] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            loads.append(node)
        safe.update(id(part) for part in _looked_at(node))
    return {node.id for node in loads if id(node) not in safe}


def _looked_at(node: ast.AST) -> list[ast.expr]:
    """The operands that a node reads without changing them or keeping them."""
    match node:
        case ast.Subscript(value=base, ctx=ast.Load()):
            return [base]
        case ast.For(iter=base) | ast.comprehension(iter=base) | ast.FormattedValue(value=base):
            return [base]
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.Call(func=ast.Name(id=name), args=args) if name in _READERS:
            return list(args)
        case ast.Call(func=ast.Attribute(value=base, attr=name)) if _only_reads(name):
            return [base]
    return []


def _only_reads(method: str) -> bool:
    flags = [effects_of(f"{owner}.{method}") for owner in _OWNERS]
    known = [found for found in flags if found is not None]
    return bool(known) and not any("m" in found for found in known)
