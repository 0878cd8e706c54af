"""The name that somebody meant."""

import difflib
from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean a or b?` with the known names nearest to `word`; empty when none is near."""
    names = {name.lower(): name for name in known}
    near = [names[match] for match in difflib.get_close_matches(word.lower(), names, n=2, cutoff=0.7)]
    return f"did you mean {' or '.join(near)}?" if near else ""
