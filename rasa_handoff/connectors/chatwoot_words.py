"""Chatwoot's webhooks, read for the bot: proven, and what of them is the customer's. The standard library alone.

What is said of Chatwoot was read in its source, 4.10 and later; where versions differ, it is said.
"""

import hashlib
import hmac
import html
import json
import re
from typing import Any, Dict, List, NamedTuple, Optional, Text

MARK = "rasa_handoff"
"""The content attribute of everything that the bot says: whoever reads it at Chatwoot knows that no person did."""

ENDED = "handoff_ended_after"
"""The conversation's attribute that names the newest message at the last hand back, where handoffs are in use."""

WINDOW = 300
LARGEST = 1024 * 1024
RENDERS_OPTIONS = frozenset(
    "Channel::" + name for name in ("WebWidget", "Whatsapp", "FacebookPage", "Line", "Telegram")
)
"""Kinds of inboxes whose customers see the options of an `input_select`; the others see its text alone."""

_KEY = re.compile(r"chatwoot-([1-9][0-9]{0,17})-([1-9][0-9]{0,17})")
_OUTGOING = ("outgoing", 1)
_INCOMING = ("incoming", 0)
_JOINER = "\u2060"  # nobody sees it


class Said(NamedTuple):
    """A customer's message. `number` is the conversation's, `id` the same when Chatwoot says it again.

    `chosen`: it is the option of an earlier message, whose webhook comes again whenever that message changes.
    """

    number: int
    id: Text
    text: Text
    metadata: Dict[Text, Any]
    status: Text
    channel: Text
    chosen: bool = False


def sender_id(account: int, number: int) -> Text:
    """The conversation's id in Rasa: without a sign that a URL would escape."""
    return "chatwoot-{}-{}".format(account, number)


def number_of(sender: Text, account: int) -> Optional[int]:
    """The conversation's number; None when it is none of this account."""
    found = _KEY.fullmatch(sender)
    return int(found.group(2)) if found and int(found.group(1)) == account else None


def is_proven(headers: Any, body: bytes, path: Text, signing: Text, secret_path: Text, now: float) -> bool:
    """Whether a webhook shows each secret that there is, found out with equal work, whatever is wrong.

    Since 4.13 an agent bot has a secret: `X-Chatwoot-Signature` is `sha256=` and the hex of HMAC-SHA256 over
    `{X-Chatwoot-Timestamp}.{body}`. Older ones prove nothing, so the address itself holds a secret.
    """
    told = headers.get("x-chatwoot-timestamp") or ""
    timestamp = int(told) if told.isascii() and told.isdecimal() and len(told) < 12 else 0
    signed = "{}.".format(timestamp).encode() + body[:LARGEST]
    expected = "sha256=" + hmac.new(signing.encode(), signed, hashlib.sha256).hexdigest()
    given = headers.get("x-chatwoot-signature") or ""
    signature = hmac.compare_digest(expected.encode(), given.encode(errors="replace"))
    shows_path = hmac.compare_digest(secret_path.encode(), path.encode(errors="replace"))
    fresh = abs(now - timestamp) <= WINDOW
    is_right = ((signature and fresh) or not signing) and (shows_path or not secret_path)
    return is_right and bool(signing or secret_path) and len(body) <= LARGEST


def payload_of(body: bytes) -> Dict[Text, Any]:
    """The payload; empty when it is none."""
    try:
        return mapping(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def said(payload: Dict[Text, Any]) -> Optional[Said]:
    """What the customer said, or which option they chose; None when it is no message of theirs."""
    conversation, id = mapping(payload.get("conversation")), payload.get("id")
    number = conversation.get("id")
    if not _is_number(number) or not _is_number(id) or payload.get("private"):
        return None
    text, chosen = _text(payload), _chosen(payload)
    files = _files(payload)
    is_theirs = payload.get("event") == "message_created" and payload.get("message_type") in _INCOMING
    if chosen is None and not (is_theirs and (text or files)):
        return None
    told = str(id) if chosen is None else "{}-{}".format(id, hashlib.sha256(chosen.encode()).hexdigest()[:12])
    metadata = {"message_id": told, "chatwoot": _about(payload, conversation)}
    if files and chosen is None:
        metadata["attachments"] = files
    status, channel = str(conversation.get("status") or ""), str(conversation.get("channel") or "")
    return Said(number, told, text if chosen is None else chosen, metadata, status, channel, chosen is not None)


def taken_by_human(payload: Dict[Text, Any]) -> Optional[int]:
    """The number of the conversation that a person has answered though it was the bot's; None for everything else.

    Chatwoot leaves it pending, so that a bot would answer over them.
    """
    conversation, sender = mapping(payload.get("conversation")), mapping(payload.get("sender"))
    attributes, id = mapping(payload.get("content_attributes")), payload.get("id")
    is_public = payload.get("message_type") in _OUTGOING and not payload.get("private")
    by_person = sender.get("type") == "user" or bool(attributes.get("external_echo"))
    by_rule = attributes.get("automation_rule_id") or mapping(payload.get("additional_attributes")).get("campaign_id")
    if payload.get("event") != "message_created" or not (is_public and by_person) or by_rule or MARK in attributes:
        return None
    ended = mapping(conversation.get("custom_attributes")).get(ENDED)
    if not _is_number(id) or (_is_number(ended) and id <= ended):
        return None
    number = conversation.get("id")
    return number if _is_number(number) and conversation.get("status") == "pending" else None


def is_notice(message: Dict[Text, Any]) -> bool:
    """Whether a message of the bot is the handoff's own: it goes out also while a person has the conversation."""
    return str(message.get("utter_action") or "").startswith("utter_handoff_") or bool(message.get("handoff"))


def plain(text: Text) -> Text:
    """Text in which Liquid, which Chatwoot runs every answer through, finds nothing."""
    return text.replace("{{", "{" + _JOINER + "{").replace("{%", "{" + _JOINER + "%")


def options(buttons: List[Dict[Text, Any]]) -> List[Dict[Text, Text]]:
    """Rasa's buttons as the items of an `input_select`: what is shown, and what comes back."""
    found = []
    for button in buttons:
        title = str(button.get("title") or button.get("payload") or button.get("url") or "")
        if title:
            found.append({"title": title, "value": str(button.get("payload") or button.get("url") or title)})
    return found


def mapping(value: Any) -> Dict[Text, Any]:
    return value if isinstance(value, dict) else {}


def _text(payload: Dict[Text, Any]) -> Text:
    """What was written: before 4.13, a webhook's own `content` is HTML where the inbox is a web widget."""
    messages = mapping(payload.get("conversation")).get("messages")
    for message in messages if isinstance(messages, list) else ():
        if mapping(message).get("id") == payload.get("id"):
            return str(message.get("content") or "")
    content = str(payload.get("content") or "")
    if content.startswith("<p>") and content.rstrip().endswith("</p>"):
        return html.unescape(re.sub(r"<[^>]*>", "", content)).strip()
    return content


def _chosen(payload: Dict[Text, Any]) -> Optional[Text]:
    """The option of our `input_select` that the customer chose in the web widget: it changes the message."""
    if payload.get("event") != "message_updated" or payload.get("content_type") != "input_select":
        return None
    values = mapping(payload.get("content_attributes")).get("submitted_values")
    first = mapping(values[0]) if isinstance(values, list) and values else {}
    return str(first.get("value") or first.get("title") or "") or None


def _files(payload: Dict[Text, Any]) -> List[Dict[Text, Text]]:
    found, given = [], payload.get("attachments")
    for one in given if isinstance(given, list) else ():
        url = mapping(one).get("data_url")
        if isinstance(url, str) and url:
            found.append({"type": str(one.get("file_type") or "file"), "url": url})
    return found


def _about(payload: Dict[Text, Any], conversation: Dict[Text, Any]) -> Dict[Text, Any]:
    contact = mapping(payload.get("sender"))
    about = {"conversation": conversation.get("id"), "inbox": mapping(payload.get("inbox")).get("id")}
    about["contact"] = contact.get("id") if contact.get("type") in (None, "contact") else None
    return about


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
