"""Filling in a form as Slack's client lets a person do it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Protocol

from sandbox.slack.shape import Block, value_field
from sandbox.slack.surfaces import View

REQUIRED = "Please complete this required field."

_ENTITIES = {"user", "conversation", "channel"}


class Named(Protocol):
    """A person or a channel."""

    @property
    def id(self) -> str:
        """Slack's id."""
        ...


Answer = str | int | date | Named | Iterable[str] | Iterable[Named] | None


def find_input(view: View, label: str) -> Block:
    """Find an input block by its visible label.

    Raises:
        LookupError: there is none.
    """
    view.seen = True
    for block in view.layout:
        if block["type"] == "input" and block["label"]["text"] == label:
            return block
    message = f"there is no input {label!r} among {view.labels}"
    raise LookupError(message)


def filled(element: Block, answer: Answer, options: list[Block] | None = None) -> Block:
    """Write what ``state.values`` says once this answer is in the element.

    ``options`` are those of a menu that the bot filled; otherwise the element brings its own.
    """
    field = value_field(element)
    return {"type": element["type"], field: _value(element, field, answer, options)}


def own_options(element: Block) -> list[Block]:
    """List the options that came with an element, those of its groups included."""
    groups = element.get("option_groups", [])
    inside = [option for group in groups for option in group["options"]]
    return [*element.get("options", []), *inside]


def pick(options: list[Block], text: str) -> Block:
    """Choose an option by its visible text.

    Raises:
        LookupError: there is none.
    """
    for option in options:
        if option["text"]["text"] == text:
            return option
    message = f"there is no option {text!r} among {[one['text']['text'] for one in options]}"
    raise LookupError(message)


def mistakes(view: View) -> dict[str, str]:
    """Check what the client checks before it sends anything; errors by block id."""
    errors = {}
    values = view.values
    for block in view.layout:
        if block["type"] != "input":
            continue
        element = block["element"]
        state = values.get(block["block_id"], {}).get(element["action_id"]) or {}
        for problem in _problems(block, element, state.get(value_field(element))):
            errors[block["block_id"]] = problem
    return errors


def by_label(view: View, errors: Mapping[str, str]) -> dict[str, str]:
    """Name errors as people see them: by the label of their input."""
    labels = {one["block_id"]: one["label"]["text"] for one in view.layout if "label" in one}
    return {labels.get(block_id, block_id): text for block_id, text in errors.items()}


def _value(element: Block, field: str, answer: Answer, options: list[Block] | None) -> object:
    if answer is None:
        return [] if field.endswith("s") else None
    known = own_options(element) if options is None else options
    kind = field.removeprefix("selected_")
    if kind == "option":
        return pick(known, str(answer))
    if kind == "options":
        return [pick(known, str(one)) for one in _each(answer)]
    if kind in _ENTITIES:
        return _id(answer)
    if kind.removesuffix("s") in _ENTITIES:
        return [_id(one) for one in _each(answer)]
    return _written(answer)


def _written(answer: Answer) -> object:
    if isinstance(answer, datetime):
        return int(answer.timestamp())
    return answer.isoformat() if isinstance(answer, date) else str(answer)


def _each(answer: Answer) -> list[object]:
    if isinstance(answer, Iterable) and not isinstance(answer, str):
        return [*answer]
    return [answer]


def _id(answer: object) -> str:
    return answer if isinstance(answer, str) else str(getattr(answer, "id", answer))


def _problems(block: Block, element: Block, value: object) -> Iterator[str]:
    if value in (None, "", []):
        if not block["optional"]:
            yield REQUIRED
    elif isinstance(value, str):
        yield from _text_problems(element, value)


def _text_problems(element: Block, value: str) -> Iterator[str]:
    match element["type"]:
        case "plain_text_input":
            least, most = element.get("min_length", 0), element.get("max_length", 3000)
            if len(value) < least:
                yield f"This entry must be at least {least} characters."
            if len(value) > most:
                yield f"This entry must be at most {most} characters."
        case "number_input":
            yield from _number_problems(element, value)
        case "email_text_input" if "@" not in value:
            yield "Please enter a valid email address."
        case _:
            return


def _number_problems(element: Block, value: str) -> Iterator[str]:
    try:
        number = float(value)
    except ValueError:
        yield "Please enter a number."
        return
    if "min_value" in element and number < float(element["min_value"]):
        yield f"Please enter a number of at least {element['min_value']}."
    if "max_value" in element and number > float(element["max_value"]):
        yield f"Please enter a number of at most {element['max_value']}."
