"""Loop nests over ndarrays as NumPy code: plans of the loop model printed as an expert would write them."""

from perf_advise.rulekit.arrays.nests import ArrayNest, array_nests

__all__ = ["ArrayNest", "array_nests"]
