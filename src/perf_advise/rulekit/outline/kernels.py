"""The text of an outlined kernel and of its call."""

from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from perf_advise.rulekit.matches import Insertion, Replacement, Rewrite
from perf_advise.rulekit.numba.containers import Container
from perf_advise.rulekit.numba.infinite import only_infinities
from perf_advise.rulekit.numba.sums import as_loops
from perf_advise.rulekit.numba.support import Support, decorated_helpers, decorator, infinities
from perf_advise.rulekit.numba.trial import function_trial, kernel_trial
from perf_advise.rulekit.outline.outlining import Outline
from perf_advise.rulekit.view import View


class Kernel:
    """The kernel of an outline; `number` tells those of one function apart, `parallel` a `range` to share out."""

    def __init__(
        self, view: View, outline: Outline, number: int = 0, parallel: cst.BaseExpression | None = None
    ) -> None:
        self.parallel = parallel
        self.view = view
        self.outline = outline
        owner, _, name = view.hot.qualname.rpartition(".")
        stem = name.strip("<>_")
        stem = f"{owner.rpartition('.')[2].lower()}_kernel" if stem == "kernel" and owner else f"{stem}_kernel"
        self.name = view.fresh(f"{stem}_{number + 1}" if number else stem)

    @cached_property
    def _parameters(self) -> dict[str, str]:
        """What is passed, as written, and the name that it has in the kernel; the function's own parameters first."""
        lists = [c.text for c in self.outline.support.converted]
        taken = {*self.outline.inputs, *(text for text in lists if "." not in text), *self._bound}
        found: dict[str, str] = {}
        for text in (*lists, *self.outline.inputs, *self.outline.support.attributes):
            short = text.rpartition(".")[2]
            found[text] = text if "." not in text else short if short not in taken else text.replace(".", "_")
            taken.add(found[text])
        own = [name for name in self._signature if name in found]
        return {text: found[text] for text in dict.fromkeys((*own, *found))}

    @property
    def _signature(self) -> list[str]:
        """The parameters of the function that the kernel is taken from."""
        function = self.view.slice.node
        return [p.name.value for p in function.params.params] if isinstance(function, cst.FunctionDef) else []

    @property
    def rewrite(self) -> Rewrite:
        """The kernel before the function, and its call in the place of the statements."""
        support = self.outline.support
        return Rewrite(
            (Replacement(self.outline.nodes, self.call),),
            lines=decorated_helpers(self.view, support),
            imports=("numba.njit", *(["numpy"] if support.converted else []), *(["math"] if self._needs_math else [])),
            definitions=(self.definition,),
            trial=self.trial,
            packages=("numba",),
        )

    @property
    def _needs_math(self) -> bool:
        """Whether infinities are named, or told apart."""
        outline = self.outline
        mixed = any(c.mixed and c.text in outline.written - outline.dropped for c in outline.support.converted)
        return bool(outline.support.unbounded) or (mixed and only_infinities(self.view))

    @property
    def _bound(self) -> set[str]:
        """Names that the statements bind."""
        view, nodes = self.view, self.outline.nodes
        names = self.view.facts.code.scopes.own.bound
        return {n for n in names if any(view.inside(d, node) for d in view.facts.definitions(n) for node in nodes)}

    @property
    def definition(self) -> str:
        """The function, to stand before the one that it is taken from."""
        renamed: dict[str | cst.CSTNode, str] = {t: name for t, name in self._parameters.items() if t != name}
        renamed |= {self.view.code(node): text for node, text in infinities(self.view, self.outline.support)}
        if self.parallel is not None:
            renamed[self.parallel] = self.view.name_of("numba.prange")
        renamed |= as_loops(self.view, self.outline.nodes, renamed)
        body = [self.view.block(node, renamed) for node in self.outline.nodes]
        outputs = self.outline.outputs
        returned = [f"    return {', '.join(outputs)}"] if outputs else []
        header = f"def {self.name}({', '.join(self._parameters.values())}):"
        return "\n".join(
            [decorator(self.view, self.outline.support, self.parallel is not None), header, *body, *returned]
        )

    @property
    def trial(self) -> str:
        """What lets Numba compile the kernel for the types that are known."""
        return kernel_trial(self.view, self.outline.support, self.definition, self.name, self._parameters)

    @property
    def call(self) -> str:
        """The statements that take the place of the loops."""
        left = self.outline.written - self.outline.dropped
        changed = [c for c in self.outline.support.converted if c.text in left]
        arrays = {c.text: self._array_name(c) for c in changed}
        lines = [f"{arrays[c.text]} = {self._converted(c)}" for c in changed]
        passed = {c.text: arrays.get(c.text) or self._converted(c) for c in self.outline.support.converted}
        call = f"{self.name}({', '.join(passed.get(text, text) for text in self._parameters)})"
        if not self.outline.returns:
            lines.append(f"{', '.join(self.outline.outputs)} = {call}" if self.outline.outputs else call)
            return "\n".join([*lines, *self._all_written_back(changed, arrays)])
        if not changed and not self.outline.half_way:
            return "\n".join([*lines, f"return {call}"])
        result = self.view.fresh("result")
        returned = f"if {result} is not None:\n    return {result}" if self.outline.half_way else f"return {result}"
        return "\n".join([*lines, f"{result} = {call}", *self._all_written_back(changed, arrays), returned])

    def _array_name(self, container: Container) -> str:
        return self.view.fresh(f"{container.text.rpartition('.')[2]}_array")

    def _converted(self, container: Container) -> str:
        numpy = self.view.name_of("numpy")
        if not container.dtype and container.text not in self.outline.written:
            return f"{numpy}.array({container.text})"
        if not container.dtype:
            return f"{numpy}.array({container.text}, dtype={self._stored_type(container)})"
        source = f"list(map(ord, {container.text}))" if container.kind == "text" else container.text
        return f"{numpy}.array({source}, dtype={numpy}.{container.dtype})"

    def _stored_type(self, container: Container) -> str:
        """The dtype that takes what is stored: floats where the code makes them, else what all of it is made of."""
        numpy = self.view.name_of("numpy")
        if self._makes_floats:
            return f"{numpy}.float64"
        others = [c.text for c in self.outline.support.converted if c.text != container.text and not c.dtype]
        parts = ", ".join(f"{numpy}.array({text})" for text in (container.text, *others))
        scalars = [n for n in self.outline.inputs if n in self._operands]
        return f"{numpy}.result_type({', '.join([parts, *scalars])})"

    @property
    def _makes_floats(self) -> bool:
        """Whether the statements divide or name a float."""
        view = self.view
        made = view.walk(cst.Float, cst.Divide, cst.DivideAssign, cst.Call)
        floats = (n for n in made if any(view.inside(n, root) for root in self.outline.nodes))
        return any(not isinstance(n, cst.Call) or "math." in (view.facts.qualified_name(n.func) or "") for n in floats)

    @property
    def _operands(self) -> set[str]:
        """Names that are added or multiplied, not only counted with."""
        found = (n for op in self.view.walk(cst.BinaryOperation) for n in (op.left, op.right))
        stored = (n.value for n in self.view.walk(cst.AugAssign))
        return {n.value for n in (*found, *stored) if isinstance(n, cst.Name)}

    def _all_written_back(self, changed: list[Container], arrays: dict[str, str]) -> Iterator[str]:
        for container in changed:
            is_mixed = container.mixed and only_infinities(self.view)
            yield from self._written_back(
                container.text, f"{arrays[container.text]}.tolist()", container.depth, is_mixed
            )

    def _written_back(self, text: str, values: str, depth: int, is_mixed: bool, level: int = 0) -> Iterator[str]:
        """The values put into the same list objects."""
        indent = "    " * level
        if depth == 1:
            item = self.view.fresh("value")
            whole = f"[int({item}) if {self.view.name_of('math')}.isfinite({item}) else {item} for {item} in {values}]"
            yield f"{indent}{text}[:] = {whole if is_mixed else values}"
            return
        row = self.view.fresh("row" if depth == 2 else f"rows_{depth}")
        inner = self.view.fresh("values" if depth == 2 else f"values_{depth}")
        yield f"{indent}for {row}, {inner} in zip({text}, {values}):"
        yield from self._written_back(row, inner, depth - 1, is_mixed, level + 1)


def compiled(view: View, support: Support, parallel: bool = False) -> Rewrite:
    """The function compiled by a decorator where it stands, along with its helpers."""
    written = tuple(Replacement.of(node, text) for node, text in infinities(view, support))
    return Rewrite(
        written,
        insertions=(Insertion(view.slice.node, decorator(view, support, parallel)),),
        lines=decorated_helpers(view, support),
        imports=("numba.njit", *(["math"] if written else [])),
        trial=function_trial(view, support),
        packages=("numba",),
    )
