"""Which rules run: codes, prefixes and names, as in ruff."""

import difflib
from collections.abc import Iterable, Sequence

from perf_advise.catalog.loading import LoadedRule
from perf_advise.model.errors import UserError


def select_rules(
    rules: Sequence[LoadedRule],
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    extend_select: Iterable[str] = (),
) -> tuple[LoadedRule, ...]:
    """The rules that `select` (default: all) and `extend_select` name and `ignore` does not.

    The longer of two prefixes that speak of the same rule wins, a name counts as a whole code.
    Raises UserError for a selector that names no rule, with the nearest ones.
    """
    chosen = [*select] or ["ALL"]
    wanted = [*chosen, *extend_select]
    unwanted = [*ignore]
    for selector in (*wanted, *unwanted):
        _must_exist(selector, rules)
    return tuple(r for r in rules if _strength(r, wanted) > _strength(r, unwanted))


def find_rule(text: str, rules: Sequence[LoadedRule]) -> LoadedRule:
    """The rule with this code or name; raises UserError with the nearest ones."""
    for loaded in rules:
        if text.upper() == loaded.rule.code or text.lower() == loaded.rule.name:
            return loaded
    raise _unknown(text, rules)


def _strength(loaded: LoadedRule, selectors: Iterable[str]) -> int:
    """How exactly the best of the selectors names the rule: 0 not at all, 1 `ALL`, else by length."""
    return max((_match(loaded, s) for s in selectors), default=0)


def _match(loaded: LoadedRule, selector: str) -> int:
    if selector.upper() == "ALL":
        return 1
    if selector.lower() == loaded.rule.name:
        return 1 + len(loaded.rule.code)
    return 1 + len(selector) if loaded.rule.code.startswith(selector.upper()) else 0


def _must_exist(selector: str, rules: Sequence[LoadedRule]) -> None:
    if not selector or not any(_match(loaded, selector) for loaded in rules):
        raise _unknown(selector, rules)


def _unknown(text: str, rules: Sequence[LoadedRule]) -> UserError:
    known = [name for loaded in rules for name in (loaded.rule.code, loaded.rule.name)]
    near = difflib.get_close_matches(text.upper(), known, n=2) or difflib.get_close_matches(text.lower(), known, n=2)
    hint = f"did you mean {' or '.join(near)}?" if near else "`perf-advise rules` lists them"
    return UserError(f"there is no rule {text!r}", hint)
