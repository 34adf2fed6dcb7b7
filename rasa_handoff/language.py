"""Which language a customer writes, by py3langid, whose model lies in its wheel.

Chosen over lingua, whose models are many times as large. Loading takes seconds and about a hundred megabytes, so it is
done once, in the background, and only where agents speak more than one language; until then nothing is known.
"""

import threading
from collections.abc import Callable, Collection, Iterable

LEAST_LETTERS = 12
LEAST_SIGNS = 4
"""Where a sign stands for a syllable or a word, a few of them say as much as a dozen letters."""
SURE = 0.9

Rank = Callable[[str], Iterable[tuple[str, float]]]


class Languages:
    """Tells languages apart. Safe from several threads."""

    def __init__(self) -> None:
        self._rank: Rank | None = None

    def load_soon(self) -> None:
        """Load the model, without waiting for it."""
        threading.Thread(target=self.load, name="languages", daemon=True).start()

    def load(self) -> None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        self._rank = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True).rank  # type: ignore[no-untyped-call]

    def __call__(self, texts: Iterable[str], among: Collection[str]) -> str | None:
        """The ISO 639-1 code of the texts' language, one of `among`; None when it cannot be told surely."""
        text = " ".join(texts)[-2_000:]
        if self._rank is None or len(among) < 2 or not _says_enough(text):
            return None
        ranked = [(language, float(probability)) for language, probability in self._rank(text)]
        best, sure = max(ranked, key=lambda one: one[1])
        others = sum(probability for language, probability in ranked if language in among)
        return best if best in among and sure >= SURE * others else None


def _says_enough(text: str) -> bool:
    letters = [sign for sign in text if sign.isalpha()]
    signs = sum(1 for sign in letters if ord(sign) > 0x2E80)
    return len(letters) >= LEAST_LETTERS or signs >= LEAST_SIGNS
