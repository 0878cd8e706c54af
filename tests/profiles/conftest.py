"""What the tests of readers share: where the real files are, and reading bytes as a file."""

from collections.abc import Callable
from pathlib import Path

import pytest

from perf_advise.model.profile import Profile
from perf_advise.profiles.loading import read_profile

FOLDER = Path(__file__).parents[2] / "fixtures" / "profiles"


@pytest.fixture(scope="session")
def profiles() -> Path:
    return FOLDER


@pytest.fixture
def read_bytes(tmp_path: Path) -> Callable[..., Profile]:
    """Reads `data` through the whole way that a file takes."""

    def read(data: bytes, name: str = "profile") -> Profile:
        path = tmp_path / name
        path.write_bytes(data)
        return read_profile(path)

    return read
