"""What known functions and methods do besides returning: builtins and the standard library, as data.

An entry is a string of flags; "" means none. Read: `effects_of("list.append")`.

- `m` changes its receiver (methods) or first argument (functions); `s` keeps its other arguments in it
- `k` the result holds the arguments (iterators, containers); `v` the result is a view of the receiver's memory
- `c` uses up arguments that are iterators; `f` calls arguments that are functions
- `o` looks only at the arguments themselves; without it, at what they hold too (`==`, `hash`, `str` of the items);
  `a` looks at no argument at all
- `i` input or output; `r` draws random numbers or sets the generator; `t` depends on more than its arguments
"""

from collections.abc import Iterator

import libcst as cst

from perf_advise.facts.tables.effects_numpy import NUMPY

_GROUPS = {
    "": """builtins.abs builtins.ascii builtins.bin builtins.chr builtins.complex
        builtins.divmod builtins.float builtins.format builtins.hash builtins.hex builtins.int builtins.oct
        builtins.ord builtins.pow builtins.range builtins.repr builtins.round builtins.slice builtins.str
        builtins.bytes builtins.bytearray builtins.memoryview copy.deepcopy json.dumps json.loads""",
    "o": "builtins.len builtins.bool copy.copy",
    "oa": "builtins.isinstance builtins.issubclass builtins.callable builtins.type",
    "oat": "builtins.id",
    "ck": "builtins.set builtins.frozenset builtins.dict collections.OrderedDict",
    "cok": "builtins.list builtins.tuple builtins.enumerate builtins.zip builtins.iter collections.deque",
    "ok": "builtins.reversed builtins.object",
    "c": """builtins.sum builtins.any builtins.all math.fsum math.prod math.sumprod math.dist statistics.mean
        statistics.fmean statistics.median statistics.stdev statistics.pstdev statistics.variance""",
    "cf": "functools.reduce",
    "cfk": """builtins.sorted builtins.min builtins.max builtins.map builtins.filter itertools.groupby
        itertools.accumulate itertools.takewhile itertools.dropwhile itertools.filterfalse itertools.starmap
        heapq.nlargest heapq.nsmallest heapq.merge collections.Counter collections.defaultdict""",
    "cko": """itertools.chain itertools.chain.from_iterable itertools.islice itertools.product itertools.repeat
        itertools.permutations itertools.combinations itertools.combinations_with_replacement itertools.cycle
        itertools.tee itertools.zip_longest itertools.pairwise itertools.compress itertools.batched
        itertools.count""",
    "m": "builtins.next heapq.heapify struct.pack_into",
    "msf": "bisect.insort bisect.insort_left bisect.insort_right",
    "ms": "heapq.heappush heapq.heappushpop heapq.heapreplace",
    "mk": "heapq.heappop",
    "f": "bisect.bisect bisect.bisect_left bisect.bisect_right",
    "i": "builtins.print time.sleep os.remove os.makedirs os.mkdir os.rename warnings.warn subprocess.run",
    "it": """builtins.input builtins.open os.listdir os.stat os.walk os.path.exists os.path.isfile os.path.isdir
        os.path.getsize os.path.getmtime os.getcwd subprocess.check_output json.load""",
    "t": """time.time time.perf_counter time.monotonic time.process_time time.time_ns time.perf_counter_ns
        time.thread_time datetime.datetime.now datetime.datetime.utcnow datetime.date.today os.getpid os.getenv
        os.cpu_count uuid.uuid4 secrets.token_hex secrets.randbelow os.urandom""",
    "r": """random.random random.uniform random.randint random.randrange random.gauss random.normalvariate
        random.expovariate random.betavariate random.triangular random.getrandbits random.seed random.randbytes
        random.lognormvariate random.paretovariate random.weibullvariate random.gammavariate
        random.vonmisesvariate random.Random""",
    "rck": "random.choice random.choices random.sample",
    "rm": "random.shuffle",
}
_PURE_MODULES = """math cmath operator struct zlib binascii base64 hashlib unicodedata textwrap string fractions
    decimal datetime statistics bisect re os.path posixpath difflib html colorsys ipaddress""".split()
_IMPURE_MEMBERS = frozenset({"operator.setitem", "operator.delitem", "struct.pack_into", "re.purge"})
_IN_PLACE_OPERATORS = "operator.i"

_METHODS = {
    "list": {
        "msa": "append insert",
        "msco": "extend",
        "mo": "clear reverse pop",
        "m": "remove",
        "mf": "sort",
        "ok": "copy __getitem__ __iter__",
        "o": "__len__",
        "": "index count __contains__",
    },
    "tuple": {"": "index count"},
    "dict": {
        "k": "get __getitem__ copy",
        "oa": "keys values items",
        "ms": "setdefault __setitem__",
        "msc": "update",
        "m": "pop",
        "mo": "clear popitem",
        "ck": "fromkeys",
        "": "__contains__",
    },
    "set": {
        "ms": "add",
        "m": "remove discard",
        "mo": "clear pop",
        "msc": "update difference_update intersection_update symmetric_difference_update",
        "ck": "union intersection difference symmetric_difference",
        "c": "issubset issuperset isdisjoint",
        "ok": "copy",
        "": "__contains__",
    },
    "collections.deque": {
        "msa": "append appendleft insert",
        "msco": "extend extendleft",
        "mo": "clear pop popleft reverse rotate",
        "m": "remove",
        "ok": "copy",
        "": "index count",
    },
    "str": {"": "*", "c": "join"},
    "bytes": {"": "*", "c": "join"},
    "bytearray": {
        "": "find index count decode hex startswith endswith split strip",
        "m": "append pop clear reverse insert remove",
        "mc": "extend",
    },
    "int": {"": "*"},
    "float": {"": "*"},
    "complex": {"": "*"},
    "bool": {"": "*"},
    "range": {"": "index count"},
    "re.Pattern": {"": "match search fullmatch findall finditer split", "f": "sub subn"},
    "re.Match": {"": "group groups start end span groupdict expand"},
    "fractions.Fraction": {"": "*"},
    "decimal.Decimal": {"": "*"},
    "datetime.datetime": {"": "*"},
    "datetime.date": {"": "*"},
    "datetime.timedelta": {"": "*"},
    "hashlib.HASH": {"m": "update", "": "digest hexdigest copy"},
    "_io.TextIOWrapper": {"mit": "read readline readlines write writelines seek tell flush close"},
    "random.Random": {"rm": "random uniform randint randrange gauss choice choices sample shuffle seed"},
}
_INHERITS = {
    "collections.defaultdict": "dict",
    "collections.OrderedDict": "dict",
    "collections.Counter": "dict",
    "frozenset": "set",
}
_OWN = {
    "collections.OrderedDict.move_to_end": "m",
    "collections.Counter.most_common": "k",
    "collections.Counter.elements": "ok",
    "collections.Counter.total": "",
    "collections.Counter.subtract": "mc",
    "collections.Counter.update": "mc",
    "dict_items.isdisjoint": "c",
}


def _table() -> dict[str, str]:
    table = {name: flags for flags, names in _GROUPS.items() for name in names.split()}
    for type_name, groups in _METHODS.items():
        for flags, names in groups.items():
            table.update({f"{type_name}.{name}": flags for name in names.split()})
    return table | _OWN | NUMPY


_TABLE = _table()


def effects_of(name: str) -> str | None:
    """The flags of a function by its qualified name, or of a method as `type.method`; None when not known."""
    found = _TABLE.get(name)
    if found is not None:
        return found
    owner, _, member = name.rpartition(".")
    if owner in _INHERITS:
        return effects_of(f"{_INHERITS[owner]}.{member}")
    wild = _TABLE.get(f"{owner}.*")
    if wild is not None and not member.startswith("_"):
        return wild
    if owner in _PURE_MODULES and name not in _IMPURE_MEMBERS:
        return "m" if name.startswith(_IN_PLACE_OPERATORS) and name not in _NOT_IN_PLACE else ""
    return None


_NOT_IN_PLACE = frozenset({"operator.index", "operator.indexOf", "operator.inv", "operator.invert", "operator.is_"})


# Where functions that call their arguments take them; the keyword arguments of _KEYWORDS besides.
_POSITIONS = {
    "builtins.map": 0, "builtins.filter": 0, "functools.reduce": 0, "itertools.starmap": 0,
    "itertools.takewhile": 0, "itertools.dropwhile": 0, "itertools.filterfalse": 0, "itertools.accumulate": 1,
    "itertools.groupby": 1, "heapq.nlargest": 2, "heapq.nsmallest": 2, "collections.defaultdict": 0,
    "re.Pattern.sub": 0, "re.Pattern.subn": 0, "numpy.apply_along_axis": 0, "numpy.vectorize": 0,
    "numpy.fromfunction": 0, "numpy.apply_over_axes": 0, "numpy.frompyfunc": 0,
}  # fmt: skip
_KEYWORDS = frozenset({"key", "func", "function", "repl", "pyfunc", "func1d"})


def called_arguments(name: str, call: cst.Call) -> Iterator[cst.BaseExpression]:
    """The arguments that a function of the table (flag `f`) calls."""
    place = _POSITIONS.get(name)
    for position, arg in enumerate(call.args):
        keyword = arg.keyword.value if arg.keyword is not None else None
        if keyword in _KEYWORDS or (keyword is None and (position == place or arg.star)):
            yield arg.value
