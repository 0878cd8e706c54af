"""What rules about pandas share: cells, rows read by label, expressions over columns, names."""

from collections.abc import Callable
from pathlib import Path

import libcst as cst
import pytest

from perf_advise.engine.views import Views
from perf_advise.hotspots import all_functions
from perf_advise.model.facts import Evidence, Truth
from perf_advise.rulekit import View, frames, row_loops
from perf_advise.rulekit.cells import cell_of, cells_in, writes_at_end
from perf_advise.rulekit.collected import growth_in_loop
from perf_advise.rulekit.columns import as_columns

ViewOf = Callable[[str], View]


@pytest.fixture
def last_function(tmp_path: Path) -> ViewOf:
    """The view of the last function of a source."""

    def view(source: str) -> View:
        path = tmp_path / "example.py"
        path.write_text(source, "utf-8")
        views = Views(tmp_path, (3, 11))
        return views.of([f for f in all_functions([views.file(path)[0]]) if not f.is_module][-1])

    return view


def code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)


@pytest.mark.parametrize(
    ("text", "frame", "label", "row", "by_position"),
    [
        ('df.loc[i, "a"]', "df", "a", "i", False),
        ('self.df.at[i, "a"]', "self.df", "a", "i", False),
        ('df.iloc[i]["a"]', "df", "a", "i", True),
        ('df["a"].iloc[i - 1]', "df", "a", "i - 1", True),
        ('df["a"].values[i]', "df", "a", "i", True),
        ('df["a"][i]', "df", "a", "i", False),
    ],
)
def test_cells(text: str, frame: str, label: str, row: str, by_position: bool) -> None:
    cell = cell_of(cst.parse_expression(text))
    assert cell is not None
    assert (code(cell.frame), cell.label, code(cell.row), cell.by_position) == (frame, label, row, by_position)


@pytest.mark.parametrize(
    "text", ['df["a"]', "df.loc[i, j]", "df.iloc[i, 0]", "df[i:j]", 'df["a"][df["a"] > 1]', "df.loc[i]"]
)
def test_what_is_no_single_cell(text: str) -> None:
    assert cell_of(cst.parse_expression(text)) is None


BODY = """
def f(df, xs, other):
    for i in range(len(df)):
        {body}
"""


@pytest.mark.parametrize(
    ("body", "read", "written"),
    [
        ("df.loc[i, 'c'] = df.loc[i, 'a'] + len(df)", ["a"], ["c"]),
        ("xs.append(df['a'].iloc[i] + df['a'].iloc[i - 1])", ["a", "a"], []),
        ("other.loc[i, 'a'] = 3", [], []),
    ],
)
def test_cells_that_a_loop_reads_and_writes(
    last_function: ViewOf, body: str, read: list[str], written: list[str]
) -> None:
    view = last_function(BODY.format(body=body))
    loop = next(view.walk(cst.For))
    found = cells_in(view, loop.body, "df")
    assert found is not None
    assert ([c.label for c in found[0]], [c.label for c in found[1]]) == (read, written)


@pytest.mark.parametrize("body", ["other(df)", "df = df.dropna()", "xs.append(df['a'].sum())", "df['a'] = 3"])
def test_a_frame_that_is_used_otherwise_is_not_followed(last_function: ViewOf, body: str) -> None:
    view = last_function(BODY.format(body=body))
    assert cells_in(view, next(view.walk(cst.For)).body, "df") is None


def test_every_way_through_a_block_has_to_end_with_a_write() -> None:
    def ends(text: str) -> int:
        block = cst.ensure_type(cst.parse_statement(f"for i in x:\n{text}"), cst.For).body
        cells = {id(node) for node in _subscripts(block)}
        return writes_at_end(block, cells)

    assert ends("    a[i] = 1\n") == 1
    assert ends("    if i:\n        a[i] = 1\n    elif j:\n        a[i] = 2\n    else:\n        a[i] = 3\n") == 3
    assert ends("    if i:\n        a[i] = 1\n") == 0
    assert ends("    a[i] = 1\n    print(i)\n") == 0


def _subscripts(node: cst.CSTNode) -> list[cst.CSTNode]:
    own = [node] if isinstance(node, cst.Subscript) else []
    return own + [found for child in node.children for found in _subscripts(child)]


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("x * 2 + 1", "s * 2 + 1"),
        ("(x - 3) ** 2", "(s - 3) ** 2"),
        ("x > 1 and not x == 3", "(s > 1) & (~(s == 3))"),
        ("'a' if x > 1 else 'b'", "np.where(s > 1, 'a', 'b')"),
        ("x if x > 0 else 0", "np.where(s > 0, s, 0)"),
        ("'<' + x", "'<' + s"),
    ],
)
def test_expressions_over_columns(last_function: ViewOf, expression: str, written: str) -> None:
    found = _over_column(last_function, expression)
    assert found == written


@pytest.mark.parametrize(
    "expression",
    ["'%s' % x", "'-' * x", "x if x else 0", "1 if x > 1 else 'b'", "1 if x > 1 else 0.5", "f(x)", "x ** y", "x in y",
     "1 < x < 3", "not x", "3", "x * y"],
)  # fmt: skip
def test_what_is_not_elementwise_is_refused(last_function: ViewOf, expression: str) -> None:
    assert _over_column(last_function, expression) is None


def _over_column(last_function: ViewOf, expression: str) -> str | None:
    view = last_function(f"def f(x, y):\n    return {expression}\n")
    value = next(view.walk(cst.Return)).value
    assert value is not None
    leaves = {id(n): "s" for n in view.walk(cst.Name) if n.value == "x"}
    found = as_columns(view, value, leaves, "np.where")
    return found.code if found is not None else None


def test_rows_read_by_constant_label_only(last_function: ViewOf) -> None:
    loops = "def f(df):\n    for i, row in df.iterrows():\n        print({})\n"
    read = next(row_loops(last_function(loops.format("row['a'], row.price, row['a']"))))
    assert [r.label for r in read.reads or ()] == ["a", "price", "a"]
    for other in ("row", "row[i]", "row.sum()", "row.name", "row['a'], row"):
        assert next(row_loops(last_function(loops.format(other)))).reads is None, other


def test_names_of_values_are_free(last_function: ViewOf) -> None:
    view = last_function("LIMIT = 1\ndef f(df, price):\n    count = df['count']\n    return count, LIMIT\n")
    found = frames.value_names(view, ("price", "Total sum", "class", "3d", "count", "list"))
    assert found == {
        "price": "price_value", "Total sum": "total_sum", "class": "class_value", "3d": "column_3d",
        "count": "count_value", "list": "list_value",
    }  # fmt: skip


def test_a_frame_is_known_by_its_use_where_pandas_is_imported(last_function: ViewOf) -> None:
    body = "def f(df):\n    df['a'].sum()\n    return df.iterrows()\n"
    for head, truth in (("import pandas as pd\n", Truth.YES), ("", Truth.UNKNOWN)):
        view = last_function(head + body)
        need = frames.is_frame(view, next(n for n in view.walk(cst.Name) if n.value == "df"))
        assert need.answer.truth is truth
        assert truth is Truth.UNKNOWN or need.answer.evidence is Evidence.SEEN


@pytest.mark.parametrize(
    ("body", "grows"),
    [
        ("    for x in xs:\n        out = g([out, x])\n", True),
        ("    for x in xs:\n        out = g([out, x])\n        print(out)\n", False),
        ("    try:\n        for x in xs:\n            out = g([out, x])\n    except E:\n        pass\n", False),
        ("    out.a = 3\n    for x in xs:\n        out = g([out, x])\n", False),
    ],
)
def test_growth_that_nothing_looks_at(last_function: ViewOf, body: str, grows: bool) -> None:
    view = last_function(f"def f(xs):\n    out = make()\n{body}    return out\n")
    step = next(a for a in view.walk(cst.Assign) if code(a.value).startswith("g("))
    assert (growth_in_loop(view, "out", step) is not None) == grows
