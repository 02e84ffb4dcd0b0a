"""A sealed value where it stands: what it takes to open it, and to seal it anew."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sealed:
    """One sealed value of one row."""

    id: int
    value: str = field(repr=False)
    owner: str
    """Whom it was sealed for: it opens for nobody else."""
