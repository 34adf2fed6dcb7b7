"""Does the conversation get anywhere? How many turns it has gone on since it last did, and what failed.

A turn gets somewhere when the customer comes with something new (an intent not heard before), when a slot takes a value
it did not have, and when an action succeeds for the first time. What is not known counts as nothing.
"""

from collections.abc import Iterator, Sequence

from rasa_handoff.core.backports import assert_never
from rasa_handoff.core.conversation import Turn
from rasa_handoff.core.misses import missed
from rasa_handoff.core.thresholds import Detection, TurnsCount

READ = 50  # the newest turns that are looked at, however long the episode is
_RASAS_OWN = frozenset({
    "action_listen", "action_restart", "action_session_start", "action_default_fallback", "action_deactivate_loop",
    "action_revert_fallback_events", "action_default_ask_affirmation", "action_default_ask_rephrase", "action_back",
    "action_two_stage_fallback", "action_unlikely_intent", "action_extract_slots", "action_validate_slot_mappings",
})  # fmt: skip
_NO_WORK = ("utter_", "validate_", "action_ask_", "action_handoff_")


def counted(turns: Sequence[Turn], detection: Detection) -> int:
    """The turns that count against `max_turns`; 0 when the newest does not (a goodbye).

    Without progress: since the last turn that got somewhere, that one included.
    """
    uncounted = detection.uncounted_intents
    if not turns or turns[-1].intent in uncounted:
        return 0
    newest, older = turns[-READ:], max(0, len(turns) - READ)
    match detection.turns_count:
        case TurnsCount.ALL:
            since = 0
        case TurnsCount.WITHOUT_PROGRESS:
            step = last_step(newest, detection)
            since, older = (0, older) if step is None else (step, 0)
        case _ as never:
            assert_never(never)
    return older + sum([turn.intent not in uncounted for turn in newest[since:]])


def last_step(turns: Sequence[Turn], detection: Detection) -> int | None:
    """Which of the turns was the last to get somewhere."""
    heard: set[str | None] = {None, *detection.uncounted_intents}
    done: set[tuple[str, str]] = set()
    last = None
    for at, turn in enumerate(turns):
        if turn.intent not in heard and not missed(turn, detection):
            heard.add(turn.intent)
            last = at
        if turn.filled or turn.actions:
            work = set(work_done(turn, detection))
            last = last if work <= done else at
            done |= work
    return last


def work_done(turn: Turn, detection: Detection) -> Iterator[tuple[str, str]]:
    """The slots that were filled on a turn, with their values, and the actions that succeeded."""
    broken = failures(turn, detection)
    yield from (slot for slot in turn.filled if slot[0] not in broken)
    if not broken:
        yield from (("", action) for action in turn.actions if is_work(action))


def is_work(action: str) -> bool:
    """An action that does something for the customer: no response, no form, nothing of Rasa's own or of ours."""
    return action not in _RASAS_OWN and not action.startswith(_NO_WORK) and not action.endswith("_form")


def failures(turn: Turn, detection: Detection) -> tuple[str, ...]:
    """What failed on a turn: actions that Rasa could not run, and what the designer named as telling of a failure."""
    named = detection.failures
    told = [name for name in (*turn.actions, *turn.responses, *dict(turn.filled)) if name in named] if named else []
    return tuple(dict.fromkeys([*turn.failed, *told])) if turn.failed or told else ()
