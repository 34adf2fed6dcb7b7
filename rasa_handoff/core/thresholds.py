"""What a designer can set about when a human takes over, with the defaults. `handoff.yml` is mapped to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rasa_handoff.core import topics
from rasa_handoff.core.backports import StrEnum
from rasa_handoff.core.topics import Topics


class TurnsCount(StrEnum):
    """Which turns count against `max_turns`: those since the conversation last got anywhere, or all of the episode."""

    WITHOUT_PROGRESS = "without_progress"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Detection:
    """When a human takes over. Phrases are words in any case; `*` ends an open word, `...` is up to three words.

    Turns:
        max_turns            more customer messages than this hand over
        turns_count          which: `without_progress` (no new intent, no slot filled, no successful action), or `all`
        uncounted_intents    messages of these intents are no turns: nobody is handed over for saying goodbye
    Understanding:
        confidence_threshold an NLU confidence below it is a miss, in [0, 1]
        confidence_margin    a miss is also a first intent less than this ahead of the second, in [0, 1]; 0 turns it off
        misses_in_a_row      the bot asks to rephrase until this many misses in a row, then hands over
        miss_intents         intents that mean "not understood"
    Frustration:
        frustration_threshold a score at or above it hands over, in [0, 1]
        frustration_off      signals of frustration that do not count, as they are called in the evidence
    Explicit requests:
        request_intents      the bot's own intents for "I want a human"
        request_threshold    the classifier's probability from which a message is a request, in [0, 1]
        request_phrases      further phrases that always count as a request, in any language
        request_patterns     let the built-in English patterns vouch for a request, or speak against it
    Topics, by group; routes can match the group's name, agents see it:
        policy_threshold     the classifier's probability from which a message is a policy matter, in [0, 1]
        sensitive_threshold  the same for sensitive topics
        policy_topics, sensitive_topics    your own phrases, which add to a built-in group or make a new one
        topics_off           groups that are not looked for
        topic_exceptions     phrases taken out of a message before topics are looked for
    Complex issues:
        complex_intents      the bot's own intents that always need a human
        complex_entities     kinds of the bot's entities that always need one
        complex_amounts      kinds of entities that need one above a number: `{amount: 500}`
        complex_questions    this many questions in one message hand over; 0 turns it off
        complex_parts        so do this many parts of a long one: points of a list, "also"; 0 turns it off
        complex_words        how many words make a message a long one
        complex_failures     this many failed actions among the last eight turns hand over; 0 turns it off
        complex_unresolved   so do this many intents that failed or came back in vain; 0 turns it off
        failures             actions, responses and slots of the bot that tell of a failed action when used or filled
    """

    max_turns: int = 6
    turns_count: TurnsCount = TurnsCount.WITHOUT_PROGRESS
    uncounted_intents: tuple[str, ...] = ("goodbye", "bye", "thank", "thanks", "thank_you", "thankyou")
    confidence_threshold: float = 0.4
    confidence_margin: float = 0.05
    misses_in_a_row: int = 2
    miss_intents: tuple[str, ...] = ("nlu_fallback", "out_of_scope")
    frustration_threshold: float = 0.75
    frustration_off: tuple[str, ...] = ()
    request_intents: tuple[str, ...] = ("request_human",)
    request_threshold: float = 0.55
    request_phrases: tuple[str, ...] = ()
    request_patterns: bool = True
    policy_threshold: float = 0.5
    sensitive_threshold: float = 0.35
    policy_topics: Topics = field(default_factory=dict)
    sensitive_topics: Topics = field(default_factory=dict)
    topics_off: tuple[str, ...] = ()
    topic_exceptions: tuple[str, ...] = topics.EXCEPTIONS
    complex_intents: tuple[str, ...] = ()
    complex_entities: tuple[str, ...] = ()
    complex_amounts: Mapping[str, float] = field(default_factory=dict)
    complex_questions: int = 3
    complex_parts: int = 3
    complex_words: int = 40
    complex_failures: int = 2
    complex_unresolved: int = 3
    failures: tuple[str, ...] = ()

    @property
    def groups(self) -> frozenset[str]:
        """The names of all groups of topics, built in or the designer's."""
        return frozenset({*topics.POLICY, *topics.SENSITIVE, *self.policy_topics, *self.sensitive_topics})
