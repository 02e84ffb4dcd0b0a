"""Turn answers of the newest generation into older ones.

    v1.0  ``mode``, ``trigger_mode``, ``ref_name``; 401 and 404 as ``{"error": …}``
    v1.1  ``triggeredOn``, ``on``, ``refs``; action executions without ids
    v1.2  the newest

Sources: S1 (v1.0), S2, S3, S5 and S9 (v1.1), S26 (the older errors), S33 (the names).
"""

from typing import Any

from sandbox.buddy.world import Generation

_MODES = {"CLICK": "MANUAL", "EVENT": "ON_EVERY_PUSH", "SCHEDULE": "SCHEDULED"}

_PIPELINE = (
    *("url", "html_url", "id", "name", "last_execution_status", "last_execution_revision"),
    *("create_date", "project", "creator"),
)
_EXECUTION = (
    *("url", "html_url", "id", "start_date", "finish_date", "priority", "refresh", "status"),
    *("comment", "branch", "from_revision", "to_revision", "creator"),
)
_LOST = {"email": "workspaces_url", "disabled": "trigger_time", "html_url": "total_page_count"}
"""Fields that older answers lack, each beside one that tells where it is meant."""


def translate(shape: dict[str, Any], generation: Generation) -> dict[str, Any]:
    """Write an answer in another generation's words."""
    if generation == "v1.2":
        return shape
    translated = _rename(shape, generation)
    return {name: _old(value, generation) for name, value in translated.items()}


def refusal(status: int, message: str, generation: Generation) -> dict[str, Any]:
    """Write an error; the oldest generation has another shape for some (S26)."""
    if generation == "v1.0" and status in {401, 404}:
        return {"error": message}
    return {"errors": [{"message": message}]}


def _old(value: object, generation: Generation) -> object:
    match value:
        case dict():
            return translate(value, generation)
        case list():
            return [_old(entry, generation) for entry in value]
        case _:
            return value


def _rename(shape: dict[str, Any], generation: Generation) -> dict[str, Any]:
    match shape:
        case {"triggered_on": _}:
            return _execution(shape, generation)
        case {"definition_source": _}:
            return _pipeline(shape, generation)
        case {"action_execution_id": _}:
            return _action_execution(shape)
        case _:
            return {name: shape[name] for name in shape if _LOST.get(name) not in shape}


def _execution(shape: dict[str, Any], generation: Generation) -> dict[str, Any]:
    old = {name: shape[name] for name in _EXECUTION}
    trigger = shape["triggered_on"]
    if generation == "v1.0":
        old["mode"] = _MODES.get(trigger, trigger)
    else:
        old["triggeredOn"] = trigger
    if "action_executions" not in shape:
        del old["from_revision"]
        return old
    return {
        **old,
        "pipeline": shape["pipeline"],
        "action_executions": shape["action_executions"],
    }


def _pipeline(shape: dict[str, Any], generation: Generation) -> dict[str, Any]:
    old = {name: shape[name] for name in _PIPELINE if name in shape}
    if "project" not in shape:
        del old["create_date"]
    trigger = "EVENT" if shape["events"] else "CLICK"
    if generation == "v1.0":
        first = next(iter(shape["refs"]), "")
        return {**old, "trigger_mode": _MODES[trigger], "ref_name": first.rpartition("/")[2]}
    return {**old, "on": trigger, "refs": shape["refs"]}


def _action_execution(shape: dict[str, Any]) -> dict[str, Any]:
    """Keep what the documented examples have: dates only once it has ended."""
    names = ["status", "progress", "action"]
    if shape["finish_date"]:
        names += ["start_date", "finish_date"]
    return {name: shape[name] for name in names}
