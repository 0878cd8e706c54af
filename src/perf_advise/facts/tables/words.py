"""Word lists, as they stand in tables."""


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())
