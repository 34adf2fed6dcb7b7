"""What an event of the Messenger Platform means to us."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rasa_handoff.channel import AgentSaid, CustomerSaid, Incoming, LetGo, Person, Took
from rasa_handoff.channels.messenger.hooks import STANDBY
from rasa_handoff.channels.messenger.settings import PAGE_INBOX, MessengerSettings
from rasa_handoff.core.backports import UTC
from rasa_handoff.core.conversation import Attachment
from rasa_handoff.core.handoff import Outcome

Json = Mapping[str, Any]

_KINDS = {"image": "image", "video": "video", "audio": "audio", "file": "file", "reel": "video"}


UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, OverflowError)
"""What reading an event raises that is none of Meta's."""


@dataclass(frozen=True, slots=True)
class ForBot:
    """A message or a button of a customer whom the bot answers: what Rasa's connector knows to read."""


@dataclass(frozen=True, slots=True)
class WantsControl:
    """People want the conversation, which is ours to pass on."""

    by: Person


def read(place: str, payload: Json, settings: MessengerSettings) -> Sequence[Incoming] | ForBot | WantsControl:
    """What people did and said; nothing for what the bot said. Errors: UNREADABLE."""
    event, is_ours = payload["event"], payload["channel"] != STANDBY
    if is_ours and _is_for_bot(event):
        return ForBot()
    if asked := event.get("request_thread_control"):
        app = str(asked.get("requested_owner_app_id"))
        return WantsControl(_person(app, settings)) if app in _apps_of_people(settings) else ()
    for key in ("pass_thread_control", "take_thread_control"):
        if event.get(key):
            return (_changed(place, event[key], settings),)
    message = event.get("message") or {}
    if message.get("is_echo"):
        return tuple(_agent(place, event, message, settings))
    return () if is_ours else tuple(_customer(place, event))


def _is_for_bot(event: Json) -> bool:
    if message := event.get("message"):
        return not message.get("is_echo") and bool(message.get("text") or message.get("attachments"))
    return bool((event.get("postback") or {}).get("payload"))


def _person(app: str, settings: MessengerSettings) -> Person:
    """Those who answer in an app: Meta does not tell which of them it was."""
    return Person(app, settings.name if app == (settings.to_app or PAGE_INBOX) else f"App {app}")


def _changed(place: str, told: Json, settings: MessengerSettings) -> Incoming:
    # The new owner is not told in older versions of the event that control was taken from us.
    owner = str(told.get("new_owner_app_id") or settings.to_app or PAGE_INBOX)
    if owner == settings.app:
        return LetGo(place, Outcome.RETURNED_TO_BOT)
    return Took(place, _person(owner, settings))


def _agent(place: str, event: Json, message: Json, settings: MessengerSettings) -> Iterator[AgentSaid]:
    # What is written on the page itself has the inbox's id, or none.
    app = str(message.get("app_id") or PAGE_INBOX)
    if app in _apps_of_people(settings):
        text, files = _content(message)
        mark = str(event.get("timestamp") or "")
        yield AgentSaid(place, _mid(event, message), _person(app, settings), text, mark, files, delivered=True)


def _customer(place: str, event: Json) -> Iterator[CustomerSaid]:
    told = event.get("message") or event.get("postback") or {}
    if not event.get("message") and not told.get("title"):
        return
    text, files = _content(told)
    stamp = event.get("timestamp")
    seconds = stamp / 1000 if isinstance(stamp, int) and 0 < stamp < 1e14 else 0
    at = datetime.fromtimestamp(seconds, UTC)
    yield CustomerSaid(place, _mid(event, told), text or str(told.get("title") or ""), at, str(stamp or ""), files)


def _content(message: Json) -> tuple[str, tuple[Attachment, ...]]:
    files, words = [], [str(message["text"])] if message.get("text") else []
    for one in message.get("attachments") or ():
        kind, payload = str(one.get("type")), one.get("payload") or {}
        url = payload.get("url") or one.get("url")
        if kind in _KINDS and url:
            files.append(Attachment(str(url), _KINDS[kind]))
        elif not words:
            words.append(" ".join(str(part) for part in (f"[{kind}]", one.get("title"), url) if part))
    return "\n".join(words), tuple(files)


def _mid(event: Json, message: Json) -> str:
    return str(message.get("mid") or f"at {event.get('timestamp')}")


def _apps_of_people(settings: MessengerSettings) -> frozenset[str]:
    return frozenset(app for app in (PAGE_INBOX, settings.to_app) if app and app != settings.app)
