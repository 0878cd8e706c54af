"""The measured ratios (old time / new time) that ship with the rules, per Python version and size."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = "_ratios.json"


@dataclass(frozen=True, slots=True)
class Ratios:
    """code -> Python minor version ("3.11") -> size -> ratio; the size "losing" is the losing shape."""

    table: Mapping[str, Mapping[str, Mapping[str, float]]]

    def at(self, code: str, version: tuple[int, int], size: int | None = None) -> float | None:
        """The ratio nearest to `size`, or the middle one where the size is not known; None when never measured.

        Another version than the measured ones gets the ratios of the nearest.
        """
        by_version = self.table.get(code)
        if not by_version:
            return None
        row = by_version[_nearest_version(by_version, version)]
        sizes = {int(k): v for k, v in row.items() if k.isdigit()}
        if not sizes:
            return None
        if size is None:
            return sorted(sizes.values())[(len(sizes) - 1) // 2]
        return sizes[min(sizes, key=lambda n: abs(n - size))]


def _nearest_version(known: Mapping[str, object], wanted: tuple[int, int]) -> str:
    def distance(text: str) -> int:
        major, minor = map(int, text.split("."))
        return abs((major - wanted[0]) * 100 + minor - wanted[1])

    return min(known, key=distance)


@lru_cache(maxsize=4)
def load_ratios(folder: Path) -> Ratios:
    """The ratios stored in a rules folder; empty where there are none."""
    path = folder / FILE
    if not path.is_file():
        return Ratios({})
    return Ratios(json.loads(path.read_text("utf-8")))
