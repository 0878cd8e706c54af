"""A program, run once with the keeper, and its functions proved against rewrites."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from perf_advise.model.finding import Edit, Fix
from perf_advise.model.places import Span
from perf_advise.model.proof import Proof
from perf_advise.model.recording import Recording
from perf_advise.model.rule import Applicability
from perf_advise.proof.command import keep_calls
from perf_advise.proof.job import Limits, Tolerance
from perf_advise.proof.replay import prove

QUICK = Limits(timing=False)


def fix_of(path: Path, text: str, old: str, new: str) -> Fix:
    """One edit."""
    start = text.index(old)
    return Fix(Applicability.UNSAFE, "", (Edit(path, Span(start, start + len(old)), old, new),))


@dataclass
class Program:
    """A project folder whose calls were kept."""

    root: Path
    recordings: tuple[Recording, ...]
    output: str = ""

    def prove(
        self,
        qualname: str,
        old: str,
        new: str,
        *,
        file: str = "app.py",
        limits: Limits = QUICK,
        tolerance: Tolerance | None = None,
    ) -> Proof:
        """The proof for a function in whose text `old` is replaced by `new`."""
        path = self.root / file
        text = path.read_text("utf-8")
        name = qualname.partition(".<locals>")[0].rpartition(".")[2]
        start = text.index(f"def {name}(")
        before, rest = text[:start], text[start:]
        assert old in rest, f"{old!r} is not in {qualname}"
        rewritten = before + rest.replace(old, new, 1)
        return prove(
            path, qualname, fix_of(path, text, old, new), text, rewritten, self.recordings, "", limits, tolerance
        )

    def prove_text(self, qualname: str, new: str, *, file: str = "app.py") -> Proof:
        """The proof for a function when the whole file is rewritten to `new`."""
        path = self.root / file
        text = path.read_text("utf-8")
        return prove(path, qualname, fix_of(path, text, text, new), text, new, self.recordings, limits=QUICK)

    def recording(self, qualname: str) -> Recording:
        """What was kept of a function."""
        return next(r for r in self.recordings if r.qualname == qualname)


@pytest.fixture(autouse=True, scope="session")
def own_key(tmp_path_factory):
    """A key of this test run, not the developer's."""
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def run_program(own_key, tmp_path_factory):
    """`run_program({"app.py": source}, ["f", "A.m"])`: runs `python app.py` and keeps calls of these functions."""

    def run(files, functions, *, arguments=("app.py",), python=sys.executable, owner="app.py"):
        root = tmp_path_factory.mktemp("program")
        for name, source in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(source, "utf-8")
        patch = pytest.MonkeyPatch()
        patch.chdir(root)
        try:
            kept = keep_calls([str(python), *arguments], [(root / owner, name) for name in functions], root)
        finally:
            patch.undo()
        return Program(root, kept.recordings), kept.finished.exit_code

    return run
