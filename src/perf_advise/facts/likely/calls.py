"""What expressions and calls give and put where, for the likely types."""

import ast

from perf_advise.facts.likely.library import LONG, library_call, library_constant, method_call, operator_result
from perf_advise.facts.likely.state import State
from perf_advise.facts.likely.values import NOTHING, UNKNOWN, Atom, Value, array, bind, join, of, scalar_of

_ANNOTATED = frozenset({"int", "float", "bool", "str", "complex", "bytes"})
_POWER = 4
"""Constant exponents up to this one are taken to stay within 64 bits."""


class Calls(State):
    """The analysis of expressions: what they give, and what they put where."""

    def enter(self, node: ast.FunctionDef | ast.AsyncFunctionDef, name: str, owner: str) -> None:
        """Defaults of parameters; the instance, for a method."""
        if owner and node.args.args and not node.decorator_list:
            self.set_name(name, node.args.args[0].arg, of(f"class {owner}"))
        arguments = [*node.args.posonlyargs, *node.args.args]
        defaulted = arguments[len(arguments) - len(node.args.defaults) :]
        for argument, default in zip(defaulted, node.args.defaults, strict=True):
            if not isinstance(default, ast.Constant) or default.value is not None:
                self.set_name(name, argument.arg, self.value(default, ""))
        for argument in arguments:
            note = argument.annotation
            if isinstance(note, ast.Name) and note.id in _ANNOTATED and (name, argument.arg) not in self.names:
                self.set_name(name, argument.arg, of(note.id))

    # -- expressions ------------------------------------------------------------------------------------------

    def value(self, node: ast.expr, scope: str) -> Value:
        """What an expression gives; what it calls is given its arguments."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is not None:
            found: Value = method(node, scope)
            return found
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child, scope)
        return of("str") if isinstance(node, ast.JoinedStr) else UNKNOWN

    def _constant(self, node: ast.Constant, scope: str) -> Value:
        if type(node.value) is int and abs(node.value) >= 2**63:
            return of(LONG)
        return of(type(node.value).__name__)

    def _name(self, node: ast.Name, scope: str) -> Value:
        key = (self.scope_of(node.id, scope), node.id)
        if key in self.names:
            return self.names[key]
        if key[0]:
            return NOTHING
        if node.id in self.functions or node.id in self.classes:
            return of(f"function {node.id}")
        return library_constant(self.imports.get(node.id, ""))

    def _attribute(self, node: ast.Attribute, scope: str) -> Value:
        library = library_constant(self.qualified(node))
        if library != UNKNOWN:
            return library
        found = NOTHING
        for atom in self.value(node.value, scope):
            if atom.name.startswith("class "):
                found |= self.members(atom.name[6:]).get(node.attr, NOTHING)
            elif atom.name == "numpy.ndarray" and node.attr == "shape":
                found |= self.tuple_of(node, [of("int")] * (atom.ndim or 1))
            elif atom.name == "numpy.ndarray" and node.attr in ("size", "ndim"):
                found |= of("int")
            elif atom.name == "numpy.ndarray" and node.attr == "T":
                found |= frozenset({atom})
            else:
                found |= of("float") if node.attr in ("real", "imag") else UNKNOWN
        return found

    def _binop(self, node: ast.BinOp, scope: str) -> Value:
        result = self.operated(self.value(node.left, scope), node.op, self.value(node.right, scope), node)
        small = isinstance(node.right, ast.Constant | ast.UnaryOp) and _size(node.right) <= _POWER
        grows = isinstance(node.op, ast.Pow) and not small and not _is_short_power(node)
        return long(result) if grows else result

    def operated(self, left: Value, op: ast.operator, right: Value, node: ast.AST) -> Value:
        """The result of an operator."""
        lists = [a for a in left | right if a.name == "list"]
        if lists and isinstance(op, ast.Add | ast.Mult):
            return self.made(node, "list", self.items(frozenset(lists)))
        return join(*(operator_result(a, op, b) for a in left for b in right)) if left and right else NOTHING

    def _unaryop(self, node: ast.UnaryOp, scope: str) -> Value:
        value = self.value(node.operand, scope)
        return of("bool") if isinstance(node.op, ast.Not) else value

    def _boolop(self, node: ast.BoolOp, scope: str) -> Value:
        return join(*(self.value(part, scope) for part in node.values))

    def _compare(self, node: ast.Compare, scope: str) -> Value:
        parts = [self.value(part, scope) for part in (node.left, *node.comparators)]
        arrays = [a for part in parts for a in part if a.name == "numpy.ndarray"]
        return array("bool", arrays[0].ndim) if arrays else of("bool")

    def _ifexp(self, node: ast.IfExp, scope: str) -> Value:
        self.value(node.test, scope)
        return join(self.value(node.body, scope), self.value(node.orelse, scope))

    def _tuple(self, node: ast.Tuple, scope: str) -> Value:
        return self.tuple_of(node, [self.value(e, scope) for e in node.elts])

    def _list(self, node: ast.List, scope: str) -> Value:
        return self.made(node, "list", join(*(self.value(e, scope) for e in node.elts)))

    def _set(self, node: ast.Set, scope: str) -> Value:
        return self.made(node, "set", join(*(self.value(e, scope) for e in node.elts)))

    def _dict(self, node: ast.Dict, scope: str) -> Value:
        keys = join(*(self.value(k, scope) for k in node.keys if k is not None))
        return self.made(node, "dict", join(*(self.value(v, scope) for v in node.values)), keys)

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, scope: str) -> Value:
        inner = self._comprehension(node.generators, scope, node)
        kind = {ast.ListComp: "list", ast.SetComp: "set"}.get(type(node), "iterator")
        return self.made(node, kind, self.value(node.elt, inner))

    _generatorexp = _setcomp = _listcomp

    def _dictcomp(self, node: ast.DictComp, scope: str) -> Value:
        inner = self._comprehension(node.generators, scope, node)
        return self.made(node, "dict", self.value(node.value, inner), self.value(node.key, inner))

    def _comprehension(self, generators: list[ast.comprehension], scope: str, node: ast.AST) -> str:
        """The scope of a comprehension, its variables bound."""
        inner = f"{scope}.<locals>.{id(node)}" if scope else f"<locals>.<locals>.{id(node)}"
        stored = {n.id for g in generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        self.bound[inner] = frozenset(stored)
        for generator in generators:
            bind(self, generator.target, self.items(self.value(generator.iter, inner)), inner)
            for test in generator.ifs:
                self.value(test, inner)
        return inner

    def _subscript(self, node: ast.Subscript, scope: str) -> Value:
        index = node.slice
        self.value(index, scope)
        found = NOTHING
        for atom in self.value(node.value, scope):
            here = frozenset({atom})
            if atom.name == "numpy.ndarray":
                found |= _indexed(atom, index)
            elif isinstance(index, ast.Slice):
                found |= self.made(node, "list", self.items(here)) if atom.name == "list" else here
            elif atom.name == "tuple" and isinstance(index, ast.Constant) and isinstance(index.value, int):
                found |= self.field(here, index.value)
            elif atom.name == "dict":
                found |= self.heap[atom.cell].items
            else:
                found |= self.items(here)
        return found

    # -- calls ------------------------------------------------------------------------------------------------

    def qualified(self, node: ast.expr) -> str:
        """`numpy.zeros` for `np.zeros`; a builtin by its bare name; "" for anything else."""
        if isinstance(node, ast.Name):
            return self.imports.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            root = self.qualified(node.value)
            is_module = isinstance(node.value, ast.Attribute) or root in self.imports.values()
            return f"{root}.{node.attr}" if root and is_module else ""
        return ""

    def _call(self, node: ast.Call, scope: str) -> Value:
        positional = [self.value(arg, scope) for arg in node.args]
        keywords = {k.arg: self.value(k.value, scope) for k in node.keywords if k.arg}
        if isinstance(node.func, ast.Name):
            return self._named_call(node, positional, keywords, scope)
        if isinstance(node.func, ast.Attribute):
            library = library_call(self, self.qualified(node.func), node, positional)
            if library is not None:
                return library
            receiver = self.value(node.func.value, scope)
            own = [a for a in receiver if a.name.startswith("class ")]
            if own:
                return join(*(self._method(a, node, positional, keywords) for a in own))
            return method_call(self, receiver, node, positional)
        return UNKNOWN

    def _named_call(self, node: ast.Call, positional: list[Value], keywords: dict[str, Value], scope: str) -> Value:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        local = f"{scope}.<locals>.{name}"
        for candidate in (local, name):
            if candidate in self.functions:
                self.passed.setdefault(candidate, {})[id(node)] = list(node.args)
                return self._into(candidate, positional, keywords)
        if name in self.classes:
            made = of(f"class {name}")
            for owner in self._lineage(name):
                if f"{owner}.__init__" in self.functions:
                    self._into(f"{owner}.__init__", [made, *positional], keywords)
                    break
            return made
        found = library_call(self, self.qualified(node.func), node, positional)
        return UNKNOWN if found is None else found

    def _method(self, atom: Atom, node: ast.Call, positional: list[Value], keywords: dict[str, Value]) -> Value:
        assert isinstance(node.func, ast.Attribute)
        name = node.func.attr
        for owner in self._lineage(atom.name[6:]):
            if f"{owner}.{name}" in self.functions:
                self.passed.setdefault(f"{owner}.{name}", {})[id(node)] = [node.func.value, *node.args]
                return self._into(f"{owner}.{name}", [frozenset({atom}), *positional], keywords)
        return UNKNOWN

    def _into(self, function: str, positional: list[Value], keywords: dict[str, Value]) -> Value:
        """Pass arguments; what the function returns."""
        parameters = self.parameters[function]
        for parameter, value in (*zip(parameters, positional, strict=False), *keywords.items()):
            if parameter in parameters and parameter != "return":
                self.set_name(function, parameter, value)
        return self.names.get((function, "return"), NOTHING)


def long(value: Value) -> Value:
    """The value, its ints perhaps longer than 64 bits."""
    return frozenset(Atom(LONG) if atom.name == "int" else atom for atom in value)


def _is_short_power(node: ast.BinOp) -> bool:
    """Whether it is a power of two numbers written out that 64 bits hold, such as `10 ** 9`."""
    base, power = (side.value if isinstance(side, ast.Constant) else None for side in (node.left, node.right))
    return type(base) is int and type(power) is int and power < 64 and base**power < 2**63


def _size(node: ast.expr) -> float:
    number = node.operand if isinstance(node, ast.UnaryOp) else node
    value = number.value if isinstance(number, ast.Constant) else None
    return value if isinstance(value, int | float) else float("inf")


def _indexed(atom: Atom, index: ast.expr) -> Value:
    """What indexing an array gives, by the number of indices that are no slices."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    taken = sum(not isinstance(p, ast.Slice) for p in parts)
    if atom.ndim is None or any(isinstance(p, ast.Constant) and p.value in (None, ...) for p in parts):
        return array(atom.dtype, None)
    left = atom.ndim - taken
    return array(atom.dtype, left) if left > 0 else scalar_of(atom.dtype)
