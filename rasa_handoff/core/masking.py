"""What nobody may read later, taken out of texts: payment cards, passwords, PINs and security codes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rasa_handoff.core.cards import without_cards
from rasa_handoff.core.conversation import Author, Conversation, Line, Turn
from rasa_handoff.core.handoff import AgentMessaged, CustomerMessaged, Event, HandedBack
from rasa_handoff.core.passwords import without_passwords

_QUESTION = 400  # characters read of what was said before an answer


def masked(text: str, question: str = "") -> str:
    """The text with cards as •••• and their last four digits, and passwords, PINs and codes as ••••.

    `question` is what was said to the customer before: it may have asked for one.
    """
    return without_passwords(without_cards(text), question)


def masked_lines(history: Sequence[Line]) -> tuple[Line, ...]:
    """The transcript, each of the customer's lines read as an answer to what was said before it."""
    return tuple(_masked_lines(history))


def masked_conversation(conversation: Conversation) -> Conversation:
    """The conversation with what the customer wrote masked; the same object when there is nothing to hide."""
    before = ("", *(" ".join(turn.replies) for turn in conversation.messages))
    turns = tuple(_masked_turn(turn, question) for turn, question in zip(conversation.messages, before, strict=False))
    changed = turns != conversation.messages
    return replace(conversation, messages=turns) if changed else conversation


def cleared(event: Event) -> Event:
    """The event as it may be stored. A password that an agent gives the customer stays: it has to arrive."""
    match event:
        case CustomerMessaged():
            return replace(event, text=masked(event.text))
        case AgentMessaged():
            return replace(event, text=without_cards(event.text))
        case HandedBack():
            return replace(event, note=masked(event.note), learned=_without_cards(event.learned))
        case _:
            return event


def hidden_in(original: Sequence[Line], shown: Sequence[Line]) -> frozenset[str]:
    """The words that masking took out of a transcript, to find them in entities and evidence."""
    pairs = ((old.text, new.text) for old, new in zip(original, shown, strict=True) if old.text != new.text)
    return frozenset(word for old, new in pairs for word in set(old.split()) - set(new.split()) if len(word) > 2)


def _masked_lines(history: Sequence[Line]) -> Iterator[Line]:
    question = ""
    for line in history:
        said = line.author is Author.CUSTOMER
        text = masked(line.text, question) if said else masked(line.text)
        question = "" if said else f"{question} {line.text}"[-_QUESTION:]
        yield line if text == line.text else replace(line, text=text)


def _masked_turn(turn: Turn, question: str) -> Turn:
    text = masked(turn.text, question[-_QUESTION:])
    return turn if text == turn.text else replace(turn, text=text)


def _without_cards(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: without_cards(value) if isinstance(value, str) else value for name, value in values.items()}
