"""A conversation as lines of text, for a question that goes on from its end: the start and the end of a long one."""

from collections.abc import Iterable, Sequence

from rasa_handoff.core.conversation import Line
from rasa_handoff.core.text import clipped

_OPENING = 4  # lines kept from the start, where customers say what they want
_LINE = 1_000


def transcript(history: Sequence[Line], most: int) -> list[str]:
    """The lines, "customer: ..."; past `most` characters the oldest middle is left out, and a note says so."""
    lines = [f"{line.author}: {clipped(line.text, _LINE) or '(sent an attachment)'}" for line in history]
    if sum(map(len, lines)) <= most:
        return lines
    opening = [line[: most // (2 * _OPENING)] for line in lines[:_OPENING]]
    ending = _within(reversed(lines[_OPENING:]), most - sum(map(len, opening)))[::-1]
    left_out = len(lines) - len(opening) - len(ending)
    return [*opening, f"[{left_out} older lines left out]", *ending] if left_out else [*opening, *ending]


def _within(lines: Iterable[str], room: int) -> list[str]:
    kept = []
    for line in lines:
        room -= len(line)
        if room < 0:
            break
        kept.append(line)
    return kept
