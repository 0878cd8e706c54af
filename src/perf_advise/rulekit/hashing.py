"""Which values may go into a set or be keys of a dict in place of comparing them one by one."""

from perf_advise.facts import Typed
from perf_advise.model.facts import Answer, Truth
from perf_advise.model.pytypes import PyType

_PLAIN = frozenset({"int", "str", "float", "bool", "bytes", "complex", "NoneType"})
_OF_ITEMS = frozenset({"tuple", "frozenset"})
_UNHASHABLE = frozenset({"list", "dict", "set", "bytearray", "numpy.ndarray"})


def hashes_as_it_compares(typed: Typed) -> Answer:
    """Whether every type that a value can have is hashable, with a hash that agrees with `==`.

    Builtin immutable types do, and tuples and frozensets of them; of a class of the user's that is not known.
    """
    kinds = typed.alternatives or ((typed.type,) if typed.type is not None else ())
    if not kinds:
        return Answer.unknown(typed.why)
    truths = {_hashes(kind) for kind in kinds}
    text = f"{' or '.join(sorted(map(str, kinds)))} ({typed.why})"
    if truths == {Truth.YES}:
        return Answer.yes(text, typed.evidence)
    return Answer.no(text, typed.evidence) if truths == {Truth.NO} else Answer.unknown(text)


def _hashes(kind: PyType) -> Truth:
    if kind.name in _PLAIN:
        return Truth.YES
    if kind.name in _UNHASHABLE:
        return Truth.NO
    if kind.name not in _OF_ITEMS or not kind.args:
        return Truth.UNKNOWN
    truths = {_hashes(item) for item in kind.args}
    return truths.pop() if len(truths) == 1 else Truth.NO if Truth.NO in truths else Truth.UNKNOWN
