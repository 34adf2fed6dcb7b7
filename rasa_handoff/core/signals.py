"""What a conversation shows that matters to the decision. `read` looks; `detector.decide` judges."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from rasa_handoff.core import frustration, misses, requests
from rasa_handoff.core import text as texts
from rasa_handoff.core.conversation import Conversation, Turn
from rasa_handoff.core.decision import Evidence
from rasa_handoff.core.masking import masked
from rasa_handoff.core.thresholds import Detection, Topics

Sentiment = Callable[[str], float]

_URL = re.compile(r"\b(?:https?://|www\.)\S+")
_SENTENCE = re.compile(r"[^.!?\n]+\??")
_WORDS_OF_A_QUESTION = 3


@dataclass(frozen=True, slots=True)
class Signals:
    """The signals of the newest customer message and its episode.

    `requested`, `policy`, `sensitive` and `complex` are empty, or the evidence found. `misses` has one evidence for
    each miss in a row that ends with the newest message. `turn` is the newest message's number in the episode (0:
    there is none); `turns` counts those that count, and is 0 when the newest does not (a goodbye). `frustration` is
    in [0, 1], `frustrated` what it is made of.
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
    said = _topical(message, detection)
    missed = [
        misses.missed(turn, detection, answers_form=misses.answers_form(conversation, at))
        for at, turn in enumerate(turns)
    ]
    measured = frustration.measure(turns, missed, sentiment)
    return Signals(
        turn=number,
        turns=_counted(turns, detection),
        requested=_requested(newest, message, number, detection),
        policy=_topic("policy_topic", detection.policy_topics, said, newest, number),
        sensitive=_topic("sensitive_topic", detection.sensitive_topics, said, newest, number),
        complex=_complex(newest, message, number, detection),
        frustration=measured.score,
        frustrated=tuple(Evidence(one.signal, one.weight, None, one.turn, one.words) for one in measured.contributions),
        misses=_misses(conversation, detection),
    )


def _quote(turn: Turn) -> str:
    return masked(texts.clipped(turn.text))


def _counted(turns: tuple[Turn, ...], detection: Detection) -> int:
    counted = [turn.intent not in detection.uncounted_intents for turn in turns]
    return sum(counted) if counted[-1] else 0


def _requested(turn: Turn, message: str, number: int, detection: Detection) -> tuple[Evidence, ...]:
    said = f"Customer said: {_quote(turn)}"
    if texts.found(detection.request_phrases, texts.spaced(texts.words(message))):
        return (Evidence("explicit_phrase", _quote(turn), None, number, said),)
    ask = requests.read(message) if detection.request_patterns else requests.Ask()
    if ask.asks:
        return (Evidence("explicit_request", _quote(turn), None, number, said),)
    sure = turn.confidence >= detection.confidence_threshold
    if turn.intent in detection.request_intents and sure and not ask.declines:
        return (Evidence("explicit_intent", turn.intent or "", None, number, said),)
    return ()


def _topical(message: str, detection: Detection) -> str:
    """The message's words, without what only looks like a topic ("legal age")."""
    said = texts.spaced(texts.words(message))
    exceptions = texts.phrases(detection.topic_exceptions)
    return exceptions.sub("-", said) if exceptions else said


def _topic(signal: str, topics: Topics, said: str, turn: Turn, number: int) -> tuple[Evidence, ...]:
    hits = ((group, texts.found(listed, said)) for group, listed in topics.items())
    return tuple(
        Evidence(signal, hit, None, number, f"Topic {group.replace('_', ' ')}; customer said: {_quote(turn)}", group)
        for group, hit in hits
        if hit
    )


def _complex(turn: Turn, message: str, number: int, detection: Detection) -> tuple[Evidence, ...]:
    found = []
    if turn.intent in detection.complex_intents:
        words = f"An issue the bot leaves to people: {turn.intent}"
        found.append(Evidence("complex_intent", turn.intent or "", None, number, words))
    limit = detection.complex_questions
    asked = _questions(message)
    if limit and asked >= limit:
        found.append(Evidence("questions", float(asked), float(limit), number, f"{asked} questions in one message"))
    return tuple(found)


def _questions(message: str) -> int:
    plain = _URL.sub("", message)
    questions = (sentence for sentence in _SENTENCE.findall(plain) if sentence.endswith("?"))
    return sum(len(texts.words(question)) >= _WORDS_OF_A_QUESTION for question in questions)


def _misses(conversation: Conversation, detection: Detection) -> tuple[Evidence, ...]:
    row = misses.in_a_row(conversation, detection)
    first = len(conversation.turns) - len(row) + 1
    return tuple(_miss(turn, first + at, detection) for at, turn in enumerate(row))


def _miss(turn: Turn, number: int, detection: Detection) -> Evidence:
    words = f"Not understood (confidence {turn.confidence:.2f}): {_quote(turn)}"
    return Evidence("low_confidence", turn.confidence, detection.confidence_threshold, number, words)
