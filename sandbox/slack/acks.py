"""What Slack and its client do with the bot's answer to a request."""

from collections.abc import Mapping
from typing import Any

from sandbox.slack.core import Core
from sandbox.slack.delivery import Ack
from sandbox.slack.limits import check_view
from sandbox.slack.parts import SUGGESTIONS
from sandbox.slack.refusal import Refusal
from sandbox.slack.shape import Block, complete_part
from sandbox.slack.state import Content
from sandbox.slack.surfaces import Channel, Member, View

TROUBLE = "We had some trouble connecting. Try again?"
"""What a modal shows when the answer to its submission could not be used."""


def failure(ack: Ack) -> str:
    """Name the failure as Slack shows it; empty if the request was taken."""
    if ack.timed_out:
        return "operation_timeout"
    return "" if ack.is_ok else "dispatch_failed"


def settle_command(core: Core, member: Member, channel: Channel, command: str, ack: Ack) -> None:
    """Show what a slash command answered: privately unless it asks for the channel."""
    error = failure(ack)
    args = ack.body if isinstance(ack.body, dict) else {"text": ack.body or ""}
    if not error and (args.get("text") or args.get("blocks")):
        try:
            content = core.content(args)
        except Refusal as refusal:
            ack.problem, error = str(refusal), refusal.error
        else:
            _show(core, member, channel, content, str(args.get("response_type")))
    if error:
        ack.problem = ack.problem or error
        said = Content(f'{command} failed with the error "{error}"')
        core.space.whisper(channel, member.id, said, is_by_bot=False)


def settle_submission(core: Core, view: View, ack: Ack) -> dict[str, str]:
    """Carry out the ``response_action``; return the errors shown, by the block of their input.

    Source: Slack, «Modals», «Handling submissions»: an empty answer closes the view.
    """
    error = failure(ack)
    try:
        if not error:
            answer = ack.body if isinstance(ack.body, dict) else {}
            return _respond(core, view, answer)
    except Refusal as refusal:
        error = str(refusal)
    ack.problem = ack.problem or error
    return {"": TROUBLE}


def settle_suggestions(core: Core, ack: Ack) -> Block:
    """Read the options, or the groups of options, that a menu offers now; empty if it cannot.

    Source: Slack, «Select menu element», «External data source»: at most 100 options.
    """
    if failure(ack):
        return {}
    offered = ack.body if isinstance(ack.body, dict) else {}
    problems = list(SUGGESTIONS(offered, "")) if offered else ["no options"]
    if problems:
        ack.problem = "; ".join(problems)
        return {}
    return complete_part(offered, core.space.ids)


def _show(
    core: Core, member: Member, channel: Channel, content: Content, response_type: str
) -> None:
    if response_type == "in_channel":
        core.space.post(channel, core.space.bot_user, content)
    else:
        core.space.whisper(channel, member.id, content)


def _respond(core: Core, view: View, answer: Mapping[str, Any]) -> dict[str, str]:
    match answer.get("response_action"):
        case None:
            core.space.views.close(view)
        case "clear":
            core.space.views.clear(view.owner)
        case "errors":
            return _errors(view, answer.get("errors"))
        case "update":
            core.space.views.update(view, _checked(answer.get("view")))
        case "push":
            core.space.views.push(view.owner, _checked(answer.get("view")))
        case unknown:
            raise Refusal("invalid_arguments", [f"unknown response_action: {unknown}"])
    return {}


def _errors(view: View, errors: object) -> dict[str, str]:
    """Check errors, which are keyed by the block ids of inputs."""
    inputs = {block["block_id"] for block in view.layout if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
        raise Refusal("invalid_arguments", [f"errors must name input blocks: {errors}"])
    return {block_id: str(text) for block_id, text in errors.items()}


def _checked(spec: object) -> dict[str, Any]:
    check_view(spec)
    return spec if isinstance(spec, dict) else {}
