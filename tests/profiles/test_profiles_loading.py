"""From paths to profiles: files, folders, patterns, gzip, pipes, and what cannot be read."""

import gzip
import marshal
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from perf_advise.model.errors import UserError
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.loading import load, read_profile


def dump(seconds: float, name: str = "f") -> bytes:
    return marshal.dumps({("app.py", 3, name): (1, 1, seconds, seconds, {})})


def test_one_file(profiles: Path) -> None:
    loaded = load([profiles / "cprofile.prof"])
    assert loaded.time == read_profile(profiles / "cprofile.prof")
    assert (loaded.allocation, loaded.executions, loaded.warnings) == (None, None, ())


def test_gzip_is_opened(profiles: Path, tmp_path: Path) -> None:
    packed = tmp_path / "whatever.bin"
    packed.write_bytes(gzip.compress((profiles / "cprofile.prof").read_bytes()))
    assert read_profile(packed) == read_profile(profiles / "cprofile.prof")


def test_name_of_a_gzipped_cover_file(profiles: Path, tmp_path: Path) -> None:
    packed = tmp_path / "simkit.tree.cover.gz"
    packed.write_bytes(gzip.compress((profiles / "trace-cover" / "simkit.tree.cover").read_bytes()))
    assert read_profile(packed).functions[0].frame.path == "simkit/tree.py"


@pytest.mark.parametrize("keep", [1, 3, 20, -1])
def test_truncated_gzip(profiles: Path, tmp_path: Path, keep: int) -> None:
    packed = tmp_path / "cut.prof.gz"
    packed.write_bytes(gzip.compress((profiles / "cprofile.prof").read_bytes())[:keep])
    with pytest.raises(ProfileError):
        read_profile(packed)


def test_gzip_that_explodes_is_stopped(tmp_path: Path) -> None:
    packed = tmp_path / "bomb.prof.gz"
    with gzip.open(packed, "wb") as stream:
        stream.write(b"{(\x03\0\0\0")
        for _ in range(40):
            stream.write(b"N" * 1024 * 1024)
    assert packed.stat().st_size < 200_000
    with pytest.raises(ProfileError, match="larger than 32 MiB"):
        read_profile(packed)


def test_endless_line_is_stopped(tmp_path: Path) -> None:
    endless = tmp_path / "one-line.callgrind"
    endless.write_bytes(b"events: us\nfn=f\n1 5\n" + b"7" * 3_000_000)
    with pytest.raises(ProfileError, match="a line of more than"):
        read_profile(endless)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are Unix")
def test_pipe_is_read_like_a_file(profiles: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    data = (profiles / "cprofile.prof").read_bytes()
    writer = threading.Thread(target=pipe.write_bytes, args=(data,))
    writer.start()
    profile = read_profile(pipe)
    writer.join()
    assert profile == read_profile(profiles / "cprofile.prof")


def test_folder_takes_what_is_a_profile(tmp_path: Path) -> None:
    (tmp_path / "a.prof").write_bytes(dump(1.0))
    (tmp_path / "b.prof").write_bytes(dump(2.0))
    (tmp_path / "notes.txt").write_text("not a profile")
    (tmp_path / ".hidden").write_text("not a profile")
    (tmp_path / "sub").mkdir()
    loaded = load([tmp_path])
    assert loaded.time is not None and loaded.time.total == 3.0
    assert len(loaded.warnings) == 1 and "notes.txt" in loaded.warnings[0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are Unix")
def test_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.prof").write_bytes(dump(1.0))
    loaded = load([tmp_path])
    assert loaded.time is not None and loaded.time.total == 1.0


def test_pattern(tmp_path: Path) -> None:
    (tmp_path / "a.prof").write_bytes(dump(1.0))
    (tmp_path / "b.prof").write_bytes(dump(2.0))
    (tmp_path / "c.other").write_bytes(dump(4.0))
    loaded = load([tmp_path / "*.prof"])
    assert loaded.time is not None and loaded.time.total == 3.0


def test_file_whose_name_looks_like_a_pattern(tmp_path: Path) -> None:
    (tmp_path / "run[1].prof").write_bytes(dump(1.0))
    loaded = load([tmp_path / "run[1].prof"])
    assert loaded.time is not None and loaded.time.total == 1.0


def test_same_file_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "a.prof"
    path.write_bytes(dump(1.0))
    (tmp_path / "link.prof").symlink_to(path)
    loaded = load([path, tmp_path, tmp_path / "*.prof"])
    assert loaded.time is not None and loaded.time.total == 1.0


def test_named_file_must_be_readable_beside_good_ones(tmp_path: Path) -> None:
    (tmp_path / "a.prof").write_bytes(dump(1.0))
    (tmp_path / "bad.prof").write_bytes(dump(1.0)[:-4])
    with pytest.raises(ProfileError, match=r"bad\.prof: damaged"):
        load([tmp_path / "a.prof", tmp_path / "bad.prof"])


def unreadable(folder: Path) -> dict[str, Path]:
    paths = {name: folder / f"{name.replace(' ', '-')}.prof" for name in ("empty", "text", "random", "nothing")}
    paths["empty"].write_bytes(b"")
    paths["text"].write_text("hello\n")
    paths["random"].write_bytes(bytes(range(256)) * 10)
    paths["nothing"].write_bytes(marshal.dumps({}))
    return paths | {"missing": folder / "missing.prof", "no match": folder / "*.none"}


@pytest.mark.parametrize("kind", ["empty", "text", "random", "nothing", "missing", "no match"])
def test_unreadable_is_one_line_that_says_what_to_do(tmp_path: Path, kind: str) -> None:
    path = unreadable(tmp_path)[kind]
    with pytest.raises(UserError) as caught:
        load([path])
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "record" in caught.value.do


def test_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no profile in"):
        load([tmp_path])


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root reads everything")
def test_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.prof"
    path.write_bytes(dump(1.0))
    path.chmod(0)
    with pytest.raises(UserError, match="cannot be read"):
        load([path])


def test_symlink_loop(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(UserError):
        load([tmp_path / "loop"])


def test_reading_imports_no_reader_beyond_the_one_that_knows(profiles: Path) -> None:
    """Readers are asked in turn, each imported then: the project's own file costs one."""
    code = (
        "import sys; from pathlib import Path; from perf_advise.profiles.loading import read_profile;"
        f"read_profile(Path({str(profiles / 'cprofile.prof')!r}));"
        "print(sorted(m.rpartition('.')[2] for m in sys.modules if m.startswith('perf_advise.profiles.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pstats_dump" in done.stdout and "viztracer" not in done.stdout
