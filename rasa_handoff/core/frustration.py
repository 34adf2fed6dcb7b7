"""How frustrated the customer is, in [0, 1], and what says so. Over the episode's turns, older ones counting less."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from math import prod

from rasa_handoff.core import classifier, lexicon, ngrams
from rasa_handoff.core import text as texts
from rasa_handoff.core.conversation import Turn
from rasa_handoff.core.requests import is_english
from rasa_handoff.core.text import listed

Sentiment = Callable[[str], float]

REMEMBERED = 8
_FADE = 0.4  # what a turn still counts, one turn later
_CARRY = 0.85  # what all earlier turns count, beside the newest
_COOLED = 0.3  # what they count after a friendly message
_FRIENDLY = 0.4
_LOOKED_BACK = 4  # among how many earlier messages a repetition is looked for
_DOUBT = 0.15  # a probability of dissatisfaction below it says nothing
_BESIDE_TONE = 0.4
_ALONE = 0.7  # below the usual threshold: the classifier's word alone hands nobody over
_FRAGMENT = 0.4  # what it counts for one or two words that no list knows as angry
_MOODS = frozenset({"profane", "insult", "again", "unhelpful"})
_FORM_LEFT = "action_deactivate_loop"

_PROFANITY = listed("""
    fuck*, fck*, motherfuck*, wtf, ffs, stfu, shit, shitty, bullshit, shite, crap, crappy, bitch*, bastard*,
    asshole*, arsehole*, damn, damned, dammit, damnit, goddamn*, bloody, piss off, pissed, pissed off,
    screw you, what the hell, the hell is, go to hell, hell no
""")
_INSULTS = listed("""
    idiot*, moron*, imbecile, stupid, dumb, dumbass, useless, worthless, incompetent, clueless, pathetic,
    you suck, this sucks, shut up, fuck you, fuck off, garbage, trash bot, piece of junk, hate you, hate this,
    brainless, liar*, scam, ripoff, rip off, crooks, thieves
""")
_COMPLAINTS = listed("""
    ridiculous, unacceptable, outrageous, disgusting, disgrace*, appalling, absurd, what a joke, is a joke,
    nightmare, fed up, sick of, tired of, had enough, enough of this, waste of time, wasting my time, wasted, frustrat*,
    infuriat*, annoy*, angry, furious, livid, outraged, irritat*, mad at, so mad, terrible, horrible, awful,
    worst, not helpful, unhelpful, not helping, arent helping, no help, cant help, does not help, doesnt help,
    didnt help, did not help, not listening, dont listen, you dont understand, do not understand me,
    dont understand me, not what i asked, not what i said, not answering, didnt answer my, did not answer my,
    already told you, already said, i just said, i just told you, told you already, keep asking, keep saying,
    same thing over, over and over, how many times, again and again, third time, fourth time, fifth time,
    tenth time, times already, still not working, still doesnt work, still does not work, still nothing,
    nothing works, going in circles, in circles, for the last time, never again, are you kidding,
    are you serious, you kidding me, for gods sake, what is wrong with you, whats wrong with you, useless bot,
    complain*, makes no sense, ive been waiting, have been waiting, waiting for hours
""")


@dataclass(frozen=True, slots=True)
class Contribution:
    """One thing that adds to the score: what it is, how much of it on its own in [0, 1], its turn, and for a person."""

    signal: str
    weight: float
    turn: int
    words: str


@dataclass(frozen=True, slots=True)
class Frustration:
    """The score in [0, 1] and its contributions, the heaviest first."""

    score: float = 0.0
    contributions: tuple[Contribution, ...] = ()


def measure(turns: Sequence[Turn], missed: Sequence[bool], sentiment: Sentiment) -> Frustration:
    """The score after the last of `turns`; `missed` says for the last `REMEMBERED` whether the bot understood."""
    first = max(0, len(turns) - REMEMBERED)
    newest = turns[first:]
    said = tuple(_said(turn) for turn in newest)
    each = [_contributions(newest, at, first, said, missed[at], sentiment) for at in range(len(newest))]
    carry = _CARRY * (_COOLED if said and _friendly(said[-1], sentiment) else 1.0)
    calm = 1.0
    for age, found in enumerate(reversed(each)):
        share = carry * _FADE ** (age - 1) if age else 1.0
        heat = 1.0 - prod(1.0 - one.weight for one in found)
        calm *= 1.0 - share * heat
    heaviest = sorted(chain.from_iterable(each), key=lambda one: (-one.weight, -one.turn))
    return Frustration(round(1.0 - calm, 4), tuple(heaviest))


def _friendly(message: str, sentiment: Sentiment) -> bool:
    return sentiment(message) >= _FRIENDLY and classifier.scores(message)["dissatisfied"] < _DOUBT


def _said(turn: Turn) -> str:
    """The customer's own words, bounded; a button's payload is none of them."""
    return "" if turn.text.startswith("/") else texts.bounded(turn.text, 500)


def _contributions(
    turns: Sequence[Turn], at: int, first: int, said: tuple[str, ...], missed: bool, sentiment: Sentiment
) -> list[Contribution]:
    turn, number = turns[at], first + at + 1
    found = [*_heard(said[at], sentiment)]
    if _repeats(said[at], said[max(0, at - _LOOKED_BACK) : at]):
        found.append(Contribution("repeating", 0.35, 0, "Customer repeats a question"))
    if repeated := _again(turn.replies, turns[at - 1].replies) if at else None:
        found.append(Contribution("bot_repeats", 0.3, 0, f"The bot repeated itself: {repeated}"))
    if missed:
        found.append(Contribution("miss", 0.15, 0, "The bot did not understand"))
    if _FORM_LEFT in turn.actions:
        found.append(Contribution("form_left", 0.3, 0, "Customer left a form"))
    return [Contribution(one.signal, one.weight, number, one.words) for one in found]


@lru_cache(maxsize=1024)
def _heard(message: str, sentiment: Sentiment) -> tuple[Contribution, ...]:
    """What the words of a message say by themselves, whichever turn it is."""
    if not message:
        return ()
    tone, upset = sentiment(message), classifier.scores(message)["dissatisfied"]
    shown = f"Negative tone ({tone:+.2f})"
    found = [
        _dissatisfied(message, upset, tone),
        Contribution("sentiment", 0.85 * -tone, 0, shown) if tone <= -0.05 else None,
        *_strong_words(texts.said(message), upset),
        _shouting(message),
        _exclaiming(message),
    ]
    return tuple(one for one in found if one)


def _dissatisfied(message: str, upset: float, tone: float) -> Contribution | None:
    """What the classifier says. Where the sense of tone is silent (it knows English), this speaks alone, and louder."""
    if upset < _DOUBT:
        return None
    weight = _BESIDE_TONE if tone or is_english(message) else _ALONE
    if _is_fragment(message):
        weight *= _FRAGMENT
    telling = f" ({', '.join(classifier.telling(message, 'dissatisfied'))})" if upset >= 0.5 else ""
    return Contribution("dissatisfied", round(weight * upset, 4), 0, f"Dissatisfied {upset:.2f}{telling}")


def _is_fragment(message: str) -> bool:
    said = [ngrams.folded(word) for sentence in ngrams.sentences(message) for word in sentence]
    return len(said) < 3 and not any(_MOODS & set(meant) for _, _, meant in lexicon.meanings(said))


def _strong_words(said: str, upset: float) -> list[Contribution]:
    """Swearing counts in full only when the message is angry as well: there is swearing in good humour."""
    found = []
    for signal, wanted, weight in (
        ("profanity", _PROFANITY, 0.65 * (0.6 + 0.4 * upset)),
        ("insult", _INSULTS, 0.5 * (0.6 + 0.4 * upset)),
        ("complaint", _COMPLAINTS, 0.45),
    ):
        pattern = texts.phrases(wanted)
        hits = pattern.findall(said) if pattern else []
        if hits:
            words = f"Customer said: {', '.join(dict.fromkeys(hits[:3]))}"
            found.append(Contribution(signal, weight + 0.05 * min(2, len(hits) - 1), 0, words))
    return found


def _shouting(message: str) -> Contribution | None:
    spoken = [word for word in message.split() if len(word) > 2 and word.isalpha()]
    loud = sum(word.isupper() for word in spoken)
    if loud < 3 or loud * 2 < len(spoken):
        return None
    return Contribution("shouting", 0.4, 0, "Customer writes in capitals")


def _exclaiming(message: str) -> Contribution | None:
    if not any(mark in message for mark in ("!!", "??", "?!", "!?")):
        return None
    return Contribution("exclaiming", 0.15, 0, "Customer writes !! or ??")


@lru_cache(maxsize=1024)
def _stems(text: str) -> frozenset[str]:
    return frozenset(ngrams.folded(word)[:5] for sentence in ngrams.sentences(text) for word in sentence)


def _alike(one: frozenset[str], other: frozenset[str], share: float) -> bool:
    return bool(one) and len(one & other) >= share * len(one | other)


@lru_cache(maxsize=1024)
def _repeats(message: str, before: tuple[str, ...]) -> bool:
    newest = _stems(message)
    return len(newest) >= 3 and any(_alike(newest, _stems(other), 0.5) for other in before)


@lru_cache(maxsize=1024)
def _again(replies: tuple[str, ...], before: tuple[str, ...]) -> str | None:
    """What the bot said that is what it had said to the message before, or nearly."""
    for reply in replies:
        if any(_alike(_stems(reply[:500]), _stems(other[:500]), 0.7) for other in before):
            return texts.clipped(reply, 80)
    return None
