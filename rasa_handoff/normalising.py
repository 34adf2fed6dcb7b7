"""Key details checked and brought into their standard form, as the draft is handed it."""

from collections.abc import Callable
from dataclasses import replace

from rasa_handoff.contact import email_address, phone_in_words, phone_number
from rasa_handoff.core.package import Detail


def normaliser(region: str | None) -> Callable[[Detail], Detail]:
    """A function that fills a detail's `normal` or `problem`; `region` is the country of numbers without a code."""

    def normalise(detail: Detail) -> Detail:
        match detail.kind:
            case "email":
                return _email(detail)
            case "phone" if region or "+" in detail.value:
                return _phone(detail, region)
            case _:
                return detail

    return normalise


def _email(detail: Detail) -> Detail:
    address = email_address(detail.value)
    if address is None:
        return replace(detail, problem="This cannot be an e-mail address. Ask for it again.")
    return replace(detail, normal=address)


def _phone(detail: Detail, region: str | None) -> Detail:
    number = phone_number(detail.value, region)
    if number is None:
        return replace(detail, problem="No network has given out such a number. Ask for it again.")
    return replace(detail, normal=phone_in_words(number))
