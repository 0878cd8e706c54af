"""pandas objects: what attributes, items and operators of frames and series are."""

from perf_advise.facts.tables.words import words
from perf_advise.facts.types.heap import Atom, Value, join, of_atom, scalar, unknown
from perf_advise.model.pytypes import PyType

FRAME, SERIES, INDEX = "pandas.DataFrame", "pandas.Series", "pandas.Index"
FRAME_GROUPS, SERIES_GROUPS = "pandas.DataFrameGroupBy", "pandas.SeriesGroupBy"
PREFIX = "pandas."

# Methods of a frame that give a frame, and of a series that give a series. Those that a keyword turns into something
# else are left out, or told apart in `frame_calls`.
ALIKE = words(
    """abs append add add_prefix add_suffix assign asfreq astype bfill clip combine_first convert_dtypes copy cummax
    cummin cumprod cumsum diff div divide drop drop_duplicates droplevel dropna eq explode ffill fillna filter
    floordiv ge gt head infer_objects interpolate isin isna isnull le lt mask mod mul multiply ne nlargest notna
    notnull nsmallest pct_change pow query rank reindex rename rename_axis replace reset_index rfloordiv rmod
    rmul round rpow rsub rtruediv sample set_axis set_index shift sort_index sort_values sub subtract tail take
    transpose truediv truncate tz_convert tz_localize where between between_time merge join corr cov
    select_dtypes melt pivot"""
)
REDUCTIONS = words(
    "all any count max mean median min nunique prod product sem skew std sum var kurt kurtosis idxmax idxmin quantile"
)
_FRAME_ONLY = words("assign query set_index merge join corr cov select_dtypes melt pivot")
_SERIES_ONLY = words("between")
OTHER_MEMBERS = words(
    """T agg aggregate align apply asof at at_time attrs axes boxplot columns combine compare corrwith describe dot
    dtypes duplicated empty equals eval ewm expanding first_valid_index flags from_arrow from_dict from_records
    get groupby hist iat iloc index info insert isetitem items iterrows itertuples keys last_valid_index loc map
    memory_usage mode ndim pipe pivot_table plot pop radd rdiv reindex_like reorder_levels resample rolling
    select set_flags shape size sparse squeeze stack style swaplevel to_clipboard to_csv to_dict to_excel
    to_feather to_hdf to_html to_iceberg to_json to_latex to_markdown to_numpy to_orc to_parquet to_period
    to_pickle to_records to_sql to_stata to_string to_timestamp to_xarray to_xml transform unstack update
    value_counts values xs applymap iteritems swapaxes backfill pad bool first last ix lookup mad
    to_dense slice_shift tshift to_gbq to_panel as_matrix is_copy"""
)
SERIES_MEMBERS = words(
    """argmax argmin argsort array autocorr between case_when cat divmod dt dtype factorize hasnans item list name
    is_monotonic_decreasing is_monotonic_increasing is_unique nbytes rdivmod repeat searchsorted str struct
    to_frame to_list tolist unique view ravel"""
)
FRAME_MEMBERS = ALIKE | REDUCTIONS | OTHER_MEMBERS


def is_pandas(name: str) -> bool:
    """Whether a type is one of pandas' that are followed here."""
    return name.startswith(PREFIX)


def may_be_column(name: str) -> bool:
    """Whether `df.name` can only be a column: no version of pandas has a member of that name."""
    return name not in FRAME_MEMBERS and not name.startswith("_")


def may_be_label(name: str) -> bool:
    """Whether `row.name` of a row of a frame can only be an item of it."""
    return may_be_column(name) and name not in SERIES_MEMBERS


def gives_alike(owner: str, method: str) -> bool:
    """Whether a method gives an object of the type of its own."""
    return method in ALIKE and method not in (_SERIES_ONLY if owner == FRAME else _FRAME_ONLY)


def attribute_of(atom: Atom, name: str) -> Value:
    """An attribute of a pandas object that is not called."""
    owner = atom.type.name
    if owner == FRAME and may_be_column(name):
        return _part(atom, SERIES, "column of a frame")
    if owner in (FRAME, SERIES) and name == "T":
        return _part(atom, owner, "transposed")
    if owner in (FRAME, SERIES) and name in ("loc", "iloc", "at", "iat"):
        return _part(atom, f"{owner}.{name}", f"`.{name}`")
    if owner == FRAME_GROUPS and may_be_column(name) and name not in ("groups", "indices", "ngroups", "nth"):
        return _part(atom, SERIES_GROUPS, "column of groups")
    if name in ("size", "ndim") and owner in (FRAME, SERIES):
        return scalar("int", f"`.{name}` of a pandas object")
    if name in ("index", "columns") and owner in (FRAME, SERIES):
        return _part(atom, INDEX, f"`.{name}`")
    return unknown(f"`.{name}` of a pandas object")


def item_of(atom: Atom, index: Value | None) -> Value:
    """`base[index]`; None for a slice."""
    owner = atom.type.name
    if owner in (FRAME, SERIES, f"{FRAME}.loc", f"{FRAME}.iloc", f"{SERIES}.loc", f"{SERIES}.iloc"):
        whole = FRAME if owner.startswith(FRAME) else SERIES
        if index is None or (not index.open and bool(index.names()) and index.names() <= {SERIES, FRAME, "list"}):
            return _part(atom, whole, "rows or columns")
        if owner == FRAME and index.only_types("str"):
            return _part(atom, SERIES, "column of a frame")
    if owner == FRAME_GROUPS and index is not None and index.only_types("str"):
        return _part(atom, SERIES_GROUPS, "column of groups")
    if owner == FRAME_GROUPS and index is not None and index.only_types("list"):
        return _part(atom, FRAME_GROUPS, "columns of groups")
    return unknown(f"item of a {owner.removeprefix(PREFIX)}")


def operation(left: Atom, right: Atom) -> Value:
    """An operator or a comparison between two values, at least one of pandas: elementwise, and new."""
    names = {left.type.name, right.type.name}
    for kind in (FRAME, SERIES):
        if kind in names:
            return of_atom((left if left.type.name == kind else right), "pandas operation")
    return unknown("an operator on a pandas object")


def operation_with_unknown(known: Value) -> Value | None:
    """An operator between a series and anything: a series, unless the other is a frame."""
    if known.only_types(FRAME):
        return known
    if known.only_types(SERIES):
        frames = [of_atom(a.cell.atom(PyType(FRAME)), "if the other is a frame") for a in known if a.cell is not None]
        return join(known, frames[0]) if frames else known
    return None


def _part(atom: Atom, name: str, why: str) -> Value:
    """A pandas object that may share the memory of another one (pandas 2 has views, pandas 3 copies on write)."""
    cell = atom.cell
    return of_atom(cell.atom(PyType(name)), why) if cell is not None else unknown("a part of a pandas object")
