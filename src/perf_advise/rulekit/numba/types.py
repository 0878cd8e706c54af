"""What the compile rules ask about types: what the code shows, what was recorded, and what the file suggests."""

from collections.abc import Iterator

import libcst as cst

from perf_advise.facts.answers import Typed
from perf_advise.facts.likely.library import LONG
from perf_advise.facts.likely.likely import likely_types
from perf_advise.facts.types.heap_types import UNION
from perf_advise.facts.types.specs import is_whole
from perf_advise.model.facts import Answer, Evidence
from perf_advise.model.hot import MODULE
from perf_advise.model.pytypes import PyType
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.numba.table import DTYPES, SCALARS
from perf_advise.rulekit.view import View

SUGGESTED = "as the calls and assignments in this file suggest"
_NUMBERS = SCALARS | {"numpy.float64", "numpy.int64", "numpy.bool", "numpy.complex128"}
_PYTHON = {"numpy.float64": "float", "numpy.int64": "int", "numpy.bool": "bool", "numpy.complex128": "complex"}


class Kinds:
    """Types of the expressions of one function."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._scope = "" if view.hot.qualname == MODULE else view.hot.qualname
        self._known: dict[int, Typed] = {}

    def of(self, node: cst.CSTNode) -> Typed:
        """The type of an expression where it stands; the file's suggestion where nothing surer says all."""
        known = self._known.get(id(node))
        if known is None:
            known = self._known[id(node)] = self._found(node)
        return known

    def _found(self, node: cst.CSTNode) -> Typed:
        typed = self._view.facts.type_of(node)
        if any(kind.name == "object" for kind in typed.alternatives):
            typed = Typed.unknown(typed.why)
        suggested = likely_types(self._view.index).type_of(self._view.code(node), self._scope)
        if suggested is None:
            return typed
        kinds = suggested.args if suggested.name == UNION else (suggested,)
        names = {kind.name for kind in typed.alternatives}
        is_long = any(kind.name == LONG for kind in kinds)
        is_known = bool(typed.alternatives) and all(map(is_whole, typed.alternatives))
        if not is_long and (is_known or (names and not {kind.name for kind in kinds} <= names)):
            return typed
        return Typed(kinds[0] if len(kinds) == 1 else None, Evidence.SEEN, SUGGESTED, kinds)

    def suggested(self, text: str) -> frozenset[str]:
        """The Python types that the file suggests for a name."""
        found = likely_types(self._view.index).type_of(text, self._scope)
        return frozenset() if found is None else frozenset(as_python(kind.name) for kind in _alternatives(found))

    def names(self, node: cst.CSTNode) -> frozenset[str]:
        """The Python types that it may have once compiled; none where that is not known."""
        return frozenset(as_python(kind.name) for kind in self.of(node).alternatives)

    def is_int(self, node: cst.CSTNode) -> bool:
        """Whether it may be an int."""
        found = self.names(node)
        return not found or bool(found & {"int", "bool"})

    def is_surely_int(self, node: cst.CSTNode) -> bool:
        """Whether it is known to be an int."""
        found = self.names(node)
        return bool(found) and found <= {"int", "bool"}

    def is_array(self, node: cst.CSTNode) -> bool:
        """Whether it is an ndarray."""
        return self.names(node) == {"numpy.ndarray"}

    def is_cell(self, node: cst.CSTNode) -> bool:
        """Whether it is a NumPy scalar, which divides by zero without an exception."""
        found = [kind.name for kind in self.of(node).alternatives]
        return bool(found) and all(name.startswith("numpy.") and name != "numpy.ndarray" for name in found)

    def is_number(self, node: cst.CSTNode) -> bool:
        """Whether it is known to be a number."""
        found = {kind.name for kind in self.of(node).alternatives}
        return bool(found) and found <= _NUMBERS

    def needed(self, node: cst.BaseExpression) -> Need:
        """That the expression is a number or an array of 64-bit numbers."""
        typed = self.of(node)
        claim = f"`{self._view.code(node)}` is a number or an array of 64-bit numbers"
        answer = Answer.yes(typed.why, typed.evidence)
        for kind in typed.alternatives:
            answer = answer & _numeric(kind, typed)
        return Need(answer if typed.alternatives else Answer.unknown(typed.why), claim)

    def nested(self, node: cst.CSTNode) -> tuple[int, frozenset[str]] | None:
        """How deep lists are nested, and what the innermost hold; None for anything but lists of numbers."""
        kinds = self.of(node).alternatives
        depth = 0
        while kinds and all(kind.name in ("list", "range") for kind in kinds):
            depth += 1
            kinds = tuple(item for kind in kinds for arg in kind.args for item in _alternatives(arg))
        names = frozenset(as_python(kind.name) for kind in kinds)
        return (depth, names) if depth and names and names <= {"int", "float", "bool"} else None


def _alternatives(kind: PyType) -> Iterator[PyType]:
    yield from kind.args if kind.name == UNION else (kind,)


def as_python(name: str) -> str:
    """The Python type whose values Numba has for a NumPy scalar type."""
    return _PYTHON.get(name, name)


def _numeric(kind: PyType, typed: Typed) -> Answer:
    if kind.name in _NUMBERS:
        return Answer.yes(typed.why, typed.evidence)
    if kind.name == "numpy.ndarray":
        if kind.dtype is None or kind.ndim is None:
            return Answer.unknown(f"{typed.why}: its dtype or number of dimensions is not known")
        if kind.dtype in DTYPES:
            return Answer.yes(typed.why, typed.evidence)
        return Answer.no(f"{kind.dtype} computes otherwise")
    if kind.name == LONG:
        return Answer.no("its values may be longer than 64 bits")
    return Answer.no(f"it is a {kind} ({typed.why})", typed.evidence)
