"""What must not leave the house: private values replaced by placeholders ("[EMAIL_1]") that can be put back.

Values are known (the key details, the customer's name) or found by `core.private`. What one line gives away,
every other line hides as well. As they are put back, a little too much is hidden rather than too little.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa_handoff.core.private import PATTERNS, Private
from rasa_handoff.core.text import UNSPACED, listed, visible

PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(kind.name for kind in Private)})_\d{{1,6}}\]")
LONGEST_PLACEHOLDER = max(len(kind.name) for kind in Private) + 9
_ROUNDS = 8
_WORD = re.compile(r"\w+")
_EDGES = re.compile(r"^\W+|\W+$")
_NAME_PART = re.compile(r"[^\W\d_][\w'’-]+")
_PARTICLES = frozenset(listed("al, bin, da, de, del, den, der, di, do, du, el, la, las, le, los, van, von, zu"))


Value = tuple[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class Known:
    """A private value that is known beforehand, to be hidden wherever it occurs."""

    kind: Private
    value: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """JSON values with placeholders; `values` says what each stands for, `counts` how many there are of each kind."""

    data: Any
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> Mapping[str, int]:
        return Counter(placeholder[1:].rpartition("_")[0].lower() for placeholder in self.values)

    def restored(self, answer: Any) -> Any:
        """JSON values (or a text) with the placeholders replaced by what they stand for, once."""
        return _each(answer, lambda text: PLACEHOLDER.sub(lambda found: self._value(found.group()), text))

    def _value(self, placeholder: str) -> str:
        return self.values.get(placeholder, placeholder)


def redacted(data: Any, known: Iterable[Known] = (), allowed: Iterable[Private] = ()) -> Redacted:
    """`data` (JSON values) with every private value replaced, but those of the `allowed` kinds. Cards never are."""
    plain = _each(data, visible)
    hiding = _Hiding(frozenset(Private) - (frozenset(allowed) - {Private.CARD}), texts(plain))
    for one in known:
        hiding.learn(one.kind, visible(one.value))
    for _ in range(_ROUNDS):  # hiding one value can bare another
        before = hiding.size
        for text in texts(plain):
            hiding.find(text)
        plain = _each(plain, hiding.hide)
        if hiding.size == before:
            break
    return Redacted(plain, hiding.values)


def texts(data: Any) -> Iterator[str]:
    """Every text in JSON values, the keys aside."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from texts(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from texts(value)


def _each(data: Any, change: Callable[[str], str]) -> Any:
    if isinstance(data, str):
        return change(data)
    if isinstance(data, Mapping):
        return {key: _each(value, change) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_each(value, change) for value in data]
    return data


class _Hiding:
    """The private values of one request. `values`: what each placeholder stands for, as it was first written."""

    def __init__(self, kinds: frozenset[Private], said: Iterable[str]) -> None:
        self.values: dict[str, str] = {}
        self._kinds = kinds
        self._patterns = [(kind, pattern) for kind, pattern in PATTERNS if kind in kinds]
        self._written = {found for text in said for found in PLACEHOLDER.findall(text)}
        self._found: dict[str, Private] = {}
        self._spaced: dict[str, list[Value]] = {}  # values by their first word, so that a word costs one look-up
        self._unspaced: list[Value] = []
        self._names: dict[str, str] = {}
        self._numbers = Counter[Private]()

    @property
    def size(self) -> int:
        return len(self._found)

    def learn(self, kind: Private, value: str) -> None:
        """Hide `value` from now on; of a name also its parts."""
        if kind not in self._kinds:
            return
        for part in (value, *_parts(value)) if kind is Private.NAME else (value,):
            key = _key(part)
            if _tells(key) and key not in self._found:
                self._found[key] = kind
                self._file(key, " ".join(_EDGES.sub("", part).split()))

    def find(self, text: str) -> None:
        for piece in PLACEHOLDER.split(text):
            for kind, pattern in self._patterns:
                for match in pattern.finditer(piece):
                    self.learn(kind, match.groupdict().get("value") or match.group())

    def hide(self, text: str) -> str:
        """The text with placeholders; those that stand in it already stay."""
        pieces = [self._hidden(piece) for piece in PLACEHOLDER.split(text)]
        kept = [*PLACEHOLDER.findall(text), ""]
        return "".join(part for pair in zip(pieces, kept, strict=True) for part in pair)

    def _file(self, key: str, value: str) -> None:
        whole = r"\s+".join(re.escape(part) for part in value.split(" "))
        if UNSPACED.search(key):
            self._unspaced.append((key, re.compile(whole, re.IGNORECASE)))
            return
        self._spaced.setdefault(_first(key), []).append((key, re.compile(rf"{whole}(?!\w)", re.IGNORECASE)))

    def _hidden(self, text: str) -> str:
        shown, upto = [], 0
        for start, end, key in self._places(text):
            if start >= upto:
                shown += [text[upto:start], self._placeholder(key, text[start:end])]
                upto = end
        return "".join([*shown, text[upto:]])

    def _places(self, text: str) -> list[tuple[int, int, str]]:
        """Where values stand, from left to right, the longest first where several start."""
        places = []
        for word in _WORD.finditer(text):
            for key, pattern in self._spaced.get(word.group().lower(), ()):
                if match := pattern.match(text, word.start()):
                    places.append((word.start(), match.end(), key))
        for key, pattern in self._unspaced:
            places += [(match.start(), match.end(), key) for match in pattern.finditer(text)]
        return sorted(places, key=lambda place: (place[0], -place[1]))

    def _placeholder(self, key: str, value: str) -> str:
        if key not in self._names:
            kind = self._found[key]
            self._names[key] = self._unused(kind)
            self.values[self._names[key]] = value
        return self._names[key]

    def _unused(self, kind: Private) -> str:
        while True:
            self._numbers[kind] += 1
            name = f"[{kind.name}_{self._numbers[kind]}]"
            if name not in self._written:
                return name


def _key(value: str) -> str:
    return " ".join(_EDGES.sub("", value).lower().split())


def _first(key: str) -> str:
    return str(_WORD.findall(key)[0])


def _parts(name: str) -> list[str]:
    return [part for part in _NAME_PART.findall(name) if part.casefold() not in _PARTICLES]


def _tells(value: str) -> bool:
    """One letter or digit gives nobody away, and hiding each would leave no text."""
    return sum(character.isalnum() for character in value) >= 2
