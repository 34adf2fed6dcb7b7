"""The detector on the challenge set: no number may fall below its floor.

The floors stand in floors.json, a small margin below what a run reached. After the detector got better, from the
repository's root, set them anew and read the difference:

    rasa-handoff evaluate tests/challenge/sentences.jsonl tests/challenge/dialogues.jsonl \\
        --write-floors tests/challenge/floors.json --margin 0.02

As a program it prints the tables by phenomenon, language and group.
"""

from pathlib import Path

from rich.console import Console

from rasa_handoff.core.thresholds import Detection
from rasa_handoff.evaluation import floors, tables
from rasa_handoff.evaluation.judging import Judge
from rasa_handoff.evaluation.labels import examples
from rasa_handoff.evaluation.results import Tree, tree
from rasa_handoff.evaluation.scoring import score
from rasa_handoff.sentiment import vader

HERE = Path(__file__).resolve().parent
FILES = (HERE / "sentences.jsonl", HERE / "dialogues.jsonl")


def measured() -> Tree:
    """With the default settings, which the labels assume."""
    rows = (row for file in FILES for row in examples(file) if not row.borderline)
    return tree(score(rows, Judge(Detection(), vader())))


def test_no_number_falls_below_its_floor() -> None:
    results = measured()
    assert set(results) == {"request", "policy", "sensitive", "dissatisfied", "frustrated", "handover", "timing"}
    assert list(floors.broken(results, floors.load(HERE / "floors.json"))) == []


if __name__ == "__main__":
    for table in tables.tables(measured()):
        Console().print(table)
