"""What a channel need not write itself: the answers of one that cannot do a thing."""

from collections.abc import Awaitable, Callable, Sequence

from rasa_handoff.channel import Capabilities, Checked, File, Incoming, Received
from rasa_handoff.core.errors import NotFound, UnsupportedByChannel
from rasa_handoff.core.takeover import Place


class BaseChannel:
    """A `Channel` without what most have no use for. Whatever `capabilities` promise is to be written."""

    id: str
    capabilities: Capabilities

    async def typing(self, place: Place, *, on: bool) -> None:
        raise UnsupportedByChannel(f"{self.id} cannot show that somebody types.")

    async def history(self, place: Place) -> Sequence[Incoming]:
        raise UnsupportedByChannel(f"{self.id} has no history to ask for.")

    async def open_file(self, ref: str) -> File:
        raise NotFound(f"{self.id} has no private files.")

    async def pull(self, take_in: Callable[[Received], Awaitable[None]]) -> None:
        return

    async def check(self) -> Sequence[Checked]:
        return ()

    async def close(self) -> None:
        return
