"""A call to replay: its arguments as a pickle, unpickled afresh for every run."""

from __future__ import annotations

import importlib
import io
import pickle
from dataclasses import dataclass, field
from typing import Any

from .loading import MAIN

_KEEPING = "_perf_advise.calls_pickling"
_MAINS = ("__main__", "__mp_main__")


@dataclass(frozen=True)
class Case:
    """`payload` is the pickle of (args, kwargs, globals); `large` holds pickles of large globals.

    `seconds` and `outcome` ("returned", "raised", or "") are those of the run; `label` names a grown edge case.
    """

    payload: bytes
    large: dict[str, bytes] = field(default_factory=dict)
    seconds: float = 0.0
    outcome: str = ""
    type: str = ""
    result: bytes = b""
    label: str = ""


def read_cases(job: dict[str, Any]) -> list[Case]:
    """The cases of a job, from the one file that holds their pickles."""
    with open(job["calls"], "rb") as stream:
        content = stream.read()

    def piece(place: list[int]) -> bytes:
        return content[place[0] : place[0] + place[1]]

    return [
        Case(
            piece(entry["payload"]),
            {name: piece(place) for name, place in entry["large"].items()},
            entry["seconds"],
            entry["outcome"],
            entry["type"],
            piece(entry["result"]),
        )
        for entry in job["cases"]
    ]


def _replayed(module: str) -> str:
    return MAIN if module in _MAINS else module


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        return super().find_class(_replayed(module), name)


_PurePython: Any = getattr(pickle, "_Unpickler")  # noqa: B009 (the one written in Python, which can be changed)


class _PatientUnpickler(_PurePython):  # type: ignore[misc]
    """Gives attributes one by one: a class that has `__slots__` now may have had a `__dict__` in the run."""

    def find_class(self, module: str, name: str) -> Any:
        return super().find_class(_replayed(module), name)

    def load_build(self) -> None:
        value = self.stack[-2]
        if type(self.stack[-1]) is dict and not hasattr(value, "__setstate__") and not hasattr(value, "__dict__"):
            for name, item in self.stack.pop().items():
                object.__setattr__(value, name, item)
        else:
            super().load_build()


_PatientUnpickler.dispatch = {**_PurePython.dispatch, pickle.BUILD[0]: _PatientUnpickler.load_build}


def load_pickle(blob: bytes) -> Any:
    """Unpickle what the keeper or this process wrote; classes of `__main__` are found in the replayed module."""
    try:
        return _Unpickler(io.BytesIO(blob)).load()
    except AttributeError:
        return _PatientUnpickler(io.BytesIO(blob)).load()


def dump_pickle(value: Any) -> bytes:
    """Pickle with the keeper's placeholders for what cannot be pickled."""
    blob: bytes = keeping().dump(value, 1 << 30)
    return blob


def keeping() -> Any:
    """The module that the keeper pickles with: placeholders must be its own class."""
    return importlib.import_module(_KEEPING)


def arguments_of(case: Case) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Fresh arguments and globals; raises whatever unpickling raises."""
    args, kwargs, space = load_pickle(case.payload)
    return args, kwargs, {**space, **{name: load_pickle(blob) for name, blob in case.large.items()}}
