"""What `.gitignore` files and `.git/info/exclude` leave out."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pathspec


class IgnoreFiles:
    """The ignore files that apply to a project, each read once; those of folders above `root` in the repository too."""

    def __init__(self, root: Path) -> None:
        self._top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
        self._specs: dict[Path, pathspec.GitIgnoreSpec | None] = {}
        self._allowed: set[Path] = set()
        self._left_out: dict[Path, bool] = {}

    def allow(self, folder: Path) -> None:
        """A folder that was asked for: when it is ignored itself, only the ignore files inside of it count for it."""
        if self.ignores(folder, is_folder=True) or self._is_left_out(folder.parent):
            self._allowed.add(folder)
            self._left_out.clear()  # it counts for what is inside

    def _is_left_out(self, folder: Path) -> bool:
        """Whether a folder, or one above it, is ignored; remembered, for many files share their folders."""
        if folder not in self._left_out:
            is_last = folder.parent == folder
            left_out = self.ignores(folder, is_folder=True) or (not is_last and self._is_left_out(folder.parent))
            self._left_out[folder] = left_out
        return self._left_out[folder]

    def ignores(self, path: Path, *, is_folder: bool) -> bool:
        """Whether the deepest pattern that matches an absolute path, or a folder above it, says so.

        Paths outside of the repository are not ignored.
        """
        if path == self._top or not path.is_relative_to(self._top):
            return False
        for folder in path.parents:
            spec = self._spec(folder)
            name = path.relative_to(folder).as_posix() + ("/" if is_folder else "")
            verdict = spec.check_file(name).include if spec else None
            if verdict is not None:
                return verdict
            if folder == self._top or folder in self._allowed:
                break
        return False

    def _spec(self, folder: Path) -> "pathspec.GitIgnoreSpec | None":
        if folder not in self._specs:
            sources = [folder / ".gitignore"]
            if folder == self._top:
                # The repository's own file weighs less than any .gitignore, so its patterns come first.
                sources.insert(0, folder / ".git" / "info" / "exclude")
            lines = [line for source in sources for line in _lines(source)]
            self._specs[folder] = _compiled(lines) if lines else None
        return self._specs[folder]


def _compiled(lines: list[str]) -> "pathspec.GitIgnoreSpec":
    # A project without ignore files, and a hook on one hot file, need not pay for the import.
    import pathspec

    return pathspec.GitIgnoreSpec.from_lines(lines)


def _lines(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    # To git, `a/**` is all that is in `a` but not `a` itself, whose name with a slash pathspec would take for it.
    return [f"{line.rstrip()}/*" if line.rstrip().endswith("/**") else line for line in lines]
