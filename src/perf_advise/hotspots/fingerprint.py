"""A hash of what a function says, to tell whether it changed since it was recorded."""

import ast
import hashlib
import textwrap

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def text_hash(text: str) -> str:
    """16 hex digits of the sha256 of the text, dedented and with line endings normalised."""
    plain = textwrap.dedent("\n".join(line.rstrip() for line in split_lines(text))).strip()
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def lines_hash(text: str, first_line: int, end_line: int) -> str:
    """The hash of whole lines of a file, both ends included, counted from 1."""
    return text_hash("\n".join(split_lines(text)[first_line - 1 : end_line]))


def module_hash(text: str, tree: ast.Module) -> str:
    """The hash of a module's top-level code: what stays when functions and classes are left out."""
    lines = split_lines(text)
    kept = (node for node in tree.body if not isinstance(node, _DEFINITIONS))
    parts = ("\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in kept)
    return text_hash("\n".join(parts))


def split_lines(text: str) -> list[str]:
    """The lines as Python counts them: ended by line feed, carriage return, or both."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
