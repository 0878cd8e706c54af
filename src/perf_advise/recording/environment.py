"""Which packages the interpreter of the recorded run has, as far as advice depends on them."""

import json
import subprocess

PACKAGES = ("numpy", "numba", "pandas")
_SECONDS = 10.0
_ASK = """
import json
from importlib import metadata
found = {}
for name in %r:
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


def package_versions(executable: str) -> dict[str, str]:
    """The versions of numpy, numba and pandas installed there; empty when the interpreter cannot be asked."""
    if not executable:
        return {}
    try:
        answer = subprocess.run(
            [executable, "-c", _ASK % (PACKAGES,)], capture_output=True, timeout=_SECONDS, check=True
        )
        return {str(name): str(version) for name, version in json.loads(answer.stdout).items()}
    except (OSError, subprocess.SubprocessError, ValueError):
        return {}
