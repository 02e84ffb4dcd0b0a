"""Private lists: projects, pipelines, executions, and the choices of a name that is not exact."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import blocks
from bot.cards.card import MAX_BUTTON_TEXT, MAX_MESSAGE_TEXT, Block, Card
from bot.cards.carried import BROWSE, CHOOSE, NEXT, PREVIOUS, Carried
from bot.cards.execution import EMOJI
from bot.cards.glance import entry, glance, word_of
from bot.cards.text import clean, code, escape, link, whole
from bot.domain.catalog import Pipeline, PipelineRef, Project, Workspace
from bot.domain.command import Carriable, Executions, Pipelines, Show, with_choice
from bot.domain.execution import Execution
from bot.domain.reference import ExecutionName, PipelineLink, PipelineName, ProjectName
from bot.errors import AmbiguousName

PAGE = 10
"""Entries of a page: each is a section, and a message has at most 50 blocks."""

MAX_CHOICES = 10


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of an answer is shown, and to whom."""

    command: Carriable
    user: str
    number: int
    count: int | None
    """How many pages there are; None where Buddy does not say."""

    has_more: bool

    @classmethod
    def of(cls, command: Carriable, user: str, number: int, entries: int) -> "Page":
        """Choose a page of a list that is known as a whole; past its end, the last one."""
        count = max(1, -(-entries // PAGE))
        number = min(number, count)
        return cls(command, user, number, count, number < count)

    @property
    def entries(self) -> slice:
        """Which entries of the whole list it shows."""
        return slice((self.number - 1) * PAGE, self.number * PAGE)


Entry = tuple[str, Block | None]
"""Safe mrkdwn, and a button beside it."""


def projects_card(places: Sequence[tuple[Workspace, Project]], page: Page, ask: str = "") -> Card:
    """List projects; ``ask`` says what one of them is to be chosen for."""
    entries: list[Entry] = []
    for workspace, project in places[page.entries]:
        name = ProjectName(workspace.domain, project.name)
        title = link(project.url, escape(project.display_name, 80))
        text = f":package: *{title}* {code(str(name))}"
        label = f"Pipelines of {project.display_name}"
        entries.append((text, _beside("Pipelines", label, Pipelines(name), page.user)))
    title = ask or "Your projects"
    return _list_card(title, entries, page, "Your Buddy account sees no project.")


def pipelines_card(
    place: tuple[Workspace, Project], pipelines: Sequence[Pipeline], page: Page, host: str
) -> Card:
    """List the pipelines of a project, each with its latest execution's state."""
    workspace, project = place
    entries: list[Entry] = []
    for pipeline in pipelines[page.entries]:
        exact = PipelineLink(host, workspace.domain, project.name, pipeline.id)
        label = f"Executions of {pipeline.name}"
        button = _beside("Executions", label, Executions(exact), page.user)
        entries.append((_pipeline(project, pipeline), button))
    title = f"Pipelines of {escape(project.display_name, 80)}"
    return _list_card(title, entries, page, "It has no pipeline that your account sees.")


def executions_card(
    at: PipelineRef, pipeline: Pipeline, executions: Sequence[Execution], page: Page
) -> Card:
    """List executions of a pipeline, newest first."""
    entries: list[Entry] = []
    for execution in executions[:PAGE]:
        exact = PipelineLink(at.host, at.workspace, at.project, at.pipeline)
        show = Show(ExecutionName(exact, execution.ref.execution))
        label = f"Show #{execution.ref.execution} in this channel"
        entries.append((entry(execution), _beside("Show here", label, show, page.user)))
    name_of_it = link(pipeline.url, escape(pipeline.name, 80))
    title = f"Executions of {escape(at.project, 80)} / {name_of_it}"
    return _list_card(title, entries, page, "Nothing was run yet.")


def status_card(executions: Sequence[Execution], hidden: int) -> Card:
    """Tell how executions stand, each in one glance."""
    lines = [glance(execution) for execution in executions]
    body = [blocks.section(line) for line in lines]
    if hidden:
        body.append(blocks.context(f"…and {hidden} more: their cards are in this channel."))
    return Card(whole("\n".join(lines), MAX_MESSAGE_TEXT), tuple(body))


def choice_card(command: Carriable, ambiguous: AmbiguousName, user: str) -> Card:
    """Offer what a name can mean; each choice carries on with what was asked."""
    text = f"“{escape(ambiguous.name)}” can mean several. Which one?"
    body: list[Block] = [blocks.section(text)]
    choices = list(dict.fromkeys(ambiguous.choices))
    unpressed = []
    for index, choice in enumerate(choices[:MAX_CHOICES]):
        carried = Carried(with_choice(command, ambiguous.kind, choice), user)
        button = _button(CHOOSE, choice, carried)
        if button is None:
            unpressed.append(code(choice))
        else:
            body.append(blocks.actions(f"choice.{index}", [button]))
    if unpressed:
        body.append(blocks.section(f"Or type in full: {', '.join(unpressed)}"))
    if len(choices) > MAX_CHOICES:
        more = f"…and {len(choices) - MAX_CHOICES} more: type a little more of the name."
        body.append(blocks.context(more))
    listed = ", ".join(code(choice) for choice in choices[:MAX_CHOICES])
    return Card(whole(f"{text} {listed}", MAX_MESSAGE_TEXT), tuple(body))


def _list_card(title: str, entries: Sequence[Entry], page: Page, nothing: str) -> Card:
    body: list[Block] = [blocks.section(f"*{title}*")]
    for text, button in entries:
        section = blocks.section(text)
        body.append({**section, "accessory": button} if button else section)
    if not entries:
        body.append(blocks.section(nothing if page.number == 1 else "There are no more."))
    if page.number > 1 or page.has_more:
        of = f" of {page.count}" if page.count else ""
        body.append(blocks.context(f"Page {page.number}{of}"))
        turns = turning(page.command, page.user, page.number, has_more=page.has_more)
        body.append(blocks.actions("page", turns))
    lines = [text for text, _ in entries] or [nothing]
    return Card(whole("\n".join([title, *lines]), MAX_MESSAGE_TEXT), tuple(body))


def turning(command: Carriable, user: str, number: int, *, has_more: bool) -> list[Block]:
    """Build the buttons that turn the page of a private answer."""
    turns = []
    if number > 1:
        turns.append((PREVIOUS, "Previous", number - 1))
    if has_more:
        turns.append((NEXT, "Next", number + 1))
    buttons = [_button(id_, text, Carried(command, user, to)) for id_, text, to in turns]
    return [button for button in buttons if button]


def _pipeline(project: Project, pipeline: Pipeline) -> str:
    name = str(PipelineName("", project.name, pipeline.identifier or str(pipeline.id)))
    status = pipeline.last_status
    emoji = EMOJI[status] if status else ":white_circle:"
    parts = [f"{emoji} *{link(pipeline.url, escape(pipeline.name, 80))}* {code(name)}"]
    parts.append(f"last run {word_of(status)}" if status else "not run yet")
    if pipeline.last_revision:
        parts.append(code(pipeline.last_revision[:7]))
    if pipeline.is_disabled:
        parts.append("switched off in Buddy")
    return " · ".join(parts)


def _beside(text: str, label: str, command: Carriable, user: str) -> Block | None:
    button = _button(BROWSE, text, Carried(command, user))
    # Several buttons of a list say the same; a screen reader tells them apart.
    return {**button, "accessibility_label": clean(label, MAX_BUTTON_TEXT)} if button else None


def _button(action_id: str, text: str, carried: Carried) -> Block | None:
    value = carried.encode()
    if value is None:
        return None
    return {
        "type": "button",
        "action_id": action_id,
        "text": blocks.plain(clean(text, MAX_BUTTON_TEXT)),
        "value": value,
    }
