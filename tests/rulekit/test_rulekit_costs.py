"""What the rulekit says of costs, lists shown by their use, and places where a value is needed."""

from collections.abc import Callable
from pathlib import Path

import libcst as cst
import pytest

from perf_advise.engine.views import Views
from perf_advise.hotspots import all_functions
from perf_advise.model.facts import Truth
from perf_advise.rulekit import View, grows, needed_at, only_asks, seems_to_act, shown_as_list, why_costly

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


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("any(x > y for x in xs)", "goes over `xs`"),
        ("[x for x in xs]", "goes over `xs`"),
        ("len(sorted(xs))", "goes over `xs`"),
        ("os.path.exists(y)", "costly call"),
        ("helper(y)", "runs a loop"),
        ("WORD_RE.match(y)", "goes over the text"),
        ("abs(y)", ""),
        ("max(1, y)", ""),
        ("[x for x in (1, 2)]", ""),
        ("lambda: sorted(xs)", ""),
        ("(x for x in xs)", ""),
    ],
)
def test_only_work_over_whole_containers_is_costly(last_function: ViewOf, expression: str, reason: str) -> None:
    view = last_function(
        f"import os\n\ndef helper(y):\n    for _ in range(y):\n        pass\n\ndef f(xs, y):\n    z = {expression}\n"
    )
    value = next(view.walk(cst.Assign)).value
    why = why_costly(view, value)
    assert reason in why
    assert bool(why) is bool(reason)


@pytest.mark.parametrize(
    ("made", "used", "truth"),
    [
        ("[]", "append(x)", Truth.YES),
        ("make()", "append(x)", Truth.UNKNOWN),
        ("set()", "add(x)", Truth.NO),
        ("x", "append(x)", Truth.YES),
        ("x", "get(x)", Truth.UNKNOWN),
    ],
)
def test_an_attribute_is_a_list_by_what_its_file_does(
    last_function: ViewOf, made: str, used: str, truth: Truth
) -> None:
    view = last_function(
        f"import base\n\nclass A(base.B):\n    def __init__(self, x):\n        self.items = {made}\n\n"
        f"    def f(self, x):\n        self.items.{used}\n        return x in self.items\n"
    )
    items = next(view.walk(cst.Comparison)).comparisons[0].comparator
    found = shown_as_list(view, items).truth
    assert (found is Truth.YES) is (truth is Truth.YES)
    assert grows(view, items) is ("append" in used)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("v = g(x)\n    if x:\n        return 0\n    return v", "if x:"),
        ("v = g(x)\n    if v:\n        return 0\n    return v", None),
        ("v = g(x)\n    if x:\n        x = v\n    return x", "x = v"),
        ("v = g(x)\n    if x:\n        x = v\n    return v", None),
        ("v = g(x)\n    if x:\n        raise ValueError\n    return v", None),
        ("for x in y:\n        v = g(x)\n        if x:\n            continue\n        g(v)", "if x:"),
        ("for x in y:\n        v = g(x)\n        if x:\n            continue\n        g(v)\n    return v", None),
    ],
)
def test_a_value_is_needed_after_exits_that_do_not_use_it(last_function: ViewOf, body: str, line: str | None) -> None:
    view = last_function(f"def f(x, y, g):\n    {body}\n")
    first = next(a for a in view.walk(cst.Assign) if view.code(a).startswith("v"))
    place = needed_at(view, view.statement(first), "v")
    assert (None if place is None else view.code(place[0]).split("\n")[0]) == line


def test_names_tell_questions_from_deeds(last_function: ViewOf) -> None:
    view = last_function("def f(x):\n    x.is_open()\n    x.pop_item()\n    any(x)\n    x.size()\n")
    asked = [only_asks(view, call) for call in view.walk(cst.Call)]
    acting = [seems_to_act(view, call) for call in view.walk(cst.Call)]
    assert asked == [True, False, False, False]
    assert acting == [False, True, False, False]
