"""Updates of the Bot API: which concern us, and what the messages in them are.

https://core.telegram.org/bots/api#update; `message_thread_id` is the topic that a message stands in.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

from rasa_handoff.channel import AgentSaid, Person, Signal
from rasa_handoff.core.conversation import Attachment

Json = Mapping[str, Any]

TYPES = ("message", "edited_message", "callback_query")
"""The updates that we ask for."""

_FILES = {
    "animation": "video",
    "photo": "image",
    "live_photo": "image",
    "video": "video",
    "video_note": "video",
    "voice": "audio",
    "audio": "audio",
    "document": "file",
}
"""Where a message has a file, and what kind of attachment it is; an animation is told as a document too."""

_UNSENT = ("poll", "dice", "game", "story", "checklist", "paid_media", "invoice", "giveaway", "rich_message", "sticker")
_NOTE = "/note"


@dataclass(frozen=True, slots=True)
class NotPassedOn:
    """A message that does not go to the customer, and what its author is told."""

    person: Person
    why: str


@dataclass(frozen=True, slots=True)
class Query:
    """Somebody pressed the button with `data` under `message`, which has `buttons` (the data of each)."""

    id: str
    person: Person
    data: str
    message: int
    buttons: tuple[str, ...]


UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, OverflowError)
"""What reading an update raises that is none of Telegram's."""


def signal(update: object, bot: str, chats: frozenset[int]) -> Signal | None:
    """The update as a signal; None of one that is not about a topic of our group. Errors: ValueError."""
    if not isinstance(update, dict) or type(update.get("update_id")) is not int:
        raise ValueError("This is no update.")
    message = _message(update)
    chat = message.get("chat")
    if not isinstance(chat, dict) or chat.get("id") not in chats:
        return None
    thread = message.get("message_thread_id")
    if type(thread) is not int or not message.get("is_topic_message"):
        return None
    return Signal(f"{bot}.{update['update_id']}", str(thread), update, tuple(_written(message)))


def read(place: str, update: Json, agents: Mapping[int, str]) -> AgentSaid | NotPassedOn | Query | None:
    """What somebody wrote or pressed; None of service messages, and of what bots write. Errors: UNREADABLE."""
    if query := update.get("callback_query"):
        return _query(query, agents)
    return _said(place, update, agents)


def person(user: Json, agents: Mapping[int, str]) -> Person:
    name = " ".join(str(user[part]) for part in ("first_name", "last_name") if user.get(part))
    return Person(str(user["id"]), name or str(user["id"]), agents.get(user["id"]))


def _query(query: Json, agents: Mapping[int, str]) -> Query:
    message = query["message"]
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or ()
    buttons = tuple(str(one.get("callback_data")) for row in rows for one in row)
    by = person(query["from"], agents)
    return Query(str(query["id"]), by, str(query.get("data") or ""), int(message["message_id"]), buttons)


def _said(place: str, update: Json, agents: Mapping[int, str]) -> AgentSaid | NotPassedOn | None:
    message = _message(update)
    sender = message.get("from") or {}
    if _is_anonymous(message):
        return NotPassedOn(Person("", "Anonymous admin"), _ANONYMOUS)
    if "id" not in sender or sender.get("is_bot"):
        return None
    return _of_person(place, message, person(sender, agents), edited="edited_message" in update)


def ref_of(attachment: Json) -> str:
    """What `open_file` takes."""
    known = {"id": attachment["file_id"], "name": attachment.get("file_name"), "type": attachment.get("mime_type")}
    return urlencode({key: value for key, value in known.items() if value})


def file_of(ref: str) -> Mapping[str, str]:
    """The `id`, and where they are known the `name` and media `type` of a file."""
    return {key: values[0] for key, values in parse_qs(ref).items()}


_ANONYMOUS = (
    "this was not passed on, because it was written as the group: have “Remain anonymous” turned off for you as an "
    "administrator."
)
_COMMAND = f"commands are not passed on to the customer. {_NOTE} and some words is a note to colleagues."
_KIND = "Telegram has no such thing for other places: this was not passed on to the customer. Send text or a file."


def _of_person(place: str, message: Json, sender: Person, *, edited: bool) -> AgentSaid | NotPassedOn | None:
    text = _text(message)
    if _is_command(message):
        return None if text.split(maxsplit=1)[0].partition("@")[0] == _NOTE else NotPassedOn(sender, _COMMAND)
    files = tuple(_files(message))
    if not text and not files:
        return NotPassedOn(sender, _KIND) if any(kind in message for kind in _UNSENT) else None
    id, number = _id(message), str(message["message_id"])
    if not edited:
        return AgentSaid(place, id, sender, text, number, private=files)
    version = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]
    told = f"{id}.{message.get('edit_date', 0)}.{version}"
    return AgentSaid(place, told, sender, text, number, private=files, edit_of=id)


def _id(message: Json) -> str:
    return f"{message['chat']['id']}.{message['message_id']}"


def _message(update: Json) -> Json:
    query = update.get("callback_query")
    found = query.get("message") if isinstance(query, dict) else update.get("message") or update.get("edited_message")
    return found if isinstance(found, dict) else {}


def _is_anonymous(message: Json) -> bool:
    """Administrators may write as the group; then nobody is told who it was."""
    sender = message.get("sender_chat") or {}
    return sender.get("id") == message["chat"]["id"] and any(key in message for key in ("text", *_FILES))


def _is_command(message: Json) -> bool:
    return any(one.get("type") == "bot_command" and one.get("offset") == 0 for one in message.get("entities") or ())


def _text(message: Json) -> str:
    if "text" in message or "caption" in message:
        part = "text" if "text" in message else "caption"
        entities = message.get("entities" if part == "text" else "caption_entities") or ()
        return _with_links(str(message[part]), [one for one in entities if one.get("url")])
    if location := message.get("location"):
        return f"https://www.google.com/maps?q={location['latitude']},{location['longitude']}"
    if contact := message.get("contact"):
        return " ".join(str(contact[one]) for one in ("first_name", "last_name", "phone_number") if contact.get(one))
    return str((message.get("sticker") or {}).get("emoji") or "")


def _with_links(text: str, linked: list[Json]) -> str:
    """With the addresses behind words written out after them. Telegram counts in UTF-16 units."""
    units = text.encode("utf-16-le", errors="replace")
    for one in sorted(linked, key=lambda one: int(one["offset"]), reverse=True):
        end = 2 * (one["offset"] + one["length"])
        units = units[:end] + f" ({one['url']})".encode("utf-16-le", errors="replace") + units[end:]
    return units.decode("utf-16-le", errors="replace")


def _files(message: Json) -> Iterator[Attachment]:
    for key, kind in _FILES.items():
        if found := message.get(key):
            # A photo is told in several sizes, the largest last.
            yield Attachment(ref_of(found[-1] if isinstance(found, list) else found), kind)
            return


def _written(value: object) -> Iterator[str]:
    """All texts in it, also of the messages that it answers or quotes."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key in ("text", "caption") and isinstance(one, str):
                yield one
            else:
                yield from _written(one)
    elif isinstance(value, list):
        for one in value:
            yield from _written(one)
