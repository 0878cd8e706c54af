"""What a replay must know about the process that made the calls."""

from __future__ import annotations

import os
import sys
from typing import Any

_VERSIONS_OF = ("numpy", "pandas", "numba", "scipy", "polars", "torch", "jax", "sympy", "networkx", "sklearn")


def process_header() -> dict[str, Any]:
    """Interpreter, import path, main module and package versions of this process."""
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    return {
        "k": "process",
        "python": "{}.{}.{}".format(*sys.version_info[:3]),
        "executable": sys.executable,
        "prefix": sys.prefix,
        "path": [os.path.abspath(entry) for entry in sys.path],
        "cwd": os.getcwd(),
        "main": os.path.abspath(getattr(main, "__file__", None) or ""),
        "main_name": getattr(spec, "name", "") or "",
        "hash_seed": os.environ.get("PYTHONHASHSEED", ""),
        "recursion_limit": sys.getrecursionlimit(),
        "packages": {name: _version(name) for name in _VERSIONS_OF if name in sys.modules},
    }


def _version(name: str) -> str:
    return str(getattr(sys.modules[name], "__version__", ""))
