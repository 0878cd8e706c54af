"""A constant that each call makes anew is a finding where the profile's calls make it felt."""

from dataclasses import replace
from pathlib import Path

import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.catalog.ratios import Ratios
from perf_advise.engine.analyse import analyse
from perf_advise.engine.views import Views
from perf_advise.hotspots import all_functions

RULES = [loaded for loaded in load_rules() if loaded.rule.code in ("PA508", "PA509")]
TABLE = (
    "def mark(side: str) -> str:\n    marks = {'left': '<', 'right': '>', 'center': '^', 'none': ''}\n"
    "    return marks[side]\n"
)
PATTERN = "import re\n\n\ndef number(text: str):\n    return re.match('[0-9]+', text)\n"
IN_LOOP = "import re\n\n\ndef f(texts: list[str]):\n    for text in texts:\n        print(re.match('[0-9]+', text))\n"


@pytest.mark.parametrize(
    ("source", "calls", "seconds", "found"),
    [
        (TABLE, 1_000_000, 2.0, True),
        (TABLE, 1_000, 2.0, False),
        (TABLE, None, 2.0, True),
        (TABLE, None, None, True),
        (PATTERN, 1_000_000, 2.0, True),
        (PATTERN, 1_000, 2.0, False),
        (IN_LOOP, 1, 2.0, True),
    ],
)
def test_what_few_calls_make_anew_is_no_finding(
    source: str, calls: int | None, seconds: float | None, found: bool, tmp_path: Path
) -> None:
    path = tmp_path / "example.py"
    path.write_text(source, "utf-8")
    views = Views(tmp_path, (3, 11))
    function = next(f for f in all_functions([views.file(path)[0]]) if not f.is_module)
    hot = replace(function, calls=calls, seconds=seconds)
    assert bool(analyse([hot], lambda _: RULES, views, Ratios({}), 0.0).findings) is found
