"""Read the bodies of writes, and refuse what the documentation does not allow."""

import json
from datetime import datetime
from typing import Any

from sandbox.buddy.actions import Value
from sandbox.buddy.errors import bad
from sandbox.buddy.operations import Operation
from sandbox.buddy.options import Order

Body = dict[str, Any]

HIDDEN = "********"
"""What stands instead of an encrypted value, in the journal and in answers."""


def read_body(content: bytes) -> Body:
    """Read a JSON object."""
    try:
        body = json.loads(content)
    except ValueError:
        raise bad("Malformed JSON") from None
    if not isinstance(body, dict):
        raise bad("The body must be an object")
    return body


def read_operation(body: Body) -> Operation:
    """Read what a PATCH wants."""
    try:
        return Operation(body.get("operation", ""))
    except ValueError:
        raise bad("Field operation has no valid value") from None


def read_target(body: Body) -> str | None:
    """Read which action is meant: the id is a string, even when it is an action's number (S4)."""
    target = body.get("approve_action_id")
    if target is not None and not isinstance(target, str):
        raise bad("Field approve_action_id must be a string")
    return target


def read_variables(body: Body) -> tuple[Value, ...]:
    """Read variables: a list of key, value and perhaps encrypted (S6, S34).

    Values have a single line (S19); that others are refused is inferred.
    """
    entries = body.get("variables", [])
    if not isinstance(entries, list):
        raise bad("Field variables must be a list")
    values = []
    for entry in entries:
        match entry:
            case {"key": str(key), "value": str(value)} if key and "\n" not in value:
                values.append(Value(key, value, encrypted=entry.get("encrypted") is True))
            case _:
                raise bad("Every variable needs a key and a value of a single line")
    return tuple(values)


def read_order(body: Body) -> Order:
    """Read what a POST wants to run (S6). That wrong values are refused is inferred."""
    return Order(
        branch=_name(body, "branch"),
        tag=_name(body, "tag"),
        pull_request=_name(body, "pull_request"),
        revision=_name(body, "to_revision", key="revision") or "HEAD",
        comment=_text(body, "comment"),
        priority=_priority(body),
        refresh=_flag(body, "refresh"),
        clear_cache=_flag(body, "clear_cache"),
        delay_until=_moment(body, "delay_until"),
        variables=read_variables(body),
        actions_to_run=_numbers(body, "actions_to_run"),
    )


def hide_secrets(body: object, secret_keys: set[str]) -> object:
    """Take the encrypted values out of a body, for the journal."""
    if isinstance(body, list):
        return [hide_secrets(entry, secret_keys) for entry in body]
    if not isinstance(body, dict):
        return body
    if "value" in body and (body.get("encrypted") is True or body.get("key") in secret_keys):
        return {**body, "value": HIDDEN}
    if body.get("secret_key"):
        body = {**body, "secret_key": HIDDEN}
    return {key: hide_secrets(value, secret_keys) for key, value in body.items()}


def _name(body: Body, field: str, key: str = "name") -> str | None:
    match body.get(field):
        case None:
            return None
        case {**named} if isinstance(named.get(key), str) and named[key]:
            return str(named[key])
        case _:
            raise bad(f"Field {field} must be an object with a {key}")


def _text(body: Body, field: str) -> str:
    text = body.get(field) or ""
    if not isinstance(text, str):
        raise bad(f"Field {field} must be a string")
    return text


def _flag(body: Body, field: str) -> bool:
    flag = body.get(field) or False
    if not isinstance(flag, bool):
        raise bad(f"Field {field} must be a boolean")
    return flag


def _priority(body: Body) -> str:
    priority = body.get("priority") or "NORMAL"
    if priority not in {"LOW", "NORMAL", "HIGH"}:
        raise bad("Field priority must be LOW, NORMAL or HIGH")
    return str(priority)


def _moment(body: Body, field: str) -> datetime | None:
    if not (text := _text(body, field)):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise bad(f"Field {field} must be a date") from None
    if moment.tzinfo is None:
        raise bad(f"Field {field} must be in UTC")
    return moment


def _numbers(body: Body, field: str) -> list[int]:
    numbers = body.get(field) or []
    if not isinstance(numbers, list) or not all(type(number) is int for number in numbers):
        raise bad(f"Field {field} must be a list of numbers")
    return numbers
