"""What the store in memory keeps of people, and how it lets go of it."""

from collections.abc import Callable, Collection
from datetime import datetime
from threading import RLock
from typing import TYPE_CHECKING, Any

from rasa_handoff.core.handoff import Handoff
from rasa_handoff.core.questions import Question, QuestionState
from rasa_handoff.stores import rules

if TYPE_CHECKING:
    from rasa_handoff.ports import ChatLine, Entry


class MemoryRecords:
    """Mixed into the store, whose collections these are."""

    _lock: RLock
    _handoffs: dict[str, Handoff]
    _packages: dict[str, Any]
    _served: dict[str, Any]
    _effects: dict[str, Any]
    _questions: dict[str, Question]
    _visits: dict[str, datetime]
    _log: "list[Entry]"
    _chat: "list[ChatLine]"

    def conversations_of(self, name: str) -> list[str]:
        with self._lock:
            theirs = {h.conversation_id for h in self._handoffs.values() if name in (h.customer_id, h.conversation_id)}
            others = {one.conversation_id for one in self._questions.values()}
            others |= {line.conversation_id for line in self._chat}
            return sorted(theirs | ({name} & others))

    def handoffs_of(self, conversation_id: str) -> list[Handoff]:
        with self._lock:
            return [h for h in self._handoffs.values() if h.conversation_id == conversation_id]

    def questions_of(self, conversation_id: str) -> list[Question]:
        with self._lock:
            return [one for one in self._questions.values() if one.conversation_id == conversation_id]

    def erase(self, conversation_id: str) -> int:
        with self._lock:
            theirs = self.handoffs_of(conversation_id)
            if any(h.is_open for h in theirs):
                raise rules.still_open(conversation_id)
            self._forget({h.id for h in theirs})
            self._keep_only(lambda conversation, _: conversation != conversation_id)
            return len(theirs)

    def prune(self, before: datetime, limit: int = 200) -> int:
        with self._lock:
            alive = {entry.handoff_id for entry in self._log if entry.at >= before}
            ended = (h for h in self._handoffs.values() if not h.is_open and h.id not in alive)
            gone = [h.id for h in ended if not (h.follow_up and h.follow_up.is_owed)][:limit]
            self._forget(gone)
            self._keep_only(lambda _, at: at >= before, undone=True)
            return len(gone)

    def _forget(self, handoff_ids: Collection[str]) -> None:
        for handoff_id in handoff_ids:
            for kept in (self._handoffs, self._packages, self._served):
                kept.pop(handoff_id, None)
        self._log[:] = [entry for entry in self._log if entry.handoff_id not in handoff_ids]
        self._drop(self._effects, lambda one: one.pending.handoff_id in handoff_ids)

    def _keep_only(self, keeps: Callable[[str, datetime], bool], *, undone: bool = False) -> None:
        """Of chat, visits, questions and effects of no handoff; `undone` ones, too, whatever `keeps` says."""
        for conversation_id in [one for one, at in self._visits.items() if not keeps(one, at)]:
            del self._visits[conversation_id]
        self._chat[:] = [line for line in self._chat if keeps(line.conversation_id, line.at)]
        open_ = QuestionState.OPEN
        self._drop(
            self._questions,
            lambda one: not (keeps(one.conversation_id, one.asked_at) or (undone and one.state is open_)),
        )
        self._drop(self._effects, lambda one: not (undone or keeps(one.pending.conversation_id, one.due_at)))

    @staticmethod
    def _drop(kept: dict[str, Any], unwanted: Callable[[Any], bool]) -> None:
        for key in [key for key, one in kept.items() if unwanted(one)]:
            del kept[key]
