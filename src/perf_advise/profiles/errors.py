"""What readers raise."""

from pathlib import Path

from perf_advise.model.errors import UserError


class ProfileError(UserError):
    """A profile that cannot be used; readers say what is wrong with it, `loading` adds which file it was."""

    def of(self, path: Path) -> "ProfileError":
        """The same complaint with the file's name before it."""
        return ProfileError(f"{path}: {self.what}", self.do)


def damaged(what: str) -> ProfileError:
    """The error for a file that starts like a known format and then is not one."""
    return ProfileError(f"damaged profile ({what})", "record it again")
