"""`.perf-advise/proofs.json`: what was proved, in an order that changes little, for the second run and the hook."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from perf_advise.model.errors import UserError
from perf_advise.model.options import PROOFS
from perf_advise.model.proof import Counterexample, Proof, Speedup, Verdict
from perf_advise.proof.keys import ProofKey
from perf_advise.source.writing import write_atomically

_VERSION = 1
_DIGITS = 3
_ROUNDED = ("before", "after", "cold_seconds", "max_relative")


class ProofStore:
    """The stored proofs of a project; only `save` writes."""

    def __init__(self, root: Path) -> None:
        """Read the file; raises UserError for a damaged one."""
        self.path = root / PROOFS
        self._proofs = dict(_read(self.path))

    def get(self, key: ProofKey) -> Proof | None:
        """The proof for this very text, fix, interpreter, packages and calls; a stale one never counts."""
        if not key.function:
            return None
        return next((proof for stored, proof in self._items() if key.accepts(stored)), None)

    def put(self, key: ProofKey, proof: Proof) -> None:
        """Remember a verdict in place of older ones on the same fix; *not shown* is tried again next time."""
        if proof.verdict is Verdict.NOT_SHOWN or not key.function:
            return
        place = (key.path, key.qualname, key.fix)
        self._proofs = {i: p for i, p in self._proofs.items() if (i[0], i[1], i[3]) != place}
        self._proofs[_identity(key)] = (key, proof)

    def _items(self) -> "list[tuple[ProofKey, Proof]]":
        return [self._proofs[identity] for identity in sorted(self._proofs)]

    def save(self) -> None:
        """Write the file if there is anything to write; raises UserError."""
        if not self._proofs and not self.path.exists():
            return
        self.path.parent.mkdir(exist_ok=True)
        lines = ",\n  ".join(json.dumps(_entry(key, proof), ensure_ascii=False) for key, proof in self._items())
        text = f'{{\n "version": {_VERSION},\n "proofs": [\n  {lines}\n ]\n}}\n'
        write_atomically(self.path, text.encode("utf-8", "surrogatepass"))


def _identity(key: ProofKey) -> tuple[str, ...]:
    return (key.path, key.qualname, key.function, key.fix, key.python, key.calls)


def _entry(key: ProofKey, proof: Proof) -> dict[str, Any]:
    told = {name: value for name, value in asdict(proof).items() if value not in (None, "", (), 0)}
    told["verdict"] = proof.verdict.value
    for name in _ROUNDED:
        if name in told:
            told[name] = _short(told[name])
    if proof.speedup:
        told["speedup"] = {name: _short(value) for name, value in asdict(proof.speedup).items()}
    return {**asdict(key), "packages": dict(key.packages), "proof": told}


def _short(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _read(path: Path) -> "list[tuple[tuple[str, ...], tuple[ProofKey, Proof]]]":
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != _VERSION:
            return []
        entries = [(_key(entry), _proof(entry["proof"])) for entry in data["proofs"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path}: not a list of proofs ({error})", "remove it and prove again") from None
    return [(_identity(key), (key, proof)) for key, proof in entries]


def _key(entry: dict[str, Any]) -> ProofKey:
    texts = {name: str(entry[name]) for name in ("path", "qualname", "function", "fix", "calls", "python")}
    return ProofKey(**texts, packages=dict(entry["packages"]))


def _proof(told: dict[str, Any]) -> Proof:
    fields = dict(told)
    fields["verdict"] = Verdict(fields["verdict"])
    fields["assumptions"] = tuple(fields.get("assumptions", ()))
    fields.setdefault("calls", 0)
    if "speedup" in fields:
        fields["speedup"] = Speedup(**fields["speedup"])
    if "counterexample" in fields:
        fields["counterexample"] = Counterexample(**fields["counterexample"])
    return Proof(**fields)
