"""What listeners do with an acknowledgement, and what middleware and error handlers may do."""

from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncAck, AsyncBoltContext
from slack_bolt.response import BoltResponse

from tests.handlers.ack_stage import ACK_TIMEOUT, STAGE, pause


async def plain(ack: AsyncAck) -> None:
    """Acknowledge and be done."""
    await ack()


async def with_text(ack: AsyncAck) -> None:
    """Acknowledge with a text."""
    await ack("taken")


async def in_channel(ack: AsyncAck) -> None:
    """Acknowledge with a text for everybody."""
    await ack("taken", response_type="in_channel")


async def with_blocks(ack: AsyncAck) -> None:
    """Acknowledge with blocks."""
    await ack("taken", blocks=[{"type": "divider"}])


async def with_options(ack: AsyncAck) -> None:
    """Fill a menu; the acknowledgement is the answer."""
    await ack(options=[{"text": {"type": "plain_text", "text": "deploy"}, "value": "1"}])


async def with_option_groups(ack: AsyncAck) -> None:
    """Fill a menu that has headings."""
    await ack(option_groups=[{"label": {"type": "plain_text", "text": "shop"}, "options": []}])


async def with_form_errors(ack: AsyncAck) -> None:
    """Refuse a form field."""
    await ack(response_action="errors", errors={"branch": "No such branch."})


async def with_next_form(ack: AsyncAck) -> None:
    """Replace the form."""
    await ack(response_action="update", view={"type": "modal", "callback_id": "next"})


async def closing_forms(ack: AsyncAck) -> None:
    """Close all forms."""
    await ack(response_action="clear")


async def with_nothing(ack: AsyncAck) -> None:
    """Acknowledge with what is no message: Bolt refuses that."""
    await ack(None)  # type: ignore[arg-type]  # the mistake is the case


async def never(context: AsyncBoltContext) -> None:
    """Do the work and forget the acknowledgement."""
    STAGE.get().effects.append(f"worked for {context.team_id}")


async def late(ack: AsyncAck) -> None:
    """Acknowledge after some work, in time."""
    await pause(0.03)
    await ack("late")


async def too_late(ack: AsyncAck) -> None:
    """Acknowledge when Slack is gone, and go on."""
    await pause(ACK_TIMEOUT + 0.1)
    await ack("too late")
    STAGE.get().effects.append("finished")


async def twice(ack: AsyncAck) -> None:
    """Acknowledge again before anybody could look."""
    await ack("first")
    await ack("second")


async def twice_with_a_pause(ack: AsyncAck) -> None:
    """Acknowledge again when the first one is answered."""
    await ack("first")
    await pause(0.05)
    await ack("second")
    STAGE.get().effects.append("finished")


async def from_another_task(ack: AsyncAck) -> None:
    """Leave the acknowledgement to a task of the listener's own."""

    async def acknowledge() -> None:
        await pause(0.01)
        await ack("from afar")

    STAGE.get().inflight.start(acknowledge(), name="acknowledge")


async def broken() -> None:
    """Raise before any acknowledgement."""
    raise RuntimeError("broken")


async def broken_after_ack(ack: AsyncAck) -> None:
    """Acknowledge and raise at once."""
    await ack("taken")
    raise RuntimeError("broken")


async def broken_soon_after_ack(ack: AsyncAck) -> None:
    """Acknowledge and raise before Bolt's runner looks again."""
    await ack("taken")
    await pause(0.002)
    raise RuntimeError("broken")


async def note_lazily(ack: AsyncAck) -> None:
    """Work in a lazy function, with the acknowledgement it was given a copy of."""
    response = ack.response
    STAGE.get().effects.append(f"lazy, after {'no' if response is None else 'an'} ack")


async def skip() -> None:
    """Say that the request is not for this listener."""


async def refuse() -> BoltResponse:
    """Answer in the listener's place."""
    return BoltResponse(status=418, body="refused")


async def go_on_and_answer(next_: Callable[[], Awaitable[None]]) -> BoltResponse:
    """Let the listener run, but give the answer."""
    await next_()
    return BoltResponse(status=202, body="from the middleware")


async def apologise(error: Exception) -> BoltResponse:
    """Turn an error into an answer of the app's own."""
    STAGE.get().errors.append(str(error))
    return BoltResponse(status=503, body="sorry")


async def note_error(error: Exception) -> None:
    """Handle an error without an answer."""
    STAGE.get().errors.append(str(error))
