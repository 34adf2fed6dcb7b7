"""What a hub sends, as activities: which of them concern us, and what they mean."""

import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import AliasChoices, BaseModel, Field, HttpUrl

from rasa_handoff.channel import AgentDeleted, AgentSaid, Incoming, LetGo, Person, Took
from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.handoff import Outcome

TYPES = frozenset({"event", "message", "messageUpdate", "messageDelete", "endOfConversation"})
STATUS = "handoff.status"


class _Account(BaseModel):
    id: str = Field("", max_length=200)
    name: str = Field("", max_length=200)

    def person(self) -> Person:
        return Person(self.id or "agent", self.name or "Agent")


class _Conversation(BaseModel):
    id: str = Field(min_length=1, max_length=500)


class _File(BaseModel):
    content_type: str = Field("", alias="contentType")
    content_url: HttpUrl | None = Field(None, alias="contentUrl")
    content: Any = None


class _Status(BaseModel):
    """`message` may be anything that the hub has to say. `outcome` is ours: how it ended, where the hub knows."""

    state: Literal["accepted", "failed", "completed"] = Field(validation_alias=AliasChoices("state", "State"))
    message: Any = Field(None, validation_alias=AliasChoices("message", "Message"))
    outcome: Outcome = Outcome.RESOLVED

    @property
    def note(self) -> str:
        said = self.message if isinstance(self.message, str) else json.dumps(self.message, ensure_ascii=False)
        return "" if self.message is None else said[:2000]


class Activity(BaseModel):
    """An activity, as far as we read it. Its `value` is read where it is a status."""

    type: str
    id: str = Field("", max_length=200)
    name: str = ""
    conversation: _Conversation
    sender: _Account = Field(_Account(), alias="from")
    text: str = ""
    summary: str = ""
    attachments: list[_File] = []
    value: Any = None

    @property
    def is_status(self) -> bool:
        return self.type == "event" and self.name == STATUS

    @property
    def status(self) -> _Status:
        """Errors: ValidationError."""
        return _Status.model_validate(self.value)

    @property
    def written(self) -> tuple[str, ...]:
        """The texts that people wrote."""
        return tuple(one for one in (self._said(), self.status.note if self.is_status else "") if one)

    def means(self, told: str) -> Sequence[Incoming]:
        """`told` is the id under which the hub told it."""
        place, person = self.conversation.id, self.sender.person()
        match self.type:
            case "event":
                return self._stands(place, person) if self.is_status else ()
            case "message":
                return self._message(place, person, self.id or told, None)
            case "messageUpdate" if self.id:
                return self._message(place, person, f"{self.id}:{told}", self.id)
            case "messageDelete" if self.id:
                return (AgentDeleted(place, self.id, person),)
            case "endOfConversation":
                return (LetGo(place, Outcome.RESOLVED, person, self.text[:2000]),)
        return ()

    def _stands(self, place: str, person: Person) -> Sequence[Incoming]:
        match self.status.state:
            case "accepted":
                return (Took(place, person),)
            case "failed":
                return (LetGo(place, Outcome.FAILED, person, self.status.note),)
            case "completed":
                return (LetGo(place, self.status.outcome, person, self.status.note),)

    def _message(self, place: str, person: Person, id: str, edit_of: str | None) -> Sequence[Incoming]:
        files = tuple(_attachment(one) for one in self.attachments if one.content_url)
        text = self._said()
        return (AgentSaid(place, id, person, text, attachments=files, edit_of=edit_of),) if text or files else ()

    def _said(self) -> str:
        """A card is more than we can show; what it says in words is not lost."""
        cards = [one.content for one in self.attachments if isinstance(one.content, dict)]
        lines = [card.get(name) for card in cards for name in ("title", "subtitle", "text")]
        return self.text or "\n".join(one for one in lines if isinstance(one, str) and one) or self.summary


def _attachment(one: _File) -> Attachment:
    kind = one.content_type.partition("/")[0]
    return Attachment(str(one.content_url), kind if kind in ("image", "audio", "video") else "file")
