"""The manifest, the cards and the routing table speak of the same names."""

from pathlib import Path

import yaml

from bot.cards import actions, carried, run_form, running, subscribing
from handlers.web import SLACK_PATH
from tests.world import World

ROOT = Path(__file__).parents[2]


async def test_the_manifest_sends_everything_to_the_route(world: World) -> None:
    """Slack is told the path that the bot answers, and the command that it knows."""
    manifest = yaml.safe_load((ROOT / "manifest.yaml").read_text("utf-8"))
    [command] = manifest["features"]["slash_commands"]
    assert command["url"].endswith(SLACK_PATH)
    assert manifest["settings"]["interactivity"]["request_url"].endswith(SLACK_PATH)
    menus = manifest["settings"]["interactivity"]["message_menu_options_url"]
    assert menus.endswith(SLACK_PATH)
    assert list(world.stage.bot.routes.commands) == [command["command"]]
    offered = manifest["features"]["shortcuts"]
    of_messages = [one["callback_id"] for one in offered if one["type"] == "message"]
    anywhere = [one["callback_id"] for one in offered if one["type"] == "global"]
    assert list(world.stage.bot.routes.message_shortcuts) == of_messages
    assert list(world.stage.bot.routes.shortcuts) == anywhere
    subscribed = manifest["settings"]["event_subscriptions"]
    assert subscribed["request_url"].endswith(SLACK_PATH)
    assert list(world.stage.bot.routes.events) == subscribed["bot_events"]


async def test_every_button_and_form_has_a_handler(world: World) -> None:
    """What a card can offer, somebody answers."""
    routes = world.stage.bot.routes
    buttons = {*actions.OPERATION_BY_ACTION, actions.CONNECT, actions.OPEN_LINK, actions.SHOW}
    buttons |= {actions.RUN_AGAIN, run_form.PIPELINE_MENU, run_form.SAME_AGAIN}
    private = {*carried.CARRYING, carried.CONFIRM, running.CHOOSE_PIPELINE, running.FILL_IN}
    told = {
        subscribing.EDIT,
        subscribing.REMOVE,
        subscribing.SET_UP,
        subscribing.EDIT_SETTINGS,
        subscribing.MUTE,
    }
    assert set(routes.actions) == buttons | private | told
    assert set(routes.forms) == {
        actions.CONNECT_FORM,
        actions.REASON_FORM,
        actions.PROPOSAL_FORM,
        actions.VALUES_FORM,
    } | {run_form.RUN_FORM, subscribing.SUBSCRIBE_FORM, subscribing.SETTINGS_FORM}
    menus = {run_form.PIPELINE_MENU, run_form.REF_MENU, subscribing.TOPIC_MENU}
    assert set(routes.options) == menus


async def test_the_bot_needs_only_the_scopes_it_asks_for(world: World) -> None:
    """A whole story works with exactly the manifest's scopes."""
    manifest = yaml.safe_load((ROOT / "manifest.yaml").read_text("utf-8"))
    world.slack.scopes.clear()
    world.slack.scopes.update(manifest["oauth_config"]["scopes"]["bot"])
    world.expected_refusals.add("conversations.info: missing_scope")
    maya = await world.person("maya")
    run, card = await world.waiting(maya)

    await world.acts(maya.clicks(card, "Approve"))

    assert run.is_running
    assert card.thread[0].reads
    assert card.reads
