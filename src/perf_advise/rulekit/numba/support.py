"""What compiling a function, or statements of it, with Numba rests on; helpers that it calls are compiled along."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import libcst as cst

from perf_advise.model.facts import Truth
from perf_advise.rulekit import needs
from perf_advise.rulekit.matches import LineInsertion, Need
from perf_advise.rulekit.numba.containers import Container
from perf_advise.rulekit.numba.expressions import Unsupported
from perf_advise.rulekit.numba.walk import Check
from perf_advise.rulekit.view import View
from perf_advise.source.text import NOTEBOOK_SUFFIX

_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Support:
    """The outcome: what must hold, which differences may show, how the decorator has to be written.

    `helpers` are the functions compiled along, `converted` the containers that have to be arrays by then,
    `attributes` the numbers read from the instance, as written.
    """

    needs: tuple[Need, ...]
    differences: tuple[str, ...] = ()
    indexes: bool = False
    divides_cells: bool = False
    cacheable: bool = True
    helpers: tuple["Helper", ...] = ()
    converted: tuple[Container, ...] = ()
    attributes: tuple[str, ...] = ()
    unbounded: tuple[cst.Call, ...] = ()
    """`float("inf")` and the like, which Numba does not read from text."""

    @property
    def possible(self) -> bool:
        """Whether nothing is known that speaks against it."""
        return all(need.answer.truth is not Truth.NO for need in self.needs)

    @property
    def sure(self) -> bool:
        """Whether all that must hold does."""
        return all(need.answer.holds for need in self.needs)


@dataclass(frozen=True, slots=True)
class Helper:
    """A function of the same file that has to be compiled too."""

    view: View
    support: Support


def support_of(
    view: View,
    roots: Sequence[cst.CSTNode],
    lifted: bool = False,
    around: tuple[str, ...] = (),
    given: Mapping[str, Container] | None = None,
) -> Support:
    """What compiling these statements rests on.

    `around` are the functions whose helper this one is, `given` the containers that they pass to its parameters.
    """
    check = Check(view, roots, lifted, given)
    try:
        check.run()
        stated = list(check.names())
        own = (*around, f"{view.facts.code.bindings.module}.{view.hot.qualname}")
        passed = check.found.passed
        helpers = [_helper(view, name, own, passed.get(name, {})) for name in dict.fromkeys(check.found.helpers)]
    except Unsupported as problem:
        return Support((needs.holds(False, "Numba gives the same", str(problem)),))
    found = check.found
    if around and found.unbounded:
        return Support((needs.holds(False, "Numba gives the same", f"{view.code(found.unbounded[0])} in a helper"),))
    if {"cell", "number"} <= found.divisors:
        found.differences.append("a zero divisor that is an array element raises ZeroDivisionError, not inf")
    along = {h.view.hot.qualname: h for helper in helpers for h in (helper, *helper.support.helpers)}
    return Support(
        (*stated, *(need for helper in helpers for need in helper.support.needs)),
        tuple(dict.fromkeys((*found.differences, *(d for h in helpers for d in h.support.differences)))),
        found.indexes,
        found.divisors == {"cell"},
        view.hot.path.suffix != NOTEBOOK_SUFFIX  # Numba was seen to keep results of code that is in no file
        and all(_is_literal(view, name) for name in found.globals)
        and all(h.support.cacheable for h in helpers),
        tuple(along.values()),
        check.containers.converted,
        tuple(sorted(found.attributes)),
        tuple(found.unbounded),
    )


def _helper(view: View, name: str, around: tuple[str, ...], passed: Mapping[int, Container]) -> Helper:
    """The called function with its support; raises Unsupported where it cannot be compiled along."""
    short = name.rpartition(".")[2]
    if name in around or len(around) > _DEEPEST:
        raise Unsupported(f"`{short}` calls itself")
    other = view.sibling(short)
    if other is None or not _is_plain(other) or _is_passed_around(other, short):
        raise Unsupported(f"`{short}` is not a plain function that is only called")
    function = cst.ensure_type(other.slice.node, cst.FunctionDef)
    if any(container.kind != "array" for container in passed.values()):
        _require_only_caller(other, short, view)
    names = [param.name.value for param in (*function.params.posonly_params, *function.params.params)]
    given = {
        names[at]: Container(names[at], "list" if c.kind == "list" else "array", c.depth, c.dtype)
        for at, c in passed.items()
    }
    support = support_of(other, [function.body], around=around, given=given)
    refused = next((n for n in support.needs if n.answer.truth is Truth.NO), None)
    if refused is not None:
        raise Unsupported(f"`{short}`: {refused.answer.why}")
    return Helper(other, support)


def _require_only_caller(helper: View, name: str, caller: View) -> None:
    """A helper that is given arrays for lists has no caller that gives it lists."""
    lines = range(caller.hot.line, caller.hot.end_line + 1)
    calls = (n for n in helper.index.nodes(ast.Call) if isinstance(n.func, ast.Name))
    if caller.hot.is_module or any(n.lineno not in lines for n in calls if ast.unparse(n.func) == name):
        raise Unsupported(f"`{name}` is given lists by others too")


def _is_plain(view: View) -> bool:
    """A module-level function without decorator, plain positional parameters, neither generator nor async."""
    function, site = view.slice.node, view.slice.site
    if not isinstance(function, cst.FunctionDef) or site is None or "." in site.qualname:
        return False
    params = function.params
    plain = not params.kwonly_params and params.star_kwarg is None and isinstance(params.star_arg, cst.MaybeSentinel)
    suspends = function.asynchronous is not None or any(view.walk(cst.Yield))
    return plain and not function.decorators and not suspends and not any(view.walk(cst.Lambda))


def _is_passed_around(view: View, name: str) -> bool:
    """Whether the function is used other than by calling it."""
    called = {id(node.func) for node in view.index.nodes(ast.Call)}
    named = (n for n in view.index.nodes(ast.Name) if n.id == name)
    return any(id(node) not in called for node in named)


def whole_function(view: View) -> cst.FunctionDef | None:
    """The function, where a decorator could compile it: it has a loop, or calls what has."""
    function = view.slice.node
    if not isinstance(function, cst.FunctionDef) or not _is_plain(view):
        return None
    if _is_passed_around(view, function.name.value):
        return None
    return function if any(view.walk(cst.For, cst.While)) else None


@lru_cache(maxsize=8)
def support_of_whole(view: View) -> Support | None:
    """What compiling the whole function rests on, None where a decorator cannot; kept for the next rule that asks."""
    function = whole_function(view)
    return support_of(view, [function.body]) if function is not None else None


def compiles_whole(view: View) -> bool:
    """Whether the whole function is compiled by a decorator."""
    support = support_of_whole(view)
    return support is not None and support.sure


def decorator(view: View, support: Support, parallel: bool = False) -> str:
    """`@njit(cache=True, boundscheck=True)`, as far as the code needs it."""
    options = ["cache=True"] if support.cacheable else []
    if parallel:
        options.append("parallel=True")
    if support.indexes:
        options.append("boundscheck=True")
    if support.divides_cells:
        options.append('error_model="numpy"')
    called = f"({', '.join(options)})" if options else ""
    return f"@{view.name_of('numba.njit')}{called}"


def decorated_helpers(view: View, support: Support) -> tuple[LineInsertion, ...]:
    """The lines above the helpers."""
    return tuple(LineInsertion(h.view.hot.line, decorator(view, h.support)) for h in support.helpers)


def infinities(view: View, support: Support) -> Iterator[tuple[cst.Call, str]]:
    """The calls that make infinities of text, each with the constant that is written instead."""
    for node in support.unbounded:
        text = cst.ensure_type(node.args[0].value, cst.SimpleString).evaluated_value
        sign, name = ("-" if str(text).strip().startswith("-") else ""), ("nan" if "nan" in str(text) else "inf")
        yield node, f"{sign}{view.name_of('math')}.{name}"


def _is_literal(view: View, name: str) -> bool:
    value = view.index.globals[name].value
    return isinstance(value, ast.Constant)
