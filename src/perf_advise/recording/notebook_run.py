"""Runs a notebook's cells in a kernel, in a process of its own: `python -I notebook_run.py NOTEBOOK [PYTHON]`.

Isolated, so that the agents are loaded into the kernel alone. What the cells print goes to the standard streams; the
file stays as it is. Ends with 1 and a line where a cell fails, with 2 and a line where there is no such kernel.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

_OWN = ("python", "python3", f"python{sys.version_info[0]}.{sys.version_info[1]}", sys.executable)


class _Client(NotebookClient):
    """Passes on what cells print, and remembers which code cell runs."""

    number = 0

    async def async_execute_cell(self, cell: Any, *args: Any, **options: Any) -> Any:
        """Execute one cell."""
        self.number += cell.cell_type == "code"
        return await super().async_execute_cell(cell, *args, **options)

    def output(self, outs: Any, msg: Any, display_id: str | None, cell_index: int) -> Any:
        """Take one output message."""
        if msg["msg_type"] == "stream":
            stream = sys.stderr if msg["content"]["name"] == "stderr" else sys.stdout
            stream.write(msg["content"]["text"])
            stream.flush()
        return super().output(outs, msg, display_id, cell_index)


def main(path: Path, python: str = "") -> int:
    """Run the notebook; `python` runs the kernel where the notebook asks for the default one. The exit code."""
    notebook: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    client = _Client(notebook, timeout=None, resources={"metadata": {"path": str(path.parent)}})
    try:
        words: list[str] = client.create_kernel_manager().kernel_spec.argv  # type: ignore[union-attr]
        if python and words[0] in _OWN:
            words[0] = python
        client.owns_km = True
        client.extra_arguments = ["--log-level=ERROR"] if "ipykernel_launcher" in words else []
        asyncio.run(client.async_execute())
    except NoSuchKernel as error:
        return _fail(2, f"{path}: its kernel {error.name} is not installed; see `jupyter kernelspec list`")
    except CellExecutionError as error:
        return _fail(1, f"{path}: cell {client.number}: {error.ename}: {error.evalue.splitlines()[0]}")
    except DeadKernelError:
        return _fail(1, f"{path}: cell {client.number}: the kernel died")
    return 0


def _fail(code: int, message: str) -> int:
    print(f"perf-advise: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
