"""``views.*``: modals and Home tabs. Source: Slack, «Modals» and the methods' own pages."""

from typing import Any

from sandbox.slack.core import Answer, Args, Core, needed
from sandbox.slack.limits import check_view
from sandbox.slack.refusal import Refusal
from sandbox.slack.surfaces import View
from sandbox.slack.wire import view_object


def open_view(core: Core, args: Args) -> Answer:
    """Open a modal for the person who just acted."""
    spec = _spec(args, "modal")
    trigger = core.tickets.use_trigger(needed(args, "trigger_id"))
    return _answer(core, core.space.views.open(trigger.user, spec))


def push(core: Core, args: Args) -> Answer:
    """Put a modal on top of the one that the person just acted in."""
    spec = _spec(args, "modal")
    trigger = core.tickets.use_trigger(needed(args, "trigger_id"))
    if trigger.view is None:
        raise Refusal("invalid_trigger_id")
    return _answer(core, core.space.views.push(trigger.user, spec))


def update(core: Core, args: Args) -> Answer:
    """Replace an open modal's content, if it still is what the caller last saw."""
    view = _find(core, args)
    spec = _spec(args, view.kind)
    _check_hash(view, args)
    core.space.views.update(view, spec)
    return _answer(core, view)


def publish(core: Core, args: Args) -> Answer:
    """Show somebody's Home tab."""
    user = needed(args, "user_id")
    spec = _spec(args, "home")
    if user not in core.space.members:
        raise Refusal("user_not_found")
    if home := core.space.views.homes.get(user):
        _check_hash(home, args)
    return _answer(core, core.space.views.publish(user, spec))


def _spec(args: Args, kind: str) -> dict[str, Any]:
    spec = args.get("view")
    check_view(spec)
    if not isinstance(spec, dict) or spec["type"] != kind:
        raise Refusal("invalid_arguments", [f"view must be of type {kind}"])
    return spec


def _find(core: Core, args: Args) -> View:
    view = core.space.views.find(args.get("view_id"), args.get("external_id"))
    if view is None:
        raise Refusal("not_found")
    return view


def _check_hash(view: View, args: Args) -> None:
    if args.get("hash") not in (None, "", view.hash):
        raise Refusal("hash_conflict")


def _answer(core: Core, view: View) -> Answer:
    return {"view": view_object(core.space, view)}
