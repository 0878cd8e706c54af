"""Where every node of a libcst tree stands, found in one run of its code generator."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import libcst as cst
from libcst._nodes.internal import CodegenState

Range = tuple[int, int]

_WITH_DECORATORS = (cst.FunctionDef, cst.ClassDef)


@dataclass(frozen=True, slots=True)
class Positions:
    """The generated `code`, and offsets (start, end) of nodes.

    `spans` of statements lack leading comment lines, indentation, `;` and line ending; those of expressions
    include their own parentheses, `inner` ones do not. `owned` has all that belongs to a node, line ending too.
    """

    code: str
    spans: dict[cst.CSTNode, Range]
    inner: dict[cst.CSTNode, Range]
    owned: dict[cst.CSTNode, Range]
    parents: dict[cst.CSTNode, cst.CSTNode]
    comments: tuple[Range, ...]


def positions_of(module: cst.Module, start: int) -> Positions:
    """Generate the code of `module`, whose first character stands at offset `start`, and note every node's place."""
    recorder = _Recorder(module, start)
    module._codegen(recorder)
    return recorder.positions()


class _Recorder(CodegenState):
    """A code generator state that counts characters; libcst calls its methods in the order of the text."""

    def __init__(self, module: cst.Module, start: int) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self._offset = start
        self._first = start
        self._owned: dict[cst.CSTNode, Range] = {}
        self._syntactic: dict[cst.CSTNode, Range] = {}
        self._parents: dict[cst.CSTNode, cst.CSTNode] = {}
        self._comments: list[Range] = []
        self._open: list[tuple[cst.CSTNode, int]] = []

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self._offset += len(value)

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.add_token(token)

    def before_codegen(self, node: cst.CSTNode) -> None:
        if self._open:
            self._parents[node] = self._open[-1][0]
        self._open.append((node, self._offset))

    def after_codegen(self, node: cst.CSTNode) -> None:
        _, start = self._open.pop()
        self._owned[node] = (start, self._offset)
        if isinstance(node, cst.Comment):
            self._comments.append((start, self._offset))

    @contextmanager
    def record_syntactic_position(
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> Iterator[None]:
        start = self._offset
        yield
        first = self._span(start_node)[0] if start_node is not None else start
        last = self._span(end_node)[1] if end_node is not None else self._offset
        self._syntactic[node] = (first, last)

    def _span(self, node: cst.CSTNode) -> Range:
        """Expressions count with their own parentheses: only so is their text complete."""
        if isinstance(node, cst.BaseExpression):
            return self._owned[node]
        start, end = self._syntactic.get(node) or self._owned[node]
        if isinstance(node, _WITH_DECORATORS) and node.decorators:
            start = self._syntactic[node.decorators[0]][0]
        return start, end

    def positions(self) -> Positions:
        code = "".join(self.tokens)
        last = self._first + len(code)
        # At the end of a file libcst takes a line ending back that was not there.
        self._owned = {node: (start, min(end, last)) for node, (start, end) in self._owned.items()}
        return Positions(
            code=code,
            spans={node: self._span(node) for node in self._owned},
            inner={node: place for node, place in self._syntactic.items() if isinstance(node, cst.BaseExpression)},
            owned=self._owned,
            parents=self._parents,
            comments=tuple(self._comments),
        )
