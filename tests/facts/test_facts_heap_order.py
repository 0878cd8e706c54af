"""The atoms of a value come in one order, whatever addresses they have: reasons name them, and have to be the same."""

from itertools import permutations

from perf_advise.facts.types.heap import Atom, Value
from perf_advise.model.pytypes import PyType

NAMES = ("pandas.Series", "pandas.DataFrame", "list", "int", "numpy.ndarray")


def test_atoms_come_in_one_order() -> None:
    orders = set()
    for names in permutations(NAMES):
        value = Value(frozenset([Atom(PyType(name)) for name in names]))
        orders.add(tuple(atom.type.name for atom in value))
    assert len(orders) == 1
    assert set(orders.pop()) == set(NAMES)
