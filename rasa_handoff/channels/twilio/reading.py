"""A message of a conversation, as webhooks and the API each tell it, and what it is to us."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa_handoff.channel import AgentSaid, Person
from rasa_handoff.core.conversation import Attachment

OURS = "rasa_handoff"
"""The attribute that all our messages have: the id of what they are of, the same on every try."""

CUSTOMER = "rasa-"
"""How the identities begin under which customers take part. No identity holds anything personal."""


@dataclass(frozen=True, slots=True)
class Media:
    """A file of a message. `sid` names it in Twilio's file store."""

    sid: str
    media_type: str

    @property
    def attachment(self) -> Attachment:
        return Attachment(self.sid, "image" if self.media_type.startswith("image/") else "file")


@dataclass(frozen=True, slots=True)
class Message:
    """A message. `participant` is empty where it was nobody in the conversation who wrote it."""

    sid: str
    conversation: str
    index: str
    author: str
    participant: str
    body: str
    media: tuple[Media, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ours(self) -> str | None:
        """What of ours it is."""
        told = self.attributes.get(OURS)
        return told if isinstance(told, str) else None

    @property
    def is_agents(self) -> bool:
        """An agent wrote it: somebody in the conversation, and not we for the customer."""
        return bool(self.participant) and self.ours is None and not self.author.startswith(CUSTOMER)

    def said(self, person: Person, edited: str | None = None) -> AgentSaid:
        files = tuple(one.attachment for one in self.media)
        id, edit_of = (f"{self.sid}:{edited}", self.sid) if edited is not None else (self.sid, None)
        return AgentSaid(self.conversation, id, person, self.body, self.index, private=files, edit_of=edit_of)


def of_hook(told: Mapping[str, str]) -> Message:
    return Message(
        told["MessageSid"],
        told["ConversationSid"],
        told.get("Index", ""),
        told.get("Author", ""),
        told.get("ParticipantSid", ""),
        told.get("Body", ""),
        _media(_parsed(told.get("Media"), [])),
        _object(told.get("Attributes")),
    )


def of_api(told: Mapping[str, Any]) -> Message:
    return Message(
        str(told["sid"]),
        str(told["conversation_sid"]),
        str(told["index"]),
        told.get("author") or "",
        told.get("participant_sid") or "",
        told.get("body") or "",
        _media(told.get("media") or []),
        _object(told.get("attributes")),
    )


def _media(told: Any) -> tuple[Media, ...]:
    """Named `Sid` by webhooks, `MediaSid` by Event Streams, `sid` by the API."""
    found = [one for one in told if isinstance(one, Mapping)] if isinstance(told, Sequence) else []
    named = [(_first(one, "Sid", "MediaSid", "sid"), _first(one, "ContentType", "content_type")) for one in found]
    return tuple(Media(sid, kind) for sid, kind in named if sid)


def _first(told: Mapping[str, Any], *names: str) -> str:
    return next((str(told[name]) for name in names if told.get(name)), "")


def _object(text: Any) -> Mapping[str, Any]:
    found = _parsed(text, {})
    return found if isinstance(found, Mapping) else {}


def _parsed(text: Any, otherwise: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else otherwise
    except (ValueError, RecursionError):
        return otherwise
