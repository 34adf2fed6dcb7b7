"""Reads articles: Markdown with a head in YAML. What is wrong with a file is said with its line.

A file begins with `---`, the head (title, tags, questions, language, url), and `---`. Without a head, the first
heading is the title.
"""

import re
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError

from rasa_handoff.core.errors import BadInput
from rasa_handoff.core.knowledge import Article

LONGEST = 200_000  # bytes of a file
_HEADING = re.compile(r"^#\s+(.+?)\s*#*\s*$", re.MULTILINE)
_MARKDOWN = MarkdownIt("commonmark")


class Head(BaseModel):
    """What may stand at the head of an article."""

    model_config = ConfigDict(extra="forbid", strict=True)

    title: str | None = Field(None, min_length=1)
    tags: list[str] = []
    questions: list[str] = []
    language: str | None = Field(None, pattern="^[a-z]{2,3}$")
    url: HttpUrl | None = Field(None, strict=False)


def read(folder: Path, path: Path, language: str) -> Article:
    """The article in `path`; its id is its place in `folder`, without the ending. Errors: BadInput."""
    head, body, begins = _parts(path, _text(path))
    found = _HEADING.search(body)
    title = head.title or (found and found[1])
    if not title:
        raise _bad(path, 1, "it has no title: write `title: ...` between two lines of --- at its top")
    if found and not body[: found.start()].strip():
        body = body[found.end() :]
    if not plain(body):
        raise _bad(path, begins, "it has no text below its head")
    return Article(
        id=path.relative_to(folder).with_suffix("").as_posix(),
        title=title.strip(),
        body=body.strip(),
        language=head.language or language,
        tags=tuple(head.tags),
        questions=tuple(head.questions),
        url=str(head.url) if head.url else None,
    )


def plain(markdown: str) -> str:
    """The words of a Markdown text without its signs, a line for each paragraph."""
    lines = []
    for token in _MARKDOWN.parse(markdown):
        if token.type == "inline":
            children = token.children or []
            lines.append("".join(" " if "break" in child.type else _words(child) for child in children))
        elif token.type in ("code_block", "fence"):
            lines.append(token.content.strip())
    return "\n".join(line for line in lines if line.strip())


def _bad(path: Path, line: int, reason: str) -> BadInput:
    return BadInput(f"{path}, line {line}: {reason}")


def _words(token: Any) -> str:
    return "" if token.type == "html_inline" else str(token.content)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LONGEST:
            raise _bad(path, 1, f"it is longer than {LONGEST:,} bytes; split it")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        before = path.read_bytes()[: error.start]
        raise _bad(path, before.count(b"\n") + 1, "this is not UTF-8; save the file as UTF-8") from error
    except OSError as error:
        raise _bad(path, 1, f"it cannot be read: {error.strerror}") from error


def _parts(path: Path, text: str) -> tuple[Head, str, int]:
    """The head, the body, and the line on which the body begins."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---":
        return Head(), text, 1
    end = next((at for at, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
    if end is None:
        raise _bad(path, 1, "its head is not closed: write a line of --- below it")
    return _head(path, "\n".join(lines[1:end])), "\n".join(lines[end + 1 :]), end + 1


def _head(path: Path, text: str) -> Head:
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 2
        raise _bad(path, line, f"its head is not YAML: {error.problem}") from error
    if tree is not None and not isinstance(tree, CommentedMap):
        raise _bad(path, 2, "its head must be keys such as `title:`")
    try:
        return Head.model_validate({key: _value(value) for key, value in (tree or {}).items()})
    except ValidationError as error:
        first = error.errors()[0]
        key = first["loc"][0]
        unknown = f"there is no such key; known: {', '.join(Head.model_fields)}"
        told = unknown if first["type"] == "extra_forbidden" else first["msg"]
        line = tree.lc.key(key)[0] + 2 if tree is not None else 1
        raise _bad(path, line, f"{key}: {told}") from error


def _value(node: Any) -> Any:
    if isinstance(node, list):
        return [_value(one) for one in node]
    return str(node) if isinstance(node, str) else node
