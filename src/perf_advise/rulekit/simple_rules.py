"""`see` and `change` for rules that are a pattern and a template."""

from collections.abc import Iterator

import libcst as cst

from perf_advise.model.rule import Rule
from perf_advise.rulekit import needs
from perf_advise.rulekit.matches import Match, Need, Replacement, Rewrite
from perf_advise.rulekit.patterns import fill_template, is_atom, match_pattern, parse_pattern
from perf_advise.rulekit.view import View

_TYPE_WORDS = {
    "ndarray": "numpy.ndarray",
    "deque": "collections.deque",
    "DataFrame": "pandas.DataFrame",
    "Series": "pandas.Series",
}
_OPERATORS = (cst.Attribute, cst.Call, cst.Subscript, cst.BinaryOperation, cst.UnaryOperation,
              cst.BooleanOperation, cst.Comparison, cst.ComparisonTarget, cst.Await)  # fmt: skip


def see_pattern(rule: Rule, view: View) -> Iterator[Match]:
    """Every place of the pattern, with the needs that `where` states for its metavariables."""
    kind = type(parse_pattern(rule.pattern))
    for node in view.walk(kind):
        bound = match_pattern(rule.pattern, node, view.facts)
        if bound is not None:
            stated = tuple(n for name, words in rule.where.items() for n in _needs(view, bound[name], words, node))
            yield Match(node, captures=bound, needs=stated)


def change_pattern(rule: Rule, match: Match, view: View) -> Rewrite:
    """The template, filled with the code that the metavariables stand for."""
    codes = {name: view.code(node) for name, node in match.captures.items()}
    template = rule.template
    for target in rule.imports:
        template = template.replace(target, view.name_of(target))
    code = fit_in(view, match.node, fill_template(template, codes))
    return Rewrite((Replacement.of(match.node, code),), imports=rule.imports)


def fit_in(view: View, old: cst.CSTNode, code: str) -> str:
    """`code` with parentheses where it takes the place of an operand and is no atom itself."""
    operand = isinstance(view.parent(old), _OPERATORS)
    return f"({code})" if operand and not is_atom(code) else code


def _needs(view: View, expr: cst.BaseExpression, words: str, node: cst.CSTNode) -> Iterator[Need]:
    """`where` reads as a comma list: type names joined by `|`, `pure`, `total`, `invariant`."""
    for word in (w.strip() for w in words.split(",")):
        if word == "pure":
            yield needs.is_pure(view, expr)
        elif word == "total":
            yield needs.cannot_raise(view, expr)
        elif word == "invariant":
            yield _invariant(view, expr, node)
        elif word.startswith("items "):
            yield needs.has_elements(view, expr, *map(_type_name, word[6:].split("|")))
        else:
            yield needs.is_type(view, expr, *map(_type_name, word.split("|")))


def _invariant(view: View, expr: cst.BaseExpression, node: cst.CSTNode) -> Need:
    loops = view.repeats(node)
    return needs.is_invariant(view, expr, loops[0]) if loops else needs.holds(False, "it stands in a loop")


def _type_name(word: str) -> str:
    return _TYPE_WORDS.get(word.strip(), word.strip())
