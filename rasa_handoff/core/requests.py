"""Does a message ask for a human? A reading of each sentence's words by the patterns of a language.

A request is an asking verb that reaches a person ("talk to one of your agents"), a wish for one ("I want a human"),
a command ("put me through"), or the bare noun ("agent please"). What tells of the past, asks what the bot is, speaks of
somebody else's people ("my manager") or says no ("no need to talk to anybody") is none.
"""

from dataclasses import dataclass

from rasa_handoff.core import english
from rasa_handoff.core import text as texts
from rasa_handoff.core.text import listed
from rasa_handoff.core.typos import meant

_ENGLISH = frozenset(
    listed("""
        the, a, an, i, you, my, me, is, are, to, of, for, and, can, could, please, do, what, how, it, this, in,
        on, with, not, your, want, need, have, would, was, that, there, be, he, she, they, im, dont, just, only,
        yes, no, ok, plz, pls, we, our, us, give, get, call, any, some, about, who, where, when, why, hi, hello,
        thanks, help, from, at, by, or, if, should, will, has, had, been, contact, through
    """)
)
_ONLY_ENGLISH = frozenset(
    listed(
        "the, you, my, are, of, for, and, could, what, how, it, this, with, your, would, that, there, they, who, where"
    )
)
_BEFORE = 80  # how many characters before the verb are read


@dataclass(frozen=True, slots=True)
class Ask:
    """What a message says about a human: `asks` for one, `declines` one (or asks what the bot is), or neither."""

    asks: bool = False
    declines: bool = False


def read(message: str) -> Ask:
    """Whether any sentence of the message asks for a human, or else says that none is wanted."""
    declines = False
    for sentence in texts.sentences(message):
        ask = _read_sentence(texts.spaced(meant(sentence)))
        if ask.asks:
            return ask
        declines = declines or ask.declines
    return Ask(declines=declines)


def is_english(message: str) -> bool:
    """At least three of ten words are among the commonest of English, or one that no other language borrows."""
    said = texts.said(message).split()
    common = sum(word in _ENGLISH for word in said)
    return 10 * common >= 3 * max(1, len(said)) or 10 * sum(word in _ONLY_ENGLISH for word in said) >= len(said) > 0


def _read_sentence(said: str) -> Ask:
    if english.BARE.search(said):
        return Ask(asks=True)
    declines = bool(english.WHAT_ARE_YOU.search(said))
    for match in (match for pattern in english.ASKS for match in pattern.finditer(said)):
        verb = match.start("verb")
        before = said[max(0, verb - _BEFORE) : verb]
        if english.DECLINES.search(before) or english.IDENTITY.search(before):
            declines = True
        elif not _tells(before, gerund=bool(match.groupdict().get("gerund"))):
            return Ask(asks=True)
    return Ask(declines=declines)


def _tells(before: str, *, gerund: bool) -> bool:
    """It speaks of the past, in general, or of somebody else."""
    in_general = gerund and english.TELLS.search(before)
    return bool(in_general or english.TOLD.search(before) or english.OTHERS.search(before))
