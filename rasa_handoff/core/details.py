"""Key details the customer gave: what an agent would otherwise have to ask for again. Patterns, in linear time."""

import re
from collections.abc import Iterable, Iterator, Sequence

from rasa_handoff.core.conversation import Author, Entity, Line
from rasa_handoff.core.masking import masked
from rasa_handoff.core.package import Detail
from rasa_handoff.core.text import bounded, listed

MOST = 40  # details in a package

_KINDS = {
    "order_id": "orders?|purchases?",
    "invoice_id": "invoices?|bills?|bil",
    "booking_ref": "bookings?|reservations?|confirmation|pnr",
    "account_number": "accounts?|acct|acc|a/c",
    "ticket_id": "tickets?|case",
    "tracking_number": "tracking|shipment|parcel",
    "claim_id": "claims?",
    "policy_id": "policy",
    "customer_id": "customer|client|member",
}
_ALIASES = {
    "order_id": ("order", "order_number", "order_no", "ordernumber"),
    "email": ("e-mail", "mail", "email_address"),
    "phone": ("phone_number", "phone-number", "phonenumber", "telephone", "mobile"),
    "name": ("person", "person_name", "customer_name", "full_name"),
}
_KIND_OF = {alias: kind for kind, aliases in _ALIASES.items() for alias in aliases}

_NOUN = "|".join(f"(?P<{kind}>{nouns})" for kind, nouns in _KINDS.items())
_LABEL = (
    r"(?:[ \t]{1,3}(?:numbers?|no|nr|num|id|ids|code|ref|reference|with|the|is)\b\.?){0,4}"
    r"[ \t]{0,3}(?:is|:|=|,)?[ \t]{0,3}[#№]?[ \t]{0,3}"
)
_ID = r"(?P<id>(?=[A-Za-z-]{0,12}\d)[A-Za-z0-9](?:[A-Za-z0-9]|[-_/](?=[A-Za-z0-9])){2,39})(?![\w@])"
_LABELLED = re.compile(rf"\b(?:{_NOUN})\b{_LABEL}{_ID}", re.IGNORECASE)
_HASH = re.compile(rf"(?<![\w#&])#[ \t]?{_ID}")
_TICKET = re.compile(r"\b(?P<id>(?:TKT|INC|CASE|SR)-?\d{3,12})\b", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[^\W\d_]{2,24}(?![\w-])")
_PHONE = re.compile(r"(?<![\w#@./-])(?:\+|\(\+?)?\d(?:[ ().-]{0,2}\d){6,14}(?![\w@-])")
_SAYS_PHONE = re.compile(r"\b(?:phone|mobile|cell|call|text|reach|tel|telephone|whatsapp|number is)\b", re.IGNORECASE)
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_NAME = re.compile(
    r"\b(?:my (?:full )?name(?:'s|’s| is|:)|(?:full )?name is|name:|i am called|i'm called|call me)\s+"
    r"(?P<name>[^\W\d_][\w'’-]{0,30}(?:[ \t]+[^\W\d_][\w'’-]{0,30}){0,2})",
    re.IGNORECASE,
)
# "I'm Crystal Minh", but neither "I'm Happy" nor "I'm very angry": two words at least, written as names are.
_INTRODUCED = re.compile(
    r"\b(?:I['’]m|I am|[Tt]his is|[Ii]t['’]s)[ \t]+(?P<name>[A-Z][\w'’-]{1,30}(?:[ \t]+[A-Z][\w'’-]{1,30}){1,2})"
)
_NO_NAME = frozenset(
    listed("""
        and, my, i, im, the, a, an, is, was, from, but, with, ssn, account, order, number, email, phone, id, in, on, at,
        for, to, you, please, thanks, thank, so, not, yes, no, ok, okay, it, its, here, there, who, what, when, back,
        now, asap, later, hi, hello, sir, sure, just, can, need, want, will, would, have, has, or, of, this, that,
        wrong, spelled, misspelled, correct, yep, nope, nothing, idk, bye
    """)
)
_ASKED = (
    ("email", re.compile(r"\be-?mail\b", re.IGNORECASE)),
    ("phone", re.compile(r"\b(?:phone|mobile|telephone|cell)\b", re.IGNORECASE)),
    *((kind, re.compile(rf"\b(?:{nouns})\b", re.IGNORECASE)) for kind, nouns in _KINDS.items()),
    ("name", re.compile(r"\byour (?:full |first |last )?name\b|\bname\?", re.IGNORECASE)),
)
_BARE_ID = re.compile(
    rf"(?:(?:it'?s|it is|yes|sure|here|is|my|the|number|no|ok|okay)[ ,:]+){{0,4}}[#№]?{_ID}[ .!]*", re.IGNORECASE
)


def key_details(history: Sequence[Line], entities: Iterable[tuple[int, Entity]] = ()) -> tuple[Detail, ...]:
    """What the customer's lines and the NLU's entities (with their turns) tell, the newest first; no card numbers.

    A value counts once, where it was first given; what the bot's question asked for names a bare answer.
    """
    found: dict[tuple[str, str], Detail] = {}
    for detail in (*_said(history), *(_entity(turn, entity) for turn, entity in entities)):
        value = masked(detail.value).strip().lstrip("#")
        if value:
            found.setdefault((detail.kind, value.casefold()), Detail(detail.kind, value, detail.turn))
    return tuple(sorted(found.values(), key=lambda detail: -detail.turn)[:MOST])


def _entity(turn: int, entity: Entity) -> Detail:
    kind = entity.kind.casefold()
    return Detail(_KIND_OF.get(kind, kind), " ".join(entity.value[:200].split()), turn)


def _said(history: Sequence[Line]) -> Iterator[Detail]:
    turn, question = 0, ""
    for line in history:
        if line.author is not Author.CUSTOMER:
            question = line.text[-400:]
            continue
        turn += 1
        message = masked(bounded(line.text))
        for kind, value in _of_message(message, question):
            yield Detail(kind, value, turn)


def _of_message(message: str, question: str) -> Iterator[tuple[str, str]]:
    taken: set[str] = set()
    for kind, value in (*_ids(message), *_answer(message, question)):
        taken.add(value)
        yield kind, value
    for match in _EMAIL.finditer(message):
        yield "email", match.group()
    for match in _PHONE.finditer(message):
        if match.group() not in taken and _is_phone(match.group(), message):
            yield "phone", match.group().strip()
    for match in (*_NAME.finditer(message), *_INTRODUCED.finditer(message)):
        if name := _name(match.group("name")):
            yield "name", name


def _ids(message: str) -> Iterator[tuple[str, str]]:
    labelled = set()
    for match in _LABELLED.finditer(message):
        labelled.add(match.group("id"))
        yield next(kind for kind in _KINDS if match.group(kind)), match.group("id")
    for match in _TICKET.finditer(message):
        if match.group("id") not in labelled:
            labelled.add(match.group("id"))
            yield "ticket_id", match.group("id")
    for match in _HASH.finditer(message):
        if match.group("id") not in labelled:
            yield "order_id", match.group("id")


def _answer(message: str, question: str) -> Iterator[tuple[str, str]]:
    """A bare answer takes its kind from the bot's question before it."""
    asked = next((kind for kind, pattern in _ASKED if pattern.search(question)), None) if len(message) <= 60 else None
    if asked is None or asked == "email":
        return
    if asked == "name":
        if len(message.split()) <= 3 and (name := _name(message.strip(" .!,"))) and _NAME.search(message) is None:
            yield "name", name
    elif bare := _BARE_ID.fullmatch(message.strip()):
        yield asked, bare.group("id")


def _is_phone(value: str, message: str) -> bool:
    digits = sum(character.isdigit() for character in value)
    if _DATE.search(value) or digits < 7:
        return False
    return value.startswith(("+", "(")) or digits == 10 or bool(_SAYS_PHONE.search(message))


def _name(words: str) -> str | None:
    """The words of a name up to the first that cannot be one; None when none is left."""
    name: list[str] = []
    for word in words.split():
        if word.casefold() in _NO_NAME or not word[0].isalpha():
            break
        name.append(word)
    return " ".join(name) or None
