"""The corpus: rows of `corpus/*.jsonl`, and a fingerprint that changes whenever one of them does."""

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent / "corpus"
POLICY = ("legal", "regulator_press", "data_protection", "security", "payment_dispute")
SENSITIVE = ("self_harm", "threat", "medical_emergency", "abuse", "minor")


@dataclass(frozen=True, slots=True)
class Row:
    """A message, its language (ISO 639-1, with a script where there are two) and its labels."""

    text: str
    lang: str
    labels: frozenset[str]


def rows() -> list[Row]:
    """All rows, file by file in the order of their names."""
    return [_row(json.loads(line)) for path in _files() for line in path.read_text(encoding="utf-8").splitlines()]


def _files() -> list[Path]:
    return sorted(FOLDER.glob("*.jsonl"))


def _row(record: dict[str, object]) -> Row:
    labels = {name for name in ("request", "dissatisfied") if record[name] == 1}
    for kind in ("policy", "sensitive"):
        if record[kind]:
            labels |= {kind, str(record[kind])}
    return Row(str(record["text"]), str(record["lang"]), frozenset(labels))


def fingerprint() -> str:
    """SHA-256 of the corpus's files, names and bytes."""
    digest = sha256()
    for path in _files():
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
