"""The end of a log, for one person's eyes: the right action, no secrets, nothing breaks out."""

import pytest

from sandbox.buddy import Execution, Gate, Parallel, Step
from sandbox.slack import Person
from tests.flows.acts import types
from tests.world import World

BUILT = ("npm ci", "added 12 packages", "\x1b[32mbuilt\x1b[0m in 3 s")
PLAN: list[Step | Gate | Parallel] = [
    Step("Build", seconds=10, logs=BUILT),
    Step("Test unit", seconds=10, logs=["41 tests passed"]),
    Step("Test browser", seconds=10, logs=["opening the shop", "done"]),
    Gate("Approve production"),
    Step("Deploy", seconds=10, logs=["deploying"]),
]


async def pushed(world: World, person: Person, seconds: float) -> Execution:
    """Push a commit and let time pass, without any card."""
    run = world.deploy.push(by=world.colleagues[person.name], message="Fix login")
    await world.passes(seconds)
    return run


async def test_the_log_of_a_named_action(world: World) -> None:
    """By its name, or its beginning; colours are gone, and nobody else sees it."""
    world.deploy.plan(PLAN)
    maya, ben = await world.person("maya"), await world.person("ben")
    await pushed(world, maya, 35)

    for typed in ("logs shop/deploy#1 Build", "logs shop/deploy b", 'logs shop/deploy#1 "build"'):
        told = await types(world, maya, typed)
        assert "Log of Build (successful) in shop / Deploy #1" in told
        assert "npm ci\nadded 12 packages\nbuilt in 3 s" in told
        assert "what looks like a secret is masked. See the whole log in Buddy" in told
    assert not world.deploys.messages
    assert all("npm" not in note.reads for note in ben.ephemerals)


async def test_without_a_name_the_failed_action_is_meant(world: World) -> None:
    """What failed is what people look for, not what came after or before."""
    world.deploy.plan(PLAN)
    maya = await world.person("maya")
    run = world.deploy.push(by=world.colleagues["maya"], message="Fix login")
    run.fails_at("Test unit", logs=["expected 2, got 3", "exit code 1"])
    await world.passes(60)

    told = await types(world, maya, "logs shop/deploy")

    assert "Log of Test unit (failed)" in told
    assert "expected 2, got 3\nexit code 1" in told
    link = f"{run.html_url}/?actionExecutionId={run.action('Test unit').id}"
    assert link in str(maya.ephemerals[-1].layout)


async def test_without_a_failure_the_current_action_is_meant(world: World) -> None:
    """What runs now; when nothing runs and nothing failed, what ended last."""
    world.deploy.plan(PLAN[:3])
    maya = await world.person("maya")
    await pushed(world, maya, 15)

    assert "Log of Test unit (running)" in await types(world, maya, "logs shop/deploy")
    await world.passes(60)
    assert "Log of Test browser (successful)" in await types(world, maya, "logs shop/deploy")


async def test_a_link_to_an_action_means_its_log(world: World) -> None:
    """What was open in the browser is what is shown."""
    world.deploy.plan(PLAN)
    maya = await world.person("maya")
    run = await pushed(world, maya, 35)
    link = f"{run.html_url}/?actionExecutionId={run.action('Test browser').id}"

    told = await types(world, maya, f"logs <{link}>")

    assert "Log of Test browser (successful)" in told
    assert "opening the shop" in told


async def test_an_action_that_is_not_exact_is_chosen(world: World) -> None:
    """Two actions begin like that: a button for each, and the log takes their place."""
    world.deploy.plan(PLAN)
    maya = await world.person("maya")
    await pushed(world, maya, 35)

    await types(world, maya, "logs shop/deploy#1 test")
    question = maya.ephemerals[-1]
    assert question.buttons == ["Test unit", "Test browser"]
    await world.acts(maya.clicks(question, "Test browser"))

    assert "Log of Test browser" in question.reads


async def test_an_unknown_action_is_answered_with_those_there_are(world: World) -> None:
    """A typing mistake leads to the list of actions."""
    world.deploy.plan(PLAN)
    maya = await world.person("maya")
    await pushed(world, maya, 15)

    told = await types(world, maya, "logs shop/deploy#1 bild")

    assert "This execution has no action “bild”. Type one of these: “Build”, “Test unit”" in told


async def test_before_anything_has_begun_there_is_no_log(world: World) -> None:
    """A scheduled run says so, with the way to Buddy."""
    maya = await world.person("maya")
    later = world.stage.clock.now().replace(hour=18)
    world.deploy.run(by=world.colleagues["maya"], delay_until=later)

    told = await types(world, maya, "logs shop/deploy#1")

    assert "none of its actions has begun, so there is no log yet. Open it in Buddy." in told


async def test_an_action_without_lines(world: World) -> None:
    """An empty log is an answer, too."""
    world.deploy.plan([Step("Build", seconds=500)])
    maya = await world.person("maya")
    run = await pushed(world, maya, 5)
    before = len(run.action("Build").logs)

    told = await types(world, maya, "logs shop/deploy")

    assert ("no lines yet" in told) == (before == 0)


async def test_only_the_last_lines_are_shown(world: World) -> None:
    """Twenty at most, each of a length that fits, and together within what Slack takes."""
    lines = [f"line {number} {'.' * 3000}" for number in range(500)]
    world.deploy.plan([Step("Build", seconds=5, logs=lines)])
    maya = await world.person("maya")
    await pushed(world, maya, 10)

    told = await types(world, maya, "logs shop/deploy")

    assert "line 499" in told
    assert "line 480" not in told
    assert len(told) < 4000


@pytest.mark.parametrize(
    "secret",
    [
        "npm_abcdefghijklmnopqrstuvwxyz0123456789",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "8f742231-b10e-4888-9abc-9d1f0c2e4a55",
        "wJalrXUtnFEMIK7MDENGbPxRfiCYzEXAMPLEKEY1",
        "hunter2",
    ],
)
async def test_a_secret_in_a_log_is_masked(world: World, secret: str) -> None:
    """Whether it is known by its shape, by the name before it, or by its looks."""
    lines = [f"export DB_PASSWORD={secret}", f"login: token='{secret}'"]
    world.deploy.plan([Step("Build", seconds=5, logs=lines)])
    maya = await world.person("maya")
    await pushed(world, maya, 10)

    told = await types(world, maya, "logs shop/deploy")

    assert secret not in told
    assert secret not in str(maya.ephemerals[-1].layout)
    assert "export DB_PASSWORD=***" in told


@pytest.mark.parametrize(
    "line",
    ["```", "<!channel> @here", "*bold* <https://evil.example|click>", "\x1b]0;x\x07\u202eabc"],
)
async def test_no_line_breaks_out_of_the_block(world: World, line: str) -> None:
    """It pings nobody, links nowhere, and stays the text that it is."""
    world.deploy.plan([Step("Build", seconds=5, logs=["before", line, "after"])])
    maya = await world.person("maya")
    await pushed(world, maya, 10)

    told = await types(world, maya, "logs shop/deploy")

    shown = line.partition("\x07")[2].removeprefix("\u202e") or line
    assert f"before\n{shown}\nafter" in told
    assert not world.slack.pings


async def test_the_log_is_read_with_the_own_token(world: World) -> None:
    """Who may not see the pipeline reads no log of it."""
    world.deploy.plan(PLAN)
    maya, ben = await world.person("maya"), await world.person("ben")
    run = await pushed(world, maya, 35)
    world.deploy.grant(world.colleagues["ben"], "DENIED")

    for typed in ("logs shop/deploy#1", f"logs {run.html_url}"):
        assert "npm ci" not in await types(world, ben, typed)
    assert not [call for call in world.buddy.journal.select("GET") if call.path.endswith("/logs")]
