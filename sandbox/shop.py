"""The world to explore: a shop with five pipelines, and four people in its channels."""

from dataclasses import dataclass
from datetime import timedelta

from sandbox.buddy import Execution, Field, Pipeline, Step
from sandbox.buddy import Person as Colleague
from sandbox.gated import build_prices, build_release
from sandbox.slack import Channel, Person, Role
from sandbox.stage import Stage
from sandbox.story import build_shop
from sandbox.troubles import Troubles

SALE_IN = timedelta(minutes=10)
"""How long the scheduled pipeline waits before it starts."""


@dataclass(frozen=True, slots=True)
class Player:
    """Somebody one can be: a person of Slack, perhaps with an account in Buddy."""

    person: Person
    colleague: Colleague | None
    about: str


@dataclass(slots=True, repr=False)
class Shop:
    """Who and what there is."""

    stage: Stage
    channel: Channel
    players: dict[str, Player]
    deploy: Pipeline
    troubles: Troubles
    others: dict[str, Channel]
    """Channels beside the one before which a terminal sits, by name."""

    @property
    def pipelines(self) -> dict[str, Pipeline]:
        """The pipelines by their short names."""
        return {one.identifier: one for one in self.stage.buddy.state.pipelines.values()}

    @property
    def runs(self) -> list[Execution]:
        """Every run, the newest first."""
        found = [run for pipeline in self.pipelines.values() for run in pipeline.runs]
        return sorted(found, key=lambda run: run.hash, reverse=True)

    def start(self, pipeline: Pipeline, by: Colleague) -> Execution:
        """Start a pipeline in Buddy's web app; the sale is always scheduled for later.

        What a pipeline wants to be told is filled in, as somebody in Buddy would.
        """
        if pipeline.identifier == "sale":
            return pipeline.run(by=by, delay_until=self.stage.clock.now() + SALE_IN)
        if pipeline.is_wildcard:
            return pipeline.run(by=by, branch="main", comment="Started in Buddy")
        return pipeline.run(by=by)

    async def opens(self) -> None:
        """Let something be going on: a commit was pushed, and its card is in the channel."""
        ben, maya = self.players["ben"], self.players["maya"]
        fixed = f"The login is fixed, it builds in <#{self.channel.id}>."
        await ben.person.says(fixed, in_=self.others["shop"])
        asks = f"<@{maya.person.id}> will you have a look before it goes out?"
        await ben.person.says(asks, in_=self.others["release-approvers"])
        run = self.deploy.push(by=ben.colleague, message="Fix the login of returning customers")
        await maya.person.says(f"/buddy show {name_of(run)}", in_=self.channel)

    async def connect(self, name: str) -> None:
        """Let somebody have connected their account already."""
        player = self.players[name]
        if player.colleague is None:
            return
        await player.person.says("/buddy connect", in_=self.channel)
        await self.stage.settled()
        await player.person.submits({"Personal access token": player.colleague.token})
        await self.stage.settled()
        await player.person.closes_modal()


def name_of(run: Execution) -> str:
    """Name a run as people type it."""
    return f"{run.pipeline.project.name}/{run.pipeline.identifier}#{run.id}"


def build_world(stage: Stage) -> Shop:
    """Set everything up; nobody is connected yet."""
    deploy, ben, maya = build_shop(stage.buddy)
    gia = stage.buddy.person("Gia Roth", workspaces=["acme"])
    _add_pipelines(stage, maya)
    for pipeline in stage.buddy.state.pipelines.values():
        pipeline.grant(gia, "READ_ONLY")
    slack = stage.slack
    people = {
        "ben": Player(slack.person("ben"), ben, "a developer"),
        "maya": Player(slack.person("maya"), maya, "the approver, who has connected Buddy already"),
        "gia": Player(slack.person("gia", Role.GUEST), gia, "a guest of this Slack workspace"),
        "pat": Player(
            slack.person("pat", Role.STRANGER), None, "somebody of a partner company's Slack"
        ),
    }
    everybody = [player.person for player in people.values()]
    channel = slack.channel("deployments", everybody, shared=True)
    others = (
        slack.channel("shop", everybody[:3]),
        slack.channel("release-approvers", everybody[:2], private=True),
    )
    return Shop(
        stage,
        channel,
        people,
        deploy,
        Troubles(slack, stage.buddy),
        {one.name: one for one in others},
    )


def _add_pipelines(stage: Stage, approver: Colleague) -> None:
    build_release(stage.buddy, approver)
    build_prices(stage.buddy)
    stage.buddy.pipeline(
        "acme",
        "shop",
        "Nightly tests",
        identifier="nightly",
        actions=[
            Step("Checkout", seconds=5),
            Step("Browser tests", seconds=15, fails=True, logs=["3 of 214 failed: checkout.spec"]),
            Step("Report", seconds=5),
        ],
    )
    stage.buddy.pipeline(
        "acme",
        "shop",
        "Ship a hotfix",
        identifier="hotfix",
        refs=("refs/heads/main", "refs/heads/hotfix/*"),
        description_required=True,
        inputs=(
            Field("STAGE", options=("test", "live"), description="Where it goes"),
            Field("TICKET", description="The ticket it mends, such as SHOP-12"),
            Field("REVIEWERS", "ben, maya", description="Who is told"),
            Field("DEPLOY_KEY", "of the vault", encrypted=True),
        ),
        actions=[Step("Build", seconds=15), Step("Deploy", seconds=15)],
    )
    stage.buddy.pipeline(
        "acme",
        "shop",
        "Start the winter sale",
        identifier="sale",
        actions=[Step("Switch prices", seconds=10), Step("Warm the cache", seconds=20)],
    )
