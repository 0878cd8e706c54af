"""What a user can cause: one line that says what, where, and what to do."""


class UserError(Exception):
    """A failure the user can mend; `str()` is the one line that stderr gets (exit code 2)."""

    def __init__(self, what: str, do: str = "") -> None:
        super().__init__(f"{what}; {do}" if do else what)
        self.what = what
        self.do = do
