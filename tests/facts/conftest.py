"""Facts about a function given as text."""

import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from perf_advise.facts import Facts
from perf_advise.model.pytypes import PyType
from perf_advise.source.index import ModuleIndex
from perf_advise.source.slices import slice_function, slice_module
from perf_advise.source.text import source_from_bytes

sys.path.insert(0, str(Path(__file__).parent))


def _facts_of(source: str, qualname: str = "", seen: Mapping[str, PyType] | None = None) -> Facts:
    file = source_from_bytes(Path("app.py"), textwrap.dedent(source).encode())
    index = ModuleIndex(file)
    sites = [site for site in index.functions if qualname in ("", site.qualname)]
    return Facts(slice_function(file, sites[0]) if sites else slice_module(file), index, None, seen)


@pytest.fixture(scope="session")
def facts_of() -> Callable[..., Facts]:
    """Facts of the first function of a source (or the named one); of its top-level code where there is none.

    `seen` are types by name, as a recording has them.
    """
    return _facts_of
