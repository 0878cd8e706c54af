"""py-spy's chrome trace and flame graph against plain code that nests events and rectangles."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from perf_advise.model.profile import Unit
from perf_advise.profiles.errors import ProfileError
from perf_advise.profiles.loading import read_profile

FG = "{http://github.com/jonhoo/inferno}"
SVG = "{http://www.w3.org/2000/svg}"
TITLE = re.compile(r"(\S.*?) \((\S.*?):(\d+)\) \(([\d,]+) samples, [\d.]+%\)")


def test_chrome_trace(profiles: Path, naive) -> None:
    path = profiles / "pyspy-chrometrace.json"
    rows, opened, before = [], {}, {}
    for event in json.loads(path.read_text()):
        thread = event["pid"], event["tid"]
        stack = opened.setdefault(thread, [])
        frame = (event["args"]["filename"], event["name"]), event["args"]["line"]
        if stack:
            rows.append((list(stack), event["ts"] - before[thread]))
        if event["ph"] == "B":
            stack.append(frame)
        else:
            assert stack.pop()[0] == frame[0]
        before[thread] = event["ts"]
    profile = read_profile(path)
    naive(rows).check(profile, 1e-6)
    assert (profile.tool, profile.unit) == ("py-spy", Unit.SECONDS)
    assert len(profile.threads) == len(opened)
    assert sum(profile.threads.values()) == pytest.approx(profile.total)


def trace(*events: tuple) -> bytes:
    made = [
        {"cat": "py-spy", "ph": ph, "name": name, "ts": ts, "pid": 1, "tid": 1, "args": {"filename": "a.py", "line": 3}}
        for ph, name, ts in events
    ]
    return json.dumps(made).encode()


def test_time_without_open_frames_and_unclosed_frames(read_bytes) -> None:
    profile = read_bytes(trace(("B", "f", 0), ("E", "f", 5), ("B", "f", 100), ("B", "g", 103), ("M", "x", "?")))
    assert {(c.frame.name, round(c.own * 1e6)) for c in profile.functions} == {("f", 8), ("g", 0)}


@pytest.mark.parametrize("event", [("E", "f", -9), ("E", "f", float("nan")), ("E", "f", None), ("B", 7, 9)])
def test_damaged_trace(read_bytes, event: tuple) -> None:
    with pytest.raises(ProfileError):
        read_bytes(trace(("B", "f", 0), event))


def boxes(path: Path) -> list[tuple[int, int, float, re.Match | None]]:
    found = []
    for group in ElementTree.parse(path).iter(f"{SVG}g"):
        title, rect = group.find(f"{SVG}title"), group.find(f"{SVG}rect")
        if title is not None and rect is not None:
            left, width = int(rect.get(f"{FG}x") or 0), int(rect.get(f"{FG}w") or 0)
            found.append((left, width, float(rect.get("y") or 0), TITLE.fullmatch(title.text or "")))
    return found


def test_flame_graph(profiles: Path, naive) -> None:
    """Own is a rectangle's width without those in the next row that lie within it; cumulative as titles say."""
    path = profiles / "pyspy-flamegraph.svg"
    everything = boxes(path)
    rows = []
    for left, width, y, title in everything:
        if title is None:
            assert (left, width) == (0, 93)  # all
            continue
        assert int(title[4]) == width
        own = width - sum(w for x, w, row, _ in everything if row == y + 16 and left <= x < left + width)
        below = [t for x, w, row, t in everything if x <= left and left + width <= x + w and row < y]
        below = sorted((t for t in below if t), key=lambda t: next(b[2] for b in everything if b[3] is t))
        stack = [((t[2], t[1]), int(t[3])) for t in (*below, title)]
        rows.append((stack, own))
    profile = read_profile(path)
    naive(rows).check(profile)
    assert (profile.tool, profile.unit, profile.total) == ("py-spy", Unit.SAMPLES, 93)


def test_flame_graph_that_grows_upwards_in_pixels(read_bytes) -> None:
    """As flamegraph.pl and old inferno draw: the root at the bottom, no widths in samples."""

    def box(title: str, x: float, y: int, width: float) -> str:
        return f'<g ><title>{title}</title><rect x="{x}" y="{y}" width="{width}" height="15.0" fill="rgb(1,2,3)" /></g>'

    drawn = "\n".join(
        (
            '<svg version="1.1" width="1200" height="100"><!-- Flame graph stack visualization. See .. -->',
            box("all (1,000 samples, 100%)", 10.0, 60, 1180.0),
            box("main (a.py:9) (1,000 samples, 100.00%)", 10.0, 44, 1180.0),
            box("f (a.py:3) (600 samples, 60.00%)", 10.0, 28, 708.0),
            box("&lt;lambda&gt; (a.py:4) (300 samples, 30.00%)", 718.0, 28, 354.0),
        )
    )
    profile = read_bytes(drawn.encode())
    found = {(c.frame.name, c.own, c.cumulative) for c in profile.functions}
    assert found == {("main", 100, 1000), ("f", 600, 600), ("<lambda>", 300, 300)}


@pytest.mark.parametrize("rows", [(60, 60), (60, 28, 44)], ids=["beside the root", "on nothing"])
def test_rectangles_that_are_no_tree(read_bytes, rows: tuple[int, ...]) -> None:
    boxes = "".join(
        f'<title>f{i} (a.py:{i + 1}) ({9 - i} samples, 9%)</title><rect x="{i}" width="{9 - i}" y="{y}">'
        for i, y in enumerate(rows)
    )
    with pytest.raises(ProfileError, match="stands on no other"):
        read_bytes(f"<svg><!-- Flame graph stack visualization. -->{boxes}</svg>".encode())


@pytest.mark.parametrize("cut", [20_000, 60_000])
def test_cut_off_flame_graph_has_no_more_than_its_root(profiles: Path, read_bytes, cut: int) -> None:
    data = (profiles / "pyspy-flamegraph.svg").read_bytes()
    try:
        profile = read_bytes(data[:cut])
    except ProfileError:
        return
    assert profile.total <= 93
