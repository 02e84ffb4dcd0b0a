"""Write rows of text as columns."""

from collections.abc import Sequence


def written(rows: Sequence[Sequence[str]]) -> list[str]:
    """Write rows under each other, each column as wide as its widest cell."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
