"""perf-advise: advice for the hot functions of a slow Python program, and the proof that it holds."""

__version__ = "0.1.0"


def load_ipython_extension(shell: object) -> None:
    """What `%load_ext perf_advise` calls: the cell magic `%%advise`."""
    from perf_advise.integrations.notebook_magic import register  # the command line must start without it

    register(shell)
