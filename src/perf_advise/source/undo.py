"""The journal of the last `--fix` or `optimize`: what the files were, so that it can be taken back."""

import hashlib
import json
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from perf_advise.model.errors import UserError
from perf_advise.source.root import project_root, resolved
from perf_advise.source.text import read_bytes
from perf_advise.source.writing import write_atomically

_FOLDER = Path(".perf-advise", "undo")
_JOURNAL = "journal.json"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Change:
    """The bytes of a file when it was read, and those to write; `replaced` where an earlier write came between.

    Of a `passing` file nobody minds that it was written anew since: it is left as it is then, without a word.
    """

    path: Path
    before: bytes
    after: bytes
    replaced: bytes | None = None
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """The files that were written, and why others were not."""

    paths: tuple[Path, ...]
    failures: tuple[UserError, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """The files that got their old bytes back, and one line for each that was left alone."""

    paths: tuple[Path, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file relative to the root: SHA-256 of its bytes before and after, and where a copy of the old ones is.

    `between` is that of an earlier write, which stands until the last one is made.
    """

    path: str
    before: str
    after: str
    copy: str
    between: str = ""
    passing: bool = False


@dataclass(slots=True)
class _Span:
    """Several writes that are taken back as one; whether there was one yet."""

    started: bool = False


_span: ContextVar[_Span | None] = ContextVar("span", default=None)


@contextmanager
def one_journal(root: Path) -> Iterator[None]:
    """Whatever is written meanwhile goes into one journal; an interruption or error takes it all back.

    Killed at any moment, the journal still takes back all of it.
    """
    span = _Span()
    token = _span.set(span)
    try:
        yield
    except BaseException:
        if span.started:
            with _undisturbed():
                undo(root)
        raise
    finally:
        _span.reset(token)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C does not stop what the first one began."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def write_files(root: Path, changes: Sequence[Change]) -> Written:
    """Write each file atomically, after a copy of all of them was put into the journal, which replaces the last one.

    A file that cannot be written, or changed since it was read, is named in `failures`; the others are written.
    Files outside of `root` go into the journal of their own project. UserError, with nothing written, when a
    journal cannot be made.
    """
    done: list[Path] = []
    failures: list[UserError] = []
    _save_all(resolved(root), changes)
    for change in changes:
        try:
            if read_bytes(change.path) != change.before:
                raise UserError(f"{change.path}: changed since it was read, left alone", "run again")
            write_atomically(change.path, change.after)
            done.append(change.path)
        except UserError as error:
            failures.append(error)
    return Written(tuple(done), tuple(failures))


def remember(root: Path, path: Path, before: bytes) -> None:
    """Put a file that others wrote into the journal: while it is as it is now, `undo` gives it the bytes `before`."""
    _save_all(resolved(root), [Change(path, before, read_bytes(path), passing=True)])


def undo(root: Path) -> Restored:
    """Give the files of the journal their old bytes back, except those changed since they were written.

    The journal keeps what could not be taken back. UserError when there is none or it is damaged.
    """
    done: list[Path] = []
    kept: dict[_Entry, str] = {}
    for entry in _read(root):
        try:
            if _restore(root, entry):
                done.append(root / entry.path)
        except UserError as error:
            kept[entry] = str(error)
    if kept:
        _commit(root, tuple(kept))
    else:
        (root / _FOLDER / _JOURNAL).unlink(missing_ok=True)
        shutil.rmtree(root / _FOLDER, ignore_errors=True)
    return Restored(tuple(done), tuple(kept.values()))


def _save_all(root: Path, changes: Sequence[Change]) -> None:
    groups: dict[Path, list[Change]] = {}
    for change in changes:
        real = resolved(change.path)
        groups.setdefault(root if real.is_relative_to(root) else project_root(real), []).append(change)
    span = _span.get()
    for home, group in groups.items():
        try:
            _save(home, _since_the_first(home, group) if span is not None and span.started else group)
        except OSError as error:
            raise UserError(f"{home / _FOLDER}: cannot be written ({error.strerror or error})") from None
    if span is not None:
        span.started = True


def _since_the_first(root: Path, changes: Sequence[Change]) -> list[Change]:
    """The changes joined to those of the journal, which then go from its old bytes to the new ones."""
    later = {resolved(change.path): change for change in changes}
    joined = []
    for entry in _read(root) if (root / _FOLDER / _JOURNAL).is_file() else []:
        path = resolved(root / entry.path)
        now = later[path].before if path in later else read_bytes(path)
        if _digest(now) in (entry.before, entry.after):  # else it was edited meanwhile: that is not ours to take back
            after = later.pop(path).after if path in later else now
            copy = read_bytes(root / _FOLDER / entry.copy)
            joined.append(Change(path, copy, after, replaced=now, passing=entry.passing))
    return [*joined, *later.values()]


def _save(root: Path, changes: Sequence[Change]) -> None:
    """The copies first, then the journal that names them in one rename, then the old copies go: usable at any point."""
    folder = root / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    copies = Path(tempfile.mkdtemp(prefix="copies-", dir=folder))
    entries = []
    for number, change in enumerate(changes):
        write_atomically(copies / str(number), change.before)
        path = resolved(change.path).relative_to(root).as_posix()
        between = "" if change.replaced is None else _digest(change.replaced)
        digests, copy = (_digest(change.before), _digest(change.after)), f"{copies.name}/{number}"
        entries.append(_Entry(path, *digests, copy, between, change.passing))
    _commit(root, entries)
    for old in folder.glob("copies-*"):
        if old != copies:
            shutil.rmtree(old, ignore_errors=True)


def _commit(root: Path, entries: Sequence[_Entry]) -> None:
    journal = {"version": _VERSION, "files": [asdict(entry) for entry in entries]}
    write_atomically(root / _FOLDER / _JOURNAL, json.dumps(journal, indent=1).encode())


def _read(root: Path) -> list[_Entry]:
    path = root / _FOLDER / _JOURNAL
    if not path.is_file():
        raise UserError(f"{root}: nothing to undo", "`perf-advise --fix` keeps what it changes for that")
    try:
        journal = json.loads(read_bytes(path))
        if journal["version"] != _VERSION:
            raise ValueError
        return [_checked(_Entry(**entry)) for entry in journal["files"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UserError(f"{path}: damaged", "take the changes back with your version control") from None


def _checked(entry: _Entry) -> _Entry:
    """A journal that came with a stranger's repository must not reach files outside of it."""
    for name in (entry.path, entry.copy):
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
            raise ValueError
    return entry


def _restore(root: Path, entry: _Entry) -> bool:
    """Whether the old bytes had to be written; UserError when the file is neither what we wrote nor what it was."""
    path = root / entry.path
    now = _digest(read_bytes(path))
    if now == entry.before:
        return False
    if now not in (entry.after, entry.between):
        if entry.passing:
            return False
        raise UserError(f"{path}: changed since it was fixed, left alone")
    data = read_bytes(root / _FOLDER / entry.copy)
    if _digest(data) != entry.before or not resolved(path).is_relative_to(resolved(root)):
        raise UserError(f"{path}: its copy in the journal is damaged, left alone")
    write_atomically(path, data)
    return True


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
