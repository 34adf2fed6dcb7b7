"""What the model is asked: a short instruction, and the conversation as data that cannot pass for one."""

from collections.abc import Iterable, Sequence

from rasa_handoff.core.conversation import Line
from rasa_handoff.core.package import ContextPackage
from rasa_handoff.core.redaction import Known
from rasa_handoff.core.text import clipped
from rasa_handoff.writers.asking import Ask

MOST_TOKENS = 200
MOST_CHARACTERS = 9_000  # of transcript; the oldest middle is left out
_OPENING = 4  # lines kept from the start, where customers say what they want
_LINE = 1_000

SYSTEM = """\
You write the summary a human support agent reads first when taking over a conversation from a bot.
Say what the customer wants, what was tried, and what is still unresolved. At most three sentences of plain text:
no heading, no list, no greeting. Keep order numbers, dates and amounts as written. State only what the data says."""


def question(package: ContextPackage, known: tuple[Known, ...]) -> Ask:
    """What the model is asked about the package; of long conversations the start and the end."""
    facts = {
        "handed_over_because": package.reason.value,
        "intent": package.intent,
        "transcript": transcript(package.history),
    }
    return Ask("summary", SYSTEM, facts, "Write the summary.", MOST_TOKENS, known)


def transcript(history: Sequence[Line], most: int = MOST_CHARACTERS) -> list[str]:
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
