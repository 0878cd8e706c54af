"""HTML that is escaped by construction."""

from html import escape


class Html(str):
    """Markup; any other text is escaped where it is put into an element."""

    __slots__ = ()


Child = str | None
_VOID = ("meta", "input", "br", "link")


def element(tag: str, *children: Child, **attributes: str | int | bool | None) -> Html:
    """The element; `class_` stands for class and `data_kind` for data-kind; None and False leave out."""
    shown = "".join(_attribute(name, value) for name, value in attributes.items() if value not in (None, False))
    opening = f"<{tag}{shown}>"
    return Html(opening if tag in _VOID else f"{opening}{joined(*children)}</{tag}>")


def joined(*children: Child) -> Html:
    """The children one after the other."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children if child))


def prose(text: str) -> Html:
    """Text in which `backticks` enclose code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return joined(text)
    return joined(*(element("code", part) if number % 2 else part for number, part in enumerate(parts)))


def _attribute(name: str, value: object) -> str:
    plain = name.rstrip("_").replace("_", "-")
    return f" {plain}" if value is True else f' {plain}="{escape(str(value))}"'
