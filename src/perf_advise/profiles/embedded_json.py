"""JSON objects that are a file of their own, or that a page embeds in a script."""

import json
import re
from typing import Any, BinaryIO

from perf_advise.profiles.errors import ProfileError, damaged
from perf_advise.profiles.streams import MIB, read_all
from perf_advise.profiles.untrusted import mapping

_LIMIT = 64 * MIB
_MOST_CONTAINERS = 2_500_000


def read_page(stream: BinaryIO) -> str:
    """A whole page, or a JSON file, of up to 64 MiB."""
    return read_all(stream, _LIMIT).decode("utf-8", "replace").lstrip("\ufeff \t\r\n")


def page_object(page: str, marker: str) -> dict[str, Any]:
    """The JSON object that the page is, or that a script in it has after what matches `marker`.

    Raises ProfileError: no such object, damage, too deep nesting.
    """
    if page.startswith("{"):
        return mapping(_decoded(page, 0))
    found = re.search(marker, page)
    if found is None:
        raise damaged("the page has no data in it")
    return mapping(_decoded(page, found.end()))


def _decoded(page: str, start: int) -> object:
    if page.count("[", start) + page.count("{", start) > _MOST_CONTAINERS:
        raise ProfileError("holds too many values", "profile a shorter run")
    try:
        return json.JSONDecoder().raw_decode(page, start)[0]
    except ValueError as error:
        raise damaged(f"JSON: {error}"[:80]) from None
    except RecursionError:
        raise ProfileError("is nested too deeply to be read", "record a profile without deep recursion") from None
