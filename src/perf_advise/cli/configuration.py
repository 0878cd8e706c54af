"""`[tool.perf-advise]` of `pyproject.toml`, or `perf-advise.toml`, and what the command line puts over it."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perf_advise.cli.settings import SETTINGS, read_setting
from perf_advise.model.errors import UserError
from perf_advise.model.options import STDIN, Options
from perf_advise.source.root import project_root

Fields = dict[str, Any]
"""Fields of `Options`, read."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where configuration comes from, and what standard input passes for."""

    config: Sequence[str]
    isolated: bool
    stdin_filename: Path | None


def options_by_project(paths: Sequence[Path], given: Mapping[str, Any]) -> tuple[Options, ...]:
    """One `Options` for each project root that `paths` touch, in the order they do.

    `given` holds the raw values of the command line by parameter name, those that are no settings among them;
    what is None or empty was not given. Raises UserError for a path that does not exist and for configuration
    that is not right.
    """
    named = {name.replace("_", "-"): value for name, value in given.items() if value not in (None, [], ())}
    over = read_fields({name: value for name, value in named.items() if name in SETTINGS}, "--", Path.cwd())
    if STDIN in paths and len(paths) > 1:
        raise UserError("- is standard input and goes with no other path", "check them one after the other")
    source = _Source(named.get("config", ()), named.get("isolated", False), named.get("stdin-filename"))
    projects: dict[Path, list[Path]] = {}
    for path in paths:
        projects.setdefault(_root_of(path, source.stdin_filename), []).append(path)
    return tuple(_options(root, tuple(group), over, source) for root, group in projects.items())


def configured(rules: Sequence[Path] | None) -> Options:
    """What the current project configures, for commands that want no more than the rules."""
    return options_by_project([Path()], {"rules": [str(folder) for folder in rules or ()]})[0]


def read_fields(table: Mapping[str, object], where: str, folder: Path) -> Fields:
    """The fields that a table of raw values sets; raises UserError that starts with `where`."""
    return dict(read_setting(name, value, where, folder) for name, value in table.items())


def _root_of(path: Path, stdin_filename: Path | None) -> Path:
    if path == STDIN:
        return project_root(stdin_filename or Path.cwd())
    try:
        exists = path.exists()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error})") from None
    if not exists:
        raise UserError(f"{path}: no such file or folder")
    return project_root(path)


def _options(root: Path, paths: tuple[Path, ...], over: Fields, source: _Source) -> Options:
    files, inline = _split(source.config)
    found = files[-1] if files else None if source.isolated else discovered(root)
    fields = _from_file(found, root) if found else {}
    for text in inline:
        fields |= read_fields(_toml(text, "--config"), "--config: ", root)
    fields |= over
    return Options(root=root, paths=paths, stdin_filename=source.stdin_filename, config=found, **fields)


def discovered(root: Path) -> Path | None:
    """The file that configures the project at `root`: `perf-advise.toml` before `pyproject.toml`."""
    own, shared = root / "perf-advise.toml", root / "pyproject.toml"
    if own.is_file():
        return own
    return shared if shared.is_file() and "perf-advise" in _text(shared) else None


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror or error})", "mend it, or use --isolated") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: not valid UTF-8", "mend it, or use --isolated") from None


def _split(config: Iterable[str]) -> tuple[list[Path], list[str]]:
    """`--config` as ruff has it: files, and TOML in a line of its own."""
    files, inline = [], []
    for text in config:
        if "=" in text and not Path(text).is_file():
            inline.append(text)
        elif Path(text).is_file():
            files.append(Path(text))
        else:
            raise UserError(f"--config: there is no file {text}", 'name a TOML file, or write "key = value"')
    return files, inline


def _from_file(path: Path, root: Path) -> Fields:
    table: Any = _toml(_text(path), str(path))
    where = f"{path}: "
    if path.name == "pyproject.toml":
        tools = table.get("tool", {})
        table = tools.get("perf-advise", {}) if isinstance(tools, dict) else tools
        where = f"{path}: [tool.perf-advise] "
    if not isinstance(table, dict):
        raise UserError(f"{path}: tool.perf-advise is no table", "write [tool.perf-advise]")
    return read_fields(table, where, root)


def _toml(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{where} is not TOML: {error}", "mend it, or use --isolated") from None
