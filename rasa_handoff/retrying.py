"""What an HTTP answer says about trying again: whether it may help, and when the server wants it."""

from datetime import datetime
from email.utils import parsedate_to_datetime
from math import isfinite

from rasa_handoff.core.backports import UTC

_PASSING = frozenset({408, 409, 425, 429})


def may_pass(status: int) -> bool:
    """An answer of this status may be another one later."""
    return status >= 500 or status in _PASSING


def retry_after(told: str | None, longest: float) -> float | None:
    """The header's seconds, in either of its forms and at most `longest`; None when it says nothing."""
    try:
        seconds = float(told or "")
    except ValueError:
        try:
            at = parsedate_to_datetime(told or "")
        except ValueError:
            return None
        seconds = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
    return min(max(0.0, seconds), longest) if isfinite(seconds) else None
