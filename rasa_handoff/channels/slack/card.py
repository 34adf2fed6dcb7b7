"""What agents see: the card, what was said before, and the dialog in which they end it. Block Kit, as values.

https://docs.slack.dev/reference/block-kit has the limits.
"""

import json
from collections.abc import Sequence

from rasa_handoff.channel import Case, Press
from rasa_handoff.channels import briefing
from rasa_handoff.channels.http import Json
from rasa_handoff.channels.slack.text import escaped
from rasa_handoff.core.handoff import Outcome
from rasa_handoff.core.text import clipped
from rasa_handoff.words import in_words

ACTION = "handoff_"
"""What the ids of our buttons and dialogs begin with."""

_HEADER, _SECTION, _FIELD, _FIELDS, _URL = 150, 3000, 300, 10, 3000
_TRANSCRIPT, _LINE = 3500, 400
_STYLES = {Press.ACCEPT: "primary", Press.CLOSE: "danger"}
_ENDS = (
    Outcome.RESOLVED,
    Outcome.CALLBACK_BOOKED,
    Outcome.EMAIL_TAKEN,
    Outcome.TRANSFERRED_OUT,
    Outcome.CUSTOMER_LEFT,
    Outcome.CANCELLED,
)


def blocks(case: Case, state: str, presses: Sequence[Press], note_prefix: str) -> list[Json]:
    """The card: the headline and the summary first, then the details, then what can be done."""
    shown: list[Json] = [
        {"type": "header", "text": _plain(clipped(briefing.headline(case), _HEADER))},
        _section([f"*{escaped(state)}*"]),
    ]
    shown += [_section([f"• {escaped(one)}" for one in briefing.summary(case)])] if briefing.summary(case) else []
    shown += _details(briefing.details(case))
    tried = [f"• {escaped(clipped(one, _FIELD))}" for one in briefing.attempts(case)]
    shown += [_section(["*Tried so far*", *tried])] if tried else []
    shown += _actions(case, presses)
    return [*shown, {"type": "context", "elements": [_plain(_hint(case, note_prefix))]}]


def fallback(case: Case, state: str) -> str:
    """The card in a line, for notifications."""
    return escaped(f"{briefing.headline(case)} ({clipped(state)})")


def transcript(case: Case) -> str:
    """What was said before, the newest lines that have room; empty when nothing was."""
    lines: list[str] = []
    room = _TRANSCRIPT
    for line in reversed(briefing.transcript(case)):
        told = escaped(clipped(line, _LINE))
        room -= len(told) + 1
        if room < 0:
            break
        lines.append(told)
    return "\n".join(["Before the handoff (times in UTC):", *reversed(lines)]) if lines else ""


def ending(press: Press, place: str) -> Json:
    """The dialog for handing back or closing. What it is about comes back with what is entered."""
    note = {"type": "plain_text_input", "action_id": "note", "multiline": True, "max_length": 2000}
    inputs = [_input("note", "Note for colleagues", note, optional=True)]
    if press is Press.CLOSE:
        options = [{"text": _plain(in_words(one)), "value": one.value} for one in _ENDS]
        select = {"type": "static_select", "action_id": "outcome", "options": options, "initial_option": options[0]}
        inputs.insert(0, _input("outcome", "How it ended", select, optional=False))
    return {
        "type": "modal",
        "callback_id": f"{ACTION}{press.value}",
        "private_metadata": json.dumps({"place": place}),
        "title": _plain("Close" if press is Press.CLOSE else "Hand back"),
        "submit": _plain("Close" if press is Press.CLOSE else "Hand back"),
        "close": _plain("Cancel"),
        "blocks": inputs,
    }


def _details(details: Sequence[tuple[str, str]]) -> list[Json]:
    fields = [
        {"type": "mrkdwn", "text": f"*{escaped(clipped(label, 80))}*\n{escaped(clipped(value, _FIELD)) or '-'}"}
        for label, value in details[: 3 * _FIELDS]
    ]
    return [{"type": "section", "fields": fields[at : at + _FIELDS]} for at in range(0, len(fields), _FIELDS)]


def _actions(case: Case, presses: Sequence[Press]) -> list[Json]:
    buttons = [_button(press, case.handoff.id) for press in presses]
    if case.url and len(case.url) <= _URL:
        desk = {"type": "button", "text": _plain("Open on the desk"), "action_id": f"{ACTION}desk", "url": case.url}
        buttons.append(desk)
    return [{"type": "actions", "block_id": f"{ACTION}presses", "elements": buttons}] if buttons else []


def _button(press: Press, handoff_id: str) -> Json:
    button: Json = {
        "type": "button",
        "text": _plain(briefing.LABELS[press]),
        "action_id": f"{ACTION}{press.value}",
        "value": handoff_id,
    }
    return {**button, "style": _STYLES[press]} if press in _STYLES else button


def _hint(case: Case, note_prefix: str) -> str:
    if not case.handoff.is_open:
        return "This has ended: what is written here goes nowhere."
    notes = f" Begin with {note_prefix} what is for colleagues." if note_prefix else ""
    return f"Whoever has it answers in this thread: the customer is sent what they write.{notes}"


def _section(lines: Sequence[str]) -> Json:
    text = "\n".join(lines)
    cut = text if len(text) <= _SECTION else text[: _SECTION - 1] + "…"
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut, "verbatim": True}}


def _input(id: str, label: str, element: Json, *, optional: bool) -> Json:
    return {"type": "input", "block_id": id, "label": _plain(label), "element": element, "optional": optional}


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}
