"""Whether the newest message asks for a human: what the bot's NLU, the designer's phrases and the classifier say of it.

The English patterns vouch for a request, so that the classifier need hardly agree, or speak against it. Because they
know how requests are put in English, an English message they do not know has to be surer than one in another language.
"""

from rasa_handoff.core import classifier, requests
from rasa_handoff.core import text as texts
from rasa_handoff.core.conversation import Turn
from rasa_handoff.core.decision import Evidence
from rasa_handoff.core.requests import Ask
from rasa_handoff.core.thresholds import Detection

VOUCHED = 0.05  # the classifier's probability that is enough when a pattern vouches
_NEVER = 1.01  # when a pattern speaks against it: "no need to talk to a human"
_UNKNOWN = 0.36  # what is added when the patterns know the language and not the sentence
_SUREST = 0.985  # no threshold is raised above it


def asks(turn: Turn, message: str, quote: str, number: int, detection: Detection) -> tuple[Evidence, ...]:
    """The evidence of a request in the message, or none."""
    said = f"Customer said: {quote}"
    if texts.found(detection.request_phrases, texts.said(message)):
        return (Evidence("explicit_phrase", quote, None, number, said),)
    sure = classifier.scores(message)["request"]
    known = turn.intent in detection.request_intents and turn.confidence >= detection.confidence_threshold
    if sure < min(VOUCHED, detection.request_threshold) and not known:
        return ()  # whatever the patterns say of it
    ask = requests.read(message) if detection.request_patterns else Ask()
    needed = threshold(message, ask, detection)
    if sure >= needed:
        return (Evidence("explicit_request", quote, None, number, said), _why(message, sure, needed, number))
    if known and not ask.declines:
        return (Evidence("explicit_intent", turn.intent or "", None, number, said),)
    return ()


def threshold(message: str, ask: Ask, detection: Detection) -> float:
    """The probability from which the message is a request."""
    needed = detection.request_threshold
    if ask.asks:
        return min(needed, VOUCHED)
    if ask.declines:
        return _NEVER
    if detection.request_patterns and requests.is_english(message):
        return min(_SUREST, needed + _UNKNOWN)
    return needed


def _why(message: str, sure: float, needed: float, number: int) -> Evidence:
    telling = ", ".join(classifier.telling(message, "request"))
    return Evidence("request_probability", round(sure, 4), needed, number, f"Asks for a person: {sure:.2f} ({telling})")
