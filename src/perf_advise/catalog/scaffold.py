"""A new rule to fill in: the file with all its parts, and a test that fails until they are right."""

import re
from pathlib import Path

from perf_advise.model.errors import UserError

_RULE = '''"""{summary}.

## What it does
Say which code it finds and what it writes instead.

## Why it is slow
Say what the slow shape costs, with its complexity.

## When it is not the same
Name every case in which the new code may answer otherwise, and the guard that excludes it.

## When it is not faster
Name the shape and size where it loses.

## References
Name the documentation, measurement or discussion that this rests on.
"""

from perf_advise.rulekit import Bench, Example, Rule, Silent

RULE = Rule(
    code="{code}",
    name="{name}",
    message="{message}",
    cure="say in the imperative what the fix does",
    # `$x` is any expression; a name is what it means: here the builtin `sorted`.
    pattern="sorted($x)[0]",
    template="min($x)",
    where={{"x": "list"}},
    examples=(
        Example(
            before="def f(xs: list[int]) -> int:\\n    return sorted(xs)[0]\\n",
            after="def f(xs: list[int]) -> int:\\n    ...  # write here what the fix must give\\n",
            calls=("f([3, 1, 2])",),
            generated={{"xs": "list[int]"}},
        ),
    ),
    silent=(Silent("def f(xs):\\n    return sorted(xs)[0]\\n", why="xs may be of any type"),),
    bench=Bench(
        setup="xs = list(range(n, 0, -1))",
        before="sorted(xs)[0]",
        after="min(xs)",
        sizes=(10, 1000, 100_000),
        losing="xs = list(range(n))",
    ),
)
'''

_TEST = '''"""The rule {name}: fails until its examples, messages and headings are right."""

import subprocess
import sys
from pathlib import Path

PACK = Path(__file__).parent


def test_{module}() -> None:
    command = [sys.executable, "-m", "perf_advise", "rules", "--test", str(PACK / "{module}.py")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
'''

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


def new_rule(name: str, folder: Path, code: str) -> tuple[Path, Path]:
    """Write the rule and its failing test; the two paths. Raises UserError for a bad name or a file that exists."""
    if not _NAME.fullmatch(name):
        raise UserError(f"{name!r} is not a rule name", "name the costly shape in kebab-case: sort-for-minimum")
    module = name.replace("-", "_")
    rule, test = folder / f"{module}.py", folder / f"test_{module}.py"
    for path in (rule, test):
        if path.exists():
            raise UserError(f"{path} exists", "choose another name or folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        words = name.replace("-", " ")
        text = _RULE.format(summary=words.capitalize(), code=code, name=name, message=words)
        rule.write_text(text, "utf-8")
        test.write_text(_TEST.format(name=name, module=module), "utf-8")
    except OSError as error:
        raise UserError(f"{folder} cannot be written ({error.strerror})", "name another folder") from error
    return rule, test
