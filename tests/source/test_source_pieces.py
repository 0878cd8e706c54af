"""Top-level statements as pieces of the text, and which of them bear on each other."""

import ast
from pathlib import Path

import pytest

from perf_advise.source.lines import LineTable
from perf_advise.source.pieces import Pieces

SOURCES = sorted(Path(__file__).parents[2].glob("src/perf_advise/source/*.py"))


def pieces_of(text: str) -> Pieces:
    return Pieces(text, ast.parse(text), LineTable(text))


def bearing(text: str, name: str = "own") -> set[str]:
    """The definitions that bear on the one of this name."""
    pieces = pieces_of(text)
    at = next(n for n in range(len(pieces.all)) if pieces.code(n).split("(")[0].endswith(f"def {name}"))
    found = (pieces.all[n] for n in pieces.bearing(at))
    return {s.name for piece in found if piece.is_definition for s in piece.statements if hasattr(s, "name")}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_pieces_are_all_of_the_text(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    pieces = Pieces(text, tree, LineTable(text))
    assert "".join(pieces.code(n) for n in range(len(pieces.all))) == text
    assert [s for piece in pieces.all for s in piece.statements] == tree.body


def test_pieces_of_odd_texts() -> None:
    for text in ("", "\n", "x = 1", "x = 1; y = 2\nz = 3\n", "# a\n\n@f\n@g\ndef f(): pass\n# b", "if x: y\r\nz\r\n"):
        pieces = pieces_of(text)
        assert "".join(pieces.code(n) for n in range(len(pieces.all))) == text
    assert len(pieces_of("x = 1; y = 2\nz = 3\n").all) == 2


OWN = "def own(xs, k):\n    return sum(xs) + k\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OWN + "def far(ys):\n    return max(ys)\n", {"own"}),
        (OWN + "def caller(ys):\n    return own(ys, 1)\n", {"own", "caller"}),
        (OWN + "def main():\n    own(made(), 2)\ndef made():\n    return [1]\n", {"own", "main", "made"}),
        (OWN.replace("+ k", "+ helper(k)") + "def helper(k):\n    return k\n", {"own", "helper"}),
        (OWN.replace("+ k", "+ xs.size") + "def far(ys):\n    ys.size = 3\n", {"own", "far"}),
        (OWN.replace("+ k", "+ xs.size") + "def far(ys):\n    return ys.size\n", {"own"}),
        (OWN.replace("+ k", "+ FEW") + "def far(ys):\n    global FEW\n    FEW = 3\n", {"own", "far"}),
        (OWN.replace("+ k", "+ xs.go()") + "class Far:\n    def go(self):\n        return 1\n", {"own", "Far"}),
        (OWN + "def far(ys):\n    return exec(ys)\n", {"own", "far"}),
        (OWN + "def far(ys):\n    return max(ys)\nprint(far([2]))\n", {"own", "far"}),
        (OWN + "import far\n__all__ = ['own', 'near']\ndef near(ys):\n    return far.x(ys)\n", {"own"}),
        (OWN + "def near(ys):\n    own = 1  # see own\n    return own\n", {"own"}),
        (OWN + "def near(own):\n    return [f(1) for f in own]\n", {"own"}),
        (OWN + "def near(ys):\n    return lambda own: own(ys)\n", {"own", "near"}),
        (OWN + "import this\ndef near(ys):\n    return this.own(ys)\n", {"own", "near"}),
        (OWN + "def near(match):\n    return match.own()\n", {"own"}),
        (OWN + "class Near(own):\n    pass\n", {"own", "Near"}),
        (OWN + "class Near:\n    def f(self, own):\n        return own\n", {"own"}),
    ],
    ids=["nothing", "caller", "caller-of-both", "helper", "attribute", "attribute-only-read", "global", "method",
         "dynamic", "top-level", "imports-and-literals", "local", "parameter", "inner-scope", "module", "other-object",
         "base", "method-parameter"],
)  # fmt: skip
def test_what_bears_on_a_function(text: str, expected: set[str]) -> None:
    assert bearing(text) == expected


def test_top_level_code_bears_on_everything() -> None:
    text = "LIMIT = 3\n" + OWN + "if LIMIT:\n    print(LIMIT)\n"
    pieces = pieces_of(text)
    assert pieces.bearing(1) == set(range(len(pieces.all)))


def test_other_uses_of_a_name_are_told() -> None:
    text = OWN + "def near(own):\n    return own\n" + "def far(xs):\n    return xs\n"
    pieces = pieces_of(text)
    assert pieces.uses(frozenset({0})) == ((1, "own"), (1, "own"))
    passed = pieces_of(text.replace("return own\n", "return own(1)\n"))
    assert passed.uses(frozenset({0})) == ((1, "own"), (1, "own("))
