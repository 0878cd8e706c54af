"""The icicle graph: its data for the script, its legend, and what has to be said of it."""

import json
from collections.abc import Iterator

from perf_advise.model.profile import Frame
from perf_advise.report.figures import counted, percent
from perf_advise.report.html_report.flame import CallTree, as_rows, call_tree
from perf_advise.report.html_report.markup import Html, element, joined
from perf_advise.report.html_report.subject import Entry, Subject

_LEGEND = (
    ("advised", "has advice"),
    ("hot", "hot, no advice"),
    ("code", "other Python code"),
    ("native", "C code"),
)


def section(subject: Subject) -> Html | None:
    """The section; None where there is no profile, or nothing in it."""
    profile = subject.report.profile
    tree = call_tree(profile) if profile else None
    if tree is None or not tree.nodes:
        return None
    legend = [element("li", element("i", Html(""), class_=f"box {kind}"), text) for kind, text in _LEGEND]
    return element(
        "section",
        element("h2", "Where the time goes", id="time"),
        element("div", element("ul", joined(*legend), class_="legend"), _tools(), class_="bar-of-tools"),
        element("div", Html(""), id="flame", role="tree", aria_label="calls of the program, by time"),
        element("p", Html(""), id="flame-detail", role="status"),
        element("p", " ".join(_remarks(tree, bool(profile and profile.edges))), class_="remark"),
        element("noscript", element("p", "The graph needs JavaScript; everything below does not.")),
        _data(subject, tree),
        class_="flame",
        aria_labelledby="time",
    )


def _tools() -> Html:
    search = element(
        "input",
        type="search",
        id="flame-search",
        placeholder="find a function",
        aria_label="find a function in the graph",
    )
    return element("span", search, element("button", "whole program", id="flame-reset", type="button"), class_="tools")


def _remarks(tree: CallTree, has_calls: bool) -> Iterator[str]:
    yield "Width is time, callees stand below their caller. Click or Enter zooms, arrow keys walk, Escape zooms out."
    if not has_calls:
        yield "This profile does not tell who called whom, so functions stand side by side."
    elif tree.shared:
        yield (
            "Drawn from who called whom: what a function with several callers called is shared out among them "
            "by the time each brought, which the run itself may have split otherwise."
        )
    if sum(node.weight for node in tree.nodes if node.parent < 0) < 0.98 * tree.total:
        yield "Blank width is time that the profile puts in no call."
    if tree.left_out:
        yield f"{counted(tree.left_out, 'smaller box', 'smaller boxes')} left out."


def _data(subject: Subject, tree: CallTree) -> Html:
    entries = {frame: entry for entry in reversed(subject.entries) for frame in entry.function.frames}
    frames = {frame: number for number, frame in enumerate(dict.fromkeys(node.frame for node in tree.nodes))}
    data = {
        "whole": subject.seconds,
        "frames": [_frame(frame, entries.get(frame)) for frame in frames],
        "boxes": as_rows(tree, frames),
    }
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return element("script", Html(text), type="application/json", id="flame-data")


def _frame(frame: Frame, entry: Entry | None) -> list[str]:
    """Name, place, kind, anchor of its section, and what is said of it."""
    place = "" if frame.is_native else frame.path + (f":{frame.line}" if frame.line is not None else "")
    if entry is None:
        return [frame.name or frame.path, place, "native" if frame.is_native else "code", "", ""]
    advised = bool(entry.findings or entry.applied)
    said = f"{percent(entry.function.own)} of its own"
    if entry.findings:
        said += f", {counted(len(entry.findings), 'finding')}"
    return [entry.function.qualname if frame.name == entry.function.qualname.rsplit(".", 1)[-1] else frame.name,
            place, "advised" if advised else "hot", entry.anchor, said]  # fmt: skip
