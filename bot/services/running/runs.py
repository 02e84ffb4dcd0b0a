"""Take a wish for a run, so that it cannot be lost and is carried out once.

accept     stores it before it is acknowledged, or says «not taken»
"""

from dataclasses import dataclass

from bot.domain.run import RunClick


@dataclass(slots=True)
class Runs:
    """Takes wishes for runs and brings them to their end."""

    async def accept(self, asked: RunClick) -> None:
        """Store a wish so that it cannot be lost; its job starts once it is stored.

        The same one delivered twice is one run.

        Raises:
            NotTaken: it could not be stored in time, and will not be carried out later either.
        """
        raise NotImplementedError(asked.key)
