"""Constants moved to module level keep their layout, and their text where strings go over lines."""

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import answer, fixed

TABLE = next(loaded for loaded in load_rules() if loaded.rule.code == "PA509")
ALIGNED = """
def mark(side: str) -> str:
    if side:
        marks = {'left': '[l]',
                 'center': '[c]',
                 'right': '[r]',
                 'none': ''}
        return marks[side]
    return ''
"""
LONG = '''
def mark(side: str) -> str:
    marks = {
        "left": "l", "right": "r", "none": "",
        "center": """
    c
        """,
    }
    return marks[side]
'''


def test_entries_stay_below_each_other() -> None:
    after = fixed(TABLE, ALIGNED)[1]
    assert "_MARKS = {'left': '[l]',\n          'center': '[c]',\n          'right': '[r]',\n" in after


def test_the_text_of_a_string_over_several_lines_does_not_move() -> None:
    after = fixed(TABLE, LONG)[1]
    assert after.startswith("\n_MARKS = {")
    assert answer(after, "mark('center')") == answer(LONG, "mark('center')") == ("value", "\n    c\n        ")


def test_constants_of_two_functions_are_moved_at_once() -> None:
    after = fixed(TABLE, "class A:\n" + "".join(_method(name) for name in "fg"))[1]
    assert (after.count("_TABLE = {"), after.count(" = {'a'")) == (2, 2)


def _method(name: str) -> str:
    return f"    def {name}(self, k):\n        table = {{'a': 1, 'b': 2, 'c': 3, 'd': 4}}\n        return table[k]\n\n"
