"""Key details as an agent reads them: by kind, the latest first, and where customers contradict themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from rasa_handoff.core.package import Detail

# Of these a customer has one; of orders or dates there may well be several.
_ONE = frozenset({"name", "email", "phone", "account_number", "customer_id", "booking_ref"})


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of one kind, the latest first."""

    kind: str
    details: tuple[Detail, ...]

    @property
    def conflicting(self) -> bool:
        """The customer gave several of what they should have one of."""
        return self.kind in _ONE and len({_plain(detail) for detail in self.details}) > 1


def facts(details: Sequence[Detail]) -> tuple[Fact, ...]:
    """The kinds in the order of their latest detail."""
    kinds = dict.fromkeys(detail.kind for detail in details)
    return tuple(Fact(kind, tuple(detail for detail in details if detail.kind == kind)) for kind in kinds)


def _plain(detail: Detail) -> str:
    return "".join((detail.normal or detail.value).casefold().split())
