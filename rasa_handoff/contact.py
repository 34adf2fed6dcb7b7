"""Where a customer can be reached: phone numbers and e-mail addresses as they were typed, checked and in one form."""

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat


def phone_number(text: str, region: str | None) -> str | None:
    """The number in E.164 ("+493012345678"), or None when it is none.

    Without a country's code it is one of `region`; without a region it is none.
    """
    try:
        number = phonenumbers.parse(text[:100], region)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def phone_in_words(number: str) -> str:
    """An E.164 number as people read it: "+49 30 12345678"."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return number


def email_address(text: str) -> str | None:
    """The address, normalised; None when it is none. Whether anybody reads it is not looked up."""
    try:
        return validate_email(text.strip()[:320], check_deliverability=False).normalized
    except EmailNotValidError:
        return None
