"""Values that each call builds anew, moved to a name at module level."""

import re

import libcst as cst

from perf_advise.model.facts import Answer
from perf_advise.rulekit import needs
from perf_advise.rulekit.escapes import variable_uses
from perf_advise.rulekit.matches import Need, Replacement, Rewrite
from perf_advise.rulekit.view import View

_LEAST_SHARE = 0.01
_NOT_WORD = re.compile(r"[\W_]+")


def runs_per_call(view: View, node: cst.CSTNode) -> bool:
    """Whether each call evaluates the node: it stands in the body, and is not what a cache or a lazy global keeps."""
    function = view.slice.node
    if not isinstance(function, cst.FunctionDef) or view.hot.is_module:
        return False
    if any("cache" in view.code(decorator) for decorator in function.decorators) or _is_kept(view, node):
        return False
    alone = sum(site.qualname == view.hot.qualname for site in view.index.functions) == 1
    return alone and function.body in view.ancestors(node)


def is_felt(view: View, node: cst.CSTNode, each: float) -> Need:
    """What a call saves, about `each` seconds, shows in the function's own time, where the profile counts its calls."""
    claim, calls, seconds = "it shows in the function's time", view.hot.calls, view.hot.bare_seconds
    if view.repeats(node) or not calls or not seconds:
        return Need(Answer.yes("nothing says how often it runs"), claim)
    share = calls * each / seconds
    return needs.holds(share > _LEAST_SHARE, claim, f"about {share:.1%} of it in {calls} calls")


def sole_uses(view: View, value: cst.BaseExpression) -> list[cst.Name] | None:
    """The reads of the local variable that only ever holds `value`; None where there is no such variable."""
    target = _target(view, value)
    if target is None or view.facts.scope(target.value) != "local" or view.facts.is_captured(target.value):
        return None
    if len(view.facts.definitions(target.value)) != 1:
        return None
    return [use for use in variable_uses(view, target.value) if use is not target]


def to_module_level(view: View, value: cst.BaseExpression, kind: str) -> Rewrite:
    """`value` as a module constant, in place of the local variable that holds it, where nothing speaks against that.

    An expression without a variable gets a name after the function and `kind`.
    """
    uses = sole_uses(view, value)
    name = constant_name(view, _assigned_name(view, value) or kind)
    definition = (f"{name} = {flush_left(view, value, len(name) + 3)}",)
    line = view.statement(value)
    movable = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 and _bare(line)
    if uses is None or not movable:
        return Rewrite((Replacement.of(value, name),), definitions=definition)
    return Rewrite((Replacement.of(line, ""), *(Replacement.of(use, name) for use in uses)), definitions=definition)


def constant_name(view: View, wanted: str) -> str:
    """A private name in capitals, with the function's where another function of the file could want the same."""
    bound = view.in_file(rf"\b{wanted}\b\s*(?::[^=\n]*)?=(?!=)")
    plain = wanted if len(bound) == 1 else f"{view.hot.qualname.replace('.<locals>', '')}_{wanted}"
    return view.fresh("_" + _NOT_WORD.sub("_", plain).strip("_").upper())


def _is_kept(view: View, node: cst.CSTNode) -> bool:
    """Whether the value is stored beyond the call: in a global, or in a branch in an attribute or a container."""
    holder = view.parent(node)
    if not isinstance(holder, cst.Assign):
        return False
    targets = [target.target for target in holder.targets]
    if any(isinstance(t, cst.Name) and view.facts.scope(t.value) != "local" for t in targets):
        return True
    branch = any(isinstance(h, cst.If | cst.Try | cst.Else) for h in view.ancestors(node))
    return branch and not all(isinstance(t, cst.Name) for t in targets)


def _assigned_name(view: View, value: cst.BaseExpression) -> str:
    """The name of the variable or attribute that the value is assigned to."""
    holder = view.parent(value)
    target = holder.targets[0].target if isinstance(holder, cst.Assign) and holder.value is value else None
    target = holder.target if isinstance(holder, cst.AnnAssign) else target
    if isinstance(target, cst.Attribute) and isinstance(target.value, cst.Name):
        target = target.attr
    return target.value.strip("_") if isinstance(target, cst.Name) else ""


def flush_left(view: View, value: cst.CSTNode, column: int = 0) -> str:
    """The text of a value or a statement as it stands from `column` on.

    Later lines keep their place below its first character, or to the left of that their place in the statement.
    """
    text = view.slice.file.text
    span = view.slice.span(value)
    start = view.slice.span(view.statement(value)).start
    indent = text[text.rfind("\n", 0, start) + 1 : start]
    at = span.start - text.rfind("\n", 0, span.start) - 1
    if indent.strip(" ") or _has_lines(value):
        return view.code(value)

    def moved(line: str) -> str:
        bare = line.lstrip(" ")
        wide = len(line) - len(bare)
        return " " * (wide - at + column if wide > at else max(wide - len(indent), 0)) + bare

    first, *later = view.code(value).split("\n")
    return "\n".join([first, *map(moved, later)])


def _has_lines(node: cst.CSTNode) -> bool:
    """Whether a string inside goes over several lines: they are part of its value."""
    return (isinstance(node, cst.SimpleString) and "\n" in node.value) or any(map(_has_lines, node.children))


def _target(view: View, value: cst.BaseExpression) -> cst.Name | None:
    holder = view.parent(value)
    if isinstance(holder, cst.AnnAssign) and isinstance(holder.target, cst.Name):
        return holder.target
    if isinstance(holder, cst.Assign) and len(holder.targets) == 1 and holder.value is value:
        target = holder.targets[0].target
        return target if isinstance(target, cst.Name) else None
    return None


def _bare(line: cst.SimpleStatementLine) -> bool:
    """Whether no comment above or beside explains the line: it would have to move with it."""
    return not any(above.comment for above in line.leading_lines) and line.trailing_whitespace.comment is None
