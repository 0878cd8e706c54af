"""The Model Context Protocol server: profile, advise, prove and fix as tools of a coding agent.

Each tool runs the command line in a process of its own, in the folder that the agent names: what the user's program
prints can never mix with the protocol, and a program that hangs or crashes takes nothing with it.
"""

import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import anyio
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from perf_advise import __version__

Result = dict[str, Any]

INSTRUCTIONS = """Make slow Python programs faster by measuring first. The order that works: `record` the program (or
use a profile that is there), `hotspots` to see where the time goes, `advise` for known slow shapes in hot functions
only, `prove` to replay real calls against old and new code, `fix` to apply what is safe or proved, `record` again. Do
not optimise functions that no profile marks hot. `explain` tells when the rewrite of a rule is not the same."""


def server() -> MCPServer:
    """The server with its tools; nothing runs before an agent asks."""
    made = MCPServer("perf-advise", instructions=INSTRUCTIONS, version=__version__)
    tools: tuple[Callable[..., Awaitable[Result]], ...] = (record, hotspots, advise, prove, fix, explain)
    for tool in tools:
        made.tool()(tool)
    return made


async def record(folder: str, command: list[str], keep_calls: bool = False) -> Result:
    """Run a program once and keep its profile in .perf-advise/profile.json of its project.

    `command` is what one would type: ["python", "app.py", "--n", "3"]. With `keep_calls` real calls of functions that
    the last profile marks hot are kept as well, for proofs. Its output comes back in part; it gets no input.
    """
    flags = ["--calls"] if keep_calls else []
    done = await _run(folder, ["record", *flags, "--", *command])
    return {"exit_code": done[0], "output": done[1][-4000:], "summary": done[2][-4000:]}


async def hotspots(folder: str, profile: str = "", hot: str = "1%") -> Result:
    """The hot functions: own and cumulative shares, calls, path and line, callers and callees.

    `profile` is a file of any Python profiler; by default the one that `record` kept.
    """
    named = ["-p", profile] if profile else []
    return await _json(folder, ["hotspots", "--hot", hot, *named, "--callers", "--callees", "--output-format", "json"])


async def advise(folder: str, paths: Sequence[str] = (".",), profile: str = "", why_not: bool = False) -> Result:
    """Findings in hot functions: the slow shape, the gain, the edits of the fix, and whether it is safe.

    With `why_not` also what matched and was refused, and why. Changes nothing.
    """
    return await _check(folder, paths, profile, ["--why-not"] if why_not else [])


async def prove(folder: str, paths: Sequence[str] = (".",), float_tolerance: str = "") -> Result:
    """Advice with a proof for each fix: the recorded command runs again, real calls are replayed on old and new code.

    The verdict is same, same up to rounding, different (with a counterexample) or not shown; speed-ups are measured.
    `float_tolerance` such as 4ulp or 1e-12 says which rounding passes for the same.
    """
    tolerance = ["--float-tolerance", float_tolerance] if float_tolerance else []
    return await _check(folder, paths, "", ["--prove", *tolerance])


async def fix(
    folder: str, paths: Sequence[str] = (".",), profile: str = "", unsafe: bool = False, test: str = ""
) -> Result:
    """Apply fixes: the safe ones and those proved the same and faster; with `unsafe` all that no proof refuted.

    `test` is a command that must pass afterwards ("pytest -q"): a fix that breaks it is taken back. `perf-advise undo`
    restores the files.
    """
    flags = ["--fix", *(["--unsafe-fixes"] if unsafe else []), *(["--test", test] if test else [])]
    return await _check(folder, paths, profile, flags)


async def explain(rule: str) -> Result:
    """What a rule (a code such as PA501, or its name) finds, why it is slow, and when the rewrite is not the same."""
    code, out, err = await _run(".", ["explain", rule])
    if code:
        raise ToolError(err.strip())
    return {"text": out}


async def _check(folder: str, paths: Sequence[str], profile: str, flags: Sequence[str]) -> Result:
    named = ["-p", profile] if profile else []
    return await _json(folder, ["check", *paths, *named, *flags, "--output-format", "json"])


async def _json(folder: str, arguments: Sequence[str]) -> Result:
    """The JSON that a command prints; its error, one line that says what to do, becomes the tool's."""
    code, out, err = await _run(folder, arguments)
    if code not in (0, 1):
        raise ToolError(err.strip() or f"perf-advise ended with {code}")
    found: Result = json.loads(out)
    return found


async def _run(folder: str, arguments: Sequence[str]) -> tuple[int, str, str]:
    """Exit code, output and errors of one command line; it is ended when the agent gives the call up."""
    if not Path(folder).is_dir():
        raise ToolError(f"{folder}: no such folder; name the root of the project")
    command = [sys.executable, "-m", "perf_advise", *arguments]
    done = await anyio.run_process(command, cwd=folder, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
