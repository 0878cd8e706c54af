"""What NumPy's functions and methods do besides returning; flags as in `effects`."""

_PURE = """abs absolute add all allclose amax amin angle any append arange arccos arccosh arcsin
    arcsinh     arctan arctan2 arctanh argmax argmin argpartition argsort argwhere around array array_equal array_equiv
    average bincount bitwise_and bitwise_count bitwise_not bitwise_or bitwise_xor block bool
    cbrt ceil choose clip column_stack compress concatenate conj conjugate convolve copy
    copysign corrcoef correlate cos cosh count_nonzero cov cross cumprod cumsum cumulative_sum deg2rad degrees
    delete diag_indices diff digitize divide divmod dot dstack dtype ediff1d einsum empty empty_like equal
    exp exp2 expm1 extract eye fabs finfo fix flatnonzero float16 float32 float64 floor
    floor_divide fmax fmin fmod frexp full full_like gcd gradient greater greater_equal
    heaviside histogram histogram2d histogramdd hstack hypot identity iinfo in1d indices inner insert
    int16 int32 int64 int8 interp intersect1d intp invert isclose isfinite isin isinf isnan isneginf
    isposinf isreal isscalar kron lcm ldexp left_shift less less_equal lexsort linspace log log10 log1p log2
    logaddexp logaddexp2 logical_and logical_not logical_or logical_xor logspace geomspace matmul max maximum
    mean median meshgrid mgrid min minimum mod modf multiply nan_to_num nanargmax nanargmin nancumprod
    nancumsum nanmax nanmean nanmedian nanmin nanpercentile nanprod nanquantile nanstd nansum nanvar
    negative nextafter nonzero not_equal ogrid ones ones_like outer pad packbits unpackbits partition
    percentile poly polyfit polyval positive power prod promote_types ptp quantile rad2deg radians ravel_multi_index
    reciprocal remainder repeat resize result_type right_shift rint roll roots round row_stack
    searchsorted select setdiff1d setxor1d shape sign signbit sin sinc sinh size sort spacing sqrt square
    stack std subtract sum take take_along_axis tan tanh tensordot tile trace trapezoid trapz trapezoid tri tril
    tril_indices triu triu_indices true_divide trunc uint16 uint32 uint64 uint8 union1d unique
    unravel_index unwrap vander var vdot vecdot vstack where zeros zeros_like complex64 complex128 can_cast
    ndim fromstring isrealobj iscomplexobj issubdtype array_repr array_str array2string rec.fromarrays
    cumulative_prod matrix_transpose"""
_VIEW = """asarray asanyarray ascontiguousarray asfortranarray atleast_1d atleast_2d atleast_3d broadcast_to
    broadcast_arrays diagonal expand_dims flip fliplr flipud moveaxis ravel reshape rollaxis squeeze swapaxes
    transpose split array_split hsplit vsplit dsplit diag real imag rot90 frombuffer require nditer ndenumerate
    lib.stride_tricks.sliding_window_view lib.stride_tricks.as_strided permute_dims"""
_CHANGES = """copyto fill_diagonal put put_along_axis place putmask add.at subtract.at multiply.at maximum.at minimum.at
    divide.at bitwise_or.at bitwise_and.at bitwise_xor.at logical_or.at"""
_READS_FILES = "load loadtxt genfromtxt fromfile memmap"
_WRITES_FILES = "save savetxt savez savez_compressed"
_CALLS = "apply_along_axis vectorize fromfunction piecewise apply_over_axes frompyfunc"
_UFUNC_METHODS = "reduce accumulate outer reduceat"
_UFUNCS = """add subtract multiply divide true_divide floor_divide maximum minimum fmax fmin logical_and logical_or
    logical_xor bitwise_and bitwise_or bitwise_xor power mod remainder hypot arctan2 gcd lcm equal less greater"""
_RANDOM = """rand randn randint random random_sample ranf sample bytes normal uniform standard_normal binomial
    poisson exponential beta gamma geometric lognormal laplace logistic multinomial multivariate_normal
    permutation seed set_state get_state triangular vonmises weibull zipf chisquare dirichlet choice"""
_LINALG = """norm inv solve det eig eigh eigvals eigvalsh svd qr cholesky lstsq pinv matrix_rank matrix_power cond
    slogdet     multi_dot tensorsolve vector_norm matrix_norm"""
_FFT = "fft ifft rfft irfft fft2 ifft2 fftn ifftn rfft2 irfft2 fftfreq rfftfreq fftshift ifftshift hfft ihfft"

_METHOD_PURE = """
    all any argmax argmin argpartition argsort astype choose clip compress conj conjugate copy cumprod cumsum
    dot flatten item max mean min nonzero prod ptp repeat round searchsorted std sum take tobytes tolist trace
    var dumps __array__ __len__"""
_METHOD_VIEW = "diagonal ravel reshape squeeze swapaxes transpose view"
_METHOD_CHANGES = "fill itemset partition put resize sort byteswap setflags setfield"


def _numpy() -> dict[str, str]:
    table = {f"numpy.{name}": "" for name in _PURE.split()}
    table |= {f"numpy.{name}": "v" for name in _VIEW.split()}
    table |= {f"numpy.{name}": "m" for name in _CHANGES.split()}
    table |= {f"numpy.{name}": "it" for name in _READS_FILES.split()}
    table |= {f"numpy.{name}": "i" for name in _WRITES_FILES.split()}
    table |= {f"numpy.{name}": "f" for name in _CALLS.split()}
    table |= {f"numpy.{u}.{m}": "" for u in _UFUNCS.split() for m in _UFUNC_METHODS.split()}
    table |= {f"numpy.random.{name}": "r" for name in _RANDOM.split()}
    table |= {"numpy.random.shuffle": "rm", "numpy.random.default_rng": "r", "numpy.random.RandomState": "r"}
    table |= {f"numpy.linalg.{name}": "" for name in _LINALG.split()}
    table |= {f"numpy.fft.{name}": "" for name in _FFT.split()}
    table |= {f"numpy.ndarray.{name}": "" for name in _METHOD_PURE.split()}
    table |= {f"numpy.ndarray.{name}": "v" for name in _METHOD_VIEW.split()}
    table |= {f"numpy.ndarray.{name}": "m" for name in _METHOD_CHANGES.split()}
    table |= {"numpy.ndarray.tofile": "i", "numpy.fromiter": "c", "numpy.errstate": "t", "numpy.seterr": "it"}
    for owner in ("Generator", "RandomState"):
        names = (*_RANDOM.split(), "integers", "shuffle", "permuted")
        table |= {f"numpy.random.{owner}.{name}": "mr" for name in names}
    return table


NUMPY = _numpy()
SCALARS = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()
)
