"""Foreign text made safe, in one line; the words people read stand above it."""

_DIRECTION_MARKS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROLS = (code for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace())
_SURROGATES = range(0xD800, 0xE000)  # a lone half of a pair, which no encoder takes
_INVISIBLE = dict.fromkeys((*_DIRECTION_MARKS, *_CONTROLS, *_SURROGATES))


def clean(foreign: str, limit: int = 200) -> str:
    """Make foreign text fit where Slack shows it literally: one line, not too long.

    Control and direction-changing characters go; letters of any script stay.
    """
    text = " ".join(foreign.translate(_INVISIBLE).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def quote(foreign: str, limit: int = 200) -> str:
    """Make foreign text safe inside mrkdwn: no mention, no link, no line breaks, not too long."""
    return without_markup(clean(foreign, limit))


def link(url: str, label: str) -> str:
    """Link a label that is already safe; without a URL the label stands alone."""
    if not url:
        return label
    safe = url.replace("&", "&amp;").replace("<", "%3C").replace(">", "%3E").replace("|", "%7C")
    return f"<{safe}|{label.replace('|', '¦')}>"


def without_markup(text: str) -> str:
    """Escape the three characters that Slack's markup is made of."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def in_column(char: str) -> str:
    """Make a character take exactly one column in a code block, and not end it."""
    if char.isspace() or ord(char) in _INVISIBLE:
        return " "
    return "'" if char == "`" else char
