"""A suggested reply: its citations taken out of the text as it comes, and what an agent should check in it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rasa_handoff.core.knowledge import Article
from rasa_handoff.core.masking import masked
from rasa_handoff.core.text import visible

_CITATION = re.compile(r"[ \t]?\[(\d{1,2}(?:\s?,\s?\d{1,2}){0,4})\]")
_BEGUN = re.compile(r"[ \t]?(?:\[[\d, ]{0,20})?$")
_LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>()\"']{1,500}[^\s<>()\"'.,;:!?]", re.IGNORECASE)
_MARKUP = re.compile(r"\*\*|__|<[a-zA-Z/!][^<>]{0,500}>")
_NUMBER = re.compile(r"\d[\d.,:/-]*\d|\d")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_SMALL = 10  # numbers below it are counts and steps


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`source` is the model's name, "article", or "none"; `warnings` are for the agent to read."""

    text: str
    citations: tuple[Article, ...] = ()
    source: str = "none"
    warnings: tuple[str, ...] = ()


class CitationsOut:
    """Add the pieces in order; what each makes ready comes back, without citations such as [1]."""

    def __init__(self) -> None:
        self._held = ""
        self.text = ""
        self.numbers: list[int] = []

    def add(self, piece: str) -> str:
        text = self._held + piece
        begun = _BEGUN.search(text, max(0, len(text) - 22))
        at = begun.start() if begun else len(text)
        self._held = text[at:]
        return self._ready(text[:at])

    def rest(self) -> str:
        """What was held back to the end."""
        held, self._held = self._held, ""
        return self._ready(held)

    def _ready(self, text: str) -> str:
        for found in _CITATION.findall(text):
            self.numbers += [int(one) for one in found.split(",") if int(one) not in self.numbers]
        plain = _CITATION.sub("", text)
        self.text += plain
        return plain


def checked(text: str, known: Iterable[str]) -> Suggestion:
    """The text without markup and links, card numbers masked, and what occurs in none of the `known` texts."""
    said = visible("\n".join(known)).casefold()
    links = [link for link in _LINK.findall(text) if link.casefold() not in said]
    plain = _MARKUP.sub("", visible(text))
    for link in links:
        plain = plain.replace(link, "")
    plain = masked(plain).strip()
    warnings = [f"A link was taken out that no article has: {link}" for link in links]
    if strange := _strange(plain, said):
        told = ", ".join(strange)
        warnings.append(f"Check before you send it: neither the conversation nor an article has {told}.")
    return Suggestion(plain, warnings=tuple(warnings))


def _strange(text: str, said: str) -> list[str]:
    """Numbers and addresses that nobody said."""
    there = {_bare(number) for number in _NUMBER.findall(said)}
    numbers = [number for number in _NUMBER.findall(text) if _bare(number) not in there and not _is_small(number)]
    addresses = [address for address in _ADDRESS.findall(text) if address.casefold() not in said]
    return list(dict.fromkeys([*numbers, *addresses]))


def _bare(number: str) -> str:
    """3.90 and 3,9 and 3.9 are one number."""
    whole, _, part = number.replace(",", ".").rpartition(".")
    return f"{whole}.{part}".rstrip("0").rstrip(".") if whole else part


def _is_small(number: str) -> bool:
    return number.isdecimal() and int(number) < _SMALL
