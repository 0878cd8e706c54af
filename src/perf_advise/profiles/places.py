"""What a frame as a tool words it is on a stack: a function's number and its current line."""

from perf_advise.model.profile import Frame
from perf_advise.profiles.frame_texts import FrameText, is_c_file
from perf_advise.profiles.stacks import C_CODE, StackTotals


class Places:
    """Numbers and current lines for frames as tools word them."""

    def __init__(self, totals: StackTotals, has_first_lines: bool = False) -> None:
        self._totals = totals
        self._has_first_lines = has_first_lines

    def place(self, frame: FrameText, first: int = 0) -> tuple[int, int]:
        """The function's number (below 0 for C code) and its current line (0: unknown).

        `first` is the function's first line where the tool has it beside the current one.
        """
        if is_c_file(frame.path):
            return C_CODE, 0
        if first > 0:
            return self._totals.number(Frame(frame.path, frame.name, first)), frame.line
        if self._has_first_lines:
            return self._totals.number(Frame(frame.path, frame.name, frame.line or None)), 0
        return self._totals.number(Frame(frame.path, frame.name)), frame.line
