"""``apps.connections.open``: hand out the address of one WebSocket."""

from sandbox.slack.core import Answer, Args, Core


def connections_open(core: Core, _args: Args) -> Answer:
    """Make an address that works once. Source: Slack, apps.connections.open, «Response»."""
    base = core.base.replace("http", "ws", 1)
    ticket = core.tickets.socket()
    return {"url": f"{base}/link/?ticket={ticket}&app_id={core.space.app_id}"}
