"""The doorstep: `--version`, and the hook with nothing hot in its files, before anything heavy is imported.

Standard library only, and of that as little as can be: `python -c pass` is the yardstick. What it cannot
answer at once it hands to the command line proper. The imports inside functions are what this file is for.
"""

import os
import sys

from perf_advise import __version__

PROFILE = ".perf-advise/profile.json"
PROFILE_VERSION = 1
HOT = 0.01
SUFFIXES = (".py", ".pyi", ".pyw", ".ipynb")
FLAGS = {"--fix", "--no-fix", "--unsafe-fixes", "--force-exclude", "--exit-zero", "--no-color", "--quiet", "-q"}
"""Flags of a hook, which change nothing where nothing is hot."""
KEYS = {
    "select", "ignore", "extend-select", "per-file-ignores", "exclude", "extend-exclude", "force-exclude",
    "rules", "fix", "unsafe-fixes", "float-tolerance", "test", "python", "target-version", "hot",
}  # fmt: skip
"""Configuration that changes nothing where nothing is hot; `hot` is met by taking every function for hot."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line with `arguments` (default: those of the process); the exit code."""
    try:
        code = answer(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("perf-advise: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader has seen enough; the interpreter must not flush into it again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def answer(arguments: list[str]) -> int:
    """Answer here if that is possible, else through the command line proper; the exit code."""
    if arguments in (["--version"], ["-V"]):
        print(f"perf-advise {__version__}")
        return 0
    files = plain_files(arguments)
    named = named_files(files)
    if not files or named is None or named:
        collect_seldom()
        from perf_advise.cli.plain import run

        # A hook passes all that is staged: of files that the profile does not name there is nothing to say.
        silent = set(files) - set(files if named is None else named)
        return run([argument for argument in arguments if argument not in silent])
    if not {"--quiet", "-q"} & set(arguments):
        print(f"no hot function in {len(files)} file{'s' if len(files) > 1 else ''} ({PROFILE})")
    return 0


def collect_seldom() -> None:
    """What is imported lives on: looking through it for garbage again and again is a tenth of a short run, and
    looking once more when the process ends, to no end, a third."""
    import atexit
    import gc

    gc.set_threshold(100_000, 20, 20)
    atexit.register(gc.freeze)


def plain_files(arguments: list[str]) -> list[str]:
    """The files to check, or none where an argument is more than a file or a flag without weight."""
    rest = arguments[1:] if arguments[:1] == ["check"] else arguments
    files = [argument for argument in rest if argument not in FLAGS]
    plain = all(file.endswith(SUFFIXES) and not file.startswith("-") for file in files)
    return files if plain else []


def named_files(files: list[str]) -> list[str] | None:
    """The files that the committed profiles of their projects name; none where no function in them is hot, None where
    that cannot be told here."""
    roots: dict[str, str] = {}
    hottest: dict[str, dict[str, float]] = {}
    named: list[str] = []
    is_hot = False
    try:
        for file in files:
            path = os.path.abspath(file)
            root = project_root(os.path.dirname(path), roots)
            if root not in hottest:
                hottest[root] = hottest_by_file(root)
            if not os.path.isfile(path):
                return None
            if path in hottest[root]:
                named.append(file)
                is_hot = is_hot or hottest[root][path] >= 0
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # no profile, or something wrong with it: the command line proper says what
    return named if is_hot else []


def project_root(folder: str, known: dict[str, str]) -> str:
    """The nearest folder upwards with `pyproject.toml` or `.git`, else `folder` itself; `known` remembers."""
    return marked_folder(folder, known) or folder


def marked_folder(folder: str, known: dict[str, str]) -> str:
    """The nearest folder upwards that is marked as a project's root; empty when none is."""
    if folder not in known:
        parent = os.path.dirname(folder)
        marked = os.path.isfile(os.path.join(folder, "pyproject.toml")) or os.path.exists(os.path.join(folder, ".git"))
        known[folder] = folder if marked else "" if parent == folder else marked_folder(parent, known)
    return known[folder]


def hottest_by_file(root: str) -> dict[str, float]:
    """By the absolute paths of the files in the profile by how much the hottest function of each is above what counts
    as hot (below 0: it is not); raises where there is more to see to."""
    import json

    with open(os.path.join(root, PROFILE), "rb") as stream:
        profile = json.load(stream)
    if profile["version"] != PROFILE_VERSION:
        raise ValueError("another version")
    keys = configured(root)
    if not keys <= KEYS:
        raise ValueError("configuration that counts")
    threshold = 0.0 if "hot" in keys else HOT
    found: dict[str, float] = {}
    for function in profile["functions"]:
        path = os.path.normpath(os.path.join(root, function["path"]))
        above = max(function["own"], function["cumulative"]) - threshold
        found[path] = max(above, found.get(path, above))
    return found


def configured(root: str) -> set[str]:
    """The keys that the project at `root` configures; raises OSError or ValueError where unreadable."""
    own = os.path.join(root, "perf-advise.toml")
    shared = os.path.join(root, "pyproject.toml")
    path = own if os.path.exists(own) else shared
    if not os.path.exists(path):
        return set()
    with open(path, "rb") as stream:
        text = stream.read()
    if path == shared and b"perf-advise" not in text:
        return set()
    import tomllib

    table = tomllib.loads(text.decode())
    return set(table if path == own else table.get("tool", {}).get("perf-advise", {}))
