"""An array compared with each of its keys in turn.

## What it does
Finds a loop over keys that makes a mask of a whole array for each of them (`a[labels == key]`,
`np.where(labels == key)`), and says how to sort the array by key once. It writes no code: what is computed of each
group decides which of the ways suits.

## Why it is slow
Each key compares all elements and goes over the mask again: O(n) per key, O(n * k) for k keys. One sort, or one pass
that counts, does it for all keys.

## When it is not the same
`np.bincount` and `np.add.at` add in the order of the elements, not group by group; a stable sort keeps the order within
each group.

## When it is not faster
Two or three keys.

## References
NumPy documentation, `numpy.unique` (`return_inverse`), `numpy.bincount`; `scipy.ndimage.labeled_comprehension`.
462 performance fixes read: `where(x == k)` per key was among those of arrays.
"""

from collections.abc import Iterator

from perf_advise.rulekit import DISPLAY, Example, Match, Need, Rule, Silent, View, cst, needs

MEANS = """
import numpy as np


def means(values: np.ndarray, labels: np.ndarray) -> list[float]:
    out = []
    for key in np.unique(labels):
        out.append(values[labels == key].mean())
    return out
"""
WHERE = """
import numpy as np


def groups(labels: np.ndarray) -> dict[int, np.ndarray]:
    return {key: np.where(labels == key)[0] for key in set(labels.tolist())}
"""

RULE = Rule(
    code="PA539",
    name="array-masked-per-key",
    message="`{test}` compares all of `{items}` for each key: O(n * k) where one sort or count does for all",
    applicability=DISPLAY,
    examples=(
        Example(before=MEANS, after=MEANS, applicability=DISPLAY),
        Example(before=WHERE, after=WHERE, applicability=DISPLAY),
        Example(
            before=MEANS.replace("labels == key", "labels[:, 0] == key"),
            after=MEANS.replace("labels == key", "labels[:, 0] == key"),
            applicability=DISPLAY,
        ),
    ),
    silent=(
        Silent(MEANS.replace("np.unique(labels)", "(0, 1)"), why="two keys, written out"),
        Silent(MEANS.replace("np.unique(labels)", "range(3)"), why="three keys"),
        Silent(MEANS.replace("labels: np.ndarray", "labels: list[int]"), why="a list: no mask"),
        Silent(MEANS.replace("labels == key", "labels > key"), why="no groups: the masks overlap"),
        Silent(MEANS.replace("labels == key", "labels == 0"), why="the same for each key"),
        Silent(MEANS.replace("    out.append", "    labels = labels[1:]\n        out.append"), why="another array"),
    ),
)  # fmt: skip
NOTE = (
    "sort once: `order = np.argsort({items}, kind='stable')` and `np.split` it where the sorted keys change; for "
    "counts and sums, `np.unique(..., return_inverse=True)` and `np.bincount(inverse, weights)`"
)


def see(view: View) -> Iterator[Match]:
    for test in view.walk(cst.Comparison):
        sides = _sides(test)
        loop = next(iter(view.repeats(test)), None)
        if sides is None or loop is None or not _is_used_as_mask(view, test):
            continue
        keys = loop if isinstance(loop, cst.For) else getattr(loop, "for_in", None)
        if not isinstance(keys, cst.For | cst.CompFor):
            continue
        for items, key in (sides, sides[::-1]):
            if (
                isinstance(items, cst.Name | cst.Attribute | cst.Subscript)
                and _is_bound_by(keys.target, key)
                and not _few(view, keys)
            ):
                whole = items.value if isinstance(items, cst.Subscript) else items
                array = Need(view.facts.is_type(whole, "numpy.ndarray"), f"`{view.code(whole)}` is an array")
                bound = view.facts.effects(items).reads & view.facts.effects(loop).binds
                same = needs.holds(not bound, "it is the same array in each turn", "the loop binds it anew")
                yield Match(test, {"test": test, "items": items}, (array, same), note=NOTE, fixable=False)


def _sides(test: cst.Comparison) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
    equal = len(test.comparisons) == 1 and isinstance(test.comparisons[0].operator, cst.Equal)
    return (test.left, test.comparisons[0].comparator) if equal else None


def _is_used_as_mask(view: View, test: cst.Comparison) -> bool:
    """Whether the comparison is an index, or is handed to what takes a mask, or gets a name for that."""
    holder = view.parent(test)
    if isinstance(holder, cst.Arg):
        call = view.parent(holder)
        return isinstance(call, cst.Call) and (view.facts.qualified_name(call.func) or "").startswith("numpy.")
    return isinstance(holder, cst.Index | cst.Attribute | cst.Assign)


def _is_bound_by(target: cst.CSTNode, key: cst.CSTNode) -> bool:
    if isinstance(target, cst.Name):
        return isinstance(key, cst.Name) and key.value == target.value
    return isinstance(target, cst.Tuple | cst.List | cst.Element) and any(_is_bound_by(c, key) for c in target.children)


def _few(view: View, keys: cst.For | cst.CompFor) -> bool:
    """Whether the keys are written out."""
    if isinstance(keys.iter, cst.List | cst.Tuple | cst.Set):
        return True
    call = keys.iter
    is_range = isinstance(call, cst.Call) and view.facts.qualified_name(call.func) == "builtins.range"
    return is_range and all(isinstance(arg.value, cst.Integer) for arg in call.args)  # type: ignore[attr-defined]
