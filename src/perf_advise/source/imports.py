"""Import statements merged into the import block of a file."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate, takewhile
from pathlib import Path

from perf_advise.model.errors import UserError
from perf_advise.model.finding import Edit
from perf_advise.model.places import Span
from perf_advise.source.importblock import Wanted, logical_end, with_import
from perf_advise.source.index import ModuleIndex
from perf_advise.source.text import SourceFile

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_PARTS = re.compile(r"\r\n|\r|\n|[^\r\n]+")


def available_name(index: ModuleIndex, target: str) -> str | None:
    """How top-level imports let code name a dotted target: "numpy" -> "np", "collections.deque" -> "deque" or
    "collections.deque". None when no import does that whenever the module runs, or when its name is rebound."""
    parent, _, attribute = target.rpartition(".")
    for name, found in index.imported.items():
        if not index.imports_only(name):
            continue
        if found.target == target:
            return name
        if parent and found.target == parent:
            return f"{name}.{attribute}"
        if parent and not found.attribute and found.module == parent and name == parent.partition(".")[0]:
            return target
    return None


def import_edits(file: SourceFile, statements: Sequence[str]) -> tuple[Edit, ...]:
    """The edits that make top-level names of `statements` ("import numpy as np") available; () when they all are.

    The statements go into the existing import block, behind docstring and `__future__` imports, never into `if` or
    `try`; in a notebook into the first cell that imports. UserError when a name already means something else.
    """
    index = ModuleIndex(file)
    missing = [item for item in _wanted(statements) if not _present(index, item)]
    if not missing:
        return ()
    block = _block(file)
    old = file.text[block.start : block.end]
    new = old
    for item in missing:
        new = with_import(new, item, file.newline, file.path.parts)
    new += _gap(file, block, old, new)
    return tuple(_differences(file, block.start, old, new))


def _wanted(statements: Iterable[str]) -> list[Wanted]:
    found: dict[Wanted, None] = {}
    for statement in statements:
        for node in ast.parse(statement).body:
            if not isinstance(node, _IMPORTS):
                raise ValueError(f"not an import statement: {statement}")
            module = ("." * node.level + (node.module or "")) if isinstance(node, ast.ImportFrom) else None
            found |= {Wanted(module, alias.name, alias.asname): None for alias in node.names}
    return list(found)


def _present(index: ModuleIndex, item: Wanted) -> bool:
    """Whether the name is imported already; UserError when it is bound to something else somewhere."""
    binding = index.globals.get(item.local)
    if binding is None or not binding.bound:
        return False
    found = index.imported.get(item.local)
    if found is None or found.target != item.target or binding.bound != found.bound:
        raise UserError(f"{index.file.path}: `{item.local}` already means something else than `{item.statement}`")
    return not found.conditional and (item.module is not None or _module_imported(index, item))


def _module_imported(index: ModuleIndex, item: Wanted) -> bool:
    """`import a` is given by `import a.b`, but not the other way round."""
    names = [
        alias.name
        for node in index.tree.body
        if isinstance(node, ast.Import)
        for alias in node.names
        if (alias.asname or None) == item.asname
    ]
    return any(name == item.name or name.startswith(f"{item.name}.") for name in names)


def _block(file: SourceFile) -> Span:
    """The text that holds the import block: from the start of its region to behind the last import (or docstring, or
    leading comment) that no definition precedes."""
    regions = file.regions or (Span(0, 0),)
    region = next((one for one in regions if _last_import(_statements(file, one))), regions[0])
    body = _statements(file, region)
    last = _last_import(body) or (body[0] if body and _is_docstring(body[0]) else None)
    end = logical_end(file.lines, last, body) if last else _comments_end(file, region)
    return Span(region.start, min(end, region.end))


def _statements(file: SourceFile, region: Span) -> list[ast.stmt]:
    starts = ((node, file.lines.offset(node.lineno, node.col_offset)) for node in file.tree.body)
    return [node for node, start in starts if region.start <= start < region.end]


def _last_import(body: list[ast.stmt]) -> ast.stmt | None:
    head = takewhile(lambda node: not isinstance(node, _DEFINITIONS), body)
    return max((node for node in head if isinstance(node, _IMPORTS)), key=lambda node: node.lineno, default=None)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _comments_end(file: SourceFile, region: Span) -> int:
    """Behind the comment lines that a file or cell starts with: `#!`, encoding, licence."""
    line = file.lines.line_of(region.start)
    while file.lines.start_of(line) < region.end and file.text.startswith("#", file.lines.start_of(line)):
        line += 1
    return max(region.start, file.lines.start_of(line))


def _gap(file: SourceFile, block: Span, old: str, new: str) -> str:
    """The blank lines between an import block that was not there and what follows it."""
    rest = file.text[block.end :]
    if not new.endswith(("\n", "\r")) or not rest or rest[0] in "\r\n" or _last_import(ast.parse(old).body):
        return ""
    return file.newline * (2 if rest.startswith(("def ", "class ", "async ", "@")) else 1)


def _differences(file: SourceFile, start: int, old: str, new: str) -> Iterator[Edit]:
    """The difference of two texts, by lines and line endings: what stands between two edits is not touched."""
    before, after = _PARTS.findall(old), _PARTS.findall(new)
    offsets = [start, *(start + end for end in accumulate(map(len, before)))]
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            yield _trimmed(file.path, offsets[a], "".join(before[a:b]), "".join(after[c:d]))


def _trimmed(path: Path, start: int, old: str, new: str) -> Edit:
    """The edit without what both texts start and end with."""
    head = _common(old, new)
    old, new = old[head:], new[head:]
    tail = _common(old[::-1], new[::-1])
    old, new = old[: len(old) - tail], new[: len(new) - tail]
    return Edit(path, Span(start + head, start + head + len(old)), old, new)


def _common(first: str, second: str) -> int:
    """How many characters two texts start with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))
