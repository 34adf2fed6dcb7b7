"""The detector as the evaluation's scorer calls it: `measure.py DIR --detector training.measure_detector:detect`.

As a program, `python -m training.measure_detector`, it measures the challenge set: F1 by language and phenomenon, and
how well frustration ranks the turns of the dialogues.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from rasa_handoff.core.conversation import Conversation, Turn
from rasa_handoff.core.detector import reasons_in
from rasa_handoff.core.signals import Signals, read
from rasa_handoff.core.thresholds import Detection
from rasa_handoff.sentiment import vader

CHALLENGE = Path(__file__).parents[1] / "tests/challenge"
KINDS = {"request": "customer_requested", "policy": "policy_required", "sensitive": "sensitive_topic"}
_START = datetime(2026, 1, 1, tzinfo=UTC)
_DETECTION = Detection()
_sentiment = cache(vader)

Said = Mapping[str, Any]


def detect(call: Said) -> dict[str, Any]:
    """One call of the scorer: `text` and `history` in; `reasons` and `frustration` out."""
    signals = seen([*call["history"], {"role": "user", "text": call["text"]}])
    return {"reasons": [str(reason) for reason in reasons_in(signals, _DETECTION)], "frustration": signals.frustration}


def seen(lines: Iterable[Said]) -> Signals:
    """The signals after the last of a dialogue's lines."""
    return read(Conversation("c", "rest", tuple(_turns(lines))), _DETECTION, _sentiment())


def _turns(lines: Iterable[Said]) -> Iterator[Turn]:
    said: Said | None = None
    replies: list[str] = []
    for line in [*lines, {"role": "user", "text": ""}]:
        if line["role"] != "user":
            replies.append(line["text"])
            continue
        if said is not None:
            intent, sure = said.get("intent", "inform"), said.get("confidence", 0.9)
            yield Turn("m", said["text"], _START, intent, sure, replies=tuple(replies))
        said, replies = line, []


def f1(pairs: Iterable[tuple[bool, bool]]) -> float:
    """Of (truth, decision)."""
    counted = list(pairs)
    right = sum(truth and said for truth, said in counted)
    wrong = sum(truth != said for truth, said in counted)
    return 2 * right / max(1, 2 * right + wrong)


def area(pairs: Iterable[tuple[bool, float]]) -> float:
    """Under the ROC curve of (truth, number); ties count half."""
    counted = list(pairs)
    high, low = ([number for truth, number in counted if truth is which] for which in (True, False))
    wins = sum((one > other) + 0.5 * (one == other) for one in high for other in low)
    return wins / max(1, len(high) * len(low))


def sentences() -> Iterator[tuple[Said, dict[str, bool]]]:
    """Each sentence of the challenge set that is not borderline, and which kinds the detector sees in it."""
    for line in (CHALLENGE / "sentences.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if not row.get("borderline"):
            reasons = detect({"text": row["text"], "history": []})["reasons"]
            yield row, {kind: reason in reasons for kind, reason in KINDS.items()}


def dialogue_turns() -> Iterator[tuple[bool, float]]:
    """For each user turn of the dialogues: is the customer frustrated, and how much does the detector see."""
    for line in (CHALLENGE / "dialogues.jsonl").read_text(encoding="utf-8").splitlines():
        lines = json.loads(line)["turns"]
        for at, turn in enumerate(lines):
            if turn["role"] == "user":
                yield bool(turn["frustrated"]), seen(lines[: at + 1]).frustration


def main() -> None:
    slices: dict[str, dict[str, list[tuple[bool, bool]]]] = {kind: defaultdict(list) for kind in KINDS}
    for row, said in sentences():
        for kind, table in slices.items():
            for name in ("all", row["lang"][:2], row["phenomenon"]):
                table[name].append((bool(row[kind]), said[kind]))
    print(f"{'':14} " + " ".join(f"{kind:>10}" for kind in KINDS))
    for name in slices["request"]:
        print(f"{name:14} " + " ".join(f"{f1(slices[kind][name]):10.3f}" for kind in KINDS))
    print(f"frustration by turn, AUC: {area(dialogue_turns()):.3f}")


if __name__ == "__main__":
    main()
