"""What a proof is about: change any of it, and the proof no longer counts."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from perf_advise.hotspots.fingerprint import lines_hash
from perf_advise.model.finding import Fix
from perf_advise.model.recording import Recording
from perf_advise.proof.changes import find_function
from perf_advise.proof.job import replayed_qualname
from perf_advise.recording.calls import KeptCall, kept_calls


@dataclass(frozen=True, slots=True)
class ProofKey:
    """`path` is relative to the project; hashes are of the function's text, the fix and the kept calls.

    `calls` is empty where the calls are not at hand (the hook, another machine): any calls will do then.
    `packages` are the versions of the recorded run.
    """

    path: str
    qualname: str
    function: str
    fix: str
    calls: str = ""
    python: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)

    def accepts(self, stored: "ProofKey") -> bool:
        """Whether a stored proof with that key answers for this one."""
        mine = (self.path, self.qualname, self.function, self.fix, self.python)
        if mine != (stored.path, stored.qualname, stored.function, stored.fix, stored.python):
            return False
        if self.calls and self.calls != stored.calls:
            return False
        shared = set(self.packages) & set(stored.packages)
        return all(self.packages[name] == stored.packages[name] for name in shared)


def proof_key(
    root: Path,
    path: Path,
    qualname: str,
    text: str,
    fix: Fix,
    python: str,
    packages: Mapping[str, str],
    recordings: Sequence[Recording] = (),
) -> ProofKey:
    """The key of a fix in a function of a file that says `text`. Raises UserError for calls the user did not sign."""
    name = replayed_qualname(qualname)
    return ProofKey(
        path=_relative(path, root),
        qualname=name,
        function=function_hash(text, name),
        fix=fix_hash(fix),
        calls=calls_hash(path, name, recordings),
        python=python,
        packages=dict(sorted(packages.items())),
    )


def _relative(path: Path, root: Path) -> str:
    return Path(os.path.relpath(os.path.realpath(path), os.path.realpath(root))).as_posix()


def function_hash(text: str, qualname: str) -> str:
    """The hash of a function's text, decorators included; empty when it is not there exactly once."""
    try:
        function = find_function(text, qualname)
    except SyntaxError:
        return ""
    if function is None:
        return ""
    first = min(function.lineno, *(d.lineno for d in function.decorator_list), function.lineno)
    return lines_hash(text, first, function.end_lineno or function.lineno)


def fix_hash(fix: Fix) -> str:
    """The hash of what a fix writes, wherever in the file it stands."""
    edits = [(edit.old, edit.new) for edit in sorted(fix.edits)]
    return _digest(repr((edits, fix.imports)).encode("utf-8", "surrogatepass"))


def calls_hash(path: Path, qualname: str, recordings: Sequence[Recording]) -> str:
    """The hash of what the function was called with and what it answered; empty without any call.

    Not of how long that took, nor of other functions' calls: a run that does the same again needs no new proof.
    """
    wanted = os.path.realpath(path)
    mine = [r for r in recordings if os.path.realpath(r.path) == wanted and r.qualname == qualname]
    digests = sorted(_call_digest(call) for recording in mine for call in kept_calls(recording))
    return _digest("".join(digests).encode()) if digests else ""


def _call_digest(call: KeptCall) -> str:
    large = [(name, _digest(blob)) for name, blob in sorted(call.large.items())]
    told = (call.module, large, call.globals, call.outcome, call.type)
    return _digest(b"".join((_digest(call.payload).encode(), _digest(call.result).encode(), repr(told).encode())))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
