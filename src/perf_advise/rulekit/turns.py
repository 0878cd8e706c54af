"""Places in a loop that are reached at most once, because the loop is left right after them."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import libcst as cst


def leaving(node: cst.CSTNode, ancestors: Iterable[cst.CSTNode], loop: cst.CSTNode) -> cst.CSTNode | None:
    """The `return`, `raise` or `break` that ends a block in the loop which `node` stands in; None where it may go on.

    What fails in a `try` may be tried again in the next iteration: None. The loop's own block is not looked at.
    """
    child = node
    for holder, above in pairwise(ancestors):
        body = getattr(holder, "body", None)
        tried = isinstance(above, cst.Try | cst.TryStar) and above.handlers and holder is above.body
        if holder is loop or tried:
            return None
        in_block = isinstance(holder, cst.IndentedBlock) and above is not loop
        if (in_block or isinstance(holder, cst.SimpleStatementSuite)) and isinstance(body, Sequence):
            last = _end_of(body[list(body).index(child) :])
            if last is not None:
                return last
        child = holder
    return None


def _end_of(statements: Sequence[cst.CSTNode]) -> cst.CSTNode | None:
    """The statement at the end that leaves a loop, where nothing before it goes on with the next iteration."""
    last = statements[-1]
    last = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last
    leaves = isinstance(last, cst.Return | cst.Raise | cst.Break)
    return last if leaves and not any(map(_goes_on, statements)) else None


def _goes_on(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Continue) or any(map(_goes_on, node.children))
