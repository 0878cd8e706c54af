"""Arrays of less than 64 bits: stores that NumPy does as the loop did, and those that it would refuse or sum otherwise."""

import numpy as np
import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed, imported

RULES = {loaded.rule.code: loaded for loaded in load_rules() if loaded.rule.code in ("PA101", "PA102")}
SOURCE = (
    "import numpy as np\n\n\ndef f(small, wide, mask, n: int):\n    for i in range(n):\n        {}\n    return small\n"
)
TYPES = {"small": "ndarray[uint8, 1d]", "wide": "ndarray[int64, 1d]", "mask": "ndarray[bool, 1d]"}


@pytest.mark.parametrize(
    "store",
    [
        "small[i] = 200",
        "small[i] = small[i] + 100",
        "small[i] = 255 if wide[i] > 3 else 0",
        "small[i] = small[i] // 2 if mask[i] else small[i]",
        "mask[i] = wide[i] > 3 and small[i] < 250",
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_stores_give_what_the_loop_gave(store: str) -> None:
    before = SOURCE.format(store)
    _, after = fixed(RULES["PA102"], before, TYPES)
    assert "for i" not in after
    with imported(before) as old, imported(after) as new:
        for module_values in (old, new):
            module_values.values = [np.array([0, 7, 251, 255], np.uint8), np.arange(4) * 3, np.array([True, False] * 2)]
            module_values.given = module_values.f(*module_values.values, 4)
        assert old.given.tolist() == new.given.tolist()
        assert [v.tolist() for v in old.values] == [v.tolist() for v in new.values]


@pytest.mark.parametrize(
    ("code", "store"),
    [
        ("PA102", "small[i] += wide[i]"),
        ("PA102", "mask[i] += 1"),
        ("PA102", "wide[i] = mask[i] + mask[i]"),
        ("PA101", "n += small[i]"),
    ],
)
def test_what_arrays_do_otherwise_is_refused(code: str, store: str) -> None:
    analysis, _ = fixed(RULES[code], SOURCE.format(store), TYPES)
    assert not analysis.findings
