"""What people read: mrkdwn and blocks as the simulated Slack shows them."""

from typing import Any

import pytest

from sandbox.slack.mrkdwn import mentions, plain
from sandbox.slack.reading import Reader, notified
from tests.sandbox.slack_bot import button, section, text_input

NAMES = {"U0MAYA": "maya", "C0DEP": "deployments"}


def name_of(key: str) -> str:
    """Name a person or channel."""
    return NAMES.get(key, key)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("*bold* _it_ ~gone~", "bold it gone"),
        ("*bold _and_ more*", "bold and more"),
        ("`code *x*` and ```*x* &amp;```", "code *x* and *x* &"),
        ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
        ("[a](url) # x :unknown:", "[a](url) # x :unknown:"),
        ("<https://a.b/c_d_e|the run> <https://a.b>", "the run https://a.b"),
        ("*<https://a.b|#12>* is *waiting*", "#12 is waiting"),
        ("<@U0MAYA> <#C0DEP> <!here> <!subteam^S1|@sre>", "@maya #deployments @here @sre"),
        ("<!date^1795446000^{time}|09:00 UTC>", "09:00 UTC"),
        ("&lt;!channel&gt; a &amp;&amp; b", "<!channel> a && b"),
        ("<script>", "<script>"),
    ],
)
def test_mrkdwn_reads_as_in_slack(source: str, shown: str) -> None:
    """Marks vanish, code stays as it is, entities become names."""
    assert plain(source, name_of) == shown


@pytest.mark.parametrize(
    ("source", "is_verbatim", "found"),
    [
        ("<!channel> <!here|x> <@U1|m> <!subteam^S1>", True, ["channel", "here", "U1", "S1"]),
        ("&lt;!channel&gt; @channel", True, []),
        ("@here mail@channel.example", False, ["here"]),
    ],
)
def test_mentions_are_found_as_slack_finds_them(
    source: str,
    *,
    is_verbatim: bool,
    found: list[str],
) -> None:
    """Escapes hide them; bare ones count only where Slack parses text by itself."""
    assert list(mentions(source, is_verbatim=is_verbatim)) == found


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    """Write rich text."""
    inside = {"type": "rich_text_section", "elements": list(elements)}
    return {"type": "rich_text", "elements": [inside]}


def test_blocks_read_as_a_transcript() -> None:
    """Buttons and menus stand in brackets, tasks with their state and notes."""
    output = rich({"type": "text", "text": "2 s"})
    done = {"type": "task_card", "title": "Build", "status": "complete", "output": output}
    option = {"text": {"type": "plain_text", "text": "prod"}, "value": "p"}
    pick = {"type": "static_select", "placeholder": {"type": "plain_text", "text": "Where"}}
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Deploy"}},
        section("by <@U0MAYA>") | {"accessory": button("Log")["elements"][0]},
        {"type": "plan", "title": "1 of 2", "tasks": [done, done | {"status": "in_progress"}]},
        {"type": "actions", "elements": [*button("Approve")["elements"], pick]},
        {"type": "context", "elements": [section("a")["text"], section("b")["text"]]},
        text_input("Reason", initial_value="because"),
        {
            "type": "input",
            "label": {"type": "plain_text", "text": "Stage"},
            "element": {"type": "radio_buttons", "options": [option, option]},
        },
        rich({"type": "user", "user_id": "U0MAYA"}, {"type": "link", "url": "https://a.b"}),
        {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}, rich()]]},
        {"type": "new_thing"},
    ]
    assert Reader(name_of).read(blocks).splitlines() == [
        "Deploy",
        "by @maya",
        "[Log]",
        "1 of 2",
        "• Build (complete): 2 s",
        "• Build (in progress): 2 s",
        "[Approve] [Where ▾]",
        "a b",
        "Reason: because",
        "Stage: prod / prod",
        "@mayahttps://a.b",
        "x | ",
        "<new_thing>",
    ]


def test_blocks_notify_by_their_elements_too() -> None:
    """Rich text mentions by elements, never by its text; plan titles count like mrkdwn."""
    blocks = [
        rich({"type": "text", "text": "<!channel>"}, {"type": "broadcast", "range": "here"}),
        rich({"type": "user", "user_id": "U1"}, {"type": "usergroup", "usergroup_id": "S1"}),
        {"type": "plan", "title": "<!everyone>", "tasks": []},
        {"type": "markdown", "text": "<@U2>"},
        {"type": "header", "text": {"type": "plain_text", "text": "<!channel>"}},
    ]
    assert list(notified(blocks)) == ["here", "U1", "S1", "everyone", "U2"]
