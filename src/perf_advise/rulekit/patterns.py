"""Patterns with metavariables, matched structurally, and the templates that they fill.

`bin($x).count("1")` matches whatever the spacing, quotes, comments or parentheses are. `$x` is any
expression (the same one everywhere), `$_` any. A name that is not a metavariable is what it
means: `len` is the builtin, `numpy.sum` is numpy's under any alias, and a rebound name matches nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Protocol

import libcst as cst

_METAVARIABLE = re.compile(r"\$([A-Za-z_]\w*)")
_PREFIX = "pa_meta_"
_NAMES = (cst.Name, cst.Attribute)
_CONSTANTS = ("True", "False", "None")
_LAYOUT = frozenset(
    {"lpar", "rpar", "comma", "semicolon", "leading_lines", "trailing_whitespace", "header", "footer", "equal",
     "dot", "lbracket", "rbracket", "lbrace", "rbrace", "lines_after_decorators"}
)  # fmt: skip


Bound = dict[str, cst.BaseExpression]
_SEQUENCES = (list, tuple)


class Resolver(Protocol):
    """What a name or attribute chain means here."""

    def qualified_name(self, expr: cst.BaseExpression) -> str | None:
        """The dotted name of a builtin, module or imported object; None for everything else."""


Matcher = Callable[[object, Bound, Resolver], bool]


def metavariables(text: str) -> frozenset[str]:
    """The names of the metavariables in a pattern or template."""
    return frozenset(_METAVARIABLE.findall(text))


@lru_cache(maxsize=1024)
def parse_pattern(text: str) -> cst.BaseExpression:
    """The tree of an expression pattern; raises `cst.ParserSyntaxError` when it is not one."""
    return cst.parse_expression(_METAVARIABLE.sub(lambda m: _PREFIX + m.group(1), text))


def match_pattern(text: str, node: cst.CSTNode, names: Resolver) -> Bound | None:
    """The metavariables' bindings where `node` has the pattern's shape, else None."""
    bound: Bound = {}
    return bound if _matcher(text)(node, bound, names) else None


@lru_cache(maxsize=1024)
def _matcher(text: str) -> Matcher:
    return _compiled(parse_pattern(text))


def _compiled(pattern: object) -> Matcher:
    """What says whether something has the pattern's shape: patterns are matched against every node of their kind."""
    if isinstance(pattern, cst.Name) and pattern.value.startswith(_PREFIX):
        return _metavariable(pattern.value[len(_PREFIX) :])
    if isinstance(pattern, cst.Name | cst.Attribute) and (meant := _meaning(pattern)) is not None:
        return lambda node, bound, names: type(node) in _NAMES and names.qualified_name(node) == meant  # type: ignore[arg-type]
    if isinstance(pattern, cst.Attribute):
        return _attribute(pattern.attr.value, _compiled(pattern.value))
    if isinstance(pattern, cst.Arg):
        return _argument(pattern, _compiled(pattern.value))
    if isinstance(pattern, cst.CSTNode):
        return _node(type(pattern), [(name, _compiled(theirs)) for name, theirs in _content(pattern)])
    if isinstance(pattern, list | tuple):
        return _sequence([_compiled(part) for part in pattern])
    return lambda node, bound, names: pattern == node


def _metavariable(name: str) -> Matcher:
    return lambda node, bound, names: _is_expression(type(node)) and _bind(name, node, bound)  # type: ignore[arg-type]


def _attribute(attribute: str, value: Matcher) -> Matcher:
    def matches(node: object, bound: Bound, names: Resolver) -> bool:
        return isinstance(node, cst.Attribute) and node.attr.value == attribute and value(node.value, bound, names)

    return matches


def _argument(pattern: cst.Arg, value: Matcher) -> Matcher:
    theirs = pattern.keyword.value if pattern.keyword else None

    def matches(node: object, bound: Bound, names: Resolver) -> bool:
        if not isinstance(node, cst.Arg) or pattern.star != node.star:
            return False
        ours = node.keyword.value if node.keyword else None
        return theirs == ours and value(node.value, bound, names)

    return matches


def _node(kind: type[cst.CSTNode], fields: list[tuple[str, Matcher]]) -> Matcher:
    def matches(node: object, bound: Bound, names: Resolver) -> bool:
        return type(node) is kind and all(part(getattr(node, name), bound, names) for name, part in fields)

    return matches


def _sequence(parts: list[Matcher]) -> Matcher:
    def matches(node: object, bound: Bound, names: Resolver) -> bool:
        if type(node) not in _SEQUENCES or len(node) != len(parts):  # type: ignore[arg-type]
            return False
        return all(part(item, bound, names) for part, item in zip(parts, node, strict=True))  # type: ignore[call-overload]

    return matches


@lru_cache(maxsize=256)
def _is_expression(kind: type) -> bool:
    # Looked up by exact type: the metaclass of nodes makes checks of type slow.
    return issubclass(kind, cst.BaseExpression)


def _bind(name: str, node: cst.BaseExpression, bound: Bound) -> bool:
    if name == "_":
        return True
    if name in bound:
        return same_code(bound[name], node)
    bound[name] = node
    return True


def _meaning(pattern: cst.BaseExpression) -> str | None:
    """The qualified name that a chain of a pattern stands for; None for constants and under a metavariable."""
    parts: list[str] = []
    while isinstance(pattern, cst.Attribute):
        parts.append(pattern.attr.value)
        pattern = pattern.value
    if not isinstance(pattern, cst.Name) or pattern.value.startswith(_PREFIX) or pattern.value in _CONSTANTS:
        return None
    parts.append(pattern.value)
    dotted = ".".join(reversed(parts))
    return dotted if len(parts) > 1 else f"builtins.{dotted}"


def _content(node: cst.CSTNode) -> Iterator[tuple[str, object]]:
    """The fields that make up what a node says, without layout; literals by value."""
    if isinstance(node, cst.SimpleString | cst.Integer | cst.Float | cst.Imaginary):
        yield "evaluated_value", node.evaluated_value
        return
    for name in _meaningful(type(node)):
        yield name, getattr(node, name)


@lru_cache(maxsize=256)
def _meaningful(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    """The names of the fields that are no layout."""
    names = kind.__dataclass_fields__
    return tuple(name for name in names if name not in _LAYOUT and not name.startswith("whitespace"))


def fingerprint(node: object) -> object:
    """A hashable value, equal for nodes that say the same in another layout."""
    if isinstance(node, cst.CSTNode):
        return (type(node).__name__, *((name, fingerprint(value)) for name, value in _content(node)))
    if isinstance(node, list | tuple):
        return tuple(map(fingerprint, node))
    if isinstance(node, cst.MaybeSentinel):
        return None
    return (type(node).__name__, node) if isinstance(node, int | float | complex | bytes | str) else node


def same_code(left: cst.CSTNode, right: cst.CSTNode) -> bool:
    """Whether two nodes say the same, whatever their layout."""
    return left is right or (type(left) is type(right) and fingerprint(left) == fingerprint(right))


_ATOMS = (cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.List, cst.Dict, cst.Set, cst.ListComp,
          cst.DictComp, cst.SetComp, cst.SimpleString, cst.FormattedString)  # fmt: skip
_LOOSEST = (cst.Tuple, cst.GeneratorExp, cst.NamedExpr, cst.Yield)
_BRACKETED = (cst.Arg, cst.Element, cst.Index, cst.Slice)


def parse_code(code: str) -> cst.BaseExpression:
    """The tree of an expression's text, which may span lines as it did inside of brackets."""
    return cst.parse_expression(f"({code}\n)")


def is_atom(code: str) -> bool:
    """Whether an expression can be followed by `.name`, `(...)` or `[...]` without parentheses."""
    node = parse_code(code)
    return isinstance(node, _ATOMS) or len(node.lpar) > 1


def parenthesised(code: str) -> str:
    """`code` with parentheses where it is not an atom already."""
    return code if is_atom(code) else f"({code})"


def as_argument(code: str) -> str:
    """`code` with parentheses where a comma or a colon beside it would change what it means."""
    node = parse_code(code)
    return f"({code})" if isinstance(node, _LOOSEST) and len(node.lpar) < 2 else code


def fill_template(template: str, codes: Mapping[str, str]) -> str:
    """The template with each metavariable replaced by its code, parenthesised where precedence asks."""
    tight = _tight_metavariables(parse_pattern(template))

    def code_of(found: re.Match[str]) -> str:
        code = codes[found.group(1)]
        return parenthesised(code) if found.group(1) in tight else as_argument(code)

    return _METAVARIABLE.sub(code_of, template)


def _tight_metavariables(tree: cst.BaseExpression) -> frozenset[str]:
    """Metavariables that stand as an operand or before a trailer, and so need an atom."""
    tight: set[str] = set()

    def visit(node: cst.CSTNode, loose: bool) -> None:
        if isinstance(node, cst.Name) and node.value.startswith(_PREFIX) and not loose:
            tight.add(node.value[len(_PREFIX) :])
        for child in node.children:
            visit(child, isinstance(node, _BRACKETED))

    visit(tree, True)
    return frozenset(tight)


def chain_of(
    expr: cst.BaseExpression, operator: type[cst.BaseBinaryOp | cst.BaseBooleanOp]
) -> list[cst.BaseExpression]:
    """The operands of `a + b + c` or `a and b and c`, from the left; of anything else, itself."""
    found: list[cst.BaseExpression] = []
    todo = [expr]
    while todo:
        part = todo.pop()
        joined = isinstance(part, cst.BinaryOperation | cst.BooleanOperation) and isinstance(part.operator, operator)
        if joined and (part is expr or not part.lpar):
            todo += [part.right, part.left]  # type: ignore[attr-defined]
        else:
            found.append(part)
    return found
