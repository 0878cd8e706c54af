"""The only thing that a rule imports.

A rule is one file: a docstring with the fixed headings, `RULE = Rule(...)`, and, unless it is a pattern with a
template, two pure functions: `see(view) -> Iterator[Match]` finds the places and states what must
hold there (`Need`s), `change(match, view) -> Rewrite` writes the new code. The engine alone decides what an
Unknown fact does. `rules/algorithms/list_membership_in_loop.py` is the example to follow.
"""

import libcst as cst

from perf_advise.model.facts import Answer, Evidence, Truth
from perf_advise.model.hot import Hotness
from perf_advise.model.pytypes import PyType
from perf_advise.model.rule import Applicability, Bench, Example, Rule, Silent
from perf_advise.rulekit import coroutines, frames, needs
from perf_advise.rulekit.costs import (
    asks_unguarded,
    callee_node,
    calls_in,
    is_light,
    is_plain,
    is_property,
    only_asks,
    seems_to_act,
    share_of_callee,
    why_costly,
    why_laborious,
)
from perf_advise.rulekit.escapes import is_target, is_tested, only_reads, stays_private, variable_uses
from perf_advise.rulekit.growth import growth_of, may_grow_in_place
from perf_advise.rulekit.hoisting import (
    is_consumed_at_once,
    is_unconditional,
    name_after,
    outermost_invariant,
    stands_before,
)
from perf_advise.rulekit.lateness import Place, needed_at
from perf_advise.rulekit.list_evidence import grows, grows_in, is_of_the_turn, is_one_of_many, shown_as_list
from perf_advise.rulekit.list_uses import ListUses, is_membership, list_uses, starts_empty
from perf_advise.rulekit.mapped_calls import MappedCall, mapped_calls, over_pool
from perf_advise.rulekit.matches import Insertion, LineInsertion, Match, Need, NeedKind, Replacement, Rewrite
from perf_advise.rulekit.module_constants import (
    constant_name,
    flush_left,
    is_felt,
    runs_per_call,
    sole_uses,
    to_module_level,
)
from perf_advise.rulekit.numba.costs import pays
from perf_advise.rulekit.numba.support import support_of, support_of_whole, whole_function
from perf_advise.rulekit.order import comes_before
from perf_advise.rulekit.patterns import (
    as_argument,
    chain_of,
    fill_template,
    fingerprint,
    is_atom,
    match_pattern,
    parenthesised,
    same_code,
)
from perf_advise.rulekit.regexes import is_valid_pattern, pattern_use
from perf_advise.rulekit.row_loops import RowLoop, keeps_columns, over_columns, row_loops
from perf_advise.rulekit.simple_rules import fit_in
from perf_advise.rulekit.steadiness import seems_steady, steady, steady_between, steady_in
from perf_advise.rulekit.view import Comprehension, View

SAFE = Applicability.SAFE
UNSAFE = Applicability.UNSAFE
DISPLAY = Applicability.DISPLAY

__all__ = [
    "DISPLAY",
    "SAFE",
    "UNSAFE",
    "Answer",
    "Applicability",
    "Bench",
    "Comprehension",
    "Evidence",
    "Example",
    "Hotness",
    "Insertion",
    "LineInsertion",
    "ListUses",
    "MappedCall",
    "Match",
    "Need",
    "NeedKind",
    "Place",
    "PyType",
    "Replacement",
    "Rewrite",
    "RowLoop",
    "Rule",
    "Silent",
    "Truth",
    "View",
    "as_argument",
    "asks_unguarded",
    "callee_node",
    "calls_in",
    "chain_of",
    "comes_before",
    "constant_name",
    "coroutines",
    "cst",
    "fill_template",
    "fingerprint",
    "fit_in",
    "flush_left",
    "frames",
    "grows",
    "grows_in",
    "growth_of",
    "is_atom",
    "is_consumed_at_once",
    "is_felt",
    "is_light",
    "is_membership",
    "is_of_the_turn",
    "is_one_of_many",
    "is_plain",
    "is_property",
    "is_target",
    "is_tested",
    "is_unconditional",
    "is_valid_pattern",
    "keeps_columns",
    "list_uses",
    "mapped_calls",
    "match_pattern",
    "may_grow_in_place",
    "name_after",
    "needed_at",
    "needs",
    "only_asks",
    "only_reads",
    "outermost_invariant",
    "over_columns",
    "over_pool",
    "parenthesised",
    "pattern_use",
    "pays",
    "row_loops",
    "runs_per_call",
    "same_code",
    "seems_steady",
    "seems_to_act",
    "share_of_callee",
    "shown_as_list",
    "sole_uses",
    "stands_before",
    "starts_empty",
    "stays_private",
    "steady",
    "steady_between",
    "steady_in",
    "support_of",
    "support_of_whole",
    "to_module_level",
    "variable_uses",
    "whole_function",
    "why_costly",
    "why_laborious",
]
