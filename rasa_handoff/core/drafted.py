"""The summary without a language model: three sentences that quote the conversation, each with its lines."""

import re
from collections.abc import Sequence

from rasa_handoff.core.conversation import Author, Line, Turn
from rasa_handoff.core.decision import Reason
from rasa_handoff.core.masking import masked
from rasa_handoff.core.package import Attempt, Basis, Part, Summary
from rasa_handoff.core.text import clipped, listed, words

# Intents that say how somebody answers, not what the matter is.
_NO_MATTER = frozenset(
    listed("""
        nlu_fallback, out_of_scope, greet, goodbye, bye, thank, thanks, thank_you, thankyou, affirm, deny, inform,
        restart, back, chitchat, bot_challenge
    """)
)
_COMPARED = 200  # characters
_UNRESOLVED = {
    Reason.CUSTOMER_REQUESTED: "they ask for a human",
    Reason.LOW_CONFIDENCE: "the bot did not understand them",
    Reason.HIGH_FRUSTRATION: "they are frustrated",
    Reason.MAX_TURNS_EXCEEDED: "the conversation goes on without a solution",
    Reason.POLICY_REQUIRED: "the matter always goes to a human",
    Reason.SENSITIVE_TOPIC: "they need to be met with care",
    Reason.COMPLEX_ISSUE: "the issue is more than the bot can settle",
}


def drafted(
    matter: Turn | None, tried: Sequence[Attempt], turns: Sequence[Turn], reason: Reason, shown: Sequence[Line]
) -> Summary:
    """At most three sentences, on the `matter`, what was `tried` and what is open, citing the lines of `shown`."""
    last = next((turn.text for turn in reversed(turns) if turn.text.strip()), None)
    said = {
        Part.WANTS: _wants(matter),
        Part.TRIED: _was_tried(tried, turns),
        Part.UNRESOLVED: (_unresolved(last, reason), [last] if last else []),
    }
    told = {part: one for part, one in said.items() if one is not None}
    basis = tuple(Basis(part, _lines(part, quoted, shown)) for part, (_, quoted) in told.items())
    return Summary(tuple(sentence for sentence, _ in told.values()), basis=basis)


def _lines(part: Part, quoted: Sequence[str], shown: Sequence[Line]) -> tuple[int, ...]:
    """Where the quoted texts stand, the newest of each, counted from 1."""
    author = Author.BOT if part is Part.TRIED else Author.CUSTOMER
    wanted = {clipped(masked(text), _COMPARED) for text in quoted}
    found: list[int] = []
    for number in range(len(shown), 0, -1):
        if not wanted:
            break
        line = shown[number - 1]
        if line.author is author and (text := clipped(line.text, _COMPARED)) in wanted:
            wanted.remove(text)
            found.insert(0, number)
    return tuple(found)


def matter_of(turns: Sequence[Turn], asks: bool) -> Turn | None:
    """The message that says best what the customer wants: of an intent that names a matter, then the longest.

    When they ask for a human, that message comes last.
    """

    def telling(at: int) -> tuple[bool, bool, int]:
        newest = asks and at == len(turns) - 1
        return not newest, names_a_matter(turns[at].intent), min(len(words(turns[at].text[:400])), 30)

    said = [at for at, turn in enumerate(turns) if turn.text.strip()]
    best = max(said, key=telling, default=None)
    return None if best is None else turns[best]


def names_a_matter(intent: str | None) -> bool:
    return intent is not None and intent not in _NO_MATTER


def _quoted(text: str) -> str:
    """A customer's or the bot's words as part of a sentence of ours."""
    plain = re.sub(r"[.!?]+(?=\s|$)", ";", clipped(masked(text), 140)).strip(" ;")
    return f"“{plain}”"


Told = tuple[str, Sequence[str]]  # a sentence, and the texts it quotes


def _wants(matter: Turn | None) -> Told | None:
    if matter is None:
        return None
    intent = (matter.intent or "").replace("_", " ").replace("/", ": ")
    about = f" about {intent}" if names_a_matter(matter.intent) else ""
    return f"The customer writes{about}: {_quoted(matter.text)}.", [matter.text]


def _was_tried(tried: Sequence[Attempt], turns: Sequence[Turn]) -> Told:
    if tried:
        return f"The bot tried: {'; '.join(_quoted(one.text) for one in tried[-2:])}.", [one.text for one in tried[-2:]]
    told = next((turn.replies[0] for turn in reversed(turns) if turn.replies and names_a_matter(turn.intent)), None)
    return (f"The bot answered: {_quoted(told)}.", [told]) if told else ("The bot has not tried anything yet.", [])


def _unresolved(last: str | None, reason: Reason) -> str:
    quoted = f"; last they wrote {_quoted(last)}" if last else ""
    return f"Unresolved: {_UNRESOLVED[reason]}{quoted}."
