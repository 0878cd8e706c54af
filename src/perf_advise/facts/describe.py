"""What `perf-advise facts FILE:FUNCTION` prints: every name with its scope and type, effects, liveness, loops."""

from collections.abc import Iterator

import libcst as cst

from perf_advise.facts.answers import Effects, Typed
from perf_advise.facts.facts import Facts
from perf_advise.facts.loops.describe import describe_loops
from perf_advise.facts.tree import dotted, walk
from perf_advise.model.facts import Evidence

_EVIDENCE = {Evidence.STATIC: "static", Evidence.SEEN: "seen", Evidence.NONE: "unknown"}


def describe(facts: Facts) -> list[str]:
    """Lines on one function; a name whose type differs between places has a line for each type."""
    site = facts.slice.site
    lines = [f"{site.qualname}, line {site.line}" if site is not None else "top-level code"]
    lines += _section("names", _names(facts))
    lines += _section("attributes", _attributes(facts))
    lines += _section("annotations contradicted", (f"{n}: {why}" for n, why in sorted(facts.contradictions.items())))
    root = facts.slice.node
    lines += _section("effects", _effects(facts.effects(root.body if isinstance(root, cst.FunctionDef) else root)))
    lines += _section("loops", _loops(facts))
    lines += _section("loop model", describe_loops(facts))
    return lines


def _section(title: str, lines: Iterator[str] | list[str]) -> list[str]:
    inner = [f"  {line}" for line in lines]
    return ["", f"{title}:", *inner] if inner else []


def _names(facts: Facts) -> Iterator[str]:
    """One line per name of the function and distinct type."""
    own = facts.code.scopes.own
    for name in sorted(own.bound, key=lambda n: (n not in own.parameters, n)):
        places: dict[str, list[int]] = {}
        for node in _places(facts, name):
            places.setdefault(_typed(facts.type_of(node)), []).append(facts.slice.line(node))
        captured = ", captured" if facts.is_captured(name) else ""
        for text, where in places.items() or [("never read", [])]:
            lines = f" (line {', '.join(map(str, dict.fromkeys(where)))})" if len(places) > 1 else ""
            yield f"{name}: {facts.scope(name)}{captured}, {text}{lines}"


def _places(facts: Facts, name: str) -> Iterator[cst.CSTNode]:
    """Where the function reads the name, else where it binds it."""
    reads: list[cst.CSTNode] = [
        node
        for node in walk(facts.slice.node)
        if isinstance(node, cst.Name) and node.value == name and facts.type_of(node).why != _NOT_RUN
    ]
    yield from reads or [n for n in facts.definitions(name) if isinstance(n, cst.Name | cst.Param)]


_NOT_RUN = "never runs, or stands in a nested function"


def _attributes(facts: Facts) -> Iterator[str]:
    """One line per attribute of `self` that is read or set."""
    seen: dict[str, str] = {}
    for node in walk(facts.slice.node):
        name = dotted(node) if isinstance(node, cst.Attribute) else None
        if name is not None and name.count(".") == 1 and facts.scope(name.partition(".")[0]) == "parameter":
            typed = facts.type_of(node)
            if typed.why != _NOT_RUN:
                seen.setdefault(name, _typed(typed))
    yield from (f"{name}: {text}" for name, text in sorted(seen.items()))


def _typed(typed: Typed) -> str:
    if typed.alternatives:
        return f"{' or '.join(map(str, typed.alternatives))} ({_EVIDENCE[typed.evidence]}: {typed.why})"
    return f"type unknown ({typed.why})"


def _effects(effects: Effects) -> Iterator[str]:
    if effects.pure and not effects.raises:
        yield "none"
        return
    for title, names in (("changes", effects.mutates), ("unknown", effects.calls)):
        if names:
            yield f"{title}: {', '.join(sorted(names))}"
    flags = {"may raise": effects.raises, "input or output": effects.io, "awaits": effects.awaits,
             "yields": effects.yields, "draws random numbers": effects.draws_random}  # fmt: skip
    said = [text for text, holds in flags.items() if holds]
    if said:
        yield ", ".join(said)


def _loops(facts: Facts) -> Iterator[str]:
    """For each loop, what is read after it and whether it runs at all."""
    for node in walk(facts.slice.node, lambda n: not isinstance(n, cst.FunctionDef | cst.ClassDef | cst.Lambda)):
        if isinstance(node, cst.For | cst.While):
            live = ", ".join(sorted(facts.live_after(node) & _bound(facts, node))) or "nothing"
            runs = facts.always_runs(node).truth.value
            line = facts.slice.line(node)
            yield f"line {line}: of what it binds, {live} is read later; runs at least once: {runs}"


def _bound(facts: Facts, node: cst.CSTNode) -> frozenset[str]:
    return facts.effects(node).binds
