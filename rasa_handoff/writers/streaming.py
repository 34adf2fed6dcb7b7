"""Private values put back into a text that comes in pieces."""

import re

from rasa_handoff.core.redaction import LONGEST_PLACEHOLDER, Redacted

_BEGUN = re.compile(r"\[[A-Z]*(?:_\d*)?$")  # what may become a placeholder with the next piece


class Restored:
    """Add the pieces in order; what each makes ready comes back."""

    def __init__(self, redacted: Redacted) -> None:
        self._redacted = redacted
        self._held = ""

    def add(self, piece: str) -> str:
        text = self._held + piece
        begun = _BEGUN.search(text, max(0, len(text) - LONGEST_PLACEHOLDER))
        ready, self._held = (text[: begun.start()], text[begun.start() :]) if begun else (text, "")
        return self._restored(ready)

    def rest(self) -> str:
        """What was held back to the end."""
        held, self._held = self._held, ""
        return self._restored(held)

    def _restored(self, text: str) -> str:
        restored: str = self._redacted.restored(text)
        return restored
