"""Entry of the replay process: `python start.py JOB`, run by the program's own interpreter.

Loads the agents as one private package, so that they import each other and shadow no module of the program.
"""

# The interpreter puts this folder on its path; the program must not see it.
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != _HERE]


def _main(job_path: str) -> None:
    import importlib
    import json

    with open(job_path, encoding="utf-8") as stream:
        job = json.load(stream)
    package = type(sys)("_perf_advise")
    package.__path__ = [_HERE, job["recording_agent"]]
    sys.modules["_perf_advise"] = package
    importlib.import_module("_perf_advise." + job["role"]).main(job)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    _main(sys.argv[1])
