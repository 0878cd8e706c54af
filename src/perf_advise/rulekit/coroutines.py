"""What awaits and blocks: calls that keep a thread waiting, coroutines that could wait together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from perf_advise.rulekit.costs import calls_in
from perf_advise.rulekit.patterns import same_code
from perf_advise.rulekit.view import View

_VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
HTTP_CALLS = frozenset(f"{package}.{verb}" for package in ("requests", "httpx") for verb in _VERBS)
BLOCKING_CALLS = HTTP_CALLS | {
    "urllib.request.urlopen", "urllib.request.urlretrieve", "subprocess.run", "subprocess.call",
    "subprocess.check_call", "subprocess.check_output", "subprocess.getoutput", "subprocess.getstatusoutput",
    "urllib3.request", "os.system", "socket.getaddrinfo", "socket.gethostbyname",
}  # fmt: skip

# One connection serves one request at a time: two coroutines at once on it fail, or mix their messages.
_ONE_AT_A_TIME = re.compile(
    r"_*(db|\w*conn\w*|cur|cursor|\w*sess(ion)?|tx|transaction|trans|ws|websocket|sock\w*|\w*reader|\w*writer|\w*stream"
    r"|proc\w*|page|browser|driver|lock|\w*queue|q|channel|file|f|fh|fp)"
)
_LIMITS = re.compile(r"\w*(sem(aphore)?|limit(er)?|throttle|bucket|lock|mutex)\w*", re.IGNORECASE)
_ACTING = re.compile(
    r"_*(sleep|wait|send|write|drain|put|push|publish|commit|rollback|execute|executemany|acquire|release|lock|unlock"
    r"|close|aclose|open|connect|disconnect|login|logout|start|stop|shutdown|begin|end|flush|set|add|append|create|init"
    r"|update|insert|delete|remove|save|store|upload|notify|emit|read|readline|readexactly|recv|receive|next|anext"
    r"|step|join|gather|wait_for|to_thread|sync|migrate|setup|teardown|click|goto|fill|type|press|move)(_.*)?"
)


@dataclass(frozen=True, slots=True)
class MappedAwait:
    """`[await f(x) for x in xs]` or a loop that appends `await f(x)`; `out` is the list that is appended to."""

    call: cst.Call
    target: cst.BaseAssignTargetExpression
    items: cst.BaseExpression
    node: cst.ListComp | cst.For
    out: cst.Name | None


def is_coroutine(view: View) -> bool:
    """Whether the function is an `async def`."""
    return isinstance(view.slice.node, cst.FunctionDef) and view.slice.node.asynchronous is not None


def can_await(view: View, node: cst.CSTNode) -> bool:
    """Whether `await` may stand there and nothing seen forbids that other tasks run meanwhile."""
    for holder in view.ancestors(node):
        if isinstance(holder, cst.Lambda | cst.GeneratorExp):
            return False
        if isinstance(holder, cst.With) and holder.asynchronous is None and _is_limited(view, holder):
            return False
    return True


def mapped_awaits(view: View) -> Iterator[MappedAwait]:
    """All of them, comprehensions first; a call that does not read the loop's variable is none."""
    for comp in view.walk(cst.ListComp):
        loop = comp.for_in
        waits = any(isinstance(node, cst.Await) for test in loop.ifs for node in _below(test))
        if loop.inner_for_in is None and not waits and loop.asynchronous is None:
            yield from _mapped(view, comp.elt, loop.target, loop.iter, comp, None)
    for node in view.walk(cst.For):
        appended = _appended(node) if node.orelse is None and node.asynchronous is None else None
        if appended is not None:
            yield from _mapped(view, appended[1], node.target, node.iter, node, appended[0])


def may_wait_together(view: View, calls: list[cst.Call]) -> bool:
    """Whether coroutines by their names only fetch, and no connection that serves one at a time is in sight."""
    for call in calls:
        words = view.code(call.func).split(".")
        handed = [view.code(a.value).rpartition(".")[2] for a in call.args if not isinstance(a.value, cst.Call)]
        if _ACTING.fullmatch(words[-1]) or any(_ONE_AT_A_TIME.fullmatch(word) for word in (*words[:-1], *handed)):
            return False
        if any(inner is not call for inner in calls_in(call)) or any(a.star for a in call.args):
            return False
    nodes = [holder for call in calls for holder in view.ancestors(call)]
    return not any(isinstance(holder, cst.With) and _holds_one(view, holder) for holder in nodes)


def reads(view: View, node: cst.CSTNode, target: cst.CSTNode) -> bool:
    """Whether an expression reads one of the names that a target binds."""
    return any(name in view.facts.effects(node).reads for name in bound_names(target))


def bound_names(target: cst.CSTNode) -> list[str]:
    """The names that a target binds."""
    if isinstance(target, cst.Name):
        return [target.value]
    return [name for child in target.children for name in bound_names(child)]


def _below(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _below(child)


def _is_limited(view: View, holder: cst.With) -> bool:
    return any(_LIMITS.search(view.code(item.item)) for item in holder.items)


def _holds_one(view: View, holder: cst.With) -> bool:
    """Whether a block holds a lock or a transaction."""
    codes = [view.code(item.item) for item in holder.items]
    return _is_limited(view, holder) or any("transaction" in code or ".begin" in code for code in codes)


def _mapped(
    view: View,
    value: cst.CSTNode,
    target: cst.BaseAssignTargetExpression,
    items: cst.BaseExpression,
    node: cst.ListComp | cst.For,
    out: cst.Name | None,
) -> Iterator[MappedAwait]:
    call = value.expression if isinstance(value, cst.Await) else None
    if isinstance(call, cst.Call) and any(reads(view, arg.value, target) for arg in call.args):
        yield MappedAwait(call, target, items, node, out)


def _appended(loop: cst.For) -> tuple[cst.Name, cst.CSTNode] | None:
    """`out` and what is awaited, of a body that is `out.append(await f(x))`, with or without a name in between."""
    body = [line for line in loop.body.body if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1]
    if not body or len(body) > 2 or len(body) != len(loop.body.body):
        return None
    last = body[-1].body[0]
    call = last.value if isinstance(last, cst.Expr) else None
    if not (isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and len(call.args) == 1):
        return None
    out, value = call.func.value, call.args[0].value
    if call.func.attr.value != "append" or not isinstance(out, cst.Name):
        return None
    if len(body) == 1:
        return out, value
    first = body[0].body[0]
    named = isinstance(first, cst.Assign) and len(first.targets) == 1 and same_code(first.targets[0].target, value)
    return (out, first.value) if named and isinstance(first, cst.Assign) else None
