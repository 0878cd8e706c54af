"""Matrix products of lists of lists: converted once, multiplied, and given back as lists."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from perf_advise.facts.loops.affine import Affine
from perf_advise.facts.loops.iteration import Access, Constant, Read, Scalar
from perf_advise.facts.loops.nouns import Domain
from perf_advise.facts.loops.patterns import Map, Reduction
from perf_advise.model.facts import Answer, Evidence
from perf_advise.rulekit import needs
from perf_advise.rulekit.arrays.nests import ArrayNest, array_nests, read_later
from perf_advise.rulekit.arrays.types import ArrayTypes
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.numba.types import Kinds
from perf_advise.rulekit.patterns import match_pattern
from perf_advise.rulekit.view import View

_BY_ROWS = "[[sum($x * $y for $x, $y in zip($r, $c)) for $c in zip(*$b)] for $r in $a]"
_BY_PLACES = "[[sum($a[$i][$k] * $b[$k][$j] for $k in range($p)) for $j in range($m)] for $i in range($n)]"
_SUM = "sum($x * $y for $x, $y in zip($r, $c))"
_SUM_OF_LIST = f"sum([{_SUM[4:-1]}])"
_PATTERNS = (_BY_ROWS, _BY_ROWS.replace(_SUM, _SUM_OF_LIST), _BY_PLACES)
_COLUMNS = tuple(pattern.replace("zip(*$b)", "$t") for pattern in _PATTERNS[:2])
_ZEROS = re.compile(
    r"\[\[0(?:\.0)?\] \* (.+) for _ in range\((.+)\)\]"
    r"|\[\[0(?:\.0)? for _ in range\((.+)\)\] for _ in range\((.+)\)\]"
)
_LEAST_CALL = 1e-4
_IMPORT = 0.2


@dataclass(frozen=True, slots=True)
class ListProduct:
    """What is replaced by which code; `factors` are the lists, `dropped` a line that nothing needs any more."""

    node: cst.CSTNode
    code: str
    factors: tuple[cst.BaseExpression, ...]
    dropped: tuple[cst.CSTNode, ...] = ()

    def needs(self, view: View) -> Iterator[Need]:
        """The lists hold floats, and a call has enough to multiply."""
        kinds = Kinds(view)
        for factor in self.factors:
            found, text = kinds.nested(factor), view.code(factor)
            claim = f"`{text}` is a rectangular list of lists of floats"
            if found is None:
                yield Need(Answer.unknown("what it holds is not known"), claim)
            elif found == (2, frozenset({"float"})):
                yield Need(Answer.yes("as this file suggests", Evidence.SEEN), claim)
            else:
                yield Need(Answer.no(f"it holds {' and '.join(sorted(found[1]))}s, {found[0]} deep"), claim)
        yield needs.takes(view.hot.bare_seconds, 0.0 if _imports_numpy(view) else _IMPORT)
        if view.hot.bare_seconds and view.hot.calls:
            each = view.hot.bare_seconds / view.hot.calls
            yield needs.holds(each > _LEAST_CALL, "a call costs more than its conversion", f"{each * 1e6:.1f} us")


def list_products(view: View) -> Iterator[ListProduct]:
    """The matrix products of a function that are written as loops or comprehensions over lists."""
    for nest in array_nests(view, "contraction"):
        found = _of_nest(view, nest)
        if found is not None:
            yield found
    for node in view.walk(cst.ListComp):
        for pattern in _PATTERNS:
            bound = match_pattern(pattern, node, view.facts)
            if bound is not None:
                yield _of_comprehension(view, node, bound)
        for pattern in _COLUMNS:
            bound = match_pattern(pattern, node, view.facts)
            found = _of_columns(view, node, bound) if bound is not None else None
            if found is not None:
                yield found


def _of_columns(view: View, node: cst.ListComp, bound: dict[str, cst.BaseExpression]) -> ListProduct | None:
    """`for column in columns` after `columns = list(zip(*b))`."""
    columns = view.code(bound["t"])
    values = [value for assign in view.walk(cst.Assign) for name, value in _bound(assign) if name == columns]
    if len(view.facts.definitions(columns)) != 1 or len(values) != 1:
        return None
    made = match_pattern("list(zip(*$b))", values[0], view.facts)
    if made is None:
        return None
    numpy = view.name_of("numpy")
    code = f"({numpy}.array({view.code(bound['a'])}) @ {numpy}.array({columns}).T).tolist()"
    return ListProduct(node, code, (bound["a"], made["b"]))


def _imports_numpy(view: View) -> bool:
    return any(target.split(".")[0] == "numpy" for target in view.index.imports.values())


def _of_comprehension(view: View, node: cst.ListComp, bound: dict[str, cst.BaseExpression]) -> ListProduct:
    left, right = bound["a"], bound["b"]
    stops = [view.code(bound[name]) if name in bound else "" for name in ("n", "p", "m")]
    code = _product(view, view.code(left), view.code(right), *stops) if stops[0] else None
    plain = f"{view.name_of('numpy')}.array({{}})"
    whole = f"{plain.format(view.code(left))} @ {plain.format(view.code(right))}"
    return ListProduct(node, f"({code or whole}).tolist()", (left, right))


def _of_nest(view: View, nest: ArrayNest) -> ListProduct | None:
    """`c[i][j] += a[i][k] * b[k][j]`, also by way of a local sum, into lists of zeros made right before."""
    if read_later(nest.plan):
        return None
    sums = [part for part in nest.plan.parts if isinstance(part, Reduction) and len(part.factors) == 2]
    others = [part for part in nest.plan.parts if part not in sums]
    if len(sums) != 1 or not _is_plain(sums[0]):
        return None
    target = _target(sums[0], others)
    if target is None or len(sums[0].free) != 2:
        return None
    return _into_zeros(view, nest, sums[0], target)


def _is_plain(product: Reduction) -> bool:
    start = product.start
    is_zero = start is None or (isinstance(start, Constant) and start.value == 0)
    plain = [d.kind == "range" and d.start.value == 0 and d.step.value == 1 for d in product.loops]
    is_free = not (product.guards or product.outer_guards)
    return product.op == "+" and is_zero and is_free and len(product.over) == 1 and all(plain)


def _target(product: Reduction, others: Sequence[object]) -> Access | None:
    """The cell that the sum ends up in."""
    if isinstance(product.target, Access):
        return product.target if not others else None
    (store,) = others if len(others) == 1 else (None,)
    if not isinstance(store, Map) or not isinstance(store.target, Access) or product.start is None:
        return None
    names = {part.name for part in (store.value, product.target) if isinstance(part, Scalar)}
    is_same = isinstance(store.value, Scalar) and len(names) == 1
    return store.target if is_same and not (store.operator or store.steps[-1].guards) else None


def _into_zeros(view: View, nest: ArrayNest, product: Reduction, target: Access) -> ListProduct | None:
    first, second = (f for f in product.factors)
    if not (isinstance(first, Read) and isinstance(second, Read)):
        return None
    (i, j), k = product.free, product.over[0]
    if _places(target, (i, j)) != (i, j):
        return None
    for left, right in ((first.access, second.access), (second.access, first.access)):
        rows, columns = _places(left, product.loops), _places(right, product.loops)
        if set(rows) == {i, k} and set(columns) == {k, j}:
            break
    else:
        return None
    line = ArrayTypes(view, product.steps).start_line(nest.plan.loop.domain, target.array)
    if line is None or not _is_zeros(view, line[1], i, j):
        return None
    if rows != (i, k) or columns != (k, j):
        return None
    code = _product(view, left.array, right.array, str(i.stop), str(k.stop), str(j.stop))
    bases = tuple(a.base for a in (left, right) if isinstance(a.base, cst.BaseExpression))
    return ListProduct(nest.plan.loop.node, f"{target.array} = ({code}).tolist()", bases, (line[0],))


def _places(access: Access, loops: tuple[Domain, ...]) -> tuple[Domain, ...]:
    """The loops whose index a subscript is, one for each."""
    found = [next((d for d in loops if s.affine == Affine.symbol(d.index)), None) for s in access.subscripts]
    known = tuple(d for d in found if d is not None)
    return known if len(known) == len(found) and not access.strides else ()


def _is_zeros(view: View, text: str, i: Domain, j: Domain) -> bool:
    """Whether the lists that are filled are as large as what the loops run over."""
    found = _ZEROS.fullmatch(re.sub(r"\bfor \w+ in\b", "for _ in", " ".join(text.split())))
    if found is None:
        return False
    columns, rows = (found[1], found[2]) if found[1] else (found[3], found[4])
    return _length(view, rows) == _length(view, str(i.stop)) and _length(view, columns) == _length(view, str(j.stop))


def _product(view: View, left: str, right: str, rows: str, inner: str, columns: str) -> str:
    """`np.array(a) @ np.array(b)`, cut to what the loops run over where that may be less than all."""
    is_inner = _length(view, inner) in (f"len({left}[0])", f"len({right})") and _is_fixed(view, left, right)
    cuts = (
        (left, "" if _is_whole(view, rows, left, 0) else rows, "" if is_inner else inner),
        (right, "" if is_inner else inner, "" if _is_whole(view, columns, right, 1) else columns),
    )
    return " @ ".join(f"{view.name_of('numpy')}.array({text}){_cut(first, second)}" for text, first, second in cuts)


def _cut(first: str, second: str) -> str:
    if second:
        return f"[:{first}, :{second}]"
    return f"[:{first}]" if first else ""


def _is_whole(view: View, stop: str, text: str, dimension: int) -> bool:
    return _length(view, stop) == f"len({text}{'[0]' * dimension})" and _is_fixed(view, text)


def _is_fixed(view: View, *texts: str) -> bool:
    """Whether nothing in the function binds the lists anew or calls a method of theirs."""
    code = view.code(view.slice.node)
    return all(
        text.isidentifier()
        and len(view.facts.definitions(text)) == 1
        and not re.search(rf"\b{text}\b(\[[^]]*\])?\.\w", code)
        for text in texts
    )


def _length(view: View, text: str) -> str:
    """What a name for a length was set to, where it is set once."""
    if not text.isidentifier() or len(view.facts.definitions(text)) != 1:
        return text.replace(" ", "")
    for assign in view.walk(cst.Assign):
        for name, value in _bound(assign):
            if name == text:
                return view.code(value).replace(" ", "")
    return text


def _bound(assign: cst.Assign) -> Iterator[tuple[str, cst.BaseExpression]]:
    for target in (t.target for t in assign.targets):
        if isinstance(target, cst.Name):
            yield target.value, assign.value
        elif isinstance(target, cst.Tuple) and isinstance(assign.value, cst.Tuple):
            for left, right in zip(target.elements, assign.value.elements, strict=False):
                if isinstance(left.value, cst.Name):
                    yield left.value.value, right.value
