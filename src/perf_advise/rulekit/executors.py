"""What independent calls are handed to: a pool of this machine, or the executor of a cluster."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Executor:
    """How one is written: `target` is imported and called in a `with`; `mapping` is what has the `map` in there.

    `takes_iterators` says whether `map` accepts `repeat(x)`; `note` is what has to be known beyond the pool's own.
    """

    target: str
    name: str = "executor"
    mapping: str = "{name}"
    takes_iterators: bool = True
    packages: tuple[str, ...] = ()
    note: str = ""


THREADS = Executor("concurrent.futures.ThreadPoolExecutor")
PROCESSES = {
    "concurrent.futures": Executor("concurrent.futures.ProcessPoolExecutor"),
    "dask": Executor(
        "distributed.Client", "client", "{name}.get_executor(pure=False)", False, ("distributed",),
        "`Client()` connects to the scheduler that Dask is configured with, else it starts workers on this machine",
    ),
    "mpi4py": Executor(
        "mpi4py.futures.MPIPoolExecutor", packages=("mpi4py",),
        note="the program is started with `mpiexec -n 1 python -m mpi4py.futures PROGRAM`, else it waits for workers",
    ),
}  # fmt: skip
"""By the name of the setting `executor`."""
