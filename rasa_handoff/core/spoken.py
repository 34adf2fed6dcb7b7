"""Which topics that always go to a human the newest message is about: the classifier's groups, and listed phrases.

A designer's phrase decides by itself. A built-in one only makes the classifier surer: "is it legal to" is no lawsuit.
"""

from dataclasses import dataclass
from math import sqrt

from rasa_handoff.core import classifier, topics
from rasa_handoff.core import text as texts
from rasa_handoff.core.decision import Evidence
from rasa_handoff.core.thresholds import Detection
from rasa_handoff.core.topics import Topics


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of topics: the classifier's head for it, its groups with built-in phrases, and a phrase's say.

    `enough` is the probability of the kind that is enough when a built-in phrase is found.
    """

    head: str
    built_in: Topics
    enough: float

    def threshold(self, detection: Detection) -> float:
        return detection.policy_threshold if self is POLICY else detection.sensitive_threshold

    def added(self, detection: Detection) -> Topics:
        return detection.policy_topics if self is POLICY else detection.sensitive_topics


POLICY = Kind("policy", topics.POLICY, 0.5)
SENSITIVE = Kind("sensitive", topics.SENSITIVE, 0.5)


def about(kind: Kind, message: str, quote: str, number: int, detection: Detection) -> tuple[Evidence, ...]:
    """The evidence of each group of the kind that the message is about."""
    added, meant = kind.added(detection), classifier.scores(message)[kind.head]
    if not added and meant < min(kind.enough, kind.threshold(detection) ** 2):
        return ()
    said = _without_exceptions(message, detection)
    found = {group: hit for group, listed in added.items() if (hit := texts.found(listed, said))}
    group, why = _classified(kind, message, said, detection)
    if group and group not in found:
        found[group] = why
    return tuple(
        _evidence(kind, group, f"{why}", quote, number, meant if group not in added else None)
        for group, why in found.items()
        if group not in detection.topics_off
    )


def _likeliest(kind: Kind, message: str) -> tuple[str, float]:
    """The likeliest group, and how sure that is: the mean (of factors) of what the kind's head and the group's say.

    Where they do not agree, it is mostly a word that occurs in several groups, and none of them is meant.
    """
    scores = classifier.scores(message)
    likeliest = max(kind.built_in, key=lambda group: scores[group])
    return likeliest, sqrt(scores[kind.head] * scores[likeliest])


def _classified(kind: Kind, message: str, said: str, detection: Detection) -> tuple[str | None, str]:
    """The group that is likely enough and on, and what speaks for it."""
    likeliest, sure = _likeliest(kind, message)
    on = [group for group in kind.built_in if group not in detection.topics_off]
    if sure >= kind.threshold(detection) and likeliest in on:
        return likeliest, ", ".join(classifier.telling(message, kind.head))
    if classifier.scores(message)[kind.head] >= min(kind.enough, kind.threshold(detection)):
        hits = ((group, texts.found(kind.built_in[group], said)) for group in on)
        return next(((group, hit) for group, hit in hits if hit), (None, ""))
    return None, ""


def _without_exceptions(message: str, detection: Detection) -> str:
    """The message's words, without what only looks like a topic ("legal age")."""
    said = texts.said(message)
    exceptions = texts.phrases(detection.topic_exceptions)
    return exceptions.sub("-", said) if exceptions else said


def _evidence(kind: Kind, group: str, why: str, quote: str, number: int, sure: float | None) -> Evidence:
    named = f"Topic {group.replace('_', ' ')}" + (f" ({why})" if why else "")
    shown = f" {sure:.2f}" if sure is not None else ""
    return Evidence(f"{kind.head}_topic", group, None, number, f"{named}{shown}; customer said: {quote}", group)
