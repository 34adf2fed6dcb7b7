"""Sentences with gaps, `corpus/frames.txt`: many ways to ask for a person, and the same words where nobody does."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from training.corpus import Row, unmeasured

SOURCE = Path(__file__).parent / "corpus/frames.txt"
FILLINGS = 7  # at most so many sentences of a frame
_GAP = re.compile(r"\{(\w+)\}")


@dataclass(slots=True)
class _Language:
    """What fills each gap, and the frames with whether they ask."""

    lang: str
    fillings: dict[str, list[str]] = field(default_factory=dict)
    frames: list[tuple[bool, str]] = field(default_factory=list)


def framed(seed: int) -> list[Row]:
    """Some sentences of every frame, the same for the same seed."""
    return unmeasured(_made(random.Random(seed)))


def _made(chance: random.Random) -> Iterator[Row]:
    for language in _languages():
        for asks, frame in language.frames:
            labels = frozenset({"request"} if asks else ())
            made = (_filled(frame, language, chance) for _ in range(FILLINGS if _GAP.search(frame) else 1))
            yield from (Row(text, language.lang, labels) for text in dict.fromkeys(made))


def _languages() -> list[_Language]:
    found: list[_Language] = []
    for line in SOURCE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            found.append(_Language(line.strip("[]")))
        elif line[:2] in ("+ ", "- "):
            found[-1].frames.append((line[0] == "+", line[2:]))
        elif line and not line.startswith("#"):
            name, _, listed = line.partition("=")
            found[-1].fillings[name.strip()] = [one.strip() for one in listed.split("|")]
    return found


def _filled(frame: str, language: _Language, chance: random.Random) -> str:
    return _GAP.sub(lambda gap: chance.choice(language.fillings[gap[1]]), frame)
