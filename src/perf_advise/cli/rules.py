"""`perf-advise rules`: the list; the tests of a pack; the benches; the index."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer

from perf_advise.catalog import benching, index
from perf_advise.catalog.loading import LoadedRule, built_in_folder, load_pack, load_rules
from perf_advise.catalog.ratios import load_ratios
from perf_advise.catalog.validation import problems
from perf_advise.cli.configuration import configured
from perf_advise.cli.output import say, show
from perf_advise.engine.examples import example_problems
from perf_advise.model.errors import UserError
from perf_advise.proof.agent.comparing import is_same
from perf_advise.report.figures import counted
from perf_advise.report.rule_pages import list_json, list_lines
from perf_advise.report.screen import screen_for


def command(
    rules: Annotated[list[Path] | None, typer.Option(metavar="FOLDER", help="A folder of rules of your own.")] = None,
    output_format: Annotated[
        Literal["text", "json"], typer.Option(metavar="FORMAT", help="text or json. [text]", show_default=False)
    ] = "text",
    test: Annotated[Path | None, typer.Option(metavar="PATH", help="Run the examples of a pack or a rule.")] = None,
    bench: Annotated[
        bool, typer.Option("--bench", help="Measure every rule and store the ratios; with --test: print those of PATH.")
    ] = False,
    python: Annotated[
        list[Path] | None, typer.Option(metavar="PATH", help="Interpreters to measure on. [this one]")
    ] = None,
    index_file: Annotated[
        Path | None, typer.Option("--index", metavar="FILE", help="Put the index of the rules into a Markdown file.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="With --index: write nothing, exit 1 if it is stale.")] = False,
) -> int:
    """The rules that run here: the built-in ones and those of the configuration."""
    if test is not None:
        return _test(test, (python or [Path(sys.executable)]) if bench else ())
    options = configured(rules)
    loaded = load_rules(options.rules)
    if bench:
        return _bench(loaded, python or [Path(sys.executable)])
    if index_file is not None:
        fresh = index.update(index_file, index.index(loaded, load_ratios(built_in_folder())), check)
        return 1 if check and not fresh else 0
    if output_format == "json":
        print(list_json(loaded), end="")
        return 0
    screen = screen_for(options)
    show(list_lines(loaded, screen.text_width), screen)
    return 0


def _test(path: Path, pythons: Iterable[Path]) -> int:
    folder = path if path.is_dir() else path.parent
    if not path.exists():
        raise UserError(f"there is no {path}", "name a rule file or a folder of rules")
    pack = [
        r for r in load_pack(folder.resolve(), "perf_advise_tested_rules") if path.is_dir() or r.path.samefile(path)
    ]
    found = [problem for rule in pack for problem in _problems(rule)]
    say(found or [f"{counted(len(pack), 'rule')}, {counted(sum(map(_examples, pack)), 'example')}: all as they say"])
    benching.bench_rules(pack, pythons, _say_row)
    return 1 if found or not pack else 0


def _problems(rule: LoadedRule) -> Iterable[str]:
    return (*problems(rule), *example_problems(rule, is_same))


def _examples(rule: LoadedRule) -> int:
    return len(rule.rule.examples) + len(rule.rule.silent)


def _bench(rules: Iterable[LoadedRule], pythons: Iterable[Path]) -> int:
    """The ratios of the built-in rules are stored beside them; those of a user's own rules are only said."""
    loaded, folder = tuple(rules), built_in_folder()
    table = benching.bench_rules(loaded, pythons, _say_row)
    built_in = {rule.rule.code for rule in loaded if rule.path.is_relative_to(folder)}
    say([f"stored in {benching.store(folder, {code: row for code, row in table.items() if code in built_in})}"])
    return 0


def _say_row(code: str, version: str, ratios: Mapping[str, float]) -> None:
    say([f"{code}  {version}  " + "  ".join(f"{size}: {ratio:g}x" for size, ratio in ratios.items())])
