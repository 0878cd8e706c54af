"""What an expression costs, as far as its text, its callees and the profile tell."""

import ast
import builtins
import re
from collections.abc import Iterator

import libcst as cst

from perf_advise.facts.tree import children
from perf_advise.rulekit.view import Comprehension, View

_WORTH = 0.01
"""A share of the program from which on the profile itself calls a callee costly."""
_CONSUMERS = frozenset({"any", "all", "sum", "sorted", "set", "frozenset", "list", "tuple", "dict", "min", "max"})
_HEAVY = frozenset(
    {"os.listdir", "os.scandir", "os.stat", "os.lstat", "os.access", "os.walk", "os.getcwd",
     "os.path.exists", "os.path.isfile", "os.path.isdir", "os.path.islink", "os.path.realpath", "os.path.abspath",
     "os.path.getsize", "os.path.join", "os.path.basename", "os.path.dirname",
     "os.path.splitext", "pathlib.Path", "os.path.getmtime",
     "os.path.samefile", "os.path.relpath", "os.path.normpath", "glob.glob",
     "shutil.which", "json.loads", "json.dumps", "copy.deepcopy", "ast.parse", "ast.literal_eval",
     "inspect.signature", "inspect.stack", "inspect.getsource", "inspect.getmembers", "inspect.getfullargspec",
     "inspect.getmro", "fnmatch.fnmatch", "textwrap.dedent", "re.compile", "re.match", "re.search", "re.fullmatch",
     "re.sub", "re.split", "re.findall", "dataclasses.fields", "dataclasses.asdict", "dataclasses.astuple",
     "typing.get_type_hints", "importlib.util.find_spec", "difflib.get_close_matches", "datetime.datetime.strptime",
     "time.strptime", "urllib.parse.urlparse", "urllib.parse.urlsplit", "traceback.extract_stack"}
)  # fmt: skip
_ON_PATTERNS = frozenset({"match", "search", "fullmatch", "finditer", "findall", "sub", "split"})
_PATTERN_NAME = re.compile(r"(?i)(_re|_rx|_regex|regex|pattern|_pat)s?$|_RE$|^[A-Z_]*RE$")
_OVER_TEXT = frozenset({"splitlines", "split", "join"})
_ASKS = re.compile(r"_*(is|has|have|can|should|supports?|contains|needs?|exists|any|all|allows?)(_?[a-z]|$)")
_ACTS = re.compile(
    r"_*(pop|next|read|recv|receive|send|write|add|append|insert|remove|delete|del|update|set|create|make|open|close|start"
    r"|stop|run|exec|execute|register|install|init|load|save|commit|flush|acquire|release|lock|push|put|fetch|choice"
    r"|random|randint|shuffle|sample|uuid|time|now|input|print|clear|extend|move|rename|mkdir|unlink|apply|handle|process"
    r"|visit|emit|notify|log|debug|info|warn|warning|error|seek|connect|submit|wait|sleep|join_thread|reset|setup|clone"
    r"|discharge|advance|step|consume|expect|accept|eat|skip|ensure|assign|replace_|mark|store|cache|import|request)(\d*_|\d*$)"
)
_LABORIOUS = re.compile(r"_*(find|compute|calculate|calc|parse|extract|normali[sz]e|estimate|measure|format)(_|$)")
_NEUTRAL = frozenset({"isinstance", "issubclass", "hasattr", "callable", "len", "getattr", "id", "type", "bool", "str"})
_LOOPS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_AT_ONCE = frozenset(
    ["issubdtype", "isdtype", "isscalar", "iscomplexobj", "isrealobj", "ndim", "shape", "size", "dtype", "result_type",
     "promote_types", "can_cast", "min_scalar_type", "common_type", "finfo", "iinfo", "errstate", "ndarray", "float64",
     "float32", "int64", "int32", "bool_", "asarray", "asanyarray", "broadcast_shapes", "may_share_memory", "reshape",
     "ravel", "transpose", "squeeze", "expand_dims", "atleast_1d", "atleast_2d", "default_rng", "RandomState",
     "Timestamp", "Timedelta", "option_context", "get_option"]
)  # fmt: skip
"""Functions of array libraries that look at a type or a shape, or make a view."""


def why_costly(view: View, expr: cst.CSTNode) -> str:
    """Why evaluating the expression takes long, in words; "" where nothing says so."""
    if isinstance(expr, cst.Lambda | cst.FunctionDef | cst.GeneratorExp):
        return ""
    if isinstance(expr, Comprehension):
        return _over(view, expr.for_in.iter) if not _is_few(view, expr.for_in.iter) else ""
    if isinstance(expr, cst.Call) and (why := _why_call(view, expr)):
        return why
    if isinstance(expr, cst.Attribute) and (why := _why_property(view, expr)):
        return why
    return next((why for child in children(expr) if (why := why_costly(view, child))), "")


def why_laborious(view: View, expr: cst.CSTNode) -> str:
    """Why an expression of unknown cost is no mere look at something: it calls what computes, by its name."""
    for call in calls_in(expr):
        name = view.code(call.func).rpartition(".")[2]
        is_method_of_text = hasattr(str, name) and isinstance(call.func, cst.Attribute)
        if _LABORIOUS.match(name) and not is_method_of_text and not hasattr(builtins, name):
            return f"`{' '.join(view.code(call.func).split())}` computes something by its name"
    return ""


def is_plain(view: View, expr: cst.BaseExpression) -> bool:
    """Whether the expression only looks at variables, attributes and constants: a few bytecodes."""
    if isinstance(expr, cst.UnaryOperation):
        return isinstance(expr.operator, cst.Not) and is_plain(view, expr.expression)
    if isinstance(expr, cst.Comparison):
        if len(expr.comparisons) > 1:
            return False
        target = expr.comparisons[0]
        plain_operator = isinstance(target.operator, cst.Is | cst.IsNot | cst.Equal | cst.NotEqual)
        return plain_operator and is_plain(view, expr.left) and is_plain(view, target.comparator)
    if isinstance(expr, cst.Attribute):
        return isinstance(expr.value, cst.Name) and not is_property(view, expr.attr.value)
    return isinstance(expr, cst.Name | cst.Integer | cst.SimpleString | cst.Float)


def is_light(view: View, expr: cst.BaseExpression) -> bool:
    """Whether the test costs little beside a costly one: comparisons, `len`, `isinstance`."""
    if isinstance(expr, cst.UnaryOperation):
        return is_light(view, expr.expression)
    if isinstance(expr, cst.Comparison):
        ordered = not any(isinstance(target.operator, cst.In | cst.NotIn) for target in expr.comparisons)
        sides = (expr.left, *(target.comparator for target in expr.comparisons))
        return ordered and all(is_light(view, side) for side in sides)
    if isinstance(expr, cst.Call):
        name = (view.facts.qualified_name(expr.func) or "").removeprefix("builtins.")
        return name in ("len", "isinstance") and all(is_plain(view, arg.value) for arg in expr.args)
    return is_plain(view, expr)


def is_property(view: View, name: str) -> bool:
    """Whether a function of this file has that name: a property, or a method that is bound each time."""
    return any(site.name == name for site in view.index.functions)


def share_of_callee(view: View, call: cst.Call) -> float:
    """The share of the program that calls of this name from the hot function cost; 0 where the profile is silent."""
    name = call.func.attr.value if isinstance(call.func, cst.Attribute) else view.code(call.func)
    return max((share for key, share in view.hot.callees.items() if key.rpartition(".")[2] == name), default=0.0)


def callee_node(view: View, call: cst.Call) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The definition of the project function or of this file's method that is called; None if unknown."""
    func = call.func
    if isinstance(func, cst.Attribute) and isinstance(func.value, cst.Name) and func.value.value in ("self", "cls"):
        owner = view.hot.qualname.rpartition(".")[0]
        sites = view.index.named(f"{owner}.{func.attr.value}")
        return view.index.node(sites[0]) if len(sites) == 1 else None
    if isinstance(func, cst.Attribute) and view.facts.qualified_name(func) is None:
        return _only_method(view, func.attr.value)
    module, _, name = (view.facts.qualified_name(func) or "").rpartition(".")
    if not module or view.facts.project is None:
        return None
    found = view.facts.project.module(module)
    sites = found[1].named(name) if found else ()
    return found[1].node(sites[0]) if found and len(sites) == 1 else None


def _only_method(view: View, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The only method of this name in the file, unless a builtin type has one too; a guess good enough for costs."""
    sites = [site for site in view.index.functions if site.name == name and site.class_name]
    common = any(hasattr(kind, name) for kind in (str, bytes, list, dict, set))
    return view.index.node(sites[0]) if len(sites) == 1 and not common else None


def _works_on_arrays(name: str) -> bool:
    """Whether a name of an array library is one of its public functions that goes over the elements."""
    library, *path = name.split(".")
    private = any(part.startswith(("_", "is_")) for part in path)  # pandas' `is_bool_dtype` and the like look at a type
    return library in ("numpy", "scipy", "pandas") and not private and path[-1:] != [] and path[-1] not in _AT_ONCE


def _why_call(view: View, call: cst.Call) -> str:
    name = view.facts.qualified_name(call.func) or ""
    short = name.removeprefix("builtins.")
    if name.startswith("builtins.") and short in _CONSUMERS and len(call.args) == 1:
        return _over_argument(view, call.args[0].value)
    if name in _HEAVY:
        return f"`{short}` is a costly call"
    if share_of_callee(view, call) >= _WORTH:
        return f"the profile gives `{view.code(call.func)}` {share_of_callee(view, call):.0%} of the program"
    if _works_on_arrays(name) and callee_node(view, call) is None:
        return f"`{view.code(call.func)}` works on whole arrays"
    if isinstance(call.func, cst.Attribute) and _searches(view, call.func):
        return f"it searches all of `{view.code(call.func.value)}`"
    if isinstance(call.func, cst.Attribute) and _works_on_text(view, call.func):
        return f"`{view.code(call.func)}` goes over the text"
    callee = callee_node(view, call)
    return f"`{view.code(call.func)}` runs a loop" if callee is not None and _runs_a_loop(callee) else ""


def _runs_a_loop(callee: ast.AST) -> bool:
    """Whether a function has a loop, or hands a container to a builtin that goes over it."""
    return any(isinstance(node, _LOOPS) or _is_gone_over(node) for node in ast.walk(callee))


def _is_gone_over(node: ast.AST) -> bool:
    """Whether it is `sum(self.values())` or the like: what is written out costs little."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or len(node.args) != 1:
        return False
    return node.func.id in _CONSUMERS and not isinstance(
        node.args[0], ast.List | ast.Tuple | ast.Constant | ast.Starred
    )


def _searches(view: View, func: cst.Attribute) -> bool:
    return func.attr.value in ("index", "count") and view.facts.is_type(func.value, "list", "tuple").holds


def _why_property(view: View, attribute: cst.Attribute) -> str:
    """Why reading `self.x` takes long: it is a property of the same class that runs a loop."""
    if not isinstance(attribute.value, cst.Name) or attribute.value.value != "self":
        return ""
    sites = view.index.named(f"{view.hot.qualname.rpartition('.')[0]}.{attribute.attr.value}")
    if len(sites) != 1 or sites[0].decorators != ("property",):
        return ""
    loops = _runs_a_loop(view.index.node(sites[0]))
    return f"`{view.code(attribute)}` is a property that runs a loop" if loops else ""


def _works_on_text(view: View, func: cst.Attribute) -> bool:
    if func.attr.value in _ON_PATTERNS:
        holder = func.value.attr if isinstance(func.value, cst.Attribute) else func.value
        if isinstance(holder, cst.Name) and _PATTERN_NAME.search(holder.value):
            return True
    return func.attr.value in _OVER_TEXT and view.facts.is_type(func.value, "str").holds


def _over_argument(view: View, items: cst.BaseExpression) -> str:
    if isinstance(items, Comprehension):
        return _over(view, items.for_in.iter) if not _is_few(view, items.for_in.iter) else ""
    if _is_few(view, items) or (isinstance(items, cst.Name) and view.facts.is_type(items, "int", "str").holds):
        return ""
    return _over(view, items)


def _over(view: View, items: cst.BaseExpression) -> str:
    return f"it goes over `{' '.join(view.code(items).split())}`"


def _is_few(view: View, items: cst.BaseExpression) -> bool:
    """Whether the items are written out, or a small constant range."""
    if isinstance(items, cst.List | cst.Tuple | cst.Set | cst.Dict):
        return True
    is_range = isinstance(items, cst.Call) and view.facts.qualified_name(items.func) == "builtins.range"
    return is_range and all(isinstance(arg.value, cst.Integer) for arg in items.args)  # type: ignore[attr-defined]


def only_asks(view: View, expr: cst.CSTNode) -> bool:
    """Whether every call in it is a question by its name, which nobody asks for its effects, and there is one."""
    calls = {call: view.code(call.func).rpartition(".")[2] for call in calls_in(expr)}
    if any(name in ("any", "all") and not _over_comprehension(call) for call, name in calls.items()):
        return False  # it may take items out of an iterator
    asking = [name for name in calls.values() if name not in _NEUTRAL]
    return bool(asking) and all(map(_ASKS.match, asking))


def seems_to_act(view: View, expr: cst.CSTNode) -> bool:
    """Whether some call in it is made for its effects, by its name; for advice only, where effects are not known."""
    calls = tuple(calls_in(expr))
    return any(_ACTS.match(view.code(call.func).rpartition(".")[2]) for call in calls)


def _over_comprehension(call: cst.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0].value, Comprehension)


def calls_in(node: cst.CSTNode) -> Iterator[cst.Call]:
    """The calls that an expression makes, those of its comprehensions too."""
    if isinstance(node, cst.Call):
        yield node
    for child in children(node):
        yield from calls_in(child)


def asks_unguarded(view: View, question: cst.BaseExpression, other: cst.BaseExpression) -> bool:
    """Whether it asks something outside of the builtins, and is no guard of the other test.

    Guards are `is_number(x) and x != 0`, `ismethod(f) and f.owner`.
    """
    calls = tuple(calls_in(question))
    names = [view.code(call.func).rpartition(".")[2] for call in calls]
    builtin = any(hasattr(builtins, name) or hasattr(str, name) for name in names)
    asked = [view.code(arg.value) for call in calls for arg in call.args]
    looks_into = {view.code(node.value) for node in view.walk(cst.Attribute) if view.inside(node, other)}
    compares = len(asked) == 1 and asked == sorted(view.facts.effects(other).reads)
    return only_asks(view, question) and not builtin and not compares and not looks_into & set(asked)
