"""What of the store an agent may see. The desk and its API read handoffs through here, and in no other way."""

from dataclasses import dataclass

from rasa_handoff.core.errors import NotFound
from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.policy import Policy
from rasa_handoff.core.questions import Question
from rasa_handoff.core.routing import Agent, queue_order
from rasa_handoff.core.visibility import helped_by, may_see, sees_all
from rasa_handoff.ports import Store

EARLIER = 5
"""Earlier handoffs of a customer that are shown."""
_LOOK_BACK = 20


@dataclass(frozen=True, slots=True)
class Sight:
    """The store as agents see it. Errors, all methods: Unreachable."""

    store: Store
    policy: Policy

    def sees(self, agent: Agent, handoff: Handoff) -> bool:
        return may_see(agent, handoff, self.policy.visibility)

    def sees_all(self, agent: Agent) -> bool:
        return sees_all(agent, self.policy.visibility)

    def handoff(self, agent: Agent, handoff_id: str) -> Handoff:
        """One that the agent may not see is not there. Errors: NotFound."""
        handoff = self.store.get(handoff_id)
        if not self.sees(agent, handoff):
            raise NotFound(f"There is no handoff {handoff_id}.")  # in the words of the store
        return handoff

    def handoffs(self, agent: Agent, *, open_only: bool = True, limit: int = 200) -> list[Handoff]:
        """Open ones in queue order, then closed ones newest first."""
        if self.sees_all(agent):
            return self.store.handoffs(open_only=open_only, limit=limit)
        own = self.store.handoffs(open_only=open_only, agent_id=agent.id, departments=[agent.department], limit=limit)
        known = {one.id for one in own}
        helped = [one for one in self._helped(agent, limit) if self.sees(agent, one) and one.id not in known]
        opened = sorted((one for one in (*own, *helped) if one.is_open), key=queue_order)
        return [*opened, *(one for one in own if not one.is_open)][:limit]

    def waiting(self, agent: Agent, limit: int = 200) -> list[tuple[Handoff, int]]:
        """In queue order, each with its place in its department's queue, from 1."""
        if self.sees_all(agent):
            return _placed(self.store.waiting(limit=limit))
        own = self.store.waiting([agent.department], limit)
        placed = _placed(sorted((*own, *self._helped(agent, limit)), key=queue_order))
        return [(one, place) for one, place in placed if self.sees(agent, one)]

    def earlier(self, agent: Agent, handoff: Handoff) -> list[Handoff]:
        """The customer's handoffs before this one, newest first."""
        found = self.store.earlier(handoff, _LOOK_BACK)
        return [one for one in found if self.sees(agent, one)][:EARLIER]

    def follow_ups(self, agent: Agent, limit: int = 200) -> list[Handoff]:
        """With a callback or e-mail: those owed by due time, then those that are over, the latest first."""
        if self.sees_all(agent):
            return self.store.follow_ups(owed_only=False, limit=limit)
        own = self.store.follow_ups(owed_only=False, departments=[agent.department], limit=limit)
        known = {one.id for one in own}
        taken = [one for one in self.store.follow_ups(limit=limit) if one.id not in known and self.sees(agent, one)]
        return [*taken, *own]

    def questions(self, agent: Agent) -> list[Question]:
        """The bot's open questions, oldest first."""
        return [one for one in self.store.open_questions() if self._is_asked(agent, one)]

    def question(self, agent: Agent, question_id: str) -> Question:
        """One that the agent may not see is not there. Errors: NotFound."""
        question = self.store.question(question_id)
        if not self._is_asked(agent, question):
            raise NotFound(f"There is no question {question_id}.")  # in the words of the store
        return question

    def _is_asked(self, agent: Agent, question: Question) -> bool:
        return question.department == agent.department or self.sees_all(agent)

    def _helped(self, agent: Agent, limit: int) -> list[Handoff]:
        """What waits for the departments that the agent's may help out, now or later."""
        helped = helped_by(agent.department, self.policy.fallbacks)
        return self.store.waiting(helped, limit) if helped else []


def _placed(waiting: list[Handoff]) -> list[tuple[Handoff, int]]:
    ahead: dict[str, int] = {}
    placed = []
    for handoff in waiting:
        department = handoff.need.department
        ahead[department] = ahead.get(department, 0) + 1
        placed.append((handoff, ahead[department]))
    return placed
