"""The private values that a context package knows of, so that they are hidden wherever they are said."""

import re
from collections.abc import Iterator

from rasa_handoff.core.package import ContextPackage
from rasa_handoff.core.private import Private
from rasa_handoff.core.redaction import Known

# The kinds of key details and the names of slots, by what they contain.
_CLASSES = (
    (Private.EMAIL, re.compile("e-?mail")),
    (Private.PHONE, re.compile("phone|mobile|tel")),
    (Private.ADDRESS, re.compile("address|street|zip|postal|postcode")),
    (
        Private.ID,
        re.compile("id$|^id|_ref|reference|number|account|order|invoice|booking|ticket|iban|ssn|passport|code"),
    ),
    (Private.NAME, re.compile("name|person")),
)


def known_of(package: ContextPackage) -> tuple[Known, ...]:
    """The customer's name and ids, and the key details of a private kind."""
    return tuple(_known(package))


def _known(package: ContextPackage) -> Iterator[Known]:
    if package.customer_name:
        yield Known(Private.NAME, package.customer_name)
    for value in {package.customer_id, package.conversation_id}:
        yield Known(Private.ID, value)
    for detail in package.details:
        if kind := class_of(detail.kind):
            yield Known(kind, detail.value)


def class_of(kind: str) -> Private | None:
    """What is private about a kind of detail; None for amounts, dates, products."""
    return next((private for private, pattern in _CLASSES if pattern.search(kind.casefold())), None)
