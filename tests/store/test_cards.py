"""Cards are known by their messages, and their threads are told each thing once, in order."""

from dataclasses import replace

from bot.cards.card import Card
from bot.database import Database
from bot.domain.execution import Operation
from bot.domain.person import Person
from bot.store import cards
from bot.store.cards import Follow, LastAct, Message, Reply, StoredCard
from bot.store.tables import reply
from tests.domain.samples import NOON, REF, RUNNING

MAYA, TOM = Person("T1", "MAYA"), Person("T1", "TOM")
HERE, THERE = Message("T1", "C1", "1.1"), Message("T1", "C2", "2.2")
OTHER = replace(REF, execution=13)


async def follow(database: Database, asker: Person = MAYA) -> Follow:
    """Begin to follow the execution, and read what is known of it."""
    async with database.transaction() as transaction:
        await cards.begin_follow(transaction, RUNNING, asker, NOON)
        found = await cards.get_follow(transaction, REF.identity)
    assert found is not None
    return found


async def posted_cards(database: Database, *messages: Message) -> list[StoredCard]:
    """Remember messages that show the execution."""
    async with database.transaction() as transaction:
        for message in messages:
            await cards.add_card(transaction, REF, message)
        return await cards.cards_of(transaction, REF.identity)


async def tell(database: Database, told: list[StoredCard], about: str, text: str) -> None:
    """Write down what the threads are told."""
    async with database.transaction() as transaction:
        await cards.add_replies(transaction, told, about, Card(text, ({"type": "divider"},)), MAYA)


async def next_reply(database: Database, card: StoredCard) -> Reply | None:
    """Find what a thread is told next."""
    async with database.snapshot() as transaction:
        return await cards.waiting_reply(transaction, card.id)


async def test_an_execution_is_followed_for_the_first_who_asked(database: Database) -> None:
    """A second card changes nothing of what is known."""
    first = await follow(database)

    assert await follow(database, TOM) == first
    assert (first.ref, first.asker, first.since) == (REF, MAYA, NOON)
    assert (first.retries, first.mark, first.superseded_by, first.last_act) == (0, 0, None, None)


async def test_new_names_are_learnt(database: Database) -> None:
    """A renamed project is still the same execution, read by its new path."""
    await follow(database)
    renamed = replace(RUNNING, ref=replace(REF, project="store"), pipeline_name="ship")

    async with database.transaction() as transaction:
        await cards.begin_follow(transaction, renamed, MAYA, NOON)
        found = await cards.get_follow(transaction, REF.identity)

    assert found is not None
    assert (found.ref.project, found.pipeline_name) == ("store", "ship")


async def test_what_is_sent_outdates_reads_and_counts_retries(database: Database) -> None:
    """A retry that did not happen is counted back."""
    await follow(database)

    async with database.transaction() as transaction:
        assert await cards.retries_of(transaction, OTHER) == 0
        await cards.sent(transaction, REF, retries=1)
        await cards.sent(transaction, REF, retries=0)
        assert await cards.retries_of(transaction, REF) == 1
        await cards.sent(transaction, REF, retries=-1)
        found = await cards.get_follow(transaction, REF.identity)

    assert found is not None
    assert (found.mark, found.retries) == (3, 0)


async def test_the_last_act_is_remembered_with_its_reason(database: Database) -> None:
    """The footer of every card names it."""
    await follow(database)
    acted = {
        "last_team": "T1",
        "last_user": "TOM",
        "last_operation": "reject",
        "last_at": NOON,
        "last_reason": None,
        "superseded_by": 14,
    }

    async with database.transaction() as transaction:
        await cards.change_follow(transaction, REF, **acted)
    silent = await follow(database)
    async with database.transaction() as transaction:
        await cards.change_follow(transaction, REF, last_reason="wrong branch")
    reasoned = await follow(database)

    assert silent.last_act == LastAct(TOM, Operation.REJECT, NOON, "")
    assert reasoned.last_act == LastAct(TOM, Operation.REJECT, NOON, "wrong branch")
    assert reasoned.superseded_by == 14


async def test_a_message_is_one_card(database: Database) -> None:
    """Remembered once, listed oldest first, each with what it shows."""
    found = await posted_cards(database, HERE, THERE, HERE)

    assert [(card.channel, card.message_ts, card.digest) for card in found] == [
        ("C1", "1.1", ""),
        ("C2", "2.2", ""),
    ]
    async with database.transaction() as transaction:
        await cards.painted(transaction, found[0].id, "d1")
        again = await cards.cards_of(transaction, REF.identity)
        assert await cards.cards_of(transaction, OTHER.identity) == []
    assert [card.digest for card in again] == ["d1", ""]


async def test_a_thread_is_told_in_order_and_each_thing_once(database: Database) -> None:
    """However often a job is repeated."""
    (card,) = await posted_cards(database, HERE)
    for about in ("click/1", "click/2", "click/1"):
        await tell(database, [card], about, f"about {about}")
    told = []

    while waiting := await next_reply(database, card):
        told.append(waiting.content.text)
        async with database.transaction() as transaction:
            await cards.posted(transaction, waiting.id, f"{len(told)}.9")

    assert told == ["about click/1", "about click/2"]


async def test_a_reply_comes_back_with_its_card_and_its_person(database: Database) -> None:
    """Where the thread cannot be reached, the person is told directly."""
    (card,) = await posted_cards(database, HERE)
    await tell(database, [card], "click/1", "approved")

    found = await next_reply(database, card)

    assert found is not None
    assert (found.card, found.person) == (card, MAYA)
    assert found.content == Card("approved", ({"type": "divider"},))


async def test_every_card_of_an_execution_has_its_own_thread(database: Database) -> None:
    """One that was told does not keep the others from being told."""
    here, there = await posted_cards(database, HERE, THERE)
    await tell(database, [here, there], "click/1", "approved")
    first = await next_reply(database, here)
    assert first is not None

    async with database.transaction() as transaction:
        await cards.posted(transaction, first.id, "3.3")

    assert await next_reply(database, here) is None
    assert await next_reply(database, there) is not None


async def test_a_card_that_is_gone_is_forgotten_when_everything_was_told(
    database: Database,
) -> None:
    """Until then somebody has to be told directly; its told replies go with it."""
    here, there = await posted_cards(database, HERE, THERE)
    await tell(database, [here, there], "click/1", "approved")

    async with database.transaction() as transaction:
        await cards.drop_card(transaction, here.id)
        assert await cards.cards_of(transaction, REF.identity) == [here, there]
    left = await next_reply(database, here)
    assert left is not None
    async with database.transaction() as transaction:
        await cards.posted(transaction, left.id, "3.3")
        await cards.drop_card(transaction, here.id)
        assert await cards.cards_of(transaction, REF.identity) == [there]
        replies = (await transaction.run(reply.select())).mappings().all()

    assert [row["card_id"] for row in replies] == [there.id]


async def test_a_team_that_refused_the_plan_is_remembered(database: Database) -> None:
    """Its cards are plain from then on."""
    async with database.transaction() as transaction:
        assert not await cards.lacks_plan(transaction, "T1")
        await cards.note_lack_of_plan(transaction, "T1")
        await cards.note_lack_of_plan(transaction, "T1")
        assert await cards.lacks_plan(transaction, "T1")
        assert not await cards.lacks_plan(transaction, "T2")
