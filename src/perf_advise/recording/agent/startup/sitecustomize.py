"""Loaded by Python itself while it starts, because `launch` puts this folder first on PYTHONPATH.

Starts the agents, then leaves as if it had never been there: the path entry and the variables disappear from
what the program sees (child processes still inherit them), and the program's own sitecustomize is imported, or
the ImportError that Python expects where there is none. Must be readable by any Python, older ones included.
"""

# mypy: ignore-errors
# (annotations are not readable by every Python)

import os
import sys

_PREFIX = "_PERF_ADVISE_"
_HERE = os.path.dirname(os.path.abspath(__file__))


def _settings():
    return {k[len(_PREFIX) :].lower(): v for k, v in os.environ.items() if k.startswith(_PREFIX)}


def _start_agents(settings):
    package = type(sys)("_perf_advise")
    package.__path__ = [os.path.dirname(_HERE)]
    sys.modules["_perf_advise"] = package
    _load("environment").hide(_HERE)
    for name in settings["agents"].split(","):
        _load(name).start(settings)


def _load(name):
    __import__("_perf_advise." + name)
    return sys.modules["_perf_advise." + name]


def _start():
    settings = _settings()
    if "agents" not in settings or sys.version_info < (3, 9):
        return
    try:
        _start_agents(settings)
    except Exception:
        # The program must run whatever happens here; what went wrong is told after it.
        import traceback

        with open(os.path.join(settings["scratch"], "error-%d.txt" % os.getpid()), "w") as stream:
            stream.write(traceback.format_exc())


def _leave():
    sys.path[:] = [p for p in sys.path if os.path.normcase(p) != os.path.normcase(_HERE)]
    sys.path_importer_cache.pop(_HERE, None)
    sys.modules.pop("sitecustomize", None)


_start()
_leave()
import sitecustomize  # noqa: E402, F401
