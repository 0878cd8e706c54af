"""Signatures of call files: kept calls are pickles, so only those that this user's own key signed are ever loaded.

The key lies outside of every project (`$XDG_DATA_HOME/perf-advise/key`, readable by the user alone), so a repository
from a stranger cannot bring its own calls.
"""

import contextlib
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from perf_advise.model.errors import UserError

_KEY_BYTES = 32
_PURPOSE = b"perf-advise calls 1\0"
_REMEDY = "keep calls of your own: perf-advise prove"


def key_path() -> Path:
    """Where this user's key is."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path("~/.local/share").expanduser())
    return Path(base) / "perf-advise" / "key"


def sign(path: Path) -> None:
    """Write the signature of a file beside it (`<name>.sig`); raises UserError when the key cannot be made."""
    signature_path(path).write_text(_signature(_key(create=True), path.read_bytes()) + "\n", encoding="ascii")


def verified(path: Path) -> bytes:
    """The content of a file, read once, if this user's key signed it; raises UserError otherwise."""
    try:
        content = path.read_bytes()
        signature = signature_path(path).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise UserError(f"{path}: calls without a signature are not loaded", _REMEDY) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read ({error})", _REMEDY) from None
    if not hmac.compare_digest(_signature(_key(create=False), content), signature):
        raise UserError(f"{path}: these calls were not signed by your key and are not loaded", _REMEDY)
    return content


def signature_path(path: Path) -> Path:
    """Where the signature of a file is."""
    return path.with_name(path.name + ".sig")


def _signature(key: bytes, content: bytes) -> str:
    return hmac.new(key, _PURPOSE + content, hashlib.sha256).hexdigest()


def _key(create: bool) -> bytes:
    path = key_path()
    try:
        if create and not path.exists():
            _make_key(path)
        key = path.read_bytes()
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except FileNotFoundError:
        return secrets.token_bytes(_KEY_BYTES)  # this user never signed anything
    except OSError as error:
        raise UserError(
            f"{path}: the key for kept calls cannot be used ({error.strerror})", "make it writable"
        ) from None
    if len(key) != _KEY_BYTES:
        raise UserError(f"{path}: this is not a key", "remove it, and keep the calls again")
    return key


def _make_key(path: Path) -> None:
    """Create the key whole or not at all; another process that was first wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f"key.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_bytes(_KEY_BYTES))
        os.close(handle)
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink()
