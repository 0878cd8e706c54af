"""The example pack in `fixtures/user_rules`, and the way through rules/README.md to a rule of one's own."""

import shutil
from pathlib import Path

import pytest

from perf_advise.catalog import benching
from perf_advise.gate import main

PACK = Path(__file__).parents[2] / "fixtures" / "user_rules"
APP = """import random


def draw(d: dict[str, int], word: str) -> list[str]:
    drawn = [word == "".join(reversed(word))]
    for _ in range(9):
        drawn.append(random.choice(list(d)))
    return drawn
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text('[tool.perf-advise]\nrules = ["perf_rules"]\n')
    (tmp_path / "app.py").write_text(APP)
    shutil.copytree(PACK, tmp_path / "perf_rules")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_pack_does_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--test", str(PACK)]) == 0
    assert capsys.readouterr().out == "3 rules, 10 examples: all as they say\n"


def test_a_rule_that_forgets_a_need_fails_its_silent_examples(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = project / "perf_rules" / "keys_listed_per_draw.py"
    text = rule.read_text()
    need = 'needs.is_invariant(view, bound["keys"], loops[0]),'
    assert need in text
    rule.write_text(text.replace(need, ""))
    assert main(["rules", "--test", "perf_rules"]) == 1
    out = capsys.readouterr().out
    assert "TEAM002 silent example 1" in out
    assert "should be silent: the loop changes the dict" in out


def test_a_project_uses_the_pack(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--no-profile", "--select", "TEAM", "--fix", "app.py"])
    fixed = (project / "app.py").read_text()
    assert "word == word[::-1]" in fixed
    assert "    d_keys = list(d)\n    for _ in range(9):\n        drawn.append(random.choice(d_keys))\n" in fixed


def test_the_way_through_the_readme(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["new-rule", "sort-for-minimum", "--folder", "mine"])
    capsys.readouterr()
    assert main(["rules", "--test", "mine"]) == 1
    assert capsys.readouterr().out.startswith("MY001 example 1: the fix gives\n")
    text = (project / "mine" / "sort_for_minimum.py").read_text()
    filled = project / "filled" / "sort_for_minimum.py"
    filled.parent.mkdir()
    filled.write_text(text.replace("...  # write here what the fix must give", "return min(xs)"))
    assert main(["rules", "--test", "filled"]) == 0
    assert capsys.readouterr().out == "1 rule, 2 examples: all as they say\n"


def test_the_bench_of_one_rule_is_printed_and_not_stored(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--test", "perf_rules/text_reversed_by_join.py", "--bench"]) == 0
    out = capsys.readouterr().out
    assert "TEAM001" in out
    assert not (project / "perf_rules" / "_ratios.json").exists()


def test_only_ratios_of_built_in_rules_are_stored_beside_them(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stored: dict[str, object] = {}
    rows = {"TEAM001": {"3.11": {"1": 2.0}}, "PA501": {"3.11": {"1": 3.0}}}
    monkeypatch.setattr(benching, "bench_rules", lambda rules, pythons, report: rows)
    monkeypatch.setattr(benching, "store", lambda folder, table: stored.update(table) or folder)
    assert main(["rules", "--bench"]) == 0
    assert list(stored) == ["PA501"]
