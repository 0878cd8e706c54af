"""The types that known functions and methods return whatever their arguments, as data."""

from perf_advise.facts.types.specs import BOOL, BYTES, FLOAT, INT, NONE, STR, any_of, list_of, tuple_of
from perf_advise.model.pytypes import PyType

_PATH_PARTS = tuple_of(STR, STR)
_MATCH = PyType("re.Match")

_FUNCTIONS: dict[PyType, str] = {
    INT: """builtins.len builtins.int builtins.ord builtins.hash builtins.id math.floor math.ceil math.trunc math.gcd
        math.lcm math.comb math.perm math.factorial math.isqrt random.randint random.randrange random.getrandbits
        time.time_ns time.perf_counter_ns bisect.bisect bisect.bisect_left bisect.bisect_right os.getpid
        os.path.getsize operator.index operator.indexOf operator.countOf zlib.crc32 zlib.adler32 int.from_bytes
        struct.calcsize""",
    FLOAT: """builtins.float math.sqrt math.exp math.exp2 math.expm1 math.log math.log2 math.log10 math.log1p math.pow
        math.sin math.cos math.tan math.asin math.acos math.atan math.atan2 math.sinh math.cosh math.tanh
        math.asinh math.acosh math.atanh math.hypot math.dist math.fabs math.fmod math.fsum math.copysign
        math.degrees math.radians math.erf math.erfc math.gamma math.lgamma math.ldexp math.remainder math.cbrt
        math.nextafter math.ulp random.random random.uniform random.gauss random.normalvariate
        random.expovariate random.betavariate random.triangular random.lognormvariate random.paretovariate
        random.weibullvariate random.gammavariate random.vonmisesvariate time.time time.perf_counter
        time.monotonic time.process_time time.thread_time statistics.fmean os.path.getmtime""",
    BOOL: """builtins.bool builtins.isinstance builtins.issubclass builtins.callable builtins.any builtins.all
        builtins.hasattr math.isnan math.isinf math.isfinite math.isclose os.path.exists os.path.isfile
        os.path.isdir operator.not_ operator.contains operator.is_ operator.is_not operator.truth""",
    STR: """builtins.str builtins.repr builtins.chr builtins.bin builtins.hex builtins.oct builtins.ascii
        builtins.format builtins.input os.path.join os.path.basename os.path.dirname os.path.abspath
        os.path.normpath os.getcwd json.dumps textwrap.dedent textwrap.indent textwrap.fill re.sub re.escape
        unicodedata.normalize unicodedata.category unicodedata.name""",
    BYTES: "builtins.bytes zlib.compress zlib.decompress base64.b64encode base64.b64decode struct.pack os.urandom",
    NONE: """builtins.print random.seed random.shuffle time.sleep heapq.heappush heapq.heapify bisect.insort
        bisect.insort_left bisect.insort_right struct.pack_into os.remove os.makedirs os.mkdir warnings.warn""",
    PyType("complex"): "builtins.complex cmath.sqrt cmath.exp cmath.log cmath.sin cmath.cos cmath.rect",
    PyType("bytearray"): "builtins.bytearray",
    PyType("memoryview"): "builtins.memoryview",
    PyType("slice"): "builtins.slice",
    PyType("object"): "builtins.object",
    PyType("type"): "builtins.type",
    PyType("re.Pattern"): "re.compile",
    PyType("fractions.Fraction"): "fractions.Fraction",
    PyType("decimal.Decimal"): "decimal.Decimal",
    PyType("datetime.datetime"): """datetime.datetime datetime.datetime.now datetime.datetime.utcnow
        datetime.datetime.strptime datetime.datetime.fromisoformat datetime.datetime.fromtimestamp
        datetime.datetime.combine""",
    PyType("datetime.date"): "datetime.date datetime.date.today datetime.date.fromisoformat",
    PyType("datetime.timedelta"): "datetime.timedelta",
    PyType("hashlib.HASH"): "hashlib.md5 hashlib.sha1 hashlib.sha256 hashlib.sha512 hashlib.blake2b hashlib.new",
    list_of(STR): "os.listdir textwrap.wrap",
    any_of(_MATCH, NONE): "re.match re.search re.fullmatch",
    tuple_of(FLOAT, INT): "math.frexp",
    tuple_of(FLOAT, FLOAT): "math.modf cmath.polar",
    _PATH_PARTS: "os.path.split os.path.splitext",
    PyType("random.Random"): "random.Random",
    PyType("numpy.random.Generator"): "numpy.random.default_rng",
    PyType("numpy.random.RandomState"): "numpy.random.RandomState",
}

_STR_OR_NONE = any_of(STR, NONE)
_METHODS: dict[str, dict[PyType, str]] = {
    "str": {
        STR: """capitalize casefold center expandtabs format format_map join ljust lower lstrip removeprefix
            removesuffix replace rjust rstrip strip swapcase title translate upper zfill""",
        INT: "count find index rfind rindex",
        BOOL: """endswith isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable
            isspace istitle isupper startswith""",
        BYTES: "encode",
        list_of(STR): "split rsplit splitlines",
        tuple_of(STR, STR, STR): "partition rpartition",
    },
    "bytes": {
        BYTES: """capitalize center expandtabs join ljust lower lstrip removeprefix removesuffix replace rjust rstrip
            strip swapcase title translate upper zfill""",
        INT: "count find index rfind rindex",
        BOOL: "endswith isalnum isalpha isascii isdigit islower isspace isupper startswith",
        STR: "decode hex",
        list_of(BYTES): "split rsplit splitlines",
    },
    "int": {INT: "bit_length bit_count conjugate __index__", BYTES: "to_bytes", BOOL: "is_integer",
            tuple_of(INT, INT): "as_integer_ratio"},
    "float": {BOOL: "is_integer", STR: "hex", FLOAT: "conjugate", tuple_of(INT, INT): "as_integer_ratio"},
    "complex": {PyType("complex"): "conjugate"},
    "list": {NONE: "append extend insert remove clear reverse sort", INT: "index count"},
    "tuple": {INT: "index count"},
    "range": {INT: "index count"},
    "dict": {NONE: "update clear"},
    "set": {NONE: """add remove discard clear update difference_update intersection_update
            symmetric_difference_update""", BOOL: "issubset issuperset isdisjoint"},
    "collections.deque": {NONE: "append appendleft extend extendleft insert remove clear reverse rotate",
                          INT: "index count"},
    "bytearray": {NONE: "append clear extend insert remove reverse", INT: "find index count pop", STR: "decode hex"},
    "_io.TextIOWrapper": {STR: "read readline", INT: "write seek tell", NONE: "writelines flush close",
                          list_of(STR): "readlines"},
    "_io.BufferedReader": {BYTES: "read readline", INT: "seek tell", NONE: "close", list_of(BYTES): "readlines"},
    "re.Pattern": {any_of(_MATCH, NONE): "match search fullmatch"},
    "re.Match": {INT: "start end", tuple_of(INT, INT): "span"},
    "hashlib.HASH": {NONE: "update", STR: "hexdigest", BYTES: "digest"},
    "datetime.datetime": {STR: "isoformat strftime", FLOAT: "timestamp", INT: "weekday isoweekday toordinal",
                          PyType("datetime.date"): "date", PyType("datetime.datetime"): "replace"},
    "datetime.timedelta": {FLOAT: "total_seconds"},
    "random.Random": {FLOAT: "random uniform gauss", INT: "randint randrange getrandbits", NONE: "shuffle seed"},
}  # fmt: skip

RESULTS: dict[str, PyType] = {name: result for result, names in _FUNCTIONS.items() for name in names.split()}
METHOD_RESULTS: dict[tuple[str, str], PyType] = {
    (owner, name): result
    for owner, groups in _METHODS.items()
    for result, names in groups.items()
    for name in names.split()
}
CONSTANTS: dict[str, str] = {
    **dict.fromkeys(("math.pi", "math.e", "math.tau", "math.inf", "math.nan", "numpy.pi", "numpy.e", "numpy.inf",
                     "numpy.nan", "sys.float_info.max", "sys.float_info.epsilon", "sys.float_info.min"), "float"),
    **dict.fromkeys(("sys.maxsize", "sys.maxunicode"), "int"),
    **dict.fromkeys(("string.ascii_letters", "string.ascii_lowercase", "string.ascii_uppercase", "string.digits",
                     "string.punctuation", "string.printable", "string.hexdigits", "os.sep", "os.linesep"), "str"),
    "numpy.newaxis": "NoneType",
}  # fmt: skip
