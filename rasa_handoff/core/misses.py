"""Which turns the bot did not understand, and how many of them in a row stand at the end."""

from collections.abc import Sequence
from dataclasses import replace

from rasa_handoff.core.conversation import Conversation, Turn
from rasa_handoff.core.thresholds import Detection

CORE_FALLBACK = "action_default_fallback"


def with_core_fallback(conversation: Conversation) -> Conversation:
    """The conversation with Rasa's core fallback counted on its newest turn: the bot's policies are at a loss."""
    if not conversation.turns:
        return conversation
    *earlier, newest = conversation.messages
    if CORE_FALLBACK not in newest.actions:
        newest = replace(newest, actions=(*newest.actions, CORE_FALLBACK))
    return replace(conversation, messages=(*earlier, newest))


def missed(turn: Turn, detection: Detection, *, answers_form: bool = False) -> bool:
    """The bot did not understand this message.

    What answers a form's question is free text to the NLU, so only the core fallback makes such a turn a miss.
    """
    if CORE_FALLBACK in turn.actions:
        return True
    if answers_form or turn.intent is None:
        return False
    if turn.intent in detection.miss_intents or turn.confidence < detection.confidence_threshold:
        return True
    return turn.confidence - turn.runner_up < detection.confidence_margin


def newest_missed(conversation: Conversation, most: int, detection: Detection) -> list[bool]:
    """Of the episode's newest turns, at most so many, oldest first: was each a miss?"""
    turns = conversation.turns
    return [_missed_at(conversation, at, detection) for at in range(max(0, len(turns) - most), len(turns))]


def _missed_at(conversation: Conversation, at: int, detection: Detection) -> bool:
    turn = conversation.turns[at]
    if not missed(turn, detection):
        return False
    return missed(turn, detection, answers_form=answers_form(conversation, at))


def in_a_row(conversation: Conversation, detection: Detection) -> Sequence[Turn]:
    """The misses that end with the newest turn, oldest first. Messages of no text (a picture) are passed over."""
    row: list[Turn] = []
    turns = conversation.turns
    for at in range(len(turns) - 1, -1, -1):
        if not turns[at].text.strip():
            continue
        if not _missed_at(conversation, at, detection):
            break
        row.insert(0, turns[at])
    return row


def answers_form(conversation: Conversation, at: int) -> bool:
    """Turn `at` of the episode was an answer to a form: the form ran on it, or is waiting for the newest."""
    turns = conversation.turns
    if at == len(turns) - 1 and conversation.loop:
        return conversation.requested_slot is not None
    before = turns[at - 1].actions if at else ()
    return any(
        action == conversation.loop or action.endswith("_form") for action in turns[at].actions if action in before
    )
