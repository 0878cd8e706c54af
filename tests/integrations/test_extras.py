"""Without their packages the servers say what to install."""

import sys
from collections.abc import Callable

import pytest

from perf_advise.cli import lsp, mcp
from perf_advise.model.errors import UserError


@pytest.mark.parametrize(
    ("command", "package", "extra"), [(lsp.command, "lsprotocol", "lsp"), (mcp.command, "mcp", "mcp")]
)
def test_a_missing_extra_is_one_line(
    monkeypatch: pytest.MonkeyPatch, command: Callable[[], int], package: str, extra: str
) -> None:
    for name in [n for n in sys.modules if n.split(".")[0] == package or n.startswith("perf_advise.integrations")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)  # type: ignore[arg-type]
    with pytest.raises(UserError) as error:
        command()
    assert f"pip install 'perf-advise[{extra}]'" in str(error.value)
