"""Who may see which handoff: supervisors all, everybody else what is theirs and their department's."""

from collections.abc import Iterator, Mapping

from rasa_handoff.core.backports import StrEnum, assert_never
from rasa_handoff.core.handoff import Handoff, Status
from rasa_handoff.core.routing import Agent, Role

_UNANSWERED = (Status.WAITING, Status.OFFERED)


class Visibility(StrEnum):
    """What agents who are no supervisors see: their own department's handoffs, or everybody's."""

    DEPARTMENT = "department"
    EVERYTHING = "everything"


def may_see(agent: Agent, handoff: Handoff, visibility: Visibility = Visibility.DEPARTMENT) -> bool:
    """A supervisor sees all. An agent sees what they have, had or are asked to take, the callbacks and e-mails they
    took on, and whatever is their department's now: in its queue, in that of one it helps out by now, or passed on
    to it.
    """
    if sees_all(agent, visibility):
        return True
    return agent.id in _people(handoff) or agent.department in _departments(handoff)


def sees_all(agent: Agent, visibility: Visibility) -> bool:
    """There is nothing that is kept from this agent."""
    match visibility:
        case Visibility.EVERYTHING:
            return True
        case Visibility.DEPARTMENT:
            return agent.role is Role.SUPERVISOR
        case _:
            assert_never(visibility)


def helped_by(department: str, fallbacks: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The departments that this one may help out; `fallbacks` has the helpers of each."""
    return tuple(one for one, helpers in fallbacks.items() if department in helpers)


def _people(handoff: Handoff) -> frozenset[str | None]:
    owner = handoff.follow_up.owner_id if handoff.follow_up else None
    return handoff.holders | handoff.held_by | {handoff.agent_id, owner}


def _departments(handoff: Handoff) -> Iterator[str]:
    yield handoff.need.department
    if handoff.status in _UNANSWERED:
        yield from handoff.need.criteria(handoff.rules.rings[handoff.ring]).departments
    if handoff.transfer is not None and handoff.transfer.to_agent is None:
        yield handoff.transfer.department
