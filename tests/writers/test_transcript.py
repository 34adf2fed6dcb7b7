from datetime import UTC, datetime

from rasa_handoff.core.conversation import Author, Line
from rasa_handoff.writers.transcript import transcript

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_short_transcript_is_whole():
    history = (Line(Author.CUSTOMER, "hi", NOW), Line(Author.BOT, "", NOW), Line(Author.AGENT, "Ana here", NOW))
    assert transcript(history, 100) == ["customer: hi", "bot: (sent an attachment)", "agent: Ana here"]


def test_a_long_transcript_keeps_its_start_and_its_end_and_says_what_is_left_out():
    history = [Line(Author.CUSTOMER, f"message {number} {'x' * 80}", NOW) for number in range(1_000)]
    lines = transcript(history, most=5_000)
    assert sum(map(len, lines)) < 5_100
    assert lines[0].startswith("customer: message 0 ")
    assert lines[-1].startswith("customer: message 999 ")
    assert lines[4] == f"[{1_000 - len(lines) + 1} older lines left out]"
