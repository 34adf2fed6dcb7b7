"""What we send, as activities of the Bot Framework: https://github.com/microsoft/botframework-sdk, Activity schema."""

import mimetypes
from datetime import datetime
from typing import Any

from rasa_handoff.channel import Case, Outgoing
from rasa_handoff.channels import briefing
from rasa_handoff.core.conversation import Attachment, Author, Line
from rasa_handoff.core.handoff import Outcome

Json = dict[str, Any]

CHANNEL = "rasa-handoff"
_CODES = {
    Outcome.CUSTOMER_LEFT: "userCancelled",
    Outcome.CANCELLED: "userCancelled",
    Outcome.FAILED: "unknown",
    None: "unknown",
}
_ROLES = {Author.CUSTOMER: "user"}


def initiate(case: Case, id: str, conversation: str, service_url: str | None) -> Json:
    """The request, with the context to route it by as `value`, and the conversation so far as the transcript."""
    transcript = {"activities": [_line(line, number) for number, line in enumerate(case.package.history, 1)]}
    attachment = {"contentType": "application/json", "name": "Transcript", "content": transcript}
    event = _event("handoff.initiate", id, conversation, context(case))
    locale = {"locale": case.handoff.need.language} if case.handoff.need.language else {}
    address = {"serviceUrl": service_url} if service_url else {}
    return {**event, **locale, **address, "attachments": [attachment]}


def update(case: Case, id: str, conversation: str) -> Json:
    """The context as it is now. The protocol has no event for that: a hub ignores it, or knows it by its name."""
    return _event("handoff.context", id, conversation, context(case))


def notice(id: str, conversation: str, to: str, text: str) -> Json:
    """Something for an agent; this too is ours."""
    return _event("handoff.notice", id, conversation, {"to": to, "text": text})


def message(said: Outgoing, conversation: str) -> Json:
    named = {Author.CUSTOMER: "Customer", Author.BOT: "Bot", Author.AGENT: "Agent", Author.SYSTEM: "System"}
    role = _ROLES.get(said.author, "bot")
    sender = {"id": said.author.value, "name": said.name or named[said.author], "role": role}
    body = {"text": said.text, "textFormat": "plain", "attachments": _files(said.attachments)}
    return {**_activity("message", said.id, conversation), "from": sender, **body}


def typing(id: str, conversation: str) -> Json:
    return {**_activity("typing", id, conversation), "from": {"id": "customer", "name": "Customer", "role": "user"}}


def end(case: Case, id: str, conversation: str) -> Json:
    code = _CODES.get(case.handoff.outcome, "completedSuccessfully")
    return {**_activity("endOfConversation", id, conversation), "code": code, "text": briefing.state(case)}


def context(case: Case) -> Json:
    """`Skill` is what Microsoft's example routes by; the rest is what every channel says."""
    handoff, department = case.handoff, briefing.department(case)
    routed = {"Skill": department, "department": department, "language": handoff.need.language}
    ids = {"handoff_id": handoff.id, "conversation_id": handoff.conversation_id, "url": case.url}
    return {
        **routed,
        **ids,
        "reason": handoff.reason.value,
        "priority": handoff.priority,
        "headline": briefing.headline(case),
        "state": briefing.state(case),
        "summary": briefing.summary(case),
        "details": [{"label": label, "value": value} for label, value in briefing.details(case)],
        "attempts": briefing.attempts(case),
        "customer": {"id": case.package.customer_id, "name": case.package.customer_name},
    }


def _event(name: str, id: str, conversation: str, value: Json) -> Json:
    sender = {"id": CHANNEL, "name": "Bot", "role": "bot"}
    return {**_activity("event", id, conversation), "name": name, "from": sender, "value": value}


def _activity(type: str, id: str, conversation: str) -> Json:
    return {"type": type, "id": id, "channelId": CHANNEL, "conversation": {"id": conversation}}


def _line(line: Line, number: int) -> Json:
    sender = {"id": line.author.value, "name": line.name or line.author.value, "role": _ROLES.get(line.author, "bot")}
    told = {"type": "message", "id": str(number), "timestamp": _time(line.at), "from": sender, "text": line.text}
    return {**told, "attachments": _files(line.attachments)}


def _files(attachments: tuple[Attachment, ...]) -> list[Json]:
    return [{"contentType": _media_type(one), "contentUrl": one.url} for one in attachments]


def _media_type(one: Attachment) -> str:
    guessed, _ = mimetypes.guess_type(one.url.partition("?")[0])
    return guessed or {"image": "image/*", "audio": "audio/*", "video": "video/*"}.get(
        one.kind, "application/octet-stream"
    )


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
