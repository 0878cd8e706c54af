"""What a project declares to need, and the line that declares one more package, written where the others are."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perf_advise.source.text import read_bytes

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


@dataclass(frozen=True, slots=True)
class Declaration:
    """The file that declares the dependencies of a project, as it stands, and the names in it, normalised."""

    path: Path
    text: str
    names: frozenset[str]

    def lacks(self, packages: Iterable[str]) -> tuple[str, ...]:
        """Those of the packages that are not declared."""
        return tuple(package for package in packages if _normal(package) not in self.names)

    def with_package(self, package: str) -> str | None:
        """The text with one more dependency; None where it is not plain to see how that is written."""
        if self.path.name != "pyproject.toml":
            newline = "" if not self.text or self.text.endswith("\n") else "\n"
            return f"{self.text}{newline}{package}\n"
        return _in_table(self.text, package)


def declaration(root: Path) -> Declaration | None:
    """`[project]` of pyproject.toml, else requirements.txt; None where a project has neither, or one is damaged."""
    path = root / "pyproject.toml"
    try:
        if path.is_file():
            text = read_bytes(path).decode("utf-8")
            listed = _table(text).get("dependencies")
            if listed is not None:
                return Declaration(path, text, _names(listed))
        path = root / "requirements.txt"
        if path.is_file():
            text = read_bytes(path).decode("utf-8")
            return Declaration(path, text, _names(text.splitlines()))
    except (OSError, ValueError):
        return None
    return None


def _in_table(text: str, package: str) -> str | None:
    """The array `dependencies` with one item more, the rest as it stands; checked by reading both."""
    for found in re.finditer(r"^dependencies\s*=\s*\[", text, re.MULTILINE):
        start = found.end()
        for end in (m.start() for m in re.finditer(r"\]", text[start:])):
            inside = text[start : start + end]
            new = f"{text[:start]}{_one_more(inside, package)}{text[start + end :]}"
            if _is_only_addition(text, new, package):
                return new
    return None


def _one_more(inside: str, package: str) -> str:
    """The items of an array with one more, on a line of its own where they have one each."""
    body = inside.rstrip()
    if "\n" not in inside:
        return f'{body.rstrip(",")}{", " if body else ""}"{package}"'
    tail, last = inside[len(body) :], body.rsplit("\n", 1)[-1]
    indent = last[: len(last) - len(last.lstrip())]
    comma = "" if body.endswith(",") or not body.strip() else ","
    return f'{body}{comma}\n{indent or "    "}"{package}",{tail}'


def _is_only_addition(old: str, new: str, package: str) -> bool:
    try:
        before, after = tomllib.loads(old), tomllib.loads(new)
    except tomllib.TOMLDecodeError:
        return False
    listed = before.get("project", {}).get("dependencies")
    if not isinstance(listed, list):
        return False
    before["project"]["dependencies"] = [*listed, package]
    return before == after


def _table(text: str) -> dict[str, Any]:
    table = tomllib.loads(text).get("project", {})
    return table if isinstance(table, dict) else {}


def _names(lines: Iterable[object]) -> frozenset[str]:
    found = (_NAME.match(line) for line in lines if isinstance(line, str))
    return frozenset(_normal(name[1]) for name in found if name)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
