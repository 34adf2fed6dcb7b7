"""What makes an issue too much for a bot: matters a designer left to people, and too many things at once."""

import re
from collections.abc import Iterator, Sequence

from rasa_handoff.core import progress
from rasa_handoff.core import text as texts
from rasa_handoff.core.conversation import Turn
from rasa_handoff.core.decision import Evidence
from rasa_handoff.core.misses import missed
from rasa_handoff.core.text import listed
from rasa_handoff.core.thresholds import Detection

_REMEMBERED = 8  # how many of the newest turns are looked at
_URL = re.compile(r"\b(?:https?://|www\.)\S+")
_SENTENCE = re.compile(r"[^.!?\n。！？؟]+[?？؟]?")
_WORDS_OF_A_QUESTION = 3
_POINT = re.compile(r"^[ \t]*(?:[-*•–]|\(?\d{1,2}[.):])[ \t]*\S", re.MULTILINE)
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_AMOUNT = re.compile(r"(\d[\d.,' \u00a0\u202f]*)\s*(k|m)?", re.IGNORECASE)
_GROUPS = {"": 1.0, "k": 1e3, "m": 1e6}
# What opens a further part of a message, in twelve languages.
_FURTHER = listed("""
    second, secondly, third, thirdly, fourth, also, another thing, other thing, one more thing, besides,
    in addition, additionally, on top of that, and then there is, lastly, finally, moreover, furthermore,
    zweitens, drittens, viertens, ausserdem, außerdem, zudem, des weiteren, desweiteren, noch etwas, und dann noch,
    zum schluss, darüber hinaus,
    segundo, en segundo lugar, tercero, en tercer lugar, además, ademas, también, tambien, otra cosa, por otro lado,
    por último,
    em segundo lugar, terceiro, em terceiro lugar, além disso, alem disso, também, outra coisa, por fim, por outro lado,
    deuxièmement, deuxiemement, troisièmement, troisiemement, en plus, de plus, par ailleurs, autre chose, aussi,
    enfin, ensuite,
    in secondo luogo, terzo, in terzo luogo, inoltre, un'altra cosa, anche, infine, per di più,
    ten tweede, ten derde, tweede, daarnaast, bovendien, verder, ook, nog iets, ten slotte, tot slot,
    po drugie, po trzecie, ponadto, poza tym, oprócz tego, jeszcze jedno, na koniec, dodatkowo, również,
    doosra, dusra, teesra, iske alawa, ek aur baat, aur ek baat, saath hi, दूसरा, तीसरा, दूसरी बात, तीसरी बात, इसके अलावा,
    एक और बात, साथ ही,
    ثانيا, ثالثا, أيضا, ايضا, كذلك, بالإضافة, بالاضافة, كما أن, شيء آخر, وأخيرا, واخيرا,
    第二, 第三, 其次, 另外, 还有, 還有, 此外, 最后, 最後, 再者,
    thứ hai, thứ ba, ngoài ra, thêm nữa, còn nữa, với lại, hơn nữa, cuối cùng
""")


def found(turns: Sequence[Turn], message: str, detection: Detection) -> tuple[Evidence, ...]:
    """The evidence of a complex issue after the last of the episode's turns, or none. `message` is what it says."""
    turn, number = turns[-1], len(turns)
    return (
        *_left_to_people(turn, number, detection),
        *_amounts(turn, number, detection),
        *_parts(message, number, detection),
        *_failures(turns, detection),
        *_unresolved(turns, detection),
    )


def _left_to_people(turn: Turn, number: int, detection: Detection) -> Iterator[Evidence]:
    for intent in _intents(turn) if detection.complex_intents else ():
        if intent in detection.complex_intents:
            words = f"An issue the bot leaves to people: {intent}"
            yield Evidence("complex_intent", intent, None, number, words)
    for entity in turn.entities if detection.complex_entities else ():
        if entity.kind in detection.complex_entities:
            words = f"A matter the bot leaves to people: {entity.kind} {texts.clipped(entity.value, 60)}"
            yield Evidence("complex_entity", entity.kind, None, number, words)


def _amounts(turn: Turn, number: int, detection: Detection) -> Iterator[Evidence]:
    for entity in turn.entities if detection.complex_amounts else ():
        limit, value = detection.complex_amounts.get(entity.kind), amount_of(entity.value)
        if limit is not None and value is not None and value > limit:
            words = f"More than the bot may decide on: {entity.kind} {value:,.10g}, above {limit:,.10g}"
            yield Evidence("amount", value, limit, number, words)


def amount_of(text: str) -> float | None:
    """The first number in a text, as people write amounts: "1.200,50 €", "$2,000", "12'000", "3k"; None without one.

    A single separator before exactly three digits parts thousands; of two, the last one is the decimal one.
    """
    match = _AMOUNT.search(texts.clean(text[:200]))
    if match is None:
        return None
    digits = re.sub(r"[' \u00a0\u202f]", "", match[1]).rstrip(".,")
    last = max(digits.rfind("."), digits.rfind(","))
    whole, part = (digits, "") if last < 0 else (digits[:last], digits[last + 1 :])
    mixed = "." in digits and "," in digits
    if last >= 0 and not mixed and (len(part) == 3 or digits.count(digits[last]) > 1):
        whole, part = digits, ""
    return float(f"{re.sub(r'[.,]', '', whole)}.{part or 0}") * _GROUPS[(match[2] or "").lower()]


def _parts(message: str, number: int, detection: Detection) -> Iterator[Evidence]:
    limit, asked = detection.complex_questions, _questions(message)
    if limit and asked >= limit:
        yield Evidence("questions", float(asked), float(limit), number, f"{asked} questions in one message")
    limit = detection.complex_parts
    if limit and len(message) > detection.complex_words and len(texts.said(message).split()) >= detection.complex_words:
        parts = parts_of(message)
        if parts >= limit:
            yield Evidence("parts", float(parts), float(limit), number, f"A long message of {parts} parts")


def _questions(message: str) -> int:
    if not any(mark in message for mark in "?？؟"):
        return 0
    plain = _URL.sub("", message)
    questions = (sentence for sentence in _SENTENCE.findall(plain) if sentence[-1] in "?？؟")
    return sum(len(texts.words(question)) >= _WORDS_OF_A_QUESTION for question in questions)


def parts_of(message: str) -> int:
    """How many parts a message has: a list's points, paragraphs, or what "second" and "also" open; the most of them."""
    pattern = texts.phrases(_FURTHER)
    further = set(pattern.findall(texts.said(message))) if pattern else set()
    paragraphs = sum(bool(part.strip()) for part in _PARAGRAPH.split(message))
    return max(1 + len(further), len(_POINT.findall(message)), paragraphs)


def _failures(turns: Sequence[Turn], detection: Detection) -> tuple[Evidence, ...]:
    limit, number = detection.complex_failures, len(turns)
    newest = turns[-_REMEMBERED:]
    if not limit or not (detection.failures or [turn for turn in newest if turn.failed]):
        return ()
    broken = [(at, progress.failures(turn, detection)) for at, turn in enumerate(newest, number - len(newest) + 1)]
    each = tuple(
        Evidence("action_failed", name, None, at, f"An action failed: {name}")
        for at, names in broken
        for name in names[:1]
    )
    if len(each) < limit:
        return ()
    words = f"Actions that failed: {len(each)}"
    return (Evidence("failures", float(len(each)), float(limit), number, words), *each)


def _unresolved(turns: Sequence[Turn], detection: Detection) -> tuple[Evidence, ...]:
    limit, number = detection.complex_unresolved, len(turns)
    newest = turns[-_REMEMBERED:]
    if not limit or len({turn.intent for turn in newest}) < limit:
        return ()
    unresolved = _open(newest, number - len(newest) + 1, detection)
    if len(unresolved) < limit:
        return ()
    each = (Evidence("unresolved", name, None, at, f"Not resolved: {name}") for name, at in unresolved.items())
    words = f"Issues that are not resolved: {len(unresolved)}"
    return (Evidence("unresolved_issues", float(len(unresolved)), float(limit), number, words), *each)


def _open(turns: Sequence[Turn], first: int, detection: Detection) -> dict[str, int]:
    """The intents that failed, or came back although nothing was done, each with the turn where it last did so."""
    found: dict[str, int] = {}
    asked: set[str] = set()
    for at, turn in enumerate(turns, first):
        if turn.intent in detection.uncounted_intents or missed(turn, detection):
            continue
        worked, failed = any(progress.work_done(turn, detection)), progress.failures(turn, detection)
        for intent in _intents(turn):
            if worked:
                found.pop(intent, None)
            elif intent in asked or failed:
                found[intent] = at
            asked.add(intent)
    return found


def _intents(turn: Turn) -> tuple[str, ...]:
    """A message may have several intents, which Rasa joins with a plus."""
    return tuple(turn.intent.split("+")) if turn.intent else ()
