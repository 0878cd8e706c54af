"""What perf's frames say about Python: `py::qualname:path` among C frames."""

import re

from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.stacks import C_CODE, LABEL, OPERATION

_LOOP = re.compile(r"_PyEval_\w+|PyEval_EvalCode|py_trampoline_evaluator")
_CALL = re.compile(r"vectorcall|_Call|MakeTpCall|cfunction|type_call", re.IGNORECASE)
_OPERATION = re.compile(
    r"_?Py|\w*dealloc\Z|(?:long|float|bool|unicode|tuple|list|dict|set|range|rangeiter|listiter|slice|object|subtype"
    r"|frame|gen|method|func|cell|type|gc|insert|import|read|free|malloc|realloc|pymalloc|x|k|slot)_?\w*\Z|insertdict"
)


def c_frame(symbol: str) -> int:
    """What a C frame is on a stack: the interpreter's loop, one of its operations, or C code that was called.

    Told by name: the interpreter adds two ints with `_PyLong_Add`, and calls `marshal_loads`.
    """
    if _LOOP.match(symbol):
        return LABEL
    is_operation = _OPERATION.match(symbol) and not _CALL.search(symbol)
    return OPERATION if is_operation else C_CODE


def is_interpreter(symbol: str) -> bool:
    """Whether only a Python process has this C frame."""
    return symbol == "Py_RunMain" or _LOOP.fullmatch(symbol) is not None


def no_python() -> ProfileError:
    """The refusal of stacks that perf could not follow into Python code."""
    return ProfileError(
        "has no Python functions: the interpreter was started without -X perf, or has no frame pointers",
        "with Python 3.13: perf record -g --call-graph dwarf -k 1 -o perf.data python -X perf_jit SCRIPT; "
        "perf inject --jit -i perf.data -o perf.jit.data; perf script -i perf.jit.data > perf.txt",
    )
