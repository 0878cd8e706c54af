"""First steps that go wrong: one line each, which says what to do."""

from pathlib import Path

import pytest

from perf_advise.gate import main


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["empty", "--no-profile"], "warning: no Python file or notebook under empty, or all are excluded"),
        (
            ["app.py", "--no-profile", "-o", "nowhere/report.txt"],
            "nowhere/report.txt cannot be written: No such file or directory; make its folder, or name another file",
        ),
        (["app.py", "--no-profile", "-o", "empty"], "empty cannot be written: Is a directory; name another file"),
        (["empty"], "there is no profile; record one with `perf-advise record -- python your_program.py`"),
    ],
)
def test_one_line_says_what_to_do(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "pyproject.toml").write_text("", "utf-8")
    (tmp_path / "app.py").write_text("print(sum(range(10)))\n", "utf-8")
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    main(arguments)
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_one_function_is_not_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text("", "utf-8")
    (tmp_path / "app.py").write_text("print(sum(range(10)))\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    main(["app.py", "--no-profile"])
    assert "no profile: 1 function taken for hot" in capsys.readouterr().out
