"""Frames to functions: qualified name first, the line only where several fit, never a guess."""

import pytest

from perf_advise.model.profile import CallEdge, Frame

SHAPES = """\
import functools


class Grid:
    def step(self):
        return [x for x in range(3)]

    @property
    def size(self):
        return 1

    @size.setter
    def size(self, value):
        self.value = value


class Particles:
    def step(self):
        def move(x):
            return x + 1

        return move(1)

    class Recorder:
        def step(self):
            return 0


@functools.cache
def cached(
    n,
):
    return sum(i for i in range(n))


by_length = lambda word: len(word)


def sort(words):
    return sorted(words, key=lambda w: w)
"""
LINES = {"Grid.step": 5, "Particles.step": 18, "Particles.Recorder.step": 25}


@pytest.fixture
def shapes(project):
    project.write("src/app/shapes.py", SHAPES)
    return project


@pytest.mark.parametrize("moved", [0, 7])
@pytest.mark.parametrize("qualname", LINES)
def test_methods_of_one_name_are_told_apart_by_line(shapes, cost, qualname, moved) -> None:
    """Also in a file edited since: functions known by name alone tell by how much the others have moved."""
    shapes.write("src/app/shapes.py", "# edited\n" * moved + SHAPES)
    found = shapes.places(
        cost("/srv/src/app/shapes.py", "step", LINES[qualname]),
        cost("/srv/src/app/shapes.py", "sort", 39),
        cost("/srv/src/app/shapes.py", "cached", 29),
    )
    assert found.keys() == {f"src/app/shapes.py:{name}" for name in (qualname, "sort", "cached")}


@pytest.mark.parametrize("name", ["Grid.step", "Recorder.step", "Particles.step.<locals>.move", "Particles.step.move"])
def test_qualified_names_need_no_line(shapes, cost, name) -> None:
    (found,) = shapes.places(cost("src/app/shapes.py", name))
    whole = {"Recorder.step": "Particles.Recorder.step", "Particles.step.move": "Particles.step.<locals>.move"}
    assert found == f"src/app/shapes.py:{whole.get(name, name)}"


def test_a_bare_name_of_several_methods_without_a_line_is_unmapped(shapes, cost) -> None:
    found = shapes.find(cost("src/app/shapes.py", "step", own=3.0), cost("src/app/shapes.py", "sort", own=1.0))
    assert [f.qualname for f in found.functions] == ["sort"]
    assert [c.frame.name for c in found.unmapped] == ["step"]
    assert found.unmapped_share == pytest.approx(0.75)


def test_a_line_that_fits_none_of_several_is_unmapped(shapes, cost) -> None:
    found = shapes.find(cost("src/app/shapes.py", "step", 12))
    assert not found.functions
    assert found.unmapped_share == 1.0


def test_where_a_moved_line_would_fit_the_wrong_one_nothing_is_guessed(shapes, cost) -> None:
    """Old `Particles.step` at 18 lies inside of today's `Grid.step` if that grew; nothing else tells."""
    grown = SHAPES.replace("        return [x for", "        pass\n" * 20 + "        return [x for", 1)
    shapes.write("src/app/shapes.py", grown)
    found = shapes.find(cost("src/app/shapes.py", "step", 18), cost("src/app/shapes.py", "sort", 39))
    assert "Grid.step" not in {f.qualname for f in found.functions}


def test_a_function_whose_namesake_is_gone_takes_only_its_own_line(shapes, cost) -> None:
    found = shapes.find(cost("src/app/shapes.py", "sort", 39), cost("src/app/shapes.py", "sort", 80, own=2.0))
    assert [(f.qualname, f.own) for f in found.functions] == [("sort", pytest.approx(1 / 3))]
    assert found.unmapped_share == pytest.approx(2 / 3)


@pytest.mark.parametrize("line", [29, 30])
def test_decorated_functions_by_first_line_or_def(shapes, cost, named, line) -> None:
    function = named(shapes.find(cost("src/app/shapes.py", "cached", line)), "cached")
    assert (function.first_line, function.line, function.end_line) == (29, 30, 33)


@pytest.mark.parametrize(("line", "first"), [(8, 8), (12, 12)])
def test_a_name_defined_twice_goes_by_line(shapes, cost, line, first) -> None:
    (function,) = shapes.find(cost("src/app/shapes.py", "Grid.size", line)).functions
    assert function.first_line == first


@pytest.mark.parametrize(
    ("name", "line", "owner"),
    [
        ("<listcomp>", 6, "Grid.step"),
        ("<genexpr>", 33, "cached"),
        ("<lambda>", 36, "<module>"),
        ("<lambda>", 40, "sort"),
        ("sort.<locals>.<lambda>", None, "sort"),
        ("Grid.step.<locals>.<listcomp>", 6, "Grid.step"),
        ("Grid", 4, "<module>"),
        ("Particles.Recorder", 24, "<module>"),
        ("<module>", 1, "<module>"),
    ],
)
def test_anonymous_frames_and_class_bodies_belong_to_what_is_around_them(shapes, cost, name, line, owner) -> None:
    assert [f.qualname for f in shapes.find(cost("src/app/shapes.py", name, line)).functions] == [owner]


@pytest.mark.parametrize(("name", "line"), [("<lambda>", None), ("<lambda>", 20), ("<listcomp>", 36), ("gone", 3)])
def test_what_stands_nowhere_is_unmapped(shapes, cost, name, line) -> None:
    found = shapes.find(cost("src/app/shapes.py", name, line))
    assert (found.functions, found.unmapped_share) == ((), 1.0)


def test_a_comprehension_belongs_to_its_caller_wherever_that_has_moved(shapes, cost) -> None:
    shapes.write("src/app/shapes.py", "# edited\n" * 9 + SHAPES)
    inner, owner = Frame("src/app/shapes.py", "<listcomp>", 6), Frame("src/app/shapes.py", "Grid.step", 5)
    found = shapes.find(
        cost(*_parts(inner), own=3.0), cost(*_parts(owner), own=1.0), edges=(CallEdge(owner, inner, 3.0),)
    )
    assert [(f.qualname, f.own) for f in found.functions] == [("Grid.step", 1.0)]


def test_comprehensions_that_call_each_other_end(shapes, cost) -> None:
    one, other = Frame("src/app/shapes.py", "<listcomp>", 6), Frame("src/app/shapes.py", "<setcomp>", 7)
    edges = (CallEdge(one, other, 1.0), CallEdge(other, one, 1.0))
    found = shapes.find(cost(*_parts(one)), cost(*_parts(other)), edges=edges)
    assert found.unmapped_share == 0.5


def test_current_lines_tell_methods_apart_in_an_unchanged_file(shapes, cost) -> None:
    (found,) = shapes.places(cost("src/app/shapes.py", "step", lines={26: 1.0}))
    assert found == "src/app/shapes.py:Particles.Recorder.step"


def test_current_lines_tell_nothing_in_a_file_that_moved(shapes, cost) -> None:
    shapes.write("src/app/shapes.py", "# edited\n" * 12 + SHAPES)
    found = shapes.find(
        cost("src/app/shapes.py", "step", lines={18: 1.0}), cost("src/app/shapes.py", "sort", lines={40: 1.0})
    )
    assert [f.qualname for f in found.functions] == ["sort"]


def test_lines_without_names_go_to_the_innermost_function(shapes, cost) -> None:
    lines = {1: 1.0, 6: 2.0, 20: 4.0, 22: 1.0}
    found = shapes.places(cost("src/app/shapes.py", "", own=8.0, lines=lines))
    assert found == {
        "src/app/shapes.py:<module>": 1 / 8,
        "src/app/shapes.py:Grid.step": 2 / 8,
        "src/app/shapes.py:Particles.step.<locals>.move": 4 / 8,
        "src/app/shapes.py:Particles.step": 1 / 8,
    }


def _parts(frame: Frame) -> tuple[str, str, int | None]:
    return frame.path, frame.name, frame.line
