"""A script that lets Numba itself compile the new code for the types that are known, without running any of it."""

import ast
from collections.abc import Iterable, Iterator, Mapping

import libcst as cst

from perf_advise.model.pytypes import PyType
from perf_advise.rulekit.numba.containers import Container
from perf_advise.rulekit.numba.support import Support
from perf_advise.rulekit.numba.types import Kinds, as_python
from perf_advise.rulekit.view import View

_LIBRARIES = ("math", "cmath", "numpy", "sys")
_NUMBERS = {"bool": "numba.boolean", "int": "numba.int64", "float": "numba.float64", "complex": "numba.complex128"}
_DTYPES = {"bool": "numba.boolean"}
_EXAMPLES = {"bool": "True", "int": "1", "float": "1.0", "complex": "1j"}


def function_trial(view: View, support: Support) -> str:
    """The trial of a function that is decorated where it stands."""
    function = cst.ensure_type(view.slice.node, cst.FunctionDef)
    kinds = Kinds(view)
    types = [
        _type_where_read(view, kinds, p.name.value) for p in (*function.params.posonly_params, *function.params.params)
    ]
    return _script(view, support, view.code(function), function.name.value, types)


def kernel_trial(view: View, support: Support, definition: str, name: str, parameters: Mapping[str, str]) -> str:
    """The trial of an outlined kernel; `parameters` are what is passed, as written, with the names it has inside."""
    containers = {c.text: c for c in support.converted}
    kinds = Kinds(view)
    types = [_passed(view, kinds, containers.get(text), text) for text in parameters]
    return _script(view, support, definition.partition("\n")[2], name, types)


def _script(view: View, support: Support, definition: str, name: str, types: Iterable[str]) -> str:
    compiled = [helper.view.code(helper.view.slice.node) for helper in support.helpers] + [definition]
    lines = ["from __future__ import annotations", "import numba, numpy", f"import math as {view.name_of('math')}"]
    lines += _imports(view)
    lines += _constants(view, "\n".join(compiled))
    lines += [f"@numba.njit\n{code}" for code in compiled]
    return "\n".join([*lines, f"{name}.compile(({''.join(f'{kind}, ' for kind in types)}))", ""])


def _imports(view: View) -> Iterator[str]:
    for name, target in view.index.imports.items():
        module, _, member = target.rpartition(".")
        if target in _LIBRARIES:
            yield f"import {target} as {name}"
        elif module in _LIBRARIES:
            yield f"from {module} import {member} as {name}"


def _constants(view: View, code: str) -> Iterator[str]:
    """Module-level numbers that the code names: their values where they are written out, else one of their type."""
    kinds = Kinds(view)
    named = {n.id for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Name)}
    for name in sorted(named & view.index.globals.keys()):
        value = view.index.globals[name].value
        found = kinds.suggested(name) if not isinstance(value, ast.Constant) else frozenset()
        if isinstance(value, ast.Constant):
            yield f"{name} = {value.value!r}"
        elif len(found) == 1 and (kind := next(iter(found))) in _EXAMPLES:
            yield f"{name} = {_EXAMPLES[kind]}"


def _passed(view: View, kinds: Kinds, container: Container | None, text: str) -> str:
    if container is not None:
        return _array(container.dtype or "float64", container.depth)
    return _type_where_read(view, kinds, text)


def _type_where_read(view: View, kinds: Kinds, text: str) -> str:
    """The type of a name or attribute at its first use; where it is bound, its node says nothing."""
    for node in view.walk(cst.Name, cst.Attribute):
        if view.code(node) == text and not isinstance(view.parent(node), cst.Param | cst.AssignTarget):
            return _numba_type(kinds.of(node).alternatives)
    return _NUMBERS["int"]


def _numba_type(alternatives: Iterable[PyType]) -> str:
    """The widest of the alternatives; an int for what is only counted with."""
    found = list(alternatives)
    for kind in found:
        if kind.name == "numpy.ndarray" and kind.ndim:
            return _array(kind.dtype or "float64", kind.ndim)
    names = [name for name in _NUMBERS if name in {as_python(kind.name) for kind in found}]
    return _NUMBERS[names[-1]] if names else _NUMBERS["int"]


def _array(dtype: str, ndim: int) -> str:
    return f"numba.types.Array({_DTYPES.get(dtype, f'numba.{dtype}')}, {ndim}, 'C')"
