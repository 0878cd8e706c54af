"""Slices: the text of a function as a tree, every node exactly where `ast` says it is."""

import ast
import io
import tokenize
from pathlib import Path

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perf_advise.model.errors import UserError
from perf_advise.model.places import Span
from perf_advise.source.index import FunctionSite, ModuleIndex
from perf_advise.source.slices import FunctionSlice, slice_function, slice_module
from perf_advise.source.text import SourceFile, read_source, source_from_bytes


def file_of(text: str) -> SourceFile:
    return source_from_bytes(Path("some.py"), text.encode())


def slice_of(text: str, qualname: str = "f") -> FunctionSlice:
    file = file_of(text)
    return slice_function(file, ModuleIndex(file).named(qualname)[0])


def found(piece: FunctionSlice, kind: type[cst.CSTNode]) -> list[cst.CSTNode]:
    return sorted((node for node in piece.positions.order if isinstance(node, kind)), key=piece.span)


def text_at(piece: FunctionSlice, span: Span) -> str:
    return piece.file.text[span.start : span.end]


# --- real files ---------------------------------------------------------------------------------------------


def ast_span(file: SourceFile, node: ast.stmt | ast.expr) -> tuple[int, int]:
    assert node.end_lineno is not None and node.end_col_offset is not None
    start = file.lines.offset(node.lineno, node.col_offset)
    decorators = getattr(node, "decorator_list", None)
    if decorators:
        start = file.text.rfind("@", 0, file.lines.offset(decorators[0].lineno, decorators[0].col_offset))
    end = file.lines.offset(node.end_lineno, node.end_col_offset)
    return start, start + len(file.text[start:end].rstrip("; "))


def comparable(function: ast.AST) -> list[ast.stmt | ast.expr]:
    """The nodes whose place `ast` gives as libcst does: not within f-strings, not what only `ast` has a node for, not
    generator expressions (whose parentheses may be the call's)."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.JoinedStr):
            skipped |= set(ast.walk(node))
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
            skipped.add(node.slice)
    kinds = (ast.GeneratorExp, ast.Slice, ast.Starred)
    return [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.stmt | ast.expr) and node not in skipped and not isinstance(node, kinds)
    ]


def check_slice(file: SourceFile, index: ModuleIndex, site: FunctionSite) -> None:
    piece = slice_function(file, site)
    assert piece.code(piece.node) == file.text[site.span.start : site.span.end]
    assert piece.module.default_indent == file.indent
    places = {
        (span.start, span.end) for node in piece.positions.order for span in (piece.span(node), piece.inner_span(node))
    }
    for node in comparable(index.node(site)):
        place = ast_span(file, node)
        # A tuple in double parentheses: libcst has all of them, `ast` the inner pair.
        assert place in places or (isinstance(node, ast.Tuple) and "((" in file.text[place[0] - 30 : place[1]])
    check_parents(piece)


def check_parents(piece: FunctionSlice) -> None:
    known = set(piece.positions.order)
    for node in known:
        for child in node.children:
            if child is not piece.node and child in known:
                assert piece.parent(child) is node
    assert piece.parent(piece.node) is None


def test_slices_of_a_sample(sample_path: Path) -> None:
    file = read_source(sample_path)
    index = ModuleIndex(file)
    for site in index.functions[::6]:
        check_slice(file, index, site)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_slices_of_everything(every_path: list[Path]) -> None:
    checked = 0
    for path in every_path[::2]:
        try:
            file = read_source(path)
            index = ModuleIndex(file)
            sites = index.functions
        except UserError:
            continue
        for site in sites[::20]:
            check_slice(file, index, site)
            checked += 1
    assert checked > 1_000


def reparsed(piece: FunctionSlice, node: cst.CSTNode) -> ast.stmt:
    """The statement at a node's span, parsed on its own at its indentation."""
    indent = piece.indent(node)
    text = f"if True:\n{indent}{piece.code(node)}\n" if indent else f"{piece.code(node)}\n"
    tree = ast.parse(text)
    outer = tree.body[0]
    return outer.body[0] if indent and isinstance(outer, ast.If) else outer


def test_a_span_is_the_whole_statement(sample_path: Path) -> None:
    file = read_source(sample_path)
    index = ModuleIndex(file)
    for site in index.functions[1::7]:
        piece = slice_function(file, site)
        by_place = {ast_span(file, node): node for node in ast.walk(index.node(site)) if isinstance(node, ast.stmt)}
        for statement in found(piece, cst.SimpleStatementLine):
            assert isinstance(statement, cst.SimpleStatementLine)
            if len(statement.body) == 1:
                span = piece.span(statement)
                assert ast.dump(reparsed(piece, statement)) == ast.dump(by_place[span.start, span.end])


def test_lines_spans_are_whole_lines_and_hold_the_comments(sample_path: Path) -> None:
    file = read_source(sample_path)
    tokens = list(tokenize.generate_tokens(io.StringIO(file.text).readline))
    comments = [
        (file.lines.start_of(token.start[0]) + token.start[1], token)
        for token in tokens
        if token.type == tokenize.COMMENT
    ]
    for site in ModuleIndex(file).functions[::10]:
        piece = slice_function(file, site)
        for node in found(piece, cst.BaseCompoundStatement):
            span = piece.lines_span(node)
            if not piece.lines_span(piece.node).contains(span):
                continue  # the header that an indented function is parsed under
            assert file.text[span.start - 1] == "\n" and file.text[span.end - 1] == "\n"
            assert span.contains(piece.span(node))
            inside = tuple(token.string for offset, token in comments if span.start <= offset < span.end)
            assert piece.comments_in(span) == inside


# --- one by one ---------------------------------------------------------------------------------------------

SOURCE = """\
class A:
    # before
    @decorated  # why
    def f(self, xs):
        '''# not a comment'''
        # about total
        total = (1 +
                 2)  # trailing
        for x in xs: total += x; total -= 1  # both

            # in the block
        if total:
            return '''
# neither
''' ; # last
            # after
        # after too

    y = 1
"""


def test_statements_without_what_surrounds_them() -> None:
    piece = slice_of(SOURCE, "A.f")
    assert piece.code(piece.node).startswith("@decorated  # why\n    def f(self, xs):")
    docstring, total, last = found(piece, cst.SimpleStatementLine)
    assert piece.code(docstring) == "'''# not a comment'''"
    assert piece.code(total) == "total = (1 +\n                 2)"
    assert text_at(piece, piece.lines_span(total)) == "        total = (1 +\n                 2)  # trailing\n"
    assert piece.indent(total) == "        "
    assert (piece.line(total), piece.end_line(total)) == (7, 8)
    assert piece.code(last) == "return '''\n# neither\n'''"
    assert text_at(piece, piece.lines_span(last)).endswith("''' ; # last\n")


def slice_statements() -> FunctionSlice:
    return slice_of(SOURCE, "A.f")


def test_compound_statements_end_with_their_last_statement() -> None:
    piece = slice_statements()
    loop, test = found(piece, cst.For)[0], found(piece, cst.If)[0]
    assert piece.code(loop) == "for x in xs: total += x; total -= 1"
    assert text_at(piece, piece.lines_span(loop)) == "        for x in xs: total += x; total -= 1  # both\n"
    assert piece.comments_in(piece.lines_span(loop)) == ("# both",)
    assert text_at(piece, piece.lines_span(test)).endswith("# last\n")
    assert piece.comments_in(piece.span(piece.node)) == (
        "# why",
        "# about total",
        "# trailing",
        "# both",
        "# in the block",
    )


def test_expressions_keep_their_parentheses_unless_asked() -> None:
    piece = slice_of("def f(a, b):\n    return g((a + b), *(a), k=(yield), z=[x for x in (b)])[(1):2]\n")
    codes = {piece.code(node) for node in found(piece, cst.BaseExpression)}
    assert {"(a + b)", "(a)", "(yield)", "(b)", "(1)", "[x for x in (b)]"} <= codes
    total = found(piece, cst.BinaryOperation)[0]
    assert text_at(piece, piece.inner_span(total)) == "a + b"
    first, starred, keyword, _ = found(piece, cst.Arg)
    assert [piece.code(node) for node in (first, starred, keyword)] == ["(a + b)", "*(a)", "k=(yield)"]
    assert piece.parent(total) is first


def test_new_code_fits_the_style_of_the_file() -> None:
    piece = slice_of("class A:\r\n\tdef g(self):\r\n\t\tpass\r\nif x:\r\n        def f():\r\n                pass\r\n")
    block = cst.parse_statement("if a:\n  b\n").with_changes(body=cst.IndentedBlock([cst.parse_statement("b")]))
    assert piece.module.code_for_node(block) == "if a:\r\n\tb\r\n"
    assert slice_of("def f():\r  a\r").module.code_for_node(block) == "if a:\r  b\r"


@pytest.mark.parametrize(
    "text",
    [
        "def f(): pass",
        "def f(): a; b;  # c",
        "\x0cdef f():\n\tx = 1\n",
        "if a:\n  \x0c\n  def f():\n    '''\r\n    '''\n\n    return 1\n  x = 2\n",
        "class A:\r    @property\r    def f(self):\r        return 1\r\r    x = 2\r",
        "class A:\n\n    async def f(self):\n        x = \\\n  1\n\n        # c\n    # d\n",
        "if 1:\n    def f(): a; b\\\n\n\n    x = 1\n",
        "if 1:\n    if 2:\n        def f(): return 'é\u2028ü'\n    else:\n        pass\n",
        "def f(\n  a,\n  b=lambda: (yield)):\n # c\n  x\n",
        "def f():\n  if x:\n    y\n  elif z:\n    y\n  else: y\n# end",
    ],
)
def test_odd_texts_are_exact(text: str) -> None:
    file = file_of(text)
    index = ModuleIndex(file)
    site = next(site for site in index.functions if site.name == "f")
    check_slice(file, index, site)


@settings(deadline=None)
@given(
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["", " ", "\t", "      "]),
    st.lists(
        st.sampled_from(["x = 1", "# c", "", "if x: y", "'''a\n  b'''", "é = 'ü'; z = 2;", "x = [\n1,\n]  # d"]),
        min_size=1,
    ),
    st.booleans(),
)
def test_style_does_not_matter(newline: str, outer: str, lines: list[str], final: bool) -> None:
    body = [f"{outer}   {line}" if line else "" for line in lines]
    head = ["if True:"] if outer else []
    text = "\n".join([*head, f"{outer}def f():", f"{outer}   pass", *body, f"{outer}   x"]) + ("\n" if final else "")
    file = file_of(text.replace("\n", newline))
    index = ModuleIndex(file)
    check_slice(file, index, index.functions[0])


def test_decorators_start_at_their_sign() -> None:
    piece = slice_of("x = 1\n@(\n  # @\n  a\n)\n@ b\ndef f(): x")
    assert piece.code(piece.node) == "@(\n  # @\n  a\n)\n@ b\ndef f(): x"


def test_top_level_code_is_a_slice_too() -> None:
    piece = slice_module(file_of("# head\nimport a\n\ndef f(): pass\nx = f()  # c\n# tail"))
    assert piece.node is piece.module and piece.site is None
    assert piece.code(found(piece, cst.SimpleStatementLine)[-1]) == "x = f()"
    assert piece.span(piece.module) == Span(0, len(piece.file.text))
    assert piece.comments_in(Span(0, 100)) == ("# head", "# c", "# tail")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "   ",
        "\n   ",
        "x = 1\n \t",
        "if x:\n  y\n   \n  ",
        "# c",
        "x\r  ",
        "    # c\nx",
        "   \n  \n",
        "x\n   \n  \n# c",
    ],
)
def test_blank_ends_are_no_obstacle(text: str) -> None:
    piece = slice_module(file_of(text))
    assert [piece.code(node) for node in piece.module.body] == [line for line in [text.strip("# c\n\r\t")] if line]


def test_a_node_of_another_tree_is_refused() -> None:
    with pytest.raises(KeyError):
        slice_of("def f(): pass").span(cst.Name("x"))


def test_nesting_beyond_libcst_is_a_user_error() -> None:
    file = file_of("def f():\n    return " + " + ".join(["x"] * 600) + "\n")
    index = ModuleIndex(file)
    with pytest.raises(UserError, match=r"some\.py:1: `f` cannot be taken apart"):
        slice_function(file, index.functions[0])
    with pytest.raises(UserError, match=r"some\.py: cannot be taken apart"):
        slice_module(file)
