"""People's names: the customer's own, by how they introduce themselves, and those they speak of."""

import re
from collections.abc import Iterator

from rasa_handoff.core.details import cues
from rasa_handoff.core.details.message import Message
from rasa_handoff.core.details.ordinary import is_given_name, is_ordinary


def own_names(message: Message) -> Iterator[str]:
    """The names by which the customer introduces themselves."""
    text = message.text
    for match in cues.NAME_IS.finditer(text) if message.has(cues.SAYS_NAME) else ():
        if is_mine(match["whose"]) and (name := read(text, match.end(), strict=True)):
            yield name[0]
    for match in cues.IAM.finditer(text) if message.has(cues.SAYS_I_AM) else ():
        if introduced := _introduced(text, match):
            yield introduced
    for match in cues.WITH_NUMBER.finditer(text) if message.digits else ():
        if (name := read(text, match.start(1))) and _is_name(name[0]):
            yield name[0]
    if message.has(cues.SAYS_HERE):
        name = read(text, after_greeting(text))
        if name and cues.SPEAKING.match(text, name[1]) and _is_name(name[0]):
            yield name[0]


def is_mine(whose: str | None) -> bool:
    """The word before "name" leaves it the customer's: neither "company" nor "mother's"."""
    return whose is None or whose.casefold() in cues.MINE


def answered_name(text: str) -> str | None:
    """The name in an answer to "may I have your name?": at its start, after "yes, it is" and the like."""
    found = read(text, after_greeting(text), strict=True)
    if found is None:
        return None
    again = re.match(rf"[ \t]*,[ \t]*(?={re.escape(found[0])}[ \t])", text[found[1] : found[1] + 80])
    longer = read(text, found[1] + again.end(), strict=True) if again else None  # "Bond, James Bond" in reverse
    return (longer or found)[0]


def after_greeting(message: str) -> int:
    """Where an answer begins, after "yes, it is", "hi, my name is" and the like."""
    start = cues.GREETING.match(message)
    return start.end() if start else 0


def mentioned_names(message: Message) -> Iterator[str]:
    """Others' names: whom something is booked under, who is paid, who sent the bill."""
    text = message.text
    for match in cues.UNDER.finditer(text) if message.has(cues.SAYS_UNDER) else ():
        if (name := read(text, match.end())) and _is_name(name[0]):
            yield name[0]
    if not message.has(cues.SAYS_MONEY):
        return
    for match in cues.TITLED.finditer(text):
        yield match.group()
    for match in cues.PARTY.finditer(text):
        name = read(text, match.end())
        if name and " " in name[0] and _is_name(name[0]):
            yield name[0]


def read(text: str, at: int = 0, *, strict: bool = False, most: int = 3) -> tuple[str, int] | None:
    """The words from `at` on that make a name, and where it ends; None when there is none.

    Words with a capital go on until one without, others until an ordinary word. `strict`: a first word with a capital
    may be an ordinary one, because something said that a name follows ("my name is Rose").
    """
    capitals = not text.isupper()
    name: list[str] = []
    end = at
    while len(name) < most and (match := cues.WORD.match(text, end)):
        word, folded = match.group(1), match.group(1).casefold()
        if not name and folded in cues.TITLES:
            end = match.end()
            continue
        last = strict and bool(name) and folded not in cues.NEVER and bool(cues.ENDS.match(text, match.end()))
        if not last and not _goes_on(name, word, folded, capitals, strict):
            break
        name.append(word)
        end = match.end(1)
        if match.group(2):
            break
    while name and name[-1].casefold() in cues.PARTICLES:
        name.pop()
    return (" ".join(name), end) if len("".join(name)) > 1 else None


def _is_name(name: str) -> bool:
    first = name.split()[0]
    return is_given_name(first) or not (is_ordinary(first) or (first.islower() and cues.ADJECTIVE.search(first)))


def _goes_on(name: list[str], word: str, folded: str, capitals: bool, strict: bool) -> bool:
    if folded in cues.NEVER or folded.replace("’", "'").endswith(("n't", "'ll", "'re")):
        return False
    if name and folded in cues.PARTICLES:
        return True
    if capitals and word[0].isupper():
        return bool(name) or strict or is_given_name(word) or not is_ordinary(folded)
    return not is_ordinary(folded) and (not name or not (capitals and name[-1][0].isupper()))


def _introduced(message: str, match: re.Match[str]) -> str | None:
    found = read(message, match.end())
    if found is None:
        return None
    name, end = found
    words = name.split()
    if any(map(str.isupper, (word[0] for word in words))) and not message.isupper():
        return name if len(words) > 1 or is_given_name(name) or not cues.ADJECTIVE.search(name) else None
    if any(map(cues.ADJECTIVE.search, words)) or len(words[0]) < 3:
        return None
    if cues.SPEAKING.match(message, end) or len(words) == 2:
        return name
    begins = after_greeting(message) >= match.end() or message[: match.start()].rstrip().endswith((",", ".", "!"))
    return name if match["self"] and begins and cues.HERE.match(message, end) else None
