"""Who answers in a conversation: passing control on, and taking it back.

By the handover protocol's edges of the page; where the page answers that they are disabled, by the Send API, as
Conversation Routing has it: with a message, after which control goes on.
https://developers.facebook.com/docs/messenger-platform/conversation-routing
"""

from contextlib import suppress
from typing import Any

import structlog

from rasa_handoff.channels.messenger.graph import Disabled, Graph
from rasa_handoff.channels.messenger.settings import MessengerSettings
from rasa_handoff.core.errors import HandoffError, Refused, UnsupportedByChannel

log = structlog.get_logger()


class Control:
    def __init__(self, graph: Graph, settings: MessengerSettings) -> None:
        self._graph, self._settings = graph, settings
        self._is_routed = False
        self._given: set[str] = set()

    async def give(self, customer: str, metadata: str, *, again: bool) -> None:
        """Those of `to_app` answer from now on. Doing it twice does nothing more. Errors: as calls, Disabled never."""
        self._given.add(customer)
        if again and await self.is_elsewhere(customer):
            return
        try:
            await self._give(customer, metadata)
        except UnsupportedByChannel:
            raise
        except Refused:
            # Only who has control may pass it on; somebody who has it already is no failure.
            if not await self.is_elsewhere(customer):
                raise

    async def take(self, customer: str) -> None:
        """The bot answers from now on. Doing it twice does nothing more."""
        self._given.discard(customer)
        if not await self.is_elsewhere(customer):
            return
        try:
            await self._call("take_thread_control", customer)
        except Refused as error:
            # Only a page's default app may take; others may ask, where no default is set.
            log.info("messenger.control_asked_for", because=str(error))
            await self._call("request_thread_control", customer)

    def moved(self, customer: str, *, elsewhere: bool) -> None:
        """We were told who has control."""
        (self._given.add if elsewhere else self._given.discard)(customer)

    async def has_come_back(self, customer: str) -> bool:
        """Control that went elsewhere is ours again, or nobody's: it ends a day after the last message, untold.

        As far as this process knows where it went. False where it cannot be seen now.
        """
        if customer not in self._given:
            return False
        with suppress(HandoffError):
            if not await self.is_elsewhere(customer):
                self._given.discard(customer)
                return True
        return False

    async def is_elsewhere(self, customer: str) -> bool:
        """Another app has control. Meta tells who only of our own, and nothing at all of a conversation at rest."""
        told = await self._graph.get(f"{self._settings.page}/thread_owner", recipient=customer)
        rows = told.get("data") if isinstance(told, dict) else None
        owner = (rows[0].get("thread_owner") or {}) if rows else {}
        return bool(owner) and str(owner.get("app_id")) != self._settings.app

    async def _give(self, customer: str, metadata: str) -> None:
        if not self._is_routed:
            try:
                await self._by_handover(customer, metadata)
            except Disabled:
                log.info("messenger.conversation_routing", page=self._settings.page)
                self._is_routed = True
            else:
                return
        await self._by_message(customer, metadata)

    async def _by_handover(self, customer: str, metadata: str) -> None:
        if self._settings.to_app is None:
            await self._call("release_thread_control", customer)
        else:
            told = {"target_app_id": self._settings.to_app, "metadata": metadata}
            await self._call("pass_thread_control", customer, **told)

    async def _by_message(self, customer: str, metadata: str) -> None:
        to_app = self._settings.to_app
        control = {"control_type": "pass", "app_id": to_app} if to_app else {"control_type": "release"}
        message = {"text": self._settings.passing_on, "metadata": metadata}
        told: dict[str, Any] = {"messaging_type": "RESPONSE", "message": message, "thread_control": control}
        await self._call("messages", customer, **told)

    async def _call(self, edge: str, customer: str, **told: Any) -> None:
        await self._graph.post(f"{self._settings.page}/{edge}", {"recipient": {"id": customer}, **told})
