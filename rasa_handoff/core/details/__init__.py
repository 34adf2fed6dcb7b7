"""Key details the customer gave: what an agent would otherwise have to ask for again. Patterns, in linear time."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial

from rasa_handoff.core.conversation import Author, Entity, Line
from rasa_handoff.core.details import contacts, names, questions
from rasa_handoff.core.details.identifiers import labelled, locator, marked
from rasa_handoff.core.details.kinds import KIND_OF, SURE
from rasa_handoff.core.details.message import Message
from rasa_handoff.core.details.ordinary import is_ordinary
from rasa_handoff.core.masking import masked
from rasa_handoff.core.package import Detail
from rasa_handoff.core.text import bounded, listed

MOST = 40  # details in a package
_QUESTION = 400  # characters read of what the bot said since the customer's last message
_WORD = re.compile(r"[ \t,]*([^\W\d_]{2,30})")
_TRAVEL = frozenset(
    listed("""
        boarding, flight, flights, seat, seats, check-in, checkin, itinerary, booking, reservation, flug, buchung,
        bordkarte, vuelo, reserva, vol, volo, voo, vlucht
    """)
)


def key_details(history: Sequence[Line], entities: Iterable[tuple[int, Entity]] = ()) -> tuple[Detail, ...]:
    """What the customer's lines, masked, and the NLU's entities (with their turns) tell, the newest first.

    A value counts once, where it was last given; what the bot's question asked for names a bare answer.
    """
    found: dict[tuple[str, str], Detail] = {}
    for detail in _said(history):
        if value := _plain(detail.value):
            found.setdefault((detail.kind, value.casefold()), replace(detail, value=value))
        if len(found) > MOST:
            break  # what is older would not be shown
    for detail in (_entity(turn, entity) for turn, entity in entities):
        key = (detail.kind, detail.value.casefold())
        if detail.value and (key not in found or found[key].turn < detail.turn):
            found[key] = detail
    return tuple(sorted(found.values(), key=lambda detail: -detail.turn)[:MOST])


def _entity(turn: int, entity: Entity) -> Detail:
    kind = entity.kind.casefold()
    return Detail(KIND_OF.get(kind, kind), _plain(" ".join(masked(entity.value[:200]).split())), turn)


def _plain(value: str) -> str:
    """The value without the sign that only says it is a number."""
    return value.strip().lstrip("#")


def _said(history: Sequence[Line]) -> Iterator[Detail]:
    """What each of the customer's messages tells, the newest message first."""
    said = list(_answers(history))
    since = cache(partial(_travels_since, [text for text, _ in said]))
    for turn in range(len(said) - 1, -1, -1):
        text, question = said[turn]
        for kind, value in _of_message(Message(text), questions.asked(question), partial(_has_begun, since, turn)):
            yield Detail(kind, value, turn + 1)


def _travels_since(texts: Sequence[str]) -> int:
    """The first message that is about travelling."""
    return next((turn for turn, text in enumerate(texts) if Message(text).has(_TRAVEL)), len(texts))


def _has_begun(since: Callable[[], int], turn: int) -> bool:
    return since() <= turn


def _answers(history: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """Each of the customer's messages with what was said before it, since they last answered."""
    question, answered = "", False
    for line in history:
        if line.author is Author.CUSTOMER:
            answered = True
            yield bounded(line.text), question
        else:
            question = line.text[-_QUESTION:] if answered else f"{question} {line.text}"[-_QUESTION:]
            answered = False


def _of_message(message: Message, wanted: tuple[str, ...], travels: Callable[[], bool]) -> Iterator[tuple[str, str]]:
    if message.digits:
        yield from _numbers(message, wanted, travels)
    elif wanted:
        yield from questions.answers(message.text, wanted, set())
    for value in contacts.emails(message):
        yield "email", value
    for name in names.own_names(message):
        yield "name", name
    for name in names.mentioned_names(message):
        yield "person", name
    for value in contacts.products(message):
        yield "product", value


def _numbers(message: Message, wanted: tuple[str, ...], travels: Callable[[], bool]) -> Iterator[tuple[str, str]]:
    text, taken = message.text, set[str]()
    dates = (("date", value) for value in contacts.dates(message))
    amounts = (("amount", value) for value in contacts.amounts(message))
    for kind, value in (*dates, *amounts, *labelled(text), *marked(text)):
        if value not in taken:
            taken.add(value)
            yield kind, value
    for kind, value in questions.answers(text, wanted, taken):
        taken.add(value)
        yield kind, value
    if not taken and (found := _bare_locator(text)) and travels():
        taken.add(found)
        yield "booking_ref", found
    for value in contacts.phones(message, taken, "phone" in wanted):
        yield "phone", value


def _bare_locator(message: str) -> str | None:
    """Where somebody travels: a message that is nothing but a record locator, perhaps after a name."""
    at = names.after_greeting(message)
    for _ in range(4):
        found = locator(message, at)
        if found and not message[found[1] :].strip(" .!"):
            return found[0]
        word = _WORD.match(message, at)
        if word is None or (is_ordinary(word.group(1)) and not SURE.fullmatch(word.group(1))):
            return None
        at = word.end()
    return None
