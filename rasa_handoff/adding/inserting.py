"""Puts entries into a YAML file by inserting marked lines. Whatever stands in the file stays, to the byte."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rasa_handoff.adding.marks import BOM, KEEPS, blocks, marked, marked_key
from rasa_handoff.adding.outline import Outline, Section, Shape, outline
from rasa_handoff.core.errors import BadInput

INDENT = "  "

Insertion = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry of a section: its lines as the plugin writes them (comments first, not indented), and its value."""

    name: str
    lines: tuple[str, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class Addition:
    """What a section is to get; a list's entries are written with dashes."""

    key: str
    is_list: bool
    pieces: tuple[Piece, ...]

    def lines(self) -> list[str]:
        return [line for piece in self.pieces for line in piece.lines]


def inserted(text: str, additions: Sequence[Addition], name: str) -> str:
    """The text with the additions in it; `name` is what errors call the file. Errors: BadInput."""
    bom = BOM if text.startswith(BOM) else ""
    body = text.removeprefix(BOM)
    found = outline(body, name)
    newline = "\r\n" if "\r\n" in body else "\n"
    known = [one for one in additions if one.pieces and one.key in found.sections]
    new = [one for one in additions if one.pieces and one.key not in found.sections]
    insertions: list[Insertion] = []
    for addition in known + new:
        insertions += _insertions(body, found, addition, newline, name)
    return bom + (_apply(body, insertions) if body else _apply(body, insertions).removeprefix(newline))


def whole_file(lines: Sequence[str]) -> str:
    """A file of ours."""
    return "\n".join(marked(lines, form="file")) + "\n"


def _insertions(text: str, found: Outline, addition: Addition, newline: str, name: str) -> list[Insertion]:
    section = found.sections.get(addition.key)
    if section is None:
        lines = marked_key(addition.key, _indented(addition), found.indent)
        return [_at_line(text, found.end, lines, newline)]
    if section.shape is Shape.OTHER or (section.shape is not Shape.NULL and _misfits(section, addition)):
        kind = "a list" if addition.is_list else "keys with values"
        raise BadInput(f"{name}: `{addition.key}` must be {kind}, written out under it. Write it so, then try again")
    if section.shape is Shape.FLOW:
        return [(section.at, _in_flow(section, addition, found.indent + INDENT, newline))]
    if section.shape is Shape.LINES:
        return [_at_line(text, section.after, marked(addition.lines(), section.indent), newline)]
    kept: list[Insertion] = [(section.at, KEEPS)] if section.shape is Shape.NULL else []
    return [*kept, _at_line(text, section.after, marked(_indented(addition), found.indent), newline)]


def _misfits(section: Section, addition: Addition) -> bool:
    return section.shape in (Shape.LINES, Shape.FLOW) and section.is_list != addition.is_list


def _indented(addition: Addition) -> list[str]:
    """Under a key of their own: entries of a mapping are indented, those of a list need not be."""
    lines = addition.lines()
    return lines if addition.is_list else [INDENT + line if line else "" for line in lines]


def _in_flow(section: Section, addition: Addition, indent: str, newline: str) -> str:
    """Before a closing bracket, as JSON, which is YAML too."""
    entries = [_flow(piece, addition.is_list) for piece in addition.pieces]
    lines = [f"{entry}," for entry in entries[:-1]] + entries[-1:]
    if section.wants_comma:
        lines[0] = f", {lines[0]}"
    return newline + newline.join(marked(lines, indent, "inline")) + newline + indent


def _flow(piece: Piece, is_list: bool) -> str:
    value = json.dumps(piece.value, ensure_ascii=False)
    return value if is_list else f"{json.dumps(piece.name)}: {value}"


def _at_line(text: str, offset: int, lines: Sequence[str], newline: str) -> Insertion:
    """Lines of their own at the start of a line, or at the end of a file whose last line was left open."""
    written = newline.join(lines)
    offset = next((block.end for block in blocks(text) if block.start < offset < block.end), offset)  # not into ours
    closed = text[:offset].endswith("\n") or offset < len(text)
    return offset, written + newline if closed else newline + written


def _apply(text: str, insertions: Sequence[Insertion]) -> str:
    """Those at one place follow each other in the given order."""
    for offset, written in sorted(insertions, key=lambda one: one[0])[::-1]:
        text = text[:offset] + written + text[offset:]
    return text
