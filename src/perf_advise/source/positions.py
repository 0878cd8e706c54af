"""Where every node of a libcst tree stands, found in one run of its code generator."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from itertools import accumulate

import libcst as cst
from libcst._nodes.internal import CodegenState

Range = tuple[int, int]

# The hash of a node is a Python function and its metaclass that of abstract classes: with hundreds of thousands of
# nodes places are kept by identity, and kinds are looked up by exact type.


class _Place:
    """What was noted of a node: its holder, its tokens, the tokens that count as its text, its part of the order."""

    __slots__ = ("end", "first", "holder", "last", "node", "start", "syntactic")

    def __init__(self, node: cst.CSTNode, holder: cst.CSTNode | None, start: int, first: int) -> None:
        self.node = node
        self.holder = holder
        self.start = self.end = start
        self.first = self.last = first
        self.syntactic: Range | None = None


class Positions:
    """The generated `code`, its nodes in the `order` of the text, and offsets (start, end) of each.

    All methods raise KeyError for a node of another tree.
    """

    def __init__(self, recorder: "_Recorder", start: int) -> None:
        self.code = "".join(recorder.tokens)
        self.order: Sequence[cst.CSTNode] = recorder.order
        self._places = recorder.places
        self._spans: dict[int, Range] = {}
        offsets = [*accumulate(map(len, recorder.tokens), initial=start)]
        # At the end of a file libcst takes a line ending back that was not there.
        self._offsets = [*offsets, offsets[-1]]
        self.comments = tuple(self.owned(comment) for comment in recorder.comments)

    def span(self, node: cst.CSTNode) -> Range:
        """A statement without leading comment lines, indentation, `;` and line ending; an expression with its
        own parentheses."""
        found = self._spans.get(id(node))
        if found is None:
            found = self._spans[id(node)] = self._range(_text_of(self._places, node))
        return found

    def inner(self, node: cst.CSTNode) -> Range:
        """As `span`, but an expression without its own parentheses."""
        place = self._places[id(node)]
        found = place.syntactic if _is_expression(type(node)) else None
        return self._range(found) if found is not None else self.span(node)

    def owned(self, node: cst.CSTNode) -> Range:
        """All that belongs to a node, its line ending too."""
        place = self._places[id(node)]
        return self._range((place.start, place.end))

    def parent(self, node: cst.CSTNode) -> cst.CSTNode:
        """The node that holds this one; KeyError for the module."""
        holder = self._places[id(node)].holder
        if holder is None:
            raise KeyError(node)
        return holder

    def below(self, node: cst.CSTNode) -> Range:
        """Which part of `order` is the node and what is in it."""
        place = self._places[id(node)]
        return place.first, place.last

    def _range(self, tokens: Range) -> Range:
        return self._offsets[tokens[0]], self._offsets[tokens[1]]


def positions_of(module: cst.Module, start: int) -> Positions:
    """Generate the code of `module`, whose first character stands at offset `start`, and note every node's place."""
    recorder = _Recorder(module)
    module._codegen(recorder)
    return Positions(recorder, start)


class _Recorder(CodegenState):
    """A code generator state that notes how many tokens there are; libcst calls it in the order of the text."""

    def __init__(self, module: cst.Module) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.add_token = self.tokens.append  # type: ignore[method-assign, assignment]
        self.order: list[cst.CSTNode] = []
        self.places: dict[int, _Place] = {}
        self.comments: list[cst.CSTNode] = []
        self._open: list[_Place] = []

    def before_codegen(self, node: cst.CSTNode) -> None:
        holder = self._open[-1].node if self._open else None
        place = _Place(node, holder, len(self.tokens), len(self.order))
        self.places[id(node)] = place
        self.order.append(node)
        self._open.append(place)

    def after_codegen(self, node: cst.CSTNode) -> None:
        place = self._open.pop()
        place.end = len(self.tokens)
        place.last = len(self.order)
        if type(node) is cst.Comment:
            self.comments.append(node)

    def record_syntactic_position(  # type: ignore[override]
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> AbstractContextManager[None]:
        return _Syntactic(self, node, start_node, end_node)


class _Syntactic(AbstractContextManager[None]):
    """Notes which tokens are the text of a node: those added inside, or from one node of it to another."""

    __slots__ = ("_end_node", "_node", "_recorder", "_start", "_start_node")

    def __init__(
        self, recorder: _Recorder, node: cst.CSTNode, start_node: cst.CSTNode | None, end_node: cst.CSTNode | None
    ) -> None:
        self._recorder = recorder
        self._node = node
        self._start_node = start_node
        self._end_node = end_node

    def __enter__(self) -> None:
        self._start = len(self._recorder.tokens)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:  # an interruption, which left the tokens incomplete
            return
        places = self._recorder.places
        start = self._start if self._start_node is None else _text_of(places, self._start_node)[0]
        end = len(self._recorder.tokens) if self._end_node is None else _text_of(places, self._end_node)[1]
        places[id(self._node)].syntactic = (start, end)


def _text_of(places: dict[int, _Place], node: cst.CSTNode) -> Range:
    """The tokens of a node; expressions count with their own parentheses: only so is their text complete."""
    place = places[id(node)]
    if place.syntactic is None or _is_expression(type(node)):
        return place.start, place.end
    if isinstance(node, cst.FunctionDef | cst.ClassDef) and node.decorators:
        return _text_of(places, node.decorators[0])[0], place.syntactic[1]
    return place.syntactic


@lru_cache(maxsize=1024)
def _is_expression(kind: type[cst.CSTNode]) -> bool:
    return issubclass(kind, cst.BaseExpression)
