"""Chatwoot's agent bot as a channel of Rasa. In `credentials.yml`::

    rasa_handoff.connectors.chatwoot.ChatwootInput:
      url: https://app.chatwoot.com
      account: 1
      bot_token: ${CHATWOOT_BOT_TOKEN}
      signing_secret: ${CHATWOOT_BOT_SECRET}

`docs/how-to/channels/chatwoot.md` says where these are found.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from typing import Any, Awaitable, Callable, Dict, Optional, Set, Text

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from rasa_handoff.connectors.chatwoot_api import ChatwootApi, ChatwootError
from rasa_handoff.connectors.chatwoot_output import NAME, ChatwootOutput, Memory
from rasa_handoff.connectors.chatwoot_words import (
    Said,
    is_proven,
    mapping,
    payload_of,
    said,
    sender_id,
    taken_by_human,
)

logger = logging.getLogger(__name__)

Handler = Callable[[UserMessage], Awaitable[Any]]

_REMEMBERED = 10_000


class ChatwootInput(InputChannel):
    """Customers who write to an inbox of Chatwoot that has this agent bot.

    A webhook is answered at once and worked off afterwards, since Chatwoot waits five seconds and then opens the
    conversation for people; the messages of one conversation one after the other.
    """

    @classmethod
    def name(cls) -> Text:
        """The channel's name in trackers, in responses and in its address, /webhooks/chatwoot/webhook."""
        return NAME

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> "ChatwootInput":
        """Errors: RasaException, which says what is missing."""
        given = {name: value for name, value in (credentials or {}).items() if value not in (None, "")}
        missing = [name for name in ("url", "account", "bot_token") if name not in given]
        if missing:
            raise RasaException("The chatwoot channel in credentials.yml lacks: {}.".format(", ".join(missing)))
        known = ("url", "account", "bot_token", "signing_secret", "secret_path", "api_token")
        unknown = [name for name in given if name not in known]
        if unknown:
            raise RasaException("The chatwoot channel in credentials.yml knows no {}.".format(", ".join(unknown)))
        return cls(**given)

    def __init__(
        self,
        url: Text,
        account: int,
        bot_token: Text,
        signing_secret: Text = "",
        secret_path: Text = "",
        api_token: Text = "",
    ) -> None:
        if not signing_secret and len(secret_path) < 20:
            raise RasaException(
                "Nothing proves that a webhook comes from Chatwoot: give the chatwoot channel in credentials.yml the "
                "agent bot's secret as `signing_secret`, or before Chatwoot 4.13 a `secret_path` of 20 or more random "
                "characters, which ends the bot's webhook address."
            )
        self._account = int(account)
        self._signing, self._path = str(signing_secret), str(secret_path)
        self._api = ChatwootApi(str(url), self._account, str(bot_token), str(api_token))
        self._memory = Memory()
        self._seen: "OrderedDict[Text, None]" = OrderedDict()
        self._last: Dict[int, "asyncio.Task[None]"] = {}
        self._opening: Set["asyncio.Task[None]"] = set()

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """The webhook's address, with and without a secret at its end."""
        webhook = Blueprint("chatwoot_webhook", "chatwoot_webhook")

        @webhook.route("/", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            return self._received(request, "", on_new_message)

        @webhook.route("/webhook/<secret>", methods=["POST"])
        async def receive_there(request: Request, secret: Text) -> HTTPResponse:
            return self._received(request, secret, on_new_message)

        @webhook.listener("after_server_stop")
        async def close(*_: Any) -> None:
            await self._api.close()

        return webhook

    def get_output_channel(self) -> OutputChannel:
        """For what is pushed: what agents write, and the handoff's notices."""
        return ChatwootOutput(self._api, self._account, self._memory)

    def _received(self, request: Request, path: Text, on_new_message: Handler) -> HTTPResponse:
        if not is_proven(request.headers, request.body, path, self._signing, self._path, time.time()):
            return response.text("This request is not signed as it must be.", status=403)
        payload = payload_of(request.body)
        account = mapping(payload.get("account")).get("id")
        if account in (None, self._account):
            self._take_in(payload, request.app, on_new_message)
        return response.text("")

    def _take_in(self, payload: Dict[Text, Any], app: Any, on_new_message: Handler) -> None:
        message, taken = said(payload), taken_by_human(payload)
        if taken is not None:
            task = asyncio.ensure_future(self._open(taken))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
        if message is None or self._is_repeat(message):
            return
        self._memory.saw(message.number, message.channel)
        before = self._last.get(message.number)
        task = asyncio.ensure_future(self._work_off(message, before, app, on_new_message))
        self._last[message.number] = task
        task.add_done_callback(lambda done: self._forget(message.number, done))

    def _is_repeat(self, message: Said) -> bool:
        key = "{}/{}".format(message.number, message.id)
        is_known = key in self._seen
        self._seen[key] = None
        self._seen.move_to_end(key)
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return is_known

    async def _work_off(
        self, message: Said, before: Optional["asyncio.Task[None]"], app: Any, on_new_message: Handler
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        sender = sender_id(self._account, message.number)
        try:
            if await _is_in_tracker(app, sender, message):
                return
            output = ChatwootOutput(self._api, self._account, self._memory, message.status, asks=True)
            text = message.text if message.chosen else self._memory.chosen(message.number, message.text)
            told = {"input_channel": self.name(), "message_id": message.id, "metadata": message.metadata}
            await on_new_message(UserMessage(text, output, sender, **told))
        except Exception:
            # There is nobody to raise it to: Chatwoot has its answer.
            logger.exception("The message %s in %s was not worked off.", message.id, sender)

    async def _open(self, number: int) -> None:
        """A person has answered: the conversation is theirs, and Chatwoot shows it so."""
        try:
            await self._api.set_status(number, "open")
        except ChatwootError as error:
            logger.error("A person answers in conversation %s, but it cannot be opened: %s", number, error)

    def _forget(self, number: int, done: "asyncio.Task[None]") -> None:
        if self._last.get(number) is done:
            del self._last[number]


async def _is_in_tracker(app: Any, sender: Text, message: Said) -> bool:
    """Whether Rasa has had it, in another process or before a restart. Of a choice, in the whole conversation."""
    store = getattr(getattr(app.ctx, "agent", None), "tracker_store", None)
    if store is None:
        return False
    retrieve = store.retrieve_full_tracker if message.chosen else store.retrieve
    tracker = await retrieve(sender)
    ids = ((event.metadata or {}).get("message_id") for event in reversed(tracker.events if tracker else ()))
    return message.id in ids
