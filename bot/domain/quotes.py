"""Quotes around what people type, also those that phones insert. Pure.

What is quoted ends with the quote that belongs to its first one, or with a straight one; one that
is written twice does not end it and stands for itself.
"""

_ENDS = {
    '"': '"”',
    "“": '”"“',
    "„": '“"”',
    "”": '”"',
    "«": '»"”',
    "»": '«"”',
}
QUOTES = "".join(_ENDS)
"""What begins something quoted, and ends a name that is not."""


def read_quoted(text: str, at: int) -> tuple[str, int] | None:
    """Read what is quoted from a column on, and where it ends; None if it never does."""
    ends = _ENDS[text[at]]
    at += 1
    read: list[str] = []
    while at < len(text):
        char = text[at]
        if char in ends:
            if not text.startswith(char, at + 1):
                return "".join(read), at + 1
            at += 1
        read.append(char)
        at += 1
    return None


def quoted(text: str) -> str:
    """Quote a text so that it is read back as itself."""
    doubled = (char * 2 if char in _ENDS['"'] else char for char in text)
    return f'"{"".join(doubled)}"'


def word(text: str) -> str:
    """Write a text that ends with the next space, in quotes where it needs them."""
    is_plain = text and text[0] not in QUOTES and not any(map(str.isspace, text))
    return text if is_plain else quoted(text)


def rest(text: str) -> str:
    """Write what stands last on the line, in quotes where it needs them."""
    is_plain = text and text[0] not in QUOTES and text == text.strip()
    return text if is_plain else quoted(text)
