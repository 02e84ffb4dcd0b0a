"""Forms are read faster than by the standard library, and as it reads them."""

from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st
from yarl import query_to_pairs

pieces = st.sampled_from(
    ["%", "+", "&", "=", ";", "a", "F", "8", "%ff", "%C3%BC", "%ED%A0%BD", "%00"]
)


@given(st.lists(pieces | st.characters(codec="utf-8"), max_size=20).map("".join))
def test_any_text_is_read_alike(text: str) -> None:
    """Broken escapes, half characters and bare names included."""
    assert query_to_pairs(text) == parse_qsl(text, keep_blank_values=True)
