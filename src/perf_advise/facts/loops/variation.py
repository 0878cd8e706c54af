"""How expressions and accesses differ between iterations."""

from collections.abc import Iterator, Mapping

from perf_advise.facts.loops.iteration import Access, Apply, Expr, Index, Item, Read, Scalar
from perf_advise.facts.loops.nouns import Domain


def leaf_varies(part: Expr, domain: Domain, scalars: Mapping[str, tuple[Domain, ...]]) -> bool:
    """Whether a part of an expression, taken alone, may differ between iterations of a loop."""
    if isinstance(part, Index):
        return domain.index in part.affine.names
    if isinstance(part, Read):
        if domain.kind in ("row", "rows"):
            wanted = 0 if domain.kind == "row" else 1
            return any(s.span is not None and s.span.place == wanted for s in part.access.subscripts)
        return any(s.affine is not None and s.affine.names & domain.own_names for s in part.access.subscripts)
    if isinstance(part, Scalar):
        return domain in scalars.get(part.name, (domain,))
    return isinstance(part, Item) and part.name in domain.own_names


def is_shift(one: Access, other: Access) -> bool:
    """Whether two accesses differ by constants, not all zero."""
    left, right = one.affines, other.affines
    if left is None or right is None or len(left) != len(right):
        return False
    differences = [(a - b).value for a, b in zip(left, right, strict=True)]
    return any(differences) and None not in differences and any(a.symbols for a in left)


def factors_of(expression: Expr) -> Iterator[Expr]:
    """The factors of a product."""
    if isinstance(expression, Apply) and expression.op == "*":
        for operand in expression.operands:
            yield from factors_of(operand)
    else:
        yield expression
