"""Writes `rasa_handoff/data/ordinary.txt`, the words that are no names: `python -m training.ordinary`.

They are those of the training corpus in Latin script: of English all, of the others what is there twice, without what
is only ever written with a capital inside a sentence (but German, where every noun is).
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
TARGET = Path(__file__).parents[1] / "rasa_handoff" / "data" / "ordinary.txt"
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_LATIN = re.compile("[a-z\u00df-\u024f\u1e00-\u1eff']{2,20}")


def ordinary() -> list[str]:
    """The words, sorted."""
    seen, plain = Counter[str](), Counter[str]()
    for text, lang in _texts():
        for at, word in enumerate(_WORD.findall(text.replace("’", "'"))):
            folded = word.casefold()
            seen[folded] += 2 if lang == "en" else 1
            plain[folded] += at == 0 or word.islower() or lang == "de" or text.isupper()
    return sorted(word for word, n in seen.items() if n > 1 and plain[word] and _LATIN.fullmatch(word))


def _texts() -> Iterator[tuple[str, str]]:
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield row["text"], row.get("lang", path.stem)


if __name__ == "__main__":
    TARGET.write_text("\n".join(ordinary()) + "\n", encoding="utf-8")
