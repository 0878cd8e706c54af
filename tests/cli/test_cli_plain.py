"""Command lines that are read without typer mean what typer reads in them."""

import os
from pathlib import Path
from typing import Any

import pytest
import typer

from perf_advise.cli import app, plain
from perf_advise.cli.commands import COMMANDS


def read_by_typer(arguments: list[str]) -> dict[str, Any]:
    group: Any = typer.main.get_command(app.build("check"))
    command = group.commands["check"]
    return dict(command.make_context("check", list(arguments)).params)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "src").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ["a.py"],
        ["src", "a.py", "-"],
        ["src", "-p", "x.prof", "-p", "y.prof", "--hot", "2%"],
        ["--no-profile", "--select=PA1", "--select", "PA5,PA9", "."],
        [".", "--fix", "--no-fix", "--unsafe-fixes", "-q", "-v"],
        ["--output-format", "json", "-o", "out.json", "src", "--output-format", "text"],
        ["-", "--stdin-filename", "src/b.py", "--diff"],
        [".", "--config", "select = ['PA1']", "--isolated", "--per-file-ignores", "a.py:PA1"],
        [".", *(f"--{name}" for name in plain.FLAGS)],
        [".", *(f"--no-{name}" for name in plain.NEGATABLE)],
        [".", *(word for name in plain.TEXTS for word in (f"--{name}", "3.12"))],
        [".", *(f"--{name}=a:b" for name in plain.LISTS)],
    ],
)
def test_the_same_is_read(arguments: list[str]) -> None:
    paths, given = plain.plain_check(arguments)
    theirs = read_by_typer(arguments)
    assert paths == theirs.pop("paths")
    assert given == {
        name: value for name, value in theirs.items() if value not in (None, [], (), False) or name in given
    }


def test_every_option_is_known() -> None:
    group: Any = typer.main.get_command(app.build("check"))
    known = {name for parameter in group.commands["check"].params for name in parameter.opts if name.startswith("--")}
    assert known == {f"--{name}" for name in (*plain.FLAGS, *plain.TEXTS, *plain.LISTS)} | {"--help"} & known


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--help"],
        ["a.py", "--hot"],
        ["a.py", "--hot", "--fix"],
        ["a.py", "--fx"],
        ["a.py", "--fix=yes"],
        ["a.py", "-qv"],
        ["a.py", "--select="],
        ["missing.py"],
        ["--", "a.py"],
        *([name] for name in COMMANDS if name != "check"),
    ],
)
def test_what_is_not_plain_is_handed_on(arguments: list[str]) -> None:
    with pytest.raises(plain.NotPlain):
        plain.plain_check(arguments)


def test_a_path_named_like_a_command_is_handed_on(folder: Path) -> None:
    for name in ("rules", "check"):
        (folder / name).mkdir()
        with pytest.raises(plain.NotPlain):
            plain.plain_check([name])
    assert plain.plain_check([f".{os.sep}rules"])[0] == [Path("rules")]


def test_completion_is_typers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_PERF_ADVISE_COMPLETE", "complete_bash")
    with pytest.raises(plain.NotPlain):
        plain.plain_check(["a.py"])
