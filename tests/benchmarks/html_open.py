"""How long an HTML report of a program with 20,000 frames takes to open in headless Chromium.

    python tests/benchmarks/html_open.py [frames]

Prints the size of the page, milliseconds from the start of loading until the graph is drawn, and how many boxes that is.
"""

import sys
import tempfile
from pathlib import Path
from random import Random

from perf_advise.model.options import Options
from perf_advise.model.profile import CallEdge, Frame, FunctionCost, Profile, Unit
from perf_advise.model.report import Report
from perf_advise.report import render_all

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from browsing import MISSING, Browser

LOADED = "const [page] = performance.getEntriesByType('navigation'); return [page.domContentLoadedEventEnd, page.loadEventEnd]"
PAINTED = "return (performance.getEntriesByName('first-contentful-paint')[0] || {}).startTime"


def program(frames: int) -> Profile:
    """A tree of calls, each function with up to four callees."""
    chance = Random(7)
    own = [chance.expovariate(1.0) for _ in range(frames)]
    cumulative = own[:]
    parents = [max(0, (number - 1) // 4) for number in range(frames)]
    for number in range(frames - 1, 0, -1):
        cumulative[parents[number]] += cumulative[number]
    names = [Frame(f"package/module_{number % 300}.py", f"function_{number}", number) for number in range(frames)]
    costs = tuple(map(FunctionCost, names, own, cumulative))
    edges = tuple(CallEdge(names[parents[n]], names[n], cumulative[n]) for n in range(1, frames))
    return Profile("benchmark", Unit.SECONDS, cumulative[0], costs, edges, command="python large.py")


def main() -> None:
    if MISSING:
        raise SystemExit(MISSING)
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "report.html"
        report = Report(scratch, program(frames), (), ())
        path.write_text(render_all([report], [Options(root=Path(scratch), output_format="html")]), "utf-8")
        browser = Browser(Path(scratch) / "browser")
        try:
            for _ in range(5):
                browser.open(path.as_uri())
                ready, loaded = browser.run(LOADED)
                boxes = browser.run("return document.querySelectorAll('#flame > div').length")
                known = browser.run("return JSON.parse(document.getElementById('flame-data').textContent).boxes.length")
                painted = browser.run(PAINTED)
                print(f"{frames:,} frames, {path.stat().st_size / 1e6:.1f} MB, {known:,} boxes, {boxes:,} drawn: "
                      f"ready {ready:.0f} ms, loaded {loaded:.0f} ms, painted {painted or 0:.0f} ms")  # fmt: skip
        finally:
            browser.close()


if __name__ == "__main__":
    main()
