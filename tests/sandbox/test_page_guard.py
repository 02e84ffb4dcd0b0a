"""Who may talk to the page's server, and what it takes from files and numbers."""

import json
from datetime import timedelta

import pytest
import yaml

from sandbox.manifest import Offer, find_manifest, read_list
from sandbox.page.feed import KEPT, Feed, Topic
from sandbox.page.guard import HEADER
from tests.sandbox.page_desk import page_desk

SOON = timedelta(milliseconds=50)


async def test_only_the_pages_own_origin_may_act() -> None:
    """Another name for this machine, another page, a plain form: refused, and nothing is done."""
    async with page_desk() as desk:
        url, origin = desk.page.url, desk.page.url.rstrip("/")
        well = {"Origin": origin, HEADER: "1", "Content-Type": "application/json"}
        foreign: list[dict[str, str | None]] = [
            {"Host": "evil.example:80"},
            {"Host": f"evil.example:{desk.page.port}"},
            {"Origin": "http://evil.example"},
            {"Origin": None},
            {"Origin": f"http://localhost:{desk.page.port}"},
            {HEADER: None},
            {"Content-Type": "text/plain"},
            {"Sec-Fetch-Site": "cross-site"},
        ]
        body = json.dumps({"channel": desk.shop.channel.id, "text": "hello"})
        for change in foreign:
            headers = {key: one for key, one in {**well, **change}.items() if one is not None}
            skipped = {"Content-Type"} if "Content-Type" not in headers else set()
            async with desk.http.post(
                f"{url}api/say", data=body, headers=headers, skip_auto_headers=skipped
            ) as answer:
                assert answer.status == 403, change
                assert "foreign" in (await answer.json())["error"]
        async with desk.http.get(url, headers={"Host": "evil.example"}) as answer:
            assert answer.status == 403
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"] == "no-store"
        assert not desk.shop.channel.log

        async with desk.http.post(f"{url}api/say", data=body, headers=well) as answer:
            assert answer.status == 200
        for name in ("..%2fserver.py", "server.py", ".secret.css", "no-such.css"):
            async with desk.http.get(f"{url}static/{name}") as answer:
                assert answer.status == 404, name
        unknown = await desk.window("maya").gets("snapshot", **{"as": "U404"})
        assert unknown["error"] == "unknown_person"
        for nonsense, says in (
            ("not json", "JSON"),
            ("[]", "object"),
            ('{"channel": 3}', "channel"),
            ('{"channel": "C404", "text": "hi"}', "no such conversation"),
        ):
            async with desk.http.post(f"{url}api/say", data=nonsense, headers=well) as answer:
                assert answer.status in {400, 404}
                assert says in (await answer.json())["message"]


@pytest.mark.parametrize("missed", [0, 1, KEPT, KEPT + 1, -1])
async def test_a_number_that_is_too_old_begins_anew(missed: int) -> None:
    """Only so many changes are kept; of one thing only its latest is told."""
    feed = Feed()
    for _ in range(KEPT + 10):
        feed.add(Topic.MODALS, "U1")
    changes = feed.since(feed.seq - missed)

    if 0 < missed <= KEPT:
        assert changes is not None
        assert [one.seq for one in changes] == [feed.seq]
    else:
        assert changes == ([] if missed == 0 else None)
    assert not await feed.news(feed.seq, SOON)


def test_commands_and_shortcuts_are_those_of_the_manifest() -> None:
    """The plain reader reads the lists as YAML does."""
    text = find_manifest().read_text("utf-8")
    meant = yaml.safe_load(text)["features"]["slash_commands"]
    more = "  shortcuts:\n    - name: Approve\n      type: message\n    - name: Two\nsettings:\n"

    read = read_list(text, "slash_commands")
    assert [{**one, "should_escape": one["should_escape"] == "true"} for one in read] == meant
    shortcuts = yaml.safe_load(text)["features"].get("shortcuts", [])
    assert read_list(text, "shortcuts") == shortcuts
    of_message = {one["callback_id"]: one["name"] for one in shortcuts if one["type"] == "message"}
    assert Offer.of(text).shortcuts_of("message") == of_message
    offers = Offer.of(text + more + "  home_tab_enabled: true\n    - app_home_opened\n")
    assert (offers.has_home, offers.hears_of_home) == (True, True)
    assert offers.listed(is_stranger=True) == {"commands": [], "shortcuts": []}
