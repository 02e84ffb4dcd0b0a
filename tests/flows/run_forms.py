"""What people do with the form that starts a run, for the stories about it."""

from sandbox.slack import Person
from sandbox.slack.surfaces import View
from tests.world import World

PIPELINE = "Pipeline"
BRANCH = "Branch, tag or pull request"
SHOP = "Web Shop / Deploy"


async def opened(world: World, person: Person, text: str = "run") -> View:
    """Let somebody type a command that opens the form, and wait until it is filled in."""
    await world.acts(person.says(f"/buddy {text}", in_=world.deploys))
    return form(person)


def form(person: Person) -> View:
    """Look at the form in front of somebody."""
    assert person.modal is not None
    return person.modal


def field(view: View, label: str) -> object:
    """Read what stands in a field, as it would be sent."""
    block = next(
        one for one in view.layout if one["type"] == "input" and one["label"]["text"] == label
    )
    state = dict(view.values[block["block_id"]][block["element"]["action_id"]])
    del state["type"]
    [value] = state.values()
    return value["text"]["text"] if isinstance(value, dict) else value


async def choose(world: World, person: Person, pipeline: str = SHOP) -> View:
    """Search a pipeline in the form, choose it, and wait for what it wants."""
    await person.fills({PIPELINE: pipeline})
    await world.settled()
    return form(person)


async def sends(world: World, person: Person, **answers: object) -> View:
    """Fill in the rest, send the form, and wait for what comes of it."""
    await person.submits(answers)  # type: ignore[arg-type]  # whatever a field takes
    await world.settled()
    return form(person)


async def closes(person: Person) -> None:
    """Look at the form once more, and leave it without sending it."""
    assert form(person).reads
    await person.closes_modal()
