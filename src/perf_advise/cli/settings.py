"""What each option accepts, by its name, whether it comes from the command line or from a TOML file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perf_advise.model.errors import UserError
from perf_advise.model.names import did_you_mean
from perf_advise.model.options import (
    EXECUTORS,
    OUTPUT_FORMATS,
    parse_float_tolerance,
    parse_hot,
    parse_target_version,
)


class WrongType(Exception):
    """The value is not of the kind that the setting takes."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One option: the field of `Options` it fills, what it takes in words, and how a raw value is read.

    `read(value, folder)` raises WrongType or UserError; `folder` is what relative paths are relative to.
    """

    field: str
    takes: str
    read: Callable[[Any, Path], Any]


def _boolean(value: Any, _: Path) -> bool:
    if not isinstance(value, bool):
        raise WrongType
    return value


def _text(value: Any, _: Path) -> str:
    if not isinstance(value, str) or not value:
        raise WrongType
    return value


def _texts(value: Any, folder: Path) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise WrongType
    return tuple(_text(item, folder) for item in value)


def _comma_separated(value: Any, folder: Path) -> tuple[str, ...]:
    return tuple(part.strip() for item in _texts(value, folder) for part in item.split(",") if part.strip())


def _path(value: Any, folder: Path) -> Path:
    return folder / Path(_text(str(value) if isinstance(value, Path) else value, folder)).expanduser()


def _program(value: Any, folder: Path) -> Path:
    path = Path(_text(value, folder))
    return path if len(path.parts) == 1 else _path(value, folder)


def _folders(value: Any, folder: Path) -> tuple[Path, ...]:
    return tuple(_path(item, folder) for item in _texts(value, folder))


def _profiles(value: Any, folder: Path) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    return tuple(str(_path(item, folder)) for item in _texts(items, folder))


def _per_file(value: Any, folder: Path) -> dict[str, tuple[str, ...]]:
    if isinstance(value, dict):
        return {_text(key, folder): _comma_separated(codes, folder) for key, codes in value.items()}
    ignores: dict[str, tuple[str, ...]] = {}
    for item in _texts(value, folder):
        pattern, colon, code = item.rpartition(":")
        if not (pattern and colon and code):
            raise WrongType
        ignores[pattern] = (*ignores.get(pattern, ()), *_comma_separated([code], folder))
    return ignores


def _parsed(parse: Callable[[str], object], numbers: tuple[type, ...] = ()) -> Callable[[Any, Path], object]:
    """Text, or a bare number where TOML may have one, through `parse`."""

    def read(value: Any, folder: Path) -> object:
        is_number = isinstance(value, numbers) and not isinstance(value, bool)
        return parse(str(value) if is_number else _text(value, folder))

    return read


def _one_of(choices: Sequence[str]) -> Callable[[Any, Path], str]:
    def read(value: Any, folder: Path) -> str:
        text = _text(value, folder)
        if text not in choices:
            raise UserError(f"there is no {text!r}", did_you_mean(text, choices) or f"there is {', '.join(choices)}")
        return text

    return read


_FLAG = ("true or false", _boolean)
_CODES = ('a list of codes, such as ["PA1"]', _comma_separated)
_PATTERNS = ('a list of patterns, such as ["docs/*"]', _comma_separated)
_PATH = ("a path", _path)

_TABLE: dict[str, tuple[str, Callable[[Any, Path], Any]]] = {
    "profile": ("a path, or a list of them", _profiles),
    "hot": ('a share, such as "1%" or 0.01', _parsed(parse_hot, (int, float))),
    "no-profile": _FLAG,
    "select": _CODES,
    "ignore": _CODES,
    "extend-select": _CODES,
    "per-file-ignores": ('patterns with codes, such as {"tests/*" = ["PA1"]}', _per_file),
    "rules": ("a list of folders", _folders),
    "fix": _FLAG,
    "unsafe-fixes": _FLAG,
    "diff": _FLAG,
    "prove": _FLAG,
    "float-tolerance": ('a tolerance, such as "4ulp" or 1e-12', _parsed(parse_float_tolerance, (int, float))),
    "test": ("a command", _text),
    "interactive": _FLAG,
    "python": ("the path of an interpreter", _program),
    "target-version": ('a Python version, such as "3.12"', _parsed(parse_target_version)),
    "exclude": _PATTERNS,
    "extend-exclude": _PATTERNS,
    "force-exclude": _FLAG,
    "why-not": _FLAG,
    "unused-ignores": _FLAG,
    "output-format": (f"one of {', '.join(OUTPUT_FORMATS)}", _one_of(OUTPUT_FORMATS)),
    "output-file": _PATH,
    "exit-zero": _FLAG,
    "statistics": _FLAG,
    "quiet": _FLAG,
    "verbose": _FLAG,
    "no-color": _FLAG,
    "executor": (f"one of {', '.join(EXECUTORS)}", _one_of(EXECUTORS)),
}

SETTINGS = {
    name: Setting("profiles" if name == "profile" else name.replace("-", "_"), takes, read)
    for name, (takes, read) in _TABLE.items()
}


def read_setting(name: str, value: object, where: str, folder: Path) -> tuple[str, object]:
    """The field of `Options` and its value; `where` starts the message of the UserError for a wrong one."""
    setting = SETTINGS.get(name)
    if setting is None:
        hint = did_you_mean(name, SETTINGS) or "`perf-advise check --help` lists the options"
        raise UserError(f"{where}there is no option {name!r}", hint)
    try:
        return setting.field, setting.read(value, folder)
    except WrongType:
        raise UserError(f"{where}{name} takes {setting.takes}, not {_shown(value)}") from None
    except UserError as error:
        what = error.what if error.what.startswith(name) else f"{name}: {error.what}"
        raise UserError(f"{where}{what}", error.do) from None


def _shown(value: object) -> str:
    text = repr(value).replace("\n", " ")
    return text if len(text) < 40 else f"{text[:36]} ..."
