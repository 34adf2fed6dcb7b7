"""Text as Telegram takes it: HTML of its own kind, in messages of at most 4096 characters."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

LIMIT = 4096
"""UTF-16 units of a message, counted by us with its tags, which Telegram does not count."""
_PIECE = 800  # characters of a line; escaped, each is five at most


def plain(text: str) -> str:
    return escape(text, quote=False)


def size(text: str) -> int:
    return len(text.encode("utf-16-le", errors="replace")) // 2


def lines(text: str, label: str = "") -> Iterator[str]:
    """The text as HTML, in lines that are short enough for a message; `label` stands before it in bold."""
    for number, piece in enumerate(text[start : start + _PIECE] for start in range(0, max(1, len(text)), _PIECE)):
        yield f"<b>{plain(label)}:</b> {plain(piece)}" if label and not number else plain(piece)


def pages(found: Iterable[str], limit: int = LIMIT) -> list[str]:
    """The lines in as few messages as hold them, in order."""
    made: list[str] = []
    for line in found:
        if made and size(made[-1]) + size(line) + 1 <= limit:
            made[-1] += f"\n{line}"
        elif line:
            made.append(line)
    return made


def parts(text: str, limit: int = LIMIT) -> Sequence[str]:
    """A message without markup in parts, cut at line ends and blanks where there are some."""
    found = []
    rest = text.strip()
    while size(rest) > limit:
        head = _head(rest, limit)
        cut = max(head.rfind("\n"), head.rfind(" "))
        cut = cut if cut > len(head) // 2 else len(head)
        found.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*found, rest] if rest else found


def _head(text: str, limit: int) -> str:
    return text[:limit].encode("utf-16-le", errors="replace")[: 2 * limit].decode("utf-16-le", errors="ignore")
