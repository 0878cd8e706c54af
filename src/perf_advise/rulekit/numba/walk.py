"""Whether Numba compiles statements to the same results: a walk over the subset in which it does.

Every name has one type on all paths, lists are made and grown in the ways that it types, nothing is raised with a
cause, and results are of one type.
"""

from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from perf_advise.facts.likely.library import LONG
from perf_advise.model.facts import Answer, Evidence
from perf_advise.rulekit import needs
from perf_advise.rulekit.matches import Need
from perf_advise.rulekit.numba.expressions import Expressions, Unsupported, is_number_node, parts_of
from perf_advise.rulekit.numba.growth import scaled_by_unknown_shift
from perf_advise.rulekit.numba.table import COMPOUND, STATEMENTS


class Check(Expressions):
    """Walks statements and the expressions in them."""

    def run(self) -> None:
        """Raises Unsupported at the first thing that Numba does not take."""
        scaled = scaled_by_unknown_shift(self._view)
        if scaled is not None:
            self._problem(scaled, "fixed-point integers, which may be longer than 64 bits")
        for root in self._roots:
            if isinstance(root, cst.FunctionDef | cst.IndentedBlock):
                self._statements(root)
            else:
                self._one(root)
        for name in self.variables:
            if self._is_loose(name):
                raise Unsupported(f"`{name}` is a list that is used as a whole")
        if {"int", "float"} <= self.found.returned or {"bool", "int"} <= self.found.returned:
            raise Unsupported("it returns numbers of different types")

    def _is_loose(self, name: str) -> bool:
        """A list from outside that the walk never met as a container."""
        read = next(iter(self.reads(name)), None)
        held = self.containers.of(read) if read is not None else None
        return read is not None and held is None and bool(self.kinds.names(read) & {"list", "dict", "set"})

    def names(self) -> Iterator[Need]:
        """Every local has one type on all paths; an accumulator that starts as int and turns float is named."""
        for name in sorted(self.variables):
            reads = [n for n in self.reads(name) if not self.containers.is_character(n)]
            held = self.containers.of(reads[0]) if reads else None
            if held is not None and held.kind == "array" and not held.dtype:
                claim, difference = f"`{name}` holds 64-bit numbers", "arrays of smaller numbers compute otherwise"
                yield needs.value(Answer.unknown("its dtype is not known"), claim, difference)
            if not reads or held is not None:
                continue
            typed = [self.kinds.of(node) for node in reads]
            open_ = next((t for t in typed if not t.alternatives), None)
            if open_ is not None and self._is_guessed:
                yield Need(Answer.yes("as the loops use it", Evidence.SEEN), f"`{name}` is a number")
                continue
            if open_ is not None:
                yield Need(Answer.unknown(open_.why), f"`{name}` is a number or an array")
                continue
            kinds = {kind for node in reads for kind in self.kinds.names(node)}
            if kinds == {"int", "float"}:
                self.found.differences.append(
                    f"`{name}` is a float throughout, also where it stays the int it starts as"
                )
            elif LONG in kinds:
                yield needs.holds(False, f"`{name}` stays within 64 bits", "it grows with each turn")
            elif len(kinds) > 1:
                yield needs.holds(False, f"`{name}` keeps one type", f"it is {' and '.join(sorted(kinds))}")
            else:
                yield self.kinds.needed(reads[0])

        for text in sorted(self.found.attributes):
            if not self.kinds.of(self.found.attributes[text]).alternatives:
                yield Need(Answer.yes("as the loops use it", Evidence.SEEN), f"`{text}` is a number")

    @property
    def _is_guessed(self) -> bool:
        """Whether lists of unknown numbers are converted: what is computed with them are numbers too."""
        return any(not container.dtype for container in self.containers.converted)

    # -- names ------------------------------------------------------------------------------------------

    @cached_property
    def variables(self) -> dict[str, list[cst.Name]]:
        """The names of locals and parameters in the statements, where they stand."""
        found: dict[str, list[cst.Name]] = {}
        for name in self._view.walk(cst.Name):
            if any(self._view.inside(name, root) for root in self._roots) and self._is_variable(name):
                found.setdefault(name.value, []).append(name)
        return found

    def reads(self, name: str) -> Iterator[cst.Name]:
        """Where the statements read the name."""
        return (n for n in self.variables.get(name, ()) if not self._is_target(n))

    def _is_variable(self, name: cst.Name) -> bool:
        holder = self._view.parent(name)
        if isinstance(holder, cst.Attribute) and (holder.attr is name or name.value == self._view.receiver):
            return False
        if isinstance(holder, cst.Arg) and holder.keyword is name:
            return False
        if isinstance(holder, cst.Param | cst.FunctionDef | cst.Annotation):
            return False
        return self._is_own(name.value)

    def _is_target(self, name: cst.Name) -> bool:
        holder = self._view.parent(name)
        while isinstance(holder, cst.Element | cst.Tuple):
            holder = self._view.parent(holder)
        is_loop = isinstance(holder, cst.For) and self._view.inside(name, holder.target)
        return isinstance(holder, cst.AssignTarget) or is_loop

    # -- statements -------------------------------------------------------------------------------------

    def _statements(self, block: cst.CSTNode) -> None:
        for node in block.children:
            self._one(node)

    def _one(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.For):
            self._loop(node)
        elif isinstance(node, cst.While | cst.If):
            self._expression(node.test)
        elif isinstance(node, STATEMENTS):
            self._statement(node)
            return
        elif isinstance(node, cst.BaseStatement | cst.BaseSmallStatement) and not isinstance(node, COMPOUND):
            self._problem(node, "a statement that it does not compile")
        if isinstance(node, COMPOUND):
            self._statements(node)

    def _loop(self, node: cst.For) -> None:
        called = self._facts.qualified_name(node.iter.func) if isinstance(node.iter, cst.Call) else None
        if called == "builtins.range":
            self._expression(node.iter)
            return
        parts = [node.iter]
        if isinstance(node.iter, cst.Call) and called in ("builtins.enumerate", "builtins.zip"):
            parts = [a.value for a in node.iter.args if a.keyword is None]
            if called == "builtins.enumerate":
                self._each(parts[1:])
                parts = parts[:1]
        for part in parts:
            is_constant = isinstance(part, cst.Tuple) and all(is_number_node(e.value) for e in part.elements)
            if self.containers.of(part) is None and not is_constant:
                self._problem(node.iter, "a loop over something else than a range, an array or a list of numbers")

    def _statement(self, node: cst.CSTNode) -> None:
        if isinstance(node, cst.Expr):
            self._bare(node)
        elif isinstance(node, cst.Raise):
            plain = isinstance(node.exc, cst.Call | cst.Name) and node.cause is None
            self._require(plain and (not self._lifted or self._is_told(node.exc)), node, "a raise")
        elif isinstance(node, cst.Return):
            self._return(node)
        elif isinstance(node, cst.Assign | cst.AnnAssign | cst.AugAssign):
            self._assign(node)
        elif isinstance(node, cst.Assert):
            self._expression(node.test)

    def _is_told(self, raised: cst.BaseExpression | None) -> bool:
        """Whether a builtin exception is raised with text that is written out."""
        made = raised.func if isinstance(raised, cst.Call) else raised
        told = [a.value for a in raised.args] if isinstance(raised, cst.Call) else []
        is_builtin = made is not None and (self._facts.qualified_name(made) or "").startswith("builtins.")
        return is_builtin and all(isinstance(text, cst.SimpleString) for text in told)

    def _bare(self, node: cst.Expr) -> None:
        """Documentation, or a list that grows."""
        if isinstance(node.value, cst.SimpleString):
            return
        call = node.value
        if isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and call.func.attr.value == "append":
            held = self.containers.of(call.func.value)
            self._require(held is not None and held.kind == "list" and held.depth == 1, node, "a list that grows")
            self._each([a.value for a in call.args])
            return
        self._expression(node.value)

    def _return(self, node: cst.Return) -> None:
        parts = [e.value for e in node.value.elements] if isinstance(node.value, cst.Tuple) else [node.value]
        if node.value is None or (isinstance(node.value, cst.Name) and node.value.value == "None"):
            return
        for part in parts:
            held = self.containers.of(part) if part is not None else None
            if held is not None:
                plain = held.kind == "array" or (held.kind == "list" and held.depth == 1)
                self._require(plain, node, "a list of lists, or one from outside, is returned")
            elif part is not None:
                self._expression(part)
        if len(parts) == 1 and parts[0] is not None:
            self.found.returned |= self.kinds.names(parts[0])

    def _assign(self, node: cst.Assign | cst.AnnAssign | cst.AugAssign) -> None:
        targets = [t.target for t in node.targets] if isinstance(node, cst.Assign) else [node.target]
        if isinstance(node, cst.AugAssign):
            self._arithmetic(node.target, node.operator, node.value, node.target)
            if isinstance(node.target, cst.Name):
                self._require(self.containers.of(node.target) is None, node, "a list or array changed as a whole")
        for target in targets:
            self._target(target)
        if node.value is None:
            return
        if isinstance(targets[0], cst.Name) and self._makes_container(targets[0], node.value):
            return
        self._expression(node.value)

    def _target(self, node: cst.BaseExpression) -> None:
        if isinstance(node, cst.Tuple):
            for element in node.elements:
                self._target(element.value)
        elif isinstance(node, cst.Subscript):
            self._subscript(node)
        else:
            self._require(isinstance(node, cst.Name), node, "an attribute that is set")

    def _makes_container(self, target: cst.Name, value: cst.BaseExpression) -> bool:
        """`row = a[i]`, `table = [0] * n`, `copy = table[:]`, `table = new`."""
        held = self.containers.of(target)
        if held is None:
            return False
        other = self.containers.of(value)
        if other is not None:
            same = other.depth == held.depth and (other.kind == held.kind) and other.kind != "converted"
            is_row = isinstance(value, cst.Subscript)
            self._require(same or (is_row and other.depth == held.depth), value, "another name for a list")
            for element in value.slice if isinstance(value, cst.Subscript) else ():
                self._index(element.slice)
            return True
        if held.kind == "list":
            self._new_list(value, held.depth)
            return True
        return False

    def _new_list(self, value: cst.BaseExpression, depth: int) -> None:
        """A list of numbers made here: `[a, b]`, `[0] * n`, `list(range(n))`, `[[0] * m for _ in range(n)]`."""
        called = self._facts.qualified_name(value.func) if isinstance(value, cst.Call) else None
        if isinstance(value, cst.List):
            self._require(depth == 1, value, "a list of lists written out")
            self._each([e.value for e in value.elements])
        elif isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Multiply):
            listed, count = (value.left, value.right) if isinstance(value.left, cst.List) else (value.right, value.left)
            self._require(depth == 1 and isinstance(listed, cst.List), value, "a list made in another way")
            self._new_list(listed, 1)
            self._expression(count)
        elif called == "builtins.list" and isinstance(value, cst.Call) and len(value.args) == 1:
            inner = value.args[0].value
            is_range = isinstance(inner, cst.Call) and self._facts.qualified_name(inner.func) == "builtins.range"
            self._require(is_range, value, "a list of something else than a range")
            self._expression(inner)
        elif isinstance(value, cst.ListComp) and value.for_in.inner_for_in is None and not value.for_in.ifs:
            self._comprehension(value, depth)
        else:
            self._problem(value, "a list made in another way")

    def _comprehension(self, value: cst.ListComp, depth: int) -> None:
        source = value.for_in.iter
        is_range = isinstance(source, cst.Call) and self._facts.qualified_name(source.func) == "builtins.range"
        self._require(is_range, value, "a comprehension over something else than a range")
        self._expression(source)
        names = {n.value for n in parts_of(value.for_in.target) if isinstance(n, cst.Name)}
        self._require(
            not any(isinstance(n, cst.Name) and n.value in names for n in parts_of(value.elt)), value, "a filled list"
        )
        if depth > 1:
            self._new_list(value.elt, depth - 1)
        else:
            self._expression(value.elt)
