"""A revision of a git repository to compare with: which one, and how files stood there."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from perf_advise.model.errors import UserError
from perf_advise.source.root import resolved

_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")


@dataclass(frozen=True, slots=True)
class Base:
    """The commit `commit` of the repository at `top`, called `name` by people; `was` maps paths since renamed.

    `gone` are the Python files that are not where they were, or not what they were: paths at the base.
    """

    top: Path
    commit: str
    name: str
    was: dict[str, str]
    gone: tuple[str, ...]

    def before(self, path: Path) -> bytes | None:
        """The file as it stood at the base; None when there was none."""
        inside = self.then(path)
        return None if inside is None else self.text(inside)

    def then(self, path: Path) -> str | None:
        """Where a file was at the base, if it was there; None for one outside of the repository."""
        real = resolved(path)
        if not real.is_relative_to(self.top):
            return None
        inside = real.relative_to(self.top).as_posix()
        return self.was.get(inside, inside)

    def text(self, inside: str) -> bytes | None:
        """The file of the base at a path relative to the top of the repository; None when there is none."""
        done = _git(self.top, "cat-file", "blob", f"{self.commit}:{inside}")
        return done.stdout if done.returncode == 0 else None

    def now(self, inside: str) -> str:
        """Where a file of the base is now, if anywhere."""
        return next((now for now, before in self.was.items() if before == inside), inside)


def find_base(folder: Path, wanted: str | None) -> Base:
    """What to compare the files of `folder` with: where `wanted`, or the branch merged into, was left.

    Raises UserError where there is no repository, or the revision is not in this clone.
    """
    shown = _git(folder, "rev-parse", "--show-toplevel")
    if shown.returncode:
        raise UserError(f"{folder} is in no git repository", "ratchet compares with a revision of one")
    top = resolved(Path(os.fsdecode(shown.stdout).removesuffix("\n")))
    name = wanted or _usual(top)
    commit = _commit(top, name)
    if commit is None:
        raise UserError(f"the base {name} is not in this clone", _remedy(top, name))
    # Without a common ancestor, as in a shallow clone, the revision itself is what there is to compare with.
    left = _git(top, "merge-base", commit, "HEAD")
    commit = left.stdout.decode().strip() if left.returncode == 0 else commit
    return Base(top, commit, name, *_changes(top, commit))


def _usual(top: Path) -> str:
    """What CI says that the request goes to, else the first of the usual branches."""
    if branch := os.environ.get("GITHUB_BASE_REF"):
        return f"origin/{branch}"
    if commit := os.environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA"):
        return commit
    found = next((name for name in _BRANCHES if _commit(top, name)), None)
    if found is None:
        raise UserError("there is no branch to compare with", "name a revision: --base REV")
    return found


def _commit(top: Path, name: str) -> str | None:
    done = _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return done.stdout.decode().strip() if done.returncode == 0 else None


def _remedy(top: Path, name: str) -> str:
    shallow = _git(top, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"
    remote, slash, branch = name.partition("/")
    fetch = f"`git fetch {remote} {branch}`" if slash and remote == "origin" else "fetch it"
    return f"the clone is shallow: {fetch}, or clone with full history" if shallow else f"{fetch}, or name another"


def _changes(top: Path, commit: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Paths now to paths at the base, of renamed files; and the paths at the base of all that changed."""
    was: dict[str, str] = {}
    gone: list[str] = []
    for status, before, now in _entries(_git(top, "diff", "--name-status", "-z", "-M", commit).stdout):
        if status == "R":
            was[now] = before
        if PurePosixPath(before).suffix in (".py", ".pyw", ".ipynb") and status != "A":
            gone.append(before)
    return was, tuple(gone)


def _entries(output: bytes) -> Iterator[tuple[str, str, str]]:
    words = iter(os.fsdecode(output).split("\0"))
    for status in words:
        if status:
            before = next(words)
            yield status[0], before, next(words) if status[0] in "RC" else before


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-c", "core.quotePath=false", "-C", str(folder), *arguments]
    try:
        return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        raise UserError("ratchet needs git, and there is none on the PATH", "install it") from None
