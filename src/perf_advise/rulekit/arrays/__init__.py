"""Loop nests over ndarrays as NumPy code: plans of the loop model printed as an expert would write them."""

from perf_advise.rulekit.arrays.list_products import ListProduct, list_products
from perf_advise.rulekit.arrays.nests import ArrayNest, array_nests
from perf_advise.rulekit.arrays.strides import StridedStore, strided_stores

__all__ = ["ArrayNest", "ListProduct", "StridedStore", "array_nests", "list_products", "strided_stores"]
