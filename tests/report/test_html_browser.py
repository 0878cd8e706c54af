"""The page in a real browser: nothing on the console, filters, links and keys work, at every width and in the dark."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from browsing import MISSING, Browser

from perf_advise.model.options import Options
from perf_advise.model.profile import CallEdge, Frame, FunctionCost, Profile, Unit
from perf_advise.model.report import Report
from perf_advise.report import render_all

pytestmark = [pytest.mark.once, pytest.mark.skipif(bool(MISSING), reason=MISSING)]

SHOWN = "return [...document.querySelectorAll('article:not(.hidden)')].map(a => a.querySelector('.code-of-rule').textContent)"
FOCUSED = "return document.activeElement.textContent"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    window = Browser(tmp_path_factory.mktemp("chromium"))
    yield window
    window.close()


@pytest.fixture
def called(report: Report) -> Report:
    """The report with calls: the program runs both functions, and a C function besides."""
    module, native = Frame("sim.py", "<module>", 1), Frame("~", "<built-in method time.sleep>")
    energy, pick = Frame("src/grid.py", "energy", 7), Frame("src/grid.py", "pick", 15)
    functions = (
        FunctionCost(module, 0.4, 12.4),
        FunctionCost(energy, 5.1, 5.1),
        FunctionCost(pick, 3.1, 3.2),
        FunctionCost(native, 3.7, 3.7),
    )
    edges = (CallEdge(module, energy, 5.1), CallEdge(module, pick, 3.2), CallEdge(module, native, 3.7))
    hot = report.hot_functions
    named = (replace(hot[0], frames=(energy,)), replace(hot[1], frames=(pick,)), hot[2])
    profile = Profile("cProfile / pstats", Unit.SECONDS, 12.4, functions, edges, 12.4, command="python sim.py")
    return replace(report, profile=profile, hot_functions=named)


@pytest.fixture
def page(called: Report, browser: Browser, tmp_path: Path) -> Browser:
    path = tmp_path / "a report.html"
    path.write_text(render_all([called], [Options(root=tmp_path, output_format="html")]), "utf-8")
    browser.complaints()
    browser.resize(1280)
    browser.prefer("light")
    browser.open(path.as_uri())
    return browser


@pytest.mark.parametrize("width", [360, 1280, 2560])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_renders_without_complaint_and_fits(page: Browser, width: int, scheme: str) -> None:
    page.resize(width)
    page.prefer(scheme)
    page.run("location.reload()")
    assert page.run("return document.querySelector('h1').textContent") == "python sim.py"
    assert page.run("return document.documentElement.scrollWidth") == width
    light = page.run("return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every(part => part > 127)")
    assert light == (scheme == "light")
    assert page.complaints() == []


def test_the_console_is_heard(page: Browser) -> None:
    page.run("console.error('broken')")
    assert "broken" in page.complaints()[0]


def test_it_asks_nothing_of_a_network(page: Browser) -> None:
    assert page.run("return performance.getEntriesByType('resource').map(entry => entry.name)") == []
    blocked = page.run("return fetch('http://127.0.0.1:9/').then(() => 'came', error => 'refused')")
    assert blocked == "refused"
    assert "Content Security Policy" in " ".join(page.complaints())


def test_filters_leave_what_fits(page: Browser) -> None:
    assert page.run(SHOWN) == ["PA104", "PA501"]
    page.run("document.querySelector('[name=kind]').value = 'safe'")
    page.run("document.querySelector('[name=kind]').dispatchEvent(new Event('input', {bubbles: true}))")
    assert page.run(SHOWN) == ["PA501"]
    assert page.run("return document.querySelector('output').value") == "1 of 2"
    assert page.run("return document.querySelector('#function-1').checkVisibility()") is False
    page.run("document.querySelector('.filters').reset()")
    page.type(".filters [name=text]", "energy np.vdot")
    assert page.run(SHOWN) == ["PA104"]


def test_links_go_where_they_say(page: Browser) -> None:
    targets = page.run("return [...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href'))")
    assert len(targets) > 5
    assert page.run("return arguments[0].filter(t => !document.querySelector(t))", targets) == []
    page.click(".bars li:nth-child(2) a")
    assert page.run("return location.hash") == "#function-2"
    page.click("article .code-of-rule")
    assert page.run("return document.querySelector('#rule-PA104').open") is True


def test_refusals_open_on_demand(page: Browser) -> None:
    visible = "return document.querySelector('.refusals').checkVisibility({checkVisibilityCSS: true})"
    hidden = page.run("return document.querySelector('.refused').open")
    page.click(".refused summary")
    assert (hidden, page.run("return document.querySelector('.refused').open")) == (False, True)
    assert page.run(visible) is True


def test_advised_functions_stand_out_in_the_graph_and_lead_to_their_advice(page: Browser) -> None:
    advised = "return [...document.querySelectorAll('#flame > .advised')].map(box => box.textContent)"
    assert page.run(advised) == ["pick", "Grid.energy"] or page.run(advised) == ["Grid.energy", "pick"]
    widths = page.run(
        "return Object.fromEntries([...document.querySelectorAll('#flame > div')].map(b => [b.textContent, b.style.width]))"
    )
    assert abs(float(widths["Grid.energy"].rstrip("%")) - 5.1 / 12.4 * 100) < 0.1
    page.click("#flame > .advised")
    page.click("#flame-detail a")
    assert page.run("return location.hash").startswith("#function-")


def test_the_graph_is_walked_and_zoomed_with_keys(page: Browser) -> None:
    page.run("document.querySelector('#flame [tabindex=\"0\"]').focus()")
    walked = [page.run(FOCUSED)]
    for key in ("Down", "Right", "Right", "Left", "Enter"):
        page.press(key)
        walked.append(page.run(FOCUSED))
    sleep = "<built-in method time.sleep>"
    assert walked == ["<module>", "Grid.energy", sleep, "pick", sleep, sleep]
    assert page.run("return document.activeElement.style.width") == "100%"
    page.press("Escape")
    assert page.run("return document.querySelectorAll('#flame > div').length") == 4
    assert "30 %" in page.run(f"return document.querySelector('[aria-label^=\"{sleep}\"]').getAttribute('aria-label')")


def test_searching_the_graph_says_how_much_it_found(page: Browser) -> None:
    page.type("#flame-search", "grid.py")
    assert page.run("return document.querySelectorAll('#flame > .found').length") == 2
    assert (
        page.run("return document.querySelector('#flame-detail').textContent") == "2 boxes, 67 % of the program, 8.3 s"
    )


def test_everything_that_acts_has_a_name(page: Browser) -> None:
    tree = page.tell("Accessibility.getFullAXTree")["nodes"]
    acting = {"button", "link", "searchbox", "combobox", "treeitem", "tree", "img", "DisclosureTriangle"}
    nodes = [node for node in tree if node.get("role", {}).get("value") in acting and not node.get("ignored")]
    assert len(nodes) > 15
    assert [node for node in nodes if not node.get("name", {}).get("value", "").strip()] == []


def test_the_theme_can_be_chosen(page: Browser) -> None:
    page.click("#theme")
    dark = "return getComputedStyle(document.body).backgroundColor"
    assert page.run(dark) == "rgb(22, 23, 26)"
    page.click("#theme")
    assert page.run(dark) == "rgb(246, 245, 242)"


def test_paper_shows_what_is_folded_up(page: Browser) -> None:
    page.run(
        "window.seen = []; addEventListener('beforeprint', () => seen.push(document.querySelector('.refused').open))"
    )
    assert len(page.tell("Page.printToPDF")["data"]) > 10_000
    assert page.run("return [seen, document.querySelector('.refused').open]") == [[True], False]
