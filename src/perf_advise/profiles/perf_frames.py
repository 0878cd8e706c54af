"""What perf's frames say about Python: `py::qualname:path` among C frames, and the interpreter's own loop."""

from perf_advise.profiles.errors import ProfileError

# Running bytecode: weight here is the Python function's own, not that of C code which it calls.
EVALUATES = frozenset(("_PyEval_EvalFrameDefault", "_PyEval_EvalFrame", "_PyEval_Vector", "py_trampoline_evaluator"))


def no_python() -> ProfileError:
    """The refusal of stacks that perf could not follow into Python code."""
    return ProfileError(
        "has no Python functions: the interpreter was started without -X perf, or has no frame pointers",
        "with Python 3.13: perf record -g --call-graph dwarf -k 1 -o perf.data python -X perf_jit SCRIPT; "
        "perf inject --jit -i perf.data -o perf.jit.data; perf script -i perf.jit.data > perf.txt",
    )
