"""What calls of array libraries cost: whole arrays, or a look at a type or a shape."""

import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.engine.examples import fixed

COSTLY_FIRST = next(loaded for loaded in load_rules() if loaded.rule.code == "PA513")
SOURCE = (
    "import numpy as np\nimport pandas as pd\n\n\ndef f(x, flag: bool) -> bool:\n    return bool({call}) and flag\n"
)


def reasons(call: str) -> str:
    """What PA513 says of a test with this call before a cheap one."""
    return " ".join(f.message for f in fixed(COSTLY_FIRST, SOURCE.format(call=call))[0].findings)


@pytest.mark.parametrize("call", ["np.isfinite(x)", "np.isnan(x)", "pd.isna(x)"])
def test_functions_that_go_over_the_elements(call: str) -> None:
    assert "works on whole arrays" in reasons(call)


@pytest.mark.parametrize(
    "call", ["np.issubdtype(x.dtype, np.integer)", "np.ndim(x)", "pd.api.types.is_bool_dtype(x)", "np._core.thing(x)"]
)
def test_looks_at_types_and_shapes(call: str) -> None:
    assert "works on whole arrays" not in reasons(call)
