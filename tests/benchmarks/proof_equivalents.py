"""Right rewrites: each operator changes how a function says something, never what it does."""

import ast
import copy
from collections.abc import Callable, Iterator

from proof_mutations import Function, Mutant, find, first_change, nth

_NOTHING_LOST = "there are none to lose"
_SET = "sets it to what it is"
_ZERO = "0 was returned before"
_SIGNS = "both signs are looped over"
_NO_PARTNER = "the last has no partner"
_ONE_PATH = "the general path gives the same"
EXPLAINED: dict[tuple[str, str, str], str] = {
    ("Grid.neighbours", "wrong operator", "a, b = (i - di, j + dj)"): _SIGNS,
    ("Grid.neighbours", "wrong operator", "a, b = (i + di, j - dj)"): _SIGNS,
    ("unique", "lost duplicates", "return list({repr(x): x for x in seen}.values())"): _NOTHING_LOST,
    ("common", "lost duplicates", "return list({repr(x): x for x in out}.values())"): _NOTHING_LOST,
    ("primes", "lost duplicates", "return list({repr(x): x for x in found}.values())"): _NOTHING_LOST,
    ("reachable", "lost duplicates", "return list({repr(x): x for x in order}.values())"): _NOTHING_LOST,
    (
        "top",
        "lost duplicates",
        "return list({repr(x): x for x in [word for word, _ in ordered[:k]]}.values())",
    ): _NOTHING_LOST,
    ("primes", "wrong operator", "if p + p > k:"): "looks further for divisors, finds none",
    ("primes", "one element lost", "for p in list(found)[:-1]:"): "the largest prime below k never divides it",
    ("collatz", "wrong operator", "n = n / 2"): "floats are exact here, only their number is returned",
    ("shortest", "wrong tie", "if other not in distances or candidate <= distances[other]:"): "an equal distance",
    ("shortest", "lost statement", "pass"): "an outdated entry changes nothing",
    ("pairs", "shorter range", "for i in range(abs(len(values) - 1)):"): _NO_PARTNER,
    ("pairs", "shorter range", "for i in range(len(values) - 1):"): _NO_PARTNER,
    ("knapsack", "off by one", "best_value = [0] * (capacity + 2)"): "an entry more that nobody reads",
    ("knapsack", "wrong tie", "if candidate >= best_value[c]:"): "stores an equal value",
    ("clipped", "wrong tie", "return [low if v <= low else high if v > high else v for v in values]"): _ONE_PATH,
    ("clipped", "wrong tie", "return [low if v < low else high if v >= high else v for v in values]"): _ONE_PATH,
    ("SortedList._pos", "wrong tie", "if -idx < last_len:"): "the general path gives the same once its index is built",
    ("SortedList._pos", "off by one", "pos = 1"): "the loop sets it before it is read",
    ("SortedList._pos", "wrong tie", "while child <= len_index:"): "only the first leaf ends there, answered before",
    ("SortedList.pop", "shorter range", "if 0 <= index < abs(len(_lists[0]) - 1):"): _ONE_PATH,
    ("SortedList.pop", "off by one", "if 1 <= index < len(_lists[0]):"): _ZERO,
    ("SortedList.pop", "off by one", "if -len_last < index < 1:"): _ZERO,
    ("SortedList.pop", "wrong tie", "if -len_last < index <= 0:"): _ZERO,
    ("SortedList.index", "off by one", "if start < 1:"): _SET,
    ("SortedList.index", "wrong tie", "if stop >= _len:"): _SET,
    ("SortedList.index", "wrong tie", "if start <= 0:"): _SET,
    ("SortedList.index", "wrong tie", "if start < left:"): _ONE_PATH,
    ("SortedList.index", "swapped branch", "if not start < 0:"): _SET,
    ("SortedList.index", "swapped branch", "if not stop < 0:"): "cut to the length afterwards",
    ("SortedList.index", "off by one", "if stop < 1:"): "the list is not empty there",
    ("SortedList.index", "lost statement", "pass"): "a cut of what is within already",
}


def equivalents(source: str, returns: dict[str, str]) -> Iterator[Mutant]:
    """Every right rewrite of the functions, in the order of the text."""
    plain = ast.unparse(ast.parse(source))
    for qualname in returns:
        for operator in OPERATORS:
            for place in range(1000):
                tree = ast.parse(source)
                line = operator(find(tree, qualname), place)
                if line is None:
                    break
                text = ast.unparse(ast.fix_missing_locations(tree))
                if text != plain:
                    kind = operator.__name__.replace("_", " ")
                    yield Mutant(qualname, kind, line, first_change(plain, text), text)


def long_assignment(function: Function, place: int) -> int | None:
    node = nth(function, place, lambda n: isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name))
    if node is None:
        return None
    name = node.target.id
    _replace(function, node, ast.Assign([node.target], ast.BinOp(ast.Name(name, ast.Load()), node.op, node.value)))
    return node.lineno


def turned_condition(function: Function, place: int) -> int | None:
    node = nth(function, place, lambda n: isinstance(n, ast.If | ast.IfExp))
    if node is None:
        return None
    node.test = ast.UnaryOp(ast.Not(), node.test)
    other = node.orelse or [ast.Pass()]
    node.body, node.orelse = other, node.body
    return node.lineno


_MIRRORED = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Eq: ast.Eq, ast.NotEq: ast.NotEq}


def mirrored_comparison(function: Function, place: int) -> int | None:
    node = nth(
        function, place, lambda n: isinstance(n, ast.Compare) and len(n.ops) == 1 and type(n.ops[0]) in _MIRRORED
    )
    if node is None:
        return None
    node.left, node.comparators = node.comparators[0], [node.left]
    node.ops = [_MIRRORED[type(node.ops[0])]()]
    return node.lineno


def named_result(function: Function, place: int) -> int | None:
    node = nth(function, place, lambda n: isinstance(n, ast.Return) and n.value is not None)
    if node is None:
        return None
    target = ast.Assign([ast.Name("result_", ast.Store())], node.value)
    _replace(function, node, target, ast.Return(ast.Name("result_", ast.Load())))
    return node.lineno


def enumerated_loop(function: Function, place: int) -> int | None:
    node = nth(function, place, lambda n: isinstance(n, ast.For))
    if node is None:
        return None
    node.target = ast.Tuple([ast.Name("_place", ast.Store()), node.target], ast.Store())
    node.iter = ast.Call(ast.Name("enumerate", ast.Load()), [node.iter], [])
    return node.lineno


def endless_while(function: Function, place: int) -> int | None:
    node = nth(function, place, lambda n: isinstance(n, ast.While))
    if node is None:
        return None
    node.body.insert(0, ast.If(ast.UnaryOp(ast.Not(), node.test), [ast.Break()], []))
    node.test = ast.Constant(True)
    return node.lineno


def explicit_range(function: Function, place: int) -> int | None:
    def is_range(n: ast.AST) -> bool:
        return isinstance(n, ast.Call) and getattr(n.func, "id", "") == "range" and len(n.args) == 1

    node = nth(function, place, is_range)
    if node is None:
        return None
    node.args = [ast.Constant(0), node.args[0], ast.Constant(1)]
    return node.lineno


def listed_generator(function: Function, place: int) -> int | None:
    node = nth(function, place, lambda n: isinstance(n, ast.ListComp))
    if node is None:
        return None
    inner = ast.GeneratorExp(node.elt, node.generators)
    _replace_expression(function, node, ast.Call(ast.Name("list", ast.Load()), [inner], []))
    return node.lineno


def swapped_product(function: Function, place: int) -> int | None:
    node = nth(function, place, lambda n: isinstance(n, ast.BinOp) and isinstance(n.op, ast.Mult))
    if node is None:
        return None
    node.left, node.right = node.right, node.left
    return node.lineno


def extended_list(function: Function, place: int) -> int | None:
    def is_append(n: ast.AST) -> bool:
        call = getattr(n, "value", None)
        return isinstance(n, ast.Expr) and isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "append"

    node = nth(function, place, is_append)
    if node is None:
        return None
    node.value.func.attr = "extend"
    node.value.args = [ast.Tuple([node.value.args[0]], ast.Load())]
    return node.lineno


def de_morgan(function: Function, place: int) -> int | None:
    node = nth(function, place, lambda n: isinstance(n, ast.If) and isinstance(n.test, ast.BoolOp))
    if node is None:
        return None
    other = ast.Or() if isinstance(node.test.op, ast.And) else ast.And()
    values = [ast.UnaryOp(ast.Not(), value) for value in node.test.values]
    node.test = ast.UnaryOp(ast.Not(), ast.BoolOp(other, values))
    return node.lineno


def _replace(function: Function, old: ast.stmt, *new: ast.stmt) -> None:
    for parent in ast.walk(function):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(parent, field, None)
            if isinstance(block, list) and old in block:
                at = block.index(old)
                block[at : at + 1] = [ast.copy_location(copy.copy(n), old) for n in new]


def _replace_expression(function: Function, old: ast.expr, new: ast.expr) -> None:
    class Swap(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is old else self.generic_visit(node)

    Swap().visit(function)


OPERATORS: tuple[Callable[[Function, int], int | None], ...] = (
    long_assignment,
    turned_condition,
    mirrored_comparison,
    named_result,
    enumerated_loop,
    endless_while,
    explicit_range,
    listed_generator,
    swapped_product,
    extended_list,
    de_morgan,
)
