"""From the paths that a user names to what was measured."""

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from perf_advise.model.errors import UserError
from perf_advise.model.profile import Profile
from perf_advise.profiles import refusals
from perf_advise.profiles.errors import ProfileError, damaged
from perf_advise.profiles.merging import LoadedProfiles, combine
from perf_advise.profiles.registry import Reader, find_reader
from perf_advise.profiles.streams import open_profile

_RECORD = "record a profile with: perf-advise record -- CMD"

# Whatever a reader trips over in a hostile file; a reader checks what it can, this is the net below.
_TRIPPED = (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError)


def load(paths: Sequence[Path]) -> LoadedProfiles:
    """All profiles under `paths` (files, folders, glob patterns), merged per dimension.

    A file named itself must be readable; in folders and patterns others are skipped with a warning.
    Raises UserError: nothing there, unknown format, no time in it, damage, units that cannot be added.
    """
    profiles, skipped = _read(paths)
    return combine(profiles, skipped)


def load_each(paths: Sequence[Path]) -> list[Profile]:
    """The profiles of time under `paths`, each by itself: the runs of one program. Raises what `load` raises."""
    return [profile for _, profile in _read(paths)[0] if profile.unit.is_time]


def _read(paths: Sequence[Path]) -> tuple[list[tuple[Path, Profile]], tuple[str, ...]]:
    """What the files hold, and which were skipped."""
    profiles: list[tuple[Path, Profile]] = []
    skipped: list[str] = []
    for path, is_named in _files(paths):
        try:
            profiles.append((path, read_profile(path)))
        except UserError as error:
            if is_named:
                raise
            skipped.append(f"skipped {error.what}")
    if not profiles:
        reason = f" ({skipped[0]})" if skipped else ""
        raise UserError(f"no profile in {', '.join(map(str, paths))}{reason}", _RECORD)
    return profiles, tuple(skipped)


def read_profile(path: Path) -> Profile:
    """The profile in one file, whatever its format; UserError if it has none."""
    try:
        head, stream = open_profile(path)
        with stream:
            reader = _reader_for(head, path)
            return _checked(reader.read(stream, path.stat().st_size))
    except ProfileError as error:
        raise error.of(path) from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error})", _RECORD) from None
    except _TRIPPED as error:
        raise damaged(f"{type(error).__name__}: {error}"[:200].replace("\n", " ")).of(path) from None


def _checked(profile: Profile) -> Profile:
    if profile.total <= 0:
        raise ProfileError("measured nothing", _RECORD)
    return profile


def _reader_for(head: bytes, path: Path) -> Reader:
    if not head:
        raise ProfileError("is empty", _RECORD)
    name = path.name.removesuffix(".gz")
    refusals.check(head, name)
    reader = find_reader(head, name)
    if reader is None:
        raise ProfileError("no profile format that perf-advise knows", _RECORD)
    return reader


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, bool]]:
    seen: set[str] = set()
    for path in paths:
        for file, is_named in _expand(path):
            real = os.path.realpath(file)
            if real not in seen:  # the same file twice would count twice
                seen.add(real)
                yield file, is_named


def _expand(path: Path) -> Iterator[tuple[Path, bool]]:
    if path.is_dir():
        yield from ((p, False) for p in sorted(path.iterdir()) if p.is_file() and p.name[0] != ".")
    elif path.exists() or not glob.has_magic(str(path)):
        yield path, True
    else:
        found = sorted(map(Path, glob.glob(str(path), recursive=True)))  # noqa: PTH207 - absolute patterns
        yield from ((p, False) for p in found if p.is_file())
