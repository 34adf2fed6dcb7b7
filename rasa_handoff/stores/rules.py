"""What every store must agree on: lanes, due times, log entries and who takes a place with an agent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from rasa_handoff.core.errors import SettingsError
from rasa_handoff.core.handoff import (
    TRACKER,
    Announce,
    AskBot,
    Assign,
    Effect,
    ExpireQuestion,
    Handoff,
    PublishContext,
    RelayAnswer,
    TellBot,
    TellCustomer,
    Wake,
    WriteSummary,
)
from rasa_handoff.core.package import ContextPackage
from rasa_handoff.core.routing import Agent
from rasa_handoff.stores.codec import encode


def lane(effect: Effect, handoff_id: str, conversation_id: str) -> str | None:
    """Effects of one lane are done one after the other; None holds nobody up."""
    match effect:
        case TellCustomer() | TellBot() | PublishContext():
            return f"handoff {handoff_id}"
        case AskBot():
            return f"chat {conversation_id}"
        case Announce():
            # A slow webhook holds up neither the conversation nor the other listeners.
            return f"handoff {handoff_id}" if effect.to == TRACKER else f"webhook {effect.to} {handoff_id}"
        case WriteSummary() | Assign() | Wake() | ExpireQuestion() | RelayAnswer():
            return None
        case _:
            assert_never(effect)


def due(effect: Effect, now: datetime) -> datetime:
    return effect.at if isinstance(effect, Wake | ExpireQuestion) else now


@dataclass(frozen=True, slots=True)
class Move:
    """Whose place a step frees and whose it takes."""

    freed: str | None
    taken: str | None


def move(before: Handoff, after: Handoff) -> Move:
    if before.holder == after.holder:
        return Move(None, None)
    return Move(before.holder, after.holder)


def started(handoff: Handoff, package: ContextPackage) -> dict[str, Any]:
    """The data of the log's "started" entry."""
    evidence = [encode(fact) for fact in package.evidence]
    return {"reason": handoff.reason.value, "evidence": evidence, "summary": encode(handoff.summary)}


def too_few_places(agent: Agent, held: int) -> SettingsError:
    return SettingsError(
        f"Agent {agent.id} holds {held} conversations now, so max_chats cannot become {agent.max_chats}. "
        "Set it when some are handed back."
    )
