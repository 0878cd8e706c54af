"""Names of new code that mean something else where it goes."""

import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed

RULES = {loaded.rule.code: loaded for loaded in load_rules()}


def refusals(code: str, source: str) -> list[str]:
    """The reasons for which a rule leaves a source as it is."""
    analysis, after = fixed(RULES[code], source, {})
    assert after == source
    return [refusal.reason for refusal in analysis.refusals]


@pytest.mark.parametrize(
    ("code", "name", "source"),
    [
        ("PA505", "min", "def f(words: list[str], min: int) -> str:\n    return sorted(words)[0]\n"),
        (
            "PA511",
            "dict",
            "def f(text: str):\n    dict = {}\n    for c in text:\n        dict[c] = dict.get(c, 0) + 1\n    return dict\n",
        ),
        (
            "PA503",
            "Counter",
            "from collections import Counter\n\n\ndef f(words: list[str], Counter: int) -> list[str]:\n"
            "    return [w for w in words if words.count(w) > 1]\n",
        ),
    ],
)
def test_a_name_that_the_function_binds_is_not_written(code: str, name: str, source: str) -> None:
    assert refusals(code, source) == [f"`{name}` means something else in the function"]


def test_what_goes_to_module_level_reads_no_local_import() -> None:
    source = 'def f(text: str) -> list[str]:\n    import re\n    p = re.compile("[0-9]")\n    return p.findall(text)\n'
    assert refusals("PA508", source) == ["`re` is not known at module level"]
    assert "_P = re.compile" in fixed(RULES["PA508"], "import re\n" + source.replace("    import re\n", ""), {})[1]


def test_new_quotes_do_not_go_into_an_f_string() -> None:
    source = 'def f(rows) -> str:\n    return f"{sorted(rows, key=lambda row: row.name)}"\n'
    assert refusals("PA903", source) == ["in an f-string, quotes and braces of its own would end it"]


def test_two_fixes_do_not_bind_one_name() -> None:
    source = (
        "import re\n\n\ndef f(text: str) -> str:\n"
        '    for mark in re.compile("a"), re.compile("b"):\n        text = mark.sub("", text)\n    return text\n'
    )
    analysis, after = fixed(RULES["PA508"], source, {})
    assert len(analysis.findings) == 2
    assert after.count("_F_PATTERN = ") == 1
    assert 're.compile("b"):' in after


def test_two_fixes_may_share_the_line_that_binds_a_name() -> None:
    source = (
        "def f(xs: list[int], ys: list[int]) -> int:\n    n = 0\n    for x in xs:\n"
        "        n += x in ys\n        n -= -x in ys\n    return n\n"
    )
    after = fixed(RULES["PA501"], source, {})[1]
    assert (after.count("ys_set = set(ys)"), after.count("in ys_set")) == (1, 2)
