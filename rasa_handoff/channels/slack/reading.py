"""Messages of a thread, as what they are to us. Those of apps, ours among them, are nothing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rasa_handoff.channel import AgentDeleted, AgentSaid, Incoming, Person, Press, Pressed, Signal
from rasa_handoff.channels.http import Json
from rasa_handoff.channels.slack.hooks import key_of, spot_of
from rasa_handoff.channels.slack.people import People
from rasa_handoff.channels.slack.text import emoji_of, mentioned, plain
from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.handoff import Outcome

_WORDS = frozenset({None, "file_share", "me_message", "thread_broadcast"})
_GONE = frozenset({"tombstone", "hidden_by_limit"})
_KINDS = frozenset({"image", "audio", "video"})


class Reading:
    """`note_prefix` begins what is for colleagues."""

    def __init__(self, people: People, note_prefix: str) -> None:
        self._people = people
        self._note_prefix = note_prefix

    async def signal(self, signal: Signal) -> Sequence[Incoming]:
        if signal.payload["type"] != "event_callback":
            return await self._pressed(signal)
        channel, event = spot_of(signal.place)[0], signal.payload["event"]
        match event.get("subtype"):
            case "message_changed":
                return await self._changed(channel, event)
            case "message_deleted":
                return await self._deleted(channel, event.get("previous_message") or {})
            case _:
                return await self.message(channel, event)

    async def message(self, channel: str, message: Mapping[str, Any]) -> Sequence[Incoming]:
        """A message, as events and `conversations.replies` have it."""
        person = await self._author(message)
        if person is None:
            return ()
        ts = str(message["ts"])
        said = await self._said(channel, message, person, message_id(channel, ts))
        return (said,) if said else ()

    async def _changed(self, channel: str, event: Mapping[str, Any]) -> Sequence[Incoming]:
        """Only new words count: Slack says so too of previews of links, of replies, of files."""
        now, before = event.get("message") or {}, event.get("previous_message") or {}
        if now.get("subtype") == "tombstone":
            return await self._deleted(channel, before)
        if not now.get("edited") or now.get("text") == before.get("text"):
            return ()
        person = await self._author(now)
        if person is None:
            return ()
        original = message_id(channel, str(now["ts"]))
        said = await self._said(channel, now, person, f"{original}-{now['edited']['ts']}", edit_of=original)
        return (said,) if said else ()

    async def _deleted(self, channel: str, message: Mapping[str, Any]) -> Sequence[Incoming]:
        person = await self._author(message)
        if person is None or not message.get("thread_ts"):
            return ()
        place = key_of(channel, str(message["thread_ts"]))
        return (AgentDeleted(place, message_id(channel, str(message["ts"])), person),)

    async def _said(
        self, channel: str, message: Mapping[str, Any], person: Person, id: str, edit_of: str | None = None
    ) -> AgentSaid | None:
        text = await self._plain(message)
        shared, private = _files(message.get("files") or ())
        is_note = self._note_prefix and text.startswith(self._note_prefix)
        if is_note or not (text.strip() or shared or private):
            return None
        place, mark = key_of(channel, str(message["thread_ts"])), "" if edit_of else str(message["ts"])
        return AgentSaid(place, id, person, text, mark, shared, private, edit_of=edit_of)

    async def _plain(self, message: Mapping[str, Any]) -> str:
        text = str(message.get("text") or "")
        people = {id: await self._people.person(id) for id in sorted(mentioned(text))[:20]}
        names = {id: person.name for id, person in people.items() if person}
        return plain(text, names, emoji_of(message.get("blocks")))

    async def _author(self, message: Mapping[str, Any]) -> Person | None:
        """Who wrote it; None for apps, and for what nobody wrote."""
        user, is_app = message.get("user"), message.get("bot_id") or message.get("bot_profile")
        if not isinstance(user, str) or is_app or message.get("subtype") not in _WORDS:
            return None
        return await self._people.person(user)

    async def _pressed(self, signal: Signal) -> Sequence[Incoming]:
        told = signal.payload
        person = await self._people.person(told["user"]["id"])
        if person is None:
            return ()
        press = Press(told["press"])
        outcome = told.get("outcome") if press is Press.CLOSE else Outcome.RETURNED_TO_BOT
        ended = Outcome(outcome) if outcome in set(Outcome) else Outcome.RESOLVED
        return (Pressed(signal.place, signal.id, person, press, ended, str(told.get("note") or "")),)


def message_id(channel: str, ts: str) -> str:
    """A time is a message's name in its channel."""
    return f"{channel}-{ts}"


def _files(files: Iterable[Json]) -> tuple[tuple[Attachment, ...], tuple[Attachment, ...]]:
    """Those with an address of their own, elsewhere, and those that Slack has."""
    shared, private = [], []
    for one in files:
        if one.get("mode") in _GONE or not one.get("id"):
            continue
        kind = str(one.get("mimetype") or "").partition("/")[0]
        kind = kind if kind in _KINDS else "file"
        if one.get("is_external") and one.get("url_private"):
            shared.append(Attachment(str(one["url_private"]), kind))
        else:
            private.append(Attachment(str(one["id"]), kind))
    return tuple(shared), tuple(private)
