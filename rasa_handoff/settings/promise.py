"""The part of handoff.yml about what is offered to customers who would wait too long."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from rasa_handoff.contact import email_address
from rasa_handoff.core.promise import Alternative, Promise
from rasa_handoff.mail.letters import Words
from rasa_handoff.settings.sections import STRICT


def _each_once(values: list[Alternative]) -> list[Alternative]:
    if len(set(values)) < len(values):
        raise ValueError("name each once")
    return values


def known_address(value: str) -> str:
    """The e-mail address, normalised. Errors: ValueError."""
    address = email_address(value)
    if address is None:
        raise ValueError("this is no e-mail address; write one such as support@example.com")
    return address


class ConfirmationSettings(BaseModel):
    """What a customer who chose the e-mail is written at once, in one language."""

    model_config = STRICT

    subject: str = Field(min_length=1, description="The subject, on one line.")
    text: str = Field(min_length=1, description="The text; `{summary}` and `{department}` are filled in.")


class PromiseSettings(BaseModel):
    """Other ways than waiting: when they are offered, and what they come to.

    They are offered when the chance of an answer within `queue.sla_seconds` is poor or unknown, nobody is there, or the
    department is closed; and again when those seconds are over.
    """

    model_config = STRICT

    alternatives: Annotated[list[Annotated[Alternative, Field(strict=False)]], AfterValidator(_each_once)] = Field(
        [Alternative.CALLBACK, Alternative.EMAIL],
        description="`callback`, `email`, both (customers choose with buttons), or none: `[]`.",
    )
    least_chance: float = Field(
        0.5, ge=0, le=1, description="Below this chance of an answer in time the alternatives are offered at once."
    )
    call_minutes: int = Field(30, ge=5, le=480, description="How long a call may take; it ends before closing.")
    call_lead_minutes: int = Field(30, ge=0, description="The earliest time offered for a call is this far ahead.")
    call_days: int = Field(14, ge=1, le=365, description="How far ahead a call may be booked.")
    email_hours: float = Field(24, gt=0, description="Within how many hours an e-mail is answered.")

    confirmation: dict[str, ConfirmationSettings] = Field(
        {}, description="By language, what a customer who chose the e-mail is written at once; English comes with us."
    )

    def words(self) -> dict[str, Words]:
        """The confirmation by language."""
        return {language: Words(one.subject, one.text) for language, one in self.confirmation.items()}

    def promise(self, region: str | None) -> Promise:
        """`region`: whose phone numbers are those without a country's code."""
        return Promise(
            alternatives=tuple(one for one in Alternative if one in self.alternatives),
            least_chance=self.least_chance,
            region=region,
            call_length=timedelta(minutes=self.call_minutes),
            call_lead=timedelta(minutes=self.call_lead_minutes),
            call_horizon=timedelta(days=self.call_days),
            email_within=timedelta(hours=self.email_hours),
        )
