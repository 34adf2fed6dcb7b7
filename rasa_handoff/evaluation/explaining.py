"""Turn by turn: what the detector saw in a conversation, what it was held against, and what it decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from rasa_handoff.core.decision import Evidence, Reason, Stay
from rasa_handoff.core.thresholds import Detection
from rasa_handoff.evaluation.detecting import judged_json
from rasa_handoff.evaluation.judging import Judge, Judged, evidence_json, kind
from rasa_handoff.evaluation.stepping import Json, Step, steps
from rasa_handoff.evaluation.tables import shown


@dataclass(frozen=True, slots=True)
class Explained:
    """A customer message and how it was judged; not at all while a human had the conversation."""

    step: Step
    judged: Judged | None


def explained(tracker: Json, judge: Judge) -> Iterator[Explained]:
    for step in steps(tracker):
        yield Explained(step, _judged(step, judge))


def _judged(step: Step, judge: Judge) -> Judged | None:
    """Of the gate's view; of the one after the bot's fallback when the gate's came to nothing."""
    judged = None
    for view in step.views:
        judged = judge.judge(view, step.asked)
        if not isinstance(judged.decision, Stay):
            break
    return judged


def as_json(one: Explained) -> dict[str, Any]:
    told: dict[str, Any] = {"turn": one.step.number, "text": one.step.text, "with_human": one.step.with_human}
    if one.judged is not None:
        signals = one.judged.signals
        told |= judged_json(one.judged)
        told |= {"turns": signals.turns, "misses": len(signals.misses)}
        told["frustrated"] = [evidence_json(made_of, Reason.HIGH_FRUSTRATION) for made_of in signals.frustrated]
    return told


def thresholds(detection: Detection) -> dict[str, float]:
    """What the numbers are held against."""
    return {
        "frustration": detection.frustration_threshold,
        "turns": detection.max_turns,
        "misses": detection.misses_in_a_row,
        "confidence": detection.confidence_threshold,
    }


def table(name: str, turns: list[Explained], detection: Detection) -> Table:
    """One row for each customer message; the thresholds stand in the head."""
    made = Table(title=shown(f"Conversation {name}"), title_justify="left", title_style="bold", show_lines=True)
    made.add_column("turn", justify="right")
    made.add_column("customer", ratio=3)
    made.add_column(f"understood\n(< {detection.confidence_threshold:g} is a miss)")
    made.add_column(f"misses\n(≥ {detection.misses_in_a_row})", justify="right")
    made.add_column(f"frustration\n(≥ {detection.frustration_threshold:g})", justify="right")
    made.add_column(f"turns\n(> {detection.max_turns})", justify="right")
    made.add_column("signals", ratio=4)
    made.add_column("decision")
    for one in turns:
        made.add_row(str(one.step.number), shown(one.step.text, 160), *_cells(one))
    return made


def _cells(one: Explained) -> Iterator[Text | str]:
    if one.judged is None:
        yield from ("", "", "", "", "", "with a human" if one.step.with_human else "not asked")
        return
    newest, signals = one.step.views[-1].turns[-1], one.judged.signals
    yield shown(f"{newest.intent} {newest.confidence:.2f}" if newest.intent else "-", 60)
    yield str(len(signals.misses))
    yield f"{signals.frustration:.2f}"
    yield str(signals.turns)
    yield Text("\n").join(_lines(one.judged))
    yield _decision(one.judged)


def _lines(judged: Judged) -> Iterator[Text]:
    told: dict[str, Evidence] = {e.words: e for found in judged.reasons.values() for e in found}
    told |= {e.words: e for e in judged.signals.frustrated[:3]}
    for words, evidence in told.items():
        yield shown(f"[turn {evidence.turn}] {words}", 160)


def _decision(judged: Judged) -> Text:
    if judged.reason is None:
        return Text("stay", style="dim")
    others = [reason.value for reason in judged.reasons if reason is not judged.reason]
    also = f"\nalso {', '.join(others)}" if others else ""
    return Text(f"{kind(judged.decision)}: {judged.reason.value}{also}", style="bold")
