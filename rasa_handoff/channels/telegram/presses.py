"""Presses of buttons that wait for an answer, without which Telegram shows that something is going on.

Each can be answered once, and soon: with what its sender is to be told, or with nothing. All on one event loop.
"""

from rasa_handoff.channels.telegram.api import Bot

_OLD = ("query is too old", "query_id_invalid", "query id is invalid")
_LONGEST = 200  # characters of an answer


class Presses:
    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._waiting: dict[str, dict[str, str]] = {}

    def wait(self, place: str, person: str, query: str) -> None:
        self._waiting.setdefault(place, {})[person] = query

    async def told(self, place: str, person: str, text: str) -> bool:
        """The person sees the text, and nobody else does; False where it cannot be shown like that."""
        query = self._waiting.get(place, {}).pop(person, None)
        if query is None:
            return False
        if len(text) > _LONGEST:
            await self.answer(query)
            return False
        answer = {"callback_query_id": query, "text": text, "show_alert": True}
        return await self._bot.call("answerCallbackQuery", answer, fine=_OLD) is not None

    async def done(self, place: str) -> None:
        """All that wait at the place are answered: what they asked for has happened, and shows."""
        for query in self._waiting.pop(place, {}).values():
            await self.answer(query)

    async def answer(self, query: str) -> None:
        await self._bot.call("answerCallbackQuery", {"callback_query_id": query}, fine=_OLD)
