"""What `perf-advise facts` prints."""

from collections.abc import Callable

from perf_advise.facts import Facts
from perf_advise.facts.describe import describe
from perf_advise.model.pytypes import PyType

FactsOf = Callable[..., Facts]

SOURCE = """
    import math

    class Sim:
        def __init__(self, n: int):
            self.n = n

        def run(self, xs: list[int], p):
            total = 0
            for x in xs:
                total += x * self.n
            p(total)
            return lambda: total
    """


def test_every_name_has_scope_type_and_evidence(facts_of: FactsOf) -> None:
    lines = describe(facts_of(SOURCE, "Sim.run", {"p": PyType("function"), "xs": PyType("list", (PyType("str"),))}))
    text = "\n".join(lines)
    assert lines[0] == "Sim.run, line 8"
    assert "  p: parameter, function (seen: function seen while recording)" in lines
    assert "  total: local, captured, " in text
    assert "  self.n: int (static: `n` as the methods of app.Sim set it)" in lines
    assert "  xs: annotated list[int], but list[str] was seen while recording" in lines
    assert "  unknown: " in text
    assert "  line 10: of what it binds, total is read later; runs at least once: unknown" in lines


def test_harmless_code_has_no_effects(facts_of: FactsOf) -> None:
    assert "  none" in describe(facts_of("def f(n: int):\n    return n + 1\n"))


def test_top_level_code(facts_of: FactsOf) -> None:
    assert describe(facts_of("x = 1\nfor i in range(x):\n    x += i\n"))[0] == "top-level code"
