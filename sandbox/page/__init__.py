"""A page to click in: the simulated Slack as its people see it, and Buddy beside it.

feed        every change has a number; a page fetches a snapshot and follows from there
sight       what one person may see, in JSON: the only way out
acts        what people do in Slack: gestures of theirs, signed and sent like Slack's own
backstage   what happens outside: Buddy's web app, troubles, the clock
panel       Buddy in JSON; inspector: every request and answer, without secrets
guard       who may talk to the server at all
server      files, snapshot, stream and POSTs, on loopback
static      the page: plain modules, no build step
"""

from sandbox.page.opening import Page, PortTaken, listen, page_for

__all__ = ["Page", "PortTaken", "listen", "page_for"]
