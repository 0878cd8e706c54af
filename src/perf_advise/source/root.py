"""Where a project starts."""

import os
from pathlib import Path


def absolute(path: Path) -> Path:
    """The path absolute and without `..`, but with symbolic links as they stand."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.resolve would follow the links


def resolved(path: Path) -> Path:
    """The path absolute and without symbolic links; a loop of them stays, where `Path.resolve` would raise."""
    return Path(os.path.realpath(path))


def project_root(path: Path) -> Path:
    """The nearest folder from `path` upwards with `pyproject.toml` or `.git`, else the folder of `path`."""
    start = absolute(path)
    if not start.is_dir():
        start = start.parent
    for folder in (start, *start.parents):
        if (folder / "pyproject.toml").is_file() or (folder / ".git").exists():
            return folder
    return start
