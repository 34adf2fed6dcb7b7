"""The entries of a section as lines, each with the comments above it."""

from collections.abc import Iterator

from rasa_handoff.adding.outline import Section, line_start


def lines_of(text: str, section: Section) -> Iterator[tuple[str, list[str]]]:
    """Each entry of a section that is written one a line: its name and its lines, the comments above it first, all
    without the section's indentation.
    """
    starts = [line_start(text, offset) for _, offset in section.entries]
    key_end = text.find("\n", section.start) + 1
    above = key_end
    for number, (name, _) in enumerate(section.entries):
        end = starts[number + 1] if number + 1 < len(starts) else section.after
        end = _without_trailing_comments(text, starts[number], end) if number + 1 < len(starts) else end
        yield name, [line.removeprefix(section.indent) for line in text[above:end].splitlines()]
        above = end


def _without_trailing_comments(text: str, start: int, end: int) -> int:
    """The end of an entry's own lines: comments and blank lines before the next one belong to that."""
    while end > start:
        line = line_start(text, end - 1)
        content = text[line:end].strip()
        if content and not content.startswith("#"):
            break
        end = line
    return end
