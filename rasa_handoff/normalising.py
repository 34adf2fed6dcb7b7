"""Checks key details and brings them into their standard form, by phonenumbers and email-validator."""

from collections.abc import Callable
from dataclasses import replace

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat

from rasa_handoff.core.package import Detail


def normaliser(region: str | None) -> Callable[[Detail], Detail]:
    """A function that fills a detail's `normal` or `problem`; `region` is the country of numbers without a code."""

    def normalise(detail: Detail) -> Detail:
        match detail.kind:
            case "email":
                return _email(detail)
            case "phone":
                return _phone(detail, region)
            case _:
                return detail

    return normalise


def _email(detail: Detail) -> Detail:
    try:
        checked = validate_email(detail.value, check_deliverability=False)
    except EmailNotValidError as error:
        return replace(detail, problem=str(error))
    return replace(detail, normal=checked.normalized)


def _phone(detail: Detail, region: str | None) -> Detail:
    if region is None and "+" not in detail.value:
        return detail
    try:
        number = phonenumbers.parse(detail.value, region)
    except NumberParseException as error:
        return replace(detail, problem=f"This is no phone number: {error}")
    if not phonenumbers.is_valid_number(number):
        return replace(detail, problem="No network has given out such a number. Ask for it again.")
    return replace(detail, normal=phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL))
