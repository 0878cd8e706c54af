"""Which tool wrote collapsed stacks, told by the first lines."""

import re
from collections.abc import Iterable, Sequence

from perf_advise.profiles.frame_texts import are_first_lines, parse

_MOST_HEADERS = 500
_LONGEST = 100_000


class Dialect:
    """What the first lines tell about the file."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        self.headers = dict(header(line) for line in lines[:_MOST_HEADERS] if line.startswith(b"#"))
        stacks = [line[:_LONGEST].rpartition(b" ")[0] for line in lines if not line.startswith(b"#")]
        texts = {text for stack in stacks for text in stack.split(b";")}
        frames = [parse(decoded(text)) for text in texts]
        self.has_first_lines = are_first_lines(frames)
        self.is_perf = any(text.startswith(b"py::") for text in texts)
        self.is_austin = "austin" in self.headers or any(re.match(rb"P\d+;T", stack) for stack in stacks)
        self.tool = self._tool(stacks, texts)
        self.mode = self.headers.get("mode", "wall")

    def _tool(self, stacks: Iterable[bytes], texts: Iterable[bytes]) -> str:
        if self.is_austin:
            return "austin"
        if self.is_perf:
            return "perf"
        if any(stack.startswith(b"tid:") for stack in stacks):
            return "profiling.sampling"
        return "py-spy" if any(b" (" in text for text in texts) else "collapsed stacks"


def header(line: bytes) -> tuple[str, str]:
    """Key and value of a line `# key: value`."""
    key, _, value = decoded(line[1:]).partition(":")
    return key.strip(), value.strip()


def decoded(text: bytes) -> str:
    """The text; what is no UTF-8 is replaced."""
    return text.decode("utf-8", "replace")
