"""The context package and a first summary, without a language model: facts picked and put in order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from rasa_handoff.core.conversation import Author, Conversation, Line, Turn
from rasa_handoff.core.course import attempts, done_already, intents, promises
from rasa_handoff.core.decision import Evidence, HandOff, Reason
from rasa_handoff.core.details import key_details
from rasa_handoff.core.drafted import drafted, matter_of, names_a_matter
from rasa_handoff.core.masking import hidden_in, masked, masked_lines
from rasa_handoff.core.package import ContextPackage, Detail, Shows, Summary, Trend
from rasa_handoff.core.passwords import HIDDEN, is_secret

CUSTOMER_ID_SLOTS = ("customer_id", "user_id")
CUSTOMER_NAME_SLOTS = ("customer_name", "name", "full_name", "first_name")
_NOTHING_MORE = Shows()
_FELT = 50  # customer messages whose sentiment is read, the newest
_TREND = 0.2  # how far the mean sentiment must move between the halves


def draft(
    conversation: Conversation,
    history: tuple[Line, ...],
    decision: HandOff,
    sentiment: Callable[[str], float],
    now: datetime,
    *,
    shows: Shows = _NOTHING_MORE,
    language: str | None = None,
    normalise: Callable[[Detail], Detail] = lambda detail: detail,
) -> tuple[ContextPackage, Summary]:
    """What an agent is given, fixed at `now`, and a summary of at most three sentences.

    `shows` says which of the bot's slots and entities are key details; `normalise` checks each. Cards, passwords and
    PINs are masked throughout.
    """
    shown = masked_lines(history)
    hidden = hidden_in(history, shown)
    details = tuple(d for d in _details(conversation, shown, shows) if not hidden & set(d.value.split()))
    said = _customers(history)
    felt = tuple(sentiment(line.text) for line in said[-_FELT:])
    tried = attempts(shown)
    turns = _as_shown(conversation, shown)
    matter = matter_of(turns, decision.reason is Reason.CUSTOMER_REQUESTED)
    package = ContextPackage(
        conversation_id=conversation.id,
        customer_id=_slot(conversation.slots, CUSTOMER_ID_SLOTS) or conversation.id,
        customer_name=_customer_name(conversation, details),
        reason=decision.reason,
        evidence=tuple(_masked(evidence, hidden) for evidence in decision.evidence),
        intent=matter.intent if matter and names_a_matter(matter.intent) else None,
        sentiment=felt,
        sentiment_trend=trend(felt),
        details=tuple(map(normalise, details)),
        attempted_solutions=tried,
        history=shown,
        created_at=now,
        promises=promises(shown),
        done_already=done_already(shown),
        intents=intents(conversation.messages, max(1, len(said) - len(conversation.messages) + 1)),
        language=language,
        channel=conversation.channel or None,
    )
    return package, drafted(matter, tried, turns, decision.reason, shown)


def _customers(history: Sequence[Line]) -> list[Line]:
    return [line for line in history if line.author is Author.CUSTOMER]


def trend(felt: Sequence[float]) -> Trend:
    """Where the sentiment goes: the mean of the second half of the messages against that of the first."""
    if len(felt) < 2:
        return Trend.STABLE
    half = len(felt) // 2
    moved = sum(felt[half:]) / (len(felt) - half) - sum(felt[:half]) / half
    if abs(moved) < _TREND:
        return Trend.STABLE
    return Trend.IMPROVING if moved > 0 else Trend.WORSENING


def _masked(evidence: Evidence, hidden: frozenset[str]) -> Evidence:
    def clean(text: str) -> str:
        words = masked(text).split(" ")
        return " ".join(HIDDEN if word.strip("“”.,") in hidden else word for word in words)

    value = clean(evidence.value) if isinstance(evidence.value, str) else evidence.value
    return replace(evidence, value=value, words=clean(evidence.words))


def _details(conversation: Conversation, shown: tuple[Line, ...], shows: Shows) -> tuple[Detail, ...]:
    slots = ((name, _slot(conversation.slots, (name,))) for name in shows.slots)
    known = tuple(Detail(name, masked(value).lstrip("#"), 0) for name, value in slots if value and not is_secret(name))
    # The conversation holds the newest messages only; the history's count tells which turns they are.
    before = len(_customers(shown)) - len(conversation.messages)
    entities = (
        (max(0, before) + at, entity)
        for at, turn in enumerate(conversation.messages, start=1)
        for entity in turn.entities
        if not is_secret(entity.kind) and (shows.entities is None or entity.kind in shows.entities)
    )
    same = {(detail.kind, detail.value.casefold()) for detail in known}
    said = key_details(shown, entities)
    return (*known, *(detail for detail in said if (detail.kind, detail.value.casefold()) not in same))


def _slot(slots: Mapping[str, Any], names: Sequence[str]) -> str | None:
    """The first of the slots that holds something to show."""
    values = (slots.get(name) for name in names)
    return next(
        (str(value)[:200] for value in values if isinstance(value, str | int | float) and str(value).strip()), None
    )


def _customer_name(conversation: Conversation, details: Sequence[Detail]) -> str | None:
    return _slot(conversation.slots, CUSTOMER_NAME_SLOTS) or next((d.value for d in details if d.kind == "name"), None)


def _as_shown(conversation: Conversation, shown: Sequence[Line]) -> tuple[Turn, ...]:
    """The episode's messages with the words of the history: of a pressed button its title, card numbers masked."""
    said = [line.text for line in _customers(shown)]
    before = len(said) - len(conversation.messages)
    if before < 0:
        return conversation.turns
    aligned = zip(conversation.messages, said[before:], strict=True)
    return tuple(turn if turn.text == text else replace(turn, text=text) for turn, text in aligned)[
        conversation.episode :
    ]
