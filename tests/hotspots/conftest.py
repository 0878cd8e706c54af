"""What these tests share: a project on disk, and profiles of it written by hand."""

from collections.abc import Callable
from pathlib import Path

import pytest

from perf_advise.hotspots import HotResult, find_hot_functions
from perf_advise.model.hot import HotFunction
from perf_advise.model.profile import CallEdge, Frame, FunctionCost, Profile, Unit


class Project:
    """A folder with sources, and what a profile finds in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def find(
        self, *costs: FunctionCost, edges: tuple[CallEdge, ...] = (), threshold: float = 0.0, **fields: object
    ) -> HotResult:
        total = fields.pop("total", sum(c.own for c in costs) or 1.0)
        paths = fields.pop("paths", [self.root])
        tool = fields.pop("tool", "test")
        profile = Profile(tool, fields.pop("unit", Unit.SECONDS), total, costs, edges, **fields)  # type: ignore[arg-type]
        return find_hot_functions(profile, paths, self.root, threshold)  # type: ignore[arg-type]

    def places(self, *costs: FunctionCost, **fields: object) -> dict[str, float]:
        """Own share by `path:qualname`."""
        found = self.find(*costs, **fields)  # type: ignore[arg-type]
        return {f"{f.path.relative_to(self.root)}:{f.qualname}": f.own for f in found.functions}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def cost() -> Callable[..., FunctionCost]:
    def make(path: str, name: str, line: int | None = None, own: float = 1.0, **fields: object) -> FunctionCost:
        fields.setdefault("cumulative", own)
        return FunctionCost(Frame(path, name, line), own, **fields)  # type: ignore[arg-type]

    return make


@pytest.fixture
def named() -> Callable[[HotResult, str], HotFunction]:
    def get(result: HotResult, qualname: str) -> HotFunction:
        (found,) = [function for function in result.functions if function.qualname == qualname]
        return found

    return get
