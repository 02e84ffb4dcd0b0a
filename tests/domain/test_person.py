"""Who acts."""

from bot.domain.person import Person


def test_a_person_is_mentioned_by_their_id() -> None:
    """Slack shows the name to each reader, and tells the person."""
    assert Person("T1", "U1").mention == "<@U1>"
