"""Many replayed conversations as a few numbers, and the ones to read first. Bounded, however many come."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa_handoff.core.decision import Reason
from rasa_handoff.evaluation.replaying import Episode, Happened, Replayed
from rasa_handoff.evaluation.variants import Variant

MOST_TURNS = 12  # later ones are counted together
_READ_EACH = 5
_NEAR = 10


@dataclass(frozen=True, slots=True)
class ToRead:
    """A conversation that is worth reading: at which of its messages, what was said there, and why."""

    conversation: str
    message: int
    said: str
    words: tuple[str, ...]
    score: float = 0.0


@dataclass(slots=True)
class WhatIf:
    """One variant against the settings as they are, in episodes."""

    handoffs: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    new: int = 0
    gone: int = 0
    earlier: int = 0
    later: int = 0


@dataclass(slots=True)
class Totals:
    """Everything the report tells. `agreed`, `only_live`, `only_replay` compare with the handoffs that really began."""

    conversations: int = 0
    episodes: int = 0
    messages: int = 0
    with_human: int = 0
    handoffs: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    turns: Counter[int] = field(default_factory=Counter)
    agreed: int = 0
    only_live: int = 0
    only_replay: int = 0
    what_ifs: dict[str, WhatIf] = field(default_factory=dict)
    first: dict[str, list[ToRead]] = field(default_factory=dict)
    near: list[ToRead] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Handoffs an episode, in [0, 1]."""
        return share(self.handoffs, self.episodes)

    def add(self, one: Replayed, variants: Sequence[Variant]) -> None:
        self.conversations += 1
        self.with_human += one.with_human
        for episode in one.episodes:
            self._add(one.id, episode)
            for variant in variants:
                what_if = self.what_ifs.setdefault(variant.label, WhatIf())
                _compare(what_if, episode.handoff, episode.variants.get(variant.label))

    def _add(self, name: str, episode: Episode) -> None:
        self.episodes += 1
        self.messages += episode.turns
        happened, really = episode.handoff, episode.really is not None
        self.agreed += bool(happened and really)
        self.only_live += really and happened is None
        if happened is None:
            self._keep_near(ToRead(name, episode.peak_message, episode.peak_said, (), episode.peak))
            return
        self.only_replay += not really
        self.handoffs += 1
        self.kinds[happened.kind] += 1
        self.reasons[happened.reason] += 1
        self.turns[min(happened.turn, MOST_TURNS)] += 1
        self._keep_first(name, happened, really=really)

    def _keep_first(self, name: str, happened: Happened, *, really: bool) -> None:
        """Of each reason a few: those nobody was called to before, and the early ones, say most."""
        worth = -happened.turn - (1000 if really else 0)
        kept = self.first.setdefault(happened.reason, [])
        kept.append(ToRead(name, happened.message, happened.said, happened.words, worth))
        kept.sort(key=lambda one: -one.score)
        del kept[_READ_EACH:]

    def _keep_near(self, one: ToRead) -> None:
        if one.score <= 0:
            return
        self.near.append(one)
        self.near.sort(key=lambda near: -near.score)
        del self.near[_NEAR:]


def share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def as_json(totals: Totals) -> dict[str, Any]:
    """The numbers without the conversations' words."""
    return {
        "conversations": totals.conversations,
        "episodes": totals.episodes,
        "messages": totals.messages,
        "messages_to_humans": totals.with_human,
        "handoffs": totals.handoffs,
        "rate": round(totals.rate, 4),
        "decisions": dict(totals.kinds),
        "reasons": {reason.value: totals.reasons[reason.value] for reason in Reason},
        "turns": {str(turn): totals.turns[turn] for turn in sorted(totals.turns)},
        "live": {"both": totals.agreed, "only_live": totals.only_live, "only_replay": totals.only_replay},
        "what_if": {label: _what_if_json(what_if, totals) for label, what_if in totals.what_ifs.items()},
    }


def _what_if_json(what_if: WhatIf, totals: Totals) -> dict[str, Any]:
    changes = {"new": what_if.new, "gone": what_if.gone, "earlier": what_if.earlier, "later": what_if.later}
    rate = round(share(what_if.handoffs, totals.episodes), 4)
    return {"handoffs": what_if.handoffs, "rate": rate, "reasons": dict(what_if.reasons), **changes}


def _compare(what_if: WhatIf, now: Happened | None, then: tuple[int, str] | None) -> None:
    if then is not None:
        what_if.handoffs += 1
        what_if.reasons[then[1]] += 1
    what_if.new += now is None and then is not None
    what_if.gone += now is not None and then is None
    if now is not None and then is not None:
        what_if.earlier += then[0] < now.turn
        what_if.later += then[0] > now.turn
