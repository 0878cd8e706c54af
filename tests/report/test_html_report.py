"""The page as a text: what is on it, that nothing breaks out of it, and the tree of calls that the graph draws."""

import json
import re
from collections import defaultdict
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perf_advise.model.options import Options
from perf_advise.model.profile import CallEdge, Frame, FunctionCost, Profile, Unit
from perf_advise.model.proof import Counterexample, Proof, Speedup, Verdict
from perf_advise.model.report import Report
from perf_advise.profiles.loading import load
from perf_advise.report import render_all
from perf_advise.report.html_report.flame import CallTree, call_tree
from perf_advise.report.html_report.highlighting import highlighted
from perf_advise.report.html_report.markup import Html, element

PROFILES = Path(__file__).parents[2] / "fixtures" / "profiles"
_VOID = {"meta", "input", "br", "link"}


def page(report: Report, no_profile: bool = False) -> str:
    return render_all([report], [Options(root=Path(report.root), output_format="html", no_profile=no_profile)])


class Outline(HTMLParser):
    """Elements as they close, and everything between them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.words: dict[str, list[str]] = defaultdict(list)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src"):
                self.addresses.append(value or "")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.words[self.open[-1] if self.open else ""].append(data)


def outline(text: str) -> Outline:
    found = Outline()
    found.feed(text)
    return found


def test_the_page_is_sound_html(report: Report) -> None:
    found = outline(page(report))
    assert (found.wrong, found.open) == ([], [])
    assert len(found.ids) == len(set(found.ids)) > 5


def test_it_stands_alone(report: Report) -> None:
    text = page(report)
    assert {re.split("[:#]", address)[0] for address in outline(text).addresses} <= {"", "file", "data"}
    assert not re.search(r"@import|url\(|https?://(?!www\.w3)", text.split("<body>")[0])


def test_what_is_on_it(report: Report) -> None:
    text = re.sub(r"<[^>]+>", " ", page(report))
    shown = " ".join(text.split())
    for part in (
        "python sim.py --steps 200",
        "nested loop adds array elements one at a time",
        "proved: same up to 2 ulp on 24 calls, 31x faster (29-33)",
        "order of addition",
        "names may be changed by the loop",
        "most of its time is waiting",
        "about 4.9 s",
    ):
        assert part in shown


def test_nothing_in_the_program_breaks_out_of_the_page(report: Report) -> None:
    bad = "</script><script>alert(1)</script><!--\"'&"
    finding = replace(report.findings[0], message=bad, note=bad)
    frame = FunctionCost(Frame(bad, bad, 1), 12.4, 12.4)
    profile = replace(report.profile, command=bad, functions=(frame,))
    text = page(replace(report, findings=(finding,), profile=profile, warnings=(bad,)))
    found = outline(text)
    assert (found.wrong, found.open) == ([], [])
    assert "<script>alert" not in text
    assert bad in found.words["h1"]
    data = re.search(r'id="flame-data">(.*?)</script>', text, re.S)
    assert json.loads(data[1])["frames"][0][0] == bad


def test_a_refuted_fix_shows_the_call_that_refutes_it_and_no_scale(report: Report) -> None:
    example = Counterexample("pick(['a'], [['a']])", "[]", "TypeError")
    refuted = Proof(Verdict.DIFFERENT, 4, counterexample=example, speedup=Speedup(2, 1, 3))
    text = page(replace(report, findings=(replace(report.findings[1], proof=refuted),)))
    assert "now gives" in text and 'class="scale"' not in text
    assert 'class="scale"' in page(report)


def test_without_a_profile_there_is_no_graph_and_no_share(report: Report) -> None:
    text = page(replace(report, profile=None), no_profile=True)
    assert 'id="flame"' not in text and 'class="share"' not in text
    assert "nested loop adds" in text and "2 functions" not in text and "3 functions" in text
    assert 'id="function-1"' in text and 'id="function-3"' not in text  # of `load` nothing is said
    assert 'class="pair"' not in text


def test_several_projects_keep_their_shares(report: Report) -> None:
    options = Options(root=Path(report.root), output_format="html")
    text = render_all([report, report], [options, options])
    assert "<h1>several projects</h1>" in text and 'class="pair"' in text and 'id="flame"' not in text


def test_applied_fixes_count_as_done(report: Report) -> None:
    done = replace(report, findings=report.findings[1:], applied=report.findings[:1])
    text = " ".join(re.sub(r"<[^>]+>", " ", page(done)).split())
    assert "with 1 fix applied about 7.6 s perf-advise undo" in text
    assert "with 1 fix that --fix applies about 4.9 s" in text
    assert "5.1 s (41 %) → 284 ms (2 %)" in text


def test_bars_tell_what_is_left_after_the_fixes(report: Report) -> None:
    widths = re.findall(r'class="(now|after)" style="width:([\d.]+)%"', page(report))
    now = 0.41
    after = now - 0.4 * (1 - 1 / 31)
    assert widths[0] == ("now", "100.00")
    assert widths[1][0] == "after" and abs(float(widths[1][1]) - after / now * 100) < 0.1
    assert [kind for kind, _ in widths] == ["now", "after", "now", "after", "now"]


@given(st.text("ab1 '\"#=()\\ \t\u00e9", max_size=40))
def test_highlighting_changes_no_character(text: str) -> None:
    assert re.sub(r"<[^>]+>", "", highlighted(text)) == re.sub(r"<[^>]+>", "", element("i", text))


def test_highlighting_marks_words() -> None:
    assert highlighted("if x: # no") == '<span class="t-keyword">if</span> x: <span class="t-comment"># no</span>'
    assert "t-string" in highlighted("f'if'") and "t-keyword" not in highlighted("f'if'")
    assert highlighted("len") == Html('<span class="t-builtin">len</span>')


# -- the tree of calls --------------------------------------------------------------------------------------------


def profile_of(costs: dict[str, tuple[float, float]], calls: dict[tuple[str, str], float], total: float) -> Profile:
    functions = tuple(FunctionCost(Frame("m.py", name, 1), *cost) for name, cost in costs.items())
    edges = tuple(CallEdge(Frame("m.py", a, 1), Frame("m.py", b, 1), weight) for (a, b), weight in calls.items())
    return Profile("test", Unit.SECONDS, total, functions, edges)


def paths(tree: CallTree) -> dict[str, float]:
    """`a/b/c` to weight."""
    names: list[str] = []
    for node in tree.nodes:
        names.append((f"{names[node.parent]}/" if node.parent >= 0 else "") + node.frame.name)
    return {name: round(node.weight, 6) for name, node in zip(names, tree.nodes, strict=True)}


def test_one_caller_each_is_drawn_as_it_was() -> None:
    profile = profile_of(
        {"a": (1, 10), "b": (2, 6), "c": (3, 3), "d": (4, 4)}, {("a", "b"): 6, ("a", "c"): 3, ("b", "d"): 4}, 10
    )
    tree = call_tree(profile)
    assert paths(tree) == {"a": 10, "a/b": 6, "a/b/d": 4, "a/c": 3}
    assert not tree.shared


def test_what_two_callers_share_is_split_by_what_each_brought_and_said() -> None:
    costs = {"a": (0, 10), "b": (0, 6), "c": (0, 4), "f": (5, 10), "g": (5, 5)}
    tree = call_tree(profile_of(costs, {("a", "b"): 6, ("a", "c"): 4, ("b", "f"): 6, ("c", "f"): 4, ("f", "g"): 5}, 10))
    assert paths(tree)["a/b/f/g"] == 3 and paths(tree)["a/c/f/g"] == 2
    assert tree.shared


def test_recursion_stays_in_the_box_above() -> None:
    costs = {"main": (0, 10), "even": (5, 10), "odd": (5, 9)}
    calls = {("main", "even"): 10, ("even", "odd"): 9, ("odd", "even"): 8, ("even", "even"): 3}
    assert paths(call_tree(profile_of(costs, calls, 10))) == {"main": 10, "main/even": 10, "main/even/odd": 6.428571}


def test_a_ring_that_nothing_leads_to_is_drawn_once() -> None:
    tree = call_tree(profile_of({"a": (1, 4), "b": (3, 4)}, {("a", "b"): 4, ("b", "a"): 4}, 4))
    assert len(paths(tree)) == 2


def test_a_profile_without_calls_is_drawn_side_by_side() -> None:
    assert paths(call_tree(profile_of({"a": (1, 1), "b": (3, 3)}, {}, 4))) == {"b": 3, "a": 1}


def test_the_heaviest_boxes_come_first_where_there_are_too_many() -> None:
    costs = {f"f{i}": (float(i), float(i)) for i in range(1, 101)}
    tree = call_tree(profile_of(costs, {}, 5050), most=10)
    assert [node.frame.name for node in tree.nodes] == [f"f{i}" for i in range(100, 90, -1)]
    assert tree.left_out == 90


_NAMES = st.sampled_from("abcdefgh")
_WEIGHTS = st.floats(0, 1e6, allow_nan=False)


@given(
    st.dictionaries(_NAMES, st.tuples(_WEIGHTS, _WEIGHTS), min_size=1),
    st.dictionaries(st.tuples(_NAMES, _NAMES), _WEIGHTS, max_size=30),
    _WEIGHTS,
)
def test_whatever_the_profile_says_no_box_is_wider_than_the_one_above(
    costs: dict[str, tuple[float, float]], calls: dict[tuple[str, str], float], total: float
) -> None:
    tree = call_tree(profile_of(costs, calls, total), most=500)
    below: dict[int, float] = defaultdict(float)
    for number, node in enumerate(tree.nodes):
        assert node.parent < number and node.weight >= 0
        below[node.parent] += node.weight
    for parent, weight in below.items():
        room = tree.nodes[parent].weight if parent >= 0 else tree.total
        assert weight <= room * (1 + 1e-9)


@pytest.mark.parametrize("name", ["cprofile.prof", "pyspy-raw.txt", "pyinstrument.json", "kernprof.lprof", "callgrind"])
def test_profiles_of_real_tools_make_a_tree_that_holds_their_time(name: str) -> None:
    found = PROFILES / (name if name != "callgrind" else "yappi-wall.callgrind")
    profile = load([found]).time
    tree = call_tree(profile)
    roots = sum(node.weight for node in tree.nodes if node.parent < 0)
    assert 0.5 * profile.total < roots <= tree.total * (1 + 1e-9)
