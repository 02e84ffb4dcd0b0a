"""Short names stand for pipelines, by number; a default is meant where nothing is named."""

from bot.domain.catalog import PipelineRef
from bot.domain.person import Person
from bot.domain.subscription import Scope, Wish
from bot.store import subscriptions
from bot.store.subscriptions import Asked
from tests.flows.acts import types
from tests.world import World, both_databases, both_doors

pytestmark = both_doors


async def test_a_name_stands_wherever_a_pipeline_does(world: World) -> None:
    """The channel is told who gave it; every command takes it."""
    maya = await world.person("maya")
    assert await types(world, maya, "alias prod = shop/deploy") == ""
    assert "@maya named shop / Deploy prod in this channel" in world.deploys.messages[-1].reads
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(25)

    assert "shop / Deploy #1" in await types(world, maya, "status prod")
    assert "Executions of shop / Deploy" in await types(world, maya, "executions PROD")
    assert "Approve shop" in (await types(world, maya, "approve prod")) or maya.ephemerals
    await types(world, maya, "show prod#1")
    card = world.deploys.messages[-1]
    assert "shop / Deploy #1" in card.reads
    await types(world, maya, "approve prod#1")

    assert run.is_running
    assert [reply.reads for reply in card.thread]


async def test_it_survives_a_renaming(world: World) -> None:
    """What is stored is the number."""
    maya = await world.person("maya")
    await types(world, maya, "alias prod = shop/deploy")
    assert world.deploys.messages[-1].reads
    world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    world.buddy.rename(world.deploy.project, "store")
    world.deploy.name = "Ship it"

    assert "store / Ship it #1" in await types(world, maya, "status prod")
    assert "store / Deploy" in await types(world, maya, "alias")


async def test_the_channels_own_goes_before_the_teams(world: World) -> None:
    """Taken back, the team's holds again; the list is private."""
    maya = await world.person("maya")
    world.buddy.pipeline("acme", "shop", "Nightly", identifier="nightly")
    told = await types(world, maya, "alias prod = shop/nightly for:team")
    assert "@maya named shop / Nightly prod in every channel" in told
    assert not world.deploys.messages
    await types(world, maya, "alias prod = shop/deploy")
    assert world.deploys.messages[-1].reads

    assert "Executions of shop / Deploy" in await types(world, maya, "executions prod")
    listed = await types(world, maya, "alias")
    assert "prod is shop / Deploy (by @maya)" in listed
    assert "prod is shop / Nightly, for the whole team" in listed
    await types(world, maya, "alias prod =")
    assert "took back prod" in world.deploys.messages[-1].reads
    assert "Executions of shop / Nightly" in await types(world, maya, "executions prod")
    assert "of the whole team" in await types(world, maya, "alias prod =")
    assert "took back prod" in await types(world, maya, "alias prod = for:team")
    assert "No pipeline has a short name here" in await types(world, maya, "alias")


async def test_an_unknown_name_is_answered_with_the_nearest(world: World) -> None:
    """And with how to name a pipeline in full."""
    maya = await world.person("maya")
    await types(world, maya, "alias prod = shop/deploy")
    assert world.deploys.messages[-1].reads

    told = await types(world, maya, "status prdo")

    assert "is no short name of a pipeline here" in told
    assert "Did you mean prod?" in told
    assert "is no short name" in await types(world, maya, "approve nothing#12")


async def test_a_project_of_that_name_is_mentioned_once(world: World) -> None:
    """The short name goes first, and whoever gives it is told so."""
    maya = await world.person("maya")

    await types(world, maya, "alias shop = shop/deploy")

    told = world.deploys.messages[-1].reads
    assert "There is also the project Web Shop: alone, shop means the pipeline" in told


async def test_only_linked_people_name_things(world: World) -> None:
    """Whoever cannot see a pipeline cannot say what its name means."""
    ben = await world.person("ben", connected=False)

    told = await types(world, ben, "alias prod = shop/deploy")

    assert "I do not know your Buddy account" in told
    assert not world.deploys.messages


async def test_a_default_is_meant_where_nothing_is_named(world: World) -> None:
    """By a list, by the state of the channel, and by a number alone; the answer says which."""
    maya = await world.person("maya")
    told = await types(world, maya, "approve #1")
    assert "this channel has no default one" in told
    await types(world, maya, "alias default = shop/deploy")
    assert "the default pipeline in this channel" in world.deploys.messages[-1].reads
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    await world.passes(25)

    listed = await types(world, maya, "executions")
    assert "Executions of shop / Deploy" in listed
    assert "the default here" in listed
    assert "shop / Deploy #1" in await types(world, maya, "status")
    told = await types(world, maya, "approve #1")

    assert run.is_running
    assert "shop / Deploy #1" in told
    assert [reply.reads for reply in world.deploys.messages[-1].thread]
    assert world.deploys.messages[-1].reads


async def test_where_the_bot_cannot_post_only_its_giver_is_told(world: World) -> None:
    """The name holds all the same, and says that nobody else knows."""
    maya = await world.person("maya")
    private = world.slack.channel("secret", [maya], bot_is_member=False, private=True)
    world.expected_refusals.add("chat.postMessage: channel_not_found")

    await world.acts(maya.says("/buddy alias prod = shop/deploy", in_=private))

    assert "nobody else was told" in world.private(maya)
    assert "is no short name" in await types(world, maya, "status prod")


@both_databases
async def test_a_name_can_be_given_anew(world: World) -> None:
    """The last one counts, and what it meant before is said."""
    maya = await world.person("maya")
    world.buddy.pipeline("acme", "shop", "Nightly", identifier="nightly")
    await types(world, maya, "alias prod = shop/deploy")
    assert world.deploys.messages[-1].reads
    await types(world, maya, "alias prod = shop/nightly")

    assert "It meant Deploy before" in world.deploys.messages[-1].reads
    assert "Executions of shop / Nightly" in await types(world, maya, "executions prod")


async def test_the_only_subscription_is_the_default(world: World) -> None:
    """A channel that is told of one pipeline means that one; its own default goes before."""
    maya = await world.person("maya")
    at = PipelineRef(world.buddy.host, "acme", "shop", world.deploy.id)
    owner = Person(world.slack.team, maya.id)
    scope = Scope(at.host, at.workspace, at.project, at.pipeline)
    asked = Asked(world.deploys.id, scope, "Web Shop", "Deploy", Wish(), owner)
    async with world.stage.bot.database.transaction() as transaction:
        await subscriptions.save(transaction, asked, world.stage.clock.now())
    world.buddy.pipeline("acme", "shop", "Nightly", identifier="nightly")

    assert "Executions of shop / Deploy" in await types(world, maya, "executions")
    await types(world, maya, "alias default = shop/nightly for:team")
    assert "Executions of shop / Deploy" in await types(world, maya, "executions")
    await types(world, maya, "alias default = shop/nightly")
    assert world.deploys.messages[-1].reads
    assert "Executions of shop / Nightly" in await types(world, maya, "executions")


async def test_run_alone_opens_the_form_with_the_default(world: World) -> None:
    """Nothing is started by that; what is meant stands in the form."""
    maya = await world.person("maya")
    await types(world, maya, "alias default = shop/deploy")
    assert world.deploys.messages[-1].reads

    await types(world, maya, "run")

    assert maya.modal is not None
    assert "Deploy" in maya.modal.reads
    assert not world.deploy.runs
    await maya.closes_modal()
    await types(world, maya, "alias prod = shop/deploy")
    assert world.deploys.messages[-1].reads
    await types(world, maya, "run prod @main")
    assert len(world.deploy.runs) == 1
    assert "shop / Deploy #1" in world.deploys.messages[-1].reads


async def test_a_channel_can_subscribe_by_a_short_name(world: World) -> None:
    """One word is the short name before it is a project."""
    maya = await world.person("maya")
    await types(world, maya, "alias shop = shop/deploy")
    assert world.deploys.messages[-1].reads

    told = await types(world, maya, "subscribe shop")

    assert told
    assert "Web Shop / Deploy" in world.deploys.messages[-1].reads
    assert "Web Shop / Deploy" in await types(world, maya, "subscriptions")
    await types(world, maya, "unsubscribe shop")
    assert "Web Shop / Deploy" in world.deploys.messages[-1].reads


async def test_the_settings_name_them(world: World) -> None:
    """Beside what else is set for the channel."""
    maya = await world.person("maya")
    await types(world, maya, "alias prod = shop/deploy")
    assert world.deploys.messages[-1].reads
    await types(world, maya, "alias default = shop/deploy")
    assert world.deploys.messages[-1].reads

    told = await types(world, maya, "settings")

    assert "prod is shop / Deploy (by @maya)" in told
    assert "Default pipeline\nshop / Deploy" in told
