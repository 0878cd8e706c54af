"""Wrong rewrites made from right code: each operator plants one kind of mistake that a codemod could make."""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Function = ast.FunctionDef


@dataclass(frozen=True)
class Mutant:
    """A function's new text, and what was done to it."""

    qualname: str
    kind: str
    line: int
    changed: str
    module: str


def mutants(source: str, returns: dict[str, str]) -> Iterator[Mutant]:
    """Every mutant of the functions (qualified name -> type of result), in the order of the text."""
    plain = ast.unparse(ast.parse(source))
    for qualname, kind_of_result in returns.items():
        for kind, operator in OPERATORS.items():
            for place in range(1000):
                tree = ast.parse(source)
                function = find(tree, qualname)
                function.returns_kind = kind_of_result
                line = operator(function, place)
                if line is None:
                    break
                text = ast.unparse(ast.fix_missing_locations(tree))
                if text != plain:
                    yield Mutant(qualname, kind, line, first_change(plain, text), text)


def first_change(before: str, after: str) -> str:
    """The first line that differs."""
    old = before.splitlines()
    return next((new.strip() for i, new in enumerate(after.splitlines()) if i >= len(old) or new != old[i]), "")


def find(tree: ast.Module, qualname: str) -> Function:
    """The definition with this qualified name."""
    node: ast.AST = tree
    for name in qualname.split("."):
        node = next(n for n in ast.iter_child_nodes(node) if getattr(n, "name", None) == name)
    assert isinstance(node, Function)
    return node


def nth(function: Function, place: int, wanted: Callable[[ast.AST], bool]) -> ast.AST | None:
    found = [n for n in ast.walk(function) if wanted(n)]
    return found[place] if place < len(found) else None


def off_by_one(function: Function, place: int) -> int | None:
    node = nth(function, place, lambda n: isinstance(n, ast.Constant) and type(n.value) is int)
    if node is None:
        return None
    node.value += 1
    return node.lineno


def shorter_range(function: Function, place: int) -> int | None:
    def is_range(n: ast.AST) -> bool:
        return isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id in ("range", "len")

    node = nth(function, place, is_range)
    if node is None:
        return None
    last = 1 if len(node.args) > 1 else 0
    if node.func.id == "len":
        inner = copy.deepcopy(node)
        node.func, node.args = ast.Name("abs", ast.Load()), [ast.BinOp(inner, ast.Sub(), ast.Constant(1))]
    else:
        node.args[last] = ast.BinOp(node.args[last], ast.Sub(), ast.Constant(1))
    return node.lineno


_TIES = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
         ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is}  # fmt: skip


def wrong_tie(function: Function, place: int) -> int | None:
    node = nth(function, place, lambda n: isinstance(n, ast.Compare))
    if node is None:
        return None
    node.ops[-1] = _TIES[type(node.ops[-1])]()
    return node.lineno


_ARITHMETIC = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.FloorDiv, ast.FloorDiv: ast.Div,
               ast.Mod: ast.FloorDiv}  # fmt: skip


def wrong_operator(function: Function, place: int) -> int | None:
    node = nth(function, place, lambda n: isinstance(n, ast.BinOp | ast.AugAssign) and type(n.op) in _ARITHMETIC)
    if node is None:
        return None
    node.op = _ARITHMETIC[type(node.op)]()
    return node.lineno


def swapped_branch(function: Function, place: int) -> int | None:
    node = nth(function, place, lambda n: isinstance(n, ast.If | ast.IfExp | ast.While))
    if node is None:
        return None
    if isinstance(node, ast.IfExp):
        node.body, node.orelse = node.orelse, node.body
    else:
        node.test = ast.UnaryOp(ast.Not(), node.test)
    return node.lineno


def early_exit(function: Function, place: int) -> int | None:
    node = nth(function, place, lambda n: isinstance(n, ast.For | ast.While))
    if node is None:
        return None
    node.body.append(ast.Break())
    return node.lineno


def lost_statement(function: Function, place: int) -> int | None:
    spots = []
    for parent in ast.walk(function):
        body = getattr(parent, "body", None)
        if isinstance(body, list) and not isinstance(parent, ast.Module):
            spots += [(body, i) for i, s in enumerate(body) if isinstance(s, ast.AugAssign | ast.Expr | ast.Continue)]
    spots = [(b, i) for b, i in spots if not (isinstance(b[i], ast.Expr) and isinstance(b[i].value, ast.Constant))]
    if place >= len(spots):
        return None
    body, index = spots[place]
    line = body[index].lineno
    body[index] = ast.Pass()
    return line


def changed_exception(function: Function, place: int) -> int | None:
    found = [n for n in ast.walk(function) if isinstance(n, ast.Raise) and isinstance(n.exc, ast.Call)]
    if place >= 2 * len(found):
        return None
    call = found[place // 2].exc
    if place % 2:
        call.args = [ast.Constant("other")]
    else:
        call.func = ast.Name("RuntimeError", ast.Load())
    return call.lineno


def _wrap_returns(function: Function, place: int, wrap: str) -> int | None:
    node = nth(function, place, lambda n: isinstance(n, ast.Return) and n.value is not None)
    if node is None:
        return None
    node.value = ast.parse(wrap.replace("VALUE", f"({ast.unparse(node.value)})"), mode="eval").body
    return node.lineno


def _wrapped(table: dict[str, str]) -> Callable[[Function, int], int | None]:
    def operator(function: Function, place: int) -> int | None:
        wrap = table.get(function.returns_kind)
        return _wrap_returns(function, place, wrap) if wrap else None

    return operator


lost_duplicates = _wrapped({"list": "list({repr(x): x for x in VALUE}.values())"})
lost_order = _wrapped({"list": "VALUE[::-1]", "dict": "dict(sorted(VALUE.items(), key=repr, reverse=True))"})
changed_type = _wrapped(
    {
        "list": "tuple(VALUE)",
        "int": "float(VALUE)",
        "float": "np.float64(VALUE)",
        "tuple": "list(VALUE)",
        "dict": "collections.OrderedDict(VALUE)",
        "str": "(VALUE).encode()",
        "bool": "int(VALUE)",
        "ndarray": "(VALUE).astype('f4')",
        "defaultdict": "dict(VALUE)",
    }
)

_LISTS = {"items", "left", "right", "values", "weights", "words", "rows"}


def mutated_argument(function: Function, place: int) -> int | None:
    names = [a.arg for a in function.args.args if a.arg in _LISTS]
    if place >= len(names):
        return None
    body = function.body
    at = len(body) - 1 if isinstance(body[-1], ast.Return) else len(body)
    body.insert(at, ast.parse(f"{names[place]}.append(0)").body[0])
    return function.lineno


def shared_default(function: Function, place: int) -> int | None:
    spots = [n for n in function.body if isinstance(n, ast.Assign) and isinstance(n.value, ast.List)
             and not n.value.elts and isinstance(n.targets[0], ast.Name)]  # fmt: skip
    if place >= len(spots):
        return None
    name = spots[place].targets[0].id
    function.args.args.append(ast.arg(name))
    function.args.defaults.append(ast.List([], ast.Load()))
    function.body.remove(spots[place])
    return function.lineno


def one_element_lost(function: Function, place: int) -> int | None:
    node = nth(function, place, lambda n: isinstance(n, ast.For) and isinstance(n.iter, ast.Name))
    if node is None:
        return None
    node.iter = ast.parse(f"list({node.iter.id})[:-1]", mode="eval").body
    return node.lineno


OPERATORS: dict[str, Callable[[Function, int], int | None]] = {
    name.replace("_", " "): globals()[name]
    for name in ("off_by_one", "shorter_range", "wrong_tie", "wrong_operator", "swapped_branch", "early_exit",
                 "lost_statement", "changed_exception", "lost_duplicates", "lost_order", "changed_type",
                 "mutated_argument", "shared_default", "one_element_lost")
}  # fmt: skip
