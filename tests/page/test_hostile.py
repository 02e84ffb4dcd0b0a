"""Whatever foreign text says, it stays text."""

import pytest

from tests.page.browser import in_chromium
from tests.page.desk import Desk

pytestmark = in_chromium

HOSTILE = [
    "<script>alert(1)</script>",
    '<img src=x onerror="document.title=1">',
    "</pre></div><style>*{display:none}</style>",
    "<javascript:alert(1)|click> <https://evil.example|greenlight>",
    "<!channel> <@U0MAYA0001> @here *bold* `code` ```fence",
    "&lt;b&gt; &amp;amp; :tada: <!date^1^{date}|x>",
    "\u202etxt.exe\u202c \u202egnp \u200b",
]
STRAYS = """() => document.querySelectorAll(
    "body script, body style, img, iframe, object, form[action], [onerror], a[href^='javascript']"
  ).length"""


@pytest.mark.parametrize("place", ["commit", "person", "button"])
async def test_hostile_text_injects_nothing(desk: Desk, place: str) -> None:
    """As commit message, name, and label: the page has no new element, link or mention of it."""
    window = await desk.window("maya")
    if place == "commit":
        await desk.waiting(" ".join(HOSTILE))
        assert await window.card.get_by_role("link").count() == 1
    elif place == "person":
        ben = desk.shop.players["ben"].person
        for text in HOSTILE:
            await window.says(text)
            await ben.says(text.replace("<", "&lt;").replace(">", "&gt;"), in_=desk.shop.channel)
        await desk.settled()
        assert await window.messages.get_by_role("link", name="greenlight").count() == 0
        assert await window.messages.get_by_text(HOSTILE[0]).count() == 2
    else:
        label = {"type": "plain_text", "text": HOSTILE[1]}
        button = {"type": "button", "text": label, "action_id": "do", "value": "x"}
        await desk.posts(blocks=[{"type": "actions", "elements": [button]}])
        await desk.settled()
        assert await window.button(HOSTILE[1]).is_visible()
    assert await window.page.evaluate(STRAYS) == 0
    assert await window.page.title() == "Acme (simulated)"
