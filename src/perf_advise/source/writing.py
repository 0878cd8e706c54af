"""Whole files written so that a crash at any point leaves the old one or the new one."""

import contextlib
import os
import stat
from pathlib import Path

from perf_advise.model.errors import UserError


def write_atomically(path: Path, data: bytes) -> None:
    """Replace or create the file at `path`, behind symlinks too; its mode is kept.

    UserError when the file or its folder cannot be written or the disk is full; nothing has changed then.
    """
    target = Path(os.path.realpath(path))
    try:
        before = _writable(target, path)
        _replace(target, data, before)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error.strerror or error})") from None


def _writable(target: Path, path: Path) -> os.stat_result | None:
    """The status of an existing file; a rename would succeed on a read-only one, so that is asked first."""
    try:
        before = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(before.st_mode):
        raise UserError(f"{path}: cannot be written (not a regular file)")
    if not before.st_mode & 0o222 or not os.access(target, os.W_OK):
        raise UserError(f"{path}: cannot be written (read-only)", "make it writable")
    return before


def _replace(target: Path, data: bytes, before: os.stat_result | None) -> None:
    new = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")
    try:
        with new.open("xb") as stream:
            stream.write(data)
            stream.flush()
            if before is not None:
                _keep_mode(new, before)
            os.fsync(stream.fileno())
        new.replace(target)
    except BaseException:  # Ctrl-C too: no temporary file stays behind
        with contextlib.suppress(OSError):
            new.unlink()
        raise
    _sync_folder(target.parent)


def _keep_mode(path: Path, before: os.stat_result) -> None:
    path.chmod(stat.S_IMODE(before.st_mode))
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):  # only root may give a file away
            os.chown(path, before.st_uid, before.st_gid)


def _sync_folder(folder: Path) -> None:
    """Make the rename durable where the system lets folders be synced; the file is whole either way."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
