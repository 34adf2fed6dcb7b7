"""Everything that can go wrong by our own rules, and who should be told what.

HandoffError
├── SettingsError          handoff.yml or the environment is wrong: says file, key and line
├── NotFound               no such handoff or agent
├── Refused                the event does not fit the state; the sender is told why
│   ├── OfferGone          the offer was taken back, taken by somebody else, or timed out
│   ├── NotYours           this agent does not hold the handoff
│   ├── AlreadyClosed      the handoff has ended
│   ├── UnsupportedByChannel  a takeover channel has no way to do it: the sender is told
│   └── PlaceGone          what a takeover channel showed the handoff in was deleted there: take over anew
├── Unverified             a request to a takeover channel is not proven to be its own
├── BadMessage             empty or too long: says the limit
├── BadInput               a line or a file that is not what it should be: says where and why
├── AgentBusy              the agent has no free place (or is away): try the next
├── Conflict               somebody else changed the handoff meanwhile: load it again and retry
├── Duplicate              this event was already accepted: nothing to do
└── Unreachable            the store, Rasa or the model did not answer: says which, and what to check
    └── Busy               we ask no more of it at once: waiting is no failure
"""


def problem_of(error: BaseException) -> str:
    """What an error says, or, where it says nothing, what it is."""
    return str(error) or type(error).__name__


class HandoffError(Exception):
    """The root of our errors; its text is written for whoever reads it."""


class SettingsError(HandoffError):
    """A setting is wrong; the text names the file, the key and the line, and what would be right."""


class NotFound(HandoffError):
    """There is no such handoff or agent."""


class Refused(HandoffError):
    """The event does not fit the handoff's state. Nothing changed; tell the sender."""


class OfferGone(Refused):
    """The offer is no longer this agent's to answer."""


class NotYours(Refused):
    """The agent does not hold this handoff."""


class AlreadyClosed(Refused):
    """The handoff has ended."""


class UnsupportedByChannel(Refused):
    """The takeover channel has no way to do this; the text says what, and what would do."""


class PlaceGone(Refused):
    """The thread or topic that a takeover channel showed the handoff in is no longer there; a new one would do."""


class Unverified(HandoffError):
    """A request to a takeover channel that is not proven to come from it. It is not said what is wrong with it."""

    def __init__(self) -> None:
        super().__init__("This request is not signed as it must be.")


class BadMessage(HandoffError):
    """A message that cannot be sent: empty, or longer than the limit the text names."""


class BadInput(HandoffError):
    """What was given to read is broken; the text names the file, the line and what is wrong."""


class AgentBusy(HandoffError):
    """The agent is away or has no free place."""


class Conflict(HandoffError):
    """The handoff changed between load and commit."""


class Duplicate(HandoffError):
    """The event's key is already in the log."""


class Unreachable(HandoffError):
    """A service we need did not answer; `retry_after` seconds, when it told us."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Busy(Unreachable):
    """As much is asked of the service at once as we allow; nothing was sent."""
