"""What a topic begins with: the context of a handoff, and the buttons under it."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from rasa_handoff.channel import Case, Press
from rasa_handoff.channels import briefing
from rasa_handoff.channels.telegram.html import lines, pages, plain
from rasa_handoff.core.handoff import Outcome
from rasa_handoff.core.text import clipped
from rasa_handoff.words import in_words

Json = dict[str, Any]

_ROWS = ((Press.ACCEPT, Press.DECLINE), (Press.SUGGEST,), (Press.HAND_BACK, Press.CLOSE))
OUTCOMES = (
    Outcome.RESOLVED,
    Outcome.CALLBACK_BOOKED,
    Outcome.EMAIL_TAKEN,
    Outcome.TRANSFERRED_OUT,
    Outcome.CUSTOMER_LEFT,
    Outcome.CANCELLED,
)
"""How an agent may say that it ended, as on the desk."""
BACK = "back"
_TRANSCRIPT = 3900  # leaves room for the quotation that holds it
_MOST = 3  # messages with what was said: Telegram lets a bot write 20 a minute into a group


def topic(case: Case) -> str:
    return clipped(briefing.headline(case), 128)


def card(case: Case) -> str:
    """The message that is kept up to date: as much of the context as fits into one."""
    return _context(case)[0]


def more(case: Case) -> list[str]:
    """What the card had no room for, and the newest of the conversation so far, which does not change."""
    said = [one for line in briefing.transcript(case) for one in lines(line)]
    quoted = [f"<blockquote expandable>{page}</blockquote>" for page in pages(said, _TRANSCRIPT)[-_MOST:]]
    return [*_context(case)[1:], *quoted]


def keyboard(presses: Sequence[Press]) -> Json:
    rows = [[_button(briefing.LABELS[one], one.value) for one in row if one in presses] for row in _ROWS]
    return {"inline_keyboard": [row for row in rows if row]}


def outcomes(shown: Sequence[Press]) -> Json:
    """Asks how it ended. `shown` are the buttons that come back when it did not."""
    ends = [_button(in_words(one), f"{Press.CLOSE}:{one}") for one in OUTCOMES]
    back = _button("Back", ":".join([BACK, *shown]))
    return {"inline_keyboard": [ends[0:2], ends[2:4], ends[4:6], [back]]}


def pressed(data: str) -> tuple[Press, Outcome | None] | None:
    """What the button means; an outcome when one was chosen. None of what is no button of ours."""
    name, _, told = data.partition(":")
    if name not in set(Press) or (told and told not in set(Outcome)):
        return None
    return Press(name), Outcome(told) if told else None


def shown_before(data: str) -> list[Press] | None:
    """The buttons that "Back" brings; None of another button."""
    name, *shown = data.split(":")
    return [Press(one) for one in shown if one in set(Press)] if name == BACK else None


def _context(case: Case) -> list[str]:
    return pages(_lines(case)) or [plain(topic(case))]


def _lines(case: Case) -> Iterator[str]:
    yield f"<b>{plain(topic(case))}</b>"
    yield f"<i>{plain(clipped(briefing.state(case), 400))}</i>"
    yield ""
    for sentence in briefing.summary(case):
        yield from lines(sentence)
    yield ""
    for label, value in briefing.details(case):
        yield from lines(value, label)
    for attempt in briefing.attempts(case):
        yield from lines(attempt, "Tried")
    if case.url:
        yield f'<a href="{escape(case.url)}">Open on the desk</a>'


def _button(text: str, data: str) -> Json:
    return {"text": text, "callback_data": data}
