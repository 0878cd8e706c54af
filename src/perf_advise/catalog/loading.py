"""Find rule packs and import their rules: the built-in one and the user's own, by the same code."""

import importlib
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from perf_advise.catalog.explanations import Explanation, parse_explanation
from perf_advise.model.errors import UserError
from perf_advise.model.rule import Applicability, Rule
from perf_advise.rulekit.matches import Match, Rewrite
from perf_advise.rulekit.simple_rules import change_pattern, see_pattern
from perf_advise.rulekit.view import View

See = Callable[[View], Iterator[Match]]
Change = Callable[[Match, View], Rewrite]

BUILT_IN = "perf_advise_rules"


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """A rule ready to run: its data, its explanation, how it sees and how it changes."""

    rule: Rule
    explanation: Explanation
    see: See
    change: Change | None
    path: Path
    family: str


def built_in_folder() -> Path:
    """The folder of the built-in rules: in the wheel, or at the top of a checkout."""
    package = Path(__file__).parents[1]
    shipped = package / "_rules"
    return shipped if shipped.is_dir() else package.parents[1] / "rules"


def load_rules(user_folders: Iterable[Path] = ()) -> tuple[LoadedRule, ...]:
    """All rules, sorted by code; raises UserError for a pack that does not load or a code used twice."""
    rules = list(load_pack(built_in_folder(), BUILT_IN))
    for number, folder in enumerate(user_folders):
        if not folder.is_dir():
            raise UserError(f"rules folder {folder} does not exist", "name a folder of rule files")
        rules += load_pack(folder, f"perf_advise_user_rules_{number}")
    rules.sort(key=lambda loaded: loaded.rule.code)
    _refuse_doubles(rules)
    return tuple(rules)


def load_pack(folder: Path, package: str) -> Iterator[LoadedRule]:
    """The rules of one folder and its sub-folders, imported as modules of the package `package`."""
    _make_package(package, folder)
    for path in sorted(folder.rglob("*.py")):
        relative = path.relative_to(folder)
        if any(part.startswith(("_", ".", "test_")) for part in relative.parts):
            continue
        dotted = ".".join((package, *relative.with_suffix("").parts))
        module = _import_rule(dotted, path)
        if hasattr(module, "RULE"):
            yield _loaded(module, path, relative.parts[0] if len(relative.parts) > 1 else "")


def _make_package(name: str, folder: Path) -> None:
    """An empty package whose `__path__` is the folder, so that rules import (and pickle) as usual."""
    known = sys.modules.get(name)
    if known is not None and list(known.__path__) == [str(folder)]:
        return
    for stale in [m for m in sys.modules if m == name or m.startswith(name + ".")]:
        del sys.modules[stale]
    package = types.ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules[name] = package


def _import_rule(dotted: str, path: Path) -> types.ModuleType:
    try:
        return importlib.import_module(dotted)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise UserError(f"rule {path} does not load: {reason}", "mend the file or take it out") from error


def _loaded(module: types.ModuleType, path: Path, family: str) -> LoadedRule:
    rule: Any = module.RULE
    if not isinstance(rule, Rule):
        raise UserError(f"rule {path}: RULE is not a Rule", "write RULE = Rule(code=..., ...)")
    see: See | None = getattr(module, "see", None)
    change: Change | None = getattr(module, "change", None)
    if rule.pattern:
        see = see or partial(see_pattern, rule)
        if rule.template:
            change = change or partial(_change_simple, rule)
    if see is None or (change is None and rule.applicability is not Applicability.DISPLAY):
        raise UserError(f"rule {path} has no `see` or no `change`", "write them, or a pattern and a template")
    return LoadedRule(rule, parse_explanation(module.__doc__ or ""), see, change, path, family)


def _change_simple(rule: Rule, match: Match, view: View) -> Rewrite:
    return change_pattern(rule, match, view)


def _refuse_doubles(rules: list[LoadedRule]) -> None:
    first: dict[str, Path] = {}
    for loaded in rules:
        for key in (loaded.rule.code, loaded.rule.name):
            if key in first:
                raise UserError(f"{key} is used by {first[key]} and {loaded.path}", "give one another")
            first[key] = loaded.path
