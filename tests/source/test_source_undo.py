"""The journal: the last writes can be taken back, whatever happened in between."""

import json
from pathlib import Path

import pytest

from perf_advise.model.errors import UserError
from perf_advise.source import undo as journal
from perf_advise.source.undo import Change, undo, write_files
from perf_advise.source.writing import write_atomically

NEW = {"a.py": b"new a\r\n", "sub/b.py": b"new b", "c.py": b""}
OLD = {"a.py": b"old a\r\n", "sub/b.py": b"\xef\xbb\xbfold b", "c.py": b"old c\n"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    for name, data in OLD.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "pyproject.toml").touch()
    return tmp_path


def changes(root: Path) -> list[Change]:
    return [Change(root / name, OLD[name], data) for name, data in NEW.items()]


def contents(root: Path) -> dict[str, bytes]:
    return {name: (root / name).read_bytes() for name in OLD}


def test_writes_are_taken_back(root: Path) -> None:
    written = write_files(root, changes(root))
    assert written.failures == () and contents(root) == NEW
    assert (root / ".perf-advise/undo/.gitignore").read_text() == "*\n"
    restored = undo(root)
    assert contents(root) == OLD and restored.kept == ()
    assert sorted(restored.paths) == sorted(root / name for name in OLD)
    assert not (root / ".perf-advise/undo").exists()
    with pytest.raises(UserError, match="nothing to undo"):
        undo(root)


def test_only_the_last_writes_are_kept(root: Path) -> None:
    write_files(root, changes(root))
    write_files(root, [Change(root / "a.py", NEW["a.py"], b"newer")])
    assert len(list((root / ".perf-advise/undo").glob("copies-*/*"))) == 1
    undo(root)
    assert contents(root) == NEW


def test_a_file_changed_since_is_left_alone_until_it_is_as_written(root: Path) -> None:
    write_files(root, changes(root))
    (root / "a.py").write_bytes(b"by hand")
    (root / "c.py").unlink()
    restored = undo(root)
    assert restored.paths == (root / "sub/b.py",)
    assert restored.kept == (
        f"{root / 'a.py'}: changed since it was fixed, left alone",
        f"{root / 'c.py'}: no such file",
    )
    assert (root / "a.py").read_bytes() == b"by hand"
    (root / "a.py").write_bytes(NEW["a.py"])
    (root / "c.py").write_bytes(NEW["c.py"])
    assert undo(root).kept == () and contents(root) == OLD


def test_a_file_changed_before_the_write_is_left_alone(root: Path) -> None:
    (root / "a.py").write_bytes(b"by hand")
    written = write_files(root, changes(root))
    assert [str(failure) for failure in written.failures] == [
        f"{root / 'a.py'}: changed since it was read, left alone; run again"
    ]
    assert contents(root) == {**NEW, "a.py": b"by hand"}
    undo(root)
    assert contents(root) == {**OLD, "a.py": b"by hand"}


def test_a_file_that_cannot_be_written_does_not_stop_the_others(root: Path) -> None:
    (root / "a.py").chmod(0o444)
    written = write_files(root, changes(root))
    assert len(written.failures) == 1 and contents(root) == {**NEW, "a.py": OLD["a.py"]}
    undo(root)
    assert contents(root) == OLD


@pytest.mark.parametrize("survives", range(8))
def test_a_crash_at_any_write_leaves_whole_files_and_a_way_back(
    root: Path, monkeypatch: pytest.MonkeyPatch, survives: int
) -> None:
    """Seven writes: three copies, the journal, three files."""
    write_files(root, [Change(root / "c.py", OLD["c.py"], b"first")])
    undo(root)
    left = survives

    def crash(path: Path, data: bytes) -> None:
        nonlocal left
        if left == 0:
            raise KeyboardInterrupt
        left -= 1
        write_atomically(path, data)

    monkeypatch.setattr(journal, "write_atomically", crash)
    if survives < 7:
        with pytest.raises(KeyboardInterrupt):
            write_files(root, changes(root))
    else:
        write_files(root, changes(root))
    monkeypatch.undo()
    assert all(data in (OLD[name], NEW[name]) for name, data in contents(root).items())
    if survives >= 4:
        undo(root)
    assert contents(root) == OLD


def test_a_crash_while_undoing_can_be_repeated(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(root, changes(root))

    def crash(path: Path, data: bytes) -> None:
        if path.name == "b.py":
            raise KeyboardInterrupt
        write_atomically(path, data)

    monkeypatch.setattr(journal, "write_atomically", crash)
    with pytest.raises(KeyboardInterrupt):
        undo(root)
    monkeypatch.undo()
    assert undo(root).kept == () and contents(root) == OLD


def test_a_file_of_another_project_goes_into_that_ones_journal(root: Path, tmp_path: Path) -> None:
    here, there = root / "here", root / "there"
    for folder in (here, there):
        folder.mkdir()
        (folder / "pyproject.toml").touch()
        (folder / "x.py").write_bytes(b"old")
    write_files(here, [Change(folder / "x.py", b"old", b"new") for folder in (here, there)])
    undo(here)
    assert (here / "x.py").read_bytes() == b"old" and (there / "x.py").read_bytes() == b"new"
    undo(there)
    assert (there / "x.py").read_bytes() == b"old"


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[1]", b"\xff", b'{"version": 2, "files": []}', b'{"version":1,"files":[{}]}']
)
def test_a_damaged_journal_is_a_user_error(root: Path, data: bytes) -> None:
    write_files(root, changes(root))
    (root / ".perf-advise/undo/journal.json").write_bytes(data)
    with pytest.raises(UserError, match="damaged; take the changes back with your version control"):
        undo(root)
    assert contents(root) == NEW


@pytest.mark.parametrize("path", ["../outside.py", "/outside.py", "sub\\..\\..\\outside.py"])
def test_a_journal_reaches_no_file_outside_of_its_project(root: Path, path: str) -> None:
    write_files(root, changes(root))
    place = root / ".perf-advise/undo/journal.json"
    content = json.loads(place.read_text())
    content["files"][0]["path"] = path
    place.write_text(json.dumps(content))
    with pytest.raises(UserError, match="damaged"):
        undo(root)


def test_a_file_behind_a_link_is_journaled_where_it_is(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("elsewhere")
    (outside / "x.py").write_bytes(b"old")
    (root / "link.py").symlink_to(outside / "x.py")
    assert write_files(root, [Change(root / "link.py", b"old", b"new")]).failures == ()
    assert (root / "link.py").is_symlink() and (outside / "x.py").read_bytes() == b"new"
    undo(outside)
    assert (outside / "x.py").read_bytes() == b"old"


def test_a_link_out_of_the_project_is_not_followed_back(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("elsewhere") / "x.py"
    outside.write_bytes(NEW["a.py"])
    write_files(root, changes(root))
    (root / "a.py").unlink()
    (root / "a.py").symlink_to(outside)
    assert undo(root).kept and outside.read_bytes() == NEW["a.py"]


def test_a_damaged_copy_is_not_given_back(root: Path) -> None:
    write_files(root, changes(root))
    next((root / ".perf-advise/undo").glob("copies-*/0")).write_bytes(b"garbage")
    restored = undo(root)
    assert len(restored.kept) == 1 and contents(root) == {**OLD, "a.py": NEW["a.py"]}


def test_nothing_is_written_when_the_journal_cannot_be(root: Path) -> None:
    (root / ".perf-advise").write_text("in the way")
    with pytest.raises(UserError, match=r"\.perf-advise.*cannot be written"):
        write_files(root, changes(root))
    assert contents(root) == OLD


def test_no_changes_keep_the_last_journal(root: Path) -> None:
    write_files(root, changes(root))
    assert write_files(root, []).paths == ()
    undo(root)
    assert contents(root) == OLD
