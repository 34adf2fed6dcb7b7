"""What Chatwoot says, in our words. Nothing here raises for a payload of another shape.

A message is read as the messages API gives it, and as `conversation.messages` of a webhook does: there `content` is
what was written. A webhook's own `content` is set for the customer's channel (HTML for the web widget).
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from rasa_handoff.channel import AgentDeleted, AgentSaid, Incoming, LetGo, Person, Took
from rasa_handoff.channels.chatwoot.api import MARK
from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.handoff import Outcome

Json = dict[str, Any]

OPEN = "handoff_open"
"""The conversation's own attribute that says whether a handoff of ours is open in it: what changes while it is not is
no hand back, and our own changes are made while it is not."""

ENDED = "handoff_ended_after"
"""The number of the newest message at the last hand back."""

_KEY = re.compile(r"chatwoot-([1-9][0-9]{0,17})-([1-9][0-9]{0,17})")
_NATIVE = "native"
_OUTGOING = (1, "outgoing")


def key_of(account: int, number: int) -> str:
    """The conversation's place, which is its id in Rasa too: the bot's connector makes the same."""
    return f"chatwoot-{account}-{number}"


def number_of(key: str, account: int) -> int | None:
    """The conversation's number; None when it is none of this account."""
    found = _KEY.fullmatch(key)
    return int(found[2]) if found and int(found[1]) == account else None


def may_be_said(payload: Json) -> bool:
    """Whether a message's webhook can be what an agent said, or took back: no note, no customer's, none of ours."""
    attributes = content_attributes(payload)
    is_public = payload.get("message_type") in _OUTGOING and not payload.get("private")
    is_news = payload.get("event") == "message_created" or bool(attributes.get("deleted"))
    return bool(is_public and is_news and MARK not in attributes)


def pushed_message(payload: Json) -> Json | None:
    """The webhook's message as it was written, when it came along."""
    inside = _listed(mapping(payload.get("conversation")).get("messages"))
    return next((one for one in inside if one.get("id") == payload.get("id")), None)


def is_past(message: Json, attributes: Json) -> bool:
    """Whether it was said before the newest hand back: it takes nothing over any more."""
    id, ended = message.get("id"), attributes.get(ENDED)
    return not attributes.get(OPEN) and isinstance(id, int) and isinstance(ended, int) and id <= ended


def said(key: str, message: Json) -> AgentSaid | AgentDeleted | None:
    """What an agent said; None when it was no person, or nothing for the customer."""
    person, id = _speaker(message), message.get("id")
    if person is None or not isinstance(id, int):
        return None
    if content_attributes(message).get("deleted"):
        return AgentDeleted(key, str(id), person)
    text, files = str(message.get("content") or ""), tuple(_files(message))
    if not text and not files:
        return None
    return AgentSaid(key, str(id), person, text, mark=str(id), attachments=files, delivered=True)


def changed(key: str, payload: Json) -> Sequence[Incoming]:
    """What a change of the conversation means. The payload is how it stands, `changed_attributes` what is new."""
    attributes, meta = mapping(payload.get("custom_attributes")), mapping(payload.get("meta"))
    person, is_open = _person(meta.get("assignee")), attributes.get(OPEN) is True
    status, new = payload.get("status"), _names(payload.get("changed_attributes"))
    if payload.get("event") == "conversation_status_changed":
        outcome = {"resolved": Outcome.RESOLVED, "pending": Outcome.RETURNED_TO_BOT}.get(str(status))
        return (LetGo(key, outcome, person),) if outcome and is_open else ()
    if "assignee_id" in new and person and status in ("open", "pending"):
        return (Took(key, person),)
    if is_open and mapping(meta.get("assignee")).get("type") == "agent_bot" and any("assignee" in name for name in new):
        return (LetGo(key, Outcome.RETURNED_TO_BOT),)
    return ()


def content_attributes(message: Json) -> Json:
    value = message.get("content_attributes")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return mapping(value)


def mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _speaker(message: Json) -> Person | None:
    """The person who wrote a message to the customer; None when it was a bot, a rule, a campaign, or is a note."""
    attributes = content_attributes(message)
    if message.get("message_type") not in _OUTGOING or message.get("private") or MARK in attributes:
        return None
    if attributes.get("automation_rule_id") or mapping(message.get("additional_attributes")).get("campaign_id"):
        return None
    if message.get("sender") is None and (attributes.get("external_echo") or attributes.get("external_sender_name")):
        # Written in the channel's own app, on the shop's telephone: Chatwoot knows of no user.
        return Person(_NATIVE, str(attributes.get("external_sender_name") or "Agent"))
    return _person(message.get("sender"))


def _person(value: Any) -> Person | None:
    user = mapping(value)
    if user.get("type") != "user" or not isinstance(user.get("id"), int):
        return None
    name = str(user.get("available_name") or user.get("name") or f"Agent {user['id']}")
    picture, email = user.get("avatar_url") or user.get("thumbnail"), user.get("email")
    return Person(
        str(user["id"]), name, email if isinstance(email, str) else None, picture if isinstance(picture, str) else None
    )


def _files(message: Json) -> list[Attachment]:
    files = [(one.get("data_url"), str(one.get("file_type") or "file")) for one in _listed(message.get("attachments"))]
    return [Attachment(url, kind) for url, kind in files if isinstance(url, str) and url.startswith("http")]


def _names(value: Any) -> set[str]:
    return {str(name) for one in _listed(value) for name in one}


def _listed(value: Any) -> list[Json]:
    return [mapping(one) for one in value] if isinstance(value, list) else []
