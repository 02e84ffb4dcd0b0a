"""Work that goes on after the POST that began it, and ends with the page at the latest."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, repr=False)
class Errands:
    """What is under way."""

    tasks: asyncio.TaskGroup
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, errand: Coroutine[Any, Any, None]) -> Callable[[], object]:
        """Begin something; return how to end it early."""
        task = self.tasks.create_task(errand)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task.cancel

    def end(self) -> None:
        """Leave everything where it is."""
        for task in self._under_way:
            task.cancel()
