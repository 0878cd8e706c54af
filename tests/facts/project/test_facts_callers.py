"""Types that the project's own calls pass to a function, and how far they are trusted."""

from pathlib import Path

import libcst as cst
import pytest

from perf_advise.engine.views import Views
from perf_advise.facts import Facts
from perf_advise.hotspots import all_functions
from perf_advise.model.facts import Evidence, Truth

MAIN = "\nif __name__ == '__main__':\n    main()\n"


def facts_of(folder: Path, qualname: str, **modules: str) -> Facts:
    """The facts of a function of `app.py` beside other modules."""
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)
    views = Views(folder, (3, 11))
    everything = [f for name in modules for f in all_functions([views.file(folder / f"{name}.py")[0]])]
    views.learn_costs(everything)
    wanted = next(f for f in everything if f.qualname == qualname and f.path.stem == "app")
    return views.of(wanted).facts


def told(facts: Facts, name: str) -> tuple[str, Evidence]:
    """The type of the variable where it is first read."""
    reads = [n for n in _nodes(facts.slice.node) if isinstance(n, cst.Name) and n.value == name]
    typed = facts.type_of(reads[-1])
    return " | ".join(map(str, typed.alternatives)), typed.evidence


def _nodes(node: cst.CSTNode) -> list[cst.CSTNode]:
    return [node, *(inner for child in node.children for inner in _nodes(child))]


def test_a_script_s_calls_are_all_there_are(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, "f", app="def f(n):\n    return n\n\ndef main():\n    f(3)\n    f(-4)\n" + MAIN)
    assert told(facts, "n") == ("int", Evidence.STATIC)


def test_a_library_may_have_other_callers(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, "f", app="def f(n):\n    return n\n\ndef main():\n    f(3)\n")
    assert told(facts, "n") == ("int", Evidence.SEEN)


def test_a_script_that_is_imported_may_have_other_callers(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("from app import f\nf('x')\n")
    facts = facts_of(tmp_path, "f", app="def f(n):\n    return n\n\ndef main():\n    f(3)\n" + MAIN)
    assert told(facts, "n") == ("int", Evidence.SEEN)


def test_calls_in_other_files_of_the_profile_count(tmp_path: Path) -> None:
    other = "from app import f\n\ndef g():\n    return f('x')\n"
    facts = facts_of(tmp_path, "f", app="def f(n):\n    return n\n\ndef main():\n    f(3)\n", other=other)
    assert told(facts, "n") == ("int | str", Evidence.SEEN)


def test_types_come_through_several_callers(tmp_path: Path) -> None:
    app = "def f(rows):\n    return rows\n\ndef g(rows, k):\n    return f(rows)\n\n"
    app += "def main():\n    g([[0.0] * 3 for _ in range(4)], k=2)\n" + MAIN
    assert told(facts_of(tmp_path, "f", app=app), "rows") == ("list[list[float]]", Evidence.STATIC)


def test_defaults_and_keywords_count(tmp_path: Path) -> None:
    app = "def f(a, b=1.5, *, c=None):\n    return a, b, c\n\ndef main():\n    f(1)\n    f(a=2, c='x')\n" + MAIN
    facts = facts_of(tmp_path, "f", app=app)
    assert [told(facts, name)[0] for name in "abc"] == ["int", "float", "NoneType | str"]


def test_methods_and_constructors(tmp_path: Path) -> None:
    app = "class Box:\n    def __init__(self, n):\n        self.n = n\n    def fill(self, x):\n        return x\n\n"
    app += "def main():\n    box = Box(3)\n    box.fill('a')\n" + MAIN
    assert told(facts_of(tmp_path, "Box.fill", app=app), "x") == ("str", Evidence.SEEN)
    assert told(facts_of(tmp_path, "Box.__init__", app=app), "n") == ("int", Evidence.SEEN)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("f(*xs)", "spread arguments"),
        ("f(unknown())", "an argument of unknown type"),
        ("map(f, [1])", "only passed on"),
        ("other.f(1)", "a method of something unknown"),
    ],
)
def test_what_is_not_known_stays_unknown(tmp_path: Path, call: str, why: str) -> None:
    app = f"def f(n):\n    return n\n\ndef main(xs, other):\n    {call}\n" + MAIN.replace("main()", "main([], 1)")
    assert told(facts_of(tmp_path, "f", app=app), "n") == ("", Evidence.NONE), why


def test_one_unknown_call_leaves_the_others_without_weight(tmp_path: Path) -> None:
    app = "def f(n):\n    return n\n\ndef main():\n    f(1)\n    f(unknown())\n" + MAIN
    assert told(facts_of(tmp_path, "f", app=app), "n")[0] == ""


def test_a_function_that_is_also_passed_on_is_only_assumed(tmp_path: Path) -> None:
    app = "def f(n):\n    return n\n\ndef main():\n    f(1)\n    return sorted([], key=f)\n" + MAIN
    assert told(facts_of(tmp_path, "f", app=app), "n") == ("int", Evidence.SEEN)


def test_a_decorator_may_pass_something_else(tmp_path: Path) -> None:
    app = "@wrap\ndef f(n):\n    return n\n\ndef main():\n    f(1)\n" + MAIN
    assert told(facts_of(tmp_path, "f", app=app), "n") == ("int", Evidence.SEEN)


def test_recursion_says_nothing_new_and_ends(tmp_path: Path) -> None:
    app = (
        "def f(n):\n    return f(n - 1) if n else g(n)\n\ndef g(n):\n    return f(n)\n\ndef main():\n    f(9)\n" + MAIN
    )
    assert told(facts_of(tmp_path, "f", app=app), "n")[0] in ("", "int")


@pytest.mark.parametrize(("call", "truth"), [("f([1], [2])", Truth.NO), ("f(a, a)", Truth.YES), ("f(a, b)", Truth.NO)])
def test_lists_that_are_one_object_in_a_call_may_alias(tmp_path: Path, call: str, truth: Truth) -> None:
    app = f"def f(xs, ys):\n    return xs, ys\n\ndef main():\n    a = [1]\n    b = [2]\n    {call}\n" + MAIN
    answer = facts_of(tmp_path, "f", app=app).may_alias("xs", "ys")
    assert (answer.truth is Truth.NO) == (truth is Truth.NO)


SHARED = "def f(n):\n    return n\n\ndef main():\n    f(3)\n" + MAIN


def test_others_may_call_what_stands_in_a_package(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, "f", app=SHARED, __init__="")
    assert told(facts, "n") == ("int", Evidence.SEEN)


@pytest.mark.parametrize(
    "text", ["from pkg import (\n    x,\n    app,\n)\n", "import_module('app')\n", "X = 1; import app\n"]
)
def test_others_may_call_what_is_imported_in_whatever_way(tmp_path: Path, text: str) -> None:
    facts = facts_of(tmp_path, "f", app=SHARED, other=text)
    assert told(facts, "n") == ("int", Evidence.SEEN)


def test_a_bare_call_of_another_module_makes_no_script(tmp_path: Path) -> None:
    app = "import logging\nlogging.basicConfig()\n\ndef f(n):\n    return n\n\ndef g():\n    f(3)\n"
    assert told(facts_of(tmp_path, "f", app=app), "n") == ("int", Evidence.SEEN)


def test_numbers_drawn_by_a_generator_of_one_s_own(tmp_path: Path) -> None:
    app = "import random\n\ndef f(xs):\n    return xs\n\ndef main():\n    rng = random.Random(1)\n"
    app += "    f([rng.randrange(9) for _ in range(3)])\n" + MAIN
    assert told(facts_of(tmp_path, "f", app=app), "xs") == ("list[int]", Evidence.STATIC)


BUFFERS = "import numpy as np\n\ndef f(u, steps):\n    for _ in range(steps):\n{body}\n    return u\n\n"
CALLED = "def main():\n    f(np.zeros(9), 3)\n" + MAIN


@pytest.mark.parametrize(
    ("body", "is_apart", "why"),
    [
        (
            "        new = u.copy()\n        new[0] = u[1]\n        u = new",
            True,
            "copied in each turn, after `u` was bound",
        ),
        ("        new = np.zeros_like(u)\n        new[0] = u[1]\n        u = new", True, "made in each turn"),
        ("        new = u\n        new[0] = u[1]", False, "the same array"),
        ("        new = u.copy()\n        u = new\n        new[0] = u[1]", False, "bound again since it was made"),
        ("        new = u[1:]\n        new[0] = u[1]", False, "a view"),
        (
            "        if steps:\n            new = u.copy()\n        new[0] = u[1]\n        u = new",
            False,
            "not in each turn",
        ),
        (
            "        new = u.copy()\n        for i in [1]:\n            new[0] = u[1]\n            u = new",
            False,
            "in the loop",
        ),
    ],
)
def test_a_buffer_made_in_each_turn_is_none_of_the_old_ones(
    tmp_path: Path, body: str, is_apart: bool, why: str
) -> None:
    facts = facts_of(tmp_path, "f", app=BUFFERS.format(body=body) + CALLED)
    stored = [n for n in _nodes(facts.slice.node) if isinstance(n, cst.Subscript) and isinstance(n.value, cst.Name)]
    names = {n.value.value: n.value for n in stored if isinstance(n.value, cst.Name)}
    answer = facts.may_alias(names["new"], names["u"])
    assert (answer.truth is Truth.NO) == is_apart, why


def test_arrays_that_a_caller_in_another_file_made(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    app = "def f(a, b, n):\n    for i in range(n):\n        a[i] = b[i]\n"
    apart = "    a = np.zeros(9)\n    b = np.ones(9)\n"
    for made, answer in ((apart, True), ("    a = np.zeros(9)\n    b = a\n", False)):
        other = f"import numpy as np\nfrom app import f\n\ndef g():\n{made}    f(a, b, 9)\n"
        facts = facts_of(tmp_path, "f", app=app, other=other)
        assert facts.may_alias("a", "b").truth is (Truth.NO if answer else Truth.UNKNOWN)
