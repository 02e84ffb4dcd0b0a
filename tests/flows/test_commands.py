"""The slash command: everything that a button does, and an answer to whatever is typed."""

import pytest

from bot.domain.form import Form
from bot.domain.grammar import ACTIVE
from sandbox.buddy import Execution, Gate, GateKind, Parallel, Step
from sandbox.faults import Fault
from sandbox.slack import Channel, Person
from tests.flows.acts import A_MOMENT, types
from tests.world import World

PARALLEL: list[Step | Gate | Parallel] = [
    Parallel([Gate("Legal"), Gate("Security")]),
    Step("Deploy", seconds=5),
]
VARIABLES: list[Step | Gate | Parallel] = [
    Gate("Version", GateKind.VARIABLES),
    Step("Deploy", seconds=5),
]


async def pushed(world: World, person: Person, seconds: float = 25) -> Execution:
    """Push a commit and let time pass, without any card."""
    run = world.deploy.push(by=world.colleagues[person.name], message="Fix login")
    await world.passes(seconds)
    return run


async def test_help_is_the_answer_itself(world: World) -> None:
    """Help needs no account and no second message: it stands in the acknowledgement, at once."""
    ben = await world.person("ben", connected=False)
    slow = Fault(path="", times=9, delay=A_MOMENT)
    world.slack.faults.order(slow)

    for typed in ("/buddy", "/buddy help", "/buddy HELP"):
        ack = await world.acts(ben.says(typed, in_=world.deploys))
        assert ack.elapsed < A_MOMENT.total_seconds()
        told = world.private(ben)
        for usage in ACTIVE:
            assert f"/buddy {usage.word}" in told
            assert usage.does in told
    assert world.slack.faults.pending == [slow]


@pytest.mark.parametrize("usage", ACTIVE, ids=lambda usage: usage.word)
async def test_help_of_one_command(world: World, usage: Form) -> None:
    """Each command explains itself, with one example that can be typed as it stands."""
    ben = await world.person("ben", connected=False)

    ack = await world.acts(ben.says(f"/buddy help {usage.word}", in_=world.deploys))

    assert ack.body["text"] == f"How to use /buddy {usage.word}"
    told = world.private(ben)
    assert usage.does in told
    assert f"For example: /buddy {usage.example}" in told
    assert "^" not in await types(world, ben, usage.example), "a syntax error has a pointer"
    assert ben.modal is None or ben.modal.title == "Connect Buddy"


@pytest.mark.parametrize(
    ("typed", "problem", "column", "example"),
    [
        ("aprove shop/deploy#1", "Did you mean approve?", 0, "approve shop/deploy#12"),
        ("make coffee", "I do not know this command.", 0, "help approve"),
        ("help shwo", "Did you mean show?", 5, "show shop/deploy#12"),
        ("show", "Which execution?", 4, "show shop/deploy#12"),
        ("show shop/deploy 1", "I do not understand the text", 17, "show shop/deploy#12"),
        ("show shop/deploy#x", "After # comes the execution's number.", 17, "show shop/deploy#12"),
        ("show a/b/c/d#1", "at most workspace/project/pipeline", 12, "show shop/deploy#12"),
        ("show shop//deploy#1", "A name is missing here.", 10, "show shop/deploy#12"),
        ('show "shop/deploy#1', "This quote is never closed.", 5, "show shop/deploy#12"),
        ("retry shop/deploy#1 now", "I do not understand the text", 20, "retry shop/deploy#12"),
        ("connect me", "I do not understand the text", 8, "connect"),
        ("approve shop/deploy#1 because", "I do not understand", 22, "approve shop/deploy#12"),
    ],
)
async def test_wrong_input_is_answered_with_the_column(
    world: World, typed: str, problem: str, column: int, example: str
) -> None:
    """The answer shows where it stopped making sense, and one correct example."""
    ben = await world.person("ben", connected=False)

    told = await types(world, ben, typed)

    assert problem in told
    shown, pointer = (line.strip("`\n") for line in told.splitlines()[1:3])
    assert shown == f"/buddy {typed}"
    assert pointer.rstrip("`") == " " * (len("/buddy ") + column) + "^"
    assert f"For example: /buddy {example}" in told
    assert "All commands: /buddy help" in told


async def test_foreign_text_in_a_wrong_command_pings_nobody(world: World) -> None:
    """What was typed comes back as text, never as a mention."""
    ben = await world.person("ben", connected=False)

    told = await types(world, ben, "show <!channel>/`x` <@U0GREENBOT>")

    assert "<!channel>" in told
    assert not world.slack.pings


@pytest.mark.parametrize(
    "name",
    [
        "shop/deploy#1",
        "acme/shop/deploy#1",
        '"Web Shop"/Deploy#1',
        "“web shop”/“deploy”#1",
        "Acme/shop/1#1",
        "SHOP/DEPLOY#1",
    ],
)
async def test_a_pipeline_may_be_named_in_many_ways(world: World, name: str) -> None:
    """By name id, display name in quotes, number, with or without its workspace."""
    maya = await world.person("maya")
    await pushed(world, maya)

    assert await types(world, maya, f"show {name}") == ""

    assert "shop / Deploy #1" in world.deploys.messages[-1].reads


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("shp/deploy#1", "I find no project “shp”"),
        ("shop/deplyo#1", "I find no pipeline “deplyo”"),
        ("acne/shop/deploy#1", "I find no workspace “acne”"),
    ],
)
async def test_an_unknown_name_is_answered_with_the_nearest(
    world: World, name: str, told: str
) -> None:
    """A typing mistake is named, with what was probably meant."""
    maya = await world.person("maya")
    await pushed(world, maya)

    answer = await types(world, maya, f"show {name}")

    assert told in answer
    nearest = {"shp": "shop", "shop": "deploy", "acne": "acme"}[name.partition("/")[0]]
    assert f"Did you mean “{nearest}”?" in answer
    assert not world.deploys.messages


async def test_what_resembles_nothing_is_answered_without_a_guess(world: World) -> None:
    """No far-fetched guess: only where to look."""
    maya = await world.person("maya")

    answer = await types(world, maya, "show xyz/deploy#1")

    assert "I find no project “xyz” among what your Buddy account may see. Check" in answer


async def test_an_unknown_number(world: World) -> None:
    """The pipeline exists, the execution does not."""
    maya = await world.person("maya")
    await pushed(world, maya)

    for number in ("2", "0", "999999999999"):
        assert "Buddy does not find this" in await types(world, maya, f"show shop/deploy#{number}")
    assert not world.deploys.messages


@pytest.mark.parametrize(
    "number", ["-1", "1234567890123", "9" * 5000, "\uff11\uff12", "1.5", "0x10", "\u00b2"]
)
async def test_an_absurd_number(world: World, number: str) -> None:
    """Whatever stands after the #, somebody is told, and Buddy is not bothered with it."""
    maya = await world.person("maya")
    asked = len(world.buddy.journal)

    told = await types(world, maya, f"approve shop/deploy#{number}")

    assert "For example: /buddy approve shop/deploy#12" in told
    assert len(told) < 500
    assert len(world.buddy.journal) == asked


async def test_a_name_that_two_workspaces_have(world: World) -> None:
    """The choices are listed in full, and each can be typed."""
    world.buddy.workspace("zeta")
    world.buddy.project("zeta", "shop")
    other = world.buddy.pipeline("zeta", "shop", "Deploy", identifier="deploy", actions=[Step("A")])
    maya = await world.person("maya", connected=False)
    both = world.buddy.person("Maya M", workspaces=["acme", "zeta"])
    world.colleagues["maya"] = both
    await world.connect(maya)
    other.push(by=both, message="Other")

    told = await types(world, maya, "show shop/deploy#1")
    assert "“shop/deploy” can mean several. Which one?" in told
    assert maya.ephemerals[-1].buttons == ["acme/shop/deploy", "zeta/shop/deploy"]
    assert not world.deploys.messages

    assert await types(world, maya, "show zeta/shop/deploy#1") == ""
    assert "Other" in world.deploys.messages[-1].reads


async def test_what_a_person_may_not_see_does_not_exist_for_them(world: World) -> None:
    """A pipeline hidden in Buddy is hidden here, its nearest name included."""
    maya, ben = await world.person("maya"), await world.person("ben")
    world.deploy.grant(world.colleagues["ben"], "DENIED")
    await pushed(world, maya)

    told = await types(world, ben, "show shop/deploi#1")

    assert "I find no pipeline “deploi”" in told
    assert "Did you mean" not in told


@pytest.mark.parametrize(
    ("command", "sent", "says", "seconds"),
    [
        ("approve", "APPLY", "@maya approved Approve production.", 25),
        ("reject", "CANCEL", "@maya rejected Approve production, so Buddy cancels", 25),
        ("cancel", "CANCEL", "@maya cancelled this.", 25),
        ("cancel", "CANCEL", "@maya cancelled this.", 5),
        ("retry", "RETRY", "@maya retried this.", 0),
        ("start", "RUN_DELAYED", "@maya started this.", 0),
    ],
)
@pytest.mark.parametrize("has_card", [True, False])
async def test_each_operation_can_be_typed(
    world: World, command: str, sent: str, says: str, seconds: int, *, has_card: bool
) -> None:
    """It does what the button does and tells the thread of its card, which is posted if missing."""
    maya = await world.person("maya")
    by = world.colleagues["maya"]
    if command == "start":
        later = world.stage.clock.now().replace(hour=18)
        run = world.deploy.run(by=by, delay_until=later)
    else:
        run = await pushed(world, maya, seconds)
    if command == "retry":
        run.cancel(by=by)
        await world.passes(5)
    if has_card:
        await world.card(maya, run)

    told = await types(world, maya, f"{command} shop/deploy#1")

    assert world.patches()[-1]["operation"] == sent
    [card] = world.deploys.messages
    assert says in card.thread[-1].reads
    assert len(card.thread) == 1
    assert f"{command.capitalize()} shop/deploy#1: on it…" in told
    assert "shop / Deploy #1. Its card in this channel shows it." in told
    assert "by @maya" in card.reads


@pytest.mark.parametrize("typed", ['reason:"tested & <!here>"', "reason:“tested & <!here>”"])
async def test_a_typed_reason_is_told(world: World, typed: str) -> None:
    """The reason stands in the thread and on the card, and pings nobody."""
    maya = await world.person("maya")
    await pushed(world, maya)

    await types(world, maya, f"approve shop/deploy#1 {typed}")

    [card] = world.deploys.messages
    assert card.thread[0].reads.endswith(">tested & <!here>")
    assert "“tested & <!here>”" in card.reads
    assert [ping.target for ping in world.slack.pings if not ping.target.startswith("@maya")] == []


async def test_the_card_in_another_channel_is_told_too(world: World) -> None:
    """A command posts a card where it was typed; every copy's thread has the story."""
    maya = await world.person("maya")
    _, card = await world.waiting(maya)
    release = world.slack.channel("release", [maya])

    await world.acts(maya.says("/buddy approve shop/deploy#1", in_=release))

    [copy] = release.messages
    for one in (card, copy):
        assert "Approved by @maya" in one.reads
        assert [reply.reads for reply in one.thread] == [
            ":white_check_mark: @maya approved Approve production. The execution is running."
        ]
    assert [note.reads for note in maya.ephemerals]


async def test_two_waiting_gates_are_asked_about_privately(world: World) -> None:
    """A command that does not say which gate gets a button for each, which only they see."""
    world.deploy.plan(PARALLEL)
    maya = await world.person("maya")
    run = await pushed(world, maya)

    told = await types(world, maya, "approve shop/deploy#1")

    assert "Several gates of shop / Deploy #1 wait. Which one do you answer?" in told
    choice = maya.ephemerals[-1]
    assert choice.buttons == ["Approve: Legal", "Approve: Security"]
    assert "Security in shop / Deploy #1" in (choice.button("Approve: Security").confirm or "")
    assert not world.patches()

    await world.acts(maya.clicks(choice, "Approve: Security"))

    wanted = run.action("Security").id
    assert world.patches() == [{"operation": "APPLY", "approve_action_id": wanted}]
    assert run.waiting_gates == ["Legal"]
    assert "@maya approved Security" in _last_said(world, maya)


async def test_rejecting_needs_no_choice_of_the_gate(world: World) -> None:
    """Reject stops the whole execution, whichever gate waits."""
    world.deploy.plan(PARALLEL)
    maya = await world.person("maya")
    run = await pushed(world, maya)

    await types(world, maya, "reject shop/deploy#1 reason:late")

    assert [effect.operation for effect in run.history] == ["CANCEL"]
    [card] = world.deploys.messages
    assert "@maya rejected" in card.thread[0].reads
    assert card.reads


async def test_a_gate_that_asks_for_variables_leads_to_buddy(world: World) -> None:
    """It cannot be answered with a yes; the answer links to where it can."""
    world.deploy.plan(VARIABLES)
    maya = await world.person("maya")
    run = await pushed(world, maya)

    told = await types(world, maya, "approve shop/deploy#1")

    assert "which variables this gate asks for. Nothing was sent. Open it in Buddy" in told
    assert run.html_url in maya.ephemerals[-1].text
    assert not world.patches()


@pytest.mark.parametrize(
    ("command", "seconds", "told"),
    [
        ("approve", 5, "#1 is running, so there is nothing to approve. Nothing was sent."),
        ("reject", 5, "#1 is running, so there is nothing to reject."),
        ("retry", 25, "#1 is waiting for approval, so there is nothing to retry."),
        ("start", 25, "#1 is waiting for approval, so there is nothing to start."),
    ],
)
async def test_a_state_that_does_not_allow_it(
    world: World, command: str, seconds: int, told: str
) -> None:
    """The state is named, and nothing is sent."""
    maya = await world.person("maya")
    await pushed(world, maya, seconds)

    assert told in await types(world, maya, f"{command} shop/deploy#1")

    assert not world.patches()


async def test_a_second_command_finds_it_done(world: World) -> None:
    """Typed twice, approved once; the second answer says what the state is."""
    maya = await world.person("maya")
    await pushed(world, maya)

    await types(world, maya, "approve shop/deploy#1")
    told = await types(world, maya, "approve shop/deploy#1")

    assert "#1 is running, so there is nothing to approve" in told
    assert len(world.patches()) == 1
    [card] = world.deploys.messages
    assert len(card.thread) == 1
    assert card.thread[0].reads
    assert card.reads


@pytest.mark.parametrize("private", [False, True])
async def test_show_where_the_bot_is_no_member(world: World, *, private: bool) -> None:
    """The answer arrives all the same and says how to invite the bot."""
    refusal = "channel_not_found" if private else "not_in_channel"
    world.expected_refusals |= {
        f"chat.postMessage: {refusal}",
        "conversations.info: channel_not_found",
    }
    maya = await world.person("maya")
    await pushed(world, maya)
    back = _back_room(world, maya, private=private)

    await world.acts(maya.says("/buddy show shop/deploy#1", in_=back))

    told = world.private(maya)
    assert "I cannot post in this channel" in told
    assert "Invite me with /invite, then try again" in told
    back.bot_is_member = True
    await world.acts(maya.says("/buddy show shop/deploy#1", in_=back))
    assert "shop / Deploy #1" in back.messages[-1].reads


@pytest.mark.parametrize("private", [False, True])
async def test_an_operation_where_the_bot_is_no_member(world: World, *, private: bool) -> None:
    """It is done, and the person is told what was done: no card of it is claimed to be there."""
    refusal = "channel_not_found" if private else "not_in_channel"
    world.expected_refusals |= {
        f"chat.postMessage: {refusal}",
        "conversations.info: channel_not_found",
    }
    maya = await world.person("maya")
    run = await pushed(world, maya)
    back = _back_room(world, maya, private=private)

    await world.acts(maya.says("/buddy approve shop/deploy#1", in_=back))

    assert [effect.operation for effect in run.history] == ["APPLY"]
    told = [note.reads for note in maya.ephemerals]
    assert "@maya approved Approve production. The execution is running." in told[-1]
    assert not [text for text in told if "in this channel" in text]


async def test_the_card_elsewhere_does_not_hide_the_answer(world: World) -> None:
    """A card in another channel has the story; who typed where the bot is not hears it too."""
    world.expected_refusals.add("chat.postMessage: not_in_channel")
    maya = await world.person("maya")
    run, card = await world.waiting(maya)
    back = _back_room(world, maya, private=False)

    await world.acts(maya.says("/buddy approve shop/deploy#1", in_=back))

    assert run.is_running
    assert "@maya approved" in card.thread[0].reads
    told = [note.reads for note in maya.ephemerals]
    assert "@maya approved Approve production" in told[-1]
    assert card.reads


async def test_everything_else_is_private_where_the_bot_is_no_member(world: World) -> None:
    """Help, whoami and refusals need no membership."""
    maya = await world.person("maya")
    back = _back_room(world, maya, private=True)

    for typed, told in (
        ("help", "What I can do for you"),
        ("whoami", "you act as Maya"),
        ("approve shop/deploy#7", "Buddy does not find this"),
    ):
        await world.acts(maya.says(f"/buddy {typed}", in_=back))
        assert told in "\n".join(note.reads for note in maya.ephemerals)
    assert not back.messages


async def test_commands_work_in_a_direct_message_with_the_bot(world: World) -> None:
    """The conversation with the bot is a place like any other: card, thread, answers."""
    maya = await world.person("maya")
    run = await pushed(world, maya)
    direct = world.slack.channel("maya", [maya], private=True)
    direct.is_direct = True
    # Slack's ids of direct messages begin with another letter, and are not asked about.
    world.expected_refusals.add("conversations.info: missing_scope")

    await world.acts(maya.says("/buddy approve shop/deploy#1", in_=direct))

    assert [effect.operation for effect in run.history] == ["APPLY"]
    card = direct.messages[-1]
    assert "Approved by @maya" in card.reads
    assert "@maya approved" in card.thread[0].reads
    assert "Its card in this channel shows it" in world.private(maya)
    assert maya.ephemerals[0].reads


def _back_room(world: World, person: Person, *, private: bool) -> Channel:
    return world.slack.channel("back-room", [person], bot_is_member=False, private=private)


def _last_said(world: World, person: Person) -> str:
    """Read everything that was told, in the thread or privately, the newest last."""
    threads = [reply for one in world.deploys.messages for reply in one.thread]
    return "\n".join(one.reads for one in [*person.ephemerals, *threads])
