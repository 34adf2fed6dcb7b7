"""What a message is about: a probability for each of `HEADS`, in any language, from a small network over n-grams.

Standard library only. What a word adds is remembered, so that a message costs little more than its word order.
Whatever a message repeats counts once.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import exp
from operator import mul

from rasa_handoff.core import context, ngrams, weights
from rasa_handoff.core import text as texts
from rasa_handoff.core.weights import Sum

POLICY = ("legal", "regulator_press", "data_protection", "security", "payment_dispute")
SENSITIVE = ("self_harm", "threat", "medical_emergency", "abuse", "minor")
KINDS = ("request", "dissatisfied", "policy", "sensitive")
HEADS = (*KINDS, *POLICY, *SENSITIVE)

_SENTENCES = 20
_MEANT = 0.02  # a kind's probability from which its groups are looked at

Scores = Mapping[str, float]


def scores(text: str) -> Scores:
    """The probability of each head, in [0, 1], by name. Never raises; reads 1,000 characters from either end.

    A message of several sentences is read as a whole and sentence by sentence; the surest reading counts.
    """
    return _scores(texts.bounded(text, ngrams.READ))


@lru_cache(maxsize=2048)
def _scores(text: str) -> Scores:
    sentences = _read(text)
    if not sentences:
        return dict.fromkeys(HEADS, 0.0)
    sums = list(map(_sentence, sentences))
    return _of([weights.hidden(one) for one in (sums if len(sums) == 1 else [whole(sentences), *sums])])


def _of(readings: Sequence[Sequence[float]]) -> Scores:
    """The heads' probabilities by their surest reading; a kind's groups are told apart only where it may be meant."""
    found = dict.fromkeys(HEADS, 0.0)
    for name in KINDS:
        found[name] = _probability(max([_margin(hidden, name) for hidden in readings]))
    for kind, groups in (("policy", POLICY), ("sensitive", SENSITIVE)):
        for name in groups if found[kind] >= _MEANT else ():
            found[name] = _probability(max([_margin(hidden, name) for hidden in readings]))
    return found


def _read(text: str) -> tuple[ngrams.Sentence, ...]:
    """The sentences that are read, each once: so many from either end. Where a text is cut, none is cut in two."""
    if len(text) <= 2 * ngrams.READ:
        found = ngrams.sentences(text)
    else:
        head, tail = ngrams.sentences(text[: ngrams.READ]), ngrams.sentences(text[-ngrams.READ :])
        found = (head[:-1] or head) + (tail[1:] or tail)
    found = tuple(dict.fromkeys(found))
    return found if len(found) <= 2 * _SENTENCES else found[:_SENTENCES] + found[-_SENTENCES:]


def telling(text: str, head: str, most: int = 3) -> tuple[str, ...]:
    """The words of the message that speak for the head, the strongest first.

    A word's say is what its own features add at the point where the network stands (its gradient there).
    """
    sentences = _read(text)
    if not sentences:
        return ()
    words = sentences[0]
    if len(sentences) > 1:
        words = max(sentences, key=lambda sentence: _margin(weights.hidden(_sentence(sentence)), head))
    model = weights.model()
    parts = zip(weights.hidden(_sentence(words)), model.heads[head].weights, model.scales, strict=True)
    slopes = [(1 - unit * unit) * weight * scale for unit, weight, scale in parts]
    nothing, own = weights.ZERO * sum(slopes), {word: _word(word) for word in words if word.isalpha()}
    say = {word: sum(map(mul, weights.held(one), slopes)) - nothing * one.count for word, one in own.items()}
    ordered = sorted((word for word in say if say[word] > 0), key=lambda word: -say[word])
    return tuple(ordered[:most])


def _probability(margin: float) -> float:
    return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, margin))))


def _margin(hidden: Sequence[float], name: str) -> float:
    head = weights.model().heads[name]
    return sum(map(mul, hidden, head.weights), head.bias)


def whole(sentences: Sequence[ngrams.Sentence]) -> Sum:
    """All sentences read as one: what several of them say counts once."""
    total, words, once, thrice = Sum(), set[str](), set[int](), set[int]()
    for sentence in sentences:
        found = _context(sentence)
        again = [_word(word) for word in words.intersection(sentence)]
        total += _sentence(sentence)
        for one in (*again, _weighed(once & found.once, thrice & found.thrice)):
            total -= one
        words.update(sentence)
        once |= found.once
        thrice |= found.thrice
    return total


@lru_cache(maxsize=256)
def _sentence(words: ngrams.Sentence) -> Sum:
    found = _context(words)
    return weights.total([*map(_word, set(words)), _weighed(found.once, found.thrice)])


@lru_cache(maxsize=256)
def _context(words: ngrams.Sentence) -> context.Context:
    return context.of_sentence(words)


@lru_cache(maxsize=8192)
def _word(word: str) -> Sum:
    return weights.added(ngrams.of_word(word))


def _weighed(once: frozenset[int] | set[int], thrice: frozenset[int] | set[int]) -> Sum:
    return weights.added(list(once)) + weights.added(list(thrice)) * context.THRICE
