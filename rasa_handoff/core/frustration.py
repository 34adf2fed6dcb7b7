"""How frustrated the customer is, in [0, 1], and what says so. Over the episode's turns, older ones counting less."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rasa_handoff.core import text as texts
from rasa_handoff.core.conversation import Turn
from rasa_handoff.core.text import listed

Sentiment = Callable[[str], float]

REMEMBERED = 8
_FADE = 0.7  # what a turn still counts, one turn later
_CARRY = 0.8  # what all earlier turns count, beside the newest
_COOLED = 0.3  # what they count after a friendly message
_FRIENDLY = 0.5

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
    """The score after the last of `turns`; `missed` says for each whether the bot understood it."""
    calm, found = 1.0, list[Contribution]()
    first = max(0, len(turns) - REMEMBERED)
    friendly = bool(turns) and sentiment(turns[-1].text) >= _FRIENDLY
    carry = _CARRY * (_COOLED if friendly else 1.0)
    said = [frozenset(texts.words(texts.bounded(turn.text, 500))) for turn in turns[first:]]
    for at in range(first, len(turns)):
        age = len(turns) - 1 - at
        share = carry * _FADE**age if age else 1.0
        for one in _contributions(turns, at, missed[at - first], said[: at - first + 1], sentiment):
            found.append(one)
            calm *= 1.0 - share * one.weight
    heaviest = sorted(found, key=lambda one: (-one.weight, -one.turn))
    return Frustration(round(1.0 - calm, 4), tuple(heaviest))


def _contributions(
    turns: Sequence[Turn], at: int, missed: bool, said: Sequence[frozenset[str]], sentiment: Sentiment
) -> list[Contribution]:
    turn, number = turns[at], at + 1
    message = texts.bounded(turn.text, 500)
    if message.startswith("/"):
        message = ""  # a button's payload, not the customer's words
    found = [
        _tone(message, number, sentiment),
        *_strong_words(texts.spaced(texts.words(message)), number),
        _shouting(message, number),
        _exclaiming(message, number),
        _repeating(said, number),
    ]
    if at and turn.replies and set(turn.replies) & set(turns[at - 1].replies):
        found.append(
            Contribution("bot_repeats", 0.2, number, f"The bot repeated itself: {texts.clipped(turn.replies[-1], 80)}")
        )
    if missed:
        found.append(Contribution("miss", 0.15, number, "The bot did not understand"))
    return [one for one in found if one]


def _tone(message: str, number: int, sentiment: Sentiment) -> Contribution | None:
    tone = sentiment(message) if message else 0.0
    return Contribution("sentiment", 0.65 * -tone, number, f"Negative tone ({tone:+.2f})") if tone <= -0.05 else None


def _strong_words(said: str, number: int) -> list[Contribution]:
    found = []
    for signal, wanted, weight in (
        ("profanity", _PROFANITY, 0.5),
        ("insult", _INSULTS, 0.55),
        ("complaint", _COMPLAINTS, 0.55),
    ):
        pattern = texts.phrases(wanted)
        hits = pattern.findall(said) if pattern else []
        if hits:
            more = weight + 0.1 * min(2, len(hits) - 1)
            found.append(Contribution(signal, more, number, f"Customer said: {', '.join(dict.fromkeys(hits[:3]))}"))
    return found


def _shouting(message: str, number: int) -> Contribution | None:
    spoken = [word for word in message.split() if len(word) > 2 and word.isalpha()]
    loud = sum(word.isupper() for word in spoken)
    if loud < 3 or loud * 2 < len(spoken):
        return None
    return Contribution("shouting", 0.4, number, "Customer writes in capitals")


def _exclaiming(message: str, number: int) -> Contribution | None:
    if not any(mark in message for mark in ("!!", "??", "?!", "!?")):
        return None
    return Contribution("exclaiming", 0.15, number, "Customer writes !! or ??")


def _repeating(said: Sequence[frozenset[str]], number: int) -> Contribution | None:
    newest = said[-1]
    if len(newest) < 3:
        return None
    if not any(len(newest & before) * 10 >= 6 * len(newest | before) for before in said[:-1]):
        return None
    return Contribution("repeating", 0.35, number, "Customer repeats a question")
