"""The rules reach the user: sdist to wheel ships the same rule codes as the checkout, the rooms import downwards."""

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that is built from the sdist, as an index would get it."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--outdir", str(out), str(ROOT)], check=True, capture_output=True)
    return next(out.glob("*.whl"))


def rule_codes(python: Path | str, folder: Path) -> list[str]:
    command = [str(python), "-m", "perf_advise", "rules", "--output-format", "json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return [rule["code"] for rule in json.loads(done.stdout)["rules"]]


def test_wheel_from_sdist_has_the_rules_of_the_checkout(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "-q", str(wheel)], check=True, capture_output=True)
    codes = rule_codes(python, tmp_path)
    assert codes == rule_codes(sys.executable, tmp_path)
    assert len(codes) == len({*codes}) > 0


def test_wheel_holds_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [n for n in names if n.startswith(("tests/", "fixtures/")) or "/test_" in n] == []
    assert "perf_advise/py.typed" in names


def test_wheel_holds_what_the_renderers_read(wheel: Path) -> None:
    report = ROOT / "src" / "perf_advise" / "report"
    read = [*report.glob("*.json"), *report.glob("*/assets/*")]
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {file.relative_to(ROOT / "src").as_posix() for file in read} <= names
    assert len(read) > 4


def test_imports_go_down_only() -> None:
    done = subprocess.run([str(Path(sys.executable).parent / "lint-imports")], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
