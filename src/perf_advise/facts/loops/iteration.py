"""What one iteration computes with: expressions, and accesses to cells of arrays.

Everything keeps the libcst node that it came from; two expressions are equal when they say the same,
wherever they stand.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from perf_advise.facts.loops.affine import Affine, canonical

if TYPE_CHECKING:
    from perf_advise.facts.loops.nouns import Domain

Node = cst.CSTNode


@dataclass(frozen=True, slots=True)
class Expr:
    """A value that one iteration computes; `node` is where it stands in the source."""

    node: Node = field(compare=False, repr=False)

    @property
    def parts(self) -> "tuple[Expr, ...]":
        """The expressions right below, those inside subscripts included."""
        return ()

    def walk(self) -> "Iterator[Expr]":
        """This expression and all below it, in order of evaluation."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True, slots=True)
class Constant(Expr):
    """A literal."""

    value: complex | str | bytes | bool | None

    def __str__(self) -> str:
        return repr(self.value)


@dataclass(frozen=True, slots=True)
class Invariant(Expr):
    """A value that nothing in the nest changes, by its text."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Index(Expr):
    """A number computed from induction variables and integer literals alone."""

    affine: Affine

    def __str__(self) -> str:
        return str(self.affine)


@dataclass(frozen=True, slots=True)
class Scalar(Expr):
    """A name (or attribute, `self.total`) that the nest assigns."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Item(Expr):
    """What an iterator gave in this iteration: nothing is known of where it comes from."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Span:
    """A slice in a subscript; None where a bound is absent.

    `place` counts the dimensions of what is taken from the last one, where rows are told apart.
    """

    lower: Affine | None
    upper: Affine | None
    step: Affine | None
    place: int = field(default=0, compare=False)

    def __str__(self) -> str:
        lower, upper = ("" if bound is None else str(bound) for bound in (self.lower, self.upper))
        return f"{lower}:{upper}" + ("" if self.step is None else f":{self.step}")


@dataclass(frozen=True, slots=True)
class Subscript:
    """One dimension of an access: affine, a slice, or a value computed from data (`idx[i]`, `i % n`).

    Where `value` is set, `affine` may be too: in `dp[j - w[i]]` it is affine in j, with the symbol `w[i]`.
    """

    affine: Affine | None = None
    span: Span | None = None
    value: Expr | None = None
    node: Node | None = field(default=None, compare=False, repr=False)

    def is_computed_in(self, domain: "Domain") -> bool:
        """Whether the index depends on the iteration of a loop otherwise than linearly."""
        if self.affine is None:
            return self.value is not None
        data = domain.own_names - {domain.index}
        return bool(self.affine.names & data) or self.affine.coefficient(domain.index) is None

    def __str__(self) -> str:
        return str(self.affine if self.affine is not None else self.span if self.span is not None else self.value)


@dataclass(frozen=True, slots=True)
class Access:
    """A cell (or row, with fewer subscripts than dimensions) of `array`: `a[i][j]` and `a[i, j]` are the same.

    `strides` is empty unless one flat index was split: `a[i * n + j]` has the subscripts (i, j) and the
    strides (n,). `base` is the node of the array itself.
    """

    array: str
    subscripts: tuple[Subscript, ...]
    node: Node = field(compare=False, repr=False)
    base: Node = field(compare=False, repr=False)
    strides: tuple[Affine, ...] = ()

    @property
    def affines(self) -> tuple[Affine, ...] | None:
        """The subscripts where all of them are affine."""
        found = tuple(s.affine for s in self.subscripts if s.affine is not None)
        return found if len(found) == len(self.subscripts) else None

    @property
    def flat(self) -> Affine | None:
        """The one index that `strides` took apart, put together again."""
        digits = self.affines
        if digits is None:
            return None
        found = digits[0]
        for digit, stride in zip(digits[1:], self.strides, strict=True):
            found = found * stride + digit
        return found

    @property
    def parts(self) -> tuple[Expr, ...]:
        """The expressions that subscripts hold."""
        return tuple(s.value for s in self.subscripts if s.value is not None)

    def __str__(self) -> str:
        return self.array + (f"[{', '.join(map(str, self.subscripts))}]" if self.subscripts else "")


@dataclass(frozen=True, slots=True)
class Read(Expr):
    """The value of a cell."""

    access: Access

    @property
    def parts(self) -> tuple[Expr, ...]:
        return self.access.parts

    def __str__(self) -> str:
        return str(self.access)


@dataclass(frozen=True, slots=True)
class Apply(Expr):
    """A pure operation: a Python operator (`+`, `<`, `neg`, `not`, `and`), or a function by its qualified name.

    A method is `.name()` and an attribute `.name`, with the receiver as the first operand; `list` and `tuple` are
    displays, `python` is any other pure syntax. The last operands are keyword arguments where `keywords` names them.
    """

    op: str
    operands: tuple[Expr, ...]
    keywords: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Expr, ...]:
        return self.operands

    def __str__(self) -> str:
        return _applied(self.op, tuple(map(_shown, self.operands)))


@dataclass(frozen=True, slots=True)
class Choose(Expr):
    """`then if condition else otherwise`, also where the source has an `if` statement."""

    condition: Expr
    then: Expr
    otherwise: Expr

    @property
    def parts(self) -> tuple[Expr, ...]:
        return self.condition, self.then, self.otherwise

    def __str__(self) -> str:
        return f"({self.then} if {self.condition} else {self.otherwise})"


@dataclass(frozen=True, slots=True)
class Fold(Expr):
    """A comprehension or generator inside an expression: `op` is `+ * min max any all list set tuple count`."""

    op: str
    domains: "tuple[Domain, ...]"
    value: Expr
    conditions: tuple[Expr, ...]

    @property
    def parts(self) -> tuple[Expr, ...]:
        return *self.conditions, self.value

    def __str__(self) -> str:
        clauses = "".join(f" for {d}" for d in self.domains) + "".join(f" if {c}" for c in self.conditions)
        return f"{self.op}({self.value}{clauses})"


@dataclass(frozen=True, slots=True)
class Unclear(Expr):
    """An expression whose effects or reads are not known."""

    why: str

    def __str__(self) -> str:
        return f"<{canonical(self.node)}>" if isinstance(self.node, cst.BaseExpression) else "<?>"


def _shown(operand: Expr) -> str:
    """The text of an operand, in parentheses where it is a sum or the like."""
    text = str(operand)
    return f"({text})" if isinstance(operand, Invariant | Index) and " " in text else text


def _applied(op: str, operands: tuple[str, ...]) -> str:
    if op in ("neg", "not", "invert"):
        return f"({ {'neg': '-', 'not': 'not ', 'invert': '~'}[op] }{operands[0]})"
    if op.startswith("."):
        return f"{operands[0]}{op.removesuffix(')')}" + (", ".join(operands[1:]) + ")" if op.endswith(")") else "")
    if op[0].isalpha() and op not in ("and", "or", "in", "not in", "is", "is not"):
        return f"{op.removeprefix('builtins.')}({', '.join(operands)})"
    return f"({f' {op} '.join(operands)})"
