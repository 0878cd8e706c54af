"""Which known functions and methods raise nothing, given arguments of which types: as data."""

from perf_advise.facts.tables.words import words

REAL = words("int float bool")
SCALAR = REAL | words("str bytes NoneType complex")
SIZED = words(
    """list tuple dict set frozenset str bytes range collections.deque collections.Counter collections.defaultdict
    collections.OrderedDict bytearray dict_keys dict_values dict_items"""
)
ITERABLE = SIZED | words("enumerate zip map filter generator reversed iterator")
HASHABLE = words("int float bool str bytes NoneType complex range type function fractions.Fraction decimal.Decimal")
FLOATS = words("float")
ANY_TAME = SCALAR | SIZED | words("numpy.ndarray type function")

FUNCTIONS: dict[str, tuple[frozenset[str], int]] = {
    **dict.fromkeys(("builtins.len",), (SIZED, 1)),
    **dict.fromkeys(("builtins.bool", "builtins.callable", "builtins.id"), (SCALAR | SIZED, 1)),
    **dict.fromkeys(("builtins.abs",), (words("int float bool complex"), 1)),
    **dict.fromkeys(("builtins.iter", "builtins.list", "builtins.tuple", "builtins.enumerate"), (SIZED, 1)),
    **dict.fromkeys(("builtins.reversed",), (words("list tuple str range dict collections.deque"), 1)),
    **dict.fromkeys(("builtins.any", "builtins.all"), (SIZED, 1)),
    **dict.fromkeys(("builtins.zip", "itertools.chain"), (SIZED, 9)),
    **dict.fromkeys(("builtins.float",), (words("float bool"), 1)),
    **dict.fromkeys(("builtins.int",), (words("int bool"), 1)),
    **dict.fromkeys(("builtins.str", "builtins.repr"), (words("str float bool NoneType"), 1)),
    **dict.fromkeys(("builtins.type",), (ANY_TAME, 1)),
    **dict.fromkeys(
        ("math.fabs", "math.isnan", "math.isinf", "math.isfinite", "math.atan", "math.tanh", "math.erf", "math.erfc",
         "math.degrees", "math.radians", "math.asinh", "math.cbrt"),
        (FLOATS, 1),
    ),
    **dict.fromkeys(("math.atan2", "math.copysign", "math.hypot"), (FLOATS, 2)),
    **dict.fromkeys(("math.gcd", "math.lcm"), (words("int bool"), 9)),
    **dict.fromkeys(
        ("time.time", "time.perf_counter", "time.monotonic", "time.process_time", "time.time_ns", "random.random",
         "time.perf_counter_ns"),
        (frozenset(), 0),
    ),
}  # fmt: skip
"""Types that every argument must have, and how many there may be."""

METHODS: dict[str, dict[str, frozenset[str]]] = {
    "list": {
        **dict.fromkeys(("append",), ANY_TAME | frozenset({"*"})),
        **dict.fromkeys(("clear", "reverse", "copy"), frozenset()),
        "extend": SIZED,
    },
    "collections.deque": {
        **dict.fromkeys(("append", "appendleft"), frozenset({"*"})),
        **dict.fromkeys(("clear", "reverse", "copy"), frozenset()),
        "extend": SIZED,
    },
    "dict": {**dict.fromkeys(("keys", "values", "items", "copy", "clear"), frozenset()), "get": HASHABLE},
    "set": {**dict.fromkeys(("clear", "copy"), frozenset()), "add": HASHABLE, "discard": HASHABLE},
    "str": {
        **dict.fromkeys(
            ("split", "lower", "upper", "title", "capitalize", "swapcase", "casefold", "isdigit", "isalpha", "isalnum",
             "isspace", "isupper", "islower", "isnumeric", "isdecimal", "splitlines", "isidentifier"),
            frozenset(),
        ),
        **dict.fromkeys(
            ("strip", "lstrip", "rstrip", "startswith", "endswith", "count", "find", "rfind", "replace", "removeprefix",
             "removesuffix"),
            words("str"),
        ),
    },
    "int": {**dict.fromkeys(("bit_length", "bit_count", "conjugate"), frozenset())},
    "float": {**dict.fromkeys(("is_integer", "conjugate", "hex"), frozenset())},
}  # fmt: skip
"""Types that every argument of a method must have; `*` takes anything."""
