"""A card that nobody's account can read any more."""

from bot.cards.sight import Unseen, unseen_card
from tests.domain.samples import REF

LOST = Unseen(REF, "deploy <!channel>", "https://app.buddy.works/acme", "<@MAYA>", "/ship")


def test_it_says_that_it_does_not_know_and_how_to_mend_it() -> None:
    """A card that stands still would look like a run that stands still."""
    card = unseen_card(LOST)

    told = str(card.blocks)
    assert card.text == "shop / deploy &lt;!channel&gt; #12: out of sight"
    assert "Out of sight" in told
    assert "not that of <@MAYA>" in told
    assert "`/ship show`" in told
    (row,) = (block for block in card.blocks if block["type"] == "actions")
    assert [button["action_id"] for button in row["elements"]] == ["greenlight.connect"]
