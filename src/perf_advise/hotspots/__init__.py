"""From the frames of a profile to functions in the source: `find_hot_functions`, `all_functions`."""

from perf_advise.hotspots.finding import HotResult, all_functions, find_hot_functions
from perf_advise.hotspots.moved import moved

__all__ = ["HotResult", "all_functions", "find_hot_functions", "moved"]
