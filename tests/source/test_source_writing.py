"""Atomic writes: the old file or the new one, never anything else."""

import errno
import os
import stat
from pathlib import Path

import pytest

from perf_advise.model.errors import UserError
from perf_advise.source.writing import write_atomically


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    path.chmod(0o750)
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o750
    assert names(tmp_path) == ["a.py"]


def test_a_new_file_gets_the_mode_of_any_new_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.json", b"{}")
    (tmp_path / "b.json").write_bytes(b"{}")
    assert (tmp_path / "a.json").stat().st_mode == (tmp_path / "b.json").stat().st_mode


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    target = tmp_path / "deep" / "real.py"
    target.write_bytes(b"old")
    link = tmp_path / "link.py"
    link.symlink_to(Path("deep") / "real.py")
    write_atomically(link, b"new")
    assert link.is_symlink() and target.read_bytes() == b"new"
    assert names(tmp_path) == ["deep", "link.py"] and names(tmp_path / "deep") == ["real.py"]


def test_a_read_only_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(UserError, match=r"a\.py: cannot be written \(read-only\); make it writable"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old" and names(tmp_path) == ["a.py"]


def test_folders_and_missing_folders_are_user_errors(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not a regular file"):
        write_atomically(tmp_path, b"new")
    with pytest.raises(UserError, match="cannot be written"):
        write_atomically(tmp_path / "absent" / "a.py", b"new")


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=["disk full", "Ctrl-C"]
)
def test_a_failure_at_any_step_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, failure: BaseException
) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")

    def fail(*args: object) -> None:
        raise failure

    monkeypatch.setattr(os if step == "fsync" else Path, step, fail)
    with pytest.raises(UserError if isinstance(failure, OSError) else KeyboardInterrupt) as error:
        write_atomically(path, b"new")
    if isinstance(failure, OSError):
        assert str(error.value) == f"{path}: cannot be written (No space left on device)"
    assert path.read_bytes() == b"old" and names(tmp_path) == ["a.py"]


def test_a_folder_that_cannot_be_written_is_a_user_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")

    def denied(*args: object, **options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", denied)
        with pytest.raises(UserError, match=r"a\.py: cannot be written \(Permission denied\)"):
            write_atomically(path, b"new")
    assert path.read_bytes() == b"old"


def test_a_full_device_is_a_user_error() -> None:
    """`/dev/full` is not a regular file, so it is refused before anything is written."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with pytest.raises(UserError, match="not a regular file"):
        write_atomically(Path("/dev/full"), b"new")
