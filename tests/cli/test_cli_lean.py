"""libcst as the command line loads it: lean nodes that read and write text as the whole ones do."""

import subprocess
import sys
from pathlib import Path

SAME = """
import sys
from pathlib import Path
from perf_advise.cli.lean import load_libcst
if sys.argv[1] == "lean":
    load_libcst()
import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider
text = Path(sys.argv[2]).read_text("utf-8")
tree = cst.parse_module(text)
assert tree.code == text
node = tree.body[0]
changed = tree.with_changes(body=[node.with_changes(leading_lines=())])
places = MetadataWrapper(tree).resolve(PositionProvider)
print(type(node).__dataclass_params__.frozen, node == node, node == node.deep_clone(), hash(node) == hash(node))
print(len({node, node.deep_clone()}), tree.deep_equals(tree.deep_clone()), repr(cst.Name("x"))[:40])
print(changed.code, sorted(map(repr, places.values()))[:50], CodeRange((1, 0), (1, 2)) == CodeRange((1, 0), (1, 2)))
"""


def _said(how: str) -> list[str]:
    command = [sys.executable, "-c", SAME, how, str(Path(__file__))]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n", 1)


def test_lean_nodes_do_what_whole_ones_do() -> None:
    (lean_nodes, lean_rest), (whole_nodes, whole_rest) = _said("lean"), _said("whole")
    assert lean_rest == whole_rest
    assert lean_nodes.split()[1:] == whole_nodes.split()[1:]
    assert (lean_nodes.split()[0], whole_nodes.split()[0]) == ("False", "True")


def test_other_dataclasses_and_a_libcst_that_is_loaded_stay_as_they_are() -> None:
    code = """
import dataclasses, libcst
from perf_advise.cli.lean import load_libcst
load_libcst()
assert dataclasses.dataclass is before
assert libcst.Name.__dataclass_params__.frozen
"""
    subprocess.run([sys.executable, "-c", f"import dataclasses\nbefore = dataclasses.dataclass\n{code}"], check=True)


def test_what_follows_gets_the_dataclass_of_python() -> None:
    code = """
import dataclasses
before = dataclasses.dataclass
from perf_advise.cli.lean import load_libcst
load_libcst()
assert dataclasses.dataclass is before
from perf_advise.model.places import Span
assert Span(1, 2) == Span(1, 2) and Span.__dataclass_params__.frozen
"""
    subprocess.run([sys.executable, "-c", code], check=True)
