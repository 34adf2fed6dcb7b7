"""How the conversation went: what the bot tried and how that ended, what it promised, what the customer has done.

Read from the newest lines, by cues in several languages; what no cue tells is left open, not guessed.
"""

import re
from collections.abc import Iterator, Sequence

from rasa_handoff.core.conversation import Author, Line, Turn
from rasa_handoff.core.package import Attempt, AttemptOutcome, IntentSeen, Quote
from rasa_handoff.core.text import clipped

_MOST = 8  # of each kind, the newest
_LINES = 400  # how far back we look
_READ = 600  # characters of a line

_TRIES = re.compile(
    r"\b(?:try|tried|trying|suggest\w*|recommend\w*|you (?:can|could|may|might want to|should|need to)|make sure|"
    r"here(?:'s| is| are)|please (?!provide|enter|give|tell|share|type|send|rephrase|hold|wait|bear)|follow|"
    r"(?:to|first|then|next),? (?:click|open|go to|restart|reset|select|tap|press|check|visit|log)|"
    r"^(?:click|open|go to|restart|reset|select|tap|press|check|visit|log (?:in|out))|"
    r"versuchen sie|probieren sie|ich empfehle|sie können|starten sie|intente|pruebe|le recomiendo|puede (?:usted )?|"
    r"essayez|je vous (?:conseille|recommande)|vous pouvez|provi|le consiglio|può|tente|experimente|recomendo)\b",
    re.IGNORECASE,
)
_PROMISES = re.compile(
    r"\b(?:(?:we|i|somebody|someone|our \w+|a colleague|the team)(?:['’]ll| will)(?! (?:connect|"
    r"transfer|need|have to))|"
    r"you(?:['’]ll| will) (?:receive|get|be (?:contacted|refunded|notified|called)|hear)|"
    r"will be (?:refunded|delivered|shipped|sent|credited|processed|resolved|replaced|with you)|i promise|guaranteed?|"
    r"wir (?:werden|melden|schicken|senden|erstatten)|sie (?:erhalten|bekommen|werden)|"
    r"recibirá|le (?:enviaremos|llamaremos|devolveremos)|vous (?:recevrez|serez)|nous vous (?:enverrons|rappellerons)|"
    r"riceverà|le invieremo|receberá|enviaremos|u ontvangt|otrzyma)\b",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\bi(?:['’]ve| have)? (?:already |just )?(?:tried|restarted|rebooted|checked|reset|reinstalled|"
    r"called|emailed|wrote|"
    r"written|sent|paid|returned|cleared|contacted|updated|cancell?ed|waited|explained|told|uploaded|followed)\b|"
    r"\bi already\b|\balready (?:told|tried|did|done|sent|paid)\b|\bich habe?\b[^.!?]{0,30}\b(?:schon|bereits)\b|"
    r"\bya (?:he|lo he|probé|intenté|envié|pagué)\b|\bj['’]ai déjà\b|\bjá (?:tentei|fiz|enviei|paguei)\b|\bho già\b|"
    r"\bik heb\b[^.!?]{0,20}\bal\b|\bjuż (?:próbowałe?a?m|zapłaciłe?a?m|wysłałe?a?m)\b",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"\b(?:still|(?:did|does|do|is|was)(?:n['’]?t| not)|doesnt|didnt|isnt|no luck|no change|"
    r"nothing (?:happen|chang|work)\w*|"
    r"same (?:problem|error|issue|thing)|already (?:tried|did|done)|not work\w*|no use|useless|fail\w*|again|"
    r"immer noch|geht nicht|funktioniert nicht|klappt nicht|hilft nicht|sigue|no funciona|no sirve|toujours|"
    r"(?:ne )?marche pas|(?:ne )?fonctionne pas|non funziona|ancora|não funciona|ainda|werkt niet|nadal|nie działa)\b",
    re.IGNORECASE,
)
_WORKED = re.compile(
    r"\b(?:(?:it|that|this)(?:['’]s)? (?:works?|worked|working|helped|did it|fixed|solved)|"
    r"(?:works?|working) now|solved|fixed|"
    r"perfect|great|awesome|(?:many )?thanks|thank you|thx|super|es geht|funktioniert|hat geklappt|danke|funciona|"
    r"gracias|perfecto|ça marche|merci|parfait|funziona|grazie|obrigad[oa]|bedankt|działa|dziękuję)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


def attempts(history: Sequence[Line]) -> tuple[Attempt, ...]:
    """The newest lines in which the bot tried, suggested, recommended or instructed, oldest first.

    Each stands once, where it came last. How one ended is what the customer says before the bot tries the next.
    """
    found: dict[str, Attempt] = {}
    tried: Attempt | None = None
    for turn, line in _newest(history):
        if line.author is Author.CUSTOMER and tried and tried.outcome is AttemptOutcome.UNANSWERED:
            tried = Attempt(tried.text, tried.turn, _outcome(line.text))
            found[tried.text] = tried
        elif line.author is Author.BOT and _TRIES.search(line.text, 0, _READ):
            text = clipped(line.text, 200)
            found.pop(text, None)
            found[text] = tried = Attempt(text, turn, AttemptOutcome.UNANSWERED)
    return tuple(found.values())[-_MOST:]


def promises(history: Sequence[Line]) -> tuple[Quote, ...]:
    """What the bot said would happen, oldest first."""
    return _quotes(history, Author.BOT, _PROMISES)


def done_already(history: Sequence[Line]) -> tuple[Quote, ...]:
    """What the customer says to have done or told already, oldest first."""
    return _quotes(history, Author.CUSTOMER, _DONE)


def intents(turns: Sequence[Turn], first: int) -> tuple[IntentSeen, ...]:
    """The customer's intents in their order, one after itself once; `first` is the number of the first turn."""
    seen: list[IntentSeen] = []
    for number, turn in enumerate(turns, start=first):
        if turn.intent and (not seen or seen[-1].intent != turn.intent):
            seen.append(IntentSeen(turn.intent, number))
    return tuple(seen[-2 * _MOST :])


def _quotes(history: Sequence[Line], author: Author, cue: re.Pattern[str]) -> tuple[Quote, ...]:
    found: dict[str, Quote] = {}
    for turn, line in _newest(history):
        if line.author is not author or not cue.search(line.text, 0, _READ):
            continue
        for sentence in _SENTENCE.findall(line.text[:_READ]):
            if cue.search(sentence) and not sentence.rstrip().endswith("?"):
                text = clipped(sentence, 160)
                found[text] = Quote(text, turn)
    return tuple(sorted(found.values(), key=lambda quote: quote.turn))[-_MOST:]


def _newest(history: Sequence[Line]) -> Iterator[tuple[int, Line]]:
    """The newest lines, oldest first, each with the number of the customer's message it is or follows."""
    start = max(0, len(history) - _LINES)
    turn = sum([line.author is Author.CUSTOMER for line in history[:start]])
    for line in history[start:]:
        turn += line.author is Author.CUSTOMER
        yield turn, line


def _outcome(answer: str) -> AttemptOutcome:
    if _FAILED.search(answer, 0, _READ):
        return AttemptOutcome.FAILED
    return AttemptOutcome.WORKED if _WORKED.search(answer, 0, _READ) else AttemptOutcome.UNANSWERED
