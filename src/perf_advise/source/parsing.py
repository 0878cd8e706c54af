"""`ast` trees of source texts, with what can go wrong said in one line."""

import ast
import sys
import warnings

from perf_advise.model.errors import UserError


def parse_text(text: str, name: str) -> ast.Module:
    """The tree of `text`; UserError for a syntax error, syntax newer than this interpreter's, nesting too deep."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, filename=name)
    except SyntaxError as error:
        raise syntax_failure(error, name) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise UserError(f"{name}: cannot be parsed ({_reason(error)})") from None


def compile_text(tree: ast.Module, name: str) -> None:
    """Raise UserError when `tree` parses but does not compile (`return` outside a function, a late `__future__`)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(tree, name, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise syntax_failure(error, name) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise UserError(f"{name}: cannot be compiled ({_reason(error)})") from None


def syntax_failure(error: SyntaxError, name: str) -> UserError:
    """The one line for a syntax error, which also happens where the file is newer than this Python."""
    version = ".".join(map(str, sys.version_info[:2]))
    where = f"{name}:{error.lineno}" if error.lineno else name
    return UserError(f"{where}: not valid Python {version} ({error.msg})")


def _reason(error: Exception) -> str:
    text = str(error).splitlines()
    return text[0] if text else type(error).__name__
