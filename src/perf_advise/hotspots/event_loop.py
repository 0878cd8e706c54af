"""Coroutines that wait are not on the stack: how much of a profile the event loop spent waiting for them."""

from perf_advise.model.profile import FunctionCost, Profile

_WORTH_SAYING = 0.1
_LOOP = ("asyncio/base_events.py",)
_WAITS = ("/selectors.py", "asyncio/windows_events.py")


def waiting_unseen(profile: Profile) -> str:
    """One line for the user where the event loop waited for a good part of the profile; "" otherwise."""
    share = _waiting(profile) / profile.total if profile.total > 0 else 0.0
    if share < _WORTH_SAYING:
        return ""
    return (
        f"the event loop waits for {share:.0%} of the profile, and coroutines that wait do not show in it: "
        "`--no-profile --select PA4` looks at all of them"
    )


def _waiting(profile: Profile) -> float:
    """The weight of the event loop's look for what is ready, which blocks until something is."""
    paths = {cost.frame.path.replace("\\", "/") for cost in profile.functions}
    if not any(path.endswith(_LOOP) for path in paths):
        return 0.0
    return max((cost.cumulative for cost in profile.functions if _waits(cost)), default=0.0)


def _waits(cost: FunctionCost) -> bool:
    path, name = cost.frame.path.replace("\\", "/"), cost.frame.name.rpartition(".")[2]
    return name == "select" and path.endswith(_WAITS)
