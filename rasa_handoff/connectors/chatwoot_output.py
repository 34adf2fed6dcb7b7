"""What the bot says, brought to Chatwoot; of its own accord only while the conversation is the bot's."""

import json
import logging
from collections import OrderedDict
from typing import Any, Dict, Iterable, List, Optional, Text
from urllib.parse import unquote, urlsplit

from rasa.core.channels.channel import OutputChannel

from rasa_handoff.connectors.chatwoot_api import ChatwootApi, ChatwootError
from rasa_handoff.connectors.chatwoot_words import RENDERS_OPTIONS, is_notice, mapping, number_of, options, plain

logger = logging.getLogger(__name__)

NAME = "chatwoot"
BOTS = "pending"
"""The status of a conversation that is the bot's. Open, snoozed and resolved ones are people's."""

_LONGEST = 100_000
_KEPT = 10_000


class Memory:
    """What is known of the newest conversations: the kind of inbox, and the options that were last shown."""

    def __init__(self) -> None:
        self._channels: "OrderedDict[int, Text]" = OrderedDict()
        self._options: "OrderedDict[int, Dict[Text, Text]]" = OrderedDict()

    def saw(self, number: int, channel: Text) -> None:
        if channel:
            _keep(self._channels, number, channel)

    def channel(self, number: int) -> Optional[Text]:
        return self._channels.get(number)

    def offered(self, number: int, items: List[Dict[Text, Text]]) -> None:
        """An answer may be an option's title or its number."""
        known = {str(place): item["value"] for place, item in enumerate(items, 1)}
        known.update((item["title"].strip().casefold(), item["value"]) for item in items)
        _keep(self._options, number, known)

    def chosen(self, number: int, text: Text) -> Text:
        """What an option's title stands for, where inboxes send that; else the text itself."""
        return self._options.pop(number, {}).get(text.strip().casefold(), text)


class ChatwootOutput(OutputChannel):
    """Messages to the customers of one account.

    `asks` is False for what is pushed from outside a turn: the handoff's courier does that, and knows who has the
    conversation. In a turn, the status is looked up before each message: a person may have taken over meanwhile.
    `status` is what Chatwoot said of it last, and counts when it cannot be asked.
    """

    @classmethod
    def name(cls) -> Text:
        """The channel's name in trackers and responses."""
        return NAME

    def __init__(self, api: ChatwootApi, account: int, memory: Memory, status: Text = BOTS, asks: bool = False) -> None:
        self._api, self._account, self._memory = api, account, memory
        self._status, self._asks = status, asks

    async def send_response(self, recipient_id: Text, message: Dict[Text, Any]) -> None:
        """Send it, unless it is the bot's own and a person has the conversation.

        What fails in a turn is logged, so that Rasa keeps the turn; what fails when it is pushed is raised, so that
        whoever pushes it tries again.
        """
        try:
            if not self._asks or is_notice(message) or await self._is_bots(recipient_id):
                await super().send_response(recipient_id, message)
            else:
                logger.info("A person has %s: the bot is silent.", recipient_id)
        except ChatwootError:
            if not self._asks:
                raise
            logger.exception("What the bot said in %s did not arrive.", recipient_id)

    async def send_text_message(self, recipient_id: Text, text: Text, **kwargs: Any) -> None:
        """Text, in Markdown as Chatwoot sets it for each kind of inbox."""
        await self._api.send(self._number(recipient_id), plain(text)[:_LONGEST])

    async def send_text_with_buttons(
        self, recipient_id: Text, text: Text, buttons: List[Dict[Text, Any]], **kwargs: Any
    ) -> None:
        """Text with options to choose from; listed with their numbers where the customer's inbox shows no options."""
        number, items = self._number(recipient_id), options(buttons)
        if not items:
            await self.send_text_message(recipient_id, text)
            return
        self._memory.offered(number, items)
        if await self._channel(number) in RENDERS_OPTIONS:
            await self._api.send(number, plain(text)[:_LONGEST], "input_select", items=items)
        else:
            listed = ["{}. {}".format(place, item["title"]) for place, item in enumerate(items, 1)]
            await self._api.send(number, plain("\n".join([text, "", *listed]))[:_LONGEST])

    async def send_image_url(self, recipient_id: Text, image: Text, **kwargs: Any) -> None:
        """The image itself, as Chatwoot takes no addresses; its address where it cannot be had."""
        await self._send_file(recipient_id, image)

    async def send_attachment(self, recipient_id: Text, attachment: Text, **kwargs: Any) -> None:
        """The file itself, or its address."""
        found = mapping(attachment)
        url = mapping(found.get("payload")).get("src") or mapping(found.get("payload")).get("url") or found.get("url")
        await self._send_file(recipient_id, str(url or attachment))

    async def send_elements(self, recipient_id: Text, elements: Iterable[Dict[Text, Any]], **kwargs: Any) -> None:
        """Each with its text, image and buttons."""
        for element in elements:
            text = "\n".join(str(element[name]) for name in ("title", "subtitle") if element.get(name))
            await self.send_text_with_buttons(recipient_id, text or "-", element.get("buttons") or [])
            if element.get("image_url"):
                await self.send_image_url(recipient_id, element["image_url"])

    async def send_custom_json(self, recipient_id: Text, json_message: Dict[Text, Any], **kwargs: Any) -> None:
        """A message of Chatwoot's own (`content`, `content_type`, `content_attributes`), or the JSON as text."""
        given = mapping(json_message)
        if not isinstance(given.get("content"), str):
            await self.send_text_message(recipient_id, json.dumps(json_message))
            return
        attributes = mapping(given.get("content_attributes"))
        kind = str(given.get("content_type") or "text")
        await self._api.send(self._number(recipient_id), given["content"], kind, **attributes)

    async def _send_file(self, recipient_id: Text, url: Text) -> None:
        number = self._number(recipient_id)
        try:
            media_type, data = await self._api.download(url)
            await self._api.send_file(number, _name(url), media_type, data)
        except ChatwootError as error:
            logger.warning("%s goes out as an address: %s", url, error)
            await self._api.send(number, url)

    async def _is_bots(self, recipient_id: Text) -> bool:
        try:
            there = await self._api.conversation(self._number(recipient_id))
            self._status = str(there.get("status") or self._status)
        except ChatwootError as error:
            logger.warning("Who has %s cannot be asked; it was %s: %s", recipient_id, self._status, error)
        return self._status == BOTS

    async def _channel(self, number: int) -> Optional[Text]:
        if self._memory.channel(number) is None:
            there = await self._api.conversation(number)
            self._memory.saw(number, str(mapping(there.get("meta")).get("channel") or there.get("channel") or ""))
        return self._memory.channel(number)

    def _number(self, recipient_id: Text) -> int:
        number = number_of(recipient_id, self._account)
        if number is None:
            raise ChatwootError("{} is no conversation of account {}.".format(recipient_id, self._account))
        return number


def _keep(kept: "OrderedDict[int, Any]", number: int, value: Any) -> None:
    kept[number] = value
    kept.move_to_end(number)
    while len(kept) > _KEPT:
        kept.popitem(last=False)


def _name(url: Text) -> Text:
    return unquote(urlsplit(url).path.rsplit("/", 1)[-1])[-100:] or "file"
