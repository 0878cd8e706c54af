"""How long the dimensions of arrays are, as far as the text says: two of one length can be sliced alike.

`n = len(a)`, `rows, columns = grid.shape`, `out = np.zeros((rows, n - 1))`, `new = grid.copy()` say so. Names that are
bound several times (`u, v = v, u`) have a length where all that they are bound to has it.
"""

import ast
import re
from functools import lru_cache

import libcst as cst

from perf_advise.facts.loops.affine import Affine, parse_affine
from perf_advise.facts.tree import Scope, dotted, walk
from perf_advise.rulekit.view import View

MADE = frozenset(f"numpy.{name}" for name in ("zeros", "ones", "empty", "full"))
ALIKE = frozenset(f"numpy.{name}" for name in ("zeros_like", "ones_like", "empty_like", "full_like", "copy"))
_SIZE = re.compile(r"(?:len\((\w+)\)|(\w+)\.shape\[(\d)\]|(\w+)\.size)")
_LOOPS = (cst.For, cst.While, cst.CompFor)
_UNSTEADY = re.compile(r"\b(?:global|nonlocal|resize)\b|\.shape\s*=[^=]")


class Shapes:
    """Lengths of the dimensions of one function's arrays, in terms of what was there first.

    A length is an Affine over parameters (`n`, `a.shape[0]`) and names that are bound once, outside of loops.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._values: dict[int, tuple[cst.BaseExpression, int | None]] = {}
        self._open: set[str] = set()
        self._is_steady = not _UNSTEADY.search(view.code(view.slice.node))
        self._is_steady &= not (view.hot.is_module and "global" in view.slice.file.text)
        for node in walk(view.slice.node, lambda node: node is view.slice.node or not isinstance(node, Scope)):
            if isinstance(node, cst.Assign):
                for target in node.targets:
                    self._note(target.target, node.value)
            elif isinstance(node, cst.AnnAssign) and node.value is not None:
                self._note(node.target, node.value)

    def _note(self, target: cst.BaseExpression, value: cst.BaseExpression) -> None:
        if not isinstance(target, cst.Tuple):
            self._values[id(target)] = (value, None)
            return
        elements = value.elements if isinstance(value, cst.Tuple) else ()
        for at, element in enumerate(target.elements):
            if len(elements) == len(target.elements):
                self._values[id(element.value)] = (elements[at].value, None)
            else:
                self._values[id(element.value)] = (value, at)

    def of(self, array: str, dimension: int) -> Affine | None:
        """The length of a dimension of the array that a name stands for; None where the text does not say."""
        return self._dimension(array, dimension) if self._is_steady and array.isidentifier() else None

    def in_first_terms(self, length: Affine) -> Affine | None:
        """A sum of lengths in the same terms; None where one of them may change."""
        total = length
        for symbol in length.symbols:
            value = self._symbol(symbol) if self._is_steady else None
            if value is None:
                return None
            total = total.substitute(symbol, value)
        return total

    # -- numbers ----------------------------------------------------------------------------------------------------

    def _symbol(self, text: str) -> Affine | None:
        if text.isidentifier():
            return self._number(text)
        found = _SIZE.fullmatch(text)
        if found is None:
            return None
        return self._array_size(found[1] or found[2] or found[4], int(found[3] or 0), is_whole=bool(found[4]))

    def _number(self, name: str) -> Affine | None:
        """What a name for a number stands for: bound once, to a size, or to anything before all loops."""
        bound = self._view.facts.definitions(name)
        if not bound and isinstance(getattr(self._view.index.globals.get(name), "value", None), ast.Constant):
            return Affine.symbol(name)
        if len(bound) != 1 or name in self._open:
            return None
        value, at = self._values.get(id(bound[0]), (None, None))
        if value is None:
            return Affine.symbol(name) if self._is_parameter(bound[0]) else None
        with_value = self._size(value, at, name)
        if with_value is not None:
            return with_value
        return None if self._runs_again(bound[0]) else Affine.symbol(name)

    def _size(self, value: cst.BaseExpression, at: int | None, name: str) -> Affine | None:
        self._open.add(name)
        try:
            if at is not None:
                is_shape = isinstance(value, cst.Attribute) and value.attr.value == "shape"
                return self._array_size(dotted(value.value) or "", at) if is_shape else None  # type: ignore[attr-defined]
            return self._length(value)
        finally:
            self._open.discard(name)

    def _length(self, value: cst.BaseExpression) -> Affine | None:
        """An expression for a number of elements."""
        return parse_affine(value, lambda node: self._symbol(self._view.code(node).replace(" ", "")))

    def _runs_again(self, node: cst.CSTNode) -> bool:
        return any(isinstance(holder, _LOOPS) for holder in self._view.ancestors(node))

    def _is_parameter(self, node: cst.CSTNode) -> bool:
        return isinstance(node, cst.Param) or isinstance(self._view.parent(node), cst.Param)

    # -- arrays -----------------------------------------------------------------------------------------------------

    def _array_size(self, name: str, dimension: int, is_whole: bool = False) -> Affine | None:
        """A dimension of what a name stands for, which only an array keeps while it is filled."""
        uses = [node for node in self._view.named(name) if isinstance(node, cst.Name)] if name.isidentifier() else []
        kinds = {kind for node in uses[-1:] for kind in self._view.facts.type_of(node).alternatives}
        is_array = {kind.name for kind in kinds} == {"numpy.ndarray"}
        is_one = not is_whole or {kind.ndim for kind in kinds} == {1}
        return self._dimension(name, dimension) if is_array and is_one else None

    def _dimension(self, name: str, dimension: int) -> Affine | None:
        found = self._lengths(name, dimension)
        return found.pop() if len(found) == 1 else None

    def _lengths(self, name: str, dimension: int) -> set[Affine | None]:
        """The lengths of all that a name is bound to; what goes back to the name itself says nothing new."""
        key = f"{name}[{dimension}]"
        if key in self._open:
            return set()
        self._open.add(key)
        try:
            return {n for node in self._view.facts.definitions(name) for n in self._bound(node, name, dimension)}
        finally:
            self._open.discard(key)

    def _bound(self, node: cst.CSTNode, name: str, dimension: int) -> set[Affine | None]:
        value, at = self._values.get(id(node), (None, None))
        if value is None:
            return {Affine.symbol(f"{name}.shape[{dimension}]") if self._is_parameter(node) else None}
        source = self._like(value)
        if source and at is None:
            return self._lengths(source, dimension)
        return {None if at is not None else self._made(value, dimension)}

    def _like(self, value: cst.BaseExpression) -> str:
        """The array that a new one is as large as."""
        if isinstance(value, cst.Name):
            return value.value
        if not isinstance(value, cst.Call):
            return ""
        if self._view.facts.qualified_name(value.func) in ALIKE and value.args:
            is_alone = all(arg.keyword is None or arg.keyword.value != "shape" for arg in value.args)
            source = value.args[0].value
            return source.value if isinstance(source, cst.Name) and is_alone else ""
        is_copy = isinstance(value.func, cst.Attribute) and value.func.attr.value == "copy" and not value.args
        base = value.func.value if isinstance(value.func, cst.Attribute) else None
        return base.value if is_copy and isinstance(base, cst.Name) else ""

    def _made(self, value: cst.BaseExpression, dimension: int) -> Affine | None:
        """A dimension of `np.zeros((rows, columns))`."""
        if not isinstance(value, cst.Call) or self._view.facts.qualified_name(value.func) not in MADE:
            return None
        if not value.args or value.args[0].keyword is not None or value.args[0].star:
            return None
        shape = value.args[0].value
        if isinstance(shape, cst.Tuple | cst.List):
            inside = len(shape.elements) > dimension and isinstance(shape.elements[dimension], cst.Element)
            return self._length(shape.elements[dimension].value) if inside else None
        if isinstance(shape, cst.Attribute) and shape.attr.value == "shape" and isinstance(shape.value, cst.Name):
            return self._dimension(shape.value.value, dimension)
        return self._length(shape) if dimension == 0 else None


@lru_cache(maxsize=1)
def shapes_of(view: View) -> Shapes:
    """The lengths of a function's arrays, kept for its next nest."""
    return Shapes(view)
