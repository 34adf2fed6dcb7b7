"""The corpus: rows of `corpus/*.jsonl`, and a fingerprint that changes whenever one of them does."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from rasa_handoff.core import ngrams
from rasa_handoff.core.text import words
from training.features import features

FOLDER = Path(__file__).parent / "corpus"
_LEXICON = Path(__file__).parents[1] / "rasa_handoff/data/lexicon.txt"
_CHALLENGE = Path(__file__).parents[1] / "tests/challenge"
_MEASURED = ("sentences.jsonl", "validation.jsonl")
POLICY = ("legal", "regulator_press", "data_protection", "security", "payment_dispute")
SENSITIVE = ("self_harm", "threat", "medical_emergency", "abuse", "minor")
_PROBED = 500  # every so many rows


@dataclass(frozen=True, slots=True)
class Row:
    """A message, its language (ISO 639-1, with a script where there are two) and its labels."""

    text: str
    lang: str
    labels: frozenset[str]


def rows() -> list[Row]:
    """All rows, file by file in the order of their names."""
    lines = (line for path in _files() for line in path.read_text(encoding="utf-8").splitlines())
    return unmeasured(_row(json.loads(line)) for line in lines)


def unmeasured(made: Iterable[Row]) -> list[Row]:
    """The rows without those whose text a challenge set happens to have too."""
    measuring = (line for name in _MEASURED for line in (_CHALLENGE / name).read_text(encoding="utf-8").splitlines())
    measured = {_plain(json.loads(line)["text"]) for line in measuring}
    return [row for row in made if _plain(row.text) not in measured]


def _plain(text: str) -> str:
    return " ".join(words(text))


def _files() -> list[Path]:
    return sorted(FOLDER.glob("*.jsonl"))


def _row(record: dict[str, object]) -> Row:
    labels = {name for name in ("request", "dissatisfied") if record[name] == 1}
    for kind in ("policy", "sensitive"):
        if record[kind]:
            labels |= {kind, str(record[kind])}
    return Row(str(record["text"]), str(record["lang"]), frozenset(labels))


def fingerprint() -> str:
    """SHA-256 of all that the model is made from: the corpus's files, the lexicon, and how some rows are read."""
    digest = sha256()
    for path in [*_files(), FOLDER / "frames.txt", _LEXICON]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for row in rows()[::_PROBED]:
        digest.update(repr(sorted(features(ngrams.sentences(row.text)).items())).encode())
    return digest.hexdigest()
