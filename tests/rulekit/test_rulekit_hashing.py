"""Which values may go into a set in place of comparing them one by one."""

import pytest

from perf_advise.facts import Typed
from perf_advise.model.facts import Evidence, Truth
from perf_advise.model.pytypes import parse_pytype
from perf_advise.rulekit.hashing import hashes_as_it_compares


def known(*texts: str) -> Typed:
    kinds = tuple(parse_pytype(text) for text in texts)
    return Typed(kinds[0] if len(kinds) == 1 else None, Evidence.STATIC, "told", kinds)


@pytest.mark.parametrize(
    "texts", [["int"], ["int", "str"], ["tuple[int, str]"], ["tuple[tuple[int, ...], NoneType]"], ["frozenset[int]"]]
)
def test_builtin_immutable_values_and_tuples_of_them_do(texts: list[str]) -> None:
    assert hashes_as_it_compares(known(*texts)).truth is Truth.YES


@pytest.mark.parametrize("texts", [["list[int]"], ["tuple[list[int], int]"], ["dict[str, int]", "set[int]"]])
def test_containers_that_change_do_not(texts: list[str]) -> None:
    assert hashes_as_it_compares(known(*texts)).truth is Truth.NO


@pytest.mark.parametrize("texts", [["app.Point"], ["tuple"], ["int", "list[int]"], ["tuple[app.Point, int]"]])
def test_objects_of_the_user_are_not_known(texts: list[str]) -> None:
    assert hashes_as_it_compares(known(*texts)).truth is Truth.UNKNOWN


def test_an_unknown_type_keeps_its_reason() -> None:
    answer = hashes_as_it_compares(Typed.unknown("a parameter without annotation"))
    assert (answer.truth, answer.why) == (Truth.UNKNOWN, "a parameter without annotation")
