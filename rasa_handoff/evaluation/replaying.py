"""The detector over one past conversation: when it would have handed off, as set and with what-if settings.

An episode is what lies between two hand-overs of the conversation to the bot (its start, a restart, a new session, a
hand back). In each the first decision that is not to stay counts: what the customer wrote after it, they would have
written to a human.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rasa_handoff.core.decision import HandOff, Offer, Stay
from rasa_handoff.core.masking import masked
from rasa_handoff.core.text import clipped
from rasa_handoff.evaluation.judging import Judge, kind
from rasa_handoff.evaluation.stepping import Json, Step, steps
from rasa_handoff.evaluation.variants import Variant

_WORDS = 5  # pieces of evidence that are kept


@dataclass(frozen=True, slots=True)
class Happened:
    """That the detector would not have stayed: at the `turn`th message of the episode, the `message`th of all."""

    turn: int
    message: int
    kind: str
    reason: str
    said: str
    words: tuple[str, ...] = ()


@dataclass(slots=True)
class Episode:
    """One episode. `really` is the turn at which a handoff really began; `peak` the greatest frustration, and where.

    `variants` are the turn and the reason with what-if settings, by their label.
    """

    turns: int = 0
    handoff: Happened | None = None
    really: int | None = None
    peak: float = 0.0
    peak_message: int = 0
    peak_said: str = ""
    variants: dict[str, tuple[int, str]] = field(default_factory=dict)


@dataclass(slots=True)
class Replayed:
    """A conversation. `with_human`: how many of its messages were written to a human."""

    id: str
    episodes: list[Episode] = field(default_factory=list)
    with_human: int = 0


def replayed(tracker: Json, judge: Judge, variants: Sequence[Variant]) -> Replayed:
    judges = {variant.label: replace(judge, detection=variant.detection) for variant in variants}
    result = Replayed(str(tracker.get("sender_id") or ""))
    for step in steps(tracker):
        if step.with_human:
            result.with_human += 1
        if not step.views:
            continue
        if not result.episodes or len(step.views[0].turns) == 1:
            result.episodes.append(Episode())
        _take(result.episodes[-1], step, judge, judges)
    return result


def _take(episode: Episode, step: Step, judge: Judge, judges: dict[str, Judge]) -> None:
    episode.turns += 1
    if step.handed_off and episode.really is None:
        episode.really = episode.turns
    if episode.handoff is None:
        _judge(episode, step, judge)
    for label, other in judges.items():
        if label not in episode.variants and (decision := _decided(other, step)):
            episode.variants[label] = (episode.turns, decision.reason.value)


def _judge(episode: Episode, step: Step, judge: Judge) -> None:
    for view in step.views:
        judged = judge.judge(view, step.asked)
        decision = judged.decision
        if judged.frustration > episode.peak:
            episode.peak, episode.peak_message, episode.peak_said = judged.frustration, step.number, _quote(step.text)
        if not isinstance(decision, Stay):
            words = tuple(dict.fromkeys(one.words for one in decision.evidence))[:_WORDS]
            reason, said = decision.reason.value, _quote(step.text)
            episode.handoff = Happened(episode.turns, step.number, kind(decision), reason, said, words)
            return


def _decided(judge: Judge, step: Step) -> Offer | HandOff | None:
    for view in step.views:
        decision = judge.decide(view, step.asked)
        if not isinstance(decision, Stay):
            return decision
    return None


def _quote(text: str) -> str:
    return masked(clipped(text))
