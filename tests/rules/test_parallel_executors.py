"""The setting `executor`: the same advice for the cores of a machine and for a cluster, tried on a local one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from perf_advise.catalog.loading import load_rules
from perf_advise.cli.settings import read_setting
from perf_advise.engine.examples import fixed
from perf_advise.model.errors import UserError
from perf_advise.model.options import EXECUTORS, Options
from perf_advise.rulekit.executors import PROCESSES

RULE = next(loaded for loaded in load_rules() if loaded.rule.code == "PA301")
PROGRAM = """
def weigh(start: int, bound: int) -> int:
    steps = 0
    while start != 1 and steps < bound:
        start = start // 2 if start % 2 == 0 else 3 * start + 1
        steps += 1
    return steps


def weights(starts: list[int], bound: int) -> list[int]:
    return [weigh(start, bound) for start in starts]


if __name__ == "__main__":
    print(weights([7, 27, 7, 97], 100))
"""


def test_every_executor_is_written_in_its_own_way() -> None:
    assert tuple(PROCESSES) == EXECUTORS
    assert Options().executor == EXECUTORS[0]
    own = fixed(RULE, PROGRAM, {})[1]
    assert (
        "with ProcessPoolExecutor() as executor:\n        return list(executor.map(weigh, starts, repeat(bound)))"
        in own
    )
    analysis, dask = fixed(RULE, PROGRAM, {}, "dask")
    assert "from distributed import Client\n" in dask
    mapped = "list(client.get_executor(pure=False).map(weigh, starts, [bound] * len(starts)))"
    assert f"with Client() as client:\n        return {mapped}" in dask
    assert analysis.findings[0].fix is not None
    assert analysis.findings[0].fix.packages == ("distributed",)
    analysis, mpi = fixed(RULE, PROGRAM, {}, "mpi4py")
    assert "with MPIPoolExecutor() as executor:" in mpi
    assert analysis.findings[0].fix is not None
    assert any("mpiexec" in text for text in analysis.findings[0].fix.differences)


@pytest.mark.parametrize("executor", ["concurrent.futures", "dask"])
def test_the_new_program_prints_what_the_old_one_did(executor: str, tmp_path: Path) -> None:
    if executor == "dask":
        pytest.importorskip("distributed")
    new = tmp_path / "program.py"
    new.write_text(fixed(RULE, PROGRAM, {}, executor)[1], "utf-8")
    environment = {**os.environ, "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "critical"}
    done = subprocess.run(
        [sys.executable, str(new)],
        capture_output=True,
        text=True,
        timeout=240,
        cwd=tmp_path,
        env=environment,
        check=False,
    )
    assert done.stdout == "[16, 100, 16, 100]\n", done.stderr


def test_an_executor_that_is_not_there() -> None:
    assert read_setting("executor", "dask", "", Path()) == ("executor", "dask")
    with pytest.raises(UserError, match="there is no 'dusk'"):
        read_setting("executor", "dusk", "", Path())
