"""What a conversation shows that matters to the decision. `read` looks; `detector.decide` judges."""

from collections.abc import Callable
from dataclasses import dataclass

from rasa_handoff.core import asked, complexity, frustration, misses, progress, spoken
from rasa_handoff.core import text as texts
from rasa_handoff.core.conversation import Conversation, Turn
from rasa_handoff.core.decision import Evidence
from rasa_handoff.core.masking import masked
from rasa_handoff.core.thresholds import Detection

Sentiment = Callable[[str], float]


@dataclass(frozen=True, slots=True)
class Signals:
    """The signals of the newest customer message and its episode.

    `requested`, `policy`, `sensitive` and `complex` are empty, or the evidence found. `misses` has one evidence for
    each miss in a row that ends with the newest message. `turn` is the newest message's number in the episode (0:
    there is none); `turns` are those that count against the limit, 0 when the newest does not (a goodbye).
    `frustration` is in [0, 1], `frustrated` what it is made of.
    """

    turn: int = 0
    turns: int = 0
    requested: tuple[Evidence, ...] = ()
    policy: tuple[Evidence, ...] = ()
    sensitive: tuple[Evidence, ...] = ()
    complex: tuple[Evidence, ...] = ()
    frustration: float = 0.0
    frustrated: tuple[Evidence, ...] = ()
    misses: tuple[Evidence, ...] = ()


def read(conversation: Conversation, detection: Detection, sentiment: Sentiment) -> Signals:
    """Read the signals. `sentiment` maps a text to [-1, 1]. Never raises for any text."""
    turns = conversation.turns
    if not turns:
        return Signals()
    newest, number = turns[-1], len(turns)
    message = texts.bounded(newest.text)
    if message.startswith("/"):
        message = ""  # a button's payload: its intent speaks, not its name
    quote = _quote(newest)
    missed = misses.newest_missed(conversation, frustration.REMEMBERED, detection)
    measured = frustration.measure(turns, missed, sentiment, detection.frustration_off)
    return Signals(
        turn=number,
        turns=progress.counted(turns, detection),
        requested=asked.asks(newest, message, quote, number, detection),
        policy=spoken.about(spoken.POLICY, message, quote, number, detection),
        sensitive=spoken.about(spoken.SENSITIVE, message, quote, number, detection),
        complex=complexity.found(turns, message, detection),
        frustration=measured.score,
        frustrated=tuple(Evidence(one.signal, one.weight, None, one.turn, one.words) for one in measured.contributions),
        misses=_misses(conversation, detection),
    )


def _quote(turn: Turn) -> str:
    return masked(texts.clipped(turn.text))


def _misses(conversation: Conversation, detection: Detection) -> tuple[Evidence, ...]:
    row = misses.in_a_row(conversation, detection)
    first = len(conversation.turns) - len(row) + 1
    return tuple(_miss(turn, first + at, detection) for at, turn in enumerate(row))


def _miss(turn: Turn, number: int, detection: Detection) -> Evidence:
    near = turn.confidence - turn.runner_up < detection.confidence_margin
    rival = f", the next intent {turn.runner_up:.2f}" if near else ""
    words = f"Not understood (confidence {turn.confidence:.2f}{rival}): {_quote(turn)}"
    return Evidence("low_confidence", turn.confidence, detection.confidence_threshold, number, words)
