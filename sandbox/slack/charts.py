"""What Slack accepts in a chart. Source: Slack, «Data visualization block»."""

from collections.abc import Iterator
from typing import Any

from sandbox.slack.schema import Rule, array, both, fields, number, problem, string, typed, unique


def _positive(value: float, pointer: str) -> Iterator[str]:
    if value <= 0:
        yield problem("must be more than 0", pointer)


_POINT = fields({"label": string(20), "value": number})
_AXES = fields(
    {"categories": array(string(20), 20)}, {"x_label": string(50), "y_label": string(50)}
)


def _no_gaps(chart: dict[str, Any], pointer: str) -> Iterator[str]:
    """Ask for exactly one point per category in each series, and for names that differ."""
    categories = chart["axis_config"]["categories"]
    names = []
    for index, series in enumerate(chart["series"]):
        names.append((series["name"], f"{pointer}/series/{index}/name"))
        if sorted(point["label"] for point in series["data"]) != sorted(categories):
            yield problem("must have one point for each category", f"{pointer}/series/{index}/data")
    yield from unique(names, "name")


_LINES: Rule = both(
    fields(
        {
            "series": array(fields({"name": string(20), "data": array(_POINT, 20)}), 12),
            "axis_config": _AXES,
        }
    ),
    _no_gaps,
)
CHART = typed(
    {
        "pie": fields(
            {"segments": array(fields({"label": string(20), "value": both(number, _positive)}), 12)}
        ),
        "bar": _LINES,
        "line": _LINES,
        "area": _LINES,
    }
)
