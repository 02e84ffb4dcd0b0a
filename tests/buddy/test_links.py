"""Only links that lead to the configured Buddy stand on a card."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.buddy.links import MAX_LINK, Links, places

US = "https://api.buddy.works"
EU = "https://api.eu.buddy.works"
OWN = "https://buddy.example.com:8443/api"
LOCAL = "http://127.0.0.1:8081"


@pytest.mark.parametrize(
    ("base", "url"),
    [
        (US, "https://app.buddy.works/acme/shop/pipelines/pipeline/2/execution/68e6?x=1#y"),
        (US, "https://APP.Buddy.Works/acme"),
        (EU, "https://eu.buddy.works/acme"),
        (EU, "https://app.eu.buddy.works/acme"),
        (OWN, "https://buddy.example.com:8443/acme/shop"),
        (OWN, "https://buddy.example.com/acme/shop"),
        (LOCAL, "http://127.0.0.1:9000/acme"),
    ],
)
def test_a_link_to_the_app_beside_the_api_is_kept(base: str, url: str) -> None:
    """Cloud regions have their own family of hosts, a self-hosted Buddy has one host."""
    assert Links.beside(base).keep(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://evil.example/acme",
        "https://buddy.works.evil.example/",
        "https://evilbuddy.works/",
        "https://app.buddy.works@evil.example/",
        "https://user:secret@app.buddy.works/",
        "https://evil.example\\@app.buddy.works/",
        "https://evil.example%2f.buddy.works/",
        "https://[app.buddy.works/",
        "javascript:alert(1)//app.buddy.works/",
        "ftp://app.buddy.works/",
        "//app.buddy.works/",
        "https:///app.buddy.works/",
        "https://app.buddy.works/a b",
        "https://app.buddy.works/a\nb",
        "https://app.buddy.works/|label>",
        "https://app.buddy.works/<!channel>",
        "https://app.buddy.wörks/",
        "https://app.buddy.works/" + "a" * MAX_LINK,
    ],
)
def test_a_link_that_leads_elsewhere_is_left_out(url: str) -> None:
    """A hostile body cannot put its own address under our button, nor break out of the markup."""
    assert Links.beside(US).keep(url) == ""


def test_a_self_hosted_buddy_has_no_family() -> None:
    """Another host of the same company is another host, unless it is configured."""
    url = "https://ci.example.com/acme"
    assert Links.beside(OWN).keep(url) == ""
    assert Links.beside(OWN, app_url="https://ci.example.com").keep(url) == url


@given(st.text())
def test_any_text_is_kept_whole_or_left_out(text: str) -> None:
    """No text makes it fail, and none is changed."""
    assert Links.beside(US).keep(f"https://{text}") in {"", f"https://{text}"}


@pytest.mark.parametrize(
    ("base", "app", "ours", "foreign"),
    [
        (
            "https://api.buddy.works",
            "https://app.buddy.works",
            {"api.buddy.works", "app.buddy.works", "buddy.works"},
            "app.eu.buddy.works",
        ),
        (
            "https://api.eu.buddy.works",
            "",
            {"api.eu.buddy.works", "app.eu.buddy.works", "eu.buddy.works"},
            "app.buddy.works",
        ),
        (
            "https://Buddy.example.com:8443/api",
            "https://ci.example.com",
            {"buddy.example.com:8443", "ci.example.com"},
            "buddy.example.com",
        ),
    ],
)
def test_a_pasted_link_must_lead_to_exactly_this_buddy(
    base: str, app: str, ours: set[str], foreign: str
) -> None:
    """Regions are separate installations: the same number means something else there."""
    assert places(base, app) == ours
    assert foreign not in places(base, app)
