"""Take secrets out of what the inspector shows: tokens, response URLs, triggers, secret fields."""

import re
from collections.abc import Collection, Iterator, Mapping

MASK = "••••"

_SECRET_KEYS = {
    *("token", "response_url", "access_token", "ticket", "X-Slack-Signature"),
    *("secret_key", "Authorization"),
}
_SECRET_FIELD = re.compile(r"token|secret|password|passphrase|api.?key", re.IGNORECASE)
_CAPABILITIES = re.compile(
    r"(?<=/response/)[\w-]+|(?<=ticket=)[\w-]+|\b\d{13}\.\d{13}\.[0-9a-f]{32}\b"
    r"|(?<=/buddy/webhooks/)[\w-]+|(?<=/buddy/runs/)[\w-]+|(?<=```)[\w-]{32}(?=```)"
)
"""What lets whoever holds it act: response URLs, socket tickets, trigger ids, addresses that Buddy
calls, and secrets that are shown to be pasted."""

_TYPED = ("value", "initial_value", "rich_text_value")

Field = tuple[str, str]
"""A block's id and an action's."""


def masked(value: object, secrets: Collection[str]) -> object:
    """Copy JSON without its secrets; ``secrets`` are texts that must not stand anywhere in it."""
    hidden = {text for text in secrets if text}
    return _masked(value, hidden, set(_secret_fields(value)))


def _masked(value: object, secrets: set[str], fields: set[Field]) -> object:
    match value:
        case str(text):
            return _without(text, secrets)
        case list(items):
            return [_masked(one, secrets, fields) for one in items]
        case dict(inside):
            return {
                key: _entry(str(key), one, secrets, fields) for key, one in _opened(inside, fields)
            }
        case _:
            return value


def _entry(key: str, value: object, secrets: set[str], fields: set[Field]) -> object:
    return MASK if key in _SECRET_KEYS and value else _masked(value, secrets, fields)


def _opened(
    inside: Mapping[str, object], fields: set[Field], block: str = ""
) -> Iterator[tuple[str, object]]:
    """Mask what somebody typed into a secret field, wherever a payload repeats it."""
    block = str(inside.get("block_id", block))
    for key, value in inside.items():
        if key == "values" and isinstance(value, dict):
            yield key, {name: _state(name, of, fields) for name, of in value.items()}
        elif key in _TYPED and value and (block, str(inside.get("action_id"))) in fields:
            yield key, MASK
        elif key == "element" and isinstance(value, dict):
            yield key, dict(_opened(value, fields, block))
        else:
            yield key, value


def _state(block: str, states: object, fields: set[Field]) -> object:
    if not isinstance(states, dict):
        return states
    return {
        action: _hidden(state) if (block, action) in fields else state
        for action, state in states.items()
    }


def _hidden(state: object) -> object:
    if not isinstance(state, dict):
        return state
    return {key: MASK if key in _TYPED and one else one for key, one in state.items()}


def _secret_fields(value: object) -> Iterator[Field]:
    """Find the inputs whose label or ids say that they hold a secret."""
    if isinstance(value, list):
        for child in value:
            yield from _secret_fields(child)
    elif isinstance(value, dict) and value.get("type") == "input":
        block, action = str(value.get("block_id", "")), str(value["element"].get("action_id"))
        if _SECRET_FIELD.search(f"{block} {action} {value['label']['text']}"):
            yield block, action
    elif isinstance(value, dict):
        for child in value.values():
            yield from _secret_fields(child)


def _without(text: str, secrets: set[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, MASK)
    return _CAPABILITIES.sub(MASK, text)
