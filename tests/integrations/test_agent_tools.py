"""The tools that coding agents call, over the real protocol, by the SDK's own client."""

import os
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

PROGRAM = """
def common(xs: list[int], ys: list[int]) -> int:
    found = 0
    for x in xs:
        if x in ys:
            found += 1
    return found

if __name__ == "__main__":
    print("to standard output", common(list(range(6000)), list(range(0, 9000, 3))))
"""


def called(*calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """The results of calls, one after the other, in one session."""

    async def session() -> list[Any]:
        command = [sys.executable, "-m", "perf_advise", "mcp"]
        started = StdioServerParameters(command=command[0], args=command[1:], env=dict(os.environ))
        async with Client(started) as client:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return anyio.run(session)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "app.py").write_text(PROGRAM)
    return tmp_path


def test_profile_then_advise_then_fix(project: Path) -> None:
    folder = {"folder": str(project)}
    recorded, hot, advice, fixed = called(
        ("record", folder | {"command": [sys.executable, "app.py"]}),
        ("hotspots", folder),
        ("advise", folder),
        ("fix", folder),
    )
    assert "to standard output 2000" in recorded.structured_content["output"]
    assert hot.structured_content["functions"][0]["function"] == "common"
    assert [f["code"] for f in advice.structured_content["findings"]] == ["PA501"]
    assert [f["code"] for f in fixed.structured_content["applied"]] == ["PA501"]
    assert "if x in ys_set" in (project / "app.py").read_text()


def test_an_error_says_what_to_do(project: Path) -> None:
    nothing, nowhere, unknown = called(
        ("advise", {"folder": str(project)}), ("advise", {"folder": "/no/such"}), ("explain", {"rule": "PA50x"})
    )
    assert nothing.is_error and "perf-advise record" in nothing.content[0].text
    assert nowhere.is_error and "no such folder" in nowhere.content[0].text
    assert unknown.is_error and "PA50x" in unknown.content[0].text


def test_explain_gives_the_rule(project: Path) -> None:
    (result,) = called(("explain", {"rule": "PA501"}))
    assert "hashable" in result.structured_content["text"]
