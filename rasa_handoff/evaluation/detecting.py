"""One call of `rasa-handoff detect`: a user turn and what came before it, in; the decision and why, out."""

from typing import Any

from rasa_handoff.evaluation.dialogue import conversation, details, message, said
from rasa_handoff.evaluation.jsonlines import Json, Row, field
from rasa_handoff.evaluation.judging import Judge, Judged, evidence_json, kind


def answer(row: Row, judge: Judge) -> Json:
    """From {"id", "text", "history"} to the decision as data. Errors: BadInput."""
    history = [said(one, row.where) for one in field(row.value, "history", list, row.where, [])]
    dialogue = [*history, message(row.value, row.where)]
    judged = judge.judge(conversation(dialogue))
    return {"id": row.value.get("id"), **judged_json(judged), "key_details": details(dialogue)}


def judged_json(judged: Judged) -> dict[str, Any]:
    return {
        "decision": kind(judged.decision),
        "reason": judged.reason.value if judged.reason else None,
        "reasons": [reason.value for reason in judged.reasons],
        "frustration": judged.frustration,
        "evidence": [evidence_json(one, reason) for reason, found in judged.reasons.items() for one in found],
    }
