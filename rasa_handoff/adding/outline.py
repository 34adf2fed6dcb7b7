"""Where things stand in a YAML file: its top-level keys, their entries, and the places for more. Nothing is rewritten.

The places come from the parser's events, which know each alias and each empty value by its own place. Offsets count
characters of the text that was given.
"""

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from rasa_handoff.core.errors import BadInput

NULLS = ("", "~", "null", "Null", "NULL")


class Shape(Enum):
    """How a key's value is written."""

    EMPTY = "nothing"
    NULL = "a null"
    LINES = "one entry a line"
    FLOW = "in brackets"
    OTHER = "something else"


@dataclass(slots=True)
class Section:
    """A top-level key. `after` is the offset behind its last content's line; `at` where a flow's bracket closes, or
    where a null stands. `entries` are the names of its entries with their offsets.
    """

    key: str
    start: int
    shape: Shape = Shape.OTHER
    is_list: bool = False
    entries: list[tuple[str, int]] = field(default_factory=list)
    indent: str = ""
    after: int = 0
    at: int = 0
    wants_comma: bool = False


@dataclass(slots=True)
class Outline:
    """A file's top-level keys in order, the indentation before them, and the offset where another may be added."""

    sections: dict[str, Section]
    indent: str
    end: int


def outline(text: str, name: str) -> Outline:
    """Errors: BadInput, which calls the file `name`, when it is not one YAML document with keys at its top."""
    try:
        events = list(YAML(typ="safe", pure=True).parse(text))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise BadInput(f"{name}{where}: this is not YAML: {getattr(error, 'problem', None) or error}") from error
    documents = sum(isinstance(event, DocumentStartEvent) for event in events)
    if documents > 1:
        raise BadInput(f"{name} has several documents; Rasa reads one. Split it up")
    return _Reading(text, name, events).outline()


class _Reading:
    """Goes through a document's events once."""

    def __init__(self, text: str, name: str, events: list[Any]) -> None:
        self.text, self.name, self.events = text, name, events
        self.next = 1

    def outline(self) -> Outline:
        closing = next(event for event in self.events if isinstance(event, DocumentEndEvent | StreamEndEvent))
        explicit = isinstance(closing, DocumentEndEvent) and closing.explicit
        end = line_start(self.text, closing.start_mark.index) if explicit else len(self.text)
        root = self.events[2] if len(self.events) > 2 else None
        if root is None or (isinstance(root, ScalarEvent) and root.value in NULLS):
            return Outline({}, "", end)
        if not isinstance(root, MappingStartEvent) or root.flow_style:
            raise BadInput(f"{self.name}: expected keys such as `version:` at the top, one a line")
        self.next = 3
        sections = {}
        while not isinstance(self.events[self.next], CollectionEndEvent):
            section = self._section()
            sections[section.key] = section
        return Outline(sections, self._indent_at(root.start_mark.index), end)

    def _section(self) -> Section:
        key = self._take()
        if not isinstance(key, ScalarEvent):
            raise BadInput(f"{self.name}, line {key.start_mark.line + 1}: this key is no word")
        section = Section(key.value, key.start_mark.index)
        value = self._take()
        section.after = self._after(value)
        if isinstance(value, ScalarEvent) and value.style is None and value.value in NULLS:
            section.shape = Shape.NULL if value.value else Shape.EMPTY
            section.at = value.start_mark.index
            if not value.value:
                section.after = self._line_end(key.end_mark.index)
        elif isinstance(value, MappingStartEvent | SequenceStartEvent):
            self._collection(section, value)
        return section

    def _collection(self, section: Section, value: Any) -> None:
        section.shape = Shape.FLOW if value.flow_style is True else Shape.LINES
        section.is_list = isinstance(value, SequenceStartEvent)
        last: Any = value
        while not isinstance(self.events[self.next], CollectionEndEvent):
            event = self._take()
            section.entries.append((self._named(event), event.start_mark.index))
            last = self._rest(event)
            if not section.is_list:
                event = last = self._take()
                last = self._rest(event)
        closing = self._take()
        if section.shape is Shape.FLOW:
            section.at, section.after = closing.start_mark.index, self._line_end(closing.end_mark.index)
            section.wants_comma = bool(section.entries) and not self._ends_with_comma(last, closing)
        else:
            section.after = self._after(last)
            section.indent = self._indent_at(section.entries[0][1] if section.entries else value.start_mark.index)

    def _rest(self, event: Any) -> Any:
        """Go to the end of what begins with `event`; the last event that shows in the text."""
        depth = int(isinstance(event, MappingStartEvent | SequenceStartEvent))
        last = event
        while depth:
            event = self._take()
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                depth += 1
            elif isinstance(event, CollectionEndEvent):
                depth -= 1
            if not isinstance(event, CollectionEndEvent) or event.end_mark.index > event.start_mark.index:
                last = event
        return last

    def _named(self, event: Any) -> str:
        """An entry's name: the word itself, or the first key of a mapping."""
        if isinstance(event, MappingStartEvent) and isinstance(self.events[self.next], ScalarEvent):
            event = self.events[self.next]
        return event.value if isinstance(event, ScalarEvent) else ""

    def _after(self, event: Any) -> int:
        """The offset behind the line on which this ends."""
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, ScalarEvent) and event.style in ("|", ">"):
            line = line_start(self.text, end)
            return end if self.text[line:end].strip(" ") else line
        if start == end and not isinstance(event, AliasEvent):  # nothing is written: what led to it is on a line before
            return self._line_end(self._content_before(end))
        return self._line_end(end)

    def _content_before(self, offset: int) -> int:
        """An offset on the last line up to `offset` that is neither blank nor a comment."""
        while True:
            line = line_start(self.text, offset)
            content = self.text[line:offset].strip()
            if (content and not content.startswith("#")) or line == 0:
                return max(offset - 1, 0) if content else offset
            offset = line - 1

    def _ends_with_comma(self, last: Any, closing: Any) -> bool:
        between = self.text[last.end_mark.index : closing.start_mark.index]
        return "," in re.sub(r"#[^\n]*", "", between)

    def _line_end(self, offset: int) -> int:
        found = self.text.find("\n", offset)
        return len(self.text) if found < 0 else found + 1

    def _indent_at(self, offset: int) -> str:
        line = self.text[line_start(self.text, offset) :]
        return line[: len(line) - len(line.lstrip(" "))]

    def _take(self) -> Any:
        self.next += 1
        return self.events[self.next - 1]


def line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1
