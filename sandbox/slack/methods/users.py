"""``auth.test`` and ``users.*``: who is who."""

from sandbox.slack.core import Answer, Args, Core, needed
from sandbox.slack.refusal import Refusal
from sandbox.slack.surfaces import Role
from sandbox.slack.wire import user_object


def auth_test(core: Core, _args: Args) -> Answer:
    """Tell the bot who it is."""
    space = core.space
    return {
        "url": f"https://{space.domain}.slack.com/",
        "team": space.domain,
        "user": space.name_of(space.bot_user),
        "team_id": space.team,
        "user_id": space.bot_user,
        "bot_id": space.bot_id,
        "is_enterprise_install": False,
    }


def info(core: Core, args: Args) -> Answer:
    """Describe an account, also one of another team or a deactivated one."""
    member = core.space.members.get(needed(args, "user"))
    if member is None:
        raise Refusal("user_not_found")
    written = user_object(member)
    if member.email and "users:read.email" in core.installation.scopes:
        written["profile"] = {**written["profile"], "email": member.email}
    return {"user": written}


def lookup_by_email(core: Core, args: Args) -> Answer:
    """Find an active account of this team by its address."""
    email = needed(args, "email").casefold()
    for member in core.space.members.values():
        is_here = member.team == core.space.team and member.role is not Role.DEACTIVATED
        if member.email and member.email.casefold() == email and is_here:
            return {"user": user_object(member)}
    raise Refusal("users_not_found")
