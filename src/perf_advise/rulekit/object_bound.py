"""Code whose time goes into objects, one attribute or call at a time: what runs it faster is another compiler."""

from collections.abc import Iterator

import libcst as cst

from perf_advise.facts.tree import dotted
from perf_advise.rulekit.view import View
from perf_advise.source.index import ModuleIndex

_LEAST = 4
"""Touches of objects in a function from which on they are what it does."""
_MODULES = 40
EXTENSIONS = frozenset(
    "numpy scipy pandas numba cython torch tensorflow jax sklearn matplotlib PIL cv2 lxml h5py netCDF4 pyarrow polars "
    "psycopg2 psycopg MySQLdb pymongo grpc google zmq msgpack orjson ujson simdjson regex cryptography nacl gmpy2 "
    "shapely pyproj rasterio fiona igraph networkit faiss spacy Levenshtein rapidfuzz uvloop pygame PyQt5 PyQt6 "
    "PySide6 wx gi pydantic_core tokenizers xgboost lightgbm sentencepiece bcrypt greenlet gevent".split()
)
"""Packages of compiled code that PyPy runs slowly through its layer for C extensions, or not at all."""


def object_bound(view: View) -> str:
    """Why neither arrays nor Numba fit and what does, in words; "" where the code is not bound to objects."""
    touched = list(_touched(view))
    cells = sum(1 for _ in view.walk(cst.Subscript))
    if len(touched) < _LEAST or len(touched) < cells or not _own_classes(view):
        return ""
    shown = ", ".join(f"`{text}`" for text in dict.fromkeys(touched[:2]))
    extension = _extension(view)
    if not extension:
        return (
            f"bound to objects ({shown}): neither arrays nor Numba fit; PyPy runs such code about 4 times as fast, and "
            "nothing that is imported here is a known C extension"
        )
    path = view.slice.file.path.name
    compiler = f"mypyc {path}" if _is_annotated(view) else f"cythonize -i -3 {path}"
    return (
        f"bound to objects ({shown}): neither arrays nor Numba fit, and PyPy loses on `{extension}`, which is "
        f"imported; `{compiler}` compiles the module as it stands"
    )


def _touched(view: View) -> Iterator[str]:
    """Attributes that are read or set, and methods that are called, on anything but modules."""
    for node in view.walk(cst.Attribute):
        holder = view.parent(node)
        text = dotted(node)
        is_whole = not (isinstance(holder, cst.Attribute) and holder.value is node)
        if text and is_whole and view.facts.scope(text.partition(".")[0]) in ("local", "parameter"):
            yield text


def _own_classes(view: View) -> bool:
    """Whether it is a method, or the file has classes."""
    return bool(view.receiver) or any(site.class_name for site in view.index.functions)


def _is_annotated(view: View) -> bool:
    function = view.slice.node
    if not isinstance(function, cst.FunctionDef):
        return False
    params = [p for p in function.params.params if p.name.value != view.receiver]
    return function.returns is not None and all(p.annotation is not None for p in params)


def _extension(view: View) -> str:
    """A package of compiled code that the file, or a file of the project that it imports, imports."""
    left, seen = [view.index], set[str]()
    while left and len(seen) < _MODULES:
        for target in left.pop().imports.values():
            package = target.partition(".")[0]
            if package in EXTENSIONS:
                return package
            left += _of_project(view, target, seen)
    return ""


def _of_project(view: View, target: str, seen: set[str]) -> Iterator[ModuleIndex]:
    for module in (target, target.rpartition(".")[0]):
        if module and module not in seen and view.facts.project is not None:
            seen.add(module)
            found = view.facts.project.module(module)
            if found is not None:
                yield found[1]
                return
