"""What the entries of a dict, set or tuple display are: constants, or names that mean the same in every call."""

import libcst as cst

from perf_advise.rulekit.view import View

_LITERALS = (cst.SimpleString, cst.Integer, cst.Float, cst.Imaginary)


def entry_parts(element: cst.CSTNode) -> tuple[cst.CSTNode, ...]:
    """The key and the value of an entry, or the item; what is unpacked comes as it stands."""
    if isinstance(element, cst.DictElement):
        return (element.key, element.value)
    return (element.value,) if isinstance(element, cst.Element) else (element,)


def is_constant(node: cst.CSTNode) -> bool:
    """Whether the expression is a literal, or a tuple of such."""
    if isinstance(node, cst.UnaryOperation):
        return isinstance(node.operator, cst.Minus) and isinstance(node.expression, cst.Integer | cst.Float)
    if isinstance(node, cst.Tuple):
        return all(isinstance(e, cst.Element) and is_constant(e.value) for e in node.elements)
    if isinstance(node, cst.ConcatenatedString):
        return is_constant(node.left) and is_constant(node.right)
    return isinstance(node, _LITERALS) or (isinstance(node, cst.Name) and node.value in ("True", "False", "None"))


def is_lasting(view: View, node: cst.CSTNode) -> bool:
    """Whether the expression is a constant, a function, class or module's name, or a lambda that keeps nothing.

    Attributes of classes and modules (`Color.RED`) count too: nothing here says that nobody ever rebinds them.
    """
    if isinstance(node, cst.Tuple):
        return all(isinstance(e, cst.Element) and is_lasting(view, e.value) for e in node.elements)
    if isinstance(node, cst.Lambda):
        return not any(view.facts.scope(name) in ("local", "parameter", "nonlocal") for name in _free_names(node))
    if isinstance(node, cst.Name | cst.Attribute):
        return is_constant(node) or view.facts.qualified_name(node) is not None
    return is_constant(node)


def _free_names(function: cst.Lambda) -> set[str]:
    own = {param.name.value for param in (*function.params.params, *function.params.kwonly_params)}
    return _names(function.body) - own


def _names(node: cst.CSTNode) -> set[str]:
    if isinstance(node, cst.Attribute):
        return _names(node.value)
    found = {node.value} if isinstance(node, cst.Name) else set()
    return found.union(*(_names(child) for child in node.children))
