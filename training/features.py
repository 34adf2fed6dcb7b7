"""A message's features for training: the same that the classifier adds up word by word."""

from collections import Counter
from collections.abc import Sequence

from rasa_handoff.core import context, ngrams


def features(sentences: Sequence[ngrams.Sentence]) -> Counter[int]:
    """How much each bucket counts: whatever the message repeats counts once."""
    words = dict.fromkeys(word for sentence in sentences for word in sentence)
    found = Counter(bucket for word in words for bucket in ngrams.of_word(word))
    contexts = [context.of_sentence(sentence) for sentence in sentences]
    found.update(sorted(set[int]().union(*(one.once for one in contexts))))
    for bucket in sorted(set[int]().union(*(one.thrice for one in contexts))):
        found[bucket] += context.THRICE
    return found
