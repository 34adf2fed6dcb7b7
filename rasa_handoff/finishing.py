"""Writes down which effects are done: while the store writes some, the next ones gather, and go together."""

import asyncio
from collections.abc import Sequence

from rasa_handoff.core.errors import HandoffError
from rasa_handoff.ports import Store

Waiting = tuple[str, asyncio.Future[None]]


class Finishing:
    """Belongs to the courier's event loop."""

    def __init__(self, store: Store, worker: str) -> None:
        self._store = store
        self._worker = worker
        self._waiting: list[Waiting] = []
        self._writing: asyncio.Task[None] | None = None

    async def done(self, effect_id: str) -> None:
        """Returns when it is written. Errors: Unreachable."""
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((effect_id, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await written

    async def settle(self) -> None:
        """What is being written is written."""
        if self._writing is not None:
            await self._writing

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self._store.done, [effect_id for effect_id, _ in batch], self._worker)
            except HandoffError as error:
                _end(batch, error)
            else:
                _end(batch, None)


def _end(batch: Sequence[Waiting], error: HandoffError | None) -> None:
    for _, written in batch:
        if written.done():  # the courier was stopped meanwhile
            continue
        if error is None:
            written.set_result(None)
        else:
            written.set_exception(error)
