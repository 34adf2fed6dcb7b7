"""What every store must agree on: lanes, due times, log entries and who takes a place with an agent."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from rasa_handoff.core.announcement import TRACKER
from rasa_handoff.core.backports import assert_never
from rasa_handoff.core.channel_effects import LookAt, RecordCustomer, Relay, Release, TakeIn, TakeOver, UpdateContext
from rasa_handoff.core.effects import (
    Announce,
    AskBot,
    Assign,
    Effect,
    ExpireQuestion,
    PublishContext,
    RelayAnswer,
    RunAction,
    TellBot,
    TellCustomer,
    Wake,
    WatchAgent,
    WatchCustomer,
    WriteSummary,
)
from rasa_handoff.core.errors import AgentBusy, Refused, SettingsError
from rasa_handoff.core.follow_up import SendEmail
from rasa_handoff.core.handoff import Event, Handoff, Offered
from rasa_handoff.core.package import ContextPackage
from rasa_handoff.core.routing import Agent, Presence
from rasa_handoff.core.takeover import Place
from rasa_handoff.core.waits import Served
from rasa_handoff.stores.codec import encode


def lane(effect: Effect, handoff_id: str, conversation_id: str) -> str | None:
    """Effects of one lane are done one after the other; None holds nobody up."""
    match effect:
        case TellCustomer() | TellBot() | PublishContext() | RecordCustomer():
            return f"handoff {handoff_id}"
        case RunAction():
            return f"actions {handoff_id}"  # one after the other, and the conversation does not wait for them
        case TakeOver() | UpdateContext() | Relay() | Release():
            return f"channel {effect.channel} {effect.department} {handoff_id}"
        case TakeIn():
            return f"from {effect.channel} {effect.place}"
        case AskBot():
            return f"chat {conversation_id}"
        case Announce():
            # A slow webhook holds up neither the conversation nor the other listeners.
            return f"handoff {handoff_id}" if effect.to == TRACKER else f"webhook {effect.to} {handoff_id}"
        case Assign() | Wake() | WatchAgent() | WatchCustomer() | LookAt():
            return None
        case WriteSummary() | SendEmail() | ExpireQuestion() | RelayAnswer():
            return None
        case _:
            assert_never(effect)


def due(effect: Effect, now: datetime) -> datetime:
    timers = Wake | WatchAgent | WatchCustomer | ExpireQuestion | LookAt
    return effect.at if isinstance(effect, timers) else now


@dataclass(frozen=True, slots=True)
class Move:
    """Whose places a step frees and takes; whoever gives a new one must be in one of the `presences`."""

    freed: frozenset[str]
    taken: frozenset[str]
    presences: tuple[Presence, ...]


def move(before: Handoff, after: Handoff, event: Event) -> Move:
    """Who is busy gets no offers, but may be passed a conversation, or pick one."""
    presences = (Presence.ONLINE,) if isinstance(event, Offered) else (Presence.ONLINE, Presence.BUSY)
    return Move(before.holders - after.holders, after.holders - before.holders, presences)


def several(ids: str | Collection[str]) -> Collection[str]:
    """One id, or several, as several."""
    return [ids] if isinstance(ids, str) else ids


def new_places(before: Handoff, after: Handoff) -> list[Place]:
    """Where a step has it shown that it was not before."""
    known = {(one.channel, one.key) for one in before.places}
    return [one for one in after.places if (one.channel, one.key) not in known]


def touches_others(before: Handoff, after: Handoff, event: Event) -> bool:
    """The step changes more than the handoff: agents' loads, the places it is shown at, how long things take."""
    moved = move(before, after, event)
    return bool(moved.freed or moved.taken or new_places(before, after) or served(before, after))


def no_place(agent_id: str) -> AgentBusy:
    return AgentBusy(f"Agent {agent_id} is away or has no free place.")


def still_open(conversation_id: str) -> Refused:
    return Refused(f"A handoff of {conversation_id} is open. Close it at the desk, then erase the conversation.")


def served(before: Handoff, after: Handoff) -> Served | None:
    """What a step that closes a handled handoff tells about how long things take."""
    if not before.is_open or after.is_open or after.accepted_at is None or after.closed_at is None:
        return None
    pickup = after.accepted_at - after.offered_at if after.offered_at else timedelta()
    handling = after.closed_at - after.accepted_at
    return Served(max(0.0, pickup.total_seconds()), max(0.0, handling.total_seconds()))


def started(handoff: Handoff, package: ContextPackage) -> dict[str, Any]:
    """The data of the log's "started" entry."""
    evidence = [encode(fact) for fact in package.evidence]
    return {"reason": handoff.reason.value, "evidence": evidence, "summary": encode(handoff.summary)}


def too_few_places(agent: Agent, held: int) -> SettingsError:
    return SettingsError(
        f"Agent {agent.id} holds {held} conversations now, so max_chats cannot become {agent.max_chats}. "
        "Set it when some are handed back."
    )


DESCRIBED = ("name", "department", "skills", "languages", "max_chats", "role", "email")
"""What the settings say of an agent; everything else is the agent's own doing."""


def present(agent: Agent, presence: Presence, now: datetime) -> Agent:
    """The agent after they chose this presence."""
    back = agent.presence is Presence.OFFLINE and presence is not Presence.OFFLINE
    return replace(
        agent,
        presence=presence,
        seen_at=agent.seen_at if presence is Presence.OFFLINE else now,
        idle_since=now if presence is Presence.ONLINE else agent.idle_since,
        session=agent.session + back,
    )


def on_presence(before: Agent, after: Agent, now: datetime, grace: timedelta) -> list[Effect]:
    """What follows: offers when they come online, and a watch over them from when they sign in."""
    effects: list[Effect] = [Assign()] if after.available else []
    if after.session != before.session:
        effects.append(WatchAgent(after.id, after.session, now + grace))
    return effects
