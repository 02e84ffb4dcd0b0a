"""What a POST to a ``response_url`` does. Source: Slack, «Handling user interaction».

Slack documents no body for refusals. A refusal of the content is answered here with HTTP 200 and
``ok: false``, as apps in the field read it, so that a bot has to look at both.
"""

from sandbox.slack.core import Args, Core, flag
from sandbox.slack.refusal import Refusal
from sandbox.slack.surfaces import Ephemeral, Message
from sandbox.slack.tickets import ResponseUrl


def respond(core: Core, key: str, args: Args) -> None:
    """Answer an interaction once.

    Raises:
        Refusal: ``expired_url`` or ``used_url``, which are HTTP 404; or a refusal of the content.
    """
    url = core.tickets.use_response_url(key)
    # A slash command has no original: there the flags change nothing.
    if url.origin is not None and flag(args, "delete_original"):
        _remove(core, url.origin)
    elif url.origin is not None and flag(args, "replace_original"):
        _replace(core, url.origin, args)
    else:
        _add(core, url, args)


def _remove(core: Core, origin: Message | Ephemeral) -> None:
    if isinstance(origin, Message):
        core.space.delete(origin)
    else:
        core.space.vanish(origin)


def _replace(core: Core, origin: Message | Ephemeral, args: Args) -> None:
    content = core.content(args)
    if origin.deleted:
        raise Refusal("message_not_found")
    if isinstance(origin, Message):
        core.space.edit(origin, content)
    else:
        core.space.rewrite(origin, content)


def _add(core: Core, url: ResponseUrl, args: Args) -> None:
    content = core.content(args)
    if args.get("response_type") == "in_channel":
        core.space.post(url.channel, core.space.bot_user, content, core.thread(url.channel, args))
    else:
        core.space.whisper(url.channel, url.user, content, args.get("thread_ts") or None)
