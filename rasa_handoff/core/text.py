"""Texts as words: bounded, normalised, and phrases found in them. Every pattern here takes linear time."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# Scripts written without blanks between words: each character is a word of its own, so that phrases still match.
_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
UNSPACED = re.compile(f"[{_ALONE}]")
_WORD = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]+(?:'[^\W_{_ALONE}]+)*")
_PLAIN_WORD = re.compile("[a-z0-9]+(?:'[a-z0-9]+)*")  # the same for ASCII, several times faster
_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u02b9\uff07\u00b4`"), "'")
_END = ".!?;\n\u3002\uff01\uff1f"
_SENTENCE_END = re.compile(rf"(?<![{_END}])[{_END}]+(?:\s|$)|\n+")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)
_GAP = "..."


def bounded(text: str, limit: int = 2000) -> str:
    """At most the first and the last `limit` characters, a line break between them."""
    return text if len(text) <= 2 * limit else f"{text[:limit]}\n{text[-limit:]}"


def clipped(text: str, limit: int = 160) -> str:
    """On one line, at most `limit` characters; an ellipsis stands for what was cut."""
    line = " ".join(text[: 4 * limit].split())
    return line if len(line) <= limit and len(text) <= 4 * limit else line[: limit - 1].rstrip() + "…"


def visible(text: str) -> str:
    """Without the characters that nobody sees."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def clean(text: str) -> str:
    """NFKC, without invisible characters, one kind of apostrophe, case folded."""
    if text.isascii():
        return text.replace("`", "'").lower()
    return unicodedata.normalize("NFKC", visible(text)).translate(_APOSTROPHES).casefold()


def words(text: str) -> list[str]:
    """The normalised words; apostrophes are dropped ("don't" and "dont" are the same word)."""
    return _words(clean(text))


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence that has any."""
    parts = (_words(part) for part in _SENTENCE_END.split(clean(text)))
    return [part for part in parts if part]


def _words(cleaned: str) -> list[str]:
    found = (_PLAIN_WORD if cleaned.isascii() else _WORD).findall(cleaned)
    return [word.replace("'", "") for word in found] if "'" in cleaned else found


@lru_cache(maxsize=512)
def said(text: str) -> str:
    """The normalised words of a text, `spaced`; remembered, since several look at the same message."""
    return spaced(words(text))


def spaced(found: Iterable[str]) -> str:
    """Words as one string with a blank on either side of each, for `phrases` to search."""
    return f" {' '.join(found)} "


def listed(block: str) -> tuple[str, ...]:
    """A block of phrases with commas between them."""
    return tuple(" ".join(phrase.split()) for phrase in block.split(",") if phrase.strip())


@lru_cache(maxsize=256)
def phrases(wanted: tuple[str, ...]) -> re.Pattern[str] | None:
    """A pattern that finds any of the phrases in a `spaced` text; None when there is none to find.

    A word may end in * ("lawsuit*" finds "lawsuits"); ... stands for up to three words ("delete ... my data").
    """
    alternatives = sorted({made for phrase in wanted if (made := _phrase(phrase))}, key=len, reverse=True)
    return re.compile(f"(?<= )(?:{'|'.join(alternatives)})(?= )") if alternatives else None


def _phrase(phrase: str) -> str:
    made = ""
    for part in phrase.replace(_GAP, f" {_GAP} ").split():
        if part == _GAP:
            made += "(?: [^ ]+){0,3}" if made else ""
            continue
        found = words(part)
        if found:
            made += (" " if made else "") + " ".join(map(re.escape, found)) + ("[^ ]*" if part.endswith("*") else "")
    return made


def found(wanted: tuple[str, ...], text: str) -> str | None:
    """The first of the phrases in a `spaced` text, as it stands there."""
    pattern = phrases(wanted)
    match = pattern.search(text) if pattern else None
    return match.group() if match else None
