"""The machine that evaluates expressions: its environment, its heap, and what every kind of expression needs of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import libcst as cst

from perf_advise.facts.names.scopes import parameters
from perf_advise.facts.types import frames
from perf_advise.facts.types.heap import (
    MAPPINGS,
    NOTHING,
    Atom,
    Cell,
    Heap,
    Origin,
    Value,
    join,
    join_all,
    of_atom,
    plain,
    reachable,
    scalar,
    unknown,
)
from perf_advise.facts.types.operators import Operators, numpy_scalar
from perf_advise.facts.types.specs import Maker, array
from perf_advise.facts.types.state import Arguments, Env, World
from perf_advise.model.pytypes import PyType

Handler = Callable[["Machine", Any], Value]
Binder = Callable[["Machine", Any, Value], None]


class Machine:
    """Evaluates in `env`, which it changes; `values` keeps the value of every expression by its node's id."""

    def __init__(
        self,
        world: World,
        heap: Heap,
        handlers: Mapping[type[cst.CSTNode], Handler],
        binders: Mapping[type[cst.CSTNode], Binder],
        captured: frozenset[str] = frozenset(),
        volatile: frozenset[str] = frozenset(),
        rebound: frozenset[str] = frozenset(),
    ) -> None:
        self.world = world
        self.heap = heap
        self.maker = Maker(heap)
        self.operators = Operators(heap)
        self.env = Env({})
        self.handlers = handlers
        self.binders = binders
        self.captured = captured
        self.volatile = volatile
        self.rebound = rebound
        self.values: dict[int, Value] = {}

    def value(self, node: cst.CSTNode) -> Value:
        """The value of an expression."""
        handler = self.handlers.get(type(node))
        value = unknown("an expression that is not followed") if handler is None else handler(self, node)
        self.values[id(node)] = value
        return value

    def fresh(self, site: cst.CSTNode, name: str) -> Cell:
        """The cell of a new object; nothing has touched it when no variable still holds an older one."""
        cell = self.heap.cell((id(site), name), f"{name} made here")
        if cell in self.env.touched and not self._is_held(cell):
            self.env.touched -= {cell}
            self.env.exposed -= {cell}
        return cell

    def _is_held(self, cell: Cell) -> bool:
        if any(cell in reachable(value) for value in self.env.vars.values()):
            return True
        return any(cell in reachable(other.items) for other in self.heap.cells.values() if other is not cell)

    def absorb_mapping(self, cell: Cell, other: Value) -> None:
        """Store what a mapping holds in another."""
        lost = unknown("filled from a mapping that is not known")
        for atom in other:
            if atom.cell is not None and not self.is_touched(atom.cell):
                self.put(cell, atom.cell.items, atom.cell.keys)
            else:
                self.put(cell, lost, lost)
        if other.open:
            self.put(cell, lost, lost)

    def expose(self, value: Value) -> None:
        """Something outside holds the value from now on; code that is not known may change it when it runs."""
        cells = reachable(value)
        if cells:
            self.env.exposed |= cells

    def suspend(self) -> None:
        """Code that is not known runs: whatever is held outside may change."""
        if self.env.exposed:
            self.env.touched |= self.env.exposed

    def escape(self, value: Value) -> None:
        """Unknown code gets hold of the value and runs."""
        self.expose(value)
        self.suspend()

    def put(self, cell: Cell, item: Value, key: Value = NOTHING) -> None:
        """A container takes in an item."""
        self.heap.store(cell, item, key)
        if not cell.fresh or cell in self.env.exposed:
            self.expose(item)
            self.expose(key)

    def set_name(self, name: str, value: Value) -> None:
        """Bind a variable; what functions nested in the code can see is exposed by it."""
        if name in self.volatile:
            self.expose(value)
            value = unknown(f"`{name}` is bound again by a nested function")
        elif name in self.captured:
            self.expose(value)
        self.env.vars[name] = value

    def make(self, name: str, site: cst.CSTNode) -> Value:
        """A value of a type that a test has shown, by its name."""
        return self.maker.value(PyType(name), (id(site), "tested"), f"tested to be {name}", Origin.PROMISED)

    def unknown_call(self, args: Arguments, why: str) -> Value:
        """Code that may do anything to what it is given."""
        for value in args.all():
            self.expose(value)
        self.suspend()
        return unknown(why)

    def arguments(self, node: cst.Call) -> Arguments:
        """Evaluate the arguments of a call in order."""
        args = Arguments()
        for arg in node.args:
            value = self.value(arg.value)
            if arg.star:
                args.spread.append(value)
            elif arg.keyword is not None:
                args.keywords[arg.keyword.value] = value
                args.keyword_nodes[arg.keyword.value] = arg.value
            elif not args.spread:
                args.positional.append(value)
                args.nodes.append(arg.value)
            else:
                args.spread.append(value)
        return args

    def items(self, value: Value, site: object) -> Value:
        """What iterating gives."""
        found = join_all(self._items_of(atom, site) for atom in value)
        return join(found, unknown("item of a value of unknown type")) if value.open else found

    def _items_of(self, atom: Atom, site: object) -> Value:
        name, cell = atom.type.name, atom.cell
        if name == "str":
            return scalar("str", "character")
        if name == "bytes":
            return scalar("int", "byte")
        if name == "numpy.ndarray":
            return self.array_part(atom, None if atom.type.ndim is None else atom.type.ndim - 1)
        if name.startswith("_io."):
            return scalar("str", "line of a file") if name == "_io.TextIOWrapper" else scalar("bytes", "line")
        if frames.is_pandas(name):
            return self._frame_items(atom, site)
        if cell is None:
            return unknown(f"item of {name}")
        if self.is_touched(cell):
            return unknown(f"`{cell.label}` may have been changed by code that is not known")
        mapping = name in MAPPINGS
        return cell.keys if mapping else cell.items

    def _frame_items(self, atom: Atom, site: object) -> Value:
        """What iterating over a pandas object gives: for groups, the key and the part."""
        part = {frames.FRAME_GROUPS: frames.FRAME, frames.SERIES_GROUPS: frames.SERIES}.get(atom.type.name)
        if part is None or atom.cell is None:
            return unknown(f"what iterating over a {atom.type.name.removeprefix(frames.PREFIX)} gives")
        pair = self.heap.cell((id(site), "group"), "group")
        group = of_atom(atom.cell.atom(PyType(part)), "group")
        self.heap.set_fields(pair, (unknown("the key of a group"), group))
        self.heap.store(pair, unknown("the key of a group, or the group"))
        return of_atom(pair.atom(PyType("tuple")), "key and group")

    def is_touched(self, cell: Cell) -> bool:
        """Whether unknown code may have changed what the cell holds."""
        touched = self.env.touched
        if not touched:
            return False
        return (cell in touched and not cell.declared) or any(s in touched and not s.declared for s in cell.sources)

    def array_part(self, atom: Atom, ndim: int | None) -> Value:
        """A part of an array with this many dimensions: a view of it, or a scalar."""
        if ndim is not None and ndim <= 0:
            return numpy_scalar(atom.type.dtype)
        type_ = array(atom.type.dtype, ndim)
        view = of_atom(atom.cell.atom(type_) if atom.cell is not None else plain(type_), "part of an array")
        return view if ndim is not None else join(view, numpy_scalar(atom.type.dtype))

    def bind(self, target: cst.CSTNode, value: Value) -> None:
        """Assign a value to a target."""
        bind = self.binders.get(type(target))
        if bind is not None:
            bind(self, target, value)

    def apply_lambda(self, node: cst.Lambda, args: Sequence[Value]) -> Value:
        """What a lambda gives for these arguments."""
        params = list(parameters(node.params))
        outer = self.env
        self.env = outer.copy()
        for param, value in zip(params, args, strict=False):
            self.env.vars[param.name.value] = value
        for param in params[len(args) :]:
            self.env.vars[param.name.value] = unknown("parameter of a lambda")
        result = self.value(node.body)
        inner, self.env = self.env, outer
        outer.absorb(inner)
        return result

    def attribute_of(self, atom: Atom, name: str, site: object) -> Value:
        """An attribute of one kind of object."""
        type_ = atom.type
        if type_.name == "numpy.ndarray":
            return self._array_attribute(atom, name, site)
        if type_.name == "complex" and name in ("real", "imag"):
            return scalar("float")
        if type_.name in ("int", "bool") and name in ("real", "imag", "numerator", "denominator"):
            return scalar("int")
        if frames.is_pandas(type_.name):
            return frames.attribute_of(atom, name)
        return self.world.attribute(type_, name)

    def _array_attribute(self, atom: Atom, name: str, site: object) -> Value:
        type_ = atom.type
        if name in ("size", "ndim", "nbytes", "itemsize"):
            return scalar("int", f"`.{name}` of an array")
        if name == "shape":
            sizes = PyType("tuple", (PyType("int"),) * (type_.ndim or 1), homogeneous=type_.ndim is None)
            return self.maker.value(sizes, (site, "shape"), "shape of an array")
        if name == "T":
            return of_atom(atom, "transposed view")
        if name == "dtype":
            return of_atom(plain(PyType("numpy.dtype")), "dtype of an array")
        return unknown(f"`.{name}` of an array")
