"""Numbers of orders, bookings, accounts ...: what a word for them, or the way they are written, says they are."""

import re
from collections.abc import Iterator

from rasa_handoff.core.details.kinds import BETWEEN, SURE, Label, labels
from rasa_handoff.core.details.ordinary import is_ordinary
from rasa_handoff.core.text import listed

ID = re.compile(
    r"(?<![\w@$€£.])(?=[A-Za-z-]{0,12}\d)[A-Za-z0-9](?:[A-Za-z0-9]|[-_/](?=[A-Za-z0-9])){2,39}(?![\w@%$€£]|[.,:]\d)"
)
_HASH = re.compile(r"(?<![\w#&])#[ \t]?(?=[\w-]*\d)")
_TICKET = re.compile(r"\b(?:TKT|INC|CASE|SR)-?\d{3,12}\b", re.IGNORECASE)
_AFTER = re.compile(
    r"[ \t,]{1,3}(?:is|ist|es|est|è|é)[ \t](?:my|the|our|meine?|mi|mon|ma|la|il mio)[ \t]", re.IGNORECASE
)
_NO_ID = re.compile(
    r"\d{1,2}(?:am|pm|h|hrs?|uhr|st|nd|rd|th|min|mins|x|kg|g|cm|mm|km|gb|tb|mb|ml|l)|\d{1,4}[/-]\d{1,2}[/-]\d{1,4}|"
    r"\d{1,2}/\d{1,2}|\d{1,2}-\d{1,2}|\d+(?:mg|ml|kg|km|gb|mb|usd|eur|gbp|euros?|dollars?|years?|days?)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_COUNTED = re.compile(
    r"[ \t]+(?!(?:and|please|pls|is|was|has|from|to|for|but|in|on|that|which|with|und|bitte|y|et|e)\b)[^\W\d_]"
)
_SECRET = re.compile(
    r"\b(?:pin|cvv|cvc|otp|ssn|password|code|zip|plz)\b[ \t:#]{0,2}(?:(?:is|no|number|code)\b[ \t:]{0,2})?$", re.I
)
_PART = re.compile(r"[ \t]{0,2}([A-Za-z]{1,4}|\d{1,12})(?![\w@'’])")
_SHORT = frozenset(
    listed("""
        the, and, is, for, to, at, on, in, of, my, me, am, pm, no, ok, yes, may, jan, feb, mar, apr, jun, jul, aug,
        sep, oct, nov, dec, day, min, mins, hrs, usd, eur, gbp, row, gb, kg, lbs, by, or, it, we, you, i
    """)
)
_SPACED = frozenset({"booking_ref", "policy_id", "claim_id", "ticket_id", "tracking_number"})
_LOCATOR = 6  # characters of an airline's record locator (IATA Resolution 763)


def labelled(message: str) -> Iterator[tuple[str, str]]:
    """Kind and number of each that a word names: "order no. 123", "123 is my account number"."""
    for label in labels(message):
        between = BETWEEN.match(message, label.end)
        assert between is not None
        sure = label.sure or bool(SURE.search(between.group()))
        found = _named(label.kind, message, between.end(), sure) or _before(message, label, sure)
        if found:
            yield label.kind, found


def marked(message: str) -> Iterator[tuple[str, str]]:
    """What says by itself what it is: "TKT789", and after a number sign an order's number."""
    for match in _TICKET.finditer(message):
        yield "ticket_id", match.group()
    for sign in _HASH.finditer(message):
        if found := ID.match(message, sign.end()):
            yield "order_id", found.group()


def unnamed(message: str) -> Iterator[str]:
    """Every number that may be one, where no word says of what; for an answer to a question."""
    for match in ID.finditer(message):
        if _is_id(match.group()) and not _SECRET.search(message, max(0, match.start() - 24), match.start()):
            yield match.group()


def locator(message: str, at: int = 0) -> tuple[str, int] | None:
    """An airline's record locator as people write it, in one piece or not ("r 59 s 26"), and where it ends."""
    text, end = "", at
    while len(text) < _LOCATOR and (part := _PART.match(message, end)):
        word = part.group(1)
        if word.isalpha() and (word.casefold() in _SHORT or (len(word) > 3 and is_ordinary(word))):
            break
        text, end = text + word, part.end()
    if len(text) != _LOCATOR or text.isalpha() or text.isdigit():
        return None
    return message[at:end].strip(), end


def _named(kind: str, message: str, at: int, sure: bool) -> str | None:
    if kind == "booking_ref" and sure and (found := locator(message, at)):
        return found[0]
    match = ID.match(message, at)
    if match is None:
        return _pieces(message, at) if kind in _SPACED and sure else None
    value = match.group()
    return value if _is_id(value) and (sure or _is_likely(value, message, match.end())) else None


def _is_id(value: str) -> bool:
    return not _NO_ID.fullmatch(value)


def _is_likely(value: str, message: str, end: int) -> bool:
    """Without a word for "number": "order 120 pizzas" counts pizzas, and "order 2024" tells the year."""
    if not value.isdigit() or len(value) > 4:
        return True
    return not _YEAR.fullmatch(value) and not _COUNTED.match(message, end)


def _before(message: str, label: Label, sure: bool) -> str | None:
    """ "84318931 is my account number"."""
    for match in ID.finditer(message, max(0, label.start - 60), label.start):
        if (link := _AFTER.match(message, match.end())) and link.end() == label.start and _is_id(match.group()):
            return match.group() if sure or len(match.group()) > 4 else None
    return None


def _pieces(message: str, at: int) -> str | None:
    """A code in pieces: "klo 251485962"; letters and then digits."""
    letters = _PART.match(message, at)
    digits = _PART.match(message, letters.end()) if letters and letters.group(1).isalpha() else None
    if letters is None or digits is None or is_ordinary(letters.group(1)) or not digits.group(1).isdigit():
        return None
    return message[at : digits.end()].strip()
