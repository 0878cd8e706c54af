"""Real Python files to sweep over: a sample in every run; the standard library and installed packages on demand."""

import sysconfig
from pathlib import Path

import pytest

STDLIB = Path(sysconfig.get_path("stdlib"))
INSTALLED = Path(sysconfig.get_path("purelib"))
SAMPLE = (
    "argparse.py",
    "ast.py",
    "asyncio/base_events.py",
    "collections/__init__.py",
    "contextlib.py",
    "dataclasses.py",
    "difflib.py",
    "email/_header_value_parser.py",
    "functools.py",
    "heapq.py",
    "json/decoder.py",
    "pprint.py",
    "random.py",
    "statistics.py",
    "textwrap.py",
    "types.py",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes `sample_path` for each file of the sample."""
    if "sample_path" in metafunc.fixturenames:
        metafunc.parametrize("sample_path", [STDLIB / name for name in SAMPLE], ids=list(SAMPLE))


@pytest.fixture(scope="session")
def every_path() -> list[Path]:
    """All files of the standard library and of this interpreter's packages, those that no Python can read included."""
    own = [path for path in STDLIB.rglob("*.py") if "site-packages" not in path.parts]
    return sorted({*own, *INSTALLED.rglob("*.py")})
