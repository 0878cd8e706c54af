"""What pandas' functions and methods give. What they do to the objects they are handed is left unknown."""

import libcst as cst

from perf_advise.facts.tables.words import words
from perf_advise.facts.types.calls import fields, lazy
from perf_advise.facts.types.frames import (
    FRAME,
    FRAME_GROUPS,
    PREFIX,
    REDUCTIONS,
    SERIES,
    SERIES_GROUPS,
    gives_alike,
)
from perf_advise.facts.types.heap import NOTHING, Atom, Origin, Value, of_atom, scalar, unknown
from perf_advise.facts.types.machine import Machine
from perf_advise.facts.types.state import Arguments
from perf_advise.model.pytypes import PyType

_MAKES_FRAME = words(
    """DataFrame DataFrame.from_dict DataFrame.from_records read_parquet read_pickle read_feather read_orc
    read_clipboard read_stata merge merge_asof merge_ordered pivot pivot_table crosstab get_dummies json_normalize melt
    wide_to_long"""
)
_READS_FRAME = words("read_csv read_table read_fwf read_json read_sql read_sql_query read_sql_table")
_IN_PARTS = words("chunksize iterator inplace")
_CALLS_AT_ONCE = words("apply map agg aggregate transform applymap filter pipe")
_GROUP_MEANS = words("sum mean min max std var median count first last prod nunique sem")


def frame_call(machine: Machine, name: str, call: cst.Call, args: Arguments) -> Value | None:
    """The result of a function of pandas; None where it is not followed."""
    short = name.removeprefix(PREFIX)
    kind = _result_kind(machine, short, args)
    if kind is None or not name.startswith(PREFIX):
        return None
    machine.unknown_call(args, name)
    return machine.maker.value(PyType(kind), (id(call), name), f"result of {short}", _origin(short))


def _origin(short: str) -> Origin:
    """`DataFrame(array)` may share the memory of its argument."""
    return Origin.OUTSIDE if short in ("DataFrame", "Series") else Origin.FRESH


def _result_kind(machine: Machine, short: str, args: Arguments) -> str | None:
    if args.spread or _IN_PARTS & set(args.keywords):
        return None
    if short in _MAKES_FRAME or short in _READS_FRAME:
        return FRAME
    if short == "Series":
        return SERIES
    first = args.get(0)
    if short == "concat" and first is not None:
        return _concatenated(machine, first, args)
    if short in ("to_datetime", "to_numeric", "to_timedelta") and first is not None and first.only_types(SERIES):
        return SERIES
    return None


def _concatenated(machine: Machine, parts: Value, args: Arguments) -> str | None:
    only = parts.only
    if only is None or only.type.name not in ("list", "tuple") or only.cell is None:
        return None
    items = machine.items(parts, only)
    if items.names() & {FRAME}:
        return FRAME  # of frames, or of frames and series
    return SERIES if items.only_types(SERIES) and "axis" not in args.keywords else None


def frame_method(machine: Machine, atom: Atom, name: str, call: cst.Call, args: Arguments) -> Value | None:
    """The result of a method of a pandas object; None where it is not followed."""
    for node in args.nodes:
        if isinstance(node, cst.Lambda) and name in _CALLS_AT_ONCE:
            machine.apply_lambda(node, [unknown("a row, an item or a group")])
    result = NOTHING if args.spread else _method_result(machine, atom, name, call, args)
    if result.never:
        return None
    machine.unknown_call(args, name)
    if result.open:
        machine.expose(of_atom(atom, "receiver"))
    return result


def _method_result(machine: Machine, atom: Atom, name: str, call: cst.Call, args: Arguments) -> Value:
    owner = atom.type.name
    if owner in (FRAME, SERIES):
        if "inplace" in args.keywords:
            return NOTHING
        if gives_alike(owner, name) and not (name == "reset_index" and owner == SERIES):
            return _new(machine, atom, owner, call)
        return _rows(machine, atom, name, call, args) if owner == FRAME else _of_series(machine, atom, name, call)
    if owner in (FRAME_GROUPS, SERIES_GROUPS) and name in _GROUP_MEANS and not args.keywords and not args.positional:
        return _new(machine, atom, FRAME if owner == FRAME_GROUPS else SERIES, call)
    return NOTHING


def _rows(machine: Machine, atom: Atom, name: str, call: cst.Call, args: Arguments) -> Value:
    if name in ("iterrows", "items"):
        series = _new(machine, atom, SERIES, call)
        return lazy(machine, call, "iterator", fields(machine, id(call), unknown("a label"), series))
    if name == "groupby":
        return of_atom(_cell(machine, atom, FRAME_GROUPS, call), "groups of a frame")
    plainly = all(not value.only_types("NoneType") for value in args.all())
    if name in REDUCTIONS and plainly and name != "quantile":
        return _new(machine, atom, SERIES, call)
    return NOTHING


def _of_series(machine: Machine, atom: Atom, name: str, call: cst.Call) -> Value:
    if name == "groupby":
        return of_atom(_cell(machine, atom, SERIES_GROUPS, call), "groups of a series")
    if name == "map":
        return _new(machine, atom, SERIES, call)
    if name in ("tolist", "to_list"):
        return machine.maker.value(PyType("list"), (id(call), name), "tolist()")
    return scalar("int") if name == "nunique" else NOTHING


def _new(machine: Machine, atom: Atom, name: str, call: cst.Call) -> Value:
    """A pandas object that may share memory with the one it comes from."""
    return of_atom(_cell(machine, atom, name, call), f"{name.removeprefix(PREFIX)} made by a method")


def _cell(machine: Machine, atom: Atom, name: str, call: cst.Call) -> Atom:
    cell = machine.fresh(call, name)
    if atom.cell is not None:
        cell.sources |= {atom.cell, *atom.cell.sources} - {cell}
    return cell.atom(PyType(name))
