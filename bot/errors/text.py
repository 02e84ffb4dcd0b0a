"""Foreign text made safe, in one line; the words people read stand above it.

Slack's mrkdwn has an escape for its brackets and none for its marks. So what would make letters
bold, slanted, struck or code is shown by the character that looks like it: nothing invisible has to
hold it apart, and our own marks around it keep their effect. In code nothing is a mark but the
backtick, so what people copy from there is as it was typed.
"""

import re

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


_LOOK_ALIKE = {"*": "\u2217", "`": "\u02cb", "~": "\u223c", "_": "\u02cd"}
# Between letters, «_» and «~» mark nothing; a «*» there would end what we made bold.
_MARK = re.compile(r"[*`]|(?:(?<![^\W_])[_~]+|[_~]+(?![^\W_]))")


def quote(foreign: str, limit: int = 200) -> str:
    """Make foreign text safe inside mrkdwn: no mention, no link, no style, no line breaks."""
    return _MARK.sub(_look_alike, without_markup(clean(foreign, limit)))


def code(foreign: str, limit: int = 200) -> str:
    """Show foreign text as code: each character as it is, but the backtick that would end it."""
    return f"`{without_markup(clean(foreign, limit)).replace('`', chr(39)) or ' '}`"


def _look_alike(found: re.Match[str]) -> str:
    return "".join(_LOOK_ALIKE[mark] for mark in found[0])


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
