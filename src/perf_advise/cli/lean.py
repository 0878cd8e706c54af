"""libcst in half the time: its 250 classes of nodes without the methods that nothing calls.

A frozen dataclass gets six methods made of text, and libcst puts its own in the place of half of them. In the process
of the command line, which only reads trees, nodes need to be made and no more. A libcst that is loaded already stays as
it is, and so does every class that is no node.
"""

import dataclasses
import sys
from collections.abc import Callable
from typing import Any

_ROOT = "CSTNode"


def load_libcst() -> None:
    """Import libcst with nodes that are made as fast and compared by identity as ever, but not kept from changes."""
    if "libcst" in sys.modules:
        return
    whole = dataclasses.dataclass
    dataclasses.dataclass = _lean(whole)
    try:
        import libcst  # noqa: F401
    finally:
        dataclasses.dataclass = whole


def _lean(whole: Callable[..., Any]) -> Any:
    def dataclass(cls: type | None = None, /, **options: Any) -> Any:
        def made(cls: type) -> Any:
            is_node = any(base.__name__ == _ROOT for base in cls.__mro__)
            few = {"frozen": False, "repr": False, "eq": False} if is_node else {}
            return whole(cls, **options | few)

        return made if cls is None else made(cls)

    return dataclass
