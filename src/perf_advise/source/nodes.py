"""All nodes of `ast` trees, and those of a module by kind: one walk for all that ask."""

import ast
from functools import lru_cache

_LEAVES = frozenset({ast.Name, ast.Constant, ast.Global, ast.Nonlocal})
_TEXTS = frozenset({"ctx", "id", "attr", "type_comment"})

ByKind = dict[type[ast.AST], list[ast.AST]]


def all_nodes(root: ast.AST) -> list[ast.AST]:
    """What `ast.walk` gives, in its order and several times as fast, but for contexts (`Load`)."""
    found: list[ast.AST] = [root]
    for node in found:  # grows as it goes: breadth first
        for name in _holders(type(node)):  # type: ignore[arg-type]  # of a class, not of its objects
            value = getattr(node, name, None)
            if type(value) is list:
                found += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST):
                found.append(value)
    return found


@lru_cache(maxsize=256)
def _holders(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields that may hold nodes."""
    return () if kind in _LEAVES else tuple(name for name in kind._fields if name not in _TEXTS)


def nodes_by_kind(tree: ast.Module) -> ByKind:
    """Every node by its exact type, each list in the order of `ast.walk`; contexts are left out."""
    found: ByKind = {}
    for node in all_nodes(tree):
        found.setdefault(type(node), []).append(node)
    return found
