r"""The comments around what `add` has written, by which `--remove` knows it. Pure text in, pure text out.

Four forms, each an insertion that `without` undoes to the byte:

=========  ==========================================================================================================
lines      ``# >>> rasa-handoff 1a2b3c4d`` ... ``# <<< rasa-handoff``, both on lines of their own
a key      ``slots:  # >>> rasa-handoff 1a2b3c4d`` ... ``# <<< rasa-handoff``: the key's line is ours as well
in a flow  ``[greet`` ``# >>> rasa-handoff 1a2b3c4d (inline)`` ... ``# <<< rasa-handoff`` ``]``
a null     ``policies: # rasa-handoff keeps: null``, where lines of ours follow a null that was written out
=========  ==========================================================================================================

The eight hexadecimal digits are a fingerprint of the lines between the marks: it tells whether somebody changed them.
A file that is ours from the first line to the last says ``(file)``. Where the last mark ends the file without a line
break, so did the file before.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

BEGIN = "# >>> rasa-handoff"
END = "# <<< rasa-handoff"
KEEPS = "# rasa-handoff keeps: "
BOM = "\ufeff"

_BLOCK = re.compile(
    rf"^[^\n]*{BEGIN} (?P<print>[0-9a-f]{{8}})(?: \((?P<form>file|inline)\))?[^\n]*\n"
    rf"(?P<body>(?:(?![^\n]*{BEGIN})(?![^\n]*{END})[^\n]*\n)*)"
    rf"[^\n]*{END}[^\n]*(?P<end>\n|\Z)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of ours in a text: from `start` to `end` (offsets), `changed` since they were written, a whole `file`."""

    start: int
    end: int
    changed: bool
    file: bool


def fingerprint(lines: Sequence[str]) -> str:
    """Eight hexadecimal digits; indentation and line breaks do not count."""
    return hashlib.sha256("\n".join(line.strip() for line in lines).encode()).hexdigest()[:8]


def marked(lines: Sequence[str], indent: str = "", form: str = "") -> list[str]:
    """The lines between marks, all of them indented."""
    begin = f"{BEGIN} {fingerprint(lines)}" + (f" ({form})" if form else "")
    return [indent + line if line else "" for line in (begin, *lines, END)]


def marked_key(key: str, lines: Sequence[str], indent: str = "") -> list[str]:
    """A key of ours with the lines under it."""
    begin, *rest = marked(lines, indent)
    return [f"{indent}{key}:  {begin.lstrip()}", *rest]


def blocks(text: str) -> list[Block]:
    """What of the text is ours, in order."""
    return [_block(text, found) for found in _BLOCK.finditer(text)]


def torn(text: str) -> bool:
    """Whether a mark has lost its other half: then what is ours is not known."""
    return not len(blocks(text)) == text.count(BEGIN) == text.count(END)


def without(text: str) -> str:
    """The text as it was before we wrote into it, with whatever others have changed since."""
    while found := blocks(text):  # one by one: what ends the file is another one then
        text = text[: found[-1].start] + text[found[-1].end :]
    return text.replace(KEEPS, "")


def _block(text: str, found: re.Match[str]) -> Block:
    body = found["body"].splitlines()
    start, end = found.span()
    start += text.startswith(BOM, start)
    if found["form"] == "inline":
        start = _before_line_break(text, start)
        end += len(text[end:]) - len(text[end:].lstrip(" "))
    elif not found["end"]:
        start = _before_line_break(text, start)
    return Block(start, end, fingerprint(body) != found["print"], found["form"] == "file")


def _before_line_break(text: str, start: int) -> int:
    """The place before the line break that ends at `start`, if there is one."""
    if not text[:start].endswith("\n"):
        return start
    return start - len("\r\n") if text[:start].endswith("\r\n") else start - 1
