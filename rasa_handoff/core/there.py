"""Whether a waiting customer is still there: what happens."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AskedIfThere:
    """There has been no sign of the customer for long: they are asked, once, before the place is given up."""


@dataclass(frozen=True, slots=True)
class CustomerThere:
    """The customer is back, or says that they are still there."""


@dataclass(frozen=True, slots=True)
class CustomerLeft:
    """The customer has gone, and did not answer the question."""


ThereEvent = AskedIfThere | CustomerThere | CustomerLeft
