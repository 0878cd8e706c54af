"""What a rule must have to be shipped; each problem is one line."""

import re
from collections.abc import Iterator

from perf_advise.catalog.explanations import HEADINGS
from perf_advise.catalog.loading import LoadedRule
from perf_advise.model.rule import Applicability

_CODE = re.compile(r"[A-Z]{2,5}\d{3,4}")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


def problems(loaded: LoadedRule) -> Iterator[str]:
    """Everything that is missing or malformed, as lines that start with the code."""
    rule = loaded.rule
    found = [
        (not _CODE.fullmatch(rule.code), "the code is letters and digits, like PA501"),
        (not _NAME.fullmatch(rule.name), "the name is the costly shape in kebab-case"),
        (not rule.message or rule.message[0].isupper(), "the message starts in lower case"),
        (rule.message.endswith("."), "the message ends without a full stop"),
        (not rule.cure and rule.applicability is not Applicability.DISPLAY, "there is no cure in words"),
        ("\n" in loaded.explanation.summary, "the docstring starts with one summary line"),
        (not rule.examples, "there is no firing example"),
        (not rule.silent, "there is no silent example"),
        (rule.applicability is Applicability.UNSAFE and not rule.differences, "unsafe names no difference"),
        (rule.applicability is not Applicability.DISPLAY and rule.bench is None, "there is no bench"),
        (any(not s.why for s in rule.silent), "a silent example gives no reason"),
    ]
    yield from (f"{rule.code}: {text}" for wrong, text in found if wrong)
    sections = loaded.explanation.sections
    yield from (f"{rule.code}: no text under '{name}'" for name in HEADINGS if not sections.get(name))
    yield from (f"{rule.code}: unknown heading '{name}'" for name in sections if name not in HEADINGS)
