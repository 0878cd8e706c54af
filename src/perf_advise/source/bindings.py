"""What the names at the top level of a module are bound to."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from perf_advise.source.functions import blocks, declared_global

Definition = ast.expr | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class GlobalName:
    """How often a top-level name is bound (a `del` or augmented assignment counts), and its only value.

    `value` is the expression, function or class that the single binding gives; None when there are several
    or when it is of another kind (import, loop variable, unpacking). `annotation` is that of an assignment.
    `line` is the line of the first binding; `conditional` says that it may not run.
    """

    bound: int
    value: Definition | None
    annotation: ast.expr | None
    line: int
    conditional: bool


@dataclass(frozen=True, slots=True)
class ImportedName:
    """A module-level import: `target` is dotted ("" when two imports of the name differ).

    `module` is what the statement names, `attribute` the imported member ("" for `import m`). `conditional`
    says that it stands in an `if`, `try` or other block; `typing_only` that it stands under `if TYPE_CHECKING`.
    `bound` counts the import statements that bind the name.
    """

    target: str
    module: str
    attribute: str
    line: int
    conditional: bool
    typing_only: bool
    bound: int = 1


@dataclass(frozen=True, slots=True)
class _Binding:
    name: str
    line: int
    conditional: bool
    value: Definition | None = None
    annotation: ast.expr | None = None
    binds: bool = True


def collect_globals(tree: ast.Module, text: str, opaque_names: Iterable[str] = ()) -> dict[str, GlobalName]:
    """Every name that top-level code binds or annotates, or that a function binds after `global`; names in
    `opaque_names` (mentioned by text that is not Python) count as bound once more."""
    found: dict[str, list[_Binding]] = {}
    declared = _bound_in_functions(tree) if "global" in text else ()
    for binding in (*_bound_at_top(tree), *declared):
        found.setdefault(binding.name, []).append(binding)
    for name in set(opaque_names) - {"*"}:
        found.setdefault(name, []).append(_Binding(name, 1, conditional=True))
    return {name: _merged(bindings) for name, bindings in found.items()}


def _merged(bindings: list[_Binding]) -> GlobalName:
    binding = [one for one in bindings if one.binds]
    only = binding[0] if len(binding) == 1 else None
    return GlobalName(
        bound=len(binding),
        value=only.value if only else None,
        annotation=next((one.annotation for one in bindings if one.annotation), None),
        line=(binding or bindings)[0].line,
        conditional=only is None or only.conditional,
    )


def _bound_at_top(tree: ast.Module) -> Iterator[_Binding]:
    todo: list[tuple[ast.AST, bool]] = [(node, False) for node in reversed(tree.body)]
    while todo:
        node, conditional = todo.pop()
        yield from _bound_by(node, conditional)
        inner = conditional or (isinstance(node, ast.stmt) and hasattr(node, "body"))
        todo += [(child, inner) for child in reversed(_same_scope(node))]


def _same_scope(node: ast.AST) -> list[ast.AST]:
    """The children of `node` that are evaluated in the scope which `node` stands in."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return [*node.decorator_list, *_defaults(node.args)]
        case ast.ClassDef():
            return [*node.decorator_list, *node.bases, *node.keywords]
        case ast.Lambda():
            return _defaults(node.args)
        case ast.comprehension():
            return [node.iter, *node.ifs]
        case ast.Assign(targets=[ast.Name()]):
            return [node.value]
        case ast.AnnAssign(target=ast.Name()):
            return [node.value] if node.value else []
    return list(ast.iter_child_nodes(node))


def _defaults(args: ast.arguments) -> list[ast.AST]:
    return [*args.defaults, *(default for default in args.kw_defaults if default is not None)]


def _bound_by(node: ast.AST, conditional: bool) -> Iterator[_Binding]:
    line = getattr(node, "lineno", 1)
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield _Binding(node.name, line, conditional, node)
        case ast.Assign(targets=[ast.Name(id=name)]):
            yield _Binding(name, line, conditional, node.value)
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield _Binding(name, line, conditional, node.value, node.annotation, node.value is not None)
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield _Binding(name, line, conditional)
        case ast.Import() | ast.ImportFrom():
            for alias in node.names:
                yield _Binding(alias.asname or alias.name.partition(".")[0], line, conditional)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield _Binding(name, line, conditional=True)
        case ast.MatchMapping(rest=str(name)):
            yield _Binding(name, line, conditional=True)


def _bound_in_functions(tree: ast.Module) -> Iterator[_Binding]:
    todo: list[ast.AST] = [tree]
    while todo:
        scope = todo.pop()
        todo += blocks(scope)
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = set(declared_global(scope.body))
            for node in ast.walk(scope) if names else ():
                # The name that an assignment binds is a node of its own.
                if not isinstance(node, ast.Assign | ast.AnnAssign):
                    yield from (found for found in _bound_by(node, True) if found.name in names)


def collect_imports(tree: ast.Module, package: str) -> dict[str, ImportedName]:
    """The names bound by imports outside of functions and classes; star imports bind none here."""
    found: dict[str, ImportedName] = {}
    for node, conditional, typing_only in import_statements(tree):
        for name, one in _imported(node, package, conditional, typing_only):
            old = found.get(name)
            found[name] = one if old is None else _joined(old, one)
    return found


def _joined(old: ImportedName, new: ImportedName) -> ImportedName:
    """What a name imported twice is: as certain as the more certain of the two, nothing when they differ."""
    target = old.target if old.target == new.target else ""
    surer = min(old, new, key=lambda one: (one.typing_only, one.conditional))
    return replace(surer, target=target, bound=old.bound + 1)


def import_statements(tree: ast.Module) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool, bool]]:
    """Import statements outside of functions and classes, each with whether it may not run and whether only type
    checkers see it."""
    todo: list[tuple[ast.AST, bool, bool]] = [(node, False, False) for node in reversed(tree.body)]
    while todo:
        node, conditional, typing_only = todo.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, conditional, typing_only
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            todo += [(child, True, False) for child in reversed(node.orelse)]
            todo += [(child, True, True) for child in reversed(node.body)]
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.expr):
            todo += [(child, True, typing_only) for child in reversed(list(ast.iter_child_nodes(node)))]


def _imported(
    node: ast.Import | ast.ImportFrom, package: str, conditional: bool, typing_only: bool
) -> Iterator[tuple[str, ImportedName]]:
    for alias in node.names:
        if isinstance(node, ast.Import):
            name = alias.asname or alias.name.partition(".")[0]
            target = alias.name if alias.asname else name
            yield name, ImportedName(target, alias.name, "", node.lineno, conditional, typing_only)
        elif alias.name != "*":
            module = absolute_module(node, package)
            target = f"{module}{alias.name}" if module.endswith(".") else f"{module}.{alias.name}"
            name = alias.asname or alias.name
            yield name, ImportedName(target, module, alias.name, node.lineno, conditional, typing_only)


def absolute_module(node: ast.ImportFrom, package: str) -> str:
    """The dotted module of a `from` import; with its leading dots while the package is unknown or too shallow."""
    parts = package.split(".") if package else []
    if node.level == 0:
        return node.module or ""
    if node.level > len(parts):
        return "." * node.level + (node.module or "")
    return ".".join((*parts[: len(parts) - node.level + 1], *filter(None, (node.module,))))
