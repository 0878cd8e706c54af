"""The nodes of a module's `ast` tree by their kind: one walk for all that ask."""

import ast

ByKind = dict[type[ast.AST], list[ast.AST]]


def nodes_by_kind(tree: ast.Module) -> ByKind:
    """Every node by its exact type, each list in the order of `ast.walk`; contexts (`Load`) are left out."""
    found: ByKind = {}
    todo: list[ast.AST] = [tree]
    for node in todo:  # grows as it goes: breadth first
        found.setdefault(type(node), []).append(node)
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                todo += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST) and name != "ctx":
                todo.append(value)
    return found
